package doctor

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/speech"
)

func TestADiagnosisSpeaksFinnishToPeopleAndKeepsItsNamesForPrograms(t *testing.T) {
	paused := speech.Join(", ", say("%s (by %s since %s)", "esimerkki", "toimisto", "2026-11-26 12:00:00"), quoted("toinen"))
	d := Diagnosis{
		ok(named("task type %s", "TAMPUURI_TASK"), say("there is one")),
		warning(named("polls"), say("paused: %s", paused), say("starter customers resume <tunniste> ends a pause")),
		failing(named("Hillava reachable"), failure(errors.New("100% away")), say("correct %s", say("HILLAVA_TOKEN (or the file that HILLAVA_TOKEN_FILE names)"))),
		failing(named("customer %s: entry", "a"), quotedAll("; ", []string{"consent.date is missing; write the day of the consent, like 2026-01-15", "line 3: is odd"}), say("correct it in customers.yaml")),
	}
	require.Equal(t, [][]string{
		{"✓", "tehtävätyyppi TAMPUURI_TASK", "löytyy"},
		{"!", "ilmoitusten haku", "haku on keskeytetty: esimerkki (keskeyttäjä toimisto, alkaen 2026-11-26 12:00:00), toinen → starter customers resume <tunniste> jatkaa hakua"},
		{"✗", "Hillava vastaa", "ei onnistunut: 100% away → korjaa HILLAVA_TOKEN (tai tiedosto, jonka HILLAVA_TOKEN_FILE nimeää)"},
		{"✗", "asiakas a: asetukset", "consent.date puuttuu; kirjoita suostumuksen päivä, esimerkiksi 2026-01-15; line 3: is odd → korjaa se tiedostoon customers.yaml"},
	}, cellsOf(d, speech.Finnish))
	require.Equal(t, PrintedCheck{"task type TAMPUURI_TASK", passed, "löytyy", ""}, d.Print(speech.Finnish).Checks[0])
	require.Equal(t, PrintedCheck{"polls", warned, "paused: esimerkki (by toimisto since 2026-11-26 12:00:00), toinen", "starter customers resume <tunniste> ends a pause"}, d.Print(speech.English).Checks[1])
	require.EqualError(t, d.Unwell(speech.Finnish), "ainakin yksi kohta on korjattava; mitä tehdä, lukee sen rivillä")
	require.NoError(t, Diagnosis{}.Unwell(speech.Finnish))
}

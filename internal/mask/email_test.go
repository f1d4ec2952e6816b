package mask_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/mask"
)

func TestAnEmailIsFoundHoweverTheFieldAndTheTextSpellIt(t *testing.T) {
	for _, field := range []string{
		"mv1975@example.fi", "mailto:mv1975@example.fi", "koti:mv1975@example.fi", "koti: mv1975@example.fi", "\"Matti\" <mv1975@example.fi>",
		"mailto:mv1975@example.fi?subject=Hei", "mv1975(at)example.fi", "mv1975 [at] example [dot] fi", "mv1975%40example.fi",
		"mv1975&#64;example.fi", "mv1975+koti@example.fi", "toinen@example.fi/mv1975@example.fi", "mv1975 miukumauku example.fi",
	} {
		for _, text := range []string{
			"mv1975@example.fi", "MV1975 @ example.fi", "mv1975(a)example.fi", "mv1975 (at) example.fi", "mv1975 [at] example [dot] fi",
			"mv1975 at example piste fi", "mv1975 miukumauku example.fi", "mv1975%40example.fi", "mv1975&#64;example.fi",
			"mv1975&commat;example.fi", "mv1975+tag@example.fi", "mailto:mv1975@example.fi",
		} {
			masked := mask.New(nil, mask.Person{Email: field}).Text("Kirjoita " + text + " mielellään, koti on 1975 tehty")
			require.Regexp(t, `^Kirjoita (mailto:)?\[poistettu\] mielellään, koti on 1975 tehty$`, masked, "%s: %s", field, text)
		}
	}
}

func TestWhoSharesAnEmailInAnotherSpellingIsOnePerson(t *testing.T) {
	for _, field := range []string{"mailto:mv1975@example.fi", "koti:mv1975@example.fi", "mv1975(at)example.fi", "<mv1975@example.fi>"} {
		require.True(t, mask.Same(mask.Person{Name: "Matti", Email: "mv1975@example.fi"}, mask.Person{Name: "Maija", Email: field}), field)
	}
}

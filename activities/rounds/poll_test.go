package rounds

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/notice"
)

func TestTheWindowIsWiderOnlyAroundThatNight(t *testing.T) {
	for at, expected := range map[time.Time]time.Duration{
		time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC): rereadWindow + time.Hour,
		time.Date(2026, 10, 25, 1, 59, 0, 0, time.UTC): rereadWindow + time.Hour,
		time.Date(2026, 10, 25, 4, 0, 0, 0, time.UTC):  rereadWindow,
		time.Date(2026, 10, 24, 1, 30, 0, 0, time.UTC): rereadWindow,
		time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC):  rereadWindow, // forward: no hour twice
	} {
		require.Equal(t, expected, at.Sub(behind(at)), at)
	}
}

// A renewed password is the same Tampuuri: nothing is read anew.
func TestARenewedPasswordKeepsTheMark(t *testing.T) {
	r := New(Options{Keyer: testKeyer(t)})
	settings := config.Customer{Credentials: config.Credentials{
		Avain: config.NewSecret("avain"), Asiakas: config.NewSecret("esimerkki"), Tili: config.NewSecret("tili"),
		Kayttajatunnus: config.NewSecret("tunnus"), Salasana: config.NewSecret("salasana"),
	}}
	before := r.placeFor(settings, 4711)
	settings.Credentials.Salasana, settings.Credentials.Avain = config.NewSecret("uusi"), config.NewSecret("toinen")
	require.Equal(t, before, r.placeFor(settings, 4711))
	require.NotContains(t, before, "esimerkki")
	settings.Credentials.Tili = config.NewSecret("muu")
	require.NotEqual(t, before, r.placeFor(settings, 4711))
}

func testKeyer(t *testing.T) notice.Keyer {
	keyer, err := notice.NewKeyer([]byte(strings.Repeat("k", 32)))
	require.NoError(t, err)
	return keyer
}

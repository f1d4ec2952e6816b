package opening

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/terminal"
)

// opened is a world in which toinen is polled, beside another customer.
func opened(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, "customers:\n  - tunniste: esimerkki  # stays\n")
	_, err := w.opens(w.flags("--yes")...)
	require.NoError(t, err)
	return w
}

func TestAClosedCustomersEntryStaysAsLongAsNoticesAreOpen(t *testing.T) {
	w := opened(t)
	w.open["toinen"] = 2
	for range 2 {
		c := w.command()
		c.Yes = true
		result, err := c.Close(t.Context())
		require.NoError(t, err)
		require.Equal(t, int64(2), *result.Open)
		require.False(t, result.Removed)
		require.Contains(t, w.stdout.String(), "Still open and written back: 2 notices. So its entry and its credentials stay")
		require.Contains(t, w.calls, "sync")
		entry := w.entry()
		require.Equal(t, config.StoppedClosed, entry.Stopped.Because)
		require.Equal(t, "toimisto", entry.Stopped.By)
		require.True(t, entry.Credentials.Complete())
		require.Equal(t, "Sopimus 2026-40", entry.Consent.Reference)
	}
	require.Empty(t, w.audit, "the second call wrote nothing")
	_, err := w.opens("--yes")
	require.ErrorAs(t, err, new(Refused))
	require.ErrorContains(t, err, "toinen was closed on")
}

func TestAnEntryIsTakenOutByASecondCallOnly(t *testing.T) {
	w := opened(t)
	c := w.command()
	c.Yes = true
	result, err := c.Close(t.Context())
	require.NoError(t, err)
	require.False(t, result.Removed, "a poll under way may just have begun another notice")

	result, err = w.command().Close(t.Context())
	require.NoError(t, err)
	require.False(t, result.Removed, "nobody was asked")
	require.Contains(t, w.stdout.String(), "Run this with --yes")
	w.stdin = "n\n"
	_, err = w.command().Close(t.Context())
	require.ErrorIs(t, err, terminal.ErrAnsweredNo)
	w.stdin = "y\n"
	result, err = w.command().Close(t.Context())
	require.NoError(t, err)
	require.True(t, result.Removed)
	require.Equal(t, []string{"removed "}, w.audit)
	require.Empty(t, w.entry().Tunniste)
	require.Contains(t, w.content(), "esimerkki  # stays")
	_, err = w.command().Close(t.Context())
	require.ErrorAs(t, err, new(Refused))
}

func TestNoticesOfAFormerTunnisteKeepTheEntryToo(t *testing.T) {
	w := opened(t)
	content := w.content() + "    formerly: [vanha]\n"
	w.write(content)
	w.open["vanha"] = 1
	result, err := w.command().Close(t.Context())
	require.NoError(t, err)
	require.Equal(t, int64(1), *result.Open)
	require.Contains(t, w.stdout.String(), "Still open and written back: 1 notice")
}

func TestWithoutTemporalAClosingIsRecordedAllTheSame(t *testing.T) {
	w := opened(t)
	w.away = errAway
	result, err := w.command().Close(t.Context())
	require.ErrorIs(t, err, errAway)
	require.ErrorContains(t, err, "is recorded in customers.yaml")
	require.Nil(t, result.Open)
	require.Equal(t, config.StoppedClosed, w.entry().Stopped.Because)
}

func TestANewNameIsTakenOnlyWhenAPersonSaysSo(t *testing.T) {
	w := opened(t)
	w.office[0].Name = "Toinen ja Pojat Oy"
	_, err := w.command().ConfirmName(t.Context())
	require.ErrorAs(t, err, new(terminal.NobodyToAsk), "exit 2 where nobody can be asked")
	w.stdin = "\n"
	before := w.content()
	_, err = w.command().ConfirmName(t.Context())
	require.ErrorIs(t, err, terminal.ErrAnsweredNo)
	require.Equal(t, before, w.content())
	require.Equal(t, "customers.yaml  Toinen Oy\nHillava, now    Toinen ja Pojat Oy\n", w.stdout.String())

	w.stdin = "y\n"
	result, err := w.command().ConfirmName(t.Context())
	require.NoError(t, err)
	require.True(t, result.Confirmed)
	require.Equal(t, []string{"Toinen ja Pojat Oy"}, w.entry().ConfirmedNames)
	require.Equal(t, []string{"written confirmed_names"}, w.audit)
	require.Contains(t, w.calls, "sync")

	result, err = w.command().ConfirmName(t.Context())
	require.NoError(t, err)
	require.False(t, result.Confirmed)
	require.Contains(t, w.stdout.String(), "is confirmed already")
	require.Empty(t, w.audit)

	w.stdin, w.away, w.office[0].Name = "", errAway, "Kolmas nimi"
	c := w.command()
	c.Yes = true
	_, err = c.ConfirmName(t.Context())
	require.NoError(t, err, "it counts from the next sync on")
	require.Contains(t, w.stderr.String(), "counts from the next sync on")
	require.Equal(t, []string{"Toinen ja Pojat Oy", "Kolmas nimi"}, w.entry().ConfirmedNames)
}

func TestANameThatIsNotOneCustomersIsNotTaken(t *testing.T) {
	w := opened(t)
	w.office = append(w.office, hillava.Customer{Name: "Toinen", ExternalID: "toinen"})
	c := w.command()
	c.Yes = true
	_, err := c.ConfirmName(t.Context())
	require.ErrorAs(t, err, new(Refused))
	require.ErrorContains(t, err, "2 customers in Hillava")
	c = w.command()
	c.Tunniste = "kolmas"
	_, err = c.ConfirmName(t.Context())
	require.ErrorContains(t, err, "has no entry for kolmas")
}

func TestWhoIsThereIsAskedBeforeACustomerIsClosed(t *testing.T) {
	w := opened(t)
	before := w.content()
	w.stdin = "n\n"
	_, err := w.command().Close(t.Context())
	require.ErrorIs(t, err, terminal.ErrAnsweredNo)
	require.Equal(t, before, w.content())
	w.stdin = "y\n"
	_, err = w.command().Close(t.Context())
	require.NoError(t, err)
	require.Equal(t, config.StoppedClosed, w.entry().Stopped.Because)
}

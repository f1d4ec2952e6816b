package notice_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
)

func TestAMomentIsReadInBothFormsAndSentInHelsinkiTime(t *testing.T) {
	for _, row := range []struct{ about, text, wire string }{
		{"a date is a whole day", "2026-02-05", "2026-02-05"},
		{"a summer date does not shift through UTC", "2026-07-01", "2026-07-01"},
		{"the day of the spring change has no other date", "2026-03-29", "2026-03-29"},
		{"seven fractional digits", "2026-02-03T08:14:22.6402093+02:00", "2026-02-03T08:14:22+02:00"},
		{"nine fractional digits", "2026-02-03T08:14:22.999999999+02:00", "2026-02-03T08:14:22+02:00"},
		{"two fractional digits without an offset", "2026-02-03T10:29:11.12", "2026-02-03T10:29:11+02:00"},
		{"no fraction, no offset, summer", "2026-07-03T10:30:00", "2026-07-03T10:30:00+03:00"},
		{"UTC", "2026-02-03T22:30:00Z", "2026-02-04T00:30:00+02:00"},
		{"another country's offset", "2026-02-03T08:00:00-05:00", "2026-02-03T15:00:00+02:00"},
		{"a clock time that spring skips", "2026-03-29T03:30:00", "2026-03-29T04:30:00+03:00"},
		{"a clock time that autumn repeats is the first one", "2026-10-25T03:30:00", "2026-10-25T03:30:00+03:00"},
		{"the last time before the spring change", "2026-03-29T02:59:59", "2026-03-29T02:59:59+02:00"},
		{"the first time after the autumn change", "2026-10-25T04:00:00", "2026-10-25T04:00:00+02:00"},
		{"midnight is a time", "2026-02-05T00:00:00", "2026-02-05T00:00:00+02:00"},
		{"spaces around", " 2026-02-05 ", "2026-02-05"},
		{"empty is absent", "", ""},
		{"without seconds", "2026-03-30T08:30", "2026-03-30T08:30:00+03:00"},
		{"without seconds, with an offset", "2026-02-05T08:30Z", "2026-02-05T10:30:00+02:00"},
		{"the empty date of .NET is absent", "0001-01-01T00:00:00", ""},
		{"and with an offset", "0001-01-01T00:00:00+02:00", ""},
		{"the last second of the year 9999 in Finland", "9999-12-31T23:59:59.9999999+02:00", "9999-12-31T23:59:59+02:00"},
		{".NET's last time is absent, being in the year 10000 in Finland", "9999-12-31T23:59:59.9999999Z", ""},
		{"and by another offset", "9999-12-31T20:00:00-05:00", ""},
	} {
		t.Run(row.about, func(t *testing.T) {
			m, err := notice.ParseMoment(row.text)
			require.NoError(t, err)
			require.Equal(t, row.wire, m.Wire())
			require.Equal(t, row.wire == "", m.IsZero())
			again, err := notice.ParseMoment(m.Wire())
			require.NoError(t, err)
			require.Equal(t, m.Wire(), again.Wire(), "what is sent reads as the same")
			require.Equal(t, m.DateOnly, again.DateOnly)
		})
	}
}

func TestATextThatIsNoMomentIsAnErrorThatDoesNotQuoteIt(t *testing.T) {
	for _, text := range []string{
		"salainen", "5.2.2026", "2026-02-30", "2026-13-01", "2026-2-5", "2026-02-05T25:00:00", "2026-02-05T08", "2026-02-05T08:60",
		"2026-02-05T08:00:00.1234567890", "2026-02-05+02:00", "2026-02-05T08:00:00+2", "20260205", "-2026-02-05",
	} {
		m, err := notice.ParseMoment(text)
		require.ErrorIs(t, err, notice.ErrMoment, text)
		require.NotContains(t, err.Error(), "salainen")
		require.True(t, m.IsZero())
	}
}

func TestADayIsNeverBeforeATimeWithinIt(t *testing.T) {
	for _, row := range []struct {
		a, b string
		want bool
	}{
		{"2026-02-05", "2026-02-05T08:00:00", false},
		{"2026-02-05T08:00:00", "2026-02-05", false},
		{"2026-02-04", "2026-02-05T00:00:00", true},
		{"2026-02-04T23:59:59", "2026-02-05", true},
		{"2026-02-04T22:30:00Z", "2026-02-05", false}, // already the 5th in Finland
		{"2026-02-05", "2026-02-06", true},
		{"2026-02-05T08:00:00.1", "2026-02-05T08:00:00.9", false}, // the same second
		{"2026-02-05T08:00:00+02:00", "2026-02-05T08:00:00+01:00", true},
	} {
		require.Equal(t, row.want, moment(t, row.a).Before(moment(t, row.b)), "%s before %s", row.a, row.b)
	}
}

func TestMomentsAreInHelsinkiWhateverTheirSource(t *testing.T) {
	at := time.Date(2026, 7, 1, 21, 30, 0, 0, time.UTC)
	require.Equal(t, "2026-07-02T00:30:00+03:00", notice.Moment{At: at}.Wire())
	require.Equal(t, "Europe/Helsinki", moment(t, "2026-02-05").At.Location().String())
}

func FuzzParseMoment(f *testing.F) {
	for _, seed := range []string{"2026-02-05", "2026-02-03T08:14:22.6402093+02:00", "2026-03-29T03:30:00", "", "0001-01-01T00:00:00", "9999-12-31T23:59:59Z"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := notice.ParseMoment(text)
		if err != nil || m.IsZero() {
			return
		}
		if wire := m.Wire(); len(wire) != len("2026-02-05") && len(wire) != len("2026-02-03T08:14:22+02:00") {
			t.Fatalf("unexpected form %q", wire)
		}
	})
}

func moment(t testing.TB, text string) notice.Moment {
	m, err := notice.ParseMoment(text)
	require.NoError(t, err, text)
	return m
}

package notice_test

import (
	"strings"
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
		{"an offset without a colon", "2026-02-05T08:00:00+0200", "2026-02-05T08:00:00+02:00"},
		{"an offset of hours alone", "2026-02-05T08:00:00+02", "2026-02-05T08:00:00+02:00"},
		{"an offset west of Greenwich without a colon", "2026-02-05T08:00:00.1234567-0530", "2026-02-05T15:30:00+02:00"},
		{"an offset that stands apart", "2026-02-05 08:00:00 +02:00", "2026-02-05T08:00:00+02:00"},
		{"a space for T", "2026-02-05 14:30", "2026-02-05T14:30:00+02:00"},
		{"lower case", "2026-02-05t14:30:00z", "2026-02-05T16:30:00+02:00"},
		{"a comma before the fraction", "2026-02-05T14:30:00,5", "2026-02-05T14:30:00+02:00"},
		{"a Finnish date", "5.2.2026", "2026-02-05"},
		{"a Finnish date with zeros", "05.02.2026", "2026-02-05"},
		{"the day comes first", "1.12.2026", "2026-12-01"},
		{"a Finnish date and time", "5.2.2026 14:30", "2026-02-05T14:30:00+02:00"},
		{"as .NET writes it in Finnish", "5.7.2026 9.05.00", "2026-07-05T09:05:00+03:00"},
		{"as we write it ourselves", "5.2.2026 klo 8.14", "2026-02-05T08:14:00+02:00"},
		{"the first day of all", "1990-01-01T00:00:00", "1990-01-01T00:00:00+02:00"},
		{"the last day of all", "2199-12-31", "2199-12-31"},
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

func TestAPlaceholderIsNoDate(t *testing.T) {
	for _, text := range []string{
		"0001-01-01T00:00:00", "0001-01-01T00:00:00+02:00", "1601-01-01T00:00:00Z", "1753-01-01", "1753-01-01T00:00:00", "1899-12-30", "1899-12-30T00:00:00",
		"1900-01-01", "1900-01-01T00:00:00", "1900-01-01T00:00:00+01:39", "1.1.1900", "1970-01-01T00:00:00", "1970-01-01T00:00:00Z", "1980-01-01", "1989-12-31T23:59:59",
		"2079-06-06T23:59:00", "2099-12-31", "2099-12-31T22:00:00+02:00", "2199-12-31T22:00:00Z", "2200-01-01", "31.12.2999", "9999-12-31", "9999-12-31T23:59:59.9999999", "9999-12-31T23:59:59.9999999Z", "9999-12-31T20:00:00-05:00",
	} {
		m, err := notice.ParseMoment(text)
		require.NoError(t, err, text)
		require.Equal(t, notice.Moment{}, m, text)
	}
}

func TestATextThatIsNoMomentIsAnErrorThatDoesNotQuoteIt(t *testing.T) {
	for _, text := range []string{
		"salainen", "30.2.2026", "13.13.2026", "5.2.26", "5.2.", "2/5/2026", "5/2/2026", "5.2.2026 huomenna", "2026-02-30", "2026-13-01", "2026-2-5", "2026-02-05T25:00:00", "2026-02-05T08", "2026-02-05T08:60",
		"2026-02-05T08:00:00.1234567890", "2026-02-05+02:00", "2026-02-05T08:00:00+2", "2026-02-05T08:00:00 02:00", "2026-02-05T08:00:00+01:39:49", "2026-02-05T24:00:00", "/Date(1770000000000)/", "1770000000", "20260205", "-2026-02-05",
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
	for _, seed := range []string{"2026-02-05", "2026-02-03T08:14:22.6402093+02:00", "2026-03-29T03:30:00", "", "0001-01-01T00:00:00", "9999-12-31T23:59:59Z", "1900-01-01T00:00:00", "5.2.2026 klo 14.30", "2026-02-05 08:00:00 +0200", "2026-02-05t08:00z"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := notice.ParseMoment(text)
		if err != nil || m.IsZero() {
			return
		}
		wire := m.Wire()
		if day, err := time.Parse(time.DateOnly, wire); err == nil && m.DateOnly && day.Year() >= 1990 && day.Year() < 2200 {
			return
		}
		at, err := time.Parse("2006-01-02T15:04:05-07:00", wire)
		if err != nil || !at.Equal(m.At.Truncate(time.Second)) || !strings.HasSuffix(wire, "+02:00") && !strings.HasSuffix(wire, "+03:00") {
			t.Fatalf("unexpected form %q", wire)
		}
	})
}

func moment(t testing.TB, text string) notice.Moment {
	m, err := notice.ParseMoment(text)
	require.NoError(t, err, text)
	return m
}

func TestOneIsCountedAsOne(t *testing.T) {
	require.Equal(t, []string{"0 notices", "1 notice", "2 notices"}, []string{notice.Count(0, "notice"), notice.Count(1, "notice"), notice.Count(2, "notice")})
}

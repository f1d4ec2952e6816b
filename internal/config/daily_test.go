package config

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestATimeOfDayIsReadAsItIsWritten(t *testing.T) {
	for _, good := range []string{"07:30", "7:30", " 00:00 ", "23:59"} {
		_, err := ParseDaily(good)
		require.NoError(t, err, good)
	}
	for _, bad := range []string{"", "24:00", "7", "07.30", "07:60", "07:30-08:00", "morning"} {
		_, err := ParseDaily(bad)
		require.ErrorContains(t, err, "07:30", bad)
	}
}

func TestATimeOfDayComesOnceADayWhateverTheClockDoes(t *testing.T) {
	utc := func(text string) time.Time {
		at, err := time.Parse(time.RFC3339, text)
		require.NoError(t, err)
		return at
	}
	for name, row := range map[string]struct{ daily, now, last, next string }{
		"later today":                 {"07:30", "2026-11-26T05:29:59Z", "2026-11-25T05:30:00Z", "2026-11-26T05:30:00Z"},
		"at that moment":              {"07:30", "2026-11-26T05:30:00Z", "2026-11-26T05:30:00Z", "2026-11-27T05:30:00Z"},
		"our day, not that of UTC":    {"00:30", "2026-11-26T23:00:00Z", "2026-11-26T22:30:00Z", "2026-11-27T22:30:00Z"},
		"over the end of the year":    {"07:30", "2026-12-31T12:00:00Z", "2026-12-31T05:30:00Z", "2027-01-01T05:30:00Z"},
		"into summer time":            {"07:30", "2026-03-28T12:00:00Z", "2026-03-28T05:30:00Z", "2026-03-29T04:30:00Z"},
		"the clock skips it":          {"03:30", "2026-03-29T00:59:59Z", "2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z"},
		"the day after":               {"03:30", "2026-03-29T12:00:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"},
		"out of summer time":          {"07:30", "2026-10-24T12:00:00Z", "2026-10-24T04:30:00Z", "2026-10-25T05:30:00Z"},
		"between its two comings":     {"03:30", "2026-10-25T01:10:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
		"it comes again, and is over": {"03:30", "2026-10-25T01:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			daily, err := ParseDaily(row.daily)
			require.NoError(t, err)
			last, next := daily.Around(utc(row.now))
			require.Equal(t, row.last, last.UTC().Format(time.RFC3339))
			require.Equal(t, row.next, next.UTC().Format(time.RFC3339))
		})
	}
}

// TestEveryDayHasOne walks through two years, minute by minute of whatever hours the clock has.
func TestEveryDayHasOne(t *testing.T) {
	for _, minutes := range []int{0, 59, 179, 180, 210, 239, 240, 300, 23*60 + 59} {
		daily := Daily{minutes}
		days := map[string]bool{}
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, helsinki)
		for end := at.AddDate(2, 0, 0); at.Before(end); {
			last, next := daily.Around(at)
			require.False(t, last.After(at))
			require.True(t, next.After(at))
			again, _ := daily.Around(next.Add(-time.Second))
			require.True(t, again.Equal(last), "%v: nothing lies between them", at)
			day := next.In(helsinki).Format(time.DateOnly)
			require.False(t, days[day], day)
			days[day] = true
			at = next
		}
		require.Len(t, days, 730+min(1, minutes), "and the first day's, unless it is where the walk begins")
	}
}

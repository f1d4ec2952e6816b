package config

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestHoursContainTheirStartAndNotTheirEndInFinnishTime(t *testing.T) {
	for _, row := range []struct {
		hours, clock string
		want         bool
	}{
		{"06:00-22:00", "06:00", true}, {"06:00-22:00", "05:59", false}, {"06:00-22:00", "21:59", true}, {"06:00-22:00", "22:00", false},
		{"22:00-06:00", "23:00", true}, {"22:00-06:00", "00:00", true}, {"22:00-06:00", "05:59", true}, {"22:00-06:00", "06:00", false},
		{"22:00-06:00", "12:00", false}, {"6:30-7:00", "06:45", true}, {"18:00-24:00", "23:59", true}, {"18:00-24:00", "00:00", false},
		{"", "03:00", true}, {"00:00-24:00", "03:00", true},
	} {
		hours, err := ParseHours(row.hours)
		require.NoError(t, err, row.hours)
		moment, err := time.ParseInLocation("2006-01-02 15:04", "2026-02-03 "+row.clock, helsinki)
		require.NoError(t, err)
		require.Equal(t, row.want, hours.Contains(moment.UTC()), "%s at %s", row.hours, row.clock)
	}
}

func TestHoursFollowSummerTime(t *testing.T) {
	hours, err := ParseHours("06:00-07:00")
	require.NoError(t, err)
	require.True(t, hours.Contains(time.Date(2026, 1, 15, 4, 30, 0, 0, time.UTC)))
	require.True(t, hours.Contains(time.Date(2026, 7, 15, 3, 30, 0, 0, time.UTC)))
	require.False(t, hours.Contains(time.Date(2026, 7, 15, 4, 30, 0, 0, time.UTC)))
}

func TestTheHoursBeginNextAtTheirStartAndInsideAtOnce(t *testing.T) {
	hours, err := ParseHours("06:00-22:00")
	require.NoError(t, err)
	inside := time.Date(2026, 2, 3, 12, 0, 30, 5, helsinki)
	require.Equal(t, inside, hours.Next(inside))
	require.Equal(t, inside, Hours{}.Next(inside))
	for _, outside := range []time.Time{time.Date(2026, 2, 2, 22, 0, 0, 0, helsinki), time.Date(2026, 2, 3, 5, 59, 59, 999, helsinki)} {
		require.Equal(t, time.Date(2026, 2, 3, 6, 0, 0, 0, helsinki), hours.Next(outside))
	}
}

func TestBadHoursAreRefused(t *testing.T) {
	for _, text := range []string{"06:00", "6-22", "06:00-25:00", "06:60-07:00", "-", "24:00-06:00", "06:00-06:00", "a:00-b:00", "+6:00-07:00", "06:00-22:00-23:00", "06:00-24:01"} {
		_, err := ParseHours(text)
		require.Error(t, err, text)
	}
}

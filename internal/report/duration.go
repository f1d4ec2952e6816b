package report

import (
	"fmt"
	"slices"
	"time"
)

// Duration says how long something took, in so many notices; without any there is no median.
type Duration struct {
	Count         int      `json:"count"`
	MedianSeconds *float64 `json:"medianSeconds"`
	P90Seconds    *float64 `json:"p90Seconds"` // nine of ten took no longer
}

// measure takes the middle one, or the mean of the two in the middle; and the first that nine of ten do not exceed.
func measure(all []time.Duration) Duration {
	if len(all) == 0 {
		return Duration{}
	}
	slices.Sort(all)
	median := (all[(len(all)-1)/2] + all[len(all)/2]) / 2
	return Duration{len(all), seconds(median), seconds(all[(9*len(all)+9)/10-1])}
}

func seconds(d time.Duration) *float64 {
	s := d.Round(time.Millisecond).Seconds()
	return &s
}

// brief is a time in the unit that suits it; "-" for none.
func brief(seconds *float64) string {
	if seconds == nil {
		return "-"
	}
	for _, unit := range []struct {
		name    string
		seconds float64
	}{{"d", 24 * 3600}, {"h", 3600}, {"min", 60}} {
		if *seconds >= unit.seconds {
			return fmt.Sprintf("%.1f %s", *seconds/unit.seconds, unit.name)
		}
	}
	return fmt.Sprintf("%.1f s", *seconds)
}

package tampuuri

import (
	"fmt"
	"regexp"
	"time"
	_ "time/tzdata" // the stand-in also runs where the system has no zone files
)

// wireTime is how Tampuuri writes times: .NET's seven fractional digits and a local offset.
const wireTime = "2006-01-02T15:04:05.0000000-07:00"

// tick is the finest difference between two of its times.
const tick = 100 * time.Nanosecond

var helsinki = loadHelsinki()

func loadHelsinki() *time.Location {
	location, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		return time.FixedZone("EET", 2*60*60) // not reached: the zone data is linked in
	}
	return location
}

// momentShape is RFC 3339 with an optional offset; time.Parse alone is more lenient.
var momentShape = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$`)

// parseMoment reads a time; without an offset it is Finnish local time.
func parseMoment(text string) (time.Time, error) {
	shape := momentShape.FindStringSubmatch(text)
	if shape == nil {
		return time.Time{}, fmt.Errorf("not a time like 2026-02-03T08:00:00+02:00")
	}
	if shape[2] == "" {
		return time.ParseInLocation("2006-01-02T15:04:05", text, helsinki)
	}
	return time.Parse(time.RFC3339, text)
}

func wireMoment(t time.Time) string { return t.In(helsinki).Format(wireTime) }

package notice

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // container images without a zone database must know Finnish time too
)

// Moment is a point in time or, when DateOnly, a whole day in Finland. The zero Moment means "absent".
type Moment struct {
	At       time.Time // in Europe/Helsinki; midnight there when DateOnly
	DateOnly bool      // the source gave a date without a time
}

// Helsinki is the zone Europe/Helsinki, in which all of Tampuuri's local times are.
func Helsinki() *time.Location { return helsinki() }

var helsinki = sync.OnceValue(func() *time.Location {
	zone, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		// Cannot happen, as time/tzdata is linked in; standard time is the least wrong answer without a panic.
		return time.FixedZone("EET", 2*60*60)
	}
	return zone
})

// IsZero tells whether the moment is absent.
func (m Moment) IsZero() bool { return m.At.IsZero() }

// Wire is the form of Hillava's startDate and endDate: "2026-02-05" for a day, RFC 3339 in whole seconds with the
// Helsinki offset for a time, "" when absent.
func (m Moment) Wire() string {
	switch {
	case m.IsZero():
		return ""
	case m.DateOnly:
		return m.At.In(Helsinki()).Format(time.DateOnly)
	default:
		return m.At.In(Helsinki()).Truncate(time.Second).Format(time.RFC3339)
	}
}

// Before tells whether m is earlier than other. Times are compared in whole seconds, as they are sent; a day and a
// time by their days in Finland, so that a day is never before a time within it.
func (m Moment) Before(other Moment) bool {
	if m.DateOnly || other.DateOnly {
		return m.day() < other.day()
	}
	return m.At.Truncate(time.Second).Before(other.At.Truncate(time.Second))
}

func (m Moment) day() string { return m.At.In(Helsinki()).Format(time.DateOnly) }

// Tampuuri sends 7 fractional digits and an offset; .NET also sends times without an offset.
var momentForm = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)([Zz]|[+-]\d\d:\d\d)?)?$`)

// lastYear is the last one that RFC 3339 can write.
const lastYear = 9999

// ErrMoment says that a text is neither a date nor a date with time. It does not quote the text.
var ErrMoment = errors.New("not a date (2026-02-05) or a time (2026-02-05T08:00:00, with or without fraction and offset)")

// ParseMoment reads both date forms of Tampuuri: a date alone is that whole day in Finland; a time may have seconds, 0 to
// 9 fractional digits of them, and an offset, without which it is Finnish local time. A local time that occurs twice (autumn) is
// the first one; one that does not exist (spring) is read with the offset before the change, as wall clocks not yet
// moved show it. An empty text, .NET's empty date (year 1) and what is after the year 9999 in Finland, for which RFC 3339 has
// no form, are the zero Moment. The error is ErrMoment.
func ParseMoment(s string) (Moment, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return Moment{}, nil
	}
	parts := momentForm.FindStringSubmatch(s)
	if parts == nil {
		return Moment{}, ErrMoment
	}
	date, clock, offset := parts[1], parts[2], strings.ToUpper(parts[3])
	const hourAndMinute = "08:00"
	switch len(clock) {
	case 0:
		clock = "00:00:00"
	case len(hourAndMinute):
		clock += ":00"
	}
	layout, value := "2006-01-02T15:04:05.999999999", date+"T"+clock
	if offset != "" {
		layout, value = layout+"Z07:00", value+offset
	}
	at, err := time.Parse(layout, value)
	switch {
	case err != nil:
		return Moment{}, ErrMoment
	case at.Year() <= 1:
		return Moment{}, nil
	case offset == "":
		at = inFinland(at)
	}
	if at = at.In(Helsinki()); at.Year() > lastYear {
		return Moment{}, nil
	}
	return Moment{At: at, DateOnly: parts[2] == ""}, nil
}

// inFinland is the moment at which Finnish clocks show what wall shows in UTC.
func inFinland(wall time.Time) time.Time {
	offsetOf := func(t time.Time) time.Duration {
		_, seconds := t.In(Helsinki()).Zone()
		return time.Duration(seconds) * time.Second
	}
	before, after := offsetOf(wall.Add(-24*time.Hour)), offsetOf(wall.Add(24*time.Hour))
	for _, offset := range []time.Duration{before, after} {
		if at := wall.Add(-offset); offsetOf(at) == offset {
			return at
		}
	}
	return wall.Add(-before)
}

// finnish is how a person in Finland writes the moment: "3.2.2026 klo 8.14", or "3.2.2026" for a day.
func (m Moment) finnish() string {
	local := m.At.In(Helsinki())
	if m.DateOnly {
		return local.Format("2.1.2006")
	}
	return fmt.Sprintf("%s klo %d.%02d", local.Format("2.1.2006"), local.Hour(), local.Minute())
}

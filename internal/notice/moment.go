package notice

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // container images without a zone database must know Finnish time too
)

// Moment is a point in time or, when DateOnly, a whole day in Finland. The zero Moment means "absent".
type Moment struct {
	At       time.Time // in Europe/Helsinki; midnight there when DateOnly
	DateOnly bool      // the source gave a date without a time
	// Unreadable says that the source gave something that is no date. The moment is absent all the same, and people are told.
	Unreadable bool
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

// Clock is how our programs show a time to a person: Finnish time, whatever the machine's zone is.
func Clock(at time.Time) string { return at.In(Helsinki()).Format("2006-01-02 15:04:05") }

// ClockMinute is Clock to the minute; "-" for no time.
func ClockMinute(at *time.Time) string {
	if at == nil || at.IsZero() {
		return "-"
	}
	return at.In(Helsinki()).Format("2006-01-02 15:04")
}

// Count joins a number with what it counts, for a person: "1 notice", "2 notices".
func Count(number int, noun string) string {
	if number == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", number, noun)
}

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

// The forms of a date, each with an optional time: ISO 8601 as Tampuuri and .NET write it, and as people in Finland do
// ("5.2.2026", "5.2.2026 klo 14.30"). An offset may be short, or stand apart.
var momentForms = []*regexp.Regexp{
	regexp.MustCompile(`^(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?:(?:[Tt]| +)` +
		`(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?` + offsetForm + `)?$`),
	regexp.MustCompile(`^(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})(?:,? +(?:klo +)?` +
		`(?P<hour>\d{1,2})[.:](?P<minute>\d\d)(?:[.:](?P<second>\d\d))?` + offsetForm + `)?$`),
}

const offsetForm = ` ?(?P<offset>[Zz]|[+-]\d\d(?::?\d\d)?)?`

// The years within which a date is one. What lies outside them is a placeholder of somebody's database (0001-01-01,
// 1753-01-01, 1899-12-30, 1900-01-01, 1970-01-01, 9999-12-31), and so are the last days: of SQL Server's smalldatetime, and
// of the century, which people write for "until further notice". Other days far ahead are a clock's that is wrong, and hide
// no row. Within the years Helsinki's offset is whole hours, as RFC 3339 needs it.
const firstYear, lastYear = 1990, 2199

var lastDays = []string{"2079-06-06", "2099-12-31"}

// ErrMoment says that a text is neither a date nor a date with time. It does not quote the text.
var ErrMoment = errors.New("not a date (2026-02-05, 5.2.2026) or a time (2026-02-05T08:00:00, with or without fraction and offset)")

// ParseMoment reads a date or a time: a date alone is that whole day in Finland; a time may have seconds, 0 to 9 fractional
// digits of them, and an offset, without which it is Finnish local time. A local time that occurs twice (autumn) is the first
// one, so never later than it was meant: a mark made of it passes nothing by. One that does not exist (spring) is read with
// the offset before the change, as wall clocks not yet moved show it. An empty text and a placeholder (a date
// outside the years 1990 to 2199 in Finland, 2079-06-06, 2099-12-31) are the zero Moment. The error is ErrMoment.
func ParseMoment(s string) (Moment, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return Moment{}, nil
	}
	parts := momentParts(s)
	if parts == nil {
		return Moment{}, ErrMoment
	}
	dateOnly := parts["hour"] == ""
	layout, value := "2006-1-2T15:4:5", fmt.Sprintf("%s-%s-%sT%s:%s:%s.%s", parts["year"], parts["month"], parts["day"],
		cmp.Or(parts["hour"], "0"), cmp.Or(parts["minute"], "0"), cmp.Or(parts["second"], "0"), cmp.Or(parts["fraction"], "0"))
	offset := strings.ToUpper(strings.Replace(parts["offset"], ":", "", 1))
	switch len(offset) {
	case 0:
	case len("+02"):
		layout, value = layout+"Z07", value+offset
	default:
		layout, value = layout+"Z0700", value+offset
	}
	at, err := time.Parse(layout, value)
	switch {
	case err != nil:
		return Moment{}, ErrMoment
	case offset == "":
		at = inFinland(at)
	}
	m := Moment{At: at.In(Helsinki()), DateOnly: dateOnly}
	if year := m.At.Year(); year < firstYear || year > lastYear || slices.Contains(lastDays, m.day()) {
		return Moment{}, nil
	}
	return m, nil
}

// momentParts are the named parts of a date, nil when it has none of the forms.
func momentParts(s string) map[string]string {
	for _, form := range momentForms {
		found := form.FindStringSubmatch(s)
		if found == nil {
			continue
		}
		parts := map[string]string{}
		for i, name := range form.SubexpNames() {
			parts[name] = found[i]
		}
		return parts
	}
	return nil
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

// canonical is what is compared to find that a date has changed.
func (m Moment) canonical() string {
	if m.Unreadable {
		return "unreadable"
	}
	return m.Wire()
}

// said is how a person in Finland writes what the source says: as finnish does, "" when it says nothing.
func (m Moment) said() string {
	switch {
	case m.Unreadable:
		return "katso Tampuuri" // only a person can make it out
	case m.IsZero():
		return ""
	default:
		return m.finnish()
	}
}

// finnish is how a person in Finland writes the moment: "3.2.2026 klo 8.14", or "3.2.2026" for a day.
func (m Moment) finnish() string {
	local := m.At.In(Helsinki())
	if m.DateOnly {
		return local.Format("2.1.2006")
	}
	return fmt.Sprintf("%s klo %d.%02d", local.Format("2.1.2006"), local.Hour(), local.Minute())
}

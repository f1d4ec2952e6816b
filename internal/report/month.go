package report

import (
	"fmt"
	"time"

	"tampuuri-hillava/internal/notice"
)

// Month is a calendar month in Finland.
type Month struct{ From, To time.Time } // To is the first moment of the next one

const monthForm = "2006-01"

// ParseMonth reads a month like 2026-10. One that has not begun has nothing to count.
func ParseMonth(text string, now time.Time) (Month, error) {
	from, err := time.ParseInLocation(monthForm, text, notice.Helsinki())
	switch {
	case err != nil:
		return Month{}, fmt.Errorf("%q is no month; write it like 2026-10", text)
	case from.After(now):
		return Month{}, fmt.Errorf("%s has not begun", text)
	}
	return Month{from, from.AddDate(0, 1, 0)}, nil
}

func (m Month) String() string { return m.From.Format(monthForm) }

package config

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"tampuuri-hillava/internal/notice"
)

// helsinki is the zone in which every time in customers.yaml is meant.
var helsinki = notice.Helsinki()

const minutesPerDay = 24 * 60

// Hours is a daily time window in Europe/Helsinki. It may wrap midnight. The zero value is the whole day.
type Hours struct{ from, to int } // minutes after midnight; to is not in the window any more

// ParseHours reads "06:00-22:00". Empty means the whole day, and so does "00:00-24:00". The text says when customers
// may be polled, so it takes no seconds.
func ParseHours(text string) (Hours, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Hours{}, nil
	}
	start, end, found := strings.Cut(text, "-")
	from, errFrom := parseClock(start)
	to, errTo := parseClock(end)
	switch {
	case !found || errFrom != nil || errTo != nil || from == minutesPerDay:
		return Hours{}, errors.New(`must be like "06:00-22:00"`)
	case from == to:
		return Hours{}, errors.New("starts and ends at the same time; leave it out for the whole day")
	}
	return Hours{from: from, to: to}, nil
}

// parseClock reads HH:MM, up to and including 24:00, as minutes after midnight.
func parseClock(text string) (int, error) {
	text = strings.TrimSpace(text)
	if text == "24:00" {
		return minutesPerDay, nil
	}
	clock, err := time.Parse("15:04", text)
	return clock.Hour()*60 + clock.Minute(), err
}

// Contains reports whether the moment's wall clock in Helsinki is within the hours: from the start, up to but without
// the end.
func (h Hours) Contains(moment time.Time) bool {
	if h.from == h.to {
		return true
	}
	local := moment.In(helsinki)
	now := local.Hour()*60 + local.Minute()
	if h.from < h.to {
		return h.from <= now && now < h.to
	}
	return now >= h.from || now < h.to
}

// Next is when the hours begin next, seen from a moment outside of them; inside, the moment itself.
func (h Hours) Next(moment time.Time) time.Time {
	if h.Contains(moment) {
		return moment
	}
	next := moment.Truncate(time.Minute)
	for range 2 * minutesPerDay { // a day with a change of the clock has an hour more
		if h.Contains(next) {
			return next
		}
		next = next.Add(time.Minute)
	}
	return moment
}

// String gives the hours as they are written in customers.yaml, "" for the whole day.
func (h Hours) String() string {
	if h.from == h.to {
		return ""
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", h.from/60, h.from%60, h.to/60, h.to%60)
}

package config

import (
	"errors"
	"time"
)

// Daily is a time of day in Europe/Helsinki.
type Daily struct{ minutes int } // after midnight

// ParseDaily reads "07:30".
func ParseDaily(text string) (Daily, error) {
	minutes, err := parseClock(text)
	if err != nil || minutes == minutesPerDay {
		return Daily{}, errors.New(`must be a time of day like "07:30"`)
	}
	return Daily{minutes}, nil
}

// Around gives the last such moment up to now, and the next one. Each day has one: where the clock skips the time it is
// the first moment after the gap, and where the time comes twice the first of both.
func (d Daily) Around(now time.Time) (last, next time.Time) {
	year, month, day := now.In(helsinki).Date()
	if next = d.on(year, month, day); next.After(now) {
		return d.on(year, month, day-1), next
	}
	return next, d.on(year, month, day+1)
}

// on is the first minute of a day whose clock shows the time, or a later one.
func (d Daily) on(year int, month time.Month, day int) time.Time {
	midnight := time.Date(year, month, day, 0, 0, 0, 0, helsinki) // the clock changes later in the night
	moment := midnight.Add(time.Duration(max(d.minutes-60, 0)) * time.Minute)
	for moment.Hour()*60+moment.Minute() < d.minutes {
		moment = moment.Add(time.Minute)
	}
	return moment
}

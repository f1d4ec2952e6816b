package main

import (
	"time"

	"tampuuri-hillava/internal/notice"
)

// defaultWait is how long a command waits for what it asked a worker to do.
const defaultWait = 10 * time.Minute

// moment prints a time for people; "-" for none.
func moment(t *time.Time) string {
	if t == nil || t.IsZero() {
		return "-"
	}
	return notice.Clock(*t)
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	utc := t.UTC()
	return &utc
}

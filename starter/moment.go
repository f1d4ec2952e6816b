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

// shortMoment is a moment to the minute.
func shortMoment(t *time.Time) string {
	whole := moment(t)
	return whole[:max(1, len(whole)-len(":05"))]
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	utc := t.UTC()
	return &utc
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

package figures

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/runs"
)

// A customer is late after three of its intervals without a good poll, and never while none is due.
func TestWhenACustomerIsNotPolled(t *testing.T) {
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	now := start
	o := NewObserver(nil, runs.Rounds{}, slog.New(slog.DiscardHandler), func() time.Time { return now })
	_, known := o.Customer("esimerkki")
	require.False(t, known, "nobody has told of it yet")

	due := start.Add(5 * time.Minute)
	marks := runs.Marks{At: start, LastGood: &start, NextPoll: &due, Every: 5 * time.Minute, Unflagged: 4, Changed: 2, Last: runs.PollCounts{Failure: "timeout"}}
	o.Note("esimerkki", marks)
	customer, known := o.Customer("esimerkki")
	require.True(t, known)
	require.Equal(t, Customer{Failure: "timeout", Unflagged: 4, Changed: 2}, customer)
	late := func() bool { customer, _ := o.Customer("esimerkki"); return customer.NotPolled }
	now = start.Add(15 * time.Minute)
	require.False(t, late())
	now = start.Add(16 * time.Minute)
	require.True(t, late())

	marks.Every = 2 * time.Second
	for after, want := range map[time.Duration]bool{time.Minute: false, 3 * time.Minute: false, 4 * time.Minute: true} {
		marks.At, marks.LastGood, marks.NextPoll = now, new(now.Add(-after)), new(now)
		o.Note("esimerkki", marks)
		require.Equal(t, want, late(), "a short interval, and %s", after)
	}
	marks.Every = 5 * time.Minute

	marks.At, marks.NextPoll = now, nil
	o.Note("esimerkki", marks)
	require.False(t, late(), "it is paused, or a reason of its own stops it")
	now = now.Add(time.Hour)
	morning := now.Add(8 * time.Hour)
	marks.At, marks.NextPoll = now, &morning
	o.Note("esimerkki", marks)
	now = now.Add(7 * time.Hour)
	require.False(t, late(), "outside poll.hours")
	now = morning.Add(16 * time.Minute)
	require.True(t, late())
}

// A clock that was ahead for one round must not keep what later rounds tell from whoever is told that a customer is not polled.
func TestMarksThatHaveNotComeYetHideNoLaterOnes(t *testing.T) {
	o := observer(t, &observedFake{})
	ahead := o.polled(-365 * 24 * time.Hour)
	ahead.At = o.at.AddDate(1, 0, 0)
	o.Note("esimerkki", ahead)
	o.at = o.at.Add(time.Hour)
	marks := o.polled(time.Hour)
	marks.At = o.at
	o.Note("esimerkki", marks)
	now, known := o.Customer("esimerkki")
	require.True(t, known)
	require.True(t, now.NotPolled)
}

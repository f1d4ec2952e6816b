package activities

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/walk"
	"tampuuri-hillava/sandbox/fault"
)

// A backlog larger than a round drains over several that are cut off, each of which keeps what it has done.
func TestABacklogDrainsOverSeveralRoundsThatAreCutOff(t *testing.T) {
	w := newWorld(t)
	const backlog = 5000
	for id := int64(1); id <= backlog; id++ {
		w.putAt(id, helsinki("2026-02-02 08:00").Add(time.Duration(id)*time.Minute/10))
	}
	w.row = func(fields) { w.pass(250 * time.Millisecond) } // a hundred rows take half a minute
	w.at(helsinki("2026-03-02 12:00"))
	marks, started := []string{}, 0
	for range 30 {
		r := w.round()
		require.False(t, r.Idle)
		require.NotEmpty(t, w.heartbeats, "a long round tells that it is alive")
		marks, started = append(marks, r.Marks.Lists[4711].Mark), started+r.Marks.Last.Started
		if !r.Marks.Last.Left {
			break
		}
		told := w.heartbeats[len(w.heartbeats)-1].(runs.Marks)
		require.NotNil(t, told.Lists[4711].Cursor, "with its marks")
		require.Nil(t, r.Marks.LastGood, "it has not gone through yet")
		require.False(t, r.Marks.NextPoll.After(w.clock), "the next one begins at once")
	}
	require.Equal(t, backlog, started)
	require.Len(t, w.temporal.lives, backlog)
	require.Greater(t, len(marks), 2)
	require.IsIncreasing(t, marks)
	require.LessOrEqual(t, w.count("GET ilmoitukset/selaa"), backlog/(walk.PageSize-1)+2*len(marks)+2, "no page was read without need")
}

// A worker that dies in a long round leaves what its last heartbeat said.
func TestARoundGoesOnWhereAKilledOneLastTold(t *testing.T) {
	w := newWorld(t)
	for id := int64(1); id <= 1000; id++ {
		w.putAt(id, helsinki("2026-02-02 08:00").Add(time.Duration(id)*time.Hour/10))
	}
	w.row = func(fields) { w.pass(200 * time.Millisecond) }
	w.round()
	told := w.heartbeats[len(w.heartbeats)-1].(runs.Marks)
	state := w.states["esimerkki"]
	state.Marks, state.details = runs.Marks{}, &told // as if it had never returned
	w.row = nil
	w.forgetCalls()
	w.round()
	require.Len(t, w.temporal.lives, 1000)
	require.Less(t, w.count("GET ilmoitukset/selaa"), 10)
}

func TestARoundEndsWhenItsWorkerStops(t *testing.T) {
	w := newWorld(t)
	for id := int64(1); id <= 300; id++ {
		w.putAt(id, helsinki("2026-02-02 08:00").Add(time.Duration(id)*time.Hour))
	}
	w.stop = make(chan struct{})
	w.faults.Add(fault.Fault{Op: "list", After: 2, Kind: fault.CallAfter, Call: func() { close(w.stop) }})
	r := w.round()
	require.True(t, r.Marks.Last.Left)
	require.Empty(t, r.Marks.Last.Failure)
	w.stop = nil
	w.round()
	require.Len(t, w.temporal.lives, 300)
}

// An update or a signal interrupts the round under way: that is no failure of the poll, nor is it a good one.
func TestAnInterruptedRoundKeepsItsMarksAndIsNoFailure(t *testing.T) {
	for name, kind := range map[string]fault.Kind{"in a call": fault.CallBefore, "after one": fault.CallAfter} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			for id := int64(1); id <= 300; id++ {
				w.putAt(id, helsinki("2026-02-02 08:00").Add(time.Duration(id)*time.Hour))
			}
			parent, cancel := context.WithCancel(context.Background())
			w.parent = parent
			w.faults.Add(fault.Fault{Op: "list", After: 2, Kind: kind, Call: cancel})
			r := w.round()
			w.parent = nil
			require.False(t, r.Idle)
			require.Empty(t, r.Marks.Last.Failure)
			require.Zero(t, r.Marks.Faults)
			require.Nil(t, r.Marks.LastGood)
			require.True(t, r.Marks.Last.Left)
			require.NotEmpty(t, w.temporal.lives)
			w.round()
			require.Len(t, w.temporal.lives, 300)
		})
	}
}

// A Tampuuri that takes every connection and never answers must not hold the round beyond its time.
func TestARoundOverASilentTampuuriEndsInTimeAndSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, time.Second)
	w.put(101)
	w.round()
	w.faults.Add(fault.Fault{System: "tampuuri", Kind: fault.ApplyThenHang, Times: -1})
	w.pass(time.Hour)
	w.states["esimerkki"].Sent = []runs.SentTask{{ExternalID: w.ref(101).ExternalID, TaskID: "T-1"}}
	began := time.Now()
	r := w.round()
	require.Less(t, time.Since(began), 20*time.Second)
	require.False(t, r.Idle)
	require.Equal(t, runs.FaultUnavailable, r.Marks.Last.Failure)
}

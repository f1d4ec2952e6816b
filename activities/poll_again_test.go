package activities

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/sandbox/fault"
)

func TestAnUnreadableRowIsReadAgainByItsIDUntilItIsInOrder(t *testing.T) {
	w := newWorld(t)
	listed := []runs.SkippedNotice{{NoticeID: 101, Reason: runs.SkippedUnreadable}}
	w.putAt(101, helsinki("2026-02-20 12:00"))
	w.put(102)
	w.unreadable(101)
	w.poll()
	require.Equal(t, []int64{102}, w.temporal.started(), "it hides no other")
	require.Equal(t, listed, w.marks().Skipped)

	w.faults.Add(fault.Fault{Op: "read", Key: "101", Kind: fault.Status500, Times: -1})
	w.put(103)
	w.poll()
	require.NotNil(t, w.life(103), "a notice that Tampuuri itself fails on stops no other")
	require.Equal(t, listed, w.marks().Skipped)

	w.mended()
	w.row = nil // without moving Muokattu, and the mark is days further
	require.Equal(t, 1, w.poll().Started)
	require.NotNil(t, w.life(101))
	require.Empty(t, w.marks().Skipped)
}

// A whole portfolio given to us at once, and one of it cannot be read: it must neither hide the others nor end the poll.
func TestAnUnreadableRowAmongManyOfOneTimeHidesNone(t *testing.T) {
	w := newWorld(t)
	for id := int64(1); id <= 250; id++ {
		w.putAt(id, helsinki("2026-03-02 09:00"))
	}
	w.unreadable(50, 99, 100, 150)
	counts := w.poll()
	require.Empty(t, counts.Failure)
	require.Equal(t, 246, counts.Started)
	require.Len(t, w.marks().Skipped, 4)
}

func TestAnUnreadableRowThatIsDeletedIsForgotten(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	w.unreadable(101)
	w.poll()
	w.remove(101)
	w.poll()
	require.Empty(t, w.marks().Skipped)
}

// A row without an id can be asked for by nobody, and once the mark has passed it, it is not met again.
func TestARowWithoutAnIDIsListedForADayAfterItWasLastMet(t *testing.T) {
	listed := []runs.SkippedNotice{{NoticeID: 0, Reason: runs.SkippedUnreadable}}
	w := newWorld(t)
	w.put(101)
	w.row = func(n fields) { n["Id"] = nil }
	w.poll()
	w.pass(36 * time.Hour)
	w.poll()
	require.Equal(t, listed, w.marks().Skipped, "it is met still")
	w.row = nil
	w.pass(23 * time.Hour)
	require.Equal(t, 1, w.poll().Started)
	require.Equal(t, listed, w.marks().Skipped, "a person may not have seen it yet")
	w.pass(2 * time.Hour)
	w.always("list", fault.Status503)
	w.poll()
	require.Equal(t, listed, w.marks().Skipped, "a poll that failed may have met it")
	w.mended()
	w.poll()
	require.Empty(t, w.marks().Skipped)
}

// What a person should know of is told until it is over, though no row of ours says so any more.
func TestAListedNoticeThatLeavesUsIsForgotten(t *testing.T) {
	for name, leaves := range map[string]func(*world){
		"given away": func(w *world) { w.give(101, 9) },
		"deleted":    func(w *world) { w.remove(101) },
	} {
		t.Run(name, func(t *testing.T) {
			w := reopened(t)
			w.poll()
			w.poll()
			require.Equal(t, []runs.SkippedNotice{{NoticeID: 101, Reason: runs.SkippedReopened}}, w.marks().Skipped)
			leaves(w)
			w.poll()
			require.Empty(t, w.marks().Skipped)
			require.False(t, w.life(101).Running)
		})
	}
}

// A workflow that is started again after a termination knows of none, while the worker has seen the rows before.
func TestWhatIsListedIsListedByTheNextWorkflowToo(t *testing.T) {
	const guid = "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11"
	for reason, arrange := range map[string]func(testingT) *world{
		runs.SkippedReopened: reopened,
		runs.SkippedSharedID: func(t testingT) *world {
			w := newWorld(t)
			w.put(102, fields{"Guid": guid})
			w.poll()
			w.put(101, fields{"Guid": guid})
			return w
		},
	} {
		t.Run(reason, func(t *testing.T) {
			w := arrange(t)
			listed := []runs.SkippedNotice{{NoticeID: 101, Reason: reason}}
			w.poll()
			require.Equal(t, listed, w.marks().Skipped)
			delete(w.states, "esimerkki")
			w.poll()
			require.Equal(t, listed, w.marks().Skipped)
		})
	}
}

// unreadableOnes makes so many, each an hour after the one before, from 10 days ago.
func (w *world) unreadableOnes(count int64) {
	for id := range count {
		w.putAt(id+1, w.clock.Add(-240*time.Hour+time.Duration(id)*time.Hour))
	}
	w.unreadable(ids(1, count)...)
}

func TestUnreadableRowsBeyondTheListHoldTheMark(t *testing.T) {
	w := newWorld(t)
	w.unreadableOnes(maxSkipped + 30)
	w.put(1000)
	w.poll()
	require.Len(t, w.marks().Skipped, maxSkipped)
	require.NotNil(t, w.life(1000), "readable ones are imported")
	w.row = nil
	for range 2 + maxSkipped/askedSingly {
		w.poll()
	}
	require.Empty(t, w.marks().Skipped)
	require.Len(t, w.temporal.started(), maxSkipped+31, "none was passed")
}

// Each round asks for some of them, in turn, so that none waits for ever behind others that stay as they are.
func TestTheSkippedOnesAreTakenInTurnAndBoundedPerRound(t *testing.T) {
	w := newWorld(t)
	w.unreadableOnes(3 * askedSingly)
	w.poll()
	require.Equal(t, askedSingly, w.count("GET ilmoitukset/")-w.count("GET ilmoitukset/selaa"))
	for range 2 {
		w.poll()
	}
	for id := int64(1); id <= 3*askedSingly; id++ {
		require.Equal(t, 1, w.countOf(fmt.Sprint("GET ilmoitukset/", id)), id)
	}
	require.Len(t, w.marks().Skipped, 3*askedSingly)
}

func TestASkippedNoticeWaitsForMaxNewAsAnyOther(t *testing.T) {
	w := newWorld(t)
	w.entry().Poll.MaxNew = 1
	w.putAt(101, helsinki("2026-02-20 12:00"))
	w.putAt(102, helsinki("2026-02-20 12:00"))
	w.put(103)
	w.unreadable(101, 102)
	w.poll() // the mark is far beyond them now
	w.row = nil
	require.Equal(t, runs.PollCounts{Started: 1, Known: 1, Left: true}, w.poll())
	w.poll()
	require.Equal(t, ids(101, 103), w.temporal.started())
	require.Empty(t, w.marks().Skipped)
}

func TestATerminatedNoticeFarBehindTheMarkStartsAgain(t *testing.T) {
	for name, row := range map[string]struct {
		edit   func(*world)
		starts bool
	}{
		"ours and open": {func(*world) {}, true},
		"given to another": {func(w *world) {
			w.row = func(n fields) { n["TyonsuorittajaYritysId"] = 9 } // without moving Muokattu: the list does not show it
		}, false},
		"closed":             {func(w *world) { w.row = func(n fields) { n["Tila"] = "Valmis" } }, false},
		"before start date":  {func(w *world) { w.row = func(n fields) { n["IlmoitusTehty"] = "2026-01-01T12:00:00+02:00" } }, false},
		"cannot be read now": {func(w *world) { w.unreadable(101) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.putAt(101, helsinki("2026-02-20 12:00"))
			w.put(102)
			w.poll()
			w.end(101, runs.PhaseWorking, terminated)
			row.edit(w)
			w.poll()
			require.Equal(t, row.starts, w.life(101).Running)
			require.Zero(t, w.poll().Started, "once")
		})
	}
}

func TestOneCustomersTerminatedNoticesAreNoMatterOfAnothersPoll(t *testing.T) {
	w := newWorld(t)
	w.serve("toinen", 12)
	w.put(101)
	w.poll()
	w.end(101, runs.PhaseWorking, terminated)
	w.roundOf("toinen", byPerson)
	require.False(t, w.life(101).Running)
}

// A thousand runs may be terminated at once. A round revives some of them.
func TestTerminatedNoticesAreRevivedBoundedPerRound(t *testing.T) {
	w := newWorld(t)
	const all = askedSingly + 5
	for id := int64(1); id <= all; id++ {
		w.putAt(id, helsinki("2026-02-20 12:00"))
	}
	w.put(1000)
	w.poll()
	for id := int64(1); id <= all; id++ {
		w.end(id, runs.PhaseWorking, terminated)
	}
	require.Equal(t, askedSingly, w.poll().Started)
	require.Equal(t, all-askedSingly, w.poll().Started)
	require.Zero(t, w.poll().Started)
}

func TestATerminatedNoticeThatNeedsNothingIsNotAskedForInEachRound(t *testing.T) {
	w := newWorld(t)
	w.putAt(101, helsinki("2026-02-20 12:00"))
	w.put(102)
	w.poll()
	w.end(101, runs.PhaseWorking, terminated)
	w.row = func(n fields) { n["Tila"] = string(notice.Valmis) }
	w.forgetCalls()
	w.poll()
	w.poll()
	require.Equal(t, 1, w.count("GET ilmoitukset/101"))
	w.pass(stoppedFresh)
	w.row = nil
	w.poll()
	require.True(t, w.life(101).Running, "but after a while again")
}

// customers.yaml is followed at once, and a round may come before the sync that tells the customer's workflow of it.
func TestAnEarlierStartDateCountsForRowsThatWereSeenBefore(t *testing.T) {
	w := newWorld(t)
	for id, moved := range map[int64]string{89: "2026-01-20 12:00", 90: "2026-02-20 12:00"} {
		w.putAt(id, helsinki(moved), fields{"IlmoitusTehty": "2026-01-15T12:00:00+02:00"})
	}
	w.put(101)
	w.round()
	require.Equal(t, []int64{101}, w.temporal.started())
	w.entry().StartDate = helsinki("2026-01-01 00:00")
	w.pass(5 * time.Minute)
	w.round()
	w.states["esimerkki"].Served.Entry = "another digest"
	w.states["esimerkki"].details = nil // the sync interrupts the round that waits
	for range 4 {
		w.pass(20 * time.Minute)
		w.round()
	}
	require.Equal(t, []int64{89, 90, 101}, w.temporal.started())
}

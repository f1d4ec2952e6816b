package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/sandbox/fault"
)

// invoicedJob has notice 101 invoiced by its entries a and b, and its task handed to the customer's workflow for comparison.
func invoicedJob(t testingT) *job {
	j := newJob(t, "a", "b")
	j.round()
	plan := j.plan(nil)
	j.report(plan)
	j.end(101, runs.PhaseInvoiced, completed)
	j.life(101).result = runs.NoticeResult{Phase: runs.PhaseInvoiced, Entries: plan}
	j.round(byPerson) // what our own writes moved
	j.handOver()
	j.forgetCalls()
	return j
}

// handOver is what the signal entries-changed does to the next round.
func (j *job) handOver() {
	j.states["esimerkki"].Sent = []runs.SentTask{{ExternalID: j.ref(101).ExternalID, TaskID: j.taskID, Modified: "2026-03-02T10:00:00Z"}}
}

func TestATimeEntryChangedAfterSendingIsNotedOnceAndListedUntilItIsAsSent(t *testing.T) {
	for name, row := range map[string]struct {
		change, undo func(*job) (entryID string)
	}{
		"edited": {
			func(j *job) string { j.reword(j.taskID, j.entries[0], "toisin"); return j.entries[0] },
			func(j *job) string { j.reword(j.taskID, j.entries[0], "a"); return "" },
		},
		"added": {
			func(j *job) string { return j.work(j.taskID, "toisin") },
			func(j *job) string { j.unwork(j.taskID, j.task(j.taskID).TimeEntries[2].ID); return "" },
		},
		"removed": {func(j *job) string { j.unwork(j.taskID, j.entries[1]); return j.entries[1] }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			j := invoicedJob(t)
			same := j.round()
			require.Empty(t, same.Changed, "nothing was changed")
			require.Len(t, same.Compared, 1, "and it is done with")

			changedEntry := row.change(j)
			first := j.round()
			require.Len(t, first.Changed, 1)
			require.Equal(t, 1, first.Marks.Changed, "for whoever tells people")
			require.Equal(t, []string{changedEntry}, first.Changed[0].EntryIDs)
			require.Equal(t, j.life(101).WorkflowID, first.Changed[0].WorkflowID)
			require.Len(t, j.notes(j.taskID), 1)
			written, err := json.Marshal(first)
			require.NoError(t, err)
			require.NotContains(t, string(written), "toisin")

			j.pass(48 * time.Hour)
			j.hillava.ForgetKeys()
			second := j.round()
			require.Equal(t, first.Changed, second.Changed, "with the time when it was first seen")
			require.Len(t, j.notes(j.taskID), 1, "no second one")
			require.Empty(t, j.wrote(), "a notice that is Valmis takes nothing more")

			if row.undo != nil {
				row.undo(j)
				require.Empty(t, j.round().Changed)
			}
		})
	}
}

// Correcting Tampuuri by hand, as the note says, moves no task. So what is listed is compared once a day by itself.
func TestACorrectionInTampuuriEndsTheListing(t *testing.T) {
	j := invoicedJob(t)
	j.work(j.taskID, "lisätty")
	require.Len(t, j.round().Changed, 1)
	j.states["esimerkki"].Sent = nil
	j.addToimenpide(101, "lisätty")
	j.pass(23 * time.Hour)
	require.True(t, j.round().Idle)
	j.pass(2 * time.Hour)
	j.once("time-entries", fault.Status503)
	require.True(t, j.round().Idle, "the next round tries again")
	j.pass(time.Hour)
	corrected := j.round()
	require.False(t, corrected.Idle)
	require.Empty(t, corrected.Changed)
	require.Empty(t, corrected.Compared, "it was not handed over")
	require.Len(t, j.notes(j.taskID), 1)
}

// The comparison of the day notes what nobody has handed over, once, and the note is remembered.
func TestWhatIsListedAndChangesAgainIsNotedOnce(t *testing.T) {
	j := invoicedJob(t)
	j.reword(j.taskID, j.entries[0], "toisin")
	j.round()
	j.states["esimerkki"].Sent = nil
	j.reword(j.taskID, j.entries[0], "vielä toisin")
	for range 3 {
		j.pass(25 * time.Hour)
		j.hillava.ForgetKeys()
		j.round()
		require.Len(t, j.notes(j.taskID), 2)
	}
	require.Len(t, j.states["esimerkki"].Changed, 1)
}

func TestWhatIsListedIsComparedInTurnAndBoundedPerRound(t *testing.T) {
	j := invoicedJob(t)
	j.states["esimerkki"].Sent = nil
	for id := range int64(2*askedSingly + 1) {
		j.temporal.lives[j.ref(1000+id).ExternalID] = &life{Life: runs.Life{
			WorkflowID: runs.NoticeWorkflowID(j.ref(1000 + id).ExternalID), Ref: j.ref(1000 + id), Phase: runs.PhaseInvoiced, Ended: completed,
		}}
		j.states["esimerkki"].Changed = append(j.states["esimerkki"].Changed, runs.ChangedAfter{
			WorkflowID: runs.NoticeWorkflowID(j.ref(1000 + id).ExternalID), TaskID: fmt.Sprint("T-", id),
		})
	}
	for range 4 {
		j.round()
	}
	for id := range int64(2*askedSingly + 1) { // no such notice: it stays listed while Temporal knows it
		require.Equal(t, 1, j.countOf(fmt.Sprint("GET ilmoitukset/", 1000+id)))
	}
	require.Len(t, j.states["esimerkki"].Changed, 2*askedSingly+1)
}

func TestAnotherChangeIsAnotherNote(t *testing.T) {
	j := invoicedJob(t)
	j.reword(j.taskID, j.entries[0], "toisin")
	j.round()
	j.reword(j.taskID, j.entries[0], "vielä toisin")
	require.Len(t, j.round().Changed, 1)
	require.Len(t, j.notes(j.taskID), 2)
}

func TestANoticeThatIsNotInvoicedAnyMoreIsDoneWith(t *testing.T) {
	for name, arrange := range map[string]func(*job){
		"its workflow was terminated": func(j *job) { j.life(101).Ended = terminated },
		"opened again": func(j *job) {
			j.life(101).Running = true
			j.state(101, notice.Tehty)
		},
		"forgotten by Temporal": func(j *job) { delete(j.temporal.lives, j.ref(101).ExternalID) },
		"dismissed":             func(j *job) { j.life(101).Phase = runs.PhaseDismissed },
	} {
		t.Run(name, func(t *testing.T) {
			j := invoicedJob(t)
			j.reword(j.taskID, j.entries[0], "toisin")
			arrange(j)
			r := j.round()
			require.Len(t, r.Compared, 1)
			require.Empty(t, r.Changed)
			require.Empty(t, j.notes(j.taskID))

			j = invoicedJob(t)
			j.reword(j.taskID, j.entries[0], "toisin")
			require.Len(t, j.round().Changed, 1)
			arrange(j)
			require.Empty(t, j.round().Changed, "nor is it listed any more")

			j = invoicedJob(t)
			j.reword(j.taskID, j.entries[0], "toisin")
			require.Len(t, j.round().Changed, 1)
			j.states["esimerkki"].Sent = nil
			arrange(j)
			j.pass(25 * time.Hour)
			gone := j.round()
			require.False(t, gone.Idle)
			require.Empty(t, gone.Changed, "though its task moves no more")
		})
	}
}

func TestANoticeThatHasNotEndedYetIsComparedInTheNextRound(t *testing.T) {
	j := invoicedJob(t)
	j.reword(j.taskID, j.entries[0], "toisin")
	j.life(101).Running = true
	require.Empty(t, j.round().Compared, "it is Valmis in Tampuuri and its workflow is just ending")
	j.life(101).Running = false
	require.Len(t, j.round().Changed, 1)
}

// What would fail in every round is not tried in every round; what is refused for now is.
func TestOneTaskThatCannotBeComparedStopsNoOther(t *testing.T) {
	for name, row := range map[string]struct {
		arrange func(*job)
		done    bool
	}{
		"the task has gone":         {func(j *job) { j.must(j.hillava.DeleteTask(j.taskID)) }, true},
		"the notice has gone":       {func(j *job) { j.remove(101) }, true},
		"the notice is unreadable":  {func(j *job) { j.unreadable(101) }, true},
		"the notice lacks its list": {func(j *job) { j.row = func(n fields) { delete(n, "Toimenpiteet") } }, true},
		"the note is refused":       {func(j *job) { j.always("note", fault.Status422) }, true},
		"Tampuuri is away":          {func(j *job) { j.faults.Add(fault.Fault{Op: "read", Key: "101", Kind: fault.Status503, Times: -1}) }, false},
		"the note is refused now":   {func(j *job) { j.always("note", fault.Status503) }, false},
		"Hillava is away": {func(j *job) {
			j.faults.Add(fault.Fault{Op: "time-entries", Key: j.taskID, Kind: fault.ResetBefore, Times: -1})
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			j := invoicedJob(t)
			j.reword(j.taskID, j.entries[0], "toisin")
			other := runs.SentTask{ExternalID: j.ref(102).ExternalID, TaskID: "T-other"} // of which Temporal knows nothing: done with
			j.states["esimerkki"].Sent = append(j.states["esimerkki"].Sent, other)
			row.arrange(j)
			r := j.round()
			require.Contains(t, r.Compared, other)
			require.Equal(t, row.done, len(r.Compared) == 2)
		})
	}
}

// A refused note is listed all the same: a person must know, and the same refusal is no reason to try in every round.
func TestAChangeWhoseNoteIsRefusedIsListed(t *testing.T) {
	j := invoicedJob(t)
	j.reword(j.taskID, j.entries[0], "toisin")
	j.always("note", fault.Status422)
	require.Len(t, j.round().Changed, 1)
	j.mended()
	require.Len(t, j.round().Changed, 1)
	require.Len(t, j.notes(j.taskID), 1, "tried again with the next change of the task")
}

func TestAPeerThatIsAwayIsNotAskedForAllTasks(t *testing.T) {
	j := invoicedJob(t)
	for range 20 {
		j.states["esimerkki"].Sent = append(j.states["esimerkki"].Sent, j.states["esimerkki"].Sent[0])
	}
	j.always("read", fault.Status503)
	r := j.round()
	require.Empty(t, r.Compared)
	require.Equal(t, comparedInARow, j.countOf("GET ilmoitukset/101"))
}

// Tasks that fail in every round, as many as end a round, leave the next round to the others.
func TestTasksThatAlwaysFailKeepNoOtherFromItsTurn(t *testing.T) {
	j := invoicedJob(t)
	failing := j.states["esimerkki"].Sent[0]
	other := runs.SentTask{ExternalID: j.ref(102).ExternalID, TaskID: "T-other"} // of which Temporal knows nothing: done with
	j.states["esimerkki"].Sent = nil
	for i := range comparedInARow {
		j.states["esimerkki"].Sent = append(j.states["esimerkki"].Sent, runs.SentTask{ExternalID: failing.ExternalID, TaskID: fmt.Sprint("T-", i)})
	}
	j.states["esimerkki"].Sent = append(j.states["esimerkki"].Sent, other)
	j.always("read", fault.Status503)
	require.Empty(t, j.round().Compared)
	require.Equal(t, []runs.SentTask{other}, j.round().Compared)
}

func TestAnInterruptedComparisonIsMadeInTheNextRound(t *testing.T) {
	j := invoicedJob(t)
	j.reword(j.taskID, j.entries[0], "toisin")
	parent, cancel := context.WithCancel(context.Background())
	j.parent = parent
	j.faults.Add(fault.Fault{Op: "time-entries", Kind: fault.CallBefore, Call: cancel})
	require.Empty(t, j.round().Compared, "it was not made")
	j.parent = nil
	require.Len(t, j.round().Changed, 1)
}

func TestTheListOfChangedNoticesIsBoundedAndTheOldestGoFirst(t *testing.T) {
	j := invoicedJob(t)
	j.temporal.lives["old"] = &life{Life: runs.Life{Ref: j.ref(404), Phase: runs.PhaseInvoiced, Ended: completed}}
	for range maxChanged {
		j.states["esimerkki"].Changed = append(j.states["esimerkki"].Changed, runs.ChangedAfter{WorkflowID: "notice-old"})
	}
	j.reword(j.taskID, j.entries[0], "toisin")
	changed := j.round().Changed
	require.Len(t, changed, maxChanged)
	require.Equal(t, j.life(101).WorkflowID, changed[maxChanged-1].WorkflowID)
}

package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/sandbox/fault"
)

func TestAKnownNoticeIsSignalledOnlyWhenItDiffersFromWhatItsWorkflowKnows(t *testing.T) {
	rename := func(w *world) { w.edit(101, fields{"TyötehtävänOtsikko": "Hana rikki"}) }
	for name, row := range map[string]struct {
		phase runs.Phase
		edit  func(*world)
		told  bool
	}{
		"only Muokattu moved":              {runs.PhaseWorking, func(w *world) { w.edit(101, fields{}) }, false},
		"a toimenpide was added":           {runs.PhaseWorking, func(w *world) { w.addToimenpide(101, "a") }, false},
		"our own Tehty":                    {runs.PhaseDone, func(w *world) { w.state(101, notice.Tehty) }, false},
		"another open state":               {runs.PhaseWorking, func(w *world) { w.state(101, notice.Vastaanotettu) }, false},
		"somebody else's performer person": {runs.PhaseWorking, func(w *world) { w.edit(101, fields{"TyonsuorittajaHenkiloNimi": "Maija"}) }, false},
		"an edit":                          {runs.PhaseWorking, rename, true},
		"an edit after our Tehty":          {runs.PhaseDone, func(w *world) { w.state(101, notice.Tehty); rename(w) }, true},
		"turvakielto":                      {runs.PhaseWorking, func(w *world) { w.edit(101, fields{"Tilaaja": "Matti", "TilaajanTurvakielto": true}) }, true},
		"Tehty by hand":                    {runs.PhaseWorking, func(w *world) { w.state(101, notice.Tehty) }, true},
		"Valmis by hand":                   {runs.PhaseDone, func(w *world) { w.state(101, notice.Valmis) }, true},
		"cancelled":                        {runs.PhaseWorking, func(w *world) { w.state(101, notice.Peruttu) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put(101)
			w.poll()
			w.life(101).Phase = row.phase
			row.edit(w)
			counts := w.poll()
			require.Equal(t, 1, counts.Known)
			require.Equal(t, row.told, counts.Signalled == 1)
			require.Equal(t, row.told, len(w.life(101).told) == 1)
			w.poll()
			require.LessOrEqual(t, len(w.life(101).told), 1, "the same change told twice adds no event")
			if row.told {
				require.Equal(t, []string{"notice-changed"}, w.life(101).told)
				w.edit(101, fields{"Sisäänpääsy": "yleisavain"})
				w.poll()
				require.Len(t, w.life(101).told, 2, "another change is told")
			}
		})
	}
}

// While a step of its workflow may be setting the state, nobody can tell our write from a person's. The row is looked at again.
func TestARowThatMayShowOurOwnWriteIsLookedAtAgain(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	w.poll()
	w.life(101).Phase, w.life(101).Writing = runs.PhaseWorking, true
	w.state(101, notice.Tehty)
	require.Zero(t, w.poll().Signalled)
	w.life(101).Writing = false // and it was not ours
	require.Equal(t, 1, w.poll().Signalled)
}

func TestAnExternalIDThatIsAnotherNoticesIsListedAndNothingIsStarted(t *testing.T) {
	w := newWorld(t)
	const guid = "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11"
	listed := []runs.SkippedNotice{{NoticeID: 102, Reason: runs.SkippedSharedID}}
	w.put(101, fields{"Guid": guid})
	w.poll()
	w.put(102, fields{"Guid": guid})
	w.poll()
	require.Equal(t, []int64{101}, w.temporal.started())
	require.Equal(t, listed, w.marks().Skipped)
	first := w.temporal.lives[guid]
	require.Empty(t, first.told, "the other one's edits are not told to it")

	first.Running, first.Ended, first.Phase = false, completed, runs.PhaseWithdrawn
	w.edit(102, fields{})
	w.poll()
	require.Equal(t, listed, w.marks().Skipped, "and not when it has been closed either")
	require.EqualValues(t, 101, w.temporal.lives[guid].Ref.NoticeID)
}

func TestWhatStartsAgain(t *testing.T) {
	moved := func(w *world) { w.edit(101, fields{"TyötehtävänOtsikko": "Hana rikki"}) }
	is := func(state notice.State) func(*world) { return func(w *world) { w.state(101, state) } }
	for name, row := range map[string]struct {
		phase  runs.Phase
		how    enumspb.WorkflowExecutionStatus
		edit   func(*world) // after it was closed; nil: none
		starts bool
		listed string
	}{
		"withdrawn and given back":         {runs.PhaseWithdrawn, completed, moved, true, ""},
		"terminated":                       {runs.PhaseWorking, terminated, nil, true, ""},
		"terminated as invoiced":           {runs.PhaseInvoiced, terminated, nil, true, ""},
		"dismissed, and moved since":       {runs.PhaseDismissed, completed, moved, true, ""},
		"dismissed, and as it was":         {runs.PhaseDismissed, completed, nil, false, ""},
		"invoiced and reopened":            {runs.PhaseInvoiced, completed, moved, false, runs.SkippedReopened},
		"invoiced and Valmis":              {runs.PhaseInvoiced, completed, is(notice.Valmis), false, ""},
		"withdrawn and cancelled":          {runs.PhaseWithdrawn, completed, is(notice.Peruttu), false, ""},
		"terminated, and Tehty by now":     {runs.PhaseWorking, terminated, is(notice.Tehty), false, ""},
		"dismissed, moved, and given away": {runs.PhaseDismissed, completed, func(w *world) { w.give(101, 9) }, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put(101)
			w.poll()
			w.end(101, row.phase, row.how)
			if row.edit != nil {
				row.edit(w)
			}
			w.poll()
			require.Equal(t, row.starts, w.life(101).Running)
			if row.listed == "" {
				require.Empty(t, w.marks().Skipped)
				return
			}
			require.Equal(t, []runs.SkippedNotice{{NoticeID: 101, Reason: row.listed}}, w.marks().Skipped)
			w.poll()
			require.Len(t, w.marks().Skipped, 1, "once")
			w.state(101, notice.Valmis)
			w.poll()
			require.Empty(t, w.marks().Skipped, "closed again, it is in order")
		})
	}
}

// Our own last write is in what a dismissal leaves; whatever moves the notice later is somebody else's doing.
func TestADismissalIsNotUndoneByOurOwnWriteThatWasInFlight(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	w.poll()
	good(w, w.SetState, w.tehty(101))
	w.end(101, runs.PhaseDismissed, completed)
	w.life(101).Closed = w.modifiedOf(101).Add(-time.Second) // its clock, and the write was answered late
	w.life(101).Left = good(w, w.LookAtDismissed, w.ref(101)).Modified
	w.state(101, "Uusi") // somebody reopens it
	reopened := w.modifiedOf(101)
	w.life(101).Left = reopened.Format(time.RFC3339Nano)
	w.poll()
	require.False(t, w.life(101).Running, "it is as it was left")
	w.edit(101, fields{})
	w.poll()
	require.True(t, w.life(101).Running, "moved since")
}

func TestWhatADismissedNoticeLooksLikeIsItsMuokattu(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	left, err := time.Parse(time.RFC3339Nano, good(w, w.LookAtDismissed, w.ref(101)).Modified)
	require.NoError(t, err)
	require.True(t, left.Equal(w.modifiedOf(101)))
	w.remove(101)
	_, failure := run(w, w.LookAtDismissed, w.ref(101))
	requireReason(t, runs.ReasonGone, failure)
}

// Whole seconds of Tampuuri's against nanoseconds of Temporal's: an edit in the second of the dismissal is one after it.
func TestAnEditInTheSecondOfTheDismissalStartsTheNoticeAgain(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	w.poll()
	w.end(101, runs.PhaseDismissed, completed)
	w.at(w.clock.Truncate(time.Second))
	w.edit(101, fields{})
	w.life(101).Closed = w.modifiedOf(101).Add(400 * time.Millisecond)
	require.Equal(t, 1, w.poll().Started)
}

// Started again, it takes the events that its task has at that moment as dealt with, whatever any clock says.
func TestANoticeThatStartsAgainHasTheEventsOfItsTaskAsTaken(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	w.poll()
	taskID := w.addTask(101)
	w.ahead = time.Hour // Hillava's clock
	done, invoiced := w.press(taskID, "Työ valmis"), w.press(taskID, "Laskutettu")
	w.ahead = 0
	told := w.life(101).Snapshot
	w.end(101, runs.PhaseWithdrawn, completed)
	w.edit(101, fields{"TyötehtävänOtsikko": "Hana rikki"})

	require.Equal(t, 1, w.poll().Started)

	start := w.life(101).start
	require.True(t, start.Restart)
	require.Equal(t, []string{"tyo-valmis " + done.ID, "laskutettu " + invoiced.ID}, start.HandledEvents)
	require.Equal(t, told.Prints, start.Snapshot.Prints, "its task is to be told of what has changed since")
}

func TestANoticeWhoseTasksEventsCannotBeToldStartsLater(t *testing.T) {
	for name, kind := range map[string]fault.Kind{"an error": fault.Status500, "no connection": fault.Refuse, "refused credentials": fault.Status401} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put(101)
			w.poll()
			w.end(101, runs.PhaseWithdrawn, completed)
			w.edit(101, fields{})
			w.put(102)
			w.always("find-task", kind)
			counts := w.poll()
			require.Empty(t, counts.Failure, "Hillava's outage stops no poll")
			require.NotNil(t, w.life(102))
			require.False(t, w.life(101).Running)
			w.mended()
			w.pass(time.Hour)
			w.poll()
			require.True(t, w.life(101).Running)
		})
	}
}

// What a person erased from Temporal has left a mark: reported once, nothing of it is reported again.
func TestAnErasedNoticeThatIsOpenedAgain(t *testing.T) {
	for phase, starts := range map[runs.Phase]bool{runs.PhaseInvoiced: false, runs.PhaseWithdrawn: true} {
		w := newWorld(t)
		w.put(101)
		event := w.press(w.addTask(101), "Laskutettu")
		w.temporal.erased[w.ref(101).ExternalID] = phase
		w.poll()
		require.Equal(t, starts, w.life(101) != nil)
		if starts {
			require.Equal(t, []string{"laskutettu " + event.ID}, w.life(101).start.HandledEvents)
			continue
		}
		require.Equal(t, []runs.SkippedNotice{{NoticeID: 101, Reason: runs.SkippedReopened}}, w.marks().Skipped)
	}
}

// A notice that is new to Temporal is given nothing as taken: what its task shows has reached nobody.
func TestANewNoticeTakesNoEventForDealtWith(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	w.press(w.addTask(101), "Työ valmis")
	w.poll()
	require.False(t, w.life(101).start.Restart)
	require.Empty(t, w.life(101).start.HandledEvents)
}

// A customer made anew under another Tunniste: its notices without a Guid have ids by the old one. No notice gets a second task.
func TestTheNoticesOfAFormerTunnisteAreAdopted(t *testing.T) {
	const guid = "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11"
	for name, has := range map[string]fields{"without a Guid": {}, "with a Guid": {"Guid": guid}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put(101, has)
			externalID := notice.ExternalID("vanha", 101, stringOf(has["Guid"]))
			old := runs.NoticeRef{Customer: "vanha", NoticeID: 101, ExternalID: externalID}
			w.must(w.temporal.StartNotice(t.Context(), runs.NoticeStart{Ref: old, Snapshot: runs.Snapshot{Standing: runs.StandingOpen}}))
			w.entry().Formerly = []string{"vanha"}

			require.Equal(t, runs.PollCounts{Known: 1}, w.poll())

			require.Len(t, w.temporal.lives, 1, "no second one")
			require.Equal(t, []string{"notice-changed"}, w.temporal.lives[externalID].told, "told to look, it goes on under the new one")
		})
	}
}

func TestANoticeOfAFormerTunnisteThatEndedStartsAgainUnderItsOldID(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	old := w.endedAsFormerly(101, runs.PhaseWithdrawn)
	require.Equal(t, 1, w.poll().Started)
	require.Len(t, w.temporal.lives, 1)
	require.Equal(t, runs.NoticeRef{Customer: "esimerkki", NoticeID: 101, ExternalID: old.ExternalID}, w.temporal.lives[old.ExternalID].Ref)
}

// formerly may be taken out once its notices have gone on: those without a Guid keep the ids that they have.
func TestANoticeThatWentOnKeepsItsIDWithoutFormerly(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	old := runs.NoticeRef{Customer: "esimerkki", NoticeID: 101, ExternalID: refIn("vanha", 101).ExternalID}
	w.must(w.temporal.StartNotice(t.Context(), runs.NoticeStart{Ref: old, Snapshot: runs.Snapshot{Standing: runs.StandingOpen}}))
	require.Equal(t, runs.PollCounts{Known: 1}, w.poll())
	_, failure := run(w, w.ImportNotice, w.importing(101))
	require.ErrorContains(t, failure, "runs already")
	require.Len(t, w.temporal.lives, 1, "no second one, and no second task")

	ended := w.temporal.lives[old.ExternalID]
	ended.Running, ended.Ended, ended.Phase = false, completed, runs.PhaseDismissed
	w.temporal.lists = func([]*runs.Life) []*runs.Life { return []*runs.Life{{Ref: old, Running: true}} } // the index lags
	w.edit(101, fields{})
	require.Equal(t, 1, w.poll().Started)
}

func stringOf(value any) string {
	text, _ := value.(string)
	return text
}

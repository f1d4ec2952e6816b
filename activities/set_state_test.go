package activities

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/sandbox/fault"
)

// window is the in-flight window of testTiming: 10 s and half of that again.
const window = 15 * time.Second

func (w *world) tehty(id int64) runs.SetStateInput {
	return runs.SetStateInput{NoticeRef: w.ref(id), State: "Tehty"}
}

func TestTehtyIsSetTogetherWithTheNotification(t *testing.T) {
	for _, notify := range []bool{true, false} {
		w := newWorld(t)
		w.entry().Notify.Tehty = notify
		w.put(101)
		set := good(w, w.SetState, w.tehty(101))
		require.Equal(t, runs.StateSet{Silent: !notify, Standing: runs.StandingTehty}, set)
		require.Equal(t, notice.Tehty, w.stateOf(101))
		require.Equal(t, notify, len(w.notified(101)) == 1)
	}
}

func TestAnAcceptStateNotifiesNobody(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	good(w, w.SetState, runs.SetStateInput{NoticeRef: w.ref(101), State: "Vastaanotettu"})
	require.Equal(t, notice.Vastaanotettu, w.stateOf(101))
	require.Empty(t, w.notified(101))
}

func TestAStateThatIsThereIsNotSetAgain(t *testing.T) {
	for name, row := range map[string]struct {
		is       notice.State
		target   string
		standing runs.Standing
	}{
		"Tehty is there":                  {notice.Tehty, "Tehty", runs.StandingTehty},
		"Tehty does not follow Valmis":    {notice.Valmis, "Tehty", runs.StandingValmis},
		"accepted already":                {notice.Vastaanotettu, "Vastaanotettu", runs.StandingOpen},
		"acceptance does not undo Tehty":  {notice.Tehty, "Vastaanotettu", runs.StandingTehty},
		"acceptance does not undo Valmis": {notice.Valmis, "Vastaanotettu", runs.StandingValmis},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put(101, fields{"Tila": row.is})
			set := good(w, w.SetState, runs.SetStateInput{NoticeRef: w.ref(101), State: row.target})
			require.Equal(t, runs.StateSet{Already: true, Standing: row.standing}, set)
			require.Empty(t, w.wrote())
		})
	}
}

func TestANoticeThatIsNotOursIsNotWrittenTo(t *testing.T) {
	for reason, arrange := range map[string]func(*world){
		runs.ReasonCancelled:  func(w *world) { w.state(101, notice.Peruttu) },
		runs.ReasonReassigned: func(w *world) { w.give(101, 9) },
		runs.ReasonGone:       func(w *world) { w.remove(101) },
	} {
		t.Run(reason, func(t *testing.T) {
			w := newWorld(t)
			w.put(101)
			arrange(w)
			_, failure := run(w, w.SetState, w.tehty(101))
			requireReason(t, reason, failure)
			_, failure = run(w, w.ReportInvoiced, runs.InvoicedInput{NoticeRef: w.ref(101), TaskID: "T-1"})
			requireReason(t, reason, failure)
			require.Empty(t, w.wrote())
		})
	}
}

// Each way for the answer to get lost: the next attempt waits until the request can no longer be on its way, looks, and
// writes only what is missing.
func TestAfterAnUnknownOutcomeTheStateIsLookedAtFirst(t *testing.T) {
	for kind, sets := range map[fault.Kind]int{ // requests to set the state, in all
		fault.ApplyThenReset: 1, fault.ApplyThen500: 1, fault.ApplyThen503: 1, fault.ApplyThenHTML: 1, fault.ApplyThenGarbage: 1,
		fault.ApplyThenEmpty: 1, fault.ResetBefore: 2, fault.Refuse: 2, fault.HTML: 2, fault.Status500: 2, fault.Status503: 2,
	} {
		t.Run(string(kind), func(t *testing.T) {
			w := newWorld(t)
			w.put(101)
			w.once("tila", kind)
			_, failure := run(w, w.SetState, w.tehty(101))
			requireRetryable(t, runs.FaultOutcomeUnknown, failure)
			require.GreaterOrEqual(t, failure.NextRetryDelay(), window)

			set := good(w, w.SetState, w.tehty(101))
			require.Equal(t, sets == 1, set.Already)
			require.Len(t, w.wrote(), sets)
			require.Equal(t, []string{"Tehty"}, w.notified(101), "nobody is told twice")
		})
	}
}

// A worker that stops cancels the write that it has begun: it may have arrived all the same.
func TestAWriteThatAStoppingWorkerCancelsIsLookedAtAfterTheWindow(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	parent, cancel := context.WithCancel(context.Background())
	w.parent = parent
	w.faults.Add(fault.Fault{Op: "tila", Kind: fault.CallAfterReset, Call: cancel})
	_, failure := run(w, w.SetState, w.tehty(101))
	requireRetryable(t, runs.FaultOutcomeUnknown, failure)
	require.GreaterOrEqual(t, failure.NextRetryDelay(), window)
	w.parent = nil
	require.True(t, good(w, w.SetState, w.tehty(101)).Already)
	require.Equal(t, []string{"Tehty"}, w.notified(101))
}

// Should the worker be killed during a write, the next attempt begins at StartToClose. No write may then still be on its way.
func TestNoWriteBeginsInAnAttemptThatIsTooOld(t *testing.T) {
	for name, row := range map[string]struct {
		left   time.Duration
		writes bool
	}{
		"less than the window is left": {window - time.Second, false},
		"more than the window is left": {window + 5*time.Second, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put(101)
			taskID := w.addTask(101)
			w.work(taskID, "työ")
			plan := good(w, w.PlanToimenpiteet, runs.PlanInput{NoticeRef: w.ref(101), TaskID: taskID})
			parent, cancel := context.WithTimeout(context.Background(), row.left)
			defer cancel()
			w.parent = parent

			_, onSet := run(w, w.SetState, w.tehty(101))
			_, onReport := run(w, w.ReportInvoiced, runs.InvoicedInput{NoticeRef: w.ref(101), TaskID: taskID, Entries: plan.Entries})

			if row.writes {
				require.Nil(t, onSet)
				require.Nil(t, onReport)
				require.Equal(t, []string{"tila 101", "toimenpide 101", "tila 101"}, w.wrote())
				return
			}
			requireRetryable(t, runs.FaultNoTimeLeft, onSet)
			requireRetryable(t, runs.FaultNoTimeLeft, onReport)
			require.Empty(t, w.wrote())
		})
	}
}

func TestACustomerWithoutSettingsIsWaitedFor(t *testing.T) {
	for name, arrange := range map[string]func(*world){
		"no entry":       func(w *world) { w.settings.list = nil },
		"no credentials": func(w *world) { w.entry().Credentials.Salasana = config.Secret{} },
		"a credential that no header takes": func(w *world) {
			w.entry().Credentials.Salasana = config.NewSecret("two\nlines")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put(101)
			arrange(w)
			_, failure := run(w, w.SetState, w.tehty(101))
			requireRetryable(t, runs.FaultCustomerStopped, failure)
			require.Equal(t, time.Minute, failure.NextRetryDelay())
			require.NotContains(t, failure.Error(), "two")
			require.Empty(t, w.asked())
		})
	}
}

// Whatever stops imports stops new ones only.
func TestAStoppedCustomersOpenNoticesAreStillWrittenBack(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	w.entry().Faults = []string{"the consent is missing"}
	w.must(w.hillava.RemoveCustomer("C-1"))
	good(w, w.SetState, w.tehty(101))
	require.Equal(t, notice.Tehty, w.stateOf(101))
}

func TestWithoutPerformerIDsOpenNoticesAreStillOursToWriteBack(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	w.poll()
	w.entry().PerformerIDs, w.entry().Faults = nil, []string{"performer_ids is missing"}
	w.round()
	require.Empty(t, w.life(101).told, "nobody can tell that it has been given to another")
	require.Equal(t, runs.StandingTehty, good(w, w.SetState, w.tehty(101)).Standing)
	require.Equal(t, notice.Tehty, w.stateOf(101))
}

// A customer that was made anew under another Tunniste writes back what is open under the old one.
func TestANoticeOfAFormerTunnisteIsWrittenBackByTheEntryThatNamesIt(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	w.entry().Formerly = []string{"vanha"}
	ref := refIn("vanha", 101)
	good(w, w.SetState, runs.SetStateInput{NoticeRef: ref, State: "Tehty"})
	require.Equal(t, notice.Tehty, w.stateOf(101))
}

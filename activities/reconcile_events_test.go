package activities

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/gateway"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/sandbox/fault"
	hillavastandin "tampuuri-hillava/sandbox/hillava"
)

// recovery is rounds of ReconcileEvents over the tasks of running notices, each with what the one before it returned.
type recovery struct {
	*world
	last  runs.ReconcileResult
	tasks map[int64]string // by notice
}

func newRecovery(t testingT, notices ...int64) *recovery {
	r := &recovery{world: newWorld(t), tasks: map[int64]string{}}
	for _, id := range notices {
		r.add(id)
	}
	r.poll()
	r.forgetCalls()
	return r
}

func (r *recovery) add(id int64) {
	r.put(id)
	r.tasks[id] = r.addTask(id)
}

func (r *recovery) attempt() (runs.ReconcileResult, *temporal.ApplicationError) {
	return run(r.world, r.ReconcileEvents, runs.ReconcileInput{Last: r.last})
}

// reconcile does a round that must return.
func (r *recovery) reconcile() runs.ReconcileResult {
	r.t.Helper()
	r.last = good(r.world, r.ReconcileEvents, runs.ReconcileInput{Last: r.last})
	return r.last
}

// mark is up to where the last round got.
func (r *recovery) mark() time.Time {
	at, err := time.Parse(time.RFC3339Nano, r.last.Place.Mark)
	require.NoError(r.t, err)
	return at
}

// lost is an event on the task of a notice, an hour ago, whose webhook never came.
func (r *recovery) lost(id int64, transition string) hillavastandin.Event {
	r.t.Helper()
	event := r.press(r.tasks[id], transition)
	r.pass(time.Hour)
	return event
}

func signalled(signal string, event hillavastandin.Event) string {
	return signal + " " + event.ID + " " + event.OccurredAt.UTC().Format(time.RFC3339)
}

func TestAnEventWhoseWebhookNeverCameIsSentAsTheWebhookWould(t *testing.T) {
	r := newRecovery(t, 101, 102)
	done, invoiced := r.lost(101, "Työ valmis"), r.lost(101, "Laskutettu")
	result := r.reconcile()
	require.Equal(t, []string{signalled("tyo-valmis", done), signalled("laskutettu", invoiced)}, r.life(101).told)
	require.Equal(t, 2, result.Signalled)
	require.Equal(t, r.clock.UTC(), *result.LastGood)
	require.True(t, r.mark().Equal(r.task(r.tasks[101]).ModifiedAt))

	r.last = runs.ReconcileResult{}
	r.reconcile()
	require.Len(t, r.life(101).told, 2, "the request ids are the events' own, so a second time adds nothing")
}

func TestWhateverHappensNoTampuuriIsAsked(t *testing.T) {
	r := newRecovery(t, 101, 102, 103)
	r.lost(101, "Työ valmis")
	r.lost(102, "Laskutettu")
	r.end(102, runs.PhaseInvoiced, completed)
	r.end(103, runs.PhaseWithdrawn, completed)
	r.lost(102, "Laskutettu")
	r.lost(103, "Työ valmis")
	r.faults.Add(fault.Fault{System: "tampuuri", Kind: fault.ApplyThenHang, Times: -1})
	r.reconcile()
	r.once("changed-tasks", fault.Status500)
	_, _ = r.attempt()
	require.Empty(t, r.asked(), "one that is silent must not keep an event of anybody else")
	require.Zero(t, r.opened-1, "but for the poll before")
}

// A notice that people reopen long after Valmis is a new one to Temporal, while its task still has the events of before.
func TestEventsOlderThanTemporalsMemoryAreOfALifeBefore(t *testing.T) {
	r := newRecovery(t)
	r.add(101)
	r.press(r.tasks[101], "Laskutettu")
	r.pass(r.Activities.Retention + time.Hour)
	good(r.world, r.ImportNotice, r.importing(101))
	fresh := r.lost(101, "Työ valmis")
	require.Equal(t, 1, r.reconcile().Signalled)
	require.Equal(t, []string{signalled("tyo-valmis", fresh)}, r.life(101).told)
}

func TestOnlyMissingEventsAreSent(t *testing.T) {
	for name, row := range map[string]struct {
		arrange    func(*recovery)
		transition string
		sent       bool
	}{
		"done, while working":          {func(*recovery) {}, "Työ valmis", true},
		"done, when Tehty is reported": {func(r *recovery) { r.life(101).Phase = runs.PhaseDone }, "Työ valmis", false},
		"invoiced, after Tehty":        {func(r *recovery) { r.life(101).Phase = runs.PhaseDone }, "Laskutettu", true},
		"in attention":                 {func(r *recovery) { r.life(101).Phase = runs.PhaseAttention }, "Laskutettu", true},
		"the notice is withdrawn":      {func(r *recovery) { r.life(101).Phase = runs.PhaseWithdrawn }, "Laskutettu", true},
		"the notice is closed":         {func(r *recovery) { r.end(101, runs.PhaseInvoiced, completed) }, "Laskutettu", false},
		"a notice that we do not know": {func(r *recovery) { delete(r.temporal.lives, r.ref(101).ExternalID) }, "Työ valmis", false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRecovery(t, 101)
			row.arrange(r)
			r.lost(101, row.transition)
			foreign, err := r.hillava.AddTask(hillavastandin.Task{TaskTypeID: "TT-1", Title: "made in the office"})
			require.NoError(t, err)
			r.press(foreign, row.transition)
			r.pass(time.Hour)
			result := r.reconcile()
			require.Equal(t, row.sent, result.Signalled == 1)
			require.Equal(t, 2, result.Tasks)
			require.True(t, r.mark().Equal(r.task(foreign).ModifiedAt))
		})
	}
}

func TestAYoungEventWaitsAndHoldsTheMark(t *testing.T) {
	r := newRecovery(t, 101, 102)
	r.pass(time.Hour)
	r.reconcile()
	before := r.mark()
	young := r.press(r.tasks[101], "Työ valmis")
	r.must(r.hillava.EditTask(r.tasks[102], map[string]any{"title": "siirtyi"}))
	r.pass(webhookPatience - 2*time.Second)
	old := r.task(r.tasks[102])
	require.Empty(t, old.Events)
	result := r.reconcile()
	require.Zero(t, result.Signalled, "its webhook may be on its way")
	require.Equal(t, before, r.mark())
	require.Equal(t, 2, result.Tasks, "the others do not wait")

	r.pass(time.Hour)
	r.reconcile()
	require.Equal(t, []string{signalled("tyo-valmis", young)}, r.life(101).told)
	require.True(t, r.mark().Equal(old.ModifiedAt))
}

// A clock that is off: an event from the future is sent like any other, and hides no later one.
func TestATaskFromTheFutureHidesNoLaterEvent(t *testing.T) {
	for _, off := range []time.Duration{-10 * time.Minute, 10 * time.Minute, 24 * 365 * 70 * time.Hour} {
		t.Run(off.String(), func(t *testing.T) {
			r := newRecovery(t)
			r.ahead = off
			r.add(101)
			r.poll()
			r.press(r.tasks[101], "Työ valmis")
			require.Equal(t, 1, r.reconcile().Signalled, "its event is sent whatever its time says")
			require.False(t, r.mark().After(r.clock), "the mark stays in the present")
		})
	}
}

func TestAFailedReconciliationKeepsTheMark(t *testing.T) {
	for name, row := range map[string]struct {
		away func(*recovery)
		kind string
	}{
		"Hillava is away":      {func(r *recovery) { r.always("changed-tasks", fault.Status503) }, runs.FaultUnavailable},
		"its token is refused": {func(r *recovery) { r.token = "wrong" }, runs.FaultCredentialsRefused},
		"Temporal is away":     {func(r *recovery) { r.temporal.down = serviceerror.NewUnavailable("away") }, runs.FaultTemporal},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRecovery(t, 101)
			r.reconcile()
			good, place := r.last.LastGood, r.last.Place.Mark
			r.lost(101, "Työ valmis")
			row.away(r)
			_, failure := r.attempt()
			requireRetryable(t, row.kind, failure)

			r.number = hastyAttempts // the last one that follows at once
			result := r.reconcile()
			require.Equal(t, row.kind, result.Failure)
			require.Equal(t, good, result.LastGood)
			require.Equal(t, place, result.Place.Mark)

			r.mended()
			r.token, r.temporal.down, r.number = hillavasToken, nil, 0
			r.pass(time.Hour)
			require.Equal(t, 1, r.reconcile().Signalled)
			require.Empty(t, r.last.Failure)
		})
	}
}

func TestTheNextAttemptGoesOnWhereTheFailedOneGot(t *testing.T) {
	r := newRecovery(t)
	for id := int64(1); id <= 250; id++ {
		r.addTask(id)
	}
	r.faults.Add(fault.Fault{Op: "changed-tasks", After: 3, Kind: fault.Status500})
	_, failure := r.attempt()
	requireRetryable(t, runs.FaultUnavailable, failure)
	told, ok := r.heartbeats[len(r.heartbeats)-1].(runs.Place)
	require.True(t, ok)
	require.NotNil(t, told.Cursor)
	r.details = told
	result := r.reconcile()
	require.Less(t, result.Tasks, 60, "what was dealt with is not read again")
	require.Nil(t, result.Place.Cursor)
}

func TestARoundThatIsCutShortGoesOnInTheNext(t *testing.T) {
	r := newRecovery(t)
	for id := int64(1); id <= 250; id++ {
		r.addTask(id)
	}
	r.faults.Add(fault.Fault{Op: "changed-tasks", After: 2, Kind: fault.CallAfter, Call: func() { r.pass(time.Hour) }})
	cut := r.reconcile()
	require.True(t, cut.Left)
	require.Empty(t, cut.Failure)
	require.NotNil(t, cut.Place.Cursor)
	rest := r.reconcile()
	require.False(t, rest.Left)
	require.LessOrEqual(t, cut.Tasks+rest.Tasks, 252)
	require.GreaterOrEqual(t, cut.Tasks+rest.Tasks, 250)
}

// The limit follows from the interval. However short it is, a round must get somewhere.
func TestAShortLimitLeavesARoundHalfOfItsTime(t *testing.T) {
	r := newRecovery(t, 101)
	r.lost(101, "Työ valmis")
	r.limit = 3 * testTiming.HTTPTimeout
	result := r.reconcile()
	require.Equal(t, 1, result.Signalled)
	require.False(t, result.Left)
}

func TestATaskThatMovesAfterItsNoticeWasInvoicedIsHandedToItsCustomersWorkflow(t *testing.T) {
	for name, row := range map[string]struct {
		arrange func(*recovery)
		of      string // whose workflow is told; "" nobody's
	}{
		"moved since":               {func(*recovery) {}, "esimerkki"},
		"terminated, not completed": {func(r *recovery) { r.life(101).Ended = terminated }, ""},
		"withdrawn":                 {func(r *recovery) { r.life(101).Phase = runs.PhaseWithdrawn }, ""},
		"under a former Tunniste": {func(r *recovery) {
			r.serve("uusi", 4711)
			r.entryOf("uusi").Formerly = []string{"esimerkki"}
			r.settings.list = r.settings.list[1:]
			r.must(r.temporal.StartCustomer(context.Background(), runs.CustomerInput{Tunniste: "uusi"}))
		}, "uusi"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRecovery(t, 101)
			r.must(r.temporal.StartCustomer(t.Context(), runs.CustomerInput{Tunniste: "esimerkki"}))
			r.press(r.tasks[101], "Laskutettu")
			r.end(101, runs.PhaseInvoiced, completed)
			row.arrange(r)
			r.pass(time.Hour)
			r.work(r.tasks[101], "jälkikäteen")
			result := r.reconcile()
			require.Equal(t, row.of != "", result.Compare == 1)
			for tunniste, told := range r.temporal.customers {
				require.Equal(t, tunniste == row.of, len(told.sent) == 1, tunniste)
			}
			if row.of != "" {
				task := r.task(r.tasks[101])
				expected := runs.SentTask{ExternalID: r.ref(101).ExternalID, TaskID: task.ID, Modified: task.ModifiedAt.UTC().Format(time.RFC3339Nano)}
				require.Equal(t, []runs.SentTask{expected}, r.temporal.customers[row.of].sent)
				r.reconcile()
				require.Len(t, r.temporal.customers[row.of].sent, 1, "told once, though the window reads it again")
			}
		})
	}
}

func TestATaskThatNobodyTouchedAfterwardsIsNotHandedOver(t *testing.T) {
	r := newRecovery(t, 101)
	r.press(r.tasks[101], "Laskutettu")
	r.pass(gateway.ClockSlack + time.Second)
	r.end(101, runs.PhaseInvoiced, completed)
	require.Zero(t, r.reconcile().Compare)
}

func TestACustomerWithoutAWorkflowHoldsNoRound(t *testing.T) {
	r := newRecovery(t, 101, 102)
	r.press(r.tasks[101], "Laskutettu")
	r.end(101, runs.PhaseInvoiced, completed)
	r.work(r.tasks[101], "jälkikäteen")
	r.lost(102, "Työ valmis")
	require.Equal(t, 1, r.reconcile().Signalled)
}

// The same walker serves Hillava's list.
func TestAllChangedTasksAreMetWhileRowsMove(t *testing.T) {
	r := newRecovery(t)
	for id := int64(1); id <= 230; id++ {
		r.put(id)
		r.tasks[id] = r.addTask(id)
		r.press(r.tasks[id], "Työ valmis")
	}
	r.poll()
	r.pass(time.Hour)
	for moved := range 3 {
		r.faults.Add(fault.Fault{Op: "changed-tasks", Kind: fault.CallAfter, Call: func() {
			r.must(r.hillava.EditTask(r.tasks[int64(moved*70+1)], map[string]any{"title": fmt.Sprint("siirtyi ", moved)}))
		}})
	}
	r.reconcile()
	for id := int64(1); id <= 230; id++ {
		require.NotEmpty(t, r.life(id).told, "the event of notice %d was missed", id)
	}
}

func TestChangedTasksWithoutEndEndTheRound(t *testing.T) {
	r := newRecovery(t)
	r.faults.Add(fault.Fault{Op: "changed-tasks", Kind: fault.Answer, Times: -1,
		Body: `{"items":[{"id":"T-1","modifiedAt":"2026-01-01T00:00:00Z"},{"id":"T-2","modifiedAt":"2026-01-01T00:00:00Z"}],"total":1000000}`})
	result := r.reconcile()
	require.Equal(t, runs.ReasonUnreadable, result.Failure)
	require.LessOrEqual(t, r.count("GET tasks"), 2000)
}

package e2e

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

// customerRun is how a customer's workflow stands at the server.
func (w *world) customerRun(tunniste string) *workflowservice.DescribeWorkflowExecutionResponse {
	w.t.Helper()
	described, err := w.client.DescribeWorkflowExecution(w.context(), "customer-"+tunniste, "")
	require.NoError(w.t, err)
	return described
}

// countRuns counts what a visibility query finds.
func (w *world) countRuns(query string) int {
	w.t.Helper()
	counted, err := w.client.CountWorkflow(w.context(), &workflowservice.CountWorkflowExecutionsRequest{Query: query})
	require.NoError(w.t, err)
	return int(counted.GetCount())
}

// unhurried is an HTTP_TIMEOUT for tests that count calls: a busy machine makes no round so long that it sends a heartbeat,
// or is begun anew for want of one.
const unhurried = 4 * httpTimeout

// TestAnIdleRoundCostsOneActionAndNoEvent: a customer without news is polled for ever at one attempt a round.
func TestAnIdleRoundCostsOneActionAndNoEvent(t *testing.T) {
	const rounds = 20
	w := start(t, stack.Options{ReconcileEvery: time.Hour, SyncEvery: time.Hour, HTTPTimeout: unhurried})
	w.importOne()
	w.polled1("esimerkki")
	attempts := func() (int32, int64) {
		run := w.customerRun("esimerkki")
		require.Len(t, run.GetPendingActivities(), 1)
		return run.GetPendingActivities()[0].GetAttempt(), run.GetWorkflowExecutionInfo().GetHistoryLength()
	}
	var firstAttempt int32
	var events int64
	require.NoError(t, stack.WaitFor(w.context(), "the customer to have no news", func(context.Context) error {
		if firstAttempt, events = attempts(); firstAttempt < 3 {
			return errors.New("its last round had some")
		}
		return nil
	}))
	polls := func() int {
		listed := 0
		for _, request := range w.Tampuuri.AccessLog() {
			if request.Op == tampuuri.OpList && request.Customer == "esimerkki" {
				listed++
			}
		}
		return listed
	}
	called, polled := w.calledTemporal(), polls()
	status, err := w.customer(w.context(), "esimerkki")
	require.NoError(t, err)
	began := *status.LastRound.At
	var lastAttempt int32
	require.NoError(t, stack.WaitFor(w.context(), "idle rounds", func(context.Context) error {
		if lastAttempt, _ = attempts(); lastAttempt < firstAttempt+rounds {
			return fmt.Errorf("attempt %d", lastAttempt)
		}
		return nil
	}))
	lastAttempt, eventsNow := attempts()
	status, err = w.customer(w.context(), "esimerkki")
	require.NoError(t, err)
	require.Greater(t, status.LastRound.At.Sub(began), (rounds/2)*time.Second, "the query knows of rounds that the history does not")
	require.Equal(t, events, eventsNow, "an idle round adds no event")
	now := w.calledTemporal()
	require.Equal(t, called["RecordActivityTaskHeartbeat"], now["RecordActivityTaskHeartbeat"], "nor a heartbeat, which would be billed")
	require.InDelta(t, polls()-polled, lastAttempt-firstAttempt, 2, "one attempt a poll; one may be under way at either end")
	require.Zero(t, w.countRuns("WorkflowType = 'Customer' AND ExecutionStatus != 'Running'"), "no closed run")
	t.Logf("| idle rounds: %d attempts in %.0f s at one poll a second; history events 0 (of %d before), heartbeats 0, closed runs 0; billable actions of a poll 1, so 288 a customer and day at 5 minutes (before: 4, 1,152; closed runs 288)",
		lastAttempt-firstAttempt, status.LastRound.At.Sub(began).Seconds(), events)
}

// polled1 waits until one more poll of the customer is over.
func (w *world) polled1(tunniste string) {
	w.t.Helper()
	var first *time.Time
	require.NoError(w.t, stack.WaitFor(w.context(), "a poll of "+tunniste, func(ctx context.Context) error {
		status, err := w.customer(ctx, tunniste)
		if err != nil {
			return err
		}
		if status.LastRound == nil || status.LastRound.At == nil {
			return errors.New("none yet")
		}
		if first == nil {
			first = status.LastRound.At
		}
		if !status.LastRound.At.After(*first) {
			return errors.New("not yet")
		}
		return nil
	}))
}

// TestTheListOfTheWebUI has one row a customer and one a notice, besides the two schedules' own rounds.
func TestTheListOfTheWebUI(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	for range 3 {
		w.importOne()
	}
	w.polled("esimerkki")
	require.NoError(t, stack.WaitFor(w.context(), "the index", func(context.Context) error {
		customers, notices := w.countRuns("WorkflowType = 'Customer'"), w.countRuns("WorkflowType = 'Notice'")
		if customers != 2 || notices != 3 {
			return fmt.Errorf("%d customers, %d notices", customers, notices)
		}
		return nil
	}))
	require.Zero(t, w.countRuns("WorkflowType NOT IN ('Customer', 'Notice', 'SyncCustomers', 'Reconcile')"))
	require.Zero(t, w.countRuns("WorkflowType IN ('Customer', 'Notice') AND ExecutionStatus != 'Running'"))
}

func TestAPersonPausesPollsAndResumes(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{SyncEvery: time.Second})
	before := w.importOne()
	w.starter("customers", "pause", "esimerkki", "--by", "toimisto", "--reason", "muutto")
	status, err := w.customer(w.context(), "esimerkki")
	require.NoError(t, err)
	require.False(t, status.Polled)
	require.Equal(t, "toimisto", status.Paused.By)
	require.Equal(t, "muutto", status.Paused.Reason)
	require.Nil(t, status.NextPoll)
	waiting := w.someNotice("esimerkki", 4711)

	_, messages, code, err := w.Starter(w.context(), "customers", "poll", "esimerkki")
	require.NoError(t, err)
	require.Equal(t, 1, code)
	require.Contains(t, messages, "toimisto", "refused, with the reason")
	require.Error(t, w.update("esimerkki", "poll-now", nil), "from the Web UI as well")

	require.NoError(t, w.Worker.Restart(w.context()))
	w.starter("customers", "sync")
	before.finish(1, 2) // a pause never stops writing back
	w.polled("esimerkki")
	tasks, err := w.Tasks("esimerkki", waiting)
	require.NoError(t, err)
	require.Empty(t, tasks, "the pause holds over a restart and syncs")
	require.Contains(t, w.starter("customers", "list", "--json"), `"muutto"`)

	w.starter("customers", "resume", "esimerkki", "--by", "toimisto")
	_, err = w.WaitTask(w.context(), "esimerkki", waiting)
	require.NoError(t, err)
	status, err = w.customer(w.context(), "esimerkki")
	require.NoError(t, err)
	require.Nil(t, status.Paused)
	require.True(t, status.Polled)
}

func TestPollNowReturnsWhenItsRoundIsDone(t *testing.T) {
	t.Parallel()
	customers := stack.DefaultCustomers()
	customers[0].Entry = map[string]any{"poll": map[string]any{"every": "1h", "max_new": 2}}
	w := start(t, stack.Options{Customers: customers, HTTPTimeout: unhurried})
	w.polledOnce("esimerkki")
	for range 3 {
		w.someNotice("esimerkki", 4711)
	}
	var polled polledNow
	require.NoError(t, w.update("esimerkki", "poll-now", &polled))
	require.Equal(t, polledNow{Started: 2, Left: true}, polled, "max_new leaves the third for the next round")
	require.NoError(t, w.update("esimerkki", "poll-now", &polled))
	require.Equal(t, 1, polled.Started)
	require.False(t, polled.Left)
	out := w.starter("customers", "poll", "esimerkki", "--json")
	require.Contains(t, out, `"started": 0`)
	require.Contains(t, out, `"known": 3`)
}

// polledOnce waits until the customer has been polled at all.
func (w *world) polledOnce(tunniste string) {
	w.t.Helper()
	require.NoError(w.t, stack.WaitFor(w.context(), "the first poll of "+tunniste, func(ctx context.Context) error {
		status, err := w.customer(ctx, tunniste)
		if err == nil && status.LastGoodPoll == nil {
			err = errors.New("not yet")
		}
		return err
	}))
}

// TestCancelledAndTerminatedCustomers: a Cancel is a pause by "cancel", each time; a terminated one is started again by the
// next sync, from the start date.
func TestCancelledAndTerminatedCustomers(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{SyncEvery: time.Second})
	w.importOne()
	for range 2 {
		require.NoError(t, w.client.CancelWorkflow(w.context(), "customer-esimerkki", ""))
		require.NoError(t, stack.WaitFor(w.context(), "the cancel to count as a pause", func(ctx context.Context) error {
			status, err := w.customer(ctx, "esimerkki")
			if err != nil {
				return err
			}
			if status.Paused == nil || status.Paused.By != "cancel" {
				return fmt.Errorf("%+v", status)
			}
			return nil
		}))
		require.Equal(t, enums.WORKFLOW_EXECUTION_STATUS_RUNNING, w.customerRun("esimerkki").GetWorkflowExecutionInfo().GetStatus())
		w.resumePolling("esimerkki")
		w.importOne()
	}
	run := w.customerRun("esimerkki").GetWorkflowExecutionInfo().GetExecution().GetRunId()
	require.NoError(t, w.client.TerminateWorkflow(w.context(), "customer-esimerkki", "", "by a test"))
	require.NoError(t, stack.WaitFor(w.context(), "the next sync to start it", func(context.Context) error {
		info := w.customerRun("esimerkki").GetWorkflowExecutionInfo()
		if info.GetExecution().GetRunId() == run || info.GetStatus() != enums.WORKFLOW_EXECUTION_STATUS_RUNNING {
			return errors.New("not yet")
		}
		return nil
	}))
	w.importOne()
	require.Len(t, w.Hillava.Tasks(), 4, "nothing is imported twice")
}

// TestARecordThatHillavaForbids keeps nobody else's work: the customer list is answered, so the record is refused.
func TestARecordThatHillavaForbids(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	n := w.importOne()
	w.Faults.Add(fault.Fault{System: "hillava", Op: hillava.OpTimeEntries, Key: n.taskID, Times: -1, Kind: fault.Status403})
	n.press("Laskutettu")
	n.waitAttention("hillava-refused")
	other := w.importOne()
	other.finish(1, 2)
	w.Faults.Clear()
	n.starterAct("resend")
	n.waitPhase("Completed", "invoiced")
	n.requireEnd(0, 1)
}

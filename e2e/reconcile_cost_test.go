package e2e

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

// cost is what one round of the reconciliation asked for.
type cost struct {
	hae, changedTasks, other int            // requests to the peers
	temporal                 map[string]int // calls of the worker to Temporal
	activities, events       int            // of the round's own history
}

// TestWhatAReconciliationCosts measures one round over open notices of which nothing differs; docs/design.md has it per
// 1,000 of them.
func TestWhatAReconciliationCosts(t *testing.T) {
	w := start(t, stack.Options{ReconcileEvery: time.Hour, SyncEvery: time.Hour})
	first, second := 205, 10
	w.importMany("esimerkki", 4711, first)
	w.importMany("toinen", 120, second)
	for _, schedule := range []string{"poll-esimerkki", "poll-toinen", "sync-customers"} {
		w.pauseSchedule(schedule)
	}
	w.reconcileOnce()
	spent := w.reconcileOnce()
	t.Logf("one round over %d open notices, all of whose tasks have changed within 5 minutes: %+v", first+second, spent)
	require.Equal(t, 3+1, spent.hae, "a hundred notices a call, each customer by itself")
	require.Equal(t, 3, spent.changedTasks, "a hundred changed tasks a page")
	require.Zero(t, spent.other, "nothing differs, so nothing else is asked")
	require.Equal(t, 1, spent.temporal["ListWorkflowExecutions"], "a thousand open notices a page")
	require.Zero(t, spent.temporal["SignalWorkflowExecution"])
	require.Zero(t, spent.temporal["DescribeWorkflowExecution"], "the list says what is known of each")
	require.Equal(t, 2, spent.activities, "whatever the number of notices")
	require.LessOrEqual(t, spent.events, 20)
}

// importMany makes so many notices of a customer and waits until each has its task and its workflow knows it.
func (w *world) importMany(tunniste string, performer int64, count int) {
	w.t.Helper()
	for range count {
		w.someNotice(tunniste, performer)
	}
	require.NoError(w.t, stack.WaitFor(w.context(), fmt.Sprintf("%d notices of %s to be working", count, tunniste), func(ctx context.Context) error {
		working, err := w.client.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{
			Query: fmt.Sprintf("WorkflowType = 'Notice' AND NoticePhase = 'working' AND TampuuriCustomer = '%s'", tunniste),
		})
		if err != nil {
			return err
		}
		if working.GetCount() < int64(count) {
			return fmt.Errorf("%d are", working.GetCount())
		}
		return nil
	}))
}

// pauseSchedule pauses a schedule and waits until no round of it is under way.
func (w *world) pauseSchedule(id string) {
	w.t.Helper()
	handle := w.client.ScheduleClient().GetHandle(w.context(), id)
	require.NoError(w.t, handle.Pause(w.context(), client.SchedulePauseOptions{Note: "by a test"}))
	require.NoError(w.t, stack.WaitFor(w.context(), "the last round of "+id, func(ctx context.Context) error {
		description, err := handle.Describe(ctx)
		if err == nil && len(description.Info.RunningWorkflows) > 0 {
			err = errors.New("it runs")
		}
		return err
	}))
}

// reconcileOnce runs one round and returns what it asked for. Nothing else may be under way.
func (w *world) reconcileOnce() cost {
	w.t.Helper()
	count := func() cost {
		c := cost{temporal: w.calledTemporal()}
		for op, times := range w.Tampuuri.Requests() {
			if op == tampuuri.OpHae {
				c.hae = times
			} else {
				c.other += times
			}
		}
		for op, times := range w.Hillava.Requests() {
			if op == hillava.OpChangedTasks {
				c.changedTasks = times
			} else {
				c.other += times
			}
		}
		return c
	}
	before := count()
	handle := w.client.ScheduleClient().GetHandle(w.context(), "reconcile")
	described, err := handle.Describe(w.context())
	require.NoError(w.t, err)
	had := described.Info.NumActions
	require.NoError(w.t, handle.Trigger(w.context(), client.ScheduleTriggerOptions{Overlap: enums.SCHEDULE_OVERLAP_POLICY_BUFFER_ONE}))
	var round client.ScheduleWorkflowExecution
	require.NoError(w.t, stack.WaitFor(w.context(), "the round", func(ctx context.Context) error {
		description, err := handle.Describe(ctx)
		if err != nil {
			return err
		}
		recent := description.Info.RecentActions
		if description.Info.NumActions == had || len(description.Info.RunningWorkflows) > 0 || len(recent) == 0 {
			return errors.New("it is not over")
		}
		round = *recent[len(recent)-1].StartWorkflowResult
		return nil
	}))
	spent := count()
	spent.hae, spent.changedTasks, spent.other = spent.hae-before.hae, spent.changedTasks-before.changedTasks, spent.other-before.other
	for operation, times := range before.temporal {
		spent.temporal[operation] -= times
	}
	for _, event := range w.history(round.WorkflowID, round.FirstExecutionRunID).GetEvents() {
		spent.events++
		if event.GetEventType() == enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED {
			spent.activities++
		}
	}
	return spent
}

// calledTemporal counts the worker's calls to Temporal by operation, as its metrics say.
func (w *world) calledTemporal() map[string]int {
	w.t.Helper()
	values, err := scrape(w.context(), w.Worker.OpsURL+"/metrics")
	require.NoError(w.t, err)
	called := map[string]int{}
	for name, value := range values {
		if !strings.HasPrefix(name, "temporal_request_total{") {
			continue
		}
		_, operation, _ := strings.Cut(name, `operation="`)
		operation, _, _ = strings.Cut(operation, `"`)
		called[operation] += int(value)
	}
	require.NotEmpty(w.t, called, "the metrics have the calls to Temporal")
	return called
}

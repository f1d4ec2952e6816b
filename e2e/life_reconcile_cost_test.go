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

// cost is what something asked for.
type cost struct {
	hae                 map[string]int // requests to each customer's Tampuuri
	changedTasks, other int            // requests to the peers
	temporal            map[string]int // calls of the worker to Temporal
	activities, events  int            // of the history that it has left
}

// TestWhatComparisonsCost measures one reconciliation, and one comparison of each customer's open notices, of which nothing
// differs; docs/design.md has both per 1,000 open notices.
func TestWhatComparisonsCost(t *testing.T) {
	const every = 5 * time.Second
	w := start(t, stack.Options{ReconcileEvery: every, SyncEvery: time.Hour, HTTPTimeout: unhurried})
	first, second := 205, 10
	w.importMany("esimerkki", 4711, first)
	w.importMany("toinen", 120, second)
	w.pauseSchedule("sync-customers")
	w.pauseSchedule("reconcile")
	w.pausePolling("esimerkki")
	w.pausePolling("toinen")

	w.compared("esimerkki", "toinen")
	w.reconcileOnce()
	spent := w.reconcileOnce()
	t.Logf("one reconciliation over %d open notices, all of whose tasks have changed within 5 minutes: %+v", first+second, spent)
	require.Equal(t, 3, spent.changedTasks, "a hundred changed tasks a page")
	require.Zero(t, spent.other, "nothing differs, so nothing else is asked")
	require.Equal(t, 1, spent.activities, "whatever the number of notices")
	require.LessOrEqual(t, spent.events, 11)

	w.compared("esimerkki", "toinen")
	before, began := w.spent(), time.Now()
	w.compared("esimerkki", "toinen")
	spent = w.spent().since(before)
	const edges = 2                           // as counting begins and ends, one comparison of each customer may be under way
	turns := 1 + int(time.Since(began)/every) // a busy machine has the first customer's come once more
	metrics := turns                          // they list the customers, beside all that
	t.Logf("each customer's open notices compared: %+v", spent)
	comparisons := spent.hae["toinen"] // whose notices take one call
	require.GreaterOrEqual(t, comparisons, 1)
	require.Positive(t, spent.hae["esimerkki"], "three calls, of which some may have been made before")
	require.LessOrEqual(t, spent.hae["esimerkki"], 3*(turns+1), "a hundred notices a call, each customer by itself")
	comparisons += (spent.hae["esimerkki"] + 2) / 3
	require.Zero(t, spent.changedTasks)
	require.Zero(t, spent.other)
	require.LessOrEqual(t, spent.temporal["ListWorkflowExecutions"], comparisons+metrics+edges, "a thousand open notices a page")
	require.Zero(t, spent.temporal["SignalWorkflowExecution"])
	require.LessOrEqual(t, spent.temporal["DescribeWorkflowExecution"], 2*metrics, "the list says what is known of each; the metrics describe customers")
	require.LessOrEqual(t, spent.temporal["RecordActivityTaskHeartbeat"], turns, "each is billed, and only a machine that is busy makes a round long enough for one")
	require.Zero(t, spent.temporal["RespondActivityTaskCompleted"], "nothing new adds no event")
	require.InDelta(t, comparisons, spent.temporal["RespondActivityTaskFailed"], edges, "one attempt each")
}

// compared waits until each of these customers' open notices have been compared once more.
func (w *world) compared(tunnisteet ...string) {
	w.t.Helper()
	for _, tunniste := range tunnisteet {
		var last *time.Time
		require.NoError(w.t, stack.WaitFor(w.context(), "a comparison of "+tunniste, func(ctx context.Context) error {
			status, err := w.customer(ctx, tunniste)
			if err != nil {
				return err
			}
			if last == nil {
				last = status.LastCompared
			}
			if last == nil || status.LastCompared.Equal(*last) {
				return fmt.Errorf("the last one was at %v", last)
			}
			return nil
		}))
	}
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
	before := w.spent()
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
	spent := w.spent().since(before)
	for _, event := range w.history(round.WorkflowID, round.FirstExecutionRunID).GetEvents() {
		spent.events++
		if event.GetEventType() == enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED {
			spent.activities++
		}
	}
	return spent
}

// spent is what has been asked for until now.
func (w *world) spent() cost {
	w.t.Helper()
	c := cost{temporal: w.calledTemporal(), hae: map[string]int{}}
	for _, request := range w.Tampuuri.AccessLog() {
		if request.Op == tampuuri.OpHae {
			c.hae[request.Customer]++
		} else {
			c.other++
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

func (c cost) since(before cost) cost {
	c.changedTasks, c.other = c.changedTasks-before.changedTasks, c.other-before.other
	for operation, times := range before.temporal {
		c.temporal[operation] -= times
	}
	for tunniste, times := range before.hae {
		c.hae[tunniste] -= times
	}
	return c
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

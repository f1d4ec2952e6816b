package stack_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"tampuuri-hillava/sandbox/stack"
)

// manySteps takes one step after the other.
func manySteps(ctx workflow.Context, steps int) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	for range steps {
		if err := workflow.ExecuteActivity(ctx, "nothing").Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

// The server hands the sixtieth of many steps out as soon as the first: left at its defaults, with one shard, it would let
// each wait for the rest of 50 ms once some twenty have come. Only a ratio is looked at, as the machine may be busy.
func TestStepsThatFollowCloselyAreHandedOutAtOnce(t *testing.T) {
	server := startTemporal(t, stack.TemporalOptions{Headless: true})
	connected := connect(t, server)
	w := worker.New(connected, "pace", worker.Options{})
	w.RegisterWorkflow(manySteps)
	w.RegisterActivityWithOptions(func(context.Context) error { return nil }, activity.RegisterOptions{Name: "nothing"})
	require.NoError(t, w.Start())
	defer w.Stop()
	run, err := connected.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "pace", TaskQueue: "pace"}, manySteps, 80)
	require.NoError(t, err)
	require.NoError(t, run.Get(t.Context(), nil))

	var waits []time.Duration
	var scheduled time.Time
	history := connected.GetWorkflowHistory(t.Context(), "pace", "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for history.HasNext() {
		event, err := history.Next()
		require.NoError(t, err)
		switch event.GetEventType() {
		case enums.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED:
			scheduled = event.GetEventTime().AsTime()
		case enums.EVENT_TYPE_WORKFLOW_TASK_STARTED:
			waits = append(waits, event.GetEventTime().AsTime().Sub(scheduled))
		default:
		}
	}
	median := func(of []time.Duration) time.Duration { return slices.Sorted(slices.Values(of))[len(of)/2] }
	first, last := median(waits[1:16]), median(waits[50:])
	require.Less(t, last, 4*first, "the first steps waited %s, the last ones %s", first, last)
}

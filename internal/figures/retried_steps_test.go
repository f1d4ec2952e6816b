package figures

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"tampuuri-hillava/internal/runs"
)

func step(id string, attempt int32, scheduled time.Time) activity.Info {
	return activity.Info{
		ActivityID: id, Attempt: attempt, ScheduledTime: scheduled, Deadline: scheduled.Add(24 * time.Hour),
		ActivityType: activity.Type{Name: "SetState"}, WorkflowExecution: workflow.Execution{RunID: "r"},
	}
}

func TestTheOldestRetriedStepIsTheOneThatWasAskedForFirst(t *testing.T) {
	o := observer(t, &observedFake{})
	require.NotContains(t, o.page(), "oldest_retry_seconds{")
	o.steps.begin(step("1", 1, o.at.Add(-time.Hour)))
	require.NotContains(t, o.page(), "oldest_retry_seconds{", "its first attempt is no retry")
	o.steps.end(step("1", 1, o.at.Add(-time.Hour)), errors.New("away"))
	o.steps.begin(step("2", 3, o.at.Add(-2*time.Hour)))
	require.Contains(t, o.page(), `tampuuri_hillava_oldest_retry_seconds{activity="SetState"} 7200`)
	o.steps.end(step("2", 3, o.at), nil)
	require.Contains(t, o.page(), `tampuuri_hillava_oldest_retry_seconds{activity="SetState"} 3600`)
}

func TestAStepIsForgottenOnceItIsOverOrSomebodyElseHasIt(t *testing.T) {
	stays := temporal.NewApplicationErrorWithOptions("later", runs.FaultUnavailable, temporal.ApplicationErrorOptions{NextRetryDelay: time.Hour})
	for name, row := range map[string]struct {
		err   error
		after time.Duration
		kept  bool
	}{
		"it failed":                            {errors.New("away"), 0, true},
		"between two attempts":                 {errors.New("away"), longestRetryPause, true},
		"another worker did the next attempt":  {errors.New("away"), longestRetryPause + retrySlack + time.Second, false},
		"its pause is long":                    {stays, time.Hour, true},
		"its pause was long":                   {stays, time.Hour + retrySlack + time.Second, false},
		"it is done":                           {nil, 0, false},
		"it was refused for good":              {temporal.NewNonRetryableApplicationError("no", runs.ReasonGone, nil), 0, false},
		"it was cancelled":                     {temporal.NewCanceledError(), 0, false},
		"it was cut off by the worker's stop ": {context.Canceled, 0, true},
	} {
		o := observer(t, &observedFake{})
		o.steps.begin(step("1", 2, o.at))
		o.steps.end(step("1", 2, o.at), row.err)
		o.at = o.at.Add(row.after)
		require.Equal(t, row.kept, len(o.steps.oldest()) == 1, name)
	}
}

func TestTheWorkerTellsOfTheStepsOfNoticesOnly(t *testing.T) {
	for workflowType, told := range map[string]bool{runs.TypeNotice: true, runs.TypeCustomer: false, runs.TypeReconcile: false} {
		o := observer(t, &observedFake{})
		var suite testsuite.WorkflowTestSuite
		environment := suite.NewTestWorkflowEnvironment()
		environment.SetWorkerOptions(worker.Options{
			Interceptors: []interceptor.WorkerInterceptor{o.Interceptor()}, DeadlockDetectionTimeout: time.Minute, // a busy machine is no deadlock
		})
		seen := map[int32]int{}
		environment.RegisterActivityWithOptions(func(ctx context.Context) error {
			attempt := activity.GetInfo(ctx).Attempt
			if seen[attempt] = len(o.steps.oldest()); attempt < 3 {
				return errors.New("away")
			}
			return nil
		}, activity.RegisterOptions{Name: "SetState"})
		environment.RegisterWorkflowWithOptions(func(ctx workflow.Context) error {
			return workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Hour}), "SetState").Get(ctx, nil)
		}, workflow.RegisterOptions{Name: workflowType})
		environment.ExecuteWorkflow(workflowType)
		require.NoError(t, environment.GetWorkflowError())
		retried := 0
		if told {
			retried = 1
		}
		require.Equal(t, map[int32]int{1: 0, 2: retried, 3: retried}, seen, workflowType)
		require.Empty(t, o.steps.oldest(), "it is done")
	}
}

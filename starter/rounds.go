package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
)

// rounds is what the commands ask of the Schedules. errNoSchedule says that there is none with that id.
type rounds interface {
	// last fills into with the result of the newest completed action; found is false when none has completed.
	last(ctx context.Context, scheduleID string, into any) (found bool, err error)
	// pause tells whether the schedule is paused, and the note of who did.
	pause(ctx context.Context, scheduleID string) (paused bool, note string, err error)
	// trigger starts an action now, or after the one that runs, waits until it has completed and fills into.
	trigger(ctx context.Context, scheduleID string, into any) error
}

var errNoSchedule = errors.New("there is no such schedule")

// lookEvery is how often a triggered schedule is looked at.
const lookEvery = 300 * time.Millisecond

// temporalRounds is rounds over a real server.
type temporalRounds struct{ temporal client.Client }

func (r temporalRounds) describe(ctx context.Context, scheduleID string) (*client.ScheduleDescription, error) {
	description, err := r.temporal.ScheduleClient().GetHandle(ctx, scheduleID).Describe(ctx)
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return nil, errNoSchedule
	}
	if err != nil {
		return nil, fmt.Errorf("look at schedule %s: %w", scheduleID, err)
	}
	return description, nil
}

func (r temporalRounds) pause(ctx context.Context, scheduleID string) (bool, string, error) {
	description, err := r.describe(ctx, scheduleID)
	if err != nil {
		return false, "", err
	}
	return description.Schedule.State.Paused, description.Schedule.State.Note, nil
}

func (r temporalRounds) last(ctx context.Context, scheduleID string, into any) (bool, error) {
	description, err := r.describe(ctx, scheduleID)
	if err != nil {
		return false, err
	}
	recent := description.Info.RecentActions
	for i := len(recent) - 1; i >= 0; i-- {
		started := recent[i].StartWorkflowResult
		if started == nil {
			continue
		}
		run, err := r.temporal.DescribeWorkflowExecution(ctx, started.WorkflowID, started.FirstExecutionRunID)
		var forgotten *serviceerror.NotFound
		if errors.As(err, &forgotten) || err == nil && run.GetWorkflowExecutionInfo().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED {
			continue // still running, ended without a result, or past retention
		}
		if err != nil {
			return false, fmt.Errorf("look at the last round of %s: %w", scheduleID, err)
		}
		if err := r.temporal.GetWorkflow(ctx, started.WorkflowID, started.FirstExecutionRunID).Get(ctx, into); err != nil {
			return false, fmt.Errorf("read the last round of %s: %w", scheduleID, err)
		}
		return true, nil
	}
	return false, nil
}

func (r temporalRounds) trigger(ctx context.Context, scheduleID string, into any) error {
	before, err := r.describe(ctx, scheduleID)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, action := range before.Info.RecentActions {
		if action.StartWorkflowResult != nil {
			known[action.StartWorkflowResult.FirstExecutionRunID] = true
		}
	}
	handle := r.temporal.ScheduleClient().GetHandle(ctx, scheduleID)
	if err := handle.Trigger(ctx, client.ScheduleTriggerOptions{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_BUFFER_ONE}); err != nil {
		return fmt.Errorf("trigger schedule %s: %w", scheduleID, err)
	}
	started, err := r.awaitStart(ctx, scheduleID, known)
	if err != nil {
		return err
	}
	if err := r.temporal.GetWorkflow(ctx, started.WorkflowID, started.FirstExecutionRunID).Get(ctx, into); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("wait for %s: %w; is a worker running? starter doctor tells", started.WorkflowID, context.Cause(ctx))
		}
		return fmt.Errorf("%s did not complete: %w", started.WorkflowID, err)
	}
	return nil
}

// awaitStart waits for an action that was not there before the trigger. One that the schedule began by itself in that
// moment serves as well: it began after the command.
func (r temporalRounds) awaitStart(ctx context.Context, scheduleID string, known map[string]bool) (*client.ScheduleWorkflowExecution, error) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		description, err := r.describe(ctx, scheduleID)
		if err != nil && ctx.Err() == nil {
			return nil, err
		}
		if err == nil {
			for _, action := range description.Info.RecentActions {
				if started := action.StartWorkflowResult; started != nil && !known[started.FirstExecutionRunID] {
					return started, nil
				}
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for schedule %s to begin its round: %w; is a worker running? starter doctor tells", scheduleID, context.Cause(ctx))
		}
	}
}

package runs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
)

// Rounds are the intervals of the schedules.
type Rounds struct{ Sync, Reconcile time.Duration }

// schedule is one recurring workflow.
type schedule struct {
	id, workflow string
	every        time.Duration
}

// leastRunTimeout is above what a round with a short interval may take.
const leastRunTimeout = 5 * time.Minute

// minCatchup is the least catch-up window that Temporal takes.
const minCatchup = 10 * time.Second

func (s schedule) spec() client.ScheduleSpec {
	return client.ScheduleSpec{
		Intervals: []client.ScheduleIntervalSpec{{Every: s.every}},
		Jitter:    s.every / 10, // so that the two do not begin at once
	}
}

func (s schedule) action() *client.ScheduleWorkflowAction {
	return &client.ScheduleWorkflowAction{
		ID: s.id, Workflow: s.workflow, Args: []any{Round{Every: s.every}}, TaskQueue: TaskQueue,
		// A round that hangs in a way nothing else ends would make overlap SKIP skip for ever.
		WorkflowRunTimeout: max(2*s.every, leastRunTimeout),
	}
}

// EnsureSchedules makes or updates the schedules, and syncs the customers at once: whoever restarts a worker after an edit
// of customers.yaml expects it to count. A person's pause is kept: a sync that is paused is not triggered.
func (c *Client) EnsureSchedules(ctx context.Context, rounds Rounds) error {
	paused := map[string]bool{}
	for _, s := range []schedule{{ScheduleSyncCustomers, TypeSyncCustomers, rounds.Sync}, {ScheduleReconcile, TypeReconcile, rounds.Reconcile}} {
		var err error
		if paused[s.id], err = c.ensureSchedule(ctx, s); err != nil {
			return fmt.Errorf("make schedule %s: %w", s.id, err)
		}
	}
	if paused[ScheduleSyncCustomers] {
		return nil
	}
	return c.triggerSync(ctx)
}

// ensureSchedule makes a schedule, or brings it up to date when its interval has changed. Its state, and with it a
// person's pause, is left alone.
func (c *Client) ensureSchedule(ctx context.Context, s schedule) (paused bool, err error) {
	handle := c.temporal.ScheduleClient().GetHandle(ctx, s.id)
	description, err := handle.Describe(ctx)
	if isNotFound(err) {
		return false, c.createSchedule(ctx, s)
	}
	if err != nil {
		return false, err
	}
	paused = description.Schedule.State.Paused
	if upToDate(description, s) {
		return paused, nil
	}
	return paused, handle.Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			updated := in.Description.Schedule
			spec := s.spec()
			updated.Spec, updated.Action = &spec, s.action()
			updated.Policy = &client.SchedulePolicies{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: max(s.every, minCatchup)}
			return &client.ScheduleUpdate{Schedule: &updated}, nil
		},
	})
}

func (c *Client) createSchedule(ctx context.Context, s schedule) error {
	_, err := c.temporal.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID: s.id, Spec: s.spec(), Action: s.action(),
		Overlap:            enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		CatchupWindow:      max(s.every, minCatchup),
		TriggerImmediately: true,
	})
	if errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return nil // another worker has just made it
	}
	return err
}

// upToDate compares what an edit of the settings can change: the interval, and the input that repeats it.
func upToDate(description *client.ScheduleDescription, s schedule) bool {
	intervals := description.Schedule.Spec.Intervals
	action, ok := description.Schedule.Action.(*client.ScheduleWorkflowAction)
	if !ok || len(intervals) != 1 || intervals[0].Every != s.every || len(action.Args) != 1 {
		return false
	}
	input, err := converter.GetDefaultDataConverter().ToPayload(s.action().Args[0])
	payload, isPayload := action.Args[0].(*commonpb.Payload)
	return err == nil && isPayload && string(payload.GetData()) == string(input.GetData())
}

func (c *Client) triggerSync(ctx context.Context) error {
	handle := c.temporal.ScheduleClient().GetHandle(ctx, ScheduleSyncCustomers)
	err := handle.Trigger(ctx, client.ScheduleTriggerOptions{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_BUFFER_ONE})
	return wrap("trigger schedule", ScheduleSyncCustomers, err)
}

// SchedulePause tells whether a person has paused a schedule, and that person's note; ErrNone when there is none.
func (c *Client) SchedulePause(ctx context.Context, id string) (paused bool, note string, err error) {
	description, err := c.describeSchedule(ctx, id)
	if err != nil {
		return false, "", err
	}
	return description.Schedule.State.Paused, description.Schedule.State.Note, nil
}

func (c *Client) describeSchedule(ctx context.Context, id string) (*client.ScheduleDescription, error) {
	description, err := c.temporal.ScheduleClient().GetHandle(ctx, id).Describe(ctx)
	return description, wrap("look at schedule", id, err)
}

// LastSync is the result of the newest sync that has completed; found is false when there is none.
func (c *Client) LastSync(ctx context.Context) (last SyncResult, found bool, err error) {
	found, err = c.lastRound(ctx, ScheduleSyncCustomers, &last)
	return last, found, err
}

// LastReconcile is the result of the newest reconciliation that has completed; found is false when there is none.
func (c *Client) LastReconcile(ctx context.Context) (last ReconcileResult, found bool, err error) {
	found, err = c.lastRound(ctx, ScheduleReconcile, &last)
	return last, found, err
}

func (c *Client) lastRound(ctx context.Context, id string, into any) (found bool, err error) {
	description, err := c.describeSchedule(ctx, id)
	if errors.Is(err, ErrNone) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, recent := range slices.Backward(description.Info.RecentActions) {
		started := recent.StartWorkflowResult
		if started == nil {
			continue
		}
		run, err := c.temporal.DescribeWorkflowExecution(ctx, started.WorkflowID, started.FirstExecutionRunID)
		if isNotFound(err) || err == nil && run.GetWorkflowExecutionInfo().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED {
			continue // still running, ended without a result, or past retention
		}
		if err != nil {
			return false, fmt.Errorf("look at the last round of %s: %w", id, err)
		}
		if err := c.temporal.GetWorkflow(ctx, started.WorkflowID, started.FirstExecutionRunID).Get(ctx, into); err != nil {
			return false, fmt.Errorf("read the last round of %s: %w", id, err)
		}
		return true, nil
	}
	return false, nil
}

// lookEvery is how often a triggered schedule is looked at.
const lookEvery = 300 * time.Millisecond

// SyncNow runs a sync now, or after the one that runs, and gives its result; ErrNone when there is no schedule.
func (c *Client) SyncNow(ctx context.Context) (result SyncResult, err error) {
	before, err := c.describeSchedule(ctx, ScheduleSyncCustomers)
	if err != nil {
		return result, err
	}
	earlier := map[string]bool{}
	for _, action := range before.Info.RecentActions {
		if action.StartWorkflowResult != nil {
			earlier[action.StartWorkflowResult.FirstExecutionRunID] = true
		}
	}
	if err := c.triggerSync(ctx); err != nil {
		return result, err
	}
	started, err := c.awaitSync(ctx, earlier)
	if err != nil {
		return result, err
	}
	err = c.temporal.GetWorkflow(ctx, started.WorkflowID, started.FirstExecutionRunID).Get(ctx, &result)
	switch {
	case err == nil:
		return result, nil
	case ctx.Err() != nil:
		return result, fmt.Errorf("wait for %s: %w; is a worker running? starter doctor tells", started.WorkflowID, context.Cause(ctx))
	default:
		return result, fmt.Errorf("%s did not complete: %w", started.WorkflowID, err)
	}
}

// awaitSync waits for an action that was not there before the trigger. One that the schedule began by itself in that
// moment serves as well: it began after the command.
func (c *Client) awaitSync(ctx context.Context, earlier map[string]bool) (*client.ScheduleWorkflowExecution, error) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		description, err := c.describeSchedule(ctx, ScheduleSyncCustomers)
		if err != nil && ctx.Err() == nil {
			return nil, err
		}
		if err == nil {
			for _, action := range description.Info.RecentActions {
				if started := action.StartWorkflowResult; started != nil && !earlier[started.FirstExecutionRunID] {
					return started, nil
				}
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for schedule %s to begin its round: %w; is a worker running? starter doctor tells", ScheduleSyncCustomers, context.Cause(ctx))
		}
	}
}

package activities

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	commonpb "go.temporal.io/api/common/v1"

	"tampuuri-hillava/workflows"
)

// pausedByUs begins the note of a pause that SyncCustomers made, and may end. A pause with any other note is a
// person's, and is kept.
const pausedByUs = "Paused by SyncCustomers: "

// PausedByUs tells our own pauses from a person's.
func PausedByUs(note string) bool { return strings.HasPrefix(note, pausedByUs) }

// schedule is one recurring workflow.
type schedule struct {
	id       string
	workflow string
	input    any
	every    time.Duration
}

// leastRunTimeout is above what a round with a short interval may take; see workflows.roundLimit.
const leastRunTimeout = 5 * time.Minute

// minCatchup is the least catch-up window that Temporal takes.
const minCatchup = 10 * time.Second

func (s schedule) spec() client.ScheduleSpec {
	return client.ScheduleSpec{
		Intervals: []client.ScheduleIntervalSpec{{Every: s.every}},
		Jitter:    s.every / 10, // so that the customers' polls do not all begin at once
	}
}

func (s schedule) action() *client.ScheduleWorkflowAction {
	return &client.ScheduleWorkflowAction{
		ID: s.id, Workflow: s.workflow, Args: []any{s.input}, TaskQueue: workflows.TaskQueue,
		// A round that hangs in a way nothing else ends would make overlap SKIP skip for ever.
		WorkflowRunTimeout: max(2*s.every, leastRunTimeout),
	}
}

// EnsureRounds makes or updates the schedules that every deployment has, and syncs the customers at once: whoever
// restarts a worker after an edit of customers.yaml expects it to count.
func EnsureRounds(ctx context.Context, temporalClient client.Client, rounds Rounds) error {
	for _, s := range []schedule{
		{workflows.ScheduleSyncCustomers, workflows.TypeSyncCustomers, workflows.RoundInput{Every: rounds.Sync}, rounds.Sync},
		{workflows.ScheduleReconcile, workflows.TypeReconcile, workflows.RoundInput{Every: rounds.Reconcile}, rounds.Reconcile},
	} {
		if err := ensureSchedule(ctx, temporalClient, s); err != nil {
			return fmt.Errorf("make schedule %s: %w", s.id, err)
		}
	}
	handle := temporalClient.ScheduleClient().GetHandle(ctx, workflows.ScheduleSyncCustomers)
	return handle.Trigger(ctx, client.ScheduleTriggerOptions{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_BUFFER_ONE})
}

// ensureSchedule makes a schedule, or brings it up to date when its interval has changed. Its state, and with it a
// person's pause, is left alone; only a pause of ours ends.
func ensureSchedule(ctx context.Context, temporalClient client.Client, s schedule) error {
	handle := temporalClient.ScheduleClient().GetHandle(ctx, s.id)
	description, err := handle.Describe(ctx)
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return createSchedule(ctx, temporalClient, s)
	}
	if err != nil {
		return err
	}
	if !upToDate(description, s) {
		if err := updateSchedule(ctx, handle, s); err != nil {
			return err
		}
	}
	if state := description.Schedule.State; state.Paused && PausedByUs(state.Note) {
		return handle.Unpause(ctx, client.ScheduleUnpauseOptions{Note: "Polled again."})
	}
	return nil
}

func createSchedule(ctx context.Context, temporalClient client.Client, s schedule) error {
	_, err := temporalClient.ScheduleClient().Create(ctx, client.ScheduleOptions{
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

func updateSchedule(ctx context.Context, handle client.ScheduleHandle, s schedule) error {
	return handle.Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			updated := in.Description.Schedule
			spec := s.spec()
			updated.Spec, updated.Action = &spec, s.action()
			updated.Policy = &client.SchedulePolicies{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: max(s.every, minCatchup)}
			return &client.ScheduleUpdate{Schedule: &updated}, nil
		},
	})
}

// upToDate compares what an edit of the settings can change: the interval, and the input that repeats it.
func upToDate(description *client.ScheduleDescription, s schedule) bool {
	intervals := description.Schedule.Spec.Intervals
	action, ok := description.Schedule.Action.(*client.ScheduleWorkflowAction)
	if !ok || len(intervals) != 1 || intervals[0].Every != s.every || len(action.Args) != 1 {
		return false
	}
	wanted, err := converter.GetDefaultDataConverter().ToPayload(s.input)
	payload, isPayload := action.Args[0].(*commonpb.Payload)
	return err == nil && isPayload && string(payload.GetData()) == string(wanted.GetData())
}

// pauseSchedule pauses a schedule that exists and is not paused; a person's pause keeps its own note.
func pauseSchedule(ctx context.Context, temporalClient client.Client, id, why string) error {
	handle := temporalClient.ScheduleClient().GetHandle(ctx, id)
	description, err := handle.Describe(ctx)
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return nil
	}
	if err != nil {
		return err
	}
	if description.Schedule.State.Paused {
		return nil
	}
	return handle.Pause(ctx, client.SchedulePauseOptions{Note: pausedByUs + why})
}

package activities

import (
	"context"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
)

// schedulesFake is Temporal's schedules.
type schedulesFake struct {
	client.ScheduleClient
	all   map[string]*client.Schedule
	calls []string
	race  bool             // Describe does not see what Create then finds
	fails map[string]error // by schedule id
}

// unaskable is what Temporal's client answers for an id that gRPC cannot send, or what a test says.
func (f *schedulesFake) unaskable(id string) error {
	if strings.ContainsFunc(id, func(c rune) bool { return c < ' ' || c > '~' }) {
		return serviceerror.NewInternal("header key contains value with non-printable ASCII characters")
	}
	return f.fails[id]
}

func (f *schedulesFake) Create(_ context.Context, o client.ScheduleOptions) (client.ScheduleHandle, error) {
	f.calls = append(f.calls, "create "+o.ID)
	if _, ok := f.all[o.ID]; ok {
		return nil, temporal.ErrScheduleAlreadyRunning
	}
	f.all[o.ID] = described(client.Schedule{
		Action: o.Action, Spec: &o.Spec, State: &client.ScheduleState{},
		Policy: &client.SchedulePolicies{Overlap: o.Overlap, CatchupWindow: o.CatchupWindow},
	})
	return f.GetHandle(context.Background(), o.ID), nil
}

// described is a schedule as the server describes it: with its arguments as payloads.
func described(s client.Schedule) *client.Schedule {
	if action, ok := s.Action.(*client.ScheduleWorkflowAction); ok {
		encoded := *action
		encoded.Args = nil
		for _, argument := range action.Args {
			encoded.Args = append(encoded.Args, payloadOf(argument))
		}
		s.Action = &encoded
	}
	return &s
}

func (f *schedulesFake) GetHandle(_ context.Context, id string) client.ScheduleHandle {
	return scheduleHandleFake{fake: f, id: id}
}

// every is the interval of a schedule, 0 when there is none.
func (f *schedulesFake) every(id string) time.Duration {
	if schedule, ok := f.all[id]; ok {
		return schedule.Spec.Intervals[0].Every
	}
	return 0
}

type scheduleHandleFake struct {
	client.ScheduleHandle
	fake *schedulesFake
	id   string
}

func (h scheduleHandleFake) Describe(context.Context) (*client.ScheduleDescription, error) {
	if err := h.fake.unaskable(h.id); err != nil {
		return nil, err
	}
	schedule, ok := h.fake.all[h.id]
	if !ok || h.fake.race {
		return nil, serviceerror.NewNotFound("no such schedule")
	}
	copied := *schedule
	state := *schedule.State
	copied.State = &state
	return &client.ScheduleDescription{Schedule: copied}, nil
}

func (h scheduleHandleFake) Update(ctx context.Context, o client.ScheduleUpdateOptions) error {
	h.fake.calls = append(h.fake.calls, "update "+h.id)
	description, err := h.Describe(ctx)
	if err != nil {
		return err
	}
	update, err := o.DoUpdate(client.ScheduleUpdateInput{Description: *description})
	if err != nil {
		return err
	}
	h.fake.all[h.id] = described(*update.Schedule)
	return nil
}

func (h scheduleHandleFake) Pause(_ context.Context, o client.SchedulePauseOptions) error {
	h.fake.calls = append(h.fake.calls, "pause "+h.id)
	h.fake.all[h.id].State = &client.ScheduleState{Paused: true, Note: o.Note}
	return nil
}

func (h scheduleHandleFake) Unpause(_ context.Context, o client.ScheduleUnpauseOptions) error {
	h.fake.calls = append(h.fake.calls, "unpause "+h.id)
	h.fake.all[h.id].State = &client.ScheduleState{Note: o.Note}
	return nil
}

func (h scheduleHandleFake) Trigger(context.Context, client.ScheduleTriggerOptions) error {
	h.fake.calls = append(h.fake.calls, "trigger "+h.id)
	return nil
}

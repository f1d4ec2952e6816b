package workflows

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

var aNotice = runs.NoticeRef{Customer: "esimerkki", NoticeID: 48213, ExternalID: "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11"}

var aRun = noticeRun{NoticeInput: runs.NoticeInput{NoticeRef: aNotice}}

// world answers the activities of a test's notice. A nil function answers as if all went well.
type world struct {
	Activities                                         // what no notice asks for
	during      func(ctx context.Context, call string) // each activity; may be nil
	calls       []string
	create      func() (runs.CreatedTask, error)
	setState    func(runs.SetStateInput) (runs.StateSet, error)
	plan        func(runs.PlanInput) (runs.Plan, error)
	invoice     func(runs.InvoicedInput) (runs.InvoicedReport, error)
	follow      func(runs.FollowInput) (runs.Followed, error)
	nudge       func(runs.UninvoicedInput) (runs.Reminded, error)
	remind      func(runs.ReminderInput) (runs.ApprovalReminder, error)
	remindedFor time.Duration // how long the last reminder may be tried
	nudgedFor   time.Duration // the same
	parent      func(runs.ParentInput) error
	look        func(runs.NoticeRef) (runs.Left, error)
}

func (w *world) called(ctx context.Context, call string) {
	w.calls = append(w.calls, call)
	if w.during != nil {
		w.during(ctx, call)
	}
}

func (w *world) CreateTask(ctx context.Context, _ runs.CreateInput) (runs.CreatedTask, error) {
	w.called(ctx, "create")
	if w.create != nil {
		return w.create()
	}
	return runs.CreatedTask{TaskID: "T-1", Snapshot: runs.Snapshot{Standing: runs.StandingOpen}}, nil
}

func (w *world) SetState(ctx context.Context, in runs.SetStateInput) (runs.StateSet, error) {
	w.called(ctx, in.State)
	if w.setState != nil {
		return w.setState(in)
	}
	return runs.StateSet{Standing: runs.Standing(in.State)}, nil
}

func (w *world) PlanToimenpiteet(ctx context.Context, in runs.PlanInput) (runs.Plan, error) {
	w.called(ctx, "plan")
	if w.plan != nil {
		return w.plan(in)
	}
	return runs.Plan{Entries: []notice.Planned{{EntryID: "E-1", Fingerprints: []string{"aa"}}}}, nil
}

func (w *world) ReportInvoiced(ctx context.Context, in runs.InvoicedInput) (runs.InvoicedReport, error) {
	w.called(ctx, "invoice")
	if w.invoice != nil {
		return w.invoice(in)
	}
	return runs.InvoicedReport{Added: len(in.Entries), Present: len(in.Entries)}, nil
}

func (w *world) FollowNotice(ctx context.Context, in runs.FollowInput) (runs.Followed, error) {
	w.called(ctx, "follow")
	if w.follow != nil {
		return w.follow(in)
	}
	return runs.Followed{Snapshot: in.Snapshot}, nil
}

func (w *world) RemindUnapproved(ctx context.Context, in runs.ReminderInput) (runs.ApprovalReminder, error) {
	w.called(ctx, "remind")
	w.remindedFor = activity.GetInfo(ctx).ScheduleToCloseTimeout
	if w.remind != nil {
		return w.remind(in)
	}
	return runs.ApprovalReminder{Unapproved: 1}, nil
}

func (w *world) RemindUninvoiced(ctx context.Context, in runs.UninvoicedInput) (runs.Reminded, error) {
	w.called(ctx, "nudge")
	w.nudgedFor = activity.GetInfo(ctx).ScheduleToCloseTimeout
	if w.nudge != nil {
		return w.nudge(in)
	}
	return runs.Reminded{Noted: true, Every: in.Every}, nil
}

func (w *world) NoteOnParent(_ context.Context, in runs.ParentInput) (struct{}, error) {
	if w.parent != nil {
		return struct{}{}, w.parent(in)
	}
	return struct{}{}, nil
}

func (w *world) LookAtDismissed(ctx context.Context, in runs.NoticeRef) (runs.Left, error) {
	w.called(ctx, "look")
	if w.look != nil {
		return w.look(in)
	}
	return runs.Left{Modified: "2026-02-03T10:00:00+02:00"}, nil
}

// play is one notice's life in the SDK's test environment, which skips time.
type play struct {
	*testsuite.TestWorkflowEnvironment
	t      *testing.T
	memo   map[string]any // as the workflow has set it
	shown  map[string]any // the search attributes that it has set
	server *asServer
}

func newPlay(t *testing.T, w *world) *play {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	p := &play{env, t, map[string]any{}, map[string]any{}, newServer(t)}
	env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{p.server}, DeadlockDetectionTimeout: time.Minute})
	env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: runs.NoticeWorkflowID(aNotice.ExternalID)})
	Register(env, Options{Timing: runs.Timing{HTTPTimeout: time.Second}}, w)
	env.OnUpsertTypedSearchAttributes(mock.Anything).Run(func(args mock.Arguments) {
		for key, value := range args.Get(0).(temporal.SearchAttributes).GetUntypedValues() {
			p.shown[key.GetName()] = value
		}
	}).Return(nil).Maybe()
	env.OnUpsertMemo(mock.Anything).Run(func(args mock.Arguments) {
		maps.Copy(p.memo, args.Get(0).(map[string]any))
	}).Return(nil).Maybe()
	return p
}

// at sends a signal so long after the start.
func (p *play) at(after time.Duration, signal string, payload any) *play {
	p.RegisterDelayedCallback(func() { p.SignalWorkflow(signal, payload) }, after)
	return p
}

func (p *play) run() (runs.NoticeResult, runs.Status) {
	p.t.Helper()
	p.ExecuteWorkflow(runs.TypeNotice, aRun)
	require.True(p.t, p.IsWorkflowCompleted())
	require.NoError(p.t, p.GetWorkflowError(), "runs complete, they never fail")
	var result runs.NoticeResult
	require.NoError(p.t, p.GetWorkflowResult(&result))
	return result, p.status()
}

func (p *play) status() runs.Status {
	p.t.Helper()
	value, err := p.QueryWorkflow(runs.QueryStatus)
	require.NoError(p.t, err)
	var status runs.Status
	require.NoError(p.t, value.Get(&status))
	return status
}

func event(id string) runs.EventSignal {
	return runs.EventSignal{EventID: id, OccurredAt: "2026-02-03T08:00:00Z"}
}

func happenings(s runs.Status) []string {
	var all []string
	for _, entry := range s.History {
		all = append(all, string(entry.What))
	}
	return all
}

func refused(reason string) error {
	return temporal.NewNonRetryableApplicationError("refused", reason, nil)
}

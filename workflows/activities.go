package workflows

import (
	"context"
	"time"

	"tampuuri-hillava/internal/runs"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// activityRef is one activity as a workflow sees it: its registered name with its input and output types. Callers and
// the registration in register.go share the one value, so neither the name nor a type can drift between them. The name
// is written out, as history keeps it for ever and a Go method may be renamed.
type activityRef[In, Out any] struct {
	name  string
	calls int // how many requests to a peer an attempt may make, at most, before its time is up; 0: it is no step
}

// ofNotice is an input that names its notice. Its workflow's id has the external id, so no step's input repeats it in
// history; register puts it back.
type ofNotice interface{ SetExternalID(id string) }

func (a activityRef[In, Out]) execute(ctx workflow.Context, in In) (out Out, err error) {
	if named, ok := any(&in).(ofNotice); ok {
		named.SetExternalID("")
	}
	err = workflow.ExecuteActivity(ctx, a.name, in).Get(ctx, &out)
	return out, err
}

// step does one step of a notice's life; the summary is what the Web UI shows beside it.
func (a activityRef[In, Out]) step(ctx workflow.Context, w *Workflows, summary string, in In) (Out, error) {
	return a.execute(w.withStep(ctx, a.calls, summary), in)
}

// once does what somebody waits for.
func (a activityRef[In, Out]) once(ctx workflow.Context, w *Workflows, summary string, in In) (Out, error) {
	return a.execute(w.withTwoAttempts(ctx, a.calls, summary), in)
}

func (a activityRef[In, Out]) register(r worker.ActivityRegistry, implementation func(context.Context, In) (Out, error)) {
	r.RegisterActivityWithOptions(func(ctx context.Context, in In) (Out, error) {
		if named, ok := any(&in).(ofNotice); ok {
			named.SetExternalID(runs.ExternalIDOf(activity.GetInfo(ctx).WorkflowExecution.ID))
		}
		ctx, cancel := byOwnClock(ctx, activity.GetInfo(ctx).StartToCloseTimeout)
		defer cancel()
		return implementation(ctx, in)
	}, activity.RegisterOptions{Name: a.name})
}

// byOwnClock has an attempt end after what it may take, though the worker's clock is behind the server's. The SDK's deadline
// is by the server's clock, and read by ours it would let a write begin when it is too late for one.
func byOwnClock(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, limit)
}

var (
	createTask       = activityRef[runs.CreateInput, runs.CreatedTask]{"CreateTask", 8}                     // look-up, notice, kohde, task types, process, create, the task behind a 409, a neutral call
	setState         = activityRef[runs.SetStateInput, runs.StateSet]{runs.ActivitySetState, 2}             // look, set
	planToimenpiteet = activityRef[runs.PlanInput, runs.Plan]{"PlanToimenpiteet", 2}                        // time entries
	reportInvoiced   = activityRef[runs.InvoicedInput, runs.InvoicedReport]{runs.ActivityReportInvoiced, 8} // look, time entries, some toimenpiteet, Valmis; more toimenpiteet take more attempts
	followNotice     = activityRef[runs.FollowInput, runs.Followed]{"FollowNotice", 8}                      // notice, task, process, time entries, notes
	remindUnapproved = activityRef[runs.ReminderInput, runs.ApprovalReminder]{"RemindUnapproved", 2}        // time entries, note
	remindUninvoiced = activityRef[runs.UninvoicedInput, runs.Reminded]{"RemindUninvoiced", 2}              // task, note
	noteOnParent     = activityRef[runs.ParentInput, struct{}]{"NoteOnParent", 3}                           // parent, its task, note
	lookAtDismissed  = activityRef[runs.NoticeRef, runs.Left]{runs.ActivityLookAtDismissed, 1}
	customerRound    = activityRef[runs.CustomerRoundInput, runs.CustomerRound]{runs.ActivityCustomerRound, 0}
	importNotice     = activityRef[runs.ImportInput, runs.Imported]{"ImportNotice", 3} // notice, its task's events; Temporal
	syncCustomers    = activityRef[runs.SyncInput, runs.SyncResult]{"SyncCustomers", 0}
	reconcileEvents  = activityRef[runs.ReconcileInput, runs.ReconcileResult]{"ReconcileEvents", 0}
	notifyRound      = activityRef[runs.NotifyInput, runs.NotifyRound]{runs.ActivityNotifyRound, 6} // Temporal's lists; then one message to each channel, all at once
)

// Activities is everything that the workflows ask of the outside world. Inputs and outputs hold ids, counts, closed
// sets of words and keyed hashes; what they stand for is read, mapped and written inside one attempt.
type Activities interface {
	// CreateTask makes the Hillava task of a notice, or finds the one that is there already.
	CreateTask(context.Context, runs.CreateInput) (runs.CreatedTask, error)
	// SetState sets the notice's state in Tampuuri unless it is there already or further.
	SetState(context.Context, runs.SetStateInput) (runs.StateSet, error)
	// PlanToimenpiteet decides which time entries become toimenpiteet, before any of them is sent.
	PlanToimenpiteet(context.Context, runs.PlanInput) (runs.Plan, error)
	// ReportInvoiced adds the planned toimenpiteet that Tampuuri lacks, then sets Valmis.
	ReportInvoiced(context.Context, runs.InvoicedInput) (runs.InvoicedReport, error)
	// FollowNotice compares the notice with what is known of it and notes the difference on the task.
	FollowNotice(context.Context, runs.FollowInput) (runs.Followed, error)
	// RemindUnapproved notes on the task that Laskutettu waits for time entries to be approved, unless they all are.
	RemindUnapproved(context.Context, runs.ReminderInput) (runs.ApprovalReminder, error)
	// RemindUninvoiced notes on the task that Laskutettu is missing, and says when to look again.
	RemindUninvoiced(context.Context, runs.UninvoicedInput) (runs.Reminded, error)
	// NoteOnParent notes on the task of the notice from which this one was chained that there is a new one.
	NoteOnParent(context.Context, runs.ParentInput) (struct{}, error)
	// LookAtDismissed reads how a dismissed notice is left.
	LookAtDismissed(context.Context, runs.NoticeRef) (runs.Left, error)
	// CustomerRound does what is due in one customer's Tampuuri: poll, compare open notices, compare sent time entries. With
	// news it returns; without, it fails with FaultNothingNew and the time of the next round.
	CustomerRound(context.Context, runs.CustomerRoundInput) (runs.CustomerRound, error)
	// ImportNotice starts one notice by a person's wish.
	ImportNotice(context.Context, runs.ImportInput) (runs.Imported, error)
	// SyncCustomers starts a workflow for each customer of Hillava's list and customers.yaml, and tells it what it found.
	SyncCustomers(context.Context, runs.SyncInput) (runs.SyncResult, error)
	// ReconcileEvents signals the events of changed Hillava tasks whose webhook has not arrived.
	ReconcileEvents(context.Context, runs.ReconcileInput) (runs.ReconcileResult, error)
	// NotifyRound looks what is wrong and tells people. With news it returns; without, it fails with FaultNothingNew and the
	// time of the next round.
	NotifyRound(context.Context, runs.NotifyInput) (runs.NotifyRound, error)
}

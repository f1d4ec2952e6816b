package workflows

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"tampuuri-hillava/internal/notice"
)

// activityRef is one activity as a workflow sees it: its registered name with its input and output types. Callers and
// the registration in register.go share the one value, so neither the name nor a type can drift between them. The name
// is written out, as history keeps it for ever and a Go method may be renamed.
type activityRef[In, Out any] struct{ name string }

func (a activityRef[In, Out]) execute(ctx workflow.Context, in In) (Out, error) {
	return a.start(ctx, in)()
}

// start begins the activity and returns what waits for its outcome.
func (a activityRef[In, Out]) start(ctx workflow.Context, in In) func() (Out, error) {
	future := workflow.ExecuteActivity(ctx, a.name, in)
	return func() (out Out, err error) {
		err = future.Get(ctx, &out)
		return out, err
	}
}

func (a activityRef[In, Out]) register(r worker.ActivityRegistry, implementation func(context.Context, In) (Out, error)) {
	r.RegisterActivityWithOptions(implementation, activity.RegisterOptions{Name: a.name})
}

var (
	createTask        = activityRef[NoticeRef, CreatedTask]{"CreateTask"}
	setState          = activityRef[SetStateInput, StateSet]{"SetState"}
	planToimenpiteet  = activityRef[PlanInput, Plan]{"PlanToimenpiteet"}
	reportInvoiced    = activityRef[InvoicedInput, InvoicedReport]{"ReportInvoiced"}
	followNotice      = activityRef[FollowInput, Followed]{"FollowNotice"}
	remindUnapproved  = activityRef[ReminderInput, struct{}]{"RemindUnapproved"}
	pollNotices       = activityRef[PollInput, PollResult]{"PollNotices"}
	syncCustomers     = activityRef[SyncInput, SyncResult]{"SyncCustomers"}
	reconcileHillava  = activityRef[ReconcileInput, HillavaDifferences]{"ReconcileHillava"}
	reconcileTampuuri = activityRef[ReconcileInput, TampuuriDifferences]{"ReconcileTampuuri"}
)

// Activities is everything that the workflows ask of the outside world. Inputs and outputs hold ids, counts, closed
// sets of words and keyed hashes; what they stand for is read, mapped and written inside one attempt.
type Activities interface {
	// CreateTask makes the Hillava task of a notice, or finds the one that is there already.
	CreateTask(context.Context, NoticeRef) (CreatedTask, error)
	// SetState sets the notice's state in Tampuuri unless it is there already or further.
	SetState(context.Context, SetStateInput) (StateSet, error)
	// PlanToimenpiteet decides which time entries become toimenpiteet, before any of them is sent.
	PlanToimenpiteet(context.Context, PlanInput) (Plan, error)
	// ReportInvoiced adds the planned toimenpiteet that Tampuuri lacks, then sets Valmis.
	ReportInvoiced(context.Context, InvoicedInput) (InvoicedReport, error)
	// FollowNotice compares the notice with what is known of it and notes the difference on the task.
	FollowNotice(context.Context, FollowInput) (Followed, error)
	// RemindUnapproved notes on the task that Laskutettu waits for time entries to be approved.
	RemindUnapproved(context.Context, ReminderInput) (struct{}, error)
	// PollNotices starts a workflow for each new notice of one customer and tells running ones of changes.
	PollNotices(context.Context, PollInput) (PollResult, error)
	// SyncCustomers makes, updates and pauses the poll schedules after Hillava's customers and customers.yaml.
	SyncCustomers(context.Context, SyncInput) (SyncResult, error)
	// ReconcileHillava signals the events of changed tasks whose webhook has not arrived.
	ReconcileHillava(context.Context, ReconcileInput) (HillavaDifferences, error)
	// ReconcileTampuuri signals open notices whose counterpart in Tampuuri is not as we know it.
	ReconcileTampuuri(context.Context, ReconcileInput) (TampuuriDifferences, error)
}

// NoticeRef names one notice. It is all that an activity needs to find it in both systems.
type NoticeRef struct {
	Customer   string `json:"customer"`   // the customer's Tunniste
	NoticeID   int64  `json:"noticeId"`   // Tampuuri's Id, unique within one customer
	ExternalID string `json:"externalId"` // ulkoinen tunniste, unique among all
}

// Standing is how a notice stands in Tampuuri towards us, as far as it matters here. Anything but StandingOpen that
// we have not caused ourselves was done by a person there.
type Standing string

// The standings.
const (
	StandingOpen       Standing = "open"       // ours, in any open state
	StandingTehty      Standing = "Tehty"      // ours
	StandingValmis     Standing = "Valmis"     // ours
	StandingCancelled  Standing = "Peruttu"    // whoever the performer is
	StandingReassigned Standing = "reassigned" // the performer is another company, or none
	StandingGone       Standing = "gone"       // Tampuuri has no such notice any more
)

// Known is what we know of a notice in Tampuuri. The poll and the reconciliation read it from the workflow's memo and
// signal notice-changed only when Tampuuri differs from it.
type Known struct {
	Standing Standing          `json:"standing"`
	Prints   map[string]string `json:"prints"` // field name → keyed hash; see notice.Keyer
}

// MemoKnown is the memo key of Known; MemoRef that of the NoticeRef, which tells two notices with one external id apart;
// MemoEventsAfter that of NoticeInput.EventsAfter; MemoPhase is the phase in which an erased notice had ended.
const (
	MemoKnown       = "known"
	MemoRef         = "notice"
	MemoEventsAfter = "eventsAfter"
	MemoPhase       = "phase"
)

// CreatedTask is the outcome of CreateTask. TaskID is empty when the notice was no longer ours and open.
type CreatedTask struct {
	TaskID      string `json:"taskId"`
	Found       bool   `json:"found,omitempty"`       // it was there already
	AcceptState string `json:"acceptState,omitempty"` // to set in Tampuuri now that the task is there
	Known       Known  `json:"known"`                 // as the task was made from
	// Events of a task that was found: those of a time without a workflow for this notice have reached nobody else.
	Events []FoundEvent `json:"events,omitempty"`
}

// FoundEvent is an event of a found task, as the signal that it would have been.
type FoundEvent struct {
	Signal string `json:"signal"`
	EventSignal
}

// SetStateInput asks for one state, with or without Ilmoita osallisille as the customer's settings say.
type SetStateInput struct {
	NoticeRef
	State string `json:"state"`
}

// StateSet is the outcome of SetState.
type StateSet struct {
	Already  bool     `json:"already,omitempty"` // nothing was written
	Silent   bool     `json:"silent,omitempty"`  // customers.yaml has nobody notified
	Standing Standing `json:"standing"`          // as it stands now
}

// PlanInput carries the earlier plan, if there was one: a text that may have been sent is never forgotten.
type PlanInput struct {
	NoticeRef
	TaskID   string           `json:"taskId"`
	Previous []notice.Planned `json:"previous,omitempty"`
}

// Plan lists the time entries to send.
type Plan struct {
	Entries      []notice.Planned `json:"entries"`
	Unapproved   int              `json:"unapproved,omitempty"`   // > 0: the customer wants approved entries only, so wait
	RecheckAfter time.Duration    `json:"recheckAfter,omitempty"` // how long to wait before planning again
}

// InvoicedInput is the plan to carry out.
type InvoicedInput struct {
	NoticeRef
	TaskID  string           `json:"taskId"`
	Entries []notice.Planned `json:"entries"`
}

// InvoicedReport is the outcome of ReportInvoiced.
type InvoicedReport struct {
	Added   int  `json:"added"`             // toimenpiteet that this attempt added
	Present int  `json:"present"`           // planned toimenpiteet that are in Tampuuri now
	Replan  bool `json:"replan,omitempty"`  // an entry changed before it was sent: plan again, then report again
	Already bool `json:"already,omitempty"` // Valmis was there, with every planned toimenpide
	Silent  bool `json:"silent,omitempty"`  // customers.yaml has nobody notified
}

// FollowInput is what is known of the notice and of our own doings.
type FollowInput struct {
	NoticeRef
	TaskID   string           `json:"taskId"`
	Known    Known            `json:"known"`
	Reported Reported         `json:"reported"`
	Entries  []notice.Planned `json:"entries,omitempty"`
	Round    int              `json:"round"` // counts the follow-ups of this notice: part of a note's idempotency key
}

// Followed is the outcome of FollowNotice.
type Followed struct {
	Known     Known    `json:"known"`
	Changed   []string `json:"changed,omitempty"`   // names of mapped fields that differ
	Protected bool     `json:"protected,omitempty"` // turvakielto has been set since the task was made
	WorkBegun bool     `json:"workBegun,omitempty"` // the task has left its first state, or has time entries
	Unsent    int      `json:"unsent,omitempty"`    // time entries that Tampuuri has no toimenpide for
	// NoteRefused says that Hillava refused a note about the change for good.
	NoteRefused bool `json:"noteRefused,omitempty"`
}

// ReminderInput says how many time entries are still unapproved.
type ReminderInput struct {
	NoticeRef
	TaskID     string `json:"taskId"`
	Unapproved int    `json:"unapproved"`
	Round      int    `json:"round"`
}

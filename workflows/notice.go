package workflows

import (
	"errors"
	"fmt"
	"time"

	"tampuuri-hillava/internal/runs"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// noticeRun is the input of one run of Notice.
type noticeRun struct {
	runs.NoticeInput
	Carried *noticeState `json:"carried,omitempty"` // from the run before, on continue-as-new
}

// How long a notice that is no longer ours is kept, in case it is given back; and when the office is reminded of time
// entries that wait for approval.
const (
	withdrawnFor = 30 * 24 * time.Hour
	remindAfter  = 7 * 24 * time.Hour
	// lastLook is how long a run that is over is kept open for a change that it was told of before.
	lastLook = time.Hour
)

// What closed a notice, besides whoever dismissed it.
const (
	closedByHillava    = "hillava"   // Laskutettu was reported
	closedByTampuuri   = "tampuuri"  // Valmis was set there by hand
	closedAsWithdrawn  = "withdrawn" // not given back in time
	closedByDismissing = "dismissed" // by somebody who did not say who
)

// noticeLife is one run of Notice: the state, and what is needed to act on it.
type noticeLife struct {
	*Workflows
	runs.NoticeRef
	*noticeState
	continued   bool        // from an earlier run
	cancelled   func() bool // whether a Cancel has been asked for
	abandonStep func()      // cancels the step under way
	doing       step        // the step under way
}

// Notice is the life of one Tampuuri notice, from its import to Valmis. It waits for days or months on signals and
// completes whatever happens: what a peer refuses for good waits in phase attention.
func (w *Workflows) Notice(ctx workflow.Context, in noticeRun) (runs.NoticeResult, error) {
	life := &noticeLife{
		Workflows: w, NoticeRef: in.NoticeRef, noticeState: in.Carried, continued: in.Carried != nil,
		cancelled: func() bool { return ctx.Err() != nil }, abandonStep: func() {},
	}
	if !life.continued {
		life.noticeState = &noticeState{
			Reported: runs.ReportedNone, SeenEvents: in.HandledEvents, Entries: in.Entries,
			Shown: shownAttributes{Phase: runs.PhaseImporting, Customer: in.Customer},
		}
	}
	err := workflow.SetQueryHandlerWithOptions(ctx, runs.QueryStatus, life.status, workflow.QueryHandlerOptions{
		Description: "Phase, what is reported, why it waits for a person, and its own history",
	})
	if err != nil {
		return runs.NoticeResult{}, err
	}
	// A Cancel is taken as a dismissal and must not tear the work down by itself.
	detached, _ := workflow.NewDisconnectedContext(ctx)
	life.listen(detached)
	life.tellParent(detached)
	return life.live(detached)
}

// lifeID tells this life of the notice from others, over continue-as-new and reset.
func lifeID(ctx workflow.Context) string {
	id := workflow.GetInfo(ctx).FirstRunID
	return id[:min(8, len(id))]
}

// live does one step after the other until the life is over.
func (l *noticeLife) live(ctx workflow.Context) (runs.NoticeResult, error) {
	for {
		l.drain(ctx)
		if err := l.show(ctx); err != nil {
			return runs.NoticeResult{}, err
		}
		do, wake := l.next(workflow.Now(ctx))
		switch do {
		case stepFinish:
			if err := l.leave(ctx); err != nil {
				return runs.NoticeResult{}, err
			}
			return l.result(), nil
		case stepWait:
			if tooLong(ctx) {
				next := noticeRun{NoticeInput: runs.NoticeInput{NoticeRef: l.NoticeRef}, Carried: l.noticeState}
				return runs.NoticeResult{}, workflow.NewContinueAsNewError(ctx, runs.TypeNotice, next)
			}
			if err := l.wait(ctx, wake); err != nil {
				return runs.NoticeResult{}, err
			}
		default:
			l.perform(ctx, do)
		}
	}
}

// tooLong tells whether the server wants this run's history to end. Only a life that waits goes on in a new run: there
// is no step under way then, and live has drained the signals just before.
func tooLong(ctx workflow.Context) bool { return workflow.GetInfo(ctx).GetContinueAsNewSuggested() }

// wait sleeps until a signal changes what is to be done or what is shown (a resend that only acknowledges changes the
// phase and nothing else), until wake, or until the history is too long: signals that change nothing lengthen it too.
func (l *noticeLife) wait(ctx workflow.Context, wake *time.Time) error {
	changed := func() bool {
		do, _ := l.next(workflow.Now(ctx))
		return do != stepWait || l.toShow() != l.Shown || tooLong(ctx)
	}
	if wake == nil {
		return workflow.Await(ctx, changed)
	}
	_, err := workflow.AwaitWithTimeout(ctx, wake.Sub(workflow.Now(ctx)), changed)
	return err
}

// perform does one step. A refusal parks that step; nothing fails the workflow.
func (l *noticeLife) perform(ctx workflow.Context, do step) {
	ctx, cancel := workflow.WithCancel(ctx)
	l.abandonStep, l.doing = cancel, do
	defer func() { cancel(); l.abandonStep, l.doing = func() {}, "" }()
	var err error
	refused := parkingOf(do)
	switch do {
	case stepCreate:
		err = l.create(ctx)
	case stepAccept:
		err = l.accept(ctx)
	case stepTehty:
		err = l.reportTehty(ctx)
	case stepPlan:
		refused, err = parkingOf(stepInvoice), l.plan(ctx)
	case stepInvoice:
		err = l.invoice(ctx)
	case stepFollow:
		err = l.follow(ctx)
	case stepRemind:
		err = l.remind(ctx)
	case stepNudge:
		err = l.nudge(ctx)
	case stepWithdraw:
		l.ClosedBy = closedAsWithdrawn
	case stepWait, stepFinish: // live deals with these
	}
	switch {
	case err == nil, l.Dismissed: // a dismissal ends what is retried, and the attempt under way as it comes
	case do == stepCreate && l.FollowRequested: // the notice has changed since it was read
	default:
		l.parkFor(ctx, refused, reasonOf(err), textOf(err))
	}
}

// abandoned tells whether a step ended without an outcome because abandonStep was called. The attempt that was under way then
// may have failed in a way that would have been retried.
func abandoned(ctx workflow.Context, err error) bool {
	return err != nil && ctx.Err() != nil && !isForGood(err)
}

// leave ends a dismissed life: what the notice looks like now stands in the memo, so that the poll can tell whether
// somebody moves it later. The step that was under way has ended before (see withStep), and with it our own last write. A
// Tampuuri that does not answer holds nobody up.
func (l *noticeLife) leave(ctx workflow.Context) error {
	if l.phase() != runs.PhaseDismissed {
		return nil
	}
	left, err := lookAtDismissed.once(ctx, l.Workflows, "see how the notice is left", l.NoticeRef)
	if err != nil {
		workflow.GetLogger(ctx).Warn("A dismissed notice could not be looked at; what is later than its end counts as moved.", "error", err)
		left.Modified = ""
	}
	l.drain(ctx) // what came meanwhile belongs to this run
	if left.Modified == "" {
		return nil
	}
	return workflow.UpsertMemo(ctx, runs.MemoLeft(left.Modified))
}

// textOf is what an activity said as it gave up: our own words with a status and names of fields, see peer.Error.
func textOf(err error) string {
	if failure, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return failure.Message()
	}
	return ""
}

// detailsOf reads what an activity said to us as it gave up.
func detailsOf(err error, into any) bool {
	failure, ok := errors.AsType[*temporal.ApplicationError](err)
	return ok && failure.HasDetails() && failure.Details(into) == nil
}

// reasonOf is the type of the error that an activity gave up with; every such type is a Reason.
func reasonOf(err error) string {
	if failure, ok := errors.AsType[*temporal.ApplicationError](err); ok && failure.Type() != "" {
		return failure.Type()
	}
	return runs.ReasonUnexpected
}

// parkFor parks a step, or what a person must know. said is the peer's refusal, for the notice's own history; it may be empty.
func (l *noticeLife) parkFor(ctx workflow.Context, at parkingKey, reason, said string) {
	now := workflow.Now(ctx)
	l.park(at, reason, said, now)
	result := string(at) + ": " + reason
	if said != "" {
		result += " (" + said + ")"
	}
	l.record(now, runs.HappenedAttention, "", result)
	if at != parkingOf(stepFollow) && at != parkingOf(stepCreate) && runs.AboutStanding(reason) {
		l.FollowRequested = true // so that the task says what has become of the notice
	}
}

// show sets the search attributes, all in one upsert and only when they change: each upsert is billed.
func (l *noticeLife) show(ctx workflow.Context) error {
	workflow.SetCurrentDetails(ctx, l.details())
	now := l.toShow()
	if now == l.Shown {
		return nil
	}
	updates := []temporal.SearchAttributeUpdate{runs.AttributePhase.ValueSet(string(now.Phase))}
	if now.Customer != l.Shown.Customer {
		updates = append(updates, runs.AttributeCustomer.ValueSet(now.Customer))
	}
	if now.TaskID != l.Shown.TaskID {
		updates = append(updates, runs.AttributeTask.ValueSet(now.TaskID))
	}
	switch {
	case now.Reason == l.Shown.Reason:
	case now.Reason == "":
		updates = append(updates, runs.AttributeAttentionReason.ValueUnset())
	default:
		updates = append(updates, runs.AttributeAttentionReason.ValueSet(now.Reason))
	}
	l.Shown = now
	return workflow.UpsertTypedSearchAttributes(ctx, updates...)
}

// toShow is what the search attributes should say now.
func (l *noticeLife) toShow() shownAttributes {
	now := shownAttributes{Phase: l.phase(), TaskID: l.TaskID, Customer: l.NoticeRef.Customer}
	if attention := l.attention(); attention != nil {
		now.Reason = attention.Reason
	}
	return now
}

// details is what the Web UI shows above the history, in its Markdown.
func (l *noticeLife) details() string {
	stands := string(l.phase())
	if attention := l.attention(); attention != nil {
		stands += ": " + attention.Reason
	}
	text := fmt.Sprintf("**%d · %s · %s**, reported to Tampuuri: %s", l.NoticeID, l.NoticeRef.Customer, stands, l.Reported)
	if l.continued { // the server does not give a continued run the details of the start
		text += "\n\nTampuuri notice " + l.links.notice(l.NoticeID)
	}
	if l.TaskID != "" {
		text += "\n\nHillava task " + l.links.task(l.TaskID)
	}
	if attention := l.attention(); attention != nil {
		text += fmt.Sprintf("\n\nNeeds attention since %s: **%s**. %s", attention.Since.Format(time.RFC3339), attention.Reason, attention.What)
		if attention.Failure != "" {
			text += "\n\nThe refusal: " + attention.Failure
		}
	}
	return text
}

func (l *noticeLife) status() (runs.Status, error) {
	return runs.Status{
		Phase: l.phase(), TampuuriNoticeID: l.NoticeID, HillavaTaskID: l.TaskID, Reported: l.Reported,
		ClosedBy: l.ClosedBy, Attention: l.attention(), History: append([]runs.HistoryEntry{}, l.History...),
	}, nil
}

func (l *noticeLife) result() runs.NoticeResult {
	return runs.NoticeResult{Phase: l.phase(), Reported: l.Reported, ClosedBy: l.ClosedBy, TaskID: l.TaskID, Entries: l.Entries}
}

package activities

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/temporalclient"
	"tampuuri-hillava/workflows"
)

// NoticeStart is one notice to be imported.
type NoticeStart struct {
	Ref        workflows.NoticeRef
	PropertyID int64
	Known      workflows.Known
	Again      bool   // a closed run with this id is no reason not to
	Link       string // the notice's page in Tampuuri, for people; may be empty
	// EventsAfter is when the events of an earlier life are dealt with, see Life.DealtWith; zero when there is none.
	EventsAfter time.Time
}

// ErrAlreadyStarted says that the notice has a workflow; nothing was started.
var ErrAlreadyStarted = errors.New("this notice has a workflow already")

// StartNotice starts the workflow of a notice. It refuses an id that is running, and one that is closed unless Again;
// without the conflict policy and the error option a refused start would look like a good one. The memo carries whose
// notice it is, so that another notice with the same external id is never taken for this one.
func StartNotice(ctx context.Context, temporalClient client.Client, start NoticeStart) error {
	reuse := enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE
	if start.Again {
		reuse = enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE
	}
	attributes := []temporal.SearchAttributeUpdate{
		workflows.AttributeCustomer.ValueSet(start.Ref.Customer),
		workflows.AttributeNotice.ValueSet(fmt.Sprint(start.Ref.NoticeID)),
		workflows.AttributePhase.ValueSet(string(workflows.PhaseImporting)),
	}
	if start.PropertyID != 0 {
		attributes = append(attributes, workflows.AttributeProperty.ValueSet(fmt.Sprint(start.PropertyID)))
	}
	input := workflows.NoticeInput{NoticeRef: start.Ref}
	memo := map[string]any{workflows.MemoRef: start.Ref, workflows.MemoKnown: start.Known}
	if !start.EventsAfter.IsZero() {
		input.EventsAfter, memo[workflows.MemoEventsAfter] = &start.EventsAfter, start.EventsAfter
	}
	_, err := temporalClient.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                                       workflows.NoticeWorkflowID(start.Ref.ExternalID),
		TaskQueue:                                workflows.TaskQueue,
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowIDReusePolicy:                    reuse,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		TypedSearchAttributes:                    temporal.NewSearchAttributes(attributes...),
		Memo:                                     memo,
		StaticSummary:                            fmt.Sprintf("Tampuuri notice %d of %s", start.Ref.NoticeID, start.Ref.Customer),
		StaticDetails:                            start.Link,
	}, workflows.TypeNotice, input)
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &started) {
		return ErrAlreadyStarted
	}
	return err
}

// NoticeLink fills a template like https://…/{id} with a notice's id; without a template there is no link.
func NoticeLink(template string, id int64) string {
	if template == "" {
		return ""
	}
	address := strings.ReplaceAll(template, "{id}", url.PathEscape(fmt.Sprint(id)))
	return fmt.Sprintf("[Notice %d in Tampuuri](%s)", id, address)
}

// Life is what Temporal knows of a notice's workflow without asking a worker.
type Life struct {
	Ref     workflows.NoticeRef
	Known   workflows.Known
	Phase   workflows.Phase
	Running bool
	Ended   enumspb.WorkflowExecutionStatus
	Started time.Time
	Closed  time.Time // zero while running
	// EventsAfter is NoticeStart.EventsAfter of this life.
	EventsAfter time.Time
}

// lifeOf describes the newest run of a notice's workflow; nil when Temporal has none. It is consistent, unlike a
// visibility query, and not billed.
func (a *Activities) lifeOf(ctx context.Context, externalID string) (*Life, error) {
	description, err := a.temporal.DescribeWorkflowExecution(ctx, workflows.NoticeWorkflowID(externalID), "")
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return nil, nil
	}
	if err != nil {
		return nil, temporalFailure(err)
	}
	return ReadLife(description.GetWorkflowExecutionInfo()), nil
}

// ReadLife reads what a description or a visibility record says of a notice's workflow.
func ReadLife(info *workflowpb.WorkflowExecutionInfo) *Life {
	life := &Life{
		Running: info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING,
		Ended:   info.GetStatus(),
		Started: info.GetExecutionTime().AsTime(),
	}
	if closed := info.GetCloseTime(); closed != nil {
		life.Closed = closed.AsTime()
	}
	read(info.GetMemo().GetFields()[workflows.MemoRef], &life.Ref)
	read(info.GetMemo().GetFields()[workflows.MemoKnown], &life.Known)
	read(info.GetMemo().GetFields()[workflows.MemoEventsAfter], &life.EventsAfter)
	read(info.GetSearchAttributes().GetIndexedFields()[workflows.AttributePhase.GetName()], &life.Phase)
	return life
}

// read leaves the zero value where there is nothing, or something that we did not write.
func read(payload *commonpb.Payload, into any) {
	if payload != nil {
		_ = converter.GetDefaultDataConverter().FromPayload(payload, into)
	}
}

// DealtWith is up to when the task's events need no effect any more: the end of a life that had reported Valmis, or
// that a person had dismissed. The task keeps those events, and without this a notice that was opened again would be
// closed by them at once. After any other end that is as it was: what a terminated life had not reported is still due.
func (l *Life) DealtWith() time.Time {
	if l.Phase == workflows.PhaseInvoiced || l.Phase == workflows.PhaseDismissed {
		return l.Closed
	}
	return l.EventsAfter
}

// forgot tells an event that is older than what Temporal remembered when this life began. It belongs to a life before, which
// dealt with it; the workflow, which tells such an event of a found task by the same rule, may not have found it yet.
func (l *Life) forgot(event time.Time) bool {
	return event.Before(l.Started.Add(-workflows.KeptFor))
}

// differs tells whether Tampuuri shows something that the workflow neither knows nor has caused: another standing, or
// another content while the notice is ours, or another turvakielto even while it is not.
func (l *Life) differs(now workflows.Known) bool {
	caused := l.Phase == workflows.PhaseDone && now.Standing == workflows.StandingTehty
	if now.Standing != l.Known.Standing && !caused {
		return true
	}
	switch now.Standing {
	case workflows.StandingGone:
		return false
	case workflows.StandingReassigned:
		return len(turvakieltoOf(notice.ChangedFields(l.Known.Prints, now.Prints))) > 0
	default:
		return !maps.Equal(now.Prints, l.Known.Prints)
	}
}

// turvakieltoOf are those of the changed fields that tell of turvakielto.
func turvakieltoOf(changed []string) []string {
	return slices.DeleteFunc(slices.Clone(changed), func(field string) bool { return !notice.IsTurvakieltoField(field) })
}

// signalChanged tells a notice's workflow to look at Tampuuri. One and the same difference, told again while the
// workflow has not dealt with it, adds no event. Both sides of it are in the request id: an edit of our own settings
// (performer_ids, say) takes a notice away and gives it back without moving Muokattu.
func (a *Activities) signalChanged(ctx context.Context, life *Life, now workflows.Known, modified time.Time) error {
	change := fmt.Sprintf("%s %v %v %s", life.Ref.ExternalID, life.Known, now, modified.UTC().Format(time.RFC3339Nano))
	requestID := temporalclient.EventRequestID(workflows.SignalNoticeChanged, change)
	err := a.temporal.SignalWorkflow(temporalclient.WithSignalRequestID(ctx, requestID),
		workflows.NoticeWorkflowID(life.Ref.ExternalID), "", workflows.SignalNoticeChanged, nil)
	return ignoreClosed(err)
}

// signalEvent sends one of Hillava's events exactly as its webhook would.
func (a *Activities) signalEvent(ctx context.Context, externalID, signal string, event workflows.EventSignal) error {
	requestID := temporalclient.EventRequestID(signal, event.EventID)
	err := a.temporal.SignalWorkflow(temporalclient.WithSignalRequestID(ctx, requestID),
		workflows.NoticeWorkflowID(externalID), "", signal, event)
	return ignoreClosed(err)
}

// ignoreClosed: a workflow that has closed since it was looked at needs no signal any more.
func ignoreClosed(err error) error {
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return nil
	}
	return temporalFailure(err)
}

// temporalFailure gives Temporal's own errors a type of their own. Their texts hold ids at most.
func temporalFailure(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return temporal.NewApplicationErrorWithOptions("Temporal did not take it: "+err.Error(), TypeTemporal, temporal.ApplicationErrorOptions{})
}

package runs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/converter"

	"tampuuri-hillava/internal/notice"
)

// Life is what Temporal knows of one run of a notice without asking a worker.
type Life struct {
	WorkflowID string
	RunID      string
	Ref        NoticeRef
	Snapshot   Snapshot // as its workflow knows the notice
	Phase      Phase
	Reason     string // the search attribute AttentionReason
	TaskID     string
	Running    bool
	Ended      enumspb.WorkflowExecutionStatus
	Started    time.Time // this run
	Imported   time.Time // when the notice was first imported, as far as Temporal remembers: in a run or a life before this
	Closed     time.Time // zero while running
	Left       string    // Muokattu when it was dismissed, RFC 3339; empty when not known
	// Writing says that it may be changing the notice's state in Tampuuri just now; only a description tells.
	Writing bool
}

// Life describes the newest run of a notice's workflow; nil when Temporal has none. It is consistent, unlike a list, and
// not billed.
func (c *Client) Life(ctx context.Context, externalID string) (*Life, error) {
	if !ValidExternalID(externalID) {
		return nil, nil
	}
	description, err := c.Describe(ctx, NoticeWorkflowID(externalID))
	if errors.Is(err, ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return description.Life, nil
}

// readLife reads what a description or a visibility record says of a notice's workflow.
func readLife(info *workflowpb.WorkflowExecutionInfo) *Life {
	life := &Life{
		WorkflowID: info.GetExecution().GetWorkflowId(),
		RunID:      info.GetExecution().GetRunId(),
		Running:    info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING,
		Ended:      info.GetStatus(),
		Started:    info.GetExecutionTime().AsTime(),
	}
	if closed := info.GetCloseTime(); closed != nil {
		life.Closed = closed.AsTime()
	}
	memo, attributes := info.GetMemo().GetFields(), info.GetSearchAttributes().GetIndexedFields()
	read(memo[memoRef], &life.Ref)
	read(memo[memoSnapshot], &life.Snapshot)
	read(memo[memoLeft], &life.Left)
	var imported string
	read(memo[memoImported], &imported)
	if at, err := time.Parse(time.RFC3339, imported); err == nil {
		life.Imported = at
	} else {
		life.Imported = life.Started
	}
	read(attributes[AttributePhase.GetName()], &life.Phase)
	read(attributes[AttributeAttentionReason.GetName()], &life.Reason)
	read(attributes[AttributeTask.GetName()], &life.TaskID)
	if life.Ref.NoticeID == 0 { // an index that has lost its memos still has the attributes
		var id string
		read(attributes[AttributeCustomer.GetName()], &life.Ref.Customer)
		read(attributes[AttributeNotice.GetName()], &id)
		life.Ref.NoticeID, _ = strconv.ParseInt(id, 10, 64) // a number that we wrote; anything else is no notice's
		life.Ref.ExternalID = ExternalIDOf(life.WorkflowID)
	}
	return life
}

// read leaves the zero value where there is nothing, or something that we did not write.
func read(payload *commonpb.Payload, into any) {
	if payload != nil {
		_ = converter.GetDefaultDataConverter().FromPayload(payload, into)
	}
}

// Completed tells a life that ended by itself from one that was terminated.
func (l *Life) Completed() bool { return l.Ended == enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED }

// MayRestart tells whether a closed life of a notice that is ours and open may begin anew by itself. A dismissal stands
// until somebody moves the notice in Tampuuri: a poll reads the same rows many times, and would undo it within minutes.
func (l *Life) MayRestart(modified time.Time) bool {
	switch {
	case l.Running:
		return false
	case !l.Completed():
		return true // terminated by hand
	case l.Phase == PhaseDismissed:
		return l.movedSince(modified)
	default:
		return l.Phase == PhaseWithdrawn
	}
}

// movedSince compares Muokattu with what it was at the dismissal, when our own last write had ended. Where nobody could
// look then, only the clocks are left.
func (l *Life) movedSince(modified time.Time) bool {
	if left, err := time.Parse(time.RFC3339Nano, l.Left); err == nil {
		return !modified.Equal(left)
	}
	if modified.Nanosecond() == 0 { // whole seconds: what was edited in the second of the dismissal was edited after it
		return !modified.Before(l.Closed.Truncate(time.Second))
	}
	return modified.After(l.Closed)
}

// Differs tells whether Tampuuri shows something that the workflow neither knows nor has caused: another standing, or
// another content while the notice is ours, or another turvakielto even while it is not. A fingerprint that the workflow
// does not have is of a newer version of this program, not a change.
func (l *Life) Differs(now Snapshot) bool {
	caused := now.Standing == StandingTehty && (l.Phase == PhaseDone || l.Writing) || now.Standing == StandingValmis && l.Writing
	if now.Standing != l.Snapshot.Standing && !caused {
		return true
	}
	changed := notice.ChangedFields(l.Snapshot.Prints, now.Prints)
	switch now.Standing {
	case StandingGone:
		return false
	case StandingReassigned:
		return slices.ContainsFunc(changed, notice.IsTurvakieltoField)
	default:
		return len(changed) > 0
	}
}

// Result is how a closed life ended, with the time entries that it sent.
func (c *Client) Result(ctx context.Context, life *Life) (result NoticeResult, err error) {
	if err := c.temporal.GetWorkflow(ctx, life.WorkflowID, life.RunID).Get(ctx, &result); err != nil {
		return result, fmt.Errorf("read how %s ended: %w", life.WorkflowID, err)
	}
	return result, nil
}

package activities

import (
	"context"
	"errors"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/client"

	"tampuuri-hillava/workflows"
)

// MarkErased leaves a mark of a notice that is about to be erased: how its life ended, and until when its events are dealt
// with. Its task in Hillava keeps those events, and without the mark a notice that is opened again would be reported
// Tehty and Valmis once more. The mark is a closed workflow under the external id, of a type and on a queue that no worker
// serves; it holds nothing else of the notice and goes with Temporal's retention. A life that had nothing dealt with
// leaves none.
func MarkErased(ctx context.Context, temporalClient client.Client, externalID string, life *Life) error {
	dealtWith := life.DealtWith()
	if dealtWith.IsZero() {
		return nil
	}
	id := workflows.ErasedWorkflowID(externalID)
	_, err := temporalClient.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                       id,
		TaskQueue:                workflows.TypeErasedNotice,
		WorkflowExecutionTimeout: time.Minute, // should this program die before it closes the mark
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		Memo:                     map[string]any{workflows.MemoEventsAfter: dealtWith, workflows.MemoPhase: life.Phase},
		StaticSummary:            "The mark of a notice that was erased",
	}, workflows.TypeErasedNotice)
	if err != nil {
		return err
	}
	err = temporalClient.TerminateWorkflow(ctx, id, "", "a mark needs nobody to run it")
	if errors.As(err, new(*serviceerror.NotFound)) {
		return nil // somebody else has erased it at the same time
	}
	return err
}

// ReadErased reads a mark as the life that it stands for.
func ReadErased(info *workflowpb.WorkflowExecutionInfo) *Life {
	var until time.Time
	read(info.GetMemo().GetFields()[workflows.MemoEventsAfter], &until)
	life := &Life{Ended: enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED, Closed: until, EventsAfter: until}
	read(info.GetMemo().GetFields()[workflows.MemoPhase], &life.Phase)
	return life
}

// erasedLife is what is left of a notice that was erased; nil when there is no mark.
func (a *Activities) erasedLife(ctx context.Context, externalID string) (*Life, error) {
	description, err := a.temporal.DescribeWorkflowExecution(ctx, workflows.ErasedWorkflowID(externalID), "")
	if errors.As(err, new(*serviceerror.NotFound)) {
		return nil, nil
	}
	if err != nil {
		return nil, temporalFailure(err)
	}
	return ReadErased(description.GetWorkflowExecutionInfo()), nil
}

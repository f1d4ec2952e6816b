package runs

import (
	"context"
	"errors"
	"fmt"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

const (
	eraseWithin = time.Minute // Temporal deletes in the background
	eraseLook   = 250 * time.Millisecond
)

// ErrOpen says that a notice is open: erased, its task would be left without anybody who reports it.
var ErrOpen = errors.New("it is open")

// Erase removes every run of a notice from Temporal, with its history, memo and search attributes, and returns them once
// Temporal knows none of them any more. A mark stays, so that nothing that was reported is reported again. ErrNone when
// there is no run, ErrOpen when one is running; with any error it gives those whose removal has been asked for.
func (c *Client) Erase(ctx context.Context, workflowID string) (erased []*Life, err error) {
	ctx, cancel := context.WithTimeout(ctx, eraseWithin)
	defer cancel()
	ticker := time.NewTicker(eraseLook)
	defer ticker.Stop()
	asked := map[string]bool{}
	for {
		left, err := c.runsLeft(ctx, workflowID)
		switch {
		case err != nil:
			return erased, err
		case len(left) == 0 && len(erased) == 0:
			return nil, fmt.Errorf("erase %s: %w", workflowID, ErrNone)
		case len(left) == 0:
			return erased, nil
		}
		for _, run := range left {
			if run.Running {
				return erased, fmt.Errorf("erase %s: %w", workflowID, ErrOpen)
			}
		}
		if len(asked) == 0 { // afterwards nobody knows any more what to write in it
			if err := c.markErased(ctx, left[len(left)-1]); err != nil {
				return nil, fmt.Errorf("leave a mark of %s, nothing was erased: %w", workflowID, err)
			}
		}
		for _, run := range left {
			if asked[run.RunID] {
				continue
			}
			if err := c.remove(ctx, run); err != nil {
				return erased, err
			}
			asked[run.RunID] = true
			erased = append(erased, run)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return erased, fmt.Errorf("erase %s: Temporal still has runs of it (%d); run the command again: %w", workflowID, len(left), ctx.Err())
		}
	}
}

// runsLeft joins the list, which lags, with the newest run, which does not and comes last. A run that was deleted may stay
// listed for a moment; it is waited for.
func (c *Client) runsLeft(ctx context.Context, workflowID string) ([]*Life, error) {
	newest, err := c.Life(ctx, ExternalIDOf(workflowID))
	if err != nil {
		return nil, err
	}
	var left []*Life
	err = c.list(ctx, fmt.Sprintf("WorkflowId = %s", quoted(workflowID)), func(run *Life) {
		if newest == nil || run.RunID != newest.RunID {
			left = append(left, run)
		}
	})
	if err == nil && newest != nil {
		left = append(left, newest)
	}
	return left, err
}

// remove asks for a run to be deleted. One that is gone already is no error.
func (c *Client) remove(ctx context.Context, run *Life) error {
	_, err := c.temporal.WorkflowService().DeleteWorkflowExecution(ctx, &workflowservice.DeleteWorkflowExecutionRequest{
		Namespace: c.namespace, WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: run.WorkflowID, RunId: run.RunID},
	})
	if isNotFound(err) {
		return nil
	}
	return wrap("erase", run.WorkflowID, err)
}

// markErased leaves a mark of a notice that is about to be erased: that it was here, and how it ended. Should it be opened
// again, the events of its task are known as dealt with by it. The mark is a closed workflow under the external id, of a
// type and on a queue that no worker serves; it holds nothing else of the notice and goes with Temporal's retention.
func (c *Client) markErased(ctx context.Context, life *Life) error {
	id := erasedWorkflowID(life.Ref.ExternalID)
	_, err := c.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:                       id,
		TaskQueue:                typeErasedNotice,
		WorkflowExecutionTimeout: time.Minute, // should this program die before it closes the mark
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		Memo:                     map[string]any{memoPhase: life.Phase},
		StaticSummary:            "The mark of a notice that was erased",
	}, typeErasedNotice)
	if err != nil {
		return err
	}
	err = c.temporal.TerminateWorkflow(ctx, id, "", "a mark needs nobody to run it")
	if isNotFound(err) {
		return nil // somebody else has erased it at the same time
	}
	return err
}

// Erased gives the phase in which a notice had ended that was erased; found is false when there is no mark of it.
func (c *Client) Erased(ctx context.Context, externalID string) (phase Phase, found bool, err error) {
	workflowID := erasedWorkflowID(externalID)
	description, err := c.temporal.DescribeWorkflowExecution(ctx, workflowID, "")
	if isNotFound(err) {
		return "", false, nil
	}
	if err != nil {
		return "", false, wrap("look at", workflowID, err)
	}
	read(description.GetWorkflowExecutionInfo().GetMemo().GetFields()[memoPhase], &phase)
	return phase, true, nil
}

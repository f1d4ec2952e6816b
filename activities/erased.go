package activities

import (
	"context"
	"errors"

	"tampuuri-hillava/internal/runs"

	"go.temporal.io/api/serviceerror"
)

// erasedLife is what is left of a notice that was erased; nil when there is no mark.
func (a *Activities) erasedLife(ctx context.Context, externalID string) (*runs.Life, error) {
	description, err := a.temporal.DescribeWorkflowExecution(ctx, runs.ErasedWorkflowID(externalID), "")
	if errors.As(err, new(*serviceerror.NotFound)) {
		return nil, nil
	}
	if err != nil {
		return nil, temporalFailure(err)
	}
	return runs.ReadErased(description.GetWorkflowExecutionInfo()), nil
}

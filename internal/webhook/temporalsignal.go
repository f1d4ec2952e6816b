package webhook

import (
	"context"
	"errors"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"

	"tampuuri-hillava/internal/temporalclient"
	"tampuuri-hillava/workflows"
)

// TemporalClient is what signalling needs of a Temporal client.
type TemporalClient interface {
	SignalWorkflow(ctx context.Context, workflowID, runID, signalName string, arg any) error
	DescribeWorkflowExecution(ctx context.Context, workflowID, runID string) (*workflowservice.DescribeWorkflowExecutionResponse, error)
}

// temporalSignaler is the Signaler over a real server.
type temporalSignaler struct{ temporal TemporalClient }

// NewTemporalSignaler gives the Signaler that production uses. The client must come from temporalclient.Dial, which makes
// a redelivered event add nothing to a history.
func NewTemporalSignaler(temporal TemporalClient) Signaler {
	return temporalSignaler{temporal: temporal}
}

// Signal implements Signaler. Temporal answers NotFound for a closed run as for one that never was: a look tells them
// apart, and finds a run that began in between (a notice given back to us), which is signalled once more. Errors do not
// name the notice: its id is the sender's text, and the log line has it where it may be shown.
func (s temporalSignaler) Signal(ctx context.Context, externalID, signal string, payload workflows.EventSignal) (Outcome, error) {
	workflowID := workflows.NoticeWorkflowID(externalID)
	ctx = temporalclient.WithSignalRequestID(ctx, temporalclient.EventRequestID(signal, payload.EventID))
	err := s.temporal.SignalWorkflow(ctx, workflowID, "", signal, payload)
	if err == nil {
		return Accepted, nil
	}
	if !isNotFound(err) {
		return 0, fmt.Errorf("signal %s: %w", signal, err)
	}
	found, err := s.temporal.DescribeWorkflowExecution(ctx, workflowID, "")
	switch {
	case isNotFound(err):
		return Unknown, nil
	case err != nil:
		return 0, fmt.Errorf("look for the notice that took no signal: %w", err)
	case found.GetWorkflowExecutionInfo().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING:
		return Closed, nil
	}
	if err := s.temporal.SignalWorkflow(ctx, workflowID, "", signal, payload); err != nil {
		return 0, fmt.Errorf("signal %s to the notice that runs again: %w", signal, err)
	}
	return Accepted, nil
}

func isNotFound(err error) bool {
	var notFound *serviceerror.NotFound
	return errors.As(err, &notFound)
}

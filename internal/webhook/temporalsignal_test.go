package webhook

import (
	"context"
	"errors"
	"testing"

	"tampuuri-hillava/internal/runs"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
)

// temporalFake answers signals in order, and descriptions with one status.
type temporalFake struct {
	signals     []error
	status      enumspb.WorkflowExecutionStatus
	describeErr error
	workflowIDs []string
}

func (f *temporalFake) SignalWorkflow(_ context.Context, workflowID, runID, _ string, _ any) error {
	if runID != "" {
		return errors.New("a signal to one run misses the run that follows")
	}
	f.workflowIDs = append(f.workflowIDs, workflowID)
	err := f.signals[0]
	f.signals = f.signals[1:]
	return err
}

func (f *temporalFake) DescribeWorkflowExecution(context.Context, string, string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	if f.describeErr != nil {
		return nil, f.describeErr
	}
	return &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{Status: f.status}}, nil
}

func TestASignalsOutcomeIsToldFromTemporalsAnswers(t *testing.T) {
	gone := serviceerror.NewNotFound("workflow execution already completed")
	away := serviceerror.NewUnavailable("away")
	running, completed := enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	for name, row := range map[string]struct {
		fake    temporalFake
		want    runs.Outcome
		failure bool
	}{
		"taken":                    {temporalFake{signals: []error{nil}}, runs.Accepted, false},
		"Temporal away":            {temporalFake{signals: []error{away}}, 0, true},
		"closed":                   {temporalFake{signals: []error{gone}, status: completed}, runs.Closed, false},
		"terminated":               {temporalFake{signals: []error{gone}, status: enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED}, runs.Closed, false},
		"unknown":                  {temporalFake{signals: []error{gone}, describeErr: gone}, runs.Unknown, false},
		"look fails":               {temporalFake{signals: []error{gone}, describeErr: away}, 0, true},
		"runs again":               {temporalFake{signals: []error{gone, nil}, status: running}, runs.Accepted, false},
		"runs again, and is gone":  {temporalFake{signals: []error{gone, gone}, status: running}, 0, true},
		"runs again, then is away": {temporalFake{signals: []error{gone, away}, status: running}, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			fake := row.fake
			outcome, err := runs.NewTemporalSignaler(&fake).Signal(t.Context(), "ABC-def", runs.SignalTyoValmis, runs.EventSignal{EventID: "e"})
			require.Equal(t, row.failure, err != nil)
			require.Equal(t, row.want, outcome)
			require.Equal(t, "notice-abc-def", fake.workflowIDs[0])
		})
	}
}

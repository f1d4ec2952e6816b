package runs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	"go.temporal.io/api/serviceerror"
	updatepb "go.temporal.io/api/update/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"
)

func payloads(t *testing.T, value any) *commonpb.Payloads {
	t.Helper()
	encoded, err := converter.GetDefaultDataConverter().ToPayloads(value)
	require.NoError(t, err)
	return encoded
}

func TestARoundsMarksAreReadWithoutAWorker(t *testing.T) {
	at := time.Date(2026, 2, 3, 10, 0, 0, 0, time.UTC)
	marks := Marks{At: at, LastGood: &at, Every: 5 * time.Minute, Unflagged: 2}
	pending := &workflowpb.PendingActivityInfo{
		ActivityType: &commonpb.ActivityType{Name: "CustomerRound"}, Attempt: 7, HeartbeatDetails: payloads(t, marks),
		LastFailure: &failurepb.Failure{Message: "nothing new", FailureInfo: &failurepb.Failure_ApplicationFailureInfo{
			ApplicationFailureInfo: &failurepb.ApplicationFailureInfo{Type: FaultNothingNew},
		}},
	}
	f := &frontend{onDescribe: func() (*workflowservice.DescribeWorkflowExecutionResponse, error) {
		return &workflowservice.DescribeWorkflowExecutionResponse{
			WorkflowExecutionInfo: aRun("customer-esimerkki", "r", enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING),
			PendingActivities:     []*workflowpb.PendingActivityInfo{pending, {ActivityType: &commonpb.ActivityType{Name: "ImportNotice"}}},
		}, nil
	}}
	c := serve(t, f)
	run, err := c.CustomerRun(t.Context(), "esimerkki")
	require.NoError(t, err)
	require.Equal(t, &CustomerRun{Marks: &marks, Trying: &PendingStep{
		Activity: "CustomerRound", Attempt: 7, LastFailure: "nothing-new: nothing new",
	}}, run)

	pending.HeartbeatDetails = payloads(t, "of an older program")
	run, err = c.CustomerRun(t.Context(), "esimerkki")
	require.NoError(t, err)
	require.Nil(t, run.Marks)
}

func TestTheMarksOfNotifyAreReadWithoutAWorker(t *testing.T) {
	marks := NotifyMarks{At: time.Date(2026, 2, 3, 10, 0, 0, 0, time.UTC), Open: 2, Failing: 1}
	described := &workflowservice.DescribeWorkflowExecutionResponse{
		WorkflowExecutionInfo: aRun("notify", "r", enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING),
		PendingActivities: []*workflowpb.PendingActivityInfo{{
			ActivityType: &commonpb.ActivityType{Name: "NotifyRound"}, Attempt: 3, HeartbeatDetails: payloads(t, marks),
		}},
	}
	var refused error
	c := serve(t, &frontend{onDescribe: func() (*workflowservice.DescribeWorkflowExecutionResponse, error) { return described, refused }})
	run, err := c.NotifyRun(t.Context())
	require.NoError(t, err)
	require.Equal(t, &NotifyRun{&marks, &PendingStep{Activity: "NotifyRound", Attempt: 3}}, run)

	described.WorkflowExecutionInfo = aRun("notify", "r", enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED)
	run, err = c.NotifyRun(t.Context())
	require.NoError(t, err)
	require.Nil(t, run)
	refused = serviceerror.NewNotFound("none")
	run, err = c.NotifyRun(t.Context())
	require.NoError(t, err)
	require.Nil(t, run)
	refused = serviceerror.NewPermissionDenied("no", "")
	_, err = c.NotifyRun(t.Context())
	require.ErrorContains(t, err, "look at notify")
}

func TestTheCustomersAreThoseOfRunningWorkflows(t *testing.T) {
	f := &frontend{onList: func(query string) ([]*workflowpb.WorkflowExecutionInfo, error) {
		require.Equal(t, "WorkflowType = 'Customer' AND ExecutionStatus = 'Running'", query)
		running := enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
		return []*workflowpb.WorkflowExecutionInfo{aRun("customer-a", "1", running), aRun("started by hand", "2", running), aRun("customer-B", "3", running)}, nil
	}}
	tunnisteet, err := serve(t, f).Customers(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"a", "B"}, tunnisteet)
}

func TestWhatAWorkflowRefusesIsToldInItsWords(t *testing.T) {
	outcome := &updatepb.Outcome{Value: &updatepb.Outcome_Success{Success: payloads(t, PollCounts{Started: 3})}}
	var failure error
	f := &frontend{onUpdate: func(request *workflowservice.UpdateWorkflowExecutionRequest) (*workflowservice.UpdateWorkflowExecutionResponse, error) {
		require.Equal(t, "customer-esimerkki", request.GetWorkflowExecution().GetWorkflowId())
		return &workflowservice.UpdateWorkflowExecutionResponse{
			UpdateRef: &updatepb.UpdateRef{WorkflowExecution: request.GetWorkflowExecution(), UpdateId: request.GetRequest().GetMeta().GetUpdateId()},
			Outcome:   outcome, Stage: enumspb.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED,
		}, failure
	}}
	c := serve(t, f)
	counts, err := c.PollNow(t.Context(), "esimerkki")
	require.NoError(t, err)
	require.Equal(t, PollCounts{Started: 3}, counts)

	outcome = &updatepb.Outcome{Value: &updatepb.Outcome_Failure{Failure: &failurepb.Failure{
		Message: "polling was paused", FailureInfo: &failurepb.Failure_ApplicationFailureInfo{ApplicationFailureInfo: &failurepb.ApplicationFailureInfo{Type: FaultCustomerStopped}},
	}}}
	_, err = c.PollNow(t.Context(), "esimerkki")
	var refusal *Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, "polling was paused", refusal.Reason)

	failure = serviceerror.NewNotFound("workflow execution already completed")
	_, err = c.PollNow(t.Context(), "esimerkki")
	require.ErrorIs(t, err, ErrNone)

	failure = serviceerror.NewDeadlineExceeded("the server saw the end first")
	_, err = c.PollNow(t.Context(), "esimerkki")
	require.ErrorContains(t, err, "is a worker running?")
}

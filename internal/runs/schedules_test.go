package runs

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	schedulepb "go.temporal.io/api/schedule/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
)

// scheduled is a frontend that has schedules.
type scheduled struct {
	*frontend
	all       map[string]*schedulepb.Schedule
	recent    map[string][]*commonpb.WorkflowExecution // started by it, oldest first
	results   map[string]*commonpb.Payloads            // by run id
	triggered []string
	updates   int
	faster    bool // another worker makes each schedule a moment before us
}

func serveSchedules(t *testing.T) (*scheduled, *Client) {
	f := &scheduled{
		frontend: &frontend{}, all: map[string]*schedulepb.Schedule{},
		recent: map[string][]*commonpb.WorkflowExecution{}, results: map[string]*commonpb.Payloads{},
	}
	return f, serve(t, f)
}

func (f *scheduled) DescribeSchedule(_ context.Context, request *workflowservice.DescribeScheduleRequest) (*workflowservice.DescribeScheduleResponse, error) {
	schedule, ok := f.all[request.GetScheduleId()]
	if !ok {
		return nil, serviceerror.NewNotFound("schedule not found")
	}
	info := &schedulepb.ScheduleInfo{}
	for _, started := range f.recent[request.GetScheduleId()] {
		info.RecentActions = append(info.RecentActions, &schedulepb.ScheduleActionResult{StartWorkflowResult: started})
	}
	return &workflowservice.DescribeScheduleResponse{Schedule: schedule, Info: info}, nil
}

func (f *scheduled) CreateSchedule(_ context.Context, request *workflowservice.CreateScheduleRequest) (*workflowservice.CreateScheduleResponse, error) {
	if f.faster {
		return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("already", "", "")
	}
	f.all[request.GetScheduleId()] = request.GetSchedule()
	return &workflowservice.CreateScheduleResponse{}, nil
}

func (f *scheduled) UpdateSchedule(_ context.Context, request *workflowservice.UpdateScheduleRequest) (*workflowservice.UpdateScheduleResponse, error) {
	f.updates++
	f.all[request.GetScheduleId()] = request.GetSchedule()
	return &workflowservice.UpdateScheduleResponse{}, nil
}

func (f *scheduled) PatchSchedule(_ context.Context, request *workflowservice.PatchScheduleRequest) (*workflowservice.PatchScheduleResponse, error) {
	f.triggered = append(f.triggered, request.GetScheduleId())
	return &workflowservice.PatchScheduleResponse{}, nil
}

// GetWorkflowExecutionHistory answers with the end of a run that has completed.
func (f *scheduled) GetWorkflowExecutionHistory(_ context.Context, request *workflowservice.GetWorkflowExecutionHistoryRequest) (*workflowservice.GetWorkflowExecutionHistoryResponse, error) {
	return &workflowservice.GetWorkflowExecutionHistoryResponse{History: &historypb.History{Events: []*historypb.HistoryEvent{{
		EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
		Attributes: &historypb.HistoryEvent_WorkflowExecutionCompletedEventAttributes{
			WorkflowExecutionCompletedEventAttributes: &historypb.WorkflowExecutionCompletedEventAttributes{Result: f.results[request.GetExecution().GetRunId()]},
		},
	}}}}, nil
}

func (f *scheduled) every(id string) time.Duration {
	return f.all[id].GetSpec().GetInterval()[0].GetInterval().AsDuration()
}

var quarterly = Rounds{Sync: 15 * time.Minute, Reconcile: time.Hour}

func TestTheSchedulesAreMadeAndASyncIsTriggered(t *testing.T) {
	f, c := serveSchedules(t)
	require.NoError(t, c.EnsureSchedules(t.Context(), quarterly))
	require.Len(t, f.all, 2)
	require.Equal(t, 15*time.Minute, f.every(ScheduleSyncCustomers))
	require.Equal(t, time.Hour, f.every(ScheduleReconcile))
	require.Equal(t, []string{ScheduleSyncCustomers}, f.triggered)
	for id, schedule := range f.all {
		require.Equal(t, enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, schedule.GetPolicies().GetOverlapPolicy())
		action := schedule.GetAction().GetStartWorkflow()
		require.Equal(t, id, action.GetWorkflowId())
		require.Equal(t, TaskQueue, action.GetTaskQueue().GetName())
		require.Greater(t, action.GetWorkflowRunTimeout().AsDuration(), f.every(id), "one that hangs must end, or the others are skipped for ever")
	}
}

func TestAPersonsPauseIsKept(t *testing.T) {
	f, c := serveSchedules(t)
	require.NoError(t, c.EnsureSchedules(t.Context(), quarterly))
	f.all[ScheduleReconcile].State = &schedulepb.ScheduleState{Paused: true, Notes: "Hillava is being upgraded"}
	for _, rounds := range []Rounds{quarterly, {Sync: time.Minute, Reconcile: time.Minute}} {
		require.NoError(t, c.EnsureSchedules(t.Context(), rounds))
		paused, note, err := c.SchedulePause(t.Context(), ScheduleReconcile)
		require.NoError(t, err)
		require.True(t, paused)
		require.Equal(t, "Hillava is being upgraded", note)
	}
}

func TestAStartTriggersNoSyncWhileAPersonHasPausedThem(t *testing.T) {
	f, c := serveSchedules(t)
	require.NoError(t, c.EnsureSchedules(t.Context(), quarterly))
	f.all[ScheduleSyncCustomers].State = &schedulepb.ScheduleState{Paused: true}
	f.triggered = nil
	for _, rounds := range []Rounds{quarterly, {Sync: time.Minute, Reconcile: time.Minute}} {
		require.NoError(t, c.EnsureSchedules(t.Context(), rounds))
		require.Empty(t, f.triggered)
	}
	f.all[ScheduleSyncCustomers].State.Paused = false
	f.all[ScheduleReconcile].State = &schedulepb.ScheduleState{Paused: true}
	require.NoError(t, c.EnsureSchedules(t.Context(), quarterly))
	require.Equal(t, []string{ScheduleSyncCustomers}, f.triggered, "the other schedule's pause is another matter")
}

func TestOnlyAChangedIntervalUpdatesASchedule(t *testing.T) {
	f, c := serveSchedules(t)
	require.NoError(t, c.EnsureSchedules(t.Context(), quarterly))
	require.NoError(t, c.EnsureSchedules(t.Context(), quarterly))
	require.Zero(t, f.updates)
	require.NoError(t, c.EnsureSchedules(t.Context(), Rounds{Sync: quarterly.Sync, Reconcile: time.Minute}))
	require.Equal(t, 1, f.updates)
	require.Equal(t, time.Minute, f.every(ScheduleReconcile))
	require.Contains(t, string(f.all[ScheduleReconcile].GetAction().GetStartWorkflow().GetInput().GetPayloads()[0].GetData()), "60000000000")
}

func TestTwoWorkersMayMakeOneSchedule(t *testing.T) {
	f, c := serveSchedules(t)
	f.faster = true
	require.NoError(t, c.EnsureSchedules(t.Context(), quarterly))
}

func TestTheLastRoundIsTheNewestThatHasCompleted(t *testing.T) {
	f, c := serveSchedules(t)
	_, found, err := c.LastSync(t.Context())
	require.NoError(t, err)
	require.False(t, found, "there is no schedule")

	require.NoError(t, c.EnsureSchedules(t.Context(), quarterly))
	_, found, err = c.LastSync(t.Context())
	require.NoError(t, err)
	require.False(t, found, "it has started nothing")

	f.results["good"] = payloads(t, SyncResult{InHillava: 7})
	for _, run := range []*workflowpb.WorkflowExecutionInfo{
		aRun("sync-customers-1", "older", completed), aRun("sync-customers-2", "good", completed),
		aRun("sync-customers-3", "timed out", enumspb.WORKFLOW_EXECUTION_STATUS_TIMED_OUT), aRun("sync-customers-4", "running", enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING),
	} {
		f.runs = append(f.runs, run)
		f.recent[ScheduleSyncCustomers] = append(f.recent[ScheduleSyncCustomers], run.GetExecution())
	}
	f.recent[ScheduleSyncCustomers] = append(f.recent[ScheduleSyncCustomers], &commonpb.WorkflowExecution{WorkflowId: "sync-customers-5", RunId: "past retention"})
	last, found, err := c.LastSync(t.Context())
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, 7, last.InHillava)
}

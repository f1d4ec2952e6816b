package main

import (
	"context"
	"net"
	"path"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	updatepb "go.temporal.io/api/update/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tampuuri-hillava/internal/runs"
)

// frontend is a Temporal server as far as whole commands need one here, with one notice, whatever is asked for. What it does
// not know it never answers, as a server that has stopped in its tracks.
type frontend struct {
	workflowservice.UnimplementedWorkflowServiceServer
	info    *workflowpb.WorkflowExecutionInfo
	stuck   bool // it answers nothing after the connection
	answers any  // to every update; nil: none is

	mutex sync.Mutex
	calls []string
	asked chan string // the first call that is not answered
}

// serveTemporal starts the frontend and points the settings at it.
func serveTemporal(t *testing.T, f *frontend) {
	t.Helper()
	f.asked = make(chan string, 1)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer(grpc.UnaryInterceptor(f.intercept))
	workflowservice.RegisterWorkflowServiceServer(server, f)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	t.Setenv("TEMPORAL_ADDRESS", listener.Addr().String())
	t.Setenv("TEMPORAL_NAMESPACE", "yritys")
	t.Setenv("TEMPORAL_CONFIG_FILE", "/dev/null")
}

func (f *frontend) intercept(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	call := path.Base(info.FullMethod)
	f.mutex.Lock()
	f.calls = append(f.calls, call)
	f.mutex.Unlock()
	answers := []string{"GetSystemInfo", "DescribeWorkflowExecution", "ListWorkflowExecutions", "SignalWorkflowExecution"}
	if f.answers != nil {
		answers = append(answers, "UpdateWorkflowExecution")
	}
	if slices.Index(answers, call) > 0 && f.stuck || !slices.Contains(answers, call) {
		select {
		case f.asked <- call:
		default:
		}
		<-ctx.Done()
		return nil, ctx.Err()
	}
	answer, err := handle(ctx, request)
	return answer, serviceerror.ToStatus(err).Err()
}

// called tells whether the command has made that call.
func (f *frontend) called(call string) bool {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return slices.Contains(f.calls, call)
}

func (f *frontend) GetSystemInfo(context.Context, *workflowservice.GetSystemInfoRequest) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{Capabilities: &workflowservice.GetSystemInfoResponse_Capabilities{}}, nil
}

func (f *frontend) DescribeWorkflowExecution(context.Context, *workflowservice.DescribeWorkflowExecutionRequest) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	return &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: f.info}, nil
}

func (f *frontend) ListWorkflowExecutions(context.Context, *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	return &workflowservice.ListWorkflowExecutionsResponse{Executions: []*workflowpb.WorkflowExecutionInfo{f.info}}, nil
}

func (f *frontend) SignalWorkflowExecution(context.Context, *workflowservice.SignalWorkflowExecutionRequest) (*workflowservice.SignalWorkflowExecutionResponse, error) {
	return &workflowservice.SignalWorkflowExecutionResponse{}, nil
}

func (f *frontend) UpdateWorkflowExecution(_ context.Context, request *workflowservice.UpdateWorkflowExecutionRequest) (*workflowservice.UpdateWorkflowExecutionResponse, error) {
	done, err := converter.GetDefaultDataConverter().ToPayloads(f.answers)
	return &workflowservice.UpdateWorkflowExecutionResponse{
		UpdateRef: &updatepb.UpdateRef{WorkflowExecution: request.GetWorkflowExecution(), UpdateId: request.GetRequest().GetMeta().GetUpdateId()},
		Stage:     enumspb.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED,
		Outcome:   &updatepb.Outcome{Value: &updatepb.Outcome_Success{Success: done}},
	}, err
}

const anExternalID = "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11"

// aRecord is what Temporal says of a notice in that phase.
func aRecord(t *testing.T, phase runs.Phase, status enumspb.WorkflowExecutionStatus) *workflowpb.WorkflowExecutionInfo {
	t.Helper()
	payload := func(value any) *commonpb.Payload {
		made, err := converter.GetDefaultDataConverter().ToPayload(value)
		require.NoError(t, err)
		return made
	}
	return &workflowpb.WorkflowExecutionInfo{
		Execution: &commonpb.WorkflowExecution{WorkflowId: "notice-" + anExternalID, RunId: "run"}, Status: status, ExecutionTime: timestamppb.Now(),
		Memo: &commonpb.Memo{Fields: map[string]*commonpb.Payload{
			"notice": payload(runs.NoticeRef{Customer: "esimerkki", NoticeID: 50026, ExternalID: anExternalID}),
		}},
		SearchAttributes: &commonpb.SearchAttributes{IndexedFields: map[string]*commonpb.Payload{"NoticePhase": payload(phase)}},
	}
}

package runs

import (
	"context"
	"log/slog"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tampuuri-hillava/internal/temporalclient"
)

// frontend is a Temporal server as far as these tests need one, behind a real connection: what a server answers passes
// through everything that a program's client has.
type frontend struct {
	workflowservice.UnimplementedWorkflowServiceServer
	operatorservice.UnimplementedOperatorServiceServer

	mutex   sync.Mutex
	runs    []*workflowpb.WorkflowExecutionInfo // oldest first
	hidden  int                                 // of them, how many of the newest the list does not show yet
	signals []*workflowservice.SignalWorkflowExecutionRequest
	starts  []*workflowservice.StartWorkflowExecutionRequest
	removed []string // run ids

	// What a test sets; nil is the answer of a server where all is well.
	onSignal   func() error
	onDescribe func() (*workflowservice.DescribeWorkflowExecutionResponse, error)
	onRemove   func(runID string) error
	onUpdate   func(*workflowservice.UpdateWorkflowExecutionRequest) (*workflowservice.UpdateWorkflowExecutionResponse, error)
	onCount    func(query string) (*workflowservice.CountWorkflowExecutionsResponse, error)
	onList     func(query string) ([]*workflowpb.WorkflowExecutionInfo, error)
	namespace  func() (*workflowservice.DescribeNamespaceResponse, error)
	attributes func() (map[string]enumspb.IndexedValueType, error)
	register   func(map[string]enumspb.IndexedValueType) error
}

// serve starts the frontend and gives a Client of it, connected as our programs connect.
func serve(t *testing.T, f interface {
	workflowservice.WorkflowServiceServer
	operatorservice.OperatorServiceServer
},
) *Client {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer(grpc.UnaryInterceptor(asStatus))
	workflowservice.RegisterWorkflowServiceServer(server, f)
	operatorservice.RegisterOperatorServiceServer(server, f)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	t.Setenv("TEMPORAL_ADDRESS", listener.Addr().String())
	t.Setenv("TEMPORAL_NAMESPACE", "yritys")
	t.Setenv("TEMPORAL_CONFIG_FILE", "/dev/null")
	temporal, err := temporalclient.Lazy(temporalclient.Options{Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(temporal.Close)
	client, err := New(temporal)
	require.NoError(t, err)
	return client
}

// asStatus puts Temporal's errors into answers as its server does.
func asStatus(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	answer, err := handle(ctx, request)
	return answer, serviceerror.ToStatus(err).Err()
}

func (f *frontend) GetSystemInfo(context.Context, *workflowservice.GetSystemInfoRequest) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{Capabilities: &workflowservice.GetSystemInfoResponse_Capabilities{}}, nil
}

func (f *frontend) DescribeNamespace(context.Context, *workflowservice.DescribeNamespaceRequest) (*workflowservice.DescribeNamespaceResponse, error) {
	if f.namespace == nil {
		return &workflowservice.DescribeNamespaceResponse{}, nil
	}
	return f.namespace()
}

func (f *frontend) ListSearchAttributes(context.Context, *operatorservice.ListSearchAttributesRequest) (*operatorservice.ListSearchAttributesResponse, error) {
	custom, err := f.attributes()
	return &operatorservice.ListSearchAttributesResponse{CustomAttributes: custom}, err
}

func (f *frontend) AddSearchAttributes(_ context.Context, request *operatorservice.AddSearchAttributesRequest) (*operatorservice.AddSearchAttributesResponse, error) {
	return &operatorservice.AddSearchAttributesResponse{}, f.register(request.GetSearchAttributes())
}

func (f *frontend) CountWorkflowExecutions(_ context.Context, request *workflowservice.CountWorkflowExecutionsRequest) (*workflowservice.CountWorkflowExecutionsResponse, error) {
	return f.onCount(request.GetQuery())
}

func (f *frontend) SignalWorkflowExecution(_ context.Context, request *workflowservice.SignalWorkflowExecutionRequest) (*workflowservice.SignalWorkflowExecutionResponse, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.signals = append(f.signals, request)
	if f.onSignal == nil {
		return &workflowservice.SignalWorkflowExecutionResponse{}, nil
	}
	return &workflowservice.SignalWorkflowExecutionResponse{}, f.onSignal()
}

// StartWorkflowExecution refuses as a server does by what the request says of ids that are in use.
func (f *frontend) StartWorkflowExecution(_ context.Context, request *workflowservice.StartWorkflowExecutionRequest) (*workflowservice.StartWorkflowExecutionResponse, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.starts = append(f.starts, request)
	if before := f.newest(request.GetWorkflowId()); before != nil {
		running := before.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
		refused := request.GetWorkflowIdConflictPolicy() == enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL
		if !running {
			refused = request.GetWorkflowIdReusePolicy() == enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE
		}
		if refused {
			return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("already started", "", before.GetExecution().GetRunId())
		}
		if running {
			before.Status = enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED
		}
	}
	run := aRun(request.GetWorkflowId(), request.GetRequestId(), enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING)
	run.Memo, run.SearchAttributes = request.GetMemo(), request.GetSearchAttributes()
	f.runs = append(f.runs, run)
	return &workflowservice.StartWorkflowExecutionResponse{RunId: run.GetExecution().GetRunId()}, nil
}

func (f *frontend) TerminateWorkflowExecution(_ context.Context, request *workflowservice.TerminateWorkflowExecutionRequest) (*workflowservice.TerminateWorkflowExecutionResponse, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	run := f.newest(request.GetWorkflowExecution().GetWorkflowId())
	if run == nil || run.GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return nil, serviceerror.NewNotFound("workflow execution already completed")
	}
	run.Status = enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED
	return &workflowservice.TerminateWorkflowExecutionResponse{}, nil
}

func (f *frontend) DescribeWorkflowExecution(_ context.Context, request *workflowservice.DescribeWorkflowExecutionRequest) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.onDescribe != nil {
		return f.onDescribe()
	}
	if run := f.newest(request.GetExecution().GetWorkflowId()); run != nil {
		return &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: run}, nil
	}
	return nil, serviceerror.NewNotFound("workflow not found")
}

func (f *frontend) ListWorkflowExecutions(_ context.Context, request *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.onList != nil {
		listed, err := f.onList(request.GetQuery())
		return &workflowservice.ListWorkflowExecutionsResponse{Executions: listed}, err
	}
	listed := slices.Clone(f.runs[:max(0, len(f.runs)-f.hidden)])
	listed = slices.DeleteFunc(listed, func(run *workflowpb.WorkflowExecutionInfo) bool {
		return request.GetQuery() != "WorkflowId = "+quoted(run.GetExecution().GetWorkflowId())
	})
	slices.Reverse(listed)
	return &workflowservice.ListWorkflowExecutionsResponse{Executions: listed}, nil
}

// DeleteWorkflowExecution deletes in the background, as a server does: the run is gone by the next list.
func (f *frontend) DeleteWorkflowExecution(_ context.Context, request *workflowservice.DeleteWorkflowExecutionRequest) (*workflowservice.DeleteWorkflowExecutionResponse, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	runID := request.GetWorkflowExecution().GetRunId()
	f.removed = append(f.removed, runID)
	if f.onRemove != nil {
		return &workflowservice.DeleteWorkflowExecutionResponse{}, f.onRemove(runID)
	}
	f.runs = slices.DeleteFunc(f.runs, func(run *workflowpb.WorkflowExecutionInfo) bool { return run.GetExecution().GetRunId() == runID })
	f.hidden = 0
	return &workflowservice.DeleteWorkflowExecutionResponse{}, nil
}

func (f *frontend) UpdateWorkflowExecution(_ context.Context, request *workflowservice.UpdateWorkflowExecutionRequest) (*workflowservice.UpdateWorkflowExecutionResponse, error) {
	return f.onUpdate(request)
}

func (f *frontend) newest(workflowID string) *workflowpb.WorkflowExecutionInfo {
	for _, run := range slices.Backward(f.runs) {
		if run.GetExecution().GetWorkflowId() == workflowID {
			return run
		}
	}
	return nil
}

func aRun(workflowID, runID string, status enumspb.WorkflowExecutionStatus) *workflowpb.WorkflowExecutionInfo {
	return &workflowpb.WorkflowExecutionInfo{
		Execution: &commonpb.WorkflowExecution{WorkflowId: workflowID, RunId: runID}, Status: status,
		ExecutionTime: timestamppb.Now(),
	}
}

// memo holds what is given as key, value, key, value.
func memo(t *testing.T, pairs ...any) *commonpb.Memo {
	t.Helper()
	fields := map[string]*commonpb.Payload{}
	for i := 0; i < len(pairs); i += 2 {
		payload, err := converter.GetDefaultDataConverter().ToPayload(pairs[i+1])
		require.NoError(t, err)
		fields[pairs[i].(string)] = payload
	}
	return &commonpb.Memo{Fields: fields}
}

package temporalclient

import (
	"context"

	"github.com/google/uuid"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
)

type requestIDKey struct{}

// WithSignalRequestID makes the next SignalWorkflow with this context carry id as its request id. The server takes a
// second signal with the same request id for the same run as done, without a new event.
func WithSignalRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// EventRequestID derives the request id of a signal from the event that causes it: UUIDv5 of "eventID|signalName". The
// signal's name is in it, as one event id used for both types would otherwise lose the second signal.
func EventRequestID(signalName, eventID string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(eventID+"|"+signalName)).String()
}

// setSignalRequestID is a gRPC interceptor, as the SDK's SignalWorkflow has no option for the request id.
func setSignalRequestID(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	if signal, ok := req.(*workflowservice.SignalWorkflowExecutionRequest); ok {
		if id, ok := ctx.Value(requestIDKey{}).(string); ok && id != "" {
			signal.RequestId = id
		}
	}
	return invoke(ctx, method, req, reply, cc, opts...)
}

// keepBenignDetails is a gRPC interceptor: what an activity's benign failure carries as details, the server keeps as the
// activity's heartbeat details for the next attempt. The SDK could do that with a heartbeat only, a second call that is
// billed as a second action, and flushes one even when nothing else is to be said.
func keepBenignDetails(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	if failed, ok := req.(*workflowservice.RespondActivityTaskFailedRequest); ok {
		info := failed.GetFailure().GetApplicationFailureInfo()
		if info.GetCategory() == enumspb.APPLICATION_ERROR_CATEGORY_BENIGN && len(info.GetDetails().GetPayloads()) > 0 {
			failed.LastHeartbeatDetails = info.GetDetails()
		}
	}
	return invoke(ctx, method, req, reply, cc, opts...)
}

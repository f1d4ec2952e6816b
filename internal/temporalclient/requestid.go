package temporalclient

import (
	"context"

	"github.com/google/uuid"
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

package runs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"

	"tampuuri-hillava/internal/temporalclient"
)

// Client is the way to our runs on one Temporal namespace.
type Client struct {
	temporal  client.Client
	namespace string
}

// New makes the Client of the namespace that the TEMPORAL_* settings name. The connection must come from
// temporalclient, whose interceptors give signals their request id and rounds their marks.
func New(temporal client.Client) (*Client, error) {
	namespace, err := temporalclient.Namespace()
	if err != nil {
		return nil, err
	}
	return &Client{temporal: temporal, namespace: namespace}, nil
}

// ErrNone says that Temporal keeps no run of that id.
var ErrNone = errors.New("Temporal keeps no such run")

// DefaultRetention is how long closed runs are kept where the namespace cannot be asked: what its makers are told to set.
const DefaultRetention = 90 * 24 * time.Hour

// Retention is how long the namespace keeps closed runs; DefaultRetention where we may not ask.
func (c *Client) Retention(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, temporalclient.CallPatience)
	defer cancel()
	found, err := c.temporal.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: c.namespace})
	if temporalclient.RefusedToUs(err) {
		return DefaultRetention, nil
	}
	if err != nil {
		return 0, fmt.Errorf("ask for the retention of namespace %s: %w", c.namespace, err)
	}
	return retentionOf(found.GetConfig().GetWorkflowExecutionRetentionTtl()), nil
}

func retentionOf(ttl *durationpb.Duration) time.Duration {
	if ttl.AsDuration() <= 0 {
		return DefaultRetention
	}
	return ttl.AsDuration()
}

func isNotFound(err error) bool { return errors.As(err, new(*serviceerror.NotFound)) }

// wrap says what was tried on which workflow; a run that is not there is ErrNone.
func wrap(what, workflowID string, err error) error {
	switch {
	case err == nil:
		return nil
	case isNotFound(err):
		return fmt.Errorf("%s %s: %w", what, workflowID, ErrNone)
	default:
		return fmt.Errorf("%s %s: %w", what, workflowID, err)
	}
}

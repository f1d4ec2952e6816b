package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/temporalclient"
)

// searchAttributePatience is how long freshly registered search attributes may take to work: the server refreshes its
// caches in seconds, and a start before that fails for good.
const searchAttributePatience = 90 * time.Second

// callPatience is how long one question to Temporal may take; the SDK sets no limit to these. A worker that gives up is
// started again, and asks again.
const callPatience = 10 * time.Second

// ensureSearchAttributes registers the search attributes that are missing and waits until a query takes all of them.
func ensureSearchAttributes(ctx context.Context, c client.Client, logger *slog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, searchAttributePatience)
	defer cancel()
	namespace, err := temporalclient.Namespace()
	if err != nil {
		return err
	}
	asking, cancelAsking := context.WithTimeout(ctx, callPatience)
	defer cancelAsking()
	if err := requireNamespace(asking, c.WorkflowService(), namespace); err != nil {
		return err
	}
	have, err := c.OperatorService().ListSearchAttributes(asking, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return commandError("read the search attributes", namespace, err)
	}
	missing := map[string]enumspb.IndexedValueType{}
	for name, kind := range runs.SearchAttributes() {
		if _, ok := have.GetCustomAttributes()[name]; !ok {
			missing[name] = kind
		}
	}
	if len(missing) > 0 {
		logger.Info("Registering search attributes.", "count", len(missing))
		registering, cancelRegistering := context.WithTimeout(ctx, callPatience)
		defer cancelRegistering()
		_, err := c.OperatorService().AddSearchAttributes(registering, &operatorservice.AddSearchAttributesRequest{Namespace: namespace, SearchAttributes: missing})
		if err != nil {
			return commandError("register the search attributes", namespace, err)
		}
	}
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	for {
		if err = searchable(ctx, c, namespace); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return commandError("wait for the search attributes to work", namespace, err)
		case <-ticker.C:
		}
	}
}

// namespaces is what requireNamespace asks of Temporal.
type namespaces interface {
	DescribeNamespace(ctx context.Context, in *workflowservice.DescribeNamespaceRequest, opts ...grpc.CallOption) (*workflowservice.DescribeNamespaceResponse, error)
}

// requireNamespace tells a namespace that is missing from what its search attributes could lack: asked for those, the
// server only says that it is unavailable, and no command on search attributes helps. Any other error is left to the
// questions that follow, as not everybody who may use a namespace may describe it.
func requireNamespace(ctx context.Context, temporal namespaces, namespace string) error {
	_, err := temporal.DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: namespace})
	var missing *serviceerror.NamespaceNotFound
	if !errors.As(err, &missing) {
		return nil
	}
	return fmt.Errorf("there is no namespace %s: correct TEMPORAL_NAMESPACE, or have somebody who may administer the server run:\n  temporal operator namespace create --namespace %s --retention 90d", namespace, namespace)
}

func searchable(ctx context.Context, c client.Client, namespace string) error {
	var conditions []string
	for name := range runs.SearchAttributes() {
		conditions = append(conditions, name+" IS NULL")
	}
	_, err := c.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Namespace: namespace, Query: strings.Join(conditions, " AND ")})
	return err
}

// commandError names the command with which somebody who may can do what this worker may not.
func commandError(what, namespace string, err error) error {
	command := "temporal operator search-attribute create --namespace " + namespace
	for name := range runs.SearchAttributes() {
		command += " --name " + name + " --type Keyword"
	}
	return fmt.Errorf("%s: %w\nHave somebody who may administer the namespace run:\n  %s", what, err, command)
}

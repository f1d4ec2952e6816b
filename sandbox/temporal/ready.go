package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// awaitReady returns when the frontend knows the namespace and the Web UI answers, or with the last reason why not.
func awaitReady(ctx context.Context, a addresses) error {
	conn, err := grpc.NewClient(a.Address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return fmt.Errorf("connect to the server at %s: %w", a.Address, err)
	}
	defer conn.Close()
	frontend := workflowservice.NewWorkflowServiceClient(conn)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := check(ctx, frontend, a)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not ready: %w", errors.Join(ctx.Err(), err))
		case <-tick.C:
		}
	}
}

func check(ctx context.Context, frontend workflowservice.WorkflowServiceClient, a addresses) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if _, err := frontend.DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: a.Namespace}); err != nil {
		return fmt.Errorf("describe namespace %s: %w", a.Namespace, err)
	}
	if a.UI == "" {
		return nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.UI+"/healthz", nil)
	if err != nil {
		return fmt.Errorf("ask the Web UI: %w", err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("ask the Web UI: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the Web UI answers %s", answer.Status)
	}
	return nil
}

package stack_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"tampuuri-hillava/sandbox/stack"
)

// buildAndStart is long, as the first start on a machine builds the server.
const buildAndStart = 25 * time.Minute

func startTemporal(t *testing.T, o stack.TemporalOptions) *stack.Temporal {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), buildAndStart)
	defer cancel()
	o.Dir, o.OwnServer, o.Progress = t.TempDir(), true, t.Output()
	server, err := stack.StartTemporal(ctx, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return server
}

func connect(t *testing.T, server *stack.Temporal) client.Client {
	t.Helper()
	connected, err := server.Client(t.Context())
	require.NoError(t, err)
	t.Cleanup(connected.Close)
	return connected
}

// awaitDone ends when it is told so.
func awaitDone(ctx workflow.Context) (string, error) {
	var text string
	workflow.GetSignalChannel(ctx, "done").Receive(ctx, &text)
	return text, nil
}

func TestTemporalsStateSurvivesSIGKILLAndRestart(t *testing.T) {
	server := startTemporal(t, stack.TemporalOptions{DB: filepath.Join(t.TempDir(), "temporal.db")})
	address, webUI := server.Address, server.UIURL
	require.NotEmpty(t, webUI)
	before := connect(t, server)
	run, err := before.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "kept", TaskQueue: "queue"}, "awaitDone")
	require.NoError(t, err)

	require.NoError(t, server.Kill())
	require.NoError(t, server.Restart(t.Context()))
	require.Equal(t, address, server.Address)
	require.Equal(t, webUI, server.UIURL)

	after := connect(t, server)
	w := worker.New(after, "queue", worker.Options{})
	w.RegisterWorkflowWithOptions(awaitDone, workflow.RegisterOptions{Name: "awaitDone"})
	require.NoError(t, w.Start())
	defer w.Stop()
	require.NoError(t, after.SignalWorkflow(t.Context(), "kept", run.GetRunID(), "done", "still here"))
	var result string
	require.NoError(t, after.GetWorkflow(t.Context(), "kept", run.GetRunID()).Get(t.Context(), &result))
	require.Equal(t, "still here", result)

	found, err := stack.Describe(t.Context(), after, "kept")
	require.NoError(t, err)
	require.Equal(t, "Completed", found.Status)
	var history bytes.Buffer
	require.NoError(t, stack.ExportHistory(t.Context(), after, "kept", &history))
	require.Contains(t, history.String(), "EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED")
}

func TestNamespacesOfOneServerAreApartAndKeepClosedWorkflows90Days(t *testing.T) {
	server := startTemporal(t, stack.TemporalOptions{Headless: true})
	other, err := server.CreateNamespace(t.Context(), "another")
	require.NoError(t, err)
	for _, seen := range []*stack.Temporal{server, other} {
		connected := connect(t, seen)
		described, err := connected.WorkflowService().DescribeNamespace(t.Context(), &workflowservice.DescribeNamespaceRequest{Namespace: seen.Namespace})
		require.NoError(t, err)
		require.Equal(t, 90*24*time.Hour, described.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration())
	}
	_, err = connect(t, server).ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "here", TaskQueue: "queue"}, "awaitDone")
	require.NoError(t, err)
	_, err = stack.Describe(t.Context(), connect(t, other), "here")
	require.ErrorContains(t, err, "not found")
	require.ErrorContains(t, other.Kill(), "not ours to stop")
}

func TestANamespaceThatAnotherWorkerServesIsRefused(t *testing.T) {
	server := startTemporal(t, stack.TemporalOptions{Headless: true})
	w := worker.New(connect(t, server), "tampuuri-hillava", worker.Options{Identity: "the other worker"})
	w.RegisterWorkflowWithOptions(awaitDone, workflow.RegisterOptions{Name: "awaitDone"})
	require.NoError(t, w.Start())
	defer w.Stop()
	t.Setenv("TEMPORAL_ADDRESS", server.Address)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, stack.WaitFor(ctx, "the worker to be seen", func(ctx context.Context) error {
		queue, err := connect(t, server).DescribeTaskQueue(ctx, "tampuuri-hillava", enums.TASK_QUEUE_TYPE_WORKFLOW)
		if err == nil && len(queue.GetPollers()) == 0 {
			err = errors.New("nobody polls")
		}
		return err
	}))
	_, err := stack.New(ctx, stack.Options{})
	require.ErrorContains(t, err, "is served by worker the other worker already")
	require.ErrorContains(t, err, "TEMPORAL_NAMESPACE")
}

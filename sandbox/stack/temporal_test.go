package stack_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
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

// pollAs has a worker of that identity ask for work, and returns when the server lists it and it is gone again.
func pollAs(t *testing.T, server *stack.Temporal, identity string) {
	t.Helper()
	w := worker.New(connect(t, server), "tampuuri-hillava", worker.Options{Identity: identity})
	w.RegisterWorkflowWithOptions(awaitDone, workflow.RegisterOptions{Name: "awaitDone"})
	require.NoError(t, w.Start())
	defer w.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, stack.WaitFor(ctx, "the worker to be seen", func(ctx context.Context) error {
		queue, err := connect(t, server).DescribeTaskQueue(ctx, "tampuuri-hillava", enums.TASK_QUEUE_TYPE_WORKFLOW)
		if err != nil {
			return err
		}
		for _, poller := range queue.GetPollers() {
			if poller.GetIdentity() == identity {
				return nil
			}
		}
		return errors.New("it does not poll")
	}))
}

// makeSchedule makes a schedule that never fires by itself.
func makeSchedule(t *testing.T, server *stack.Temporal, id string) {
	t.Helper()
	_, err := connect(t, server).ScheduleClient().Create(t.Context(), client.ScheduleOptions{
		ID: id, Paused: true, Action: &client.ScheduleWorkflowAction{ID: id, Workflow: "awaitDone", TaskQueue: "queue"},
	})
	require.NoError(t, err)
}

func hasSchedule(t *testing.T, server *stack.Temporal, id string) bool {
	t.Helper()
	_, err := connect(t, server).ScheduleClient().GetHandle(t.Context(), id).Describe(t.Context())
	if errors.As(err, new(*serviceerror.NotFound)) {
		return false
	}
	require.NoError(t, err)
	return true
}

func TestAServerThatIsNotOursIsUsedAgainAtOnceAndKeepsNoSchedulesOfOurs(t *testing.T) {
	server := startTemporal(t, stack.TemporalOptions{Headless: true})
	host, err := os.Hostname()
	require.NoError(t, err)
	ended := exec.Command("true")
	require.NoError(t, ended.Run())
	pollAs(t, server, fmt.Sprintf("%d@%s@", ended.Process.Pid, host))
	ours := []string{"sync-customers", "reconcile"}
	for _, id := range append(ours, "another") {
		makeSchedule(t, server, id)
	}

	// What an earlier run left open: an example notice, and a customer's workflow; and others that only look like them.
	const example, another = "notice-40ef2650-c7cc-5462-86ff-a6b97bfd425b", "notice-11111111-2222-4333-8444-555555555555"
	const customer, anothers = "customer-esimerkki", "customer-another"
	for _, id := range []string{example, another, customer, anothers} {
		_, err := connect(t, server).ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: "queue"}, "awaitDone")
		require.NoError(t, err)
	}

	t.Setenv("TEMPORAL_ADDRESS", server.Address)
	options := stack.Options{Seed: true, WithoutWorker: true, WithoutServe: true, Programs: stack.Programs{Worker: "none", Starter: "none"}}
	running, err := stack.New(t.Context(), options)
	require.NoError(t, err, "the worker of the former sandbox has ended")
	_, err = stack.Describe(t.Context(), connect(t, server), example)
	require.ErrorAs(t, err, new(*serviceerror.NotFound), "its notice is made anew and must get a task")
	_, err = stack.Describe(t.Context(), connect(t, server), customer)
	require.ErrorAs(t, err, new(*serviceerror.NotFound), "its marks lie behind the example notices")
	for _, id := range []string{another, anothers} {
		_, err = stack.Describe(t.Context(), connect(t, server), id)
		require.NoError(t, err, "somebody else's %s", id)
	}
	for _, id := range ours {
		require.False(t, hasSchedule(t, server, id), "%s of an earlier run", id)
		makeSchedule(t, server, id)
	}
	require.NoError(t, running.Close())
	for _, id := range ours {
		require.False(t, hasSchedule(t, server, id), "%s would go on firing", id)
	}
	require.True(t, hasSchedule(t, server, "another"), "somebody else's schedule")

	pollAs(t, server, fmt.Sprintf("%d@%s@", os.Getpid(), host))
	_, err = stack.New(t.Context(), options)
	require.ErrorContains(t, err, "already", "a process that lives may be serving it")
}

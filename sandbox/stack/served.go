package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"tampuuri-hillava/sandbox/web"
)

// taskQueue is the one that every worker of the integration serves (internal/runs/names.go).
const taskQueue = "tampuuri-hillava"

// pollLength is how long a worker's request for work stays open: a live one is never older.
const pollLength = 70 * time.Second

// refuseServed refuses a namespace that another worker serves. Ours would take its work and do it in the stand-ins.
func refuseServed(ctx context.Context, server *Temporal) error {
	connected, err := server.Client(ctx)
	if err != nil {
		return err
	}
	defer connected.Close()
	queue, err := connected.DescribeTaskQueue(ctx, taskQueue, enums.TASK_QUEUE_TYPE_WORKFLOW)
	if err != nil {
		return fmt.Errorf("ask who serves task queue %s: %w", taskQueue, err)
	}
	for _, poller := range queue.GetPollers() {
		if time.Since(poller.GetLastAccessTime().AsTime()) < pollLength && !deadHere(poller.GetIdentity()) {
			return fmt.Errorf("namespace %s at %s (from TEMPORAL_ADDRESS) is served by worker %s already: stop that one and wait a minute, name another namespace with TEMPORAL_NAMESPACE, or unset TEMPORAL_ADDRESS so that the sandbox runs a server of its own",
				server.Namespace, server.Address, poller.GetIdentity())
		}
	}
	return nil
}

// deadHere reports whether a poller is a process of this machine that has ended: Temporal lists the worker of a sandbox
// that has just been stopped for a while. The SDK calls a worker pid@host@, or pid@host@queue.
func deadHere(identity string) bool {
	pidText, rest, _ := strings.Cut(identity, "@")
	host, _, _ := strings.Cut(rest, "@")
	pid, err := strconv.Atoi(pidText)
	if err != nil || pid <= 0 {
		return false
	}
	here, err := os.Hostname()
	return err == nil && host == here && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}

// deleteRounds removes this sandbox's schedules and its customers' workflows from a server that is not ours. At the start,
// as the mark of an earlier run's poll lies behind the example notices, which are made anew with their old times; at the
// end, as they would go on there with nobody to take the work. Other customers' workflows are left alone.
func (s *Stack) deleteRounds(ctx context.Context) error {
	connected, err := s.Temporal.Client(ctx)
	if err != nil {
		return err
	}
	defer connected.Close()
	var missing *serviceerror.NotFound
	var problems []error
	for _, id := range []string{"sync-customers", "reconcile"} { // as in internal/runs/names.go
		err := connected.ScheduleClient().GetHandle(ctx, id).Delete(ctx)
		if err != nil && !errors.As(err, &missing) {
			problems = append(problems, fmt.Errorf("delete schedule %s: %w", id, err))
		}
	}
	for _, c := range s.Customers {
		if usable(c.Tunniste) {
			problems = append(problems, s.deleteWorkflow(ctx, connected, "customer-"+c.Tunniste))
		}
	}
	return errors.Join(problems...)
}

// deleteWorkflow deletes the newest run of a workflow, and waits until it is gone.
func (s *Stack) deleteWorkflow(ctx context.Context, connected client.Client, workflowID string) error {
	return WaitFor(ctx, workflowID+" to be deleted", func(ctx context.Context) error {
		_, err := connected.WorkflowService().DeleteWorkflowExecution(ctx, &workflowservice.DeleteWorkflowExecutionRequest{
			Namespace: s.Temporal.Namespace, WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: workflowID},
		})
		if errors.As(err, new(*serviceerror.NotFound)) {
			return nil
		}
		if err == nil {
			err = errors.New("it is still there")
		}
		return err
	})
}

// forgetEarlierNotices deletes from a server that is not ours the workflows of the notices that this sandbox begins with.
// Those of an earlier run know tasks that the new stand-ins have never had, and while they are there the same notices,
// made anew, get no task. The notices are invented, so no workflow of somebody's real notice has one of these ids.
func (s *Stack) forgetEarlierNotices(ctx context.Context) error {
	if s.options.Temporal != nil || s.Temporal.Source != FromEnvironment {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, temporalStart)
	defer cancel()
	connected, err := s.Temporal.Client(ctx)
	if err != nil {
		return err
	}
	defer connected.Close()
	for _, notice := range s.Tampuuri.Notices() {
		tunniste, _ := notice["_customer"].(string)
		if err := s.deleteWorkflow(ctx, connected, noticePrefix+web.ExternalID(tunniste, notice)); err != nil {
			return err
		}
	}
	return nil
}

// usable reports whether a Tunniste can stand in a workflow's id. A test may use another, which never gets a workflow.
func usable(tunniste string) bool {
	return tunniste != "" && !strings.ContainsFunc(tunniste, func(c rune) bool { return c <= ' ' || c > '~' })
}

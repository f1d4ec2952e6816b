package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"tampuuri-hillava/sandbox/stack"
)

// deployment is the name that the workers of the test deploy under (WORKER_DEPLOYMENT_NAME).
const deployment = "tampuuri-hillava"

// build starts a worker of that build beside those that run, from the code as it is.
func (w *world) build(buildID string) *stack.Program { return w.buildFrom(w.Programs.Worker, buildID) }

// buildFrom does so from a binary.
func (w *world) buildFrom(binary, buildID string) *stack.Program {
	w.t.Helper()
	program, err := w.AnotherWorker("worker-"+buildID, binary, "WORKER_DEPLOYMENT_NAME="+deployment, "WORKER_BUILD_ID="+buildID)
	require.NoError(w.t, err)
	w.t.Cleanup(func() {
		if w.t.Failed() {
			w.t.Logf("the log of worker %s ends:\n%s", buildID, program.LogTail(40))
		}
	})
	require.NoError(w.t, program.Start())
	require.NoError(w.t, program.WaitReady(w.context()))
	return program
}

// makeCurrent does what temporal worker deployment set-current-version does. It waits until the server has heard of the
// build, which takes its worker's first poll, and then until the task queue has heard of the change: what comes before is
// still given to the earlier build. A busy server now and then never answers one question, so it is asked anew.
func (w *world) makeCurrent(buildID string) {
	w.t.Helper()
	handle := w.client.WorkerDeploymentClient().GetHandle(deployment)
	require.NoError(w.t, stack.WaitFor(w.context(), "build "+buildID+" to become current", func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		_, err := handle.SetCurrentVersion(ctx, client.WorkerDeploymentSetCurrentVersionOptions{BuildID: buildID})
		return err
	}))
	require.NoError(w.t, stack.WaitForBuild(w.context(), w.client, buildID))
}

// buildOf is the build that did the notice's last workflow task; "" when its worker had none.
func (n imported) buildOf() string {
	n.t.Helper()
	answer, err := n.client.DescribeWorkflowExecution(n.context(), n.workflowID, "")
	require.NoError(n.t, err)
	info := answer.GetWorkflowExecutionInfo().GetVersioningInfo()
	if info.GetDeploymentVersion() == nil {
		return ""
	}
	require.Equal(n.t, enums.VERSIONING_BEHAVIOR_AUTO_UPGRADE, info.GetBehavior())
	require.Equal(n.t, deployment, info.GetDeploymentVersion().GetDeploymentName())
	return info.GetDeploymentVersion().GetBuildId()
}

// moves has Työ valmis pressed, and waits until Tehty is reported and that build has done it.
func (n imported) moves(buildID string) {
	n.t.Helper()
	n.press("Työ valmis")
	n.waitState("Tehty")
	n.waitPhase("Running", "done")
	n.onBuild(buildID)
}

func (n imported) onBuild(buildID string) {
	n.t.Helper()
	require.NoError(n.t, stack.WaitFor(n.context(), "build "+buildID, func(context.Context) error {
		if have := n.buildOf(); have != buildID {
			return fmt.Errorf("its last workflow task was done by %q", have)
		}
		return nil
	}))
}

// isInvoiced ends the life and requires that no workflow task of it ever failed, as one does that cannot be replayed.
func (n imported) isInvoiced() {
	n.t.Helper()
	n.press("Laskutettu")
	n.waitPhase("Completed", "invoiced")
	n.requireEnd(0, 2)
	for _, event := range n.history(n.workflowID, "").GetEvents() {
		if failed := event.GetWorkflowTaskFailedEventAttributes(); failed != nil {
			require.Contains(n.t, []enums.WorkflowTaskFailedCause{
				enums.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND, // a signal came in that moment: the task is done again
			}, failed.GetCause(), "event %d", event.GetEventId())
		}
	}
}

// TestOpenNoticesMoveToTheNewBuild is the way from a worker without a version to build v1, to build v2, back to v1 and out
// of versioning, with notices open all the time, as docs/versioning.md has an operator do it.
func TestOpenNoticesMoveToTheNewBuild(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{Temporal: ownTemporal(t)})
	fromBefore := w.importOne()
	require.Empty(t, fromBefore.buildOf())

	v1 := w.build("v1")
	w.makeCurrent("v1")
	require.NoError(t, w.Worker.Stop(w.context()))
	fromBefore.moves("v1")
	fromV1, waiting := w.importOne(), w.importOne()
	fromV1.onBuild("v1")
	waiting.onBuild("v1")
	closed := w.importOne()
	closed.moves("v1")
	closed.isInvoiced()

	v2 := w.build("v2")
	unmoved := w.importOne()
	unmoved.onBuild("v1") // a build that is not current gets nothing
	w.makeCurrent("v2")
	fromV1.moves("v2")
	require.NoError(t, v1.Stop(w.context()))
	require.Equal(t, "invoiced", closed.status().Phase, "what a build has closed answers without it")
	fromBefore.isInvoiced()
	fromBefore.onBuild("v2")
	fromV1.isInvoiced()
	fromV2 := w.importOne()
	fromV2.onBuild("v2")
	w.polled("esimerkki") // the schedules' rounds go on with the new build

	require.NoError(t, v1.Restart(w.context()))
	w.makeCurrent("v1") // back: v2 turned out badly
	fromV2.moves("v1")
	require.NoError(t, v2.Stop(w.context()))
	for _, n := range []imported{fromV2, waiting, unmoved} {
		if n.buildOf() != "v1" || n.State(n.tunniste, n.id) != "Tehty" {
			n.moves("v1")
		}
		n.isInvoiced()
		n.onBuild("v1")
	}

	last := w.importOne()
	require.NoError(t, w.Worker.Restart(w.context()))
	w.makeCurrent("") // to workers without a version
	require.NoError(t, v1.Stop(w.context()))
	last.moves("")
	last.isInvoiced()
}

// TestABuildWithoutACurrentVersionDoesNothing: the first build with a version waits to be made current, and loses nothing
// by it. docs/versioning.md warns of it.
func TestABuildWithoutACurrentVersionDoesNothing(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{WithoutWorker: true})
	id := w.someNotice("esimerkki", 4711)
	w.build("v1")
	handle := w.client.ScheduleClient().GetHandle(w.context(), "sync-customers")
	require.NoError(t, stack.WaitFor(w.context(), "a round to be started", func(ctx context.Context) error {
		description, err := handle.Describe(ctx)
		if err == nil && description.Info.NumActions == 0 {
			err = fmt.Errorf("none yet")
		}
		return err
	}))
	tasks, err := w.Tasks("esimerkki", id)
	require.NoError(t, err)
	require.Empty(t, tasks)
	w.makeCurrent("v1")
	n := w.imported("esimerkki", id)
	n.moves("v1")
	n.isInvoiced()
}

package containers

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"tampuuri-hillava/sandbox/stack"
)

// openThroughout is how many notices are open while the builds change.
const openThroughout = 100

// TestUpgradeAndBackWithNoticesOpen rolls the worker from one build to the next and back, as docs/versioning.md says, with
// notices open and others on their way.
func TestUpgradeAndBackWithNoticesOpen(t *testing.T) {
	inTheLongForm(t)
	p := installProduction(t)
	p.configureBuild("v1")
	p.compose("up", "--detach", "--build")
	p.awaitHealthy()
	p.makeCurrent("v1")

	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	open := p.beginMany(ctx, openThroughout)
	finish := p.traffic(ctx)
	for _, build := range []string{"v2", "v1"} {
		p.complete() // others are on their way
		p.roll(build)
	}
	count, err := finish()
	require.NoError(t, err)
	completeAll(ctx, t, open)
	t.Logf("%d notices were open throughout, %d others on their way", openThroughout, count)
	p.checkHistories(ctx)
	p.checkLedger()
}

// beginMany makes as many notices and waits for their tasks.
func (p *production) beginMany(ctx context.Context, count int) []*notice {
	p.t.Helper()
	notices := make([]*notice, count)
	var group errgroup.Group
	for i := range notices {
		group.Go(func() (err error) {
			notices[i], err = p.begin(ctx)
			return err
		})
	}
	require.NoError(p.t, group.Wait())
	return notices
}

// completeAll takes notices with tasks to their end.
func completeAll(ctx context.Context, t *testing.T, notices []*notice) {
	t.Helper()
	var group errgroup.Group
	for _, n := range notices {
		group.Go(func() error {
			if err := n.work(); err != nil {
				return err
			}
			return n.invoice(ctx)
		})
	}
	require.NoError(t, group.Wait())
}

func (p *production) configureBuild(build string) {
	p.configure(append(p.settings, "WORKER_DEPLOYMENT_NAME=tampuuri-hillava", "WORKER_BUILD_ID="+build)...)
}

// roll starts a worker of another build beside the one that runs, lets Temporal give it the work, and stops the other.
func (p *production) roll(build string) {
	p.t.Helper()
	before := p.workers()
	require.Len(p.t, before, 1)
	p.configureBuild(build)
	p.compose("up", "--detach", "--no-deps", "--no-recreate", "--scale", "worker=2", "worker")
	p.awaitHealthy()
	require.Len(p.t, p.workers(), 2)
	p.makeCurrent(build)
	for id := range before {
		began := time.Now()
		p.command("docker", "stop", "--time=45", id)
		require.Zero(p.t, p.workers()[id].State.ExitCode, "the worker was killed before it had finished")
		p.t.Logf("now %s; the worker before it ended %.1f s after it was asked to", build, time.Since(began).Seconds())
		p.command("docker", "rm", id)
	}
}

// workers are the containers of workers, by id.
func (p *production) workers() map[string]container {
	found := map[string]container{}
	for name, one := range p.containers() {
		if name == "worker" || strings.HasPrefix(name, "worker-") {
			found[one.ID] = one
		}
	}
	return found
}

// makeCurrent is docs/versioning.md's command. The server knows a build from its worker's first poll on.
func (p *production) makeCurrent(build string) {
	p.t.Helper()
	ctx, cancel := p.context()
	defer cancel()
	temporal := func(ctx context.Context, arguments ...string) (string, error) {
		output, messages, err := p.run(ctx, append([]string{"run", "--rm", "-T", "--no-deps", "--entrypoint", "temporal", "temporal-namespace", "worker", "deployment"}, arguments...)...)
		if err != nil {
			return "", fmt.Errorf("%w: %s%s", err, output, messages)
		}
		return output, nil
	}
	require.NoError(p.t, stack.WaitFor(ctx, build+" to become current", func(ctx context.Context) error {
		_, err := temporal(ctx, "set-current-version", "--deployment-name", "tampuuri-hillava", "--build-id", build, "--yes")
		return err
	}))
	require.NoError(p.t, stack.WaitForBuild(ctx, p.temporal(), build))
}

// temporal is a client of the installation's server; the test's end closes it.
func (p *production) temporal() client.Client {
	p.t.Helper()
	connected, err := client.Dial(client.Options{HostPort: p.ports["PUBLISH_TEMPORAL"]})
	require.NoError(p.t, err)
	p.t.Cleanup(connected.Close)
	return connected
}

// checkHistories: no notice has a workflow task that failed, nor an activity that a stop has cut off.
func (p *production) checkHistories(ctx context.Context) {
	p.t.Helper()
	connected := p.temporal()
	looked := 0
	var page []byte
	for {
		answer, err := connected.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: "WorkflowType = 'Notice'", NextPageToken: page})
		require.NoError(p.t, err)
		for _, one := range answer.GetExecutions() {
			looked++
			id := one.GetExecution().GetWorkflowId()
			events := connected.GetWorkflowHistory(ctx, id, one.GetExecution().GetRunId(), false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
			for events.HasNext() {
				event, err := events.Next()
				require.NoError(p.t, err)
				require.NoError(p.t, cutOff(event), "%s, event %d", id, event.GetEventId())
			}
		}
		if page = answer.GetNextPageToken(); len(page) == 0 {
			break
		}
	}
	require.Greater(p.t, looked, openThroughout)
	p.t.Logf("%d histories: no failed workflow task, no activity cut off", looked)
}

// cutOff tells what an event says of work that did not end as it should. A worker that goes leaves its workflows' sticky
// queues: tasks that time out there before anybody has begun them are given to the next worker.
func cutOff(event *historypb.HistoryEvent) error {
	switch {
	case event.GetWorkflowTaskFailedEventAttributes() != nil:
		return errors.New("a workflow task failed: " + event.GetWorkflowTaskFailedEventAttributes().GetFailure().GetMessage())
	case event.GetWorkflowTaskTimedOutEventAttributes() != nil:
		if kind := event.GetWorkflowTaskTimedOutEventAttributes().GetTimeoutType(); kind != enumspb.TIMEOUT_TYPE_SCHEDULE_TO_START {
			return fmt.Errorf("a workflow task timed out: %s", kind)
		}
	case event.GetActivityTaskTimedOutEventAttributes() != nil:
		return errors.New("an activity timed out")
	case event.GetActivityTaskStartedEventAttributes().GetLastFailure() != nil:
		return errors.New("an activity was tried again after: " + event.GetActivityTaskStartedEventAttributes().GetLastFailure().GetMessage())
	}
	return nil
}

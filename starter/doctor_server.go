package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/temporalclient"
)

const (
	// minRetention is how long closed notices must be kept: api/webhook.yaml tells a closed one from an unknown for 90 days.
	minRetention = 90 * 24 * time.Hour
	// pollerFresh is how old a worker's last poll may be: a long poll takes a minute, and a dead worker must not count
	// as alive for much longer.
	pollerFresh = 70 * time.Second
)

// server is what doctor asks of Temporal.
type server interface {
	retention(ctx context.Context) (time.Duration, error)
	searchAttributes(ctx context.Context) (map[string]enumspb.IndexedValueType, error)
	// paused tells of a schedule; errNoSchedule when there is none.
	paused(ctx context.Context, scheduleID string) (bool, error)
	// pollers counts the workers that lately asked for work of that kind.
	pollers(ctx context.Context, kind enumspb.TaskQueueType) (int, error)
}

// temporalServer is server over a real one.
type temporalServer struct{ temporal client.Client }

func (s temporalServer) retention(ctx context.Context) (time.Duration, error) {
	namespace, err := temporalclient.Namespace()
	if err != nil {
		return 0, err
	}
	found, err := s.temporal.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: namespace})
	var missing *serviceerror.NamespaceNotFound
	if errors.As(err, &missing) {
		return 0, fmt.Errorf("there is no namespace %s", namespace)
	}
	if err != nil {
		return 0, fmt.Errorf("look at namespace %s: %w", namespace, err)
	}
	return found.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration(), nil
}

func (s temporalServer) searchAttributes(ctx context.Context) (map[string]enumspb.IndexedValueType, error) {
	namespace, err := temporalclient.Namespace()
	if err != nil {
		return nil, err
	}
	found, err := s.temporal.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return nil, fmt.Errorf("list the search attributes: %w", err)
	}
	return found.GetCustomAttributes(), nil
}

func (s temporalServer) paused(ctx context.Context, scheduleID string) (bool, error) {
	paused, _, err := temporalRounds(s).pause(ctx, scheduleID)
	return paused, err
}

func (s temporalServer) pollers(ctx context.Context, kind enumspb.TaskQueueType) (int, error) {
	queue, err := s.temporal.DescribeTaskQueue(ctx, runs.TaskQueue, kind)
	if err != nil {
		return 0, fmt.Errorf("look at task queue %s: %w", runs.TaskQueue, err)
	}
	return countFresh(queue.GetPollers(), time.Now()), nil
}

// countFresh counts the pollers that can still be alive. Temporal lists them for five minutes.
func countFresh(pollers []*taskqueuepb.PollerInfo, now time.Time) int {
	fresh := 0
	for _, poller := range pollers {
		if now.Sub(poller.GetLastAccessTime().AsTime()) < pollerFresh {
			fresh++
		}
	}
	return fresh
}

// checkServer makes the checks of the namespace and of what runs in it.
func checkServer(ctx context.Context, s server, customers []config.Customer) []finding {
	return []finding{
		checkRetention(ctx, s), checkSearchAttributes(ctx, s), checkSchedules(ctx, s), checkPolls(ctx, s, customers), checkWorkers(ctx, s),
	}
}

// checkRetention: closed notices are kept for 90 days. Less works, but a late webhook is then answered as unknown.
func checkRetention(ctx context.Context, s server) finding {
	const check = "namespace retention"
	kept, err := s.retention(ctx)
	if err != nil {
		return failing(check, err.Error(), "make the namespace (temporal operator namespace create --retention 90d), or correct TEMPORAL_NAMESPACE")
	}
	found := fmt.Sprintf("closed notices are kept %d days", int(kept.Hours()/24))
	if kept < minRetention {
		return warning(check, found, "raise it: temporal operator namespace update --retention 90d")
	}
	return ok(check, found)
}

// checkSearchAttributes: all are registered, with their type.
func checkSearchAttributes(ctx context.Context, s server) finding {
	const check = "search attributes"
	have, err := s.searchAttributes(ctx)
	if err != nil {
		return failing(check, err.Error(), "look whether the server is well and we may ask it")
	}
	var wrong []string
	for name, kind := range runs.SearchAttributes() {
		if have[name] != kind {
			wrong = append(wrong, name)
		}
	}
	slices.Sort(wrong)
	if len(wrong) > 0 {
		return failing(check, "missing or of another type: "+strings.Join(wrong, ", "),
			"start a worker, which registers them; or temporal operator search-attribute create --type Keyword --name "+strings.Join(wrong, " --name "))
	}
	return ok(check, fmt.Sprintf("all %d are there", len(runs.SearchAttributes())))
}

// checkSchedules: the two schedules that every deployment has exist and run.
func checkSchedules(ctx context.Context, s server) finding {
	const check = "schedules"
	for _, id := range []string{runs.ScheduleSyncCustomers, runs.ScheduleReconcile} {
		paused, err := s.paused(ctx, id)
		switch {
		case errors.Is(err, errNoSchedule):
			return failing(check, id+" is missing", "start a worker, which makes it")
		case err != nil:
			return failing(check, err.Error(), "look whether the server is well")
		case paused:
			return failing(check, id+" is paused", "unpause it in the Temporal Web UI")
		}
	}
	return ok(check, runs.ScheduleSyncCustomers+" and "+runs.ScheduleReconcile+" run")
}

// checkPolls: every customer without a fault has its poll schedule. A pause is a person's decision, so it is a warning.
func checkPolls(ctx context.Context, s server, customers []config.Customer) finding {
	const check = "polls"
	var missing, paused []string
	count := 0
	for _, customer := range customers {
		if len(customer.Faults) > 0 {
			continue
		}
		count++
		stopped, err := s.paused(ctx, runs.PollScheduleID(customer.Tunniste))
		switch {
		case errors.Is(err, errNoSchedule):
			missing = append(missing, customer.Tunniste)
		case err != nil:
			return failing(check, err.Error(), "look whether the server is well")
		case stopped:
			paused = append(paused, customer.Tunniste)
		}
	}
	switch {
	case len(missing) > 0:
		return failing(check, "no poll schedule for "+strings.Join(missing, ", "), "run starter customers sync; starter customers list tells why when that does not help")
	case len(paused) > 0:
		return warning(check, "paused for "+strings.Join(paused, ", "), "starter customers list tells by whom and why")
	}
	return ok(check, fmt.Sprintf("%d customers have theirs", count))
}

// checkWorkers: somebody takes workflow tasks and activity tasks.
func checkWorkers(ctx context.Context, s server) finding {
	const check = "workers"
	least := -1
	for _, kind := range []enumspb.TaskQueueType{enumspb.TASK_QUEUE_TYPE_WORKFLOW, enumspb.TASK_QUEUE_TYPE_ACTIVITY} {
		count, err := s.pollers(ctx, kind)
		if err != nil {
			return failing(check, err.Error(), "look whether the server is well")
		}
		if least < 0 || count < least {
			least = count
		}
	}
	if least == 0 {
		return failing(check, "no worker asks for work on task queue "+runs.TaskQueue, "start a worker with the same TEMPORAL_* settings")
	}
	return ok(check, fmt.Sprintf("%d on task queue %s", least, runs.TaskQueue))
}

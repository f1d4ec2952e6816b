package runs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
)

// Workers counts the workers that lately asked for work: of workflows and of activities, whichever are fewer.
func (c *Client) Workers(ctx context.Context) (int, error) {
	var counts []int
	for _, kind := range []enumspb.TaskQueueType{enumspb.TASK_QUEUE_TYPE_WORKFLOW, enumspb.TASK_QUEUE_TYPE_ACTIVITY} {
		queue, err := c.temporal.DescribeTaskQueue(ctx, TaskQueue, kind)
		if err != nil {
			return 0, fmt.Errorf("look at task queue %s: %w", TaskQueue, err)
		}
		counts = append(counts, countFresh(queue.GetPollers(), time.Now()))
	}
	return slices.Min(counts), nil
}

// pollerFresh is how old a worker's last poll may be: a long poll takes a minute, and a dead worker must not count as
// alive for much longer.
const pollerFresh = 70 * time.Second

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

// OfTemporal tells an error that Temporal answered, or that came instead of its answer.
func OfTemporal(err error) bool {
	return errors.As(err, new(serviceerror.ServiceError)) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

package stack

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"tampuuri-hillava/internal/runs"
)

// WaitForBuild waits until the task queue gives its work to the workers of that build; "" are those without a version.
// The queue itself is asked: what the server says of the deployment may stay "in progress" for minutes after every queue
// has heard of a change (seen with server 1.32.1). A busy server now and then never answers one question, so each is
// asked anew.
func WaitForBuild(ctx context.Context, c client.Client, buildID string) error {
	return WaitFor(ctx, fmt.Sprintf("the task queue to give its work to build %q", buildID), func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		for _, kind := range []enums.TaskQueueType{enums.TASK_QUEUE_TYPE_WORKFLOW, enums.TASK_QUEUE_TYPE_ACTIVITY} {
			queue, err := c.DescribeTaskQueue(ctx, runs.TaskQueue, kind)
			if err != nil {
				return fmt.Errorf("look at the task queue: %w", err)
			}
			if now := queue.GetVersioningInfo().GetCurrentDeploymentVersion().GetBuildId(); now != buildID {
				return fmt.Errorf("the queue of type %s gives it to %q", kind, now)
			}
		}
		return nil
	})
}

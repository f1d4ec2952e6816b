package stack

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"tampuuri-hillava/internal/runs"
)

// WaitForBuild waits until workflow tasks are given to the workers of that build; "" are those without a version. The
// task queue itself is asked: the deployment is "in progress" until the queue of the activities has heard of the change
// too, which takes up to some minutes (server 1.32.1: matching's fetchUserData, between two parts of itself, slows down
// to the half of getUserDataLongPollTimeout) and matters little, as an activity goes to the build of its workflow. A busy
// server now and then never answers one question, so each is asked anew.
func WaitForBuild(ctx context.Context, c client.Client, buildID string) error {
	return WaitFor(ctx, fmt.Sprintf("the task queue to give its work to build %q", buildID), func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		queue, err := c.DescribeTaskQueue(ctx, runs.TaskQueue, enums.TASK_QUEUE_TYPE_WORKFLOW)
		if err != nil {
			return fmt.Errorf("look at the task queue: %w", err)
		}
		if now := queue.GetVersioningInfo().GetCurrentDeploymentVersion().GetBuildId(); now != buildID {
			return fmt.Errorf("it gives it to %q", now)
		}
		return nil
	})
}

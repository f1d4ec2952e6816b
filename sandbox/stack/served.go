package stack

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
)

// taskQueue is the one that every worker of the integration serves (contract.md §4).
const taskQueue = "tampuuri-hillava"

// pollLength is how long a worker's request for work stays open: a live one is never older.
const pollLength = 70 * time.Second

// refuseServed refuses a namespace that another worker serves. Ours would take its work and do it in the stand-ins, and
// would pause the poll schedules of customers that the sandbox does not have.
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
		if time.Since(poller.GetLastAccessTime().AsTime()) < pollLength {
			return fmt.Errorf("namespace %s at %s (from TEMPORAL_ADDRESS) is served by worker %s already: stop that one and wait a minute, name another namespace with TEMPORAL_NAMESPACE, or unset TEMPORAL_ADDRESS so that the sandbox runs a server of its own",
				server.Namespace, server.Address, poller.GetIdentity())
		}
	}
	return nil
}

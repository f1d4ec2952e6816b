package main

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

const (
	floorQueue  = "bench-floor"
	floorSignal = "go-on"
)

// floor is the bare workflow. Its activities do nothing, so that what is left is Temporal's own time.
type floor struct {
	client client.Client
	worker worker.Worker
	steps  []string
	done   chan string // workflow ids whose part up to the next signal is over
}

func newFloor(c client.Client, steps []string) (*floor, error) {
	f := &floor{client: c, steps: steps, done: make(chan string, 1024), worker: worker.New(c, floorQueue, worker.Options{})}
	f.worker.RegisterWorkflow(floorWorkflow)
	f.worker.RegisterActivity(f)
	if err := f.worker.Start(); err != nil {
		return nil, fmt.Errorf("start the floor's worker: %w", err)
	}
	return f, nil
}

// floorWorkflow takes the same steps as a notice's workflow did, one after the other.
func floorWorkflow(ctx workflow.Context, steps []string) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	phase := temporal.NewSearchAttributeKeyKeyword("NoticePhase")
	signals := workflow.GetSignalChannel(ctx, floorSignal)
	var f *floor
	for i, step := range steps {
		var err error
		switch step {
		case stepActivity:
			err = workflow.ExecuteActivity(ctx, f.Act, lastOfPart(steps, i)).Get(ctx, nil)
		case stepUpsert:
			err = workflow.UpsertTypedSearchAttributes(ctx, phase.ValueSet(fmt.Sprint("step-", i)))
		case stepSignal:
			signals.Receive(ctx, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// lastOfPart says whether no activity comes after i before the next signal.
func lastOfPart(steps []string, i int) bool {
	for _, step := range steps[i+1:] {
		switch step {
		case stepActivity:
			return false
		case stepSignal:
			return true
		}
	}
	return true
}

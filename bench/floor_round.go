package main

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"
)

// Act does nothing but say when a workflow has come to its next signal, or to its end.
func (f *floor) Act(ctx context.Context, last bool) error {
	if last {
		f.done <- activity.GetInfo(ctx).WorkflowExecution.ID
	}
	return nil
}

// round is one of the floor; used tells the CPU time of Temporal's server and of this process.
func (f *floor) round(ctx context.Context, n int, used func() usage) (Round, error) {
	var r Round
	before := used()
	ids := make([]string, n)
	began := time.Now()
	for i := range ids {
		ids[i] = "bench-floor-" + uuid.NewString()
	}
	if err := sideBySide(ids, func(id string) error {
		options := client.StartWorkflowOptions{ID: id, TaskQueue: floorQueue, WorkflowExecutionTimeout: 10 * time.Minute}
		if _, err := f.client.ExecuteWorkflow(ctx, options, floorWorkflow, f.steps); err != nil {
			return fmt.Errorf("start a workflow of the floor: %w", err)
		}
		return nil
	}); err != nil {
		return r, err
	}
	if err := f.await(ctx, n); err != nil {
		return r, err
	}
	r.ImportPerSecond = float64(n) / time.Since(began).Seconds()
	alone := min(probes, n)
	for _, id := range ids[:alone] {
		sent := time.Now()
		if err := f.signal(ctx, id); err != nil {
			return r, err
		}
		r.Answers = append(r.Answers, ms(time.Since(sent)))
		if err := f.await(ctx, 1); err != nil {
			return r, err
		}
		r.Latencies = append(r.Latencies, ms(time.Since(sent)))
	}
	began = time.Now()
	for _, part := range [][]string{ids[alone:], ids} {
		if err := sideBySide(part, func(id string) error { return f.signal(ctx, id) }); err != nil {
			return r, err
		}
		if err := f.await(ctx, len(part)); err != nil {
			return r, err
		}
	}
	r.PerSecond = float64(2*n-alone) / time.Since(began).Seconds()
	r.CPU = before.perNotice(used(), n)
	return r, nil
}

func (f *floor) signal(ctx context.Context, id string) error {
	if err := f.client.SignalWorkflow(ctx, id, "", floorSignal, nil); err != nil {
		return fmt.Errorf("signal a workflow of the floor: %w", err)
	}
	return nil
}

// sideBySide does something for each workflow, 40 at once: as fast as Hillava sends its webhooks, or faster.
func sideBySide(ids []string, do func(string) error) error {
	var group errgroup.Group
	group.SetLimit(40)
	for _, id := range ids {
		group.Go(func() error { return do(id) })
	}
	return group.Wait()
}

func (f *floor) await(ctx context.Context, n int) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for i := range n {
		select {
		case <-f.done:
		case <-ctx.Done():
			return fmt.Errorf("%d of %d workflows of the floor have gone on: %w", i, n, ctx.Err())
		}
	}
	return nil
}

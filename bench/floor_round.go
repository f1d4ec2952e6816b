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
	if err := f.arrive(ctx, &r); err != nil {
		return r, err
	}
	before, began := used(), time.Now()
	ids, err := f.started(ctx, n)
	if err != nil {
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
		if err := f.signalled(ctx, part); err != nil {
			return r, err
		}
	}
	r.PerSecond = float64(2*n-alone) / time.Since(began).Seconds()
	r.CPU = before.perNotice(used(), n)
	return r, nil
}

// arrive has workflows start one after the other, and finishes them.
func (f *floor) arrive(ctx context.Context, r *Round) error {
	var ids []string
	for range arrivals {
		began := time.Now()
		id, err := f.started(ctx, 1)
		if err != nil {
			return err
		}
		ids = append(ids, id...)
		r.Arrivals = append(r.Arrivals, ms(time.Since(began)))
	}
	for range transitions {
		if err := f.signalled(ctx, ids); err != nil {
			return err
		}
	}
	return nil
}

// started starts workflows, and waits until all have come to their first signal.
func (f *floor) started(ctx context.Context, n int) ([]string, error) {
	ids := make([]string, n)
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
		return nil, err
	}
	return ids, f.await(ctx, n)
}

// signalled signals workflows, and waits until each has come to its next signal, or to its end.
func (f *floor) signalled(ctx context.Context, ids []string) error {
	if err := sideBySide(ids, func(id string) error { return f.signal(ctx, id) }); err != nil {
		return err
	}
	return f.await(ctx, len(ids))
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

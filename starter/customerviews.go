package main

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"tampuuri-hillava/internal/runs"
)

// syncReader gives the result of the newest sync that has completed.
type syncReader interface {
	LastSync(ctx context.Context) (runs.SyncResult, bool, error)
}

// customerReader looks at a customer's workflow; CustomerStatus asks it, which needs a worker.
type customerReader interface {
	CustomerRun(ctx context.Context, tunniste string) (*runs.CustomerRun, error)
	CustomerStatus(ctx context.Context, tunniste string) (runs.CustomerStatus, error)
}

// customerView is what Temporal tells of one customer's workflow.
type customerView struct {
	run      *runs.CustomerRun // nil when none runs
	status   runs.CustomerStatus
	answered bool // the status is the workflow's own word, not only what Temporal keeps
}

// pausedUnseen tells that a customer is paused where its workflow could not say by whom: nothing else keeps the next poll
// from having a time.
func (v customerView) pausedUnseen() bool {
	return v.run != nil && !v.answered && v.run.Marks != nil && len(v.status.Reasons) == 0 && v.status.NextPoll == nil
}

// customersAtOnce is how many customers are looked at side by side.
const customersAtOnce = 10

// viewCustomers looks at customers' workflows. silent counts those that did not answer. Once some have not and none has,
// no more are asked: without a worker every question waits for its whole timeout.
func viewCustomers(ctx context.Context, from customerReader, tunnisteet []string) (views map[string]customerView, silent int, err error) {
	found := make([]customerView, len(tunnisteet))
	var answers, silences atomic.Int32
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(customersAtOnce)
	for i, tunniste := range tunnisteet {
		group.Go(func() error {
			run, err := from.CustomerRun(ctx, tunniste)
			if err != nil || run == nil {
				return err
			}
			found[i] = customerView{run: run, status: run.Status()}
			if answers.Load() == 0 && silences.Load() >= silentInARow {
				silences.Add(1)
				return nil
			}
			if status, err := from.CustomerStatus(ctx, tunniste); err == nil {
				answers.Add(1)
				found[i].status, found[i].answered = status, true
			} else {
				silences.Add(1) // what Temporal keeps has to do
			}
			return nil
		})
	}
	err = group.Wait()
	views = map[string]customerView{}
	for i, tunniste := range tunnisteet {
		views[tunniste] = found[i]
	}
	return views, int(silences.Load()), err
}

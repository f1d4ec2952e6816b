// Package customers tells what is known of each customer: what the last sync decided, what its workflow says, and what a
// person can do about either.
package customers

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"tampuuri-hillava/internal/runs"
)

// Source is what is asked of Temporal: the newest sync that has completed, who has a workflow, and what is known of one.
// CustomerStatus asks the workflow itself, which needs a worker.
type Source interface {
	LastSync(ctx context.Context) (runs.SyncResult, bool, error)
	Customers(ctx context.Context) ([]string, error)
	CustomerRun(ctx context.Context, tunniste string) (*runs.CustomerRun, error)
	CustomerStatus(ctx context.Context, tunniste string) (runs.CustomerStatus, error)
}

// View is what Temporal tells of one customer's workflow.
type View struct {
	Run      *runs.CustomerRun // nil when none runs
	Status   runs.CustomerStatus
	Answered bool // the status is the workflow's own word, not only what Temporal keeps
}

// PausedUnseen tells that a customer is paused where its workflow could not say by whom: nothing else keeps the next poll
// from having a time.
func (v View) PausedUnseen() bool {
	return v.Run != nil && !v.Answered && v.Run.Marks != nil && len(v.Status.Reasons) == 0 && v.Status.NextPoll == nil
}

// silentInARow is after how many customers that did not answer no more are asked.
const silentInARow = 3

// customersAtOnce is how many customers are looked at side by side.
const customersAtOnce = 10

// Views looks at customers' workflows. silent counts those that did not answer. Once some have not and none has,
// no more are asked: without a worker every question waits for its whole timeout.
func Views(ctx context.Context, from Source, tunnisteet []string) (views map[string]View, silent int, err error) {
	found := make([]View, len(tunnisteet))
	var answers, silences atomic.Int32
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(customersAtOnce)
	for i, tunniste := range tunnisteet {
		group.Go(func() error {
			run, err := from.CustomerRun(ctx, tunniste)
			if err != nil || run == nil {
				return err
			}
			found[i] = View{Run: run, Status: run.Marks.Status(tunniste)}
			if answers.Load() == 0 && silences.Load() >= silentInARow {
				silences.Add(1)
				return nil
			}
			if status, err := from.CustomerStatus(ctx, tunniste); err == nil {
				answers.Add(1)
				found[i].Status, found[i].Answered = withLaterRounds(status, found[i].Status), true
			} else {
				silences.Add(1) // what Temporal keeps has to do
			}
			return nil
		})
	}
	err = group.Wait()
	views = map[string]View{}
	for i, tunniste := range tunnisteet {
		views[tunniste] = found[i]
	}
	return views, int(silences.Load()), err
}

// WithLaterRounds adds to what a customer's workflow answered the rounds that it has not taken in yet. When it polls next is
// its own to say.
func WithLaterRounds(ctx context.Context, from Source, answered runs.CustomerStatus) runs.CustomerStatus {
	run, err := from.CustomerRun(ctx, answered.Tunniste)
	if err != nil || run == nil {
		return answered
	}
	next := answered.NextPoll
	answered = withLaterRounds(answered, run.Marks.Status(answered.Tunniste))
	answered.NextPoll = next
	return answered
}

// withLaterRounds takes from what Temporal keeps what the worker that answered does not know: another one has done the last
// rounds.
func withLaterRounds(answered, kept runs.CustomerStatus) runs.CustomerStatus {
	if kept.LastGoodPoll == nil || answered.LastGoodPoll != nil && !kept.LastGoodPoll.After(*answered.LastGoodPoll) {
		return answered
	}
	answered.LastGoodPoll, answered.LastRound, answered.LastCompared = kept.LastGoodPoll, kept.LastRound, kept.LastCompared
	answered.Unflagged, answered.Open = kept.Unflagged, kept.Open
	if answered.Paused == nil {
		answered.NextPoll = kept.NextPoll
	}
	return answered
}

package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"tampuuri-hillava/internal/runs"
)

// SyncCustomers is one round of bringing the customers' workflows in line with Hillava's customers and customers.yaml.
func (w *Workflows) SyncCustomers(ctx workflow.Context, in runs.Round) (runs.SyncResult, error) {
	last := lastResult[runs.SyncResult](ctx)
	result, err := syncCustomers.execute(w.withRound(ctx, in.Every, "sync the customers"), runs.SyncInput{Last: last})
	if err == nil || temporal.IsCanceledError(err) {
		return result, err
	}
	last.Failure = failureType(err)
	return last, nil
}

// Reconcile is one round of finding Hillava's events whose webhook never came.
func (w *Workflows) Reconcile(ctx workflow.Context, in runs.Round) (runs.ReconcileResult, error) {
	last := lastResult[runs.ReconcileResult](ctx)
	result, err := reconcileEvents.execute(w.withRound(ctx, in.Every, "events whose webhook is missing"), runs.ReconcileInput{Last: last})
	if err == nil || temporal.IsCanceledError(err) {
		return result, err
	}
	last.Failure = failureType(err)
	return last, nil
}

// lastResult is what the schedule's last round that completed has returned: where this one goes on. A round completes
// also when it failed, so that nothing of it is lost.
func lastResult[T any](ctx workflow.Context) (last T) {
	if workflow.HasLastCompletionResult(ctx) {
		if err := workflow.GetLastCompletionResult(ctx, &last); err != nil {
			workflow.GetLogger(ctx).Warn("The last round's result cannot be read; starting afresh.", "error", err)
		}
	}
	return last
}

// roundLimit leaves a tenth of the interval for what comes after the round, as rounds do not overlap. Where the interval is
// short, a round may take longer and skip the next one: a limit below what some requests take would let no round end.
func (w *Workflows) roundLimit(every time.Duration) time.Duration {
	return max(every*9/10, 3*w.timing.HTTPTimeout, 10*time.Second)
}

// failureType is the closed-set word for why an activity gave up.
func failureType(err error) string {
	if timeout, ok := errors.AsType[*temporal.TimeoutError](err); ok {
		if reason := reasonOf(timeout.Unwrap()); reason != runs.ReasonUnexpected {
			return reason
		}
		return runs.FaultTimeout
	}
	return reasonOf(err)
}

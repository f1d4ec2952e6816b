package workflows

import (
	"time"

	"tampuuri-hillava/internal/runs"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// patient retries for as long as it takes: a peer's outage must not lose anything. Errors that no retry mends are
// non-retryable where they are made.
func patient(t runs.Timing) *temporal.RetryPolicy {
	return &temporal.RetryPolicy{
		InitialInterval:    t.FirstPause(),
		BackoffCoefficient: 2,
		MaximumInterval:    t.LongestPause(),
	}
}

// withStep gives ctx the options of one step of a notice's life, or of a round of telling people, which makes so many calls.
func (w *Workflows) withStep(ctx workflow.Context, calls int, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: w.timing.Attempt(calls),
		RetryPolicy:         patient(w.timing),
		// A dismissal waits for the attempt under way: what it writes must be over before the notice is left.
		WaitForCancellation: true,
		Summary:             summary,
	})
}

// withPatience gives ctx the options of a step that is tried for so long at most, as nobody waits for it: a reminder, or the
// look with which a run ends.
func (w *Workflows) withPatience(ctx workflow.Context, calls int, summary string, patience time.Duration) workflow.Context {
	options := workflow.GetActivityOptions(w.withStep(ctx, calls, summary))
	options.ScheduleToCloseTimeout = patience
	return workflow.WithActivityOptions(ctx, options)
}

// withTwoAttempts gives ctx the options of an activity that somebody waits for: there is time for two attempts, and none for
// a peer that wants to be left alone for longer.
func (w *Workflows) withTwoAttempts(ctx workflow.Context, calls int, summary string) workflow.Context {
	attempt := w.timing.Attempt(calls)
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		ScheduleToCloseTimeout: 2*attempt + w.timing.FirstPause(),
		StartToCloseTimeout:    attempt,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: w.timing.FirstPause(), BackoffCoefficient: 2, MaximumAttempts: 2},
		Summary:                summary,
	})
}

// withCustomerRound gives ctx the options of a customer's rounds: each attempt is one, for ever. A round ends itself before
// its time is up and says when the next one is due; the pause here is only after a worker that died in one.
func (w *Workflows) withCustomerRound(ctx workflow.Context, tunniste string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: w.timing.Round(),
		HeartbeatTimeout:    w.timing.Heartbeat(),
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: w.timing.FirstPause(), BackoffCoefficient: 1},
		WaitForCancellation: true, // two rounds never overlap
		Summary:             "poll and compare " + tunniste,
	})
}

// withRound gives ctx the options of an activity of a scheduled round, which must be over before the next round:
// what it does not manage, the next one does.
func (w *Workflows) withRound(ctx workflow.Context, every time.Duration, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		ScheduleToCloseTimeout: w.roundLimit(every),
		HeartbeatTimeout:       w.timing.Heartbeat(),
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    w.timing.FirstPause(),
			BackoffCoefficient: 2,
			MaximumInterval:    time.Minute,
			MaximumAttempts:    3,
		},
		Summary: summary,
	})
}

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

// callsOf says how many requests to a peer an attempt may make, at most, before its time is up.
var callsOf = map[string]int{
	createTask.name:       8, // look-up, notice, kohde, task types, process, create, the task behind a 409, a neutral call
	setState.name:         2, // look, set
	planToimenpiteet.name: 2, // time entries
	reportInvoiced.name:   8, // look, time entries, some toimenpiteet, Valmis; more toimenpiteet take more attempts
	followNotice.name:     8, // notice, task, process, time entries, notes
	remindUnapproved.name: 1,
	remindUninvoiced.name: 2, // task, note
	noteOnParent.name:     3, // parent, its task, note
	lookAtDismissed.name:  1,
	importNotice.name:     3, // notice, its task's events; Temporal
	notifyRound.name:      6, // Temporal's lists; then one message to each channel, all at once
}

// withStep gives ctx the options of one step of a notice's life; the summary is what the Web UI shows beside it.
func (w *Workflows) withStep(ctx workflow.Context, activityName, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: w.timing.Attempt(callsOf[activityName]),
		RetryPolicy:         patient(w.timing),
		// A dismissal waits for the attempt under way: what it writes must be over before the notice is left.
		WaitForCancellation: true,
		Summary:             summary,
	})
}

// withReminder gives ctx the options of a reminder, which is tried for so long at most.
func (w *Workflows) withReminder(ctx workflow.Context, patience time.Duration) workflow.Context {
	options := workflow.GetActivityOptions(w.withStep(ctx, remindUninvoiced.name, "remind that Laskutettu is missing"))
	options.ScheduleToCloseTimeout = patience
	return workflow.WithActivityOptions(ctx, options)
}

// once gives ctx the options of an activity that somebody waits for: there is time for two attempts, and none for a peer
// that wants to be left alone for longer.
func (w *Workflows) once(ctx workflow.Context, activityName, summary string) workflow.Context {
	attempt := w.timing.Attempt(callsOf[activityName])
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

// withNotifyRound gives ctx the options of the rounds of telling people: as a customer's, each attempt is one.
func (w *Workflows) withNotifyRound(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: w.timing.Attempt(callsOf[notifyRound.name]),
		RetryPolicy:         patient(w.timing),
		WaitForCancellation: true, // what it sends is over before it ends
		Summary:             "look what is wrong, tell people",
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

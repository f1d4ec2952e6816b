package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Timing is what the activity time-outs follow from. It may change between deployments: time-outs are not part of what
// a replay compares.
type Timing struct {
	HTTPTimeout time.Duration // of one request to a peer
}

// InFlightWindow is how long after its start a write may still take effect at the peer: as long as our client waits
// for the answer, and a margin for what is on its way. Looking for a write's effect earlier proves nothing.
func (t Timing) InFlightWindow() time.Duration {
	return t.HTTPTimeout + max(t.HTTPTimeout/2, leastMargin)
}

// leastMargin is the margin however short our own patience is set: it does not make a peer faster.
const leastMargin = 2 * time.Second

// LongestPause is between two attempts of a step that waits for a peer: 5 minutes at the default HTTP_TIMEOUT of 10 s. It
// follows from the time-out, so that a test with shortened times gets to the pauses that an outage of hours gets to.
func (t Timing) LongestPause() time.Duration { return min(30*t.HTTPTimeout, longestPause) }

// longestPause is the bound for any HTTP_TIMEOUT: who waits longer takes a peer that is back for one that is away.
const longestPause = 10 * time.Minute

// FirstPause is between the first attempt of a step and the second; each later one is twice as long.
func (t Timing) FirstPause() time.Duration { return max(t.HTTPTimeout/5, 200*time.Millisecond) }

// attempt is StartToClose of an activity that makes so many calls and whose last call may be a write. The window at
// the end keeps the next attempt from looking too early when this one's worker has been killed; see activities.timeToWrite.
func (t Timing) attempt(calls int) time.Duration {
	return time.Duration(calls)*t.HTTPTimeout + t.InFlightWindow() + attemptSlack
}

// attemptSlack is for what is neither our waiting for a peer nor the window: dispatch, mapping, a busy machine.
const attemptSlack = 2 * time.Second

// patient retries for as long as it takes: a peer's outage must not lose anything. Errors that no retry mends are
// non-retryable where they are made.
func patient(t Timing) *temporal.RetryPolicy {
	return &temporal.RetryPolicy{
		InitialInterval:    t.FirstPause(),
		BackoffCoefficient: 2,
		MaximumInterval:    t.LongestPause(),
	}
}

// callsOf says how many requests to a peer an attempt may make, at most, before its time is up.
var callsOf = map[string]int{
	createTask.name:       11, // look-up, notice, parent, its task, its note, kohde, customers, task types, process, create, the task behind a 409
	setState.name:         2,  // look, set
	planToimenpiteet.name: 2,  // time entries
	reportInvoiced.name:   8,  // look, time entries, some toimenpiteet, Valmis; more toimenpiteet take more attempts
	followNotice.name:     8,  // notice, task, process, time entries, notes
	remindUnapproved.name: 1,
}

// withStep gives ctx the options of one step of a notice's life; the summary is what the Web UI shows beside it.
func (w *Workflows) withStep(ctx workflow.Context, activityName, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: w.timing.attempt(callsOf[activityName]),
		RetryPolicy:         patient(w.timing),
		Summary:             summary,
	})
}

// withRound gives ctx the options of an activity of a scheduled round, which must be over before the next round:
// what it does not manage, the next one does.
func (w *Workflows) withRound(ctx workflow.Context, limit time.Duration, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		ScheduleToCloseTimeout: limit,
		HeartbeatTimeout:       max(4*w.timing.HTTPTimeout, 5*time.Second),
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    w.timing.FirstPause(),
			BackoffCoefficient: 2,
			MaximumInterval:    time.Minute,
			MaximumAttempts:    3,
		},
		Summary: summary,
	})
}

package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// PollCustomerInput is what a poll Schedule starts its workflow with.
type PollCustomerInput struct {
	Customer string        `json:"customer"`
	Every    time.Duration `json:"every"` // the interval: a round is over before the next one begins
}

// PollInput is the poll's input with what the last good round found.
type PollInput struct {
	Customer string     `json:"customer"`
	Last     PollResult `json:"last"`
}

// PollResult is the outcome of one round, and where the next one goes on. It completes even when the round failed, so
// that the marks are never lost.
type PollResult struct {
	// Marks holds, per performer id, the Muokattu up to which every notice is dealt with (RFC 3339).
	Marks map[int64]string `json:"marks,omitempty"`
	// Started counts new notices, Known those that have a workflow, Signalled those of them that were told of a change.
	Started   int `json:"started"`
	Known     int `json:"known"`
	Signalled int `json:"signalled"`
	// Left is true when max_new stopped the round before the end; the next round goes on from there.
	Left bool `json:"left,omitempty"`
	// Skipped are notices that are not imported though ours, with the reason: "reopened in Tampuuri", "unreadable".
	Skipped []SkippedNotice `json:"skipped,omitempty"`
	// LastGood is when a round last went through (UTC).
	LastGood time.Time `json:"lastGood"`
	// Failure is why this round failed, as an error type; empty when it did not.
	Failure string `json:"failure,omitempty"`
	// Idle says that the round was outside the customer's polling hours, or the customer is stopped.
	Idle string `json:"idle,omitempty"`
}

// SkippedNotice is one notice that a poll did not import and a person should know of.
type SkippedNotice struct {
	NoticeID int64  `json:"noticeId"`
	Reason   string `json:"reason"`
}

// Reasons for which a poll passes a notice over.
const (
	SkippedReopened   = "reopened in Tampuuri"
	SkippedUnreadable = "unreadable"
	SkippedIDTaken    = "external id is another notice's"
)

// PollCustomer is one round of polling one customer. What the last round returned says where to go on.
func (w *Workflows) PollCustomer(ctx workflow.Context, in PollCustomerInput) (PollResult, error) {
	var last PollResult
	if workflow.HasLastCompletionResult(ctx) {
		if err := workflow.GetLastCompletionResult(ctx, &last); err != nil {
			workflow.GetLogger(ctx).Warn("The last poll's result cannot be read; polling from the start date.", "error", err)
		}
	}
	limit := w.roundLimit(in.Every)
	result, err := pollNotices.execute(w.withRound(ctx, limit, "poll "+in.Customer), PollInput{Customer: in.Customer, Last: last})
	if err == nil {
		return result, nil
	}
	if temporal.IsCanceledError(err) {
		return last, err
	}
	last.Started, last.Known, last.Signalled, last.Failure, last.Idle = 0, 0, 0, failureType(err), ""
	return last, nil
}

// roundLimit leaves a tenth of the interval for what comes after the round, as rounds do not overlap. Where the interval is
// short, a round may take longer and skip the next one: a limit below what some requests take would let no round end.
func (w *Workflows) roundLimit(every time.Duration) time.Duration {
	return max(every*9/10, 3*w.timing.HTTPTimeout, 10*time.Second)
}

// failureType is the closed-set word for why an activity gave up; empty when it did not.
func failureType(err error) string {
	if err == nil {
		return ""
	}
	var timeout *temporal.TimeoutError
	if errors.As(err, &timeout) {
		if reason := reasonOf(timeout.Unwrap()); reason != ReasonUnexpected {
			return reason
		}
		return "timeout"
	}
	return reasonOf(err)
}

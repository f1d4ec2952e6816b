package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// RoundInput is what the schedules sync-customers and reconcile start their workflows with.
type RoundInput struct {
	Every time.Duration `json:"every"`
}

// ReconcileInput carries the last round's result.
type ReconcileInput struct {
	Last ReconcileResult `json:"last"`
}

// ReconcileResult is the outcome of one round over both systems.
type ReconcileResult struct {
	Hillava  HillavaDifferences  `json:"hillava"`
	Tampuuri TampuuriDifferences `json:"tampuuri"`
}

// HillavaDifferences is what changed tasks had to say that no webhook had said.
type HillavaDifferences struct {
	Mark      string         `json:"mark,omitempty"` // modifiedAt up to which every task is dealt with (RFC 3339 UTC)
	Tasks     int            `json:"tasks"`          // changed tasks looked at
	Signalled int            `json:"signalled"`      // events sent to their notices
	Changed   []ChangedAfter `json:"changed,omitempty"`
	Failure   string         `json:"failure,omitempty"`
}

// ChangedAfter is a notice whose time entries were changed after they had been sent.
type ChangedAfter struct {
	WorkflowID string   `json:"workflowId"`
	TaskID     string   `json:"taskId"`
	EntryIDs   []string `json:"entryIds"`
	Since      string   `json:"since"` // RFC 3339 UTC, when it was first seen
	// Noted tells which changes the task's note is about, so that rounds which read the task again add no other one.
	Noted string `json:"noted,omitempty"`
}

// TampuuriDifferences is what open notices looked like in Tampuuri other than we knew.
type TampuuriDifferences struct {
	Open      int               `json:"open"`      // open notices looked at
	Signalled int               `json:"signalled"` // notices told that they changed
	Failures  map[string]string `json:"failures,omitempty"`
	Failure   string            `json:"failure,omitempty"`
}

// Reconcile is one round of finding what got lost between the systems: webhooks that never came, and notices that
// changed without a poll showing it. Both halves run side by side, and neither waits for the other's peer.
func (w *Workflows) Reconcile(ctx workflow.Context, in RoundInput) (ReconcileResult, error) {
	var last ReconcileResult
	if workflow.HasLastCompletionResult(ctx) {
		if err := workflow.GetLastCompletionResult(ctx, &last); err != nil {
			workflow.GetLogger(ctx).Warn("The last reconciliation's result cannot be read; starting afresh.", "error", err)
		}
	}
	limit := w.roundLimit(in.Every)
	result := last
	events := reconcileHillava.start(w.withRound(ctx, limit, "events whose webhook is missing"), ReconcileInput{last})
	notices := reconcileTampuuri.start(w.withRound(ctx, limit, "open notices that changed"), ReconcileInput{last})

	hillava, hillavaErr := events()
	tampuuri, tampuuriErr := notices()
	if temporal.IsCanceledError(hillavaErr) || temporal.IsCanceledError(tampuuriErr) {
		return last, errors.Join(hillavaErr, tampuuriErr)
	}
	if result.Hillava.Failure = failureType(hillavaErr); hillavaErr == nil {
		result.Hillava = hillava
	}
	if result.Tampuuri.Failure = failureType(tampuuriErr); tampuuriErr == nil {
		result.Tampuuri = tampuuri
	}
	return result, nil
}

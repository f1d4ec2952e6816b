package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// SyncInput carries the last good result: a customer that a failed, empty or halved list does not name is kept by it.
type SyncInput struct {
	Last SyncResult `json:"last"`
}

// SyncResult says which customers are polled, and why the others are not. It holds no names: a property owner may be
// a person.
type SyncResult struct {
	Customers []CustomerState `json:"customers"`
	// InHillava is the length of the last believed list; ShrunkSince is since when the lists are too short to be believed.
	InHillava   int        `json:"inHillava"`
	ShrunkSince *time.Time `json:"shrunkSince,omitempty"`
	// Warning says why the list of this round was not believed, as a word; empty when it was.
	Warning string `json:"warning,omitempty"`
	// Failure is why this round failed, as an error type; empty when it did not.
	Failure string `json:"failure,omitempty"`
}

// CustomerState is one customer after a sync.
type CustomerState struct {
	Tunniste   string        `json:"tunniste"`
	CustomerID string        `json:"customerId,omitempty"` // in Hillava
	Polled     bool          `json:"polled"`
	Every      time.Duration `json:"every,omitempty"`   // the poll's interval
	Reasons    []string      `json:"reasons,omitempty"` // why not; what to do
}

// SyncCustomers is one round of bringing the poll Schedules in line with Hillava's customers and customers.yaml.
func (w *Workflows) SyncCustomers(ctx workflow.Context, every RoundInput) (SyncResult, error) {
	var last SyncResult
	if workflow.HasLastCompletionResult(ctx) {
		if err := workflow.GetLastCompletionResult(ctx, &last); err != nil {
			workflow.GetLogger(ctx).Warn("The last sync's result cannot be read; starting afresh.", "error", err)
		}
	}
	result, err := syncCustomers.execute(w.withRound(ctx, w.roundLimit(every.Every), "sync the customers"), SyncInput{Last: last})
	if err == nil {
		return result, nil
	}
	if temporal.IsCanceledError(err) {
		return last, err
	}
	last.Failure = failureType(err)
	return last, nil
}

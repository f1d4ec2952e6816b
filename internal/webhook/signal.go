package webhook

import (
	"context"

	"tampuuri-hillava/workflows"
)

// Outcome is what became of a signal that Temporal answered.
type Outcome int

// The outcomes. Every other result is an error: Temporal did not take the signal, or its answer is not known.
const (
	Accepted Outcome = iota + 1 // Temporal has the signal durably, now or from an earlier delivery
	Closed                      // the notice's run is closed and Temporal still keeps it
	Unknown                     // there is no such notice
)

// String names the outcome in logs.
func (o Outcome) String() string {
	switch o {
	case Accepted:
		return "accepted"
	case Closed:
		return "closed"
	case Unknown:
		return "unknown"
	default:
		return "none"
	}
}

// Signaler hands an event to the notice's workflow. The same event may be handed over again; that must change nothing.
type Signaler interface {
	// Signal returns Accepted only when the signal is stored. It gives up when ctx ends.
	Signal(ctx context.Context, externalID, signal string, payload workflows.EventSignal) (Outcome, error)
}

// signals are the event types that Hillava sends and we know, with the signal that each becomes.
var signals = map[string]string{
	"task.done":     workflows.SignalTyoValmis,
	"task.invoiced": workflows.SignalLaskutettu,
}

package webhook

import (
	"context"

	"tampuuri-hillava/internal/runs"
)

// Signaler hands an event to the notice's workflow. The same event may be handed over again; that must change nothing.
type Signaler interface {
	// Signal returns Accepted only when the signal is stored. It gives up when ctx ends.
	Signal(ctx context.Context, externalID, signal string, payload runs.EventSignal) (runs.Outcome, error)
}

// signals are the event types that Hillava sends and we know, with the signal that each becomes.
var signals = map[string]string{
	"task.done":     runs.SignalTyoValmis,
	"task.invoiced": runs.SignalLaskutettu,
}

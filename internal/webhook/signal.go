package webhook

import (
	"context"

	"tampuuri-hillava/internal/runs"
)

// Signaler hands an event to the notice's workflow. The same event may be handed over again; that must change nothing.
type Signaler interface {
	// SignalEvent returns Accepted only when the signal is stored. It gives up when ctx ends.
	SignalEvent(ctx context.Context, externalID string, signal runs.SignalRef[runs.EventSignal], event runs.EventSignal) (runs.Outcome, error)
}

// signals are the event types that Hillava sends and we know, with the signal that each becomes.
var signals = map[string]runs.SignalRef[runs.EventSignal]{
	"task.done":     runs.TyoValmis,
	"task.invoiced": runs.Laskutettu,
}

package runs

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"tampuuri-hillava/internal/temporalclient"
)

// SignalRef is one signal as sender and receiver see it: its name with the type of its payload, so that neither can drift.
type SignalRef[T any] struct{ name string }

// Name is the signal's name in histories and in the Web UI.
func (s SignalRef[T]) Name() string { return s.name }

// Decode reads a payload that anybody may have written by hand in the Web UI; ok is false when there is none or it is
// not of the signal's shape.
func (s SignalRef[T]) Decode(raw converter.RawValue) (payload T, ok bool) {
	written := raw.Payload()
	if written == nil || converter.GetDefaultDataConverter().FromPayload(written, &payload) != nil {
		return *new(T), false
	}
	return payload, true
}

// send signals a workflow. One and the same cause, sent again to the same run, adds no event; an empty cause is a
// person's, who may well send twice.
func (s SignalRef[T]) send(ctx context.Context, temporal client.Client, workflowID, cause string, payload T) error {
	if cause != "" {
		ctx = temporalclient.WithSignalRequestID(ctx, temporalclient.EventRequestID(s.name, cause))
	}
	return temporal.SignalWorkflow(ctx, workflowID, "", s.name, payload)
}

// The signals of Notice.
var (
	TyoValmis     = SignalRef[EventSignal]{"tyo-valmis"}
	Laskutettu    = SignalRef[EventSignal]{"laskutettu"}
	NoticeChanged = SignalRef[any]{"notice-changed"} // carries nothing
	Resend        = SignalRef[ResendSignal]{"resend"}
	Dismiss       = SignalRef[DismissSignal]{"dismiss"}
)

// The signals of Customer.
var (
	ServedSignal   = SignalRef[Served]{"served"}            // by SyncCustomers: what it found has changed
	EntriesChanged = SignalRef[SentTask]{"entries-changed"} // by Reconcile and ReportInvoiced: time entries may have been changed after sending
)

// EventSignal is the payload of tyo-valmis and laskutettu. A person who sends the signal by hand may leave it out.
type EventSignal struct {
	EventID    string `json:"eventId"`    // Hillava's event id, the same on every delivery of that event
	OccurredAt string `json:"occurredAt"` // RFC 3339 UTC, as Hillava gave it
}

// ResendSignal is the payload of resend. A person who sends the signal by hand may leave it out.
type ResendSignal struct {
	By string `json:"by"` // who wants it, e.g. an operator's user name
	// Reason is why it waited, or the phase that it was in, as shown to whoever wants it; empty: whatever is shown by then.
	Reason string `json:"reason,omitempty"`
}

// DismissSignal is the payload of dismiss.
type DismissSignal struct {
	By   string `json:"by"`   // who decided, e.g. an operator's user name
	Code string `json:"code"` // one of the DismissCodes
}

// DismissCodes are the reasons for which a person may close a notice.
var DismissCodes = []string{"done-by-hand", "not-ours", "other"}

// Outcome is what became of a signal that Temporal answered.
type Outcome string

// The outcomes. Every other result is an error: Temporal did not take the signal, or its answer is not known.
const (
	Accepted Outcome = "accepted" // Temporal has the signal durably, now or from an earlier delivery
	Closed   Outcome = "closed"   // the notice's run is closed and Temporal still keeps it
	Unknown  Outcome = "unknown"  // there is no such notice
)

// String names the outcome in logs.
func (o Outcome) String() string { return cmp.Or(string(o), "none") }

// SignalEvent hands one of Hillava's events to its notice; webhook and reconciliation send the same, so that whichever
// comes second adds nothing. Temporal answers NotFound for a closed run as for one that never was: a look tells them
// apart, and finds a run that began in between (a notice given back to us), which is signalled once more. Errors do not
// name the notice: its id is the sender's text, and the log line has it where it may be shown.
func (c *Client) SignalEvent(ctx context.Context, externalID string, signal SignalRef[EventSignal], event EventSignal) (Outcome, error) {
	workflowID := NoticeWorkflowID(externalID)
	err := signal.send(ctx, c.temporal, workflowID, event.EventID, event)
	if err == nil {
		return Accepted, nil
	}
	if !isNotFound(err) {
		return "", fmt.Errorf("signal %s: %w", signal.name, err)
	}
	life, err := c.Life(ctx, externalID)
	switch {
	case err != nil:
		return "", fmt.Errorf("look for the notice that took no signal: %w", err)
	case life == nil:
		return Unknown, nil
	case !life.Running:
		return Closed, nil
	}
	if err := signal.send(ctx, c.temporal, workflowID, event.EventID, event); err != nil {
		return "", fmt.Errorf("signal %s to the notice that runs again: %w", signal.name, err)
	}
	return Accepted, nil
}

// TellChanged has a notice's workflow look at Tampuuri. One and the same difference, told again while the workflow has
// not dealt with it, adds one event a day at most. Both sides of it are in the cause: an edit of our own settings
// (performer_ids, say) takes a notice away and gives it back without moving Muokattu. The day is in it as well, as the same
// difference may come again once it was dealt with. A workflow that has closed meanwhile needs no signal.
func (c *Client) TellChanged(ctx context.Context, life *Life, now Snapshot, modified, told time.Time) error {
	cause := fmt.Sprintf("%s %v %v %s %s", life.Ref.ExternalID, life.Snapshot, now, modified.UTC().Format(time.RFC3339Nano), told.UTC().Format(time.DateOnly))
	workflowID := NoticeWorkflowID(life.Ref.ExternalID)
	err := NoticeChanged.send(ctx, c.temporal, workflowID, cause, nil)
	if isNotFound(err) {
		return nil
	}
	return wrap("signal", workflowID, err)
}

// SendResend lets what a notice waits with go again; ErrNone when it is not running.
func (c *Client) SendResend(ctx context.Context, workflowID string, resend ResendSignal) error {
	return wrap("signal", workflowID, Resend.send(ctx, c.temporal, workflowID, "", resend))
}

// SendDismiss closes a notice by a person's decision; ErrNone when it is not running.
func (c *Client) SendDismiss(ctx context.Context, workflowID string, dismissal DismissSignal) error {
	return wrap("signal", workflowID, Dismiss.send(ctx, c.temporal, workflowID, "", dismissal))
}

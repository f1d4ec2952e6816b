package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
)

const maxRetryAfter = 15 * time.Minute

// call says what kind of call an error came from, as far as the retry table needs to know.
type call struct {
	write   bool   // no idempotency key: an unknown outcome must be looked at
	missing string // the Reason for a 404; empty: a refusal like others
	attempt int32  // of the activity, from 1
}

// Failure is what Temporal is told of an activity's error. Missing is the Reason for a 404, and may be empty; attempt counts
// from 1, as the pause before the next one grows with it. Whatever the table has ruled on already stays as it is.
func (g *Gateway) Failure(err error, missing string, attempt int32) error {
	return g.failure(err, call{missing: missing, attempt: attempt})
}

// failure is THE retry table: it turns whatever a peer's client returns into the error that Temporal acts on.
//
//	no answer, 408, 425, 429, 5xx, HTML instead of JSON   retried with back-off, or after Retry-After (capped)
//	the same after a write was sent                       retried, but not before the in-flight window is over
//	401; 403 when a neutral call is refused as well       retried behind the customer's gate (gate.go)
//	403 of one record alone                               attention
//	403 on a write to Tampuuri                            the notice is not ours: attention
//	404, 409, 400, 413, 422, any other 3xx and 4xx        attention, with a Reason that says what to do
//	JSON that breaks the contract, on a read              attention; on a write its outcome is unknown
func (g *Gateway) failure(err error, c call) error {
	var application *temporal.ApplicationError
	var shut *gateShut
	var refusal *peer.Error
	var record *recordRefused
	switch {
	case err == nil:
		return nil
	case errors.As(err, &application):
		return err
	case errors.As(err, &record):
		return Stop(refusedBy(record.refusal), record)
	case errors.As(err, &refusal) && refusal.Sent && c.write:
		// Before the cancellation: a worker that stops cancels a write that may be on its way, and Temporal would
		// try again after the policy's first interval, which is shorter than the in-flight window.
		return g.peerFailure(refusal, c)
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &shut):
		return RetryLater(shut.kind(), shut, shut.wait)
	case errors.As(err, &refusal):
		return g.peerFailure(refusal, c)
	case errors.Is(err, context.DeadlineExceeded):
		return RetryLater(runs.FaultUnavailable, err, g.Backoff(c.attempt))
	default:
		return Stop(runs.ReasonUnexpected, err)
	}
}

func (g *Gateway) peerFailure(e *peer.Error, c call) error {
	if e.IsTemporary() {
		return g.temporaryFailure(e, c)
	}
	switch e.Kind {
	case peer.KindStatus:
		return statusFailure(e, c)
	case peer.KindMalformed, peer.KindTooLarge:
		if c.write && e.Sent {
			return g.lookLater(e, c)
		}
		return Stop(runs.ReasonUnreadable, e)
	case peer.KindRedirect:
		return Stop(refusedBy(e), e)
	default: // what we sent, and whatever is not in this table
		return Stop(runs.ReasonUnexpected, e)
	}
}

// temporaryFailure is for what goes on by itself. Of a write, only the answers that say "not now" tell that it was not done;
// 408 does not even tell whether the request has arrived as a whole.
func (g *Gateway) temporaryFailure(e *peer.Error, c call) error {
	wait := g.wait(e, c)
	switch {
	case !c.write || !e.Sent, e.Kind == peer.KindStatus && (e.Status == http.StatusTooEarly || e.Status == http.StatusTooManyRequests):
		return RetryLater(runs.FaultUnavailable, e, wait)
	default:
		return g.lookLater(e, c)
	}
}

func statusFailure(e *peer.Error, c call) error {
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		if e.Status == http.StatusForbidden && c.write && e.Peer == PeerTampuuri {
			return Stop(runs.ReasonNotOurs, e)
		}
		return RetryLater(runs.FaultCredentialsRefused, e, gateFirst) // the gate says how long it really is
	case http.StatusNotFound:
		if c.missing != "" {
			return Stop(c.missing, e)
		}
	case http.StatusConflict:
		if e.Peer == PeerTampuuri { // of the other one it is no matter of a notice's state
			return Stop(runs.ReasonStateConflict, e)
		}
	}
	return Stop(refusedBy(e), e)
}

// The names of the peers in their errors.
const (
	PeerTampuuri = "tampuuri"
	PeerHillava  = "hillava"
)

func refusedBy(e *peer.Error) string {
	if e.Peer == PeerTampuuri {
		return runs.ReasonTampuuriRefused
	}
	return runs.ReasonHillavaRefused
}

// lookLater is for a write whose outcome is unknown. The next attempt begins with a look, and that look proves
// something only when the request can no longer be on its way.
func (g *Gateway) lookLater(e *peer.Error, c call) error {
	return RetryLater(runs.FaultOutcomeUnknown, e, max(g.timing.InFlightWindow(), g.wait(e, c)))
}

func (g *Gateway) wait(e *peer.Error, c call) time.Duration {
	return max(g.Backoff(c.attempt), min(e.RetryAfter, maxRetryAfter))
}

// Backoff is the delay after that attempt. It stands here as well as in the retry policy, as NextRetryDelay replaces
// the policy's own delay.
func (g *Gateway) Backoff(attempt int32) time.Duration {
	delay := g.timing.FirstPause()
	for range min(attempt-1, 20) {
		delay = min(2*delay, g.timing.LongestPause())
	}
	return delay
}

// RetryLater is for what another attempt may mend, after that delay.
func RetryLater(kind string, cause error, delay time.Duration) error {
	return temporal.NewApplicationErrorWithOptions(cause.Error(), kind, temporal.ApplicationErrorOptions{NextRetryDelay: delay})
}

// Stop is for what no retry mends. The details are for the workflow.
func Stop(reason string, cause error, details ...any) error {
	return temporal.NewApplicationErrorWithOptions(cause.Error(), reason, temporal.ApplicationErrorOptions{NonRetryable: true, Details: details})
}

// Retried tells an error that a later attempt may mend from one that waits for a person.
func Retried(err error) bool {
	application, ok := errors.AsType[*temporal.ApplicationError](err)
	return ok && !application.NonRetryable()
}

// TemporalFailure gives Temporal's own errors a type of their own. Their texts hold ids at most. What it refuses for good is
// a fault of ours, and no later attempt mends it.
func TemporalFailure(err error) error {
	var application *temporal.ApplicationError
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.As(err, &application):
		return err
	case runs.Permanent(err):
		return Stop(runs.ReasonUnexpected, fmt.Errorf("Temporal refuses it: %w", err))
	default:
		return temporal.NewApplicationErrorWithOptions("Temporal did not take it: "+err.Error(), runs.FaultTemporal, temporal.ApplicationErrorOptions{})
	}
}

// WordOf is the closed-set word for an error, for results and metrics.
func WordOf(err error) string {
	if application, ok := errors.AsType[*temporal.ApplicationError](err); ok && application.Type() != "" {
		return application.Type()
	}
	return runs.ReasonUnexpected
}

// DelayOf is how long the retry table wants to wait after an error.
func DelayOf(err error) time.Duration {
	if application, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return application.NextRetryDelay()
	}
	return 0
}

// IsMissing tells a 404.
func IsMissing(err error) bool {
	_, missing := withStatus(err, http.StatusNotFound)
	return missing
}

// withStatus gives a peer's refusal if it has that status.
func withStatus(err error, status int) (refusal *peer.Error, has bool) {
	refusal, has = errors.AsType[*peer.Error](err)
	return refusal, has && refusal.Kind == peer.KindStatus && refusal.Status == status
}

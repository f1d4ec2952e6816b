package activities

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

const (
	maxRetryAfter = 15 * time.Minute
	settingsPause = time.Minute // between attempts that only a changed setting can help; none of them makes a call
)

// call says what kind of call an error came from, as far as the retry table needs to know.
type call struct {
	write   bool   // no idempotency key: an unknown outcome must be looked at
	missing string // the Reason for a 404
	attempt int32
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
func (a *Activities) failure(err error, c call) error {
	var known *temporal.ApplicationError
	var shut *gateShut
	var refusal *peer.Error
	var record *recordRefused
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return err
	case errors.As(err, &record):
		return stop(refusedBy(record.refusal), record)
	case errors.As(err, &refusal) && refusal.Sent && c.write:
		// Before the cancellation: a worker that stops cancels a write that may be on its way, and Temporal would
		// try again after the policy's first interval, which is shorter than the in-flight window.
		return a.peerFailure(refusal, c)
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &shut):
		return retryLater(shut.kind(), shut, shut.wait)
	case errors.As(err, &refusal):
		return a.peerFailure(refusal, c)
	case errors.Is(err, context.DeadlineExceeded):
		return retryLater(runs.FaultUnavailable, err, a.backoff(c.attempt))
	default:
		return stop(runs.ReasonUnexpected, err)
	}
}

func (a *Activities) peerFailure(e *peer.Error, c call) error {
	unknown := c.write && e.Sent
	switch e.Kind {
	case peer.KindStatus:
		return a.statusFailure(e, c)
	case peer.KindTransport, peer.KindNotJSON:
		if unknown {
			return a.lookLater(e, c)
		}
		return retryLater(runs.FaultUnavailable, e, max(a.backoff(c.attempt), min(e.RetryAfter, maxRetryAfter)))
	case peer.KindMalformed, peer.KindTooLarge:
		if unknown {
			return a.lookLater(e, c)
		}
		return stop(runs.ReasonUnreadable, e)
	case peer.KindRedirect:
		return stop(refusedBy(e), e)
	case peer.KindInput:
		return stop(runs.ReasonUnexpected, e)
	default:
		return stop(runs.ReasonUnexpected, e)
	}
}

func (a *Activities) statusFailure(e *peer.Error, c call) error {
	switch e.Status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		wait := max(a.backoff(c.attempt), min(e.RetryAfter, maxRetryAfter))
		if c.write && e.Status == http.StatusRequestTimeout {
			wait = max(wait, a.timing.InFlightWindow())
		}
		return retryLater(runs.FaultUnavailable, e, wait)
	case http.StatusUnauthorized:
		return retryLater(runs.FaultCredentialsRefused, e, gateFirst) // the gate says how long it really is
	case http.StatusForbidden:
		if c.write && e.Peer == peerTampuuri {
			return stop(runs.ReasonNotOurs, e)
		}
		return retryLater(runs.FaultCredentialsRefused, e, gateFirst) // the gate says how long it really is
	case http.StatusNotFound:
		if c.missing != "" {
			return stop(c.missing, e)
		}
		return stop(refusedBy(e), e)
	case http.StatusConflict:
		if e.Peer != peerTampuuri {
			return stop(refusedBy(e), e) // no matter of a notice's state
		}
		return stop(runs.ReasonStateConflict, e)
	}
	if e.Status >= http.StatusInternalServerError {
		if c.write {
			return a.lookLater(e, c)
		}
		return retryLater(runs.FaultUnavailable, e, max(a.backoff(c.attempt), min(e.RetryAfter, maxRetryAfter)))
	}
	return stop(refusedBy(e), e)
}

const (
	peerTampuuri = "tampuuri"
	peerHillava  = "hillava"
)

func refusedBy(e *peer.Error) string {
	if e.Peer == peerTampuuri {
		return runs.ReasonTampuuriRefused
	}
	return runs.ReasonHillavaRefused
}

// lookLater is for a write whose outcome is unknown. The next attempt begins with a look, and that look proves
// something only when the request can no longer be on its way.
func (a *Activities) lookLater(e *peer.Error, c call) error {
	return retryLater(runs.FaultOutcomeUnknown, e, max(a.timing.InFlightWindow(), a.backoff(c.attempt), min(e.RetryAfter, maxRetryAfter)))
}

// backoff is the delay after that attempt. It stands here as well as in the retry policy, as NextRetryDelay replaces
// the policy's own delay.
func (a *Activities) backoff(attempt int32) time.Duration {
	delay := a.timing.FirstPause()
	for range min(attempt-1, 20) {
		delay = min(2*delay, a.timing.LongestPause())
	}
	return delay
}

func retryLater(kind string, cause error, delay time.Duration) error {
	return temporal.NewApplicationErrorWithOptions(cause.Error(), kind, temporal.ApplicationErrorOptions{NextRetryDelay: delay})
}

// stop is for what no retry mends.
func stop(reason string, cause error) error {
	return temporal.NewApplicationErrorWithOptions(cause.Error(), reason, temporal.ApplicationErrorOptions{NonRetryable: true})
}

// retried tells an error that a later attempt may mend from one that waits for a person.
func retried(err error) bool {
	var known *temporal.ApplicationError
	return errors.As(err, &known) && !known.NonRetryable()
}

// temporalFailure gives Temporal's own errors a type of their own. Their texts hold ids at most. What it refuses for good is
// a fault of ours, and no later attempt mends it.
func temporalFailure(err error) error {
	var known *temporal.ApplicationError
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.As(err, &known):
		return err
	case runs.Permanent(err):
		return stop(runs.ReasonUnexpected, fmt.Errorf("Temporal refuses it: %w", err))
	default:
		return temporal.NewApplicationErrorWithOptions("Temporal did not take it: "+err.Error(), runs.FaultTemporal, temporal.ApplicationErrorOptions{})
	}
}

// typeOf is the closed-set word for an error, for results and metrics.
func typeOf(err error) string {
	var known *temporal.ApplicationError
	if errors.As(err, &known) && known.Type() != "" {
		return known.Type()
	}
	return runs.ReasonUnexpected
}

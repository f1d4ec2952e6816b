package peer

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Kind says what went wrong with a call, so that the caller decides about a
// retry without reading texts.
type Kind string

const (
	// KindTransport is a call without a usable answer: refused, reset, timed
	// out, cancelled, or no credentials to make it with.
	KindTransport Kind = "transport"
	// KindStatus is an answer with a status outside 2xx and 3xx; see Error.Status.
	KindStatus Kind = "status"
	// KindNotJSON is an answer that is not JSON: an HTML page with status 200,
	// or a proxy's HTML page with a 4xx that would otherwise be taken for the
	// peer's own word about a notice. Error.Status is set.
	KindNotJSON Kind = "not_json"
	// KindMalformed is JSON that does not say what the contract promises: a
	// required field is missing or of the wrong type, or the answer is about
	// another id than the one asked for.
	KindMalformed Kind = "malformed"
	// KindTooLarge is an answer over the response limit (4 MiB decompressed).
	KindTooLarge Kind = "too_large"
	// KindRedirect is any 3xx: the peers never redirect, so following one would
	// carry credentials to a stranger.
	KindRedirect Kind = "redirect"
	// KindInput is a call that was not made since its input cannot be sent (an
	// id that does not belong in a path, more than 100 ids). Nothing was sent.
	KindInput Kind = "input"
)

// Error is every failure of a call to a peer. Its text holds no URL, no body
// text and no personal data: only the operation, the status, field names that
// the client knows, and a cause in our own words.
type Error struct {
	Peer       string        // "tampuuri" or "hillava"
	Op         string        // what was tried, e.g. "set state"
	Kind       Kind          // what went wrong
	Status     int           // HTTP status, 0 when no answer came
	RetryAfter time.Duration // what the peer asked for, 0 when nothing usable; at most an hour
	Fields     []string      // known field names that the error body named, sorted
	ExistingID string        // id of the task that has the external id already (409 on create)
	// Sent is true when the request may have reached the peer. With any Kind
	// but KindStatus and KindInput it means that the outcome of a write is unknown.
	Sent bool
	Err  error // cause in safe words; context.Canceled and context.DeadlineExceeded can be found in it
}

// IsTooLarge tells whether an answer was larger than the limit: asked for less, the peer may give it.
func IsTooLarge(err error) bool {
	failure, ok := errors.AsType[*Error](err)
	return ok && failure.Kind == KindTooLarge
}

// Error tells what was tried and what came of it, in one line.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s: ", e.Peer, e.Op)
	switch e.Kind {
	case KindStatus:
		fmt.Fprintf(&b, "refused with status %d", e.Status)
	case KindNotJSON:
		fmt.Fprintf(&b, "answer with status %d is not JSON (a page of a proxy in front?)", e.Status)
	case KindMalformed:
		b.WriteString("answer does not follow the contract")
	case KindTooLarge:
		b.WriteString("answer is larger than the limit")
	case KindRedirect:
		fmt.Fprintf(&b, "answered with a redirect (status %d); check the base address", e.Status)
	case KindInput:
		b.WriteString("not sent, the input is not usable")
	case KindTransport:
		b.WriteString("no usable answer")
	default:
		b.WriteString("failed")
	}
	switch {
	case len(e.Fields) > 0:
		fmt.Fprintf(&b, " (fields: %s)", strings.Join(e.Fields, ", "))
	case e.Kind == KindStatus && (e.Status == http.StatusBadRequest || e.Status == http.StatusUnprocessableEntity):
		b.WriteString(" (no field named)")
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap gives the cause, which never is a *url.Error or a resty error: their
// texts hold the address.
func (e *Error) Unwrap() error { return e.Err }

// IsTemporary tells a failure that may be over by itself: no usable answer, or one that says "not now" (408, 425, 429, 5xx).
func (e *Error) IsTemporary() bool {
	switch e.Kind {
	case KindTransport, KindNotJSON:
		return true
	case KindStatus:
		return e.Status == http.StatusRequestTimeout || e.Status == http.StatusTooEarly || e.Status == http.StatusTooManyRequests ||
			e.Status >= http.StatusInternalServerError
	default:
		return false
	}
}

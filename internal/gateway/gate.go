package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
)

const (
	gateFirst = 30 * time.Second // the first probe: a single 401 may be a hiccup
	gateEvery = 10 * time.Minute // every later one: repeated bad logins can lock an account
)

// gate keeps one customer's (or Hillava's) calls back while its credentials are refused or it has asked for patience,
// so that neither its own account nor any other customer suffers. It is per process and guards only the peer: what is
// kept back is retried by Temporal.
type gate struct {
	mutex    sync.Mutex
	now      func() time.Time
	refusals int       // consecutive 401 and confirmed 403
	until    time.Time // no call before then, but one probe at it
}

// gateShut says that no call was made. It is retried once wait is over.
type gateShut struct {
	wait    time.Duration
	refused bool // because of credentials, not of a 429
}

// kind is the error type by which customers list and the Web UI show why.
func (e *gateShut) kind() string {
	if e.refused {
		return runs.FaultCredentialsRefused
	}
	return runs.FaultUnavailable
}

func (e *gateShut) Error() string {
	if e.refused {
		return fmt.Sprintf("no call was made: the credentials were refused, the next probe is in %s; mend them in customers.yaml or the token", e.wait.Round(time.Second))
	}
	return fmt.Sprintf("no call was made: the peer asked for patience, the next call is in %s", e.wait.Round(time.Second))
}

// enter says whether a call may be made now. While the gate is shut it lets one probe through each time.
func (g *gate) enter() error {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	now := g.now()
	if wait := g.until.Sub(now); wait > 0 {
		return &gateShut{wait: wait, refused: g.refusals > 0}
	}
	if g.refusals > 0 {
		g.until = now.Add(gateEvery) // this call is the probe
	}
	return nil
}

// observe learns from a call's outcome.
func (g *gate) observe(err error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	e, failed := errors.AsType[*peer.Error](err)
	switch {
	case err == nil:
		g.accepted()
	case !failed || e.Kind != peer.KindStatus:
	case e.Status == http.StatusUnauthorized:
		g.refuse()
	case e.Status == http.StatusTooManyRequests:
		g.until = g.now().Add(min(e.RetryAfter, maxRetryAfter))
	case e.Status < http.StatusInternalServerError && e.Status != http.StatusForbidden:
		g.accepted() // it refused the request, so it accepted the credentials
	}
}

// refuse shuts the gate: for a short time at first, then for long.
func (g *gate) refuse() {
	g.refusals++
	g.until = g.now().Add(gateEvery)
	if g.refusals == 1 {
		g.until = g.now().Add(gateFirst)
	}
}

// accepted opens a gate that was shut because of credentials. A wait that a 429 asked for stays: what is answered now was
// sent before it.
func (g *gate) accepted() {
	if g.refusals > 0 {
		g.refusals, g.until = 0, time.Time{}
	}
}

// refused tells whether the gate is shut because of credentials.
func (g *gate) refused() bool {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.refusals > 0
}

// recordRefused is a 403 that concerns one record alone: a neutral call with the same credentials was answered.
type recordRefused struct{ refusal *peer.Error }

func (r *recordRefused) Error() string { return r.refusal.Error() }

// Unwrap lets errors.As find the peer's own error.
func (r *recordRefused) Unwrap() error { return r.refusal }

// through makes a call if the gate lets it. A 403 may be about the record or about the credentials: the neutral call, about
// no record, decides. Without one (nil), a 403 is the caller's to judge.
func through[T any](g *gate, neutral func() error, call func() (T, error)) (T, error) {
	if err := g.enter(); err != nil {
		var none T
		return none, err
	}
	answer, err := call()
	g.observe(err)
	e, forbidden := withStatus(err, http.StatusForbidden)
	if neutral == nil || !forbidden {
		return answer, err
	}
	refused := neutral()
	switch _, forbidden = withStatus(refused, http.StatusForbidden); {
	case refused == nil:
		g.observe(nil)
		return answer, &recordRefused{e}
	case forbidden:
		g.mutex.Lock()
		g.refuse()
		g.mutex.Unlock()
		return answer, err
	default: // the credentials' refusal, or no answer: either way nothing is known of the record
		g.observe(refused)
		return answer, refused
	}
}

// confirmed is the neutral call of a call that is neutral itself: its 403 is about the credentials.
func confirmed() error {
	return &peer.Error{Kind: peer.KindStatus, Status: http.StatusForbidden}
}

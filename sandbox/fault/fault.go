// Package fault decides which requests to a stand-in go wrong, and how: refused, cut, applied without an answer,
// answered without being applied, and the like. The faults live at the network's edge, so that nothing in the service
// has a switch for them.
package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Kind is what goes wrong. Its text is what JSON carries.
type Kind string

// What can go wrong. "Applied" means that the stand-in did what the request asks, as far as it was valid.
const (
	// Refuse closes the connection without an answer; not applied. Headers and body have been read by then, as they say
	// which request it is; for a port that really refuses see Listener.
	Refuse Kind = "refuse"
	// ResetBefore sends a TCP reset; not applied.
	ResetBefore Kind = "reset-before"
	// ApplyThenReset sends a TCP reset once it was applied.
	ApplyThenReset Kind = "apply-then-reset"
	// ApplyThenHang keeps silent once it was applied until the client gives up, at most Delay (default 2 minutes).
	ApplyThenHang Kind = "apply-then-hang"
	// HangThenApply applies it Delay later whether the client still waits or not: a write that was on its way for longer
	// than the client's time-out. It is answered then.
	HangThenApply Kind = "hang-then-apply"
	// ApplyThen500 answers 500 although it was applied.
	ApplyThen500 Kind = "apply-then-500"
	// ApplyThen503 answers 503 although it was applied, as a proxy does that lost its upstream.
	ApplyThen503 Kind = "apply-then-503"
	// ApplyThenHTML answers 200 with an HTML page although it was applied.
	ApplyThenHTML Kind = "apply-then-html"
	// ApplyThenGarbage answers 200 with broken JSON although it was applied.
	ApplyThenGarbage Kind = "apply-then-garbage"
	// ApplyThenEmpty answers 200 with JSON content type and no body although it was applied.
	ApplyThenEmpty Kind = "apply-then-empty"
	// SlowDrip applies it and sends the true answer one byte at a time, Delay apart (default 100 ms).
	SlowDrip Kind = "slow-drip"
	// HTML answers 200 with an HTML page, as a proxy in front does; not applied.
	HTML Kind = "html"
	// Garbage answers 200 with broken JSON; not applied.
	Garbage Kind = "garbage"
	// Empty answers 200 with JSON content type and no body; not applied.
	Empty Kind = "empty"
	// Answer answers 200 with Body as JSON; not applied. A search that does not know yet what has just been made, say.
	Answer Kind = "answer"
	// Redirect answers 302 to Location (default https://redirected.invalid/); not applied.
	Redirect Kind = "redirect"

	// The next ones answer that status in the system's own error shape; not applied. Status429 and Status503 carry
	// RetryAfter when it is set; Status429 says 1 second when it is not.
	Status400 Kind = "400"
	Status401 Kind = "401"
	Status403 Kind = "403"
	Status404 Kind = "404"
	Status409 Kind = "409"
	Status422 Kind = "422"
	Status429 Kind = "429"
	Status500 Kind = "500"
	Status503 Kind = "503"

	// CallBefore runs Call and then applies and answers.
	CallBefore Kind = "call-before"
	// CallBeforeReset runs Call and then resets; not applied.
	CallBeforeReset Kind = "call-before-then-reset"
	// CallAfter applies, runs Call and then answers.
	CallAfter Kind = "call-after"
	// CallAfterReset applies, runs Call and then resets.
	CallAfterReset Kind = "call-after-then-reset"
)

// Kinds lists every kind, in the order above.
func Kinds() []Kind {
	return []Kind{
		Refuse, ResetBefore, ApplyThenReset, ApplyThenHang, HangThenApply, ApplyThen500, ApplyThen503, ApplyThenHTML,
		ApplyThenGarbage, ApplyThenEmpty, SlowDrip, HTML, Garbage, Empty, Answer, Redirect, Status400, Status401, Status403,
		Status404, Status409, Status422, Status429, Status500, Status503, CallBefore, CallBeforeReset, CallAfter, CallAfterReset,
	}
}

// Fault says which requests go wrong, and how.
type Fault struct {
	System   string // "tampuuri" or "hillava"; "" any
	Op       string // name of the call at the stand-in, see its package; "" any
	Customer string // Tunniste; "" any
	Key      string // id of the notice or task that the request is about; "" any
	// After is the number, from 1, of the first matching request that goes wrong; 0 counts as 1. A request that an
	// earlier fault took is not counted, so that of two faults on one call each gets its turn.
	After int
	Times int // how many in a row go wrong; 0 counts as 1, below 0 all from then on
	Kind  Kind
	// Delay is described at ApplyThenHang, HangThenApply and SlowDrip; every other kind waits so long before it starts.
	Delay      time.Duration
	RetryAfter string // header value as it goes out, seconds or an HTTP date
	Location   string // of Redirect
	Body       string // of Answer
	Call       func() // of the Call kinds; only Go code can set it
}

// wireFault is Fault in JSON: durations as text ("1.5s").
type wireFault struct {
	System     string `json:"system"`
	Op         string `json:"op"`
	Customer   string `json:"customer"`
	Key        string `json:"key"`
	After      int    `json:"after"`
	Times      int    `json:"times"`
	Kind       Kind   `json:"kind"`
	Delay      string `json:"delay"`
	RetryAfter string `json:"retryAfter"`
	Location   string `json:"location"`
	Body       string `json:"body"`
}

// MarshalJSON writes every field but Call; Delay is text as in time.ParseDuration.
func (f Fault) MarshalJSON() ([]byte, error) {
	return json.Marshal(wireFault{f.System, f.Op, f.Customer, f.Key, f.After, f.Times, f.Kind, f.Delay.String(), f.RetryAfter, f.Location, f.Body})
}

// UnmarshalJSON is the inverse of MarshalJSON; an absent or empty delay is none.
func (f *Fault) UnmarshalJSON(text []byte) error {
	var wire wireFault
	if err := json.Unmarshal(text, &wire); err != nil {
		return err
	}
	var delay time.Duration
	if wire.Delay != "" {
		var err error
		if delay, err = time.ParseDuration(wire.Delay); err != nil {
			return fmt.Errorf("delay (write it like 1.5s): %w", err)
		}
	}
	*f = Fault{
		System: wire.System, Op: wire.Op, Customer: wire.Customer, Key: wire.Key, After: wire.After, Times: wire.Times,
		Kind: wire.Kind, Delay: delay, RetryAfter: wire.RetryAfter, Location: wire.Location, Body: wire.Body,
	}
	return nil
}

// Validate says what is wrong with a fault that came from outside.
func (f Fault) Validate() error {
	var problems []error
	if !slices.Contains(Kinds(), f.Kind) {
		problems = append(problems, fmt.Errorf("kind %q is unknown; one of %v", f.Kind, Kinds()))
	}
	if f.After < 0 {
		problems = append(problems, errors.New("after is negative; count requests from 1"))
	}
	if f.Delay < 0 {
		problems = append(problems, errors.New("delay is negative"))
	}
	return errors.Join(problems...)
}

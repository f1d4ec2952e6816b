// Package gateway is the two systems as an activity reaches them: each behind a gate that keeps calls back while its
// credentials are refused or it has asked for patience, with one table of what a failed call means for Temporal (retry_table.go).
package gateway

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/tampuuri"
)

// Options is what a Gateway is made from. Every field is needed.
type Options struct {
	Hillava      *hillava.Client
	HillavaToken func() string                                   // the token as it is now, to tell when it was renewed
	NewTampuuri  func(config.Customer) (*tampuuri.Client, error) // called once more when a customer's credentials change
	Keyer        notice.Keyer
	Timing       runs.Timing
	Logger       *slog.Logger
	Now          func() time.Time
}

// Gateway is the way to Hillava and to every customer's Tampuuri.
type Gateway struct {
	Hillava *Hillava
	open    func(config.Customer) (*tampuuri.Client, error)
	keyer   notice.Keyer
	timing  runs.Timing
	logger  *slog.Logger
	now     func() time.Time

	mutex       sync.Mutex
	connections map[string]*connection // by Tunniste
}

// New makes a Gateway. It calls nobody.
func New(o Options) *Gateway {
	return &Gateway{
		Hillava: &Hillava{client: o.Hillava, token: o.HillavaToken, logger: o.Logger, now: o.Now},
		open:    o.NewTampuuri, keyer: o.Keyer, timing: o.Timing, logger: o.Logger, now: o.Now, connections: map[string]*connection{},
	}
}

// Refused lists who refuses our credentials: customers by Tunniste, and "hillava".
func (g *Gateway) Refused() []string {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	var names []string
	for tunniste, opened := range g.connections {
		if opened.gate.refused() {
			names = append(names, tunniste)
		}
	}
	if g.Hillava.gate().refused() {
		names = append(names, "hillava")
	}
	return names
}

// errNoTimeLeft is cheap: nothing was written, so the next attempt may begin at once.
var errNoTimeLeft = errors.New("this attempt is too old to begin a write in it; the next one goes on")

// timeToWrite says whether a write may begin in this attempt. Should the worker be killed during the write, Temporal
// starts the next attempt at StartToClose; a write that begins with less than the in-flight window left could then
// still be on its way while the next attempt looks for it, and be made twice.
func (g *Gateway) timeToWrite(ctx context.Context) error {
	deadline, ok := ctx.Deadline()
	if ok && time.Until(deadline) < g.timing.InFlightWindow() {
		return RetryLater(runs.FaultNoTimeLeft, errNoTimeLeft, time.Second)
	}
	return nil
}

// settingsPause is between attempts that only a changed setting can help; none of them makes a call.
const settingsPause = time.Minute

// WaitForSettings is for a customer whose settings do not allow the call. Only a person's edit helps, and it is noticed soon.
func WaitForSettings(reason string) error {
	return temporal.NewApplicationErrorWithOptions(reason, runs.FaultCustomerStopped, temporal.ApplicationErrorOptions{NextRetryDelay: settingsPause})
}

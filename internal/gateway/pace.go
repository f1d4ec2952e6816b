package gateway

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"
)

// Pace keeps a long activity within the time of its attempt, and Temporal told that it is alive.
type Pace struct {
	ctx       context.Context
	now       func() time.Time
	every     time.Duration // between heartbeats
	ends      time.Time
	heartbeat time.Time // the last one
}

// Pace begins with the activity. Its end leaves time for the calls that are under way then, or half of the attempt where that
// is less.
func (g *Gateway) Pace(ctx context.Context) *Pace {
	now, deadline := g.now(), activity.GetInfo(ctx).Deadline
	return &Pace{
		ctx: ctx, now: g.now, every: g.timing.Heartbeat() / 4, heartbeat: now,
		ends: deadline.Add(-min(3*g.timing.HTTPTimeout, deadline.Sub(now)/2)),
	}
}

// Over tells that the activity is to end: its time is nearly up, or its worker stops.
func (p *Pace) Over() bool {
	select {
	case <-activity.GetWorkerStopChannel(p.ctx):
		return true
	default:
		return !p.now().Before(p.ends)
	}
}

// Heartbeat tells Temporal now and then that the activity is alive, with what is done so far. A short one tells nothing: each
// heartbeat is billed.
func (p *Pace) Heartbeat(details func(now time.Time) any) {
	if now := p.now(); now.Sub(p.heartbeat) >= p.every {
		p.heartbeat = now
		activity.RecordHeartbeat(p.ctx, details(now))
	}
}

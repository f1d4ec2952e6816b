package activities

import (
	"context"
	"fmt"
	"sync"
	"time"

	"tampuuri-hillava/internal/runs"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.temporal.io/api/workflowservice/v1"
)

// goodPolls remembers when each customer was last polled well, for the metric whose age is alerted on: a Schedule can
// stop silently.
type goodPolls struct {
	mutex sync.Mutex
	at    map[string]time.Time
}

func (g *goodPolls) note(tunniste string, at time.Time) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.at == nil {
		g.at = map[string]time.Time{}
	}
	g.at[tunniste] = at
}

// Observe exports what the activities know of the peers:
//
//	tampuuri_hillava_last_good_poll_seconds{customer}    when a poll last went through or was not due, Unix time
//	tampuuri_hillava_credentials_refused{customer}       1 while that Tampuuri refuses our credentials
//	tampuuri_hillava_credentials_refused{customer="hillava"}  the same for Hillava's token
//	tampuuri_hillava_open_notices{phase}                 open notices, as Temporal's visibility counts them
func (a *Activities) Observe(meter metric.Meter) error {
	lastGood, err := meter.Float64ObservableGauge("tampuuri_hillava_last_good_poll_seconds",
		metric.WithDescription("When the customer was last polled well, as Unix time."))
	if err != nil {
		return err
	}
	refused, err := meter.Int64ObservableGauge("tampuuri_hillava_credentials_refused",
		metric.WithDescription("1 while the peer refuses our credentials."))
	if err != nil {
		return err
	}
	open, err := meter.Int64ObservableGauge("tampuuri_hillava_open_notices",
		metric.WithDescription("Open notices by phase; those in phase attention wait for a person."))
	if err != nil {
		return err
	}
	_, err = meter.RegisterCallback(func(ctx context.Context, observer metric.Observer) error {
		a.observeNotices(ctx, open, observer)
		a.polls.mutex.Lock()
		defer a.polls.mutex.Unlock()
		for tunniste, at := range a.polls.at {
			observer.ObserveFloat64(lastGood, float64(at.UnixMilli())/1000, metric.WithAttributes(attribute.String("customer", tunniste)))
		}
		for _, name := range a.Refused() {
			observer.ObserveInt64(refused, 1, metric.WithAttributes(attribute.String("customer", name)))
		}
		return nil
	}, lastGood, refused, open)
	return err
}

// countTimeout bounds what a scrape waits for Temporal.
const countTimeout = 3 * time.Second

// observeNotices leaves a phase out that could not be counted: no value is better than an old one.
func (a *Activities) observeNotices(ctx context.Context, gauge metric.Int64Observable, observer metric.Observer) {
	ctx, cancel := context.WithTimeout(ctx, countTimeout)
	defer cancel()
	for _, phase := range []runs.Phase{
		runs.PhaseImporting, runs.PhaseWorking, runs.PhaseDone, runs.PhaseAttention, runs.PhaseWithdrawn,
	} {
		counted, err := a.temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{
			Query: fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus = 'Running' AND %s = '%s'", runs.TypeNotice, runs.AttributePhase.GetName(), phase),
		})
		if err != nil {
			return
		}
		observer.ObserveInt64(gauge, counted.GetCount(), metric.WithAttributes(attribute.String("phase", string(phase))))
	}
}

// Refused lists who refuses our credentials: customers by Tunniste, and "hillava".
func (a *Activities) Refused() []string {
	names := a.offices.refused()
	if a.hillava.gate().refused() {
		names = append(names, "hillava")
	}
	return names
}

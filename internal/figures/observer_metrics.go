package figures

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"tampuuri-hillava/internal/runs"
)

// gauges are the figures of an Observer as metrics. Labels are closed sets of words, schedule ids and Tunniste.
type gauges struct {
	lastGoodPoll, pollInterval, lastGoodRound, roundInterval, oldestRetry, age, open, unflagged, refused, failed metric.Float64ObservableGauge
}

// Observe exports what is known. Reading the metrics calls nobody and waits for nobody: the SDK holds locks meanwhile that
// its own calls need as well.
func (o *Observer) Observe(meter metric.Meter) error {
	var g gauges
	var all []metric.Observable
	for _, gauge := range []struct {
		to                *metric.Float64ObservableGauge
		name, description string
	}{
		{&g.lastGoodPoll, "tampuuri_hillava_last_good_poll_seconds", "When the customer was last polled well, or a poll was not due, as Unix time. 0: never. Polled customers only."},
		{&g.pollInterval, "tampuuri_hillava_poll_interval_seconds", "How often the customer is polled (poll.every). Polled customers only."},
		{&g.lastGoodRound, "tampuuri_hillava_last_good_round_seconds", "When a round of the schedule last went through, as Unix time. 0: never, as far as Temporal knows."},
		{&g.roundInterval, "tampuuri_hillava_round_interval_seconds", "How often the schedule begins a round (SYNC_EVERY, RECONCILE_EVERY)."},
		{&g.oldestRetry, "tampuuri_hillava_oldest_retry_seconds", "For how long the oldest of the steps has been tried that have failed on this worker and are tried again. No value: none."},
		{&g.age, "tampuuri_hillava_figures_age_seconds", "How old the figures are that come from Temporal."},
		{&g.open, "tampuuri_hillava_open_notices", "Open notices by phase; those in phase attention wait for a person."},
		{&g.unflagged, "tampuuri_hillava_unflagged_notices", "Open notices of the customer without a readable turvakielto flag."},
		{&g.refused, "tampuuri_hillava_credentials_refused", "1 while the peer refuses our credentials."},
		{&g.failed, "tampuuri_hillava_round_failed", "1 while the last poll of the customer, or the last round of the schedule, has failed."},
	} {
		made, err := meter.Float64ObservableGauge(gauge.name, metric.WithDescription(gauge.description))
		if err != nil {
			return err
		}
		*gauge.to, all = made, append(all, made)
	}
	_, err := meter.RegisterCallback(func(_ context.Context, observer metric.Observer) error {
		o.read(g, observer)
		return nil
	}, all...)
	return err
}

// read hands out what is known.
func (o *Observer) read(g gauges, observer metric.Observer) {
	show := func(gauge metric.Float64Observable, value float64, labels ...attribute.KeyValue) {
		observer.ObserveFloat64(gauge, value, metric.WithAttributes(labels...))
	}
	for activity, oldest := range o.steps.oldest() {
		show(g.oldestRetry, oldest.Seconds(), attribute.String("activity", activity))
	}
	o.mutex.Lock()
	defer o.mutex.Unlock()
	now := o.now()
	for tunniste, figures := range o.customers {
		customer := attribute.String("customer", tunniste)
		show(g.unflagged, float64(figures.unflagged), customer)
		if !figures.polled {
			continue // who pauses it knows, and customers list says what stops it
		}
		show(g.lastGoodPoll, sinceEpoch(figures.good(now)), customer)
		if figures.every > 0 {
			show(g.pollInterval, figures.every.Seconds(), customer)
		}
		if figures.failure != "" && !now.Before(figures.restUntil) {
			show(g.failed, 1, attribute.String("round", "poll"), customer, attribute.String("failure", figures.failure))
		}
	}
	for round, every := range map[string]time.Duration{
		runs.ScheduleSyncCustomers: o.rounds.Sync, runs.ScheduleReconcile: o.rounds.Reconcile,
	} {
		label := attribute.String("round", round)
		show(g.roundInterval, every.Seconds(), label)
		figures, found := o.scheduled[round]
		if !found {
			continue
		}
		show(g.lastGoodRound, sinceEpoch(figures.lastGood), label)
		if figures.failure != "" {
			show(g.failed, 1, label, attribute.String("failure", figures.failure))
		}
	}
	for phase, open := range o.open {
		show(g.open, float64(open), attribute.String("phase", string(phase)))
	}
	for _, name := range o.refused {
		show(g.refused, 1, attribute.String("customer", name))
	}
	for figures, at := range o.asOf {
		show(g.age, now.Sub(at).Seconds(), attribute.String("figures", figures))
	}
}

// sinceEpoch is Unix time in seconds; 0 for the zero time.
func sinceEpoch(at time.Time) float64 {
	if at.IsZero() {
		return 0
	}
	return time.Duration(at.UnixNano()).Seconds()
}

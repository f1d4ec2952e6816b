// Package receiver runs the receiver of Hillava's webhooks: port, TLS, health, metrics, an orderly end.
package receiver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
	"tampuuri-hillava/internal/temporalclient"
	"tampuuri-hillava/internal/webhook"
)

// stopWithin bounds a stop: longer than the longest answer of the receiver, 5 s for Temporal.
const stopWithin = 10 * time.Second

// Serve receives Hillava's webhooks until ctx ends. It calls neither Hillava nor Tampuuri: all it needs is Temporal.
func Serve(ctx context.Context, stderr io.Writer) (err error) {
	settings, err := loadServe()
	if err != nil {
		return err
	}
	logger := telemetry.NewLogger(stderr, settings.Log.Level, settings.Log.Format)
	slog.SetDefault(logger)
	for _, exposed := range settings.Exposed {
		logger.Warn(exposed.String())
	}
	// Before anything else, so that an address in use is told at once.
	listener, err := listen(ctx, settings, logger)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }() // a second close after Shutdown's is harmless
	metrics, err := telemetry.NewMetrics()
	if err != nil {
		return err
	}
	health := telemetry.NewHealth()
	health.SetReady("webhooks", false, "starting")
	health.SetReady("temporal", false, "not asked yet")
	stopOps, opsAddr, err := telemetry.ServeOps(ctx, settings.OpsAddr, telemetry.OpsHandler(health, metrics.Handler))
	if err != nil {
		return err
	}
	// Not waited for: what is wrong with a request can be told without Temporal, and Hillava repeats what gets a 503.
	temporal, err := temporalclient.Lazy(temporalclient.Options{Logger: logger, Metrics: metrics.Provider})
	if err != nil {
		return err
	}
	defer temporal.Close()
	signaler, err := runs.New(temporal)
	if err != nil {
		return err
	}
	observe, err := countAnswers(metrics.Provider)
	if err != nil {
		return err
	}
	traces, err := telemetry.NewTraces(ctx, settings.Traces.Collected(), "starter", logger)
	if err != nil {
		return err
	}
	handler, err := webhook.NewHandler(webhook.Options{
		Secrets: reveal(settings.WebhookSecrets), Signaler: signaler, Logger: logger, Observe: observe, Traces: traces,
	})
	if err != nil {
		return err
	}
	server := webhook.NewServer(handler, logger)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	go temporalclient.Watch(ctx, temporal, health, logger)
	health.SetReady("webhooks", true, "")
	logger.Info("Receiving webhooks.", "addr", listener.Addr().String(), "ops", opsAddr, "tls", settings.TLS.Enabled())
	if settings.PlainToOthers() {
		logger.Warn("Other machines can reach WEBHOOK_ADDR, and TLS is off: put a proxy that ends TLS before it, or set WEBHOOK_TLS_CERT_FILE and WEBHOOK_TLS_KEY_FILE.")
	}
	select {
	case err = <-failed:
	case <-ctx.Done():
		health.SetReady("webhooks", false, "stopping")
		logger.Info("Stopping; webhooks under way are answered first.")
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if shutdown := server.Shutdown(stopping); shutdown != nil {
		err = errors.Join(err, fmt.Errorf("stop receiving webhooks: %w", shutdown))
	}
	err = errors.Join(err, stopOps(stopping))
	traces.Shutdown(stopping)
	return err
}

// listen opens the webhook port, bounded in connections, with TLS when there is a certificate.
func listen(ctx context.Context, settings config.Serve, logger *slog.Logger) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", settings.WebhookAddr)
	if err != nil {
		return nil, fmt.Errorf("listen for webhooks on WEBHOOK_ADDR (is it in use? set another): %w", err)
	}
	listener = netutil.LimitListener(listener, webhook.MaxConnections)
	if !settings.TLS.Enabled() {
		return listener, nil
	}
	secured, err := settings.TLS.ServerTLS(func(err error) {
		logger.Error("The renewed certificate cannot be used; the former one stays in use.", "error", err)
	})
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return tls.NewListener(listener, secured), nil
}

// loadServe also checks the secrets, so that everything that is wrong is told at once.
func loadServe() (config.Serve, error) {
	settings, err := config.LoadServe()
	for _, secret := range settings.WebhookSecrets {
		if _, bad := webhook.ParseSecret(secret.Secret.Reveal()); bad != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", secret.Variable, bad))
		}
	}
	return settings, errors.Join(err, temporalclient.Check())
}

func reveal(secrets []config.WebhookSecret) []string {
	revealed := make([]string, len(secrets))
	for i, secret := range secrets {
		revealed[i] = secret.Secret.Reveal()
	}
	return revealed
}

// countAnswers counts the receiver's answers by status; a rise of 401 or 503 is worth an alert.
func countAnswers(provider metric.MeterProvider) (func(status int), error) {
	answers, err := provider.Meter("tampuuri-hillava").Int64Counter("webhook_answers",
		metric.WithDescription("Answers of the webhook receiver, by HTTP status."))
	if err != nil {
		return nil, fmt.Errorf("make the counter of webhook answers: %w", err)
	}
	// The counter starts at zero for the answers that alerts watch, as a series that begins at 1 shows no rise.
	for _, status := range []int{http.StatusAccepted, http.StatusUnauthorized, http.StatusServiceUnavailable} {
		answers.Add(context.Background(), 0, metric.WithAttributes(attribute.Int("status", status)))
	}
	return func(status int) {
		answers.Add(context.Background(), 1, metric.WithAttributes(attribute.Int("status", status)))
	}, nil
}

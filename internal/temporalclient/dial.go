// Package temporalclient is the one place that connects to Temporal, so that worker and starter never differ in logger,
// metrics, interceptors and converters.
package temporalclient

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/opentelemetry"
	"go.temporal.io/sdk/log"
	"google.golang.org/grpc"
)

const (
	// defaultPatience bounds the wait for a server that is still starting: docker compose starts all at once.
	defaultPatience = 30 * time.Second
	attemptTimeout  = 5 * time.Second
	retryEvery      = time.Second
)

// proxyPatience bounds the wait when a proxy stands in between, which is hardly still starting: whoever waits is told
// within 10 s. It is replaced in tests.
var proxyPatience = 9 * time.Second

// Options say who connects.
type Options struct {
	Logger   *slog.Logger
	Metrics  metric.MeterProvider // nil: no metrics
	Patience time.Duration        // how long to wait for a server that does not answer; 0: 30 s
}

// Dial connects to the Temporal server that the TEMPORAL_* variables (and the config file they may name) describe:
// address, namespace, TLS and API key, see go.temporal.io/sdk/contrib/envconfig. A server that does not answer is tried
// again for Options.Patience, through a proxy for 10 s at most; one that refuses us is not, and a setting that cannot be
// right is refused at once.
func Dial(ctx context.Context, options Options) (client.Client, error) {
	clientOptions, err := options.forClient()
	if err != nil {
		return nil, err
	}
	return dialPatiently(ctx, clientOptions, cmp.Or(options.Patience, defaultPatience), options.Logger)
}

// Lazy gives the client that Dial gives without waiting for the server: it connects with the first call, and again
// whenever it must. It is for a program that has answers to give while Temporal is away; Watch tells whether it is.
func Lazy(options Options) (client.Client, error) {
	clientOptions, err := options.forClient()
	if err != nil {
		return nil, err
	}
	lazy, err := client.NewLazyClient(clientOptions)
	if err != nil {
		return nil, fmt.Errorf("prepare the connection to Temporal at %s (check the TEMPORAL_* variables): %w", clientOptions.HostPort, err)
	}
	return lazy, nil
}

// forClient joins the TEMPORAL_* settings with what every program of ours has in common.
func (options Options) forClient() (client.Options, error) {
	clientOptions, err := loadOptions()
	if err != nil {
		return clientOptions, err
	}
	clientOptions.Logger = log.NewStructuredLogger(options.Logger)
	if options.Metrics != nil {
		clientOptions.MetricsHandler = opentelemetry.NewMetricsHandler(opentelemetry.MetricsHandlerOptions{
			Meter:                options.Metrics.Meter("temporal-sdk"),
			UseMonotonicCounters: true,
		})
	}
	clientOptions.ConnectionOptions.DialOptions = append(clientOptions.ConnectionOptions.DialOptions,
		grpc.WithChainUnaryInterceptor(setSignalRequestID, keepBenignDetails))
	return clientOptions, nil
}

func dialPatiently(ctx context.Context, options client.Options, patience time.Duration, logger *slog.Logger) (client.Client, error) {
	where := options.HostPort
	if through := throughProxy(where); through != "" {
		where, patience = where+through, min(patience, proxyPatience)
	}
	deadline := time.Now().Add(patience)
	for {
		attempt, cancel := context.WithTimeout(ctx, min(attemptTimeout, max(time.Until(deadline), time.Second)))
		connected, err := client.DialContext(attempt, options)
		cancel()
		switch {
		case err == nil:
			return connected, nil
		case ctx.Err() != nil:
			return nil, fmt.Errorf("connect to Temporal at %s: %w", where, context.Cause(ctx))
		case RefusedToUs(err): // waiting does not change that
			return nil, fmt.Errorf("connect to Temporal at %s: it refused us (check TEMPORAL_NAMESPACE, TEMPORAL_API_KEY and the TEMPORAL_TLS_* variables): %w", where, err)
		case time.Until(deadline) < retryEvery:
			return nil, fmt.Errorf("connect to Temporal at %s: no answer for %s (start the server, or set TEMPORAL_ADDRESS to where it is; TEMPORAL_TLS_* when it wants TLS): %w", where, patience, err)
		}
		logger.Info("waiting for Temporal", "hostPort", where, "error", err)
		select {
		case <-time.After(retryEvery):
		case <-ctx.Done():
			return nil, fmt.Errorf("connect to Temporal at %s: %w", where, context.Cause(ctx))
		}
	}
}

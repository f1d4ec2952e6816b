package temporalclient

import (
	"context"
	"log/slog"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"tampuuri-hillava/internal/telemetry"
)

const (
	healthPart     = "temporal" // its name in readyz
	healthEvery    = 5 * time.Second
	healthDeadline = 2 * time.Second
	// sayAgain is how often the log repeats that Temporal is away: whoever looks at its end must see it.
	sayAgain = time.Minute
)

// HealthChecker is what Watch needs of a client.
type HealthChecker interface {
	CheckHealth(ctx context.Context, request *client.CheckHealthRequest) (*client.CheckHealthResponse, error)
}

// Watch asks Temporal every 5 s whether it is well, until ctx ends. readyz has the answer as the part "temporal": a
// program that lives and cannot reach Temporal does no work, and must not look as if it did.
func Watch(ctx context.Context, temporal HealthChecker, health *telemetry.Health, logger *slog.Logger) {
	ticker := time.NewTicker(healthEvery)
	defer ticker.Stop()
	between := ""
	if options, err := loadOptions(); err == nil {
		between = throughProxy(options.HostPort)
	}
	var said time.Time // when the log last told that it is away; zero while it answers
	for {
		err := checkHealth(ctx, temporal)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			health.SetReady(healthPart, false, "does not answer")
			if time.Since(said) >= sayAgain {
				said = time.Now()
				logger.Error("Temporal does not answer"+between+"; everything waits for it. Start the server, or correct TEMPORAL_ADDRESS and the TEMPORAL_TLS_* variables.", "error", err)
			}
		default:
			health.SetReady(healthPart, true, "")
			if !said.IsZero() {
				said = time.Time{}
				logger.Info("Temporal answers again.")
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

func checkHealth(ctx context.Context, temporal HealthChecker) error {
	ctx, cancel := context.WithTimeout(ctx, healthDeadline)
	defer cancel()
	_, err := temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
	if is[*serviceerror.Unimplemented](err) {
		return nil // a gateway that passes on Temporal's own calls only: it was reached, and by then so was Temporal
	}
	return err
}

package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
	"tampuuri-hillava/internal/temporalclient"
	"tampuuri-hillava/internal/terminal"
)

// operatorPatience is how long a command waits for a Temporal that does not answer: a person sits before it.
const operatorPatience = 5 * time.Second

// tools is what the operator's commands work with.
type tools struct {
	settings config.Systems
	logger   *slog.Logger
	runs     *runs.Client
	close    func()
}

// openTools reads the settings and connects to Temporal; the caller closes it. With an error of Temporal's it returns
// what there is without a connection, for the audit trail.
func openTools(ctx context.Context, out terminal.Output) (*tools, error) {
	settings, err := config.LoadTools()
	if err := errors.Join(err, temporalclient.Check()); err != nil {
		return nil, err
	}
	t := &tools{settings: settings, logger: telemetry.NewLogger(out.Stderr, settings.Log.Level, settings.Log.Format)}
	t.runs, t.close, err = openTemporal(ctx, t.logger)
	return t, err
}

// openTemporal connects to Temporal; the caller closes the connection.
func openTemporal(ctx context.Context, logger *slog.Logger) (client *runs.Client, closes func(), err error) {
	temporal, err := temporalclient.Dial(ctx, temporalclient.Options{Logger: logger, Patience: operatorPatience})
	if err != nil {
		return nil, nil, err
	}
	if client, err = runs.New(temporal); err != nil {
		temporal.Close()
		return nil, nil, err
	}
	return client, temporal.Close, nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/tampuuri"
	"tampuuri-hillava/internal/telemetry"
	"tampuuri-hillava/internal/temporalclient"
)

// operatorPatience is how long a command waits for a Temporal that does not answer: a person sits before it.
const operatorPatience = 5 * time.Second

// tools is what the operator's commands work with.
type tools struct {
	settings config.Tools
	logger   *slog.Logger
	runs     *runs.Client
	close    func()
}

// openTools reads the settings and connects to Temporal; the caller closes it. With an error of Temporal's it returns
// what there is without a connection, for the audit trail.
func openTools(ctx context.Context, out output) (*tools, error) {
	settings, err := config.LoadTools()
	if err := errors.Join(err, temporalclient.Check()); err != nil {
		return nil, err
	}
	t := &tools{settings: settings, logger: telemetry.NewLogger(out.stderr, settings.Log.Level, settings.Log.Format)}
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

// openHillava makes a client of Hillava, when its address and token are set.
func openHillava(settings config.Tools) (*hillava.Client, error) {
	if settings.HillavaURL == "" || settings.HillavaToken.Empty() {
		return nil, errors.New("HILLAVA_URL or HILLAVA_TOKEN is not set; set both")
	}
	return hillava.New(hillava.Config{
		BaseURL: settings.HillavaURL, Token: settings.TokenSource(), Timeout: settings.HillavaTimeout, AllowInsecureHTTP: settings.AllowInsecureHTTP,
	})
}

// openTampuuri makes a client of one customer's Tampuuri.
func openTampuuri(settings config.Tools, customer config.Customer) (*tampuuri.Client, error) {
	c := customer.Credentials
	if !c.Complete() {
		return nil, fmt.Errorf("customers.yaml has no complete credentials for customer %s; complete them", customer.Tunniste)
	}
	return tampuuri.New(tampuuri.Config{
		BaseURL: settings.TampuuriURL,
		Headers: tampuuri.Headers(settings.TampuuriHeaders),
		Credentials: tampuuri.Credentials{
			Avain: c.Avain.Reveal(), Asiakas: c.Asiakas.Reveal(), Tili: c.Tili.Reveal(),
			Kayttajatunnus: c.Kayttajatunnus.Reveal(), Salasana: c.Salasana.Reveal(),
		},
		Timeout:           settings.TampuuriTimeout,
		AllowInsecureHTTP: settings.AllowInsecureHTTP,
	})
}

package customers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/tampuuri"
)

// Browser is what is asked of one customer's Tampuuri.
type Browser interface {
	Browse(ctx context.Context, performerID int64, modifiedSince time.Time, offset, limit int) (tampuuri.Page, error)
	Close()
}

// Open makes a client of a customer's Tampuuri; the caller closes it.
type Open func(customer config.Customer) (Browser, error)

// OpenTampuuri opens the real ones.
func OpenTampuuri(settings config.Systems) Open {
	return func(customer config.Customer) (Browser, error) { return NewTampuuri(settings, customer) }
}

// Ask asks a customer's Tampuuri whether it takes the credentials and lets the notices of each performer id be listed. One
// row is read and nothing of it kept; without a recorded consent, or without all that it needs, not even that: asked is
// then false, and err says why.
func Ask(ctx context.Context, customer config.Customer, open Open, now time.Time) (asked bool, err error) {
	if !customer.Consent.InForce(now) {
		return false, errors.New("no notices are listed without a written consent that is recorded and not dated in the future")
	}
	if !customer.Credentials.Complete() || len(customer.PerformerIDs) == 0 {
		return false, errors.New("its entry lacks credentials or performer ids")
	}
	client, err := open(customer)
	if err != nil {
		return true, err
	}
	defer client.Close()
	for _, performer := range customer.PerformerIDs {
		if _, err := client.Browse(ctx, performer, now, 0, 1); err != nil {
			return true, fmt.Errorf("performer %d: %w", performer, err)
		}
	}
	return true, nil
}

// failureOf is the closed-set word for what Ask met.
func failureOf(err error) string {
	var e *peer.Error
	switch {
	case !errors.As(err, &e):
		return runs.ReasonUnexpected
	case e.Kind == peer.KindStatus && (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden):
		return runs.FaultCredentialsRefused
	case e.IsTemporary():
		return runs.FaultUnavailable
	case e.Kind == peer.KindMalformed, e.Kind == peer.KindTooLarge:
		return runs.ReasonUnreadable
	default:
		return runs.ReasonTampuuriRefused
	}
}

// NewTampuuri makes the client of a customer's Tampuuri.
func NewTampuuri(settings config.Systems, customer config.Customer) (*tampuuri.Client, error) {
	c := customer.Credentials
	return tampuuri.New(tampuuri.Config{
		BaseURL: settings.TampuuriURL,
		Headers: tampuuri.Headers(settings.TampuuriHeaders),
		Credentials: tampuuri.Credentials{
			Avain: c.Avain.Reveal(), Asiakas: c.Asiakas.Reveal(), Tili: c.Tili.Reveal(),
			Kayttajatunnus: c.Kayttajatunnus.Reveal(), Salasana: c.Salasana.Reveal(),
		},
		Timeout:           settings.TampuuriTimeout,
		Connections:       settings.TampuuriConnections,
		AllowInsecureHTTP: settings.AllowInsecureHTTP,
	})
}

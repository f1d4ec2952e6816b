package gateway

import (
	"context"
	"fmt"
	"sync"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/tampuuri"
)

// accounts keeps one Tampuuri client and one gate per customer, so that one customer's slowness, rate limit or bad
// credentials stay its own.
type accounts struct {
	open func(config.Customer) (TampuuriClient, error)
	now  func() time.Time

	mutex      sync.Mutex
	byTunniste map[string]*connection
}

// Account is one customer's Tampuuri behind that customer's gate. A refusal of a write because we are not the performer
// is no matter of credentials, so the two writes do not shut the gate on 403.
type Account struct {
	config.Customer
	*connection
}

// connection is what an account keeps for as long as its credentials are the same.
type connection struct {
	credentials [5]string
	client      TampuuriClient
	gate        *gate
	properties  properties
}

func (a *accounts) of(customer config.Customer) (*Account, error) {
	c := customer.Credentials
	credentials := [5]string{c.Avain.Reveal(), c.Asiakas.Reveal(), c.Tili.Reveal(), c.Kayttajatunnus.Reveal(), c.Salasana.Reveal()}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if opened, ok := a.byTunniste[customer.Tunniste]; ok && opened.credentials == credentials {
		return &Account{customer, opened}, nil
	}
	client, err := a.open(customer)
	if err != nil {
		return nil, fmt.Errorf("customer %s: %w", customer.Tunniste, err)
	}
	opened := &connection{credentials: credentials, client: client, gate: &gate{now: a.now}, properties: properties{now: a.now}}
	a.byTunniste[customer.Tunniste] = opened
	return &Account{customer, opened}, nil
}

// refused lists the customers whose credentials Tampuuri refuses.
func (a *accounts) refused() []string {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	var tunnisteet []string
	for tunniste, opened := range a.byTunniste {
		if opened.gate.refused() {
			tunnisteet = append(tunnisteet, tunniste)
		}
	}
	return tunnisteet
}

// neutral asks for a list that no single record can spoil: the performer's own, from now on.
func (a *Account) neutral(ctx context.Context) func() error {
	if len(a.PerformerIDs) == 0 {
		return nil
	}
	return func() error {
		_, err := a.client.Browse(ctx, a.PerformerIDs[0], time.Now(), 0, 1)
		return err
	}
}

// Browse gives a page of a performer's notices that have changed since then.
func (a *Account) Browse(ctx context.Context, performerID int64, since time.Time, offset, limit int) (tampuuri.Page, error) {
	return through(a.gate, confirmed, func() (tampuuri.Page, error) { return a.client.Browse(ctx, performerID, since, offset, limit) })
}

// Notice reads a notice, with its toimenpiteet.
func (a *Account) Notice(ctx context.Context, id int64) (notice.Notice, error) {
	return through(a.gate, a.neutral(ctx), func() (notice.Notice, error) { return a.client.Notice(ctx, id) })
}

// Notices reads up to a hundred notices, without their toimenpiteet.
func (a *Account) Notices(ctx context.Context, ids []int64) (tampuuri.Page, error) {
	return through(a.gate, a.neutral(ctx), func() (tampuuri.Page, error) { return a.client.Notices(ctx, ids) })
}

// SetState sets a notice's state. Whoever repeats it notifies the participants again.
func (a *Account) SetState(ctx context.Context, id int64, state notice.State, notify bool) error {
	_, err := through(a.gate, nil, func() (struct{}, error) { return struct{}{}, a.client.SetState(ctx, id, state, notify) })
	return err
}

// AddToimenpide adds a toimenpide to a notice. Whoever repeats it adds another one.
func (a *Account) AddToimenpide(ctx context.Context, id int64, t notice.Toimenpide) error {
	_, err := through(a.gate, nil, func() (struct{}, error) { return struct{}{}, a.client.AddToimenpide(ctx, id, t) })
	return err
}

// Property gives a kohde, read within the last propertyFresh; nil when Tampuuri has none with that id.
func (a *Account) Property(ctx context.Context, id int64) (*notice.Property, error) {
	if id == 0 {
		return nil, nil
	}
	if property := a.properties.fresh(id); property != nil {
		return property, nil
	}
	property, err := through(a.gate, a.neutral(ctx), func() (notice.Property, error) { return a.client.Property(ctx, id) })
	switch {
	case IsMissing(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	a.properties.keep(id, property)
	return &property, nil
}

const (
	// propertyFresh is how long a property's address is believed.
	propertyFresh = 24 * time.Hour
	maxProperties = 2000
)

// properties remembers the addresses of a customer's kohteet, as many notices share one. At most maxProperties are kept.
type properties struct {
	now   func() time.Time
	mutex sync.Mutex
	byID  map[int64]readProperty
}

type readProperty struct {
	notice.Property
	at time.Time
}

func (p *properties) fresh(id int64) *notice.Property {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	read, ok := p.byID[id]
	if !ok || p.now().Sub(read.at) >= propertyFresh {
		return nil
	}
	return &read.Property
}

func (p *properties) keep(id int64, property notice.Property) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.byID == nil || len(p.byID) >= maxProperties {
		p.byID = map[int64]readProperty{}
	}
	p.byID[id] = readProperty{property, p.now()}
}

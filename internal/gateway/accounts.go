package gateway

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/tampuuri"
)

// Account is one customer's Tampuuri behind that customer's gate. A refusal of a write because we are not the performer
// is no matter of credentials, so the two writes do not shut the gate on 403.
type Account struct {
	config.Customer
	*connection
	gateway *Gateway
}

// connection is what an account keeps for as long as its credentials are the same. Each customer has its own client and gate,
// so that one customer's slowness, rate limit or bad credentials stay its own.
type connection struct {
	credentials [5]string
	client      *tampuuri.Client
	gate        *gate
	properties  properties
}

// Account gives a customer's Tampuuri. Changed credentials give a new client and an open gate, without a restart.
func (g *Gateway) Account(customer config.Customer) (*Account, error) {
	c := customer.Credentials
	credentials := [5]string{c.Avain.Reveal(), c.Asiakas.Reveal(), c.Tili.Reveal(), c.Kayttajatunnus.Reveal(), c.Salasana.Reveal()}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if opened, ok := g.connections[customer.Tunniste]; ok && opened.credentials == credentials {
		return &Account{customer, opened, g}, nil
	}
	client, err := g.open(customer)
	if err != nil {
		return nil, fmt.Errorf("customer %s: %w", customer.Tunniste, err)
	}
	opened := &connection{credentials: credentials, client: client, gate: &gate{now: g.now}, properties: properties{now: g.now}}
	g.connections[customer.Tunniste] = opened
	return &Account{customer, opened, g}, nil
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

// SetState sets a notice's state. Whoever repeats it notifies the participants again, so its error is the retry table's for a
// write: after an unknown outcome the next attempt comes when a look proves something.
func (a *Account) SetState(ctx context.Context, ref runs.NoticeRef, state notice.State, notify bool) error {
	return a.write(ctx, effect{"state.set " + string(state), ref, "", []string{"Tila", "IlmoitaOsallisille"}}, func() error {
		return a.client.SetState(ctx, ref.NoticeID, state, notify)
	})
}

// AddToimenpide adds the toimenpide of a task's time entry to a notice. Whoever repeats it adds another one; its error is like
// SetState's.
func (a *Account) AddToimenpide(ctx context.Context, ref runs.NoticeRef, taskID string, entry notice.TimeEntry) error {
	return a.write(ctx, effect{"toimenpide.add " + entry.ID, ref, taskID, []string{"Paivamaara", "Resurssi", "Yhteenveto"}}, func() error {
		return a.client.AddToimenpide(ctx, ref.NoticeID, notice.ToimenpideOf(entry))
	})
}

// write makes a write that nothing but a look before it keeps from being made twice.
func (a *Account) write(ctx context.Context, what effect, send func() error) error {
	if err := a.gateway.timeToWrite(ctx); err != nil {
		return err
	}
	_, err := through(a.gate, nil, func() (struct{}, error) { return struct{}{}, send() })
	what.audit(ctx, a.gateway.logger, err)
	return a.gateway.failure(err, call{write: true, missing: runs.ReasonGone, attempt: activity.GetInfo(ctx).Attempt})
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

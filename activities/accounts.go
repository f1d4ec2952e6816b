package activities

import (
	"context"
	"fmt"
	"sync"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/tampuuri"
)

// accounts keeps one Tampuuri client and one gate per customer, so that one customer's slowness, rate limit or bad
// credentials stay its own.
type accounts struct {
	mutex sync.Mutex
	make  func(config.Customer) (Tampuuri, error)
	now   func() time.Time
	open  map[string]*account
}

// account is one customer's Tampuuri behind that customer's gate. A refusal of a write because we are not the performer
// is no matter of credentials, so the two writes do not shut the gate on 403.
type account struct {
	config.Customer
	credentials [5]string
	client      Tampuuri
	gate        *gate
}

func newAccounts(open func(config.Customer) (Tampuuri, error), now func() time.Time) *accounts {
	return &accounts{make: open, now: now, open: map[string]*account{}}
}

// of gives the customer's Tampuuri. Changed credentials give a new client and an open gate, without a restart.
func (a *accounts) of(customer config.Customer) (*account, error) {
	c := customer.Credentials
	credentials := [5]string{c.Avain.Reveal(), c.Asiakas.Reveal(), c.Tili.Reveal(), c.Kayttajatunnus.Reveal(), c.Salasana.Reveal()}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	known, ok := a.open[customer.Tunniste]
	if ok && known.credentials == credentials {
		return &account{Customer: customer, credentials: credentials, client: known.client, gate: known.gate}, nil
	}
	client, err := a.make(customer)
	if err != nil {
		return nil, fmt.Errorf("customer %s: %w", customer.Tunniste, err)
	}
	opened := &account{Customer: customer, credentials: credentials, client: client, gate: &gate{now: a.now}}
	a.open[customer.Tunniste] = opened
	return opened, nil
}

// refused lists the customers whose credentials Tampuuri refuses.
func (a *accounts) refused() []string {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	var tunnisteet []string
	for tunniste, account := range a.open {
		if account.gate.refused() {
			tunnisteet = append(tunnisteet, tunniste)
		}
	}
	return tunnisteet
}

// neutral asks for a list that no single record can spoil: the performer's own, from now on.
func (c *account) neutral(ctx context.Context) func() error {
	if len(c.PerformerIDs) == 0 {
		return nil
	}
	return func() error {
		_, err := c.client.Browse(ctx, c.PerformerIDs[0], time.Now(), 0, 1)
		return err
	}
}

func (c *account) Browse(ctx context.Context, performerID int64, since time.Time, offset, limit int) (tampuuri.Page, error) {
	return through(c.gate, confirmed, func() (tampuuri.Page, error) { return c.client.Browse(ctx, performerID, since, offset, limit) })
}

func (c *account) Notice(ctx context.Context, id int64) (notice.Notice, error) {
	return through(c.gate, c.neutral(ctx), func() (notice.Notice, error) { return c.client.Notice(ctx, id) })
}

func (c *account) Notices(ctx context.Context, ids []int64) (tampuuri.Page, error) {
	return through(c.gate, c.neutral(ctx), func() (tampuuri.Page, error) { return c.client.Notices(ctx, ids) })
}

func (c *account) Property(ctx context.Context, id int64) (notice.Property, error) {
	return through(c.gate, c.neutral(ctx), func() (notice.Property, error) { return c.client.Property(ctx, id) })
}

func (c *account) SetState(ctx context.Context, id int64, state notice.State, notify bool) error {
	_, err := through(c.gate, nil, func() (struct{}, error) { return struct{}{}, c.client.SetState(ctx, id, state, notify) })
	return err
}

func (c *account) AddToimenpide(ctx context.Context, id int64, t notice.Toimenpide) error {
	_, err := through(c.gate, nil, func() (struct{}, error) { return struct{}{}, c.client.AddToimenpide(ctx, id, t) })
	return err
}

// accountOf gives the settings of a customer whose open notices are written back. Whatever stops imports does not stop
// this, as long as there are credentials.
func (a *Activities) accountOf(ref runs.NoticeRef) (*account, error) {
	settings, ok := a.customers.Customer(ref.Customer)
	if !ok {
		return nil, stopped("customers.yaml has no entry for this customer, so its Tampuuri cannot be reached; put it back")
	}
	if !settings.Credentials.Complete() {
		return nil, stopped("customers.yaml has no complete credentials for this customer, so its Tampuuri cannot be reached; complete them")
	}
	opened, err := a.accounts.of(settings)
	if err != nil { // a credential that no header takes: an edit mends it, so no notice is to be parked for it
		return nil, stopped(err.Error())
	}
	return opened, nil
}

// Refused lists who refuses our credentials: customers by Tunniste, and "hillava".
func (a *Activities) Refused() []string {
	names := a.accounts.refused()
	if a.hillava.gate().refused() {
		names = append(names, "hillava")
	}
	return names
}

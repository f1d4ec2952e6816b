package activities

import (
	"context"
	"fmt"
	"sync"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/tampuuri"
)

// offices keeps one Tampuuri client and one gate per customer, so that one customer's slowness, rate limit or bad
// credentials stay its own.
type offices struct {
	mutex sync.Mutex
	make  func(config.Customer) (Tampuuri, error)
	now   func() time.Time
	open  map[string]*office
}

// office is one customer's Tampuuri behind that customer's gate. A refusal of a write because we are not the performer
// is no matter of credentials, so the two writes do not shut the gate on 403.
type office struct {
	config.Customer
	credentials [5]string
	client      Tampuuri
	gate        *gate
}

func newOffices(open func(config.Customer) (Tampuuri, error), now func() time.Time) *offices {
	return &offices{make: open, now: now, open: map[string]*office{}}
}

// of gives the customer's Tampuuri. Changed credentials give a new client and an open gate, without a restart.
func (o *offices) of(customer config.Customer) (*office, error) {
	c := customer.Credentials
	credentials := [5]string{c.Avain.Reveal(), c.Asiakas.Reveal(), c.Tili.Reveal(), c.Kayttajatunnus.Reveal(), c.Salasana.Reveal()}
	o.mutex.Lock()
	defer o.mutex.Unlock()
	known, ok := o.open[customer.Tunniste]
	if ok && known.credentials == credentials {
		return &office{Customer: customer, credentials: credentials, client: known.client, gate: known.gate}, nil
	}
	client, err := o.make(customer)
	if err != nil {
		return nil, fmt.Errorf("customer %s: %w", customer.Tunniste, err)
	}
	opened := &office{Customer: customer, credentials: credentials, client: client, gate: &gate{now: o.now}}
	o.open[customer.Tunniste] = opened
	return opened, nil
}

// refused lists the customers whose credentials Tampuuri refuses.
func (o *offices) refused() []string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	var tunnisteet []string
	for tunniste, office := range o.open {
		if office.gate.refused() {
			tunnisteet = append(tunnisteet, tunniste)
		}
	}
	return tunnisteet
}

func (o *office) Browse(ctx context.Context, performerID int64, since time.Time, offset, limit int) (tampuuri.Page, error) {
	return through(o.gate, true, func() (tampuuri.Page, error) { return o.client.Browse(ctx, performerID, since, offset, limit) })
}

func (o *office) Notice(ctx context.Context, id int64) (notice.Notice, error) {
	return through(o.gate, true, func() (notice.Notice, error) { return o.client.Notice(ctx, id) })
}

func (o *office) Notices(ctx context.Context, ids []int64) ([]notice.Notice, error) {
	return through(o.gate, true, func() ([]notice.Notice, error) { return o.client.Notices(ctx, ids) })
}

func (o *office) Property(ctx context.Context, id int64) (notice.Property, error) {
	return through(o.gate, true, func() (notice.Property, error) { return o.client.Property(ctx, id) })
}

func (o *office) SetState(ctx context.Context, id int64, state notice.State, notify bool) error {
	_, err := through(o.gate, false, func() (struct{}, error) { return struct{}{}, o.client.SetState(ctx, id, state, notify) })
	return err
}

func (o *office) AddToimenpide(ctx context.Context, id int64, t notice.Toimenpide) error {
	_, err := through(o.gate, false, func() (struct{}, error) { return struct{}{}, o.client.AddToimenpide(ctx, id, t) })
	return err
}

// guardedHillava is Hillava behind its one gate.
type guardedHillava struct {
	Hillava
	token func() string
	now   func() time.Time

	mutex sync.Mutex
	known string // the token that open is about
	open  *gate
}

// gate is the gate of the token as it is now: a renewed one is tried at once, without a restart.
func (g *guardedHillava) gate() *gate {
	token := g.token()
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.open == nil || g.known != token {
		g.known, g.open = token, &gate{now: g.now}
	}
	return g.open
}

func (g *guardedHillava) Customers(ctx context.Context) ([]hillava.Customer, error) {
	return through(g.gate(), true, func() ([]hillava.Customer, error) { return g.Hillava.Customers(ctx) })
}

func (g *guardedHillava) TaskTypes(ctx context.Context, identifier string) ([]hillava.TaskType, error) {
	return through(g.gate(), true, func() ([]hillava.TaskType, error) { return g.Hillava.TaskTypes(ctx, identifier) })
}

func (g *guardedHillava) Process(ctx context.Context, id string) (hillava.Process, error) {
	return through(g.gate(), true, func() (hillava.Process, error) { return g.Hillava.Process(ctx, id) })
}

func (g *guardedHillava) FindTasks(ctx context.Context, externalID string) ([]hillava.Task, error) {
	return through(g.gate(), true, func() ([]hillava.Task, error) { return g.Hillava.FindTasks(ctx, externalID) })
}

func (g *guardedHillava) ChangedTasks(ctx context.Context, since time.Time, offset, limit int) (hillava.TaskPage, error) {
	return through(g.gate(), true, func() (hillava.TaskPage, error) { return g.Hillava.ChangedTasks(ctx, since, offset, limit) })
}

func (g *guardedHillava) Task(ctx context.Context, id string) (hillava.Task, error) {
	return through(g.gate(), true, func() (hillava.Task, error) { return g.Hillava.Task(ctx, id) })
}

func (g *guardedHillava) CreateTask(ctx context.Context, key string, task notice.Task) (hillava.Task, error) {
	return through(g.gate(), true, func() (hillava.Task, error) { return g.Hillava.CreateTask(ctx, key, task) })
}

func (g *guardedHillava) AddNote(ctx context.Context, taskID, key, text string) error {
	_, err := through(g.gate(), true, func() (struct{}, error) { return struct{}{}, g.Hillava.AddNote(ctx, taskID, key, text) })
	return err
}

func (g *guardedHillava) TimeEntries(ctx context.Context, taskID string) ([]notice.TimeEntry, error) {
	return through(g.gate(), true, func() ([]notice.TimeEntry, error) { return g.Hillava.TimeEntries(ctx, taskID) })
}

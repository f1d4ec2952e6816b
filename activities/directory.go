package activities

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

// directory is Hillava's list of customers, read again when it is older than a sync interval. A list that cannot be
// read is replaced by the last one: Hillava's outage must not stop Tampuuri's side.
type directory struct {
	hillava *guardedHillava
	now     func() time.Time
	fresh   time.Duration

	mutex   sync.Mutex
	read    time.Time
	list    []hillava.Customer // as believed
	shrunk  time.Time          // since when the lists have been too short to be believed
	reading bool
}

// staleFor is how long the last list serves when Hillava does not answer, before it is asked again.
const staleFor = 15 * time.Second

// customers gives the list, at most a sync interval old. While somebody else is reading it anew, the last one serves:
// a slow Hillava must not hold up every customer's poll.
func (d *directory) customers(ctx context.Context) ([]hillava.Customer, error) {
	d.mutex.Lock()
	if len(d.list) > 0 && (d.reading || d.now().Sub(d.read) < d.fresh) {
		defer d.mutex.Unlock()
		return d.list, nil
	}
	d.reading = true
	d.mutex.Unlock()
	_, err := d.refresh(ctx)
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.reading = false
	if err != nil && len(d.list) > 0 {
		d.read, err = d.now().Add(staleFor-d.fresh), nil
	}
	return d.list, err
}

// refresh reads the list now and gives it as it is; SyncCustomers has its own memory of what to believe.
func (d *directory) refresh(ctx context.Context) ([]hillava.Customer, error) {
	list, err := d.hillava.Customers(ctx)
	if err != nil {
		return nil, err
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.believe(list)
	return list, nil
}

// believe takes over a list. Customers that an empty or halved one lacks stay as they were, as in SyncCustomers: they
// go on being polled and their tasks made.
func (d *directory) believe(list []hillava.Customer) {
	d.read = d.now()
	tooShort := len(list) == 0 || len(list)*2 <= len(d.list)
	switch {
	case !tooShort:
		d.list, d.shrunk = list, time.Time{}
		return
	case d.shrunk.IsZero():
		d.shrunk = d.read
	case len(list) > 0 && d.read.Sub(d.shrunk) >= shrunkFor:
		d.list, d.shrunk = list, time.Time{}
		return
	}
	believed := slices.Clone(list)
	for _, before := range d.list {
		if !slices.ContainsFunc(list, func(c hillava.Customer) bool { return c.ID == before.ID }) {
			believed = append(believed, before)
		}
	}
	d.list = believed
}

// withTunniste gives the customers whose external id is that Tunniste; there should be one.
func withTunniste(list []hillava.Customer, tunniste string) []hillava.Customer {
	var found []hillava.Customer
	for _, customer := range list {
		if customer.ExternalID == tunniste && tunniste != "" {
			found = append(found, customer)
		}
	}
	return found
}

// reasonsNotToPoll says why no notices of this customer may be imported, each with what to do; none means that they may.
func reasonsNotToPoll(settings config.Customer, list []hillava.Customer) []string {
	reasons := append([]string{}, settings.Faults...)
	if settings.Tunniste == "" {
		return reasons // which customer it would be nobody can tell
	}
	switch found := withTunniste(list, settings.Tunniste); {
	case len(found) == 0:
		reasons = append(reasons, "Hillava has no customer of type TAMPUURI_CUSTOMERS with this Tunniste; make it there (Tunniste can be set only at creation)")
	case len(found) > 1:
		reasons = append(reasons, fmt.Sprintf("Hillava has %d customers with this Tunniste; leave one", len(found)))
	default:
		if !settings.NameMatches(found[0].Name) {
			reasons = append(reasons, "the customer's name in Hillava differs from customers.yaml; when it is the same customer, add the name to confirmed_names")
		}
		if !found[0].IntegrationsActive {
			reasons = append(reasons, "Integraatiot is not active on the customer type in Hillava; switch it on")
		}
	}
	return reasons
}

// customerOf gives the settings of a customer whose open notices are written back. Whatever stops imports does not stop
// this, as long as there are credentials.
func (a *Activities) customerOf(ref runs.NoticeRef) (*office, error) {
	settings, ok := a.customers.Customer(ref.Customer)
	if !ok {
		return nil, stopped("customers.yaml has no entry for this customer, so its Tampuuri cannot be reached; put it back")
	}
	if !settings.Credentials.Complete() {
		return nil, stopped("customers.yaml has no complete credentials for this customer, so its Tampuuri cannot be reached; complete them")
	}
	opened, err := a.offices.of(settings)
	if err != nil { // a credential that no header takes: an edit mends it, so no notice is to be parked for it
		return nil, stopped(err.Error())
	}
	return opened, nil
}

// hillavaCustomer is the id of the customer in Hillava that pays for its notices.
func (a *Activities) hillavaCustomer(ctx context.Context, tunniste string) (string, error) {
	list, err := a.directory.customers(ctx)
	if err != nil {
		return "", err
	}
	found := withTunniste(list, tunniste)
	if len(found) == 0 { // perhaps it is newer than our list
		if _, err := a.directory.refresh(ctx); err != nil {
			return "", err
		}
		if list, err = a.directory.customers(ctx); err != nil {
			return "", err
		}
		found = withTunniste(list, tunniste)
	}
	if len(found) != 1 {
		return "", stopped(fmt.Sprintf("Hillava has %d customers with this customer's Tunniste, not one; see starter customers list", len(found)))
	}
	return found[0].ID, nil
}

// taskTypeFresh is how long a task type and its process are believed.
const taskTypeFresh = 5 * time.Minute

// taskTypes remembers the task type TAMPUURI_TASK and its process's first state.
type taskTypes struct {
	hillava *guardedHillava
	now     func() time.Time

	mutex        sync.Mutex
	read         time.Time
	taskType     hillava.TaskType
	initialState string
}

// TaskTypeIdentifier is the identifier that the office gives the task type of our tasks.
const TaskTypeIdentifier = "TAMPUURI_TASK"

func (t *taskTypes) get(ctx context.Context) (taskType hillava.TaskType, initialState string, err error) {
	t.mutex.Lock()
	known := !t.read.IsZero() && t.now().Sub(t.read) < taskTypeFresh
	taskType, initialState = t.taskType, t.initialState
	t.mutex.Unlock()
	if known {
		return taskType, initialState, nil
	}
	// No lock is held here: while Hillava is slow, one notice must not wait for another's attempt.
	found, err := t.hillava.TaskTypes(ctx, TaskTypeIdentifier)
	if err != nil {
		return hillava.TaskType{}, "", err
	}
	if len(found) != 1 || found[0].TargetRequired {
		return hillava.TaskType{}, "", stop(runs.ReasonTaskType,
			fmt.Errorf("%d task types %s, or one that requires a target", len(found), TaskTypeIdentifier))
	}
	process, err := t.hillava.Process(ctx, found[0].ProcessID)
	if err != nil {
		return hillava.TaskType{}, "", err
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.taskType, t.initialState, t.read = found[0], process.InitialState, t.now()
	return t.taskType, t.initialState, nil
}

// propertyFresh is how long a property's address is believed.
const propertyFresh = 24 * time.Hour

// properties remembers the addresses of kohteet, as many notices share one. At most maxProperties are kept.
type properties struct {
	now   func() time.Time
	mutex sync.Mutex
	known map[propertyKey]knownProperty
}

type propertyKey struct {
	customer string
	id       int64
}

type knownProperty struct {
	property notice.Property
	read     time.Time
}

const maxProperties = 10000

// of gives the property, or nil when Tampuuri has none with that id.
func (p *properties) of(ctx context.Context, office *office, id int64) (*notice.Property, error) {
	if id == 0 {
		return nil, nil
	}
	key := propertyKey{office.Tunniste, id}
	p.mutex.Lock()
	known, ok := p.known[key]
	p.mutex.Unlock()
	if ok && p.now().Sub(known.read) < propertyFresh {
		return &known.property, nil
	}
	property, err := office.Property(ctx, id)
	if isMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.known == nil || len(p.known) >= maxProperties {
		p.known = map[propertyKey]knownProperty{}
	}
	p.known[key] = knownProperty{property, p.now()}
	return &property, nil
}

package activities

import (
	"context"
	"fmt"
	"sync"
	"time"

	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

// directory is what the last sync found out about Hillava's customers. It is the one memory of that list: a round or a
// step that read the list itself would believe what a sync does not.
type directory struct {
	runs  Runs
	now   func() time.Time
	fresh time.Duration // a sync interval

	mutex sync.Mutex
	read  time.Time
	last  runs.SyncResult
}

// keep takes over the result of a sync on this worker.
func (d *directory) keep(result runs.SyncResult) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.last, d.read = result, d.now()
}

// hillavaCustomer is the id of the customer in Hillava that pays for the notices of a Tunniste.
func (d *directory) hillavaCustomer(ctx context.Context, tunniste string) (string, error) {
	d.mutex.Lock()
	id, old := d.find(tunniste), d.now().Sub(d.read) >= d.fresh
	d.mutex.Unlock()
	if id != "" && !old {
		return id, nil
	}
	result, found, err := d.runs.LastSync(ctx)
	switch {
	case err != nil && id != "":
		return id, nil
	case err != nil:
		return "", temporalFailure(err)
	case found:
		d.keep(result)
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if id = d.find(tunniste); id == "" {
		return "", stopped("the last sync found no customer, or more than one, with this Tunniste in Hillava; see starter customers list")
	}
	return id, nil
}

func (d *directory) find(tunniste string) string {
	for _, customer := range d.last.Customers {
		if customer.Tunniste == tunniste {
			return customer.CustomerID
		}
	}
	return ""
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

func (t *taskTypes) get(ctx context.Context) (taskType hillava.TaskType, initialState string, err error) {
	t.mutex.Lock()
	known := !t.read.IsZero() && t.now().Sub(t.read) < taskTypeFresh
	taskType, initialState = t.taskType, t.initialState
	t.mutex.Unlock()
	if known {
		return taskType, initialState, nil
	}
	// No lock is held here: while Hillava is slow, one notice must not wait for another's attempt.
	found, err := t.hillava.TaskTypes(ctx, hillava.TaskTypeIdentifier)
	if err != nil {
		return hillava.TaskType{}, "", err
	}
	if len(found) != 1 || found[0].TargetRequired {
		return hillava.TaskType{}, "", stop(runs.ReasonTaskType,
			fmt.Errorf("%d task types %s, or one that requires a target", len(found), hillava.TaskTypeIdentifier))
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
func (p *properties) of(ctx context.Context, account *account, id int64) (*notice.Property, error) {
	if id == 0 {
		return nil, nil
	}
	key := propertyKey{account.Tunniste, id}
	p.mutex.Lock()
	known, ok := p.known[key]
	p.mutex.Unlock()
	if ok && p.now().Sub(known.read) < propertyFresh {
		return &known.property, nil
	}
	property, err := account.Property(ctx, id)
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

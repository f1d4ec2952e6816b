package activities

import (
	"context"
	"sync"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/gateway"
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
		return "", gateway.TemporalFailure(err)
	case found:
		d.keep(result)
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if id = d.find(tunniste); id == "" {
		return "", gateway.WaitForSettings("the last sync found no customer, or more than one, with this Tunniste in Hillava; see starter customers list")
	}
	return id, nil
}

// payers are the ids in Hillava of a customer: the one to which its tasks are billed, then those that it had under former
// Tunnisteet, as far as Hillava still lists them.
func (d *directory) payers(ctx context.Context, customer config.Customer) ([]string, error) {
	present, err := d.hillavaCustomer(ctx, customer.Tunniste)
	if err != nil {
		return nil, err
	}
	payers := []string{present}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	for _, former := range customer.Formerly {
		if id := d.find(former); id != "" {
			payers = append(payers, id)
		}
	}
	return payers, nil
}

func (d *directory) find(tunniste string) string {
	customer, _ := stateOf(d.last, tunniste)
	return customer.CustomerID
}

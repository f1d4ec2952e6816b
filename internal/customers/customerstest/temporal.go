// Package customerstest has what tests of the customers' list need: a Temporal with customers' workflows.
package customerstest

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"tampuuri-hillava/internal/runs"
)

// LastGood is when the customers here were last polled well.
var LastGood = time.Date(2026, 2, 5, 10, 0, 0, 0, time.UTC)

// Temporal are customers' workflows, by Tunniste, and what the last sync said of them.
type Temporal struct {
	Sync    *runs.SyncResult // nil: none has completed
	Running map[string]Customer
	Asked   atomic.Int32 // statuses
}

// Customer is a running workflow.
type Customer struct {
	Status *runs.CustomerStatus // nil: it does not answer
	Marks  *runs.Marks
}

// Synced is a sync that found these customers.
func Synced(states ...runs.CustomerState) *runs.SyncResult {
	return &runs.SyncResult{Customers: states}
}

// Polled is a customer of which there is nothing to say.
func Polled(tunniste string) Customer {
	good := LastGood
	return Customer{Status: &runs.CustomerStatus{Tunniste: tunniste, Polled: true, Reasons: []string{}, LastGoodPoll: &good, NextPoll: &good}}
}

// But is a polled customer with a change.
func But(change func(*runs.CustomerStatus)) Customer {
	customer := Polled("esimerkki")
	change(customer.Status)
	return customer
}

// LastSync gives the sync, if there is one.
func (f *Temporal) LastSync(context.Context) (runs.SyncResult, bool, error) {
	if f.Sync == nil {
		return runs.SyncResult{}, false, nil
	}
	return *f.Sync, true, nil
}

// Customers gives those whose workflows run.
func (f *Temporal) Customers(context.Context) (tunnisteet []string, err error) {
	for tunniste := range f.Running {
		tunnisteet = append(tunnisteet, tunniste)
	}
	return tunnisteet, nil
}

// CustomerRun describes a running workflow.
func (f *Temporal) CustomerRun(_ context.Context, tunniste string) (*runs.CustomerRun, error) {
	for _, c := range tunniste {
		if c < ' ' || c > '~' {
			return nil, errors.New("header key contains value with non-printable ASCII characters")
		}
	}
	customer, ok := f.Running[tunniste]
	if !ok {
		return nil, nil
	}
	return &runs.CustomerRun{Marks: customer.Marks}, nil
}

// CustomerStatus asks one.
func (f *Temporal) CustomerStatus(_ context.Context, tunniste string) (runs.CustomerStatus, error) {
	f.Asked.Add(1)
	if customer := f.Running[tunniste]; customer.Status != nil {
		return *customer.Status, nil
	}
	return runs.CustomerStatus{}, errors.New("no worker")
}

// Served is a customer of which the last sync had nothing to say, or these reasons.
func Served(tunniste string, reasons ...string) runs.CustomerState {
	return runs.CustomerState{Tunniste: tunniste, HasEntry: true, Served: runs.Served{CustomerID: "c-" + tunniste, Reasons: reasons}}
}

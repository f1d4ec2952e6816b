package main

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"tampuuri-hillava/internal/runs"
)

var lastGood = time.Date(2026, 2, 5, 10, 0, 0, 0, time.UTC)

// fakeCustomers are customers' workflows, by Tunniste, and what the last sync said of them.
type fakeCustomers struct {
	sync    *runs.SyncResult // nil: none has completed
	running map[string]fakeCustomer
	asked   atomic.Int32 // statuses
}

// fakeCustomer is a running workflow.
type fakeCustomer struct {
	status *runs.CustomerStatus // nil: it does not answer
	marks  *runs.Marks
}

func synced(states ...runs.CustomerState) *runs.SyncResult {
	return &runs.SyncResult{Customers: states}
}

// polled is a customer of which there is nothing to say.
func polled(tunniste string) fakeCustomer {
	good := lastGood
	return fakeCustomer{status: &runs.CustomerStatus{Tunniste: tunniste, Polled: true, Reasons: []string{}, LastGoodPoll: &good, NextPoll: &good}}
}

// but is a polled customer with a change.
func but(change func(*runs.CustomerStatus)) fakeCustomer {
	customer := polled("esimerkki")
	change(customer.status)
	return customer
}

func (f *fakeCustomers) LastSync(context.Context) (runs.SyncResult, bool, error) {
	if f.sync == nil {
		return runs.SyncResult{}, false, nil
	}
	return *f.sync, true, nil
}

func (f *fakeCustomers) Customers(context.Context) (tunnisteet []string, err error) {
	for tunniste := range f.running {
		tunnisteet = append(tunnisteet, tunniste)
	}
	return tunnisteet, nil
}

func (f *fakeCustomers) CustomerRun(_ context.Context, tunniste string) (*runs.CustomerRun, error) {
	for _, c := range tunniste {
		if c < ' ' || c > '~' {
			return nil, errors.New("header key contains value with non-printable ASCII characters")
		}
	}
	customer, ok := f.running[tunniste]
	if !ok {
		return nil, nil
	}
	return &runs.CustomerRun{Tunniste: tunniste, Marks: customer.marks}, nil
}

func (f *fakeCustomers) CustomerStatus(_ context.Context, tunniste string) (runs.CustomerStatus, error) {
	f.asked.Add(1)
	if customer := f.running[tunniste]; customer.status != nil {
		return *customer.status, nil
	}
	return runs.CustomerStatus{}, errors.New("no worker")
}

// fakeNotices is a Temporal with at most one notice.
type fakeNotices struct {
	life       *runs.Life
	pending    []runs.PendingStep
	answer     runs.Status
	statusErr  error
	signalErr  error
	filters    []runs.Filter
	asked      int
	resent     int
	dismissals []runs.DismissSignal
}

func (f *fakeNotices) Notices(_ context.Context, filter runs.Filter) ([]*runs.Life, error) {
	f.filters = append(f.filters, filter)
	if f.life == nil {
		return nil, nil
	}
	return []*runs.Life{f.life}, nil
}

func (f *fakeNotices) Describe(context.Context, string) (*runs.Description, error) {
	if f.life == nil {
		return nil, runs.ErrNone
	}
	return &runs.Description{Life: f.life, Pending: f.pending}, nil
}

func (f *fakeNotices) Status(context.Context, string) (runs.Status, error) {
	f.asked++
	return f.answer, f.statusErr
}

func (f *fakeNotices) SendResend(context.Context, string) error {
	f.resent++
	return f.signalErr
}

func (f *fakeNotices) SendDismiss(_ context.Context, _ string, dismissal runs.DismissSignal) error {
	f.dismissals = append(f.dismissals, dismissal)
	return f.signalErr
}

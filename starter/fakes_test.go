package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"tampuuri-hillava/internal/customers/customerstest"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/terminal"
)

const testID = "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11"

var lastGood = customerstest.LastGood

// fakeNotice is a notice with all that Temporal tells of it.
type fakeNotice struct {
	indexed       runs.Phase // of the index, where that lags
	indexedReason string     // the same
	*runs.Life
	pending []runs.PendingStep
	status  *runs.Status // nil: it does not answer
	away    bool         // it cannot be looked at
	resent  []runs.ResendSignal
	onSend  func(*fakeNotice) // what a resend does
}

// fakeTemporal is a Temporal with notices and customers.
type fakeTemporal struct {
	customerstest.Temporal
	mutex      sync.Mutex
	notices    []*fakeNotice // newest first
	filters    []runs.Filter
	asked      int
	signalErr  error
	dismissals []runs.DismissSignal
}

// add adds a notice of a phase, the older the later it is added.
func (f *fakeTemporal) add(customer string, id int64, phase runs.Phase) *fakeNotice {
	workflowID := "notice-" + strconv.FormatInt(id, 10) + "-" + customer
	if id == 48213 {
		workflowID = "notice-" + testID
	}
	one := &fakeNotice{Life: &runs.Life{
		WorkflowID: workflowID, Ref: runs.NoticeRef{Customer: customer, NoticeID: id}, Phase: phase, TaskID: "T-" + strconv.FormatInt(id, 10),
		Started: lastGood, Running: !closedPhase(phase),
	}}
	status := runs.Status{Phase: phase, History: []runs.HistoryEntry{}}
	status.Reported, _ = reportedIn(phase)
	if phase == runs.PhaseAttention {
		one.Reason = runs.ReasonTwoTasks
		status.Attention = &runs.Attention{Reason: one.Reason, Since: lastGood.Add(time.Hour), What: runs.Advice(one.Reason)}
	}
	one.status = &status
	f.notices = append(f.notices, one)
	return one
}

// refused makes a notice wait for a person since some time after lastGood.
func (n *fakeNotice) refused(reason, failure string, after time.Duration) *fakeNotice {
	n.Reason = reason
	n.status.Attention = &runs.Attention{Reason: reason, Since: lastGood.Add(after), What: runs.Advice(reason), Failure: failure}
	return n
}

// tries makes a notice try a step again.
func (n *fakeNotice) tries(attempt int32, failure string) *fakeNotice {
	next := lastGood.Add(90 * time.Minute)
	n.pending = append(n.pending, runs.PendingStep{Activity: "SetState", Attempt: attempt, LastFailure: failure, NextRetry: &next})
	return n
}

func (f *fakeTemporal) Notices(_ context.Context, filter runs.Filter) (found []*runs.Life, err error) {
	f.filters = append(f.filters, filter)
	for _, one := range f.notices {
		if (len(filter.Customers) == 0 || slices.Contains(filter.Customers, one.Ref.Customer)) && (filter.NoticeID == 0 || filter.NoticeID == one.Ref.NoticeID) &&
			(filter.TaskID == "" || filter.TaskID == one.TaskID) && (filter.Phase == "" || filter.Phase == cmp.Or(one.indexed, one.Phase)) &&
			(filter.Reason == "" || filter.Reason == cmp.Or(one.indexedReason, one.Reason)) && (!filter.Open || one.Running) {
			life := *one.Life
			life.Phase = cmp.Or(one.indexed, one.Phase)
			found = append(found, &life)
		}
	}
	return found, nil
}

func (f *fakeTemporal) find(workflowID string) *fakeNotice {
	i := slices.IndexFunc(f.notices, func(n *fakeNotice) bool { return n.WorkflowID == workflowID })
	if i < 0 {
		return nil
	}
	return f.notices[i]
}

func (f *fakeTemporal) Describe(_ context.Context, workflowID string) (*runs.Description, error) {
	one := f.find(workflowID)
	switch {
	case one == nil:
		return nil, runs.ErrNone
	case one.away:
		return nil, errors.New("cannot be looked at")
	}
	return &runs.Description{Life: one.Life, Pending: one.pending}, nil
}

func (f *fakeTemporal) Status(_ context.Context, workflowID string) (runs.Status, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.asked++
	if one := f.find(workflowID); one != nil && one.status != nil {
		return *one.status, nil
	}
	return runs.Status{}, errors.New("no worker")
}

func (f *fakeTemporal) SendResend(_ context.Context, workflowID string, resend runs.ResendSignal) error {
	if f.signalErr != nil {
		return f.signalErr
	}
	one := f.find(workflowID)
	if !one.Running {
		return runs.ErrNone
	}
	one.resent = append(one.resent, resend)
	if one.onSend != nil {
		one.onSend(one)
	}
	return nil
}

func (f *fakeTemporal) SendDismiss(_ context.Context, _ string, dismissal runs.DismissSignal) error {
	f.dismissals = append(f.dismissals, dismissal)
	return f.signalErr
}

// printed is an output of a pipe, or of a terminal of that width, with what came out.
func printed(width int) (out terminal.Output, stdout, stderr *bytes.Buffer) {
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	return terminal.Output{Stdout: stdout, Stderr: stderr, Width: width}, stdout, stderr
}

func named(t *testing.T, text string) noticeName {
	t.Helper()
	name, err := readNoticeName(text)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

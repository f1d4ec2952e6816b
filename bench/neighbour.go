package main

import (
	"context"
	"errors"
	"fmt"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/ledger"
)

// The other customer, and how many of its steps hang at once.
const (
	neighbourTunniste  = "toinen"
	neighbourPerformer = 120
	hangingSteps       = 100
)

// Neighbour is how long a customer's event takes to its effect while another customer is a burden: alone, while every call
// of the other's Tampuuri hangs with steps waiting for it, and while the other imports.
type Neighbour struct {
	Imports   int       `json:"imports"`
	Left      int       `json:"left"` // of them, when the last latency was measured
	Idle      []float64 `json:"idleMs"`
	Hanging   []float64 `json:"hangingMs"`
	Importing []float64 `json:"importingMs"`
}

func (b *bench) neighbour(ctx context.Context, imports int) (Neighbour, error) {
	r := Neighbour{Imports: imports}
	tasks, err := b.imported(ctx, 3*probes)
	if err != nil {
		return r, err
	}
	probe := func(into *[]float64) error {
		var round Round
		for _, task := range tasks[:probes] {
			if err := b.probe(ctx, task.Key, &round); err != nil {
				return err
			}
		}
		tasks, *into = tasks[probes:], round.Latencies
		return nil
	}
	hang, err := b.neighbourHangs(ctx)
	if err != nil {
		return r, err
	}
	if err := errors.Join(probe(&r.Idle), hang(), probe(&r.Hanging)); err != nil {
		return r, err
	}
	b.Faults.Clear()
	before := b.Hillava.Requests()["create-task"]
	for range imports {
		if _, err := b.addNoticeOf(neighbourTunniste, neighbourPerformer); err != nil {
			return r, err
		}
	}
	polled := make(chan error, 1)
	go func() { polled <- b.pollNowOf(ctx, neighbourTunniste) }()
	if err := b.createdSince(ctx, before+1); err != nil {
		return r, err
	}
	if err := probe(&r.Importing); err != nil {
		return r, err
	}
	r.Left = imports - (b.Hillava.Requests()["create-task"] - before)
	if r.Left <= 0 {
		return r, errors.New("the other customer's import was over too soon to tell anything: take more notices")
	}
	if err := <-polled; err != nil {
		return r, err
	}
	return r, b.createdSince(ctx, before+imports)
}

// neighbourHangs prepares tasks of the other customer; hang has them done while its Tampuuri hangs.
func (b *bench) neighbourHangs(ctx context.Context) (hang func() error, err error) {
	before := len(b.Ledger.Entries())
	for range hangingSteps {
		if _, err := b.addNoticeOf(neighbourTunniste, neighbourPerformer); err != nil {
			return nil, err
		}
	}
	if err := b.pollNowOf(ctx, neighbourTunniste); err != nil {
		return nil, err
	}
	tasks, err := b.effects(ctx, before, hangingSteps, func(e ledger.Entry) bool { return e.Kind == ledger.TaskCreated })
	return func() error {
		id := b.Faults.Add(fault.Fault{System: ledger.Tampuuri, Customer: neighbourTunniste, Times: -1, Kind: fault.ApplyThenHang})
		for _, task := range tasks {
			if err := b.Hillava.Transition(task.Key, transitions[0].transition); err != nil {
				return err
			}
		}
		return b.Faults.AwaitFired(ctx, id, 1)
	}, err
}

func (b *bench) createdSince(ctx context.Context, atLeast int) error {
	return b.waitLong(ctx, "the other customer's tasks", func(context.Context) error {
		if made := b.Hillava.Requests()["create-task"]; made < atLeast {
			return fmt.Errorf("%d of %d", made, atLeast)
		}
		return nil
	})
}

type phase struct {
	name      string
	latencies []float64
}

func (n Neighbour) phases() []phase {
	return []phase{
		{"alone", n.Idle}, {"another customer's Tampuuri hangs", n.Hanging}, {fmt.Sprintf("another customer imports %d notices", n.Imports), n.Importing},
	}
}

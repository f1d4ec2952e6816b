package main

import (
	"context"
	"time"

	"tampuuri-hillava/sandbox/ledger"
)

// kills is how often the worker is killed.
const kills = 3

// Killed is what a killed worker holds up. A task is done in the moment of the kill, and a new worker is started at once: it
// is the time from then until that worker is ready, and until Tampuuri has the state.
type Killed struct {
	ReadyMs  float64 `json:"readyMs"`
	EffectMs float64 `json:"effectMs"`
}

// kill kills the worker with a notice in its memory, so that Temporal offers it the notice's next step first.
func (b *bench) kill(ctx context.Context) (Killed, error) {
	var k Killed
	task, err := b.working(ctx)
	if err != nil {
		return k, err
	}
	before, began := len(b.Ledger.Entries()), time.Now()
	if err := b.Worker.Kill(); err != nil {
		return k, err
	}
	if err := b.Hillava.Transition(task, transitions[0].transition); err != nil {
		return k, err
	}
	if err := b.Worker.Restart(ctx); err != nil {
		return k, err
	}
	k.ReadyMs = ms(time.Since(began))
	done, err := b.effects(ctx, before, 1, becomes(transitions[0].state))
	if err != nil {
		return k, err
	}
	k.EffectMs = ms(done[0].At.Sub(began))
	return k, nil
}

// working makes a notice and returns its task once its workflow waits for Hillava.
func (b *bench) working(ctx context.Context) (task string, err error) {
	before := len(b.Ledger.Entries())
	id, err := b.AddNotice()
	if err != nil {
		return "", err
	}
	if err := b.pollNow(ctx); err != nil {
		return "", err
	}
	created, err := b.effects(ctx, before, 1, func(e ledger.Entry) bool { return e.Kind == ledger.TaskCreated })
	if err != nil {
		return "", err
	}
	_, err = b.WaitWorkflow(ctx, b.client, tunniste, id, "Running", "working")
	return created[0].Key, err
}

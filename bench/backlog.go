package main

import (
	"context"
	"fmt"
	"time"

	"tampuuri-hillava/sandbox/ledger"
)

// Backlog is how webhooks are dealt with that came while no worker ran: Temporal has them, and each was answered 202.
type Backlog struct {
	Webhooks         int     `json:"webhooks"`
	AnsweredMs       float64 `json:"answeredMs"`       // from the first event until the last one was answered, without a worker
	EffectsPerSecond float64 `json:"effectsPerSecond"` // from the worker's start to the last effect
}

// backlog has each task done and invoiced while no worker runs. Each notice becomes Tehty first and Valmis then, or it fails.
func (b *bench) backlog(ctx context.Context, webhooks int) (Backlog, error) {
	r := Backlog{Webhooks: webhooks / 2 * 2}
	tasks, err := b.imported(ctx, webhooks/2)
	if err != nil {
		return r, err
	}
	if err := b.Worker.Stop(ctx); err != nil {
		return r, err
	}
	before, began := len(b.Ledger.Entries()), time.Now()
	for _, step := range transitions {
		for _, task := range tasks {
			if err := b.Hillava.Transition(task.Key, step.transition); err != nil {
				return r, err
			}
		}
	}
	accepted := func(e ledger.Entry) bool {
		return e.Kind == ledger.WebhookAttempted && fmt.Sprint(e.Detail["status"]) == "202"
	}
	if _, err := b.effects(ctx, before, r.Webhooks, accepted); err != nil {
		return r, err
	}
	r.AnsweredMs = ms(time.Since(began))
	before, began = len(b.Ledger.Entries()), time.Now()
	if err := b.Worker.Restart(ctx); err != nil {
		return r, err
	}
	reported, err := b.effects(ctx, before, r.Webhooks, func(e ledger.Entry) bool {
		return becomes(transitions[0].state)(e) || becomes(transitions[1].state)(e)
	})
	if err != nil {
		return r, err
	}
	r.EffectsPerSecond = float64(r.Webhooks) / time.Since(began).Seconds()
	done := map[string]int{}
	for _, effect := range reported {
		if at := done[effect.Key]; at == len(transitions) || effect.Detail["to"] != transitions[at].state {
			return r, fmt.Errorf("notice %s becomes %v out of order", effect.Key, effect.Detail["to"])
		}
		done[effect.Key]++
	}
	return r, nil
}

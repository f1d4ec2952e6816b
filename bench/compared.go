package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tampuuri-hillava/sandbox/tampuuri"
)

// Compared is one comparison of every open notice with Tampuuri, by its customer's workflow.
type Compared struct {
	Ms    float64 `json:"ms"`    // of the round in which it was done
	Calls int     `json:"calls"` // a hundred notices each
}

// compared has the customer compare its open notices in its next round, and fails when that round does.
func (b *bench) compared(ctx context.Context) (Compared, error) {
	b.Worker.Setenv("RECONCILE_EVERY", "15s")
	defer b.Worker.Setenv("RECONCILE_EVERY", quiet.String())
	if err := b.anew(ctx); err != nil {
		return Compared{}, err
	}
	last, err := b.lastCompared(ctx)
	if err != nil {
		return Compared{}, err
	}
	select { // until a comparison is due again
	case <-time.After(time.Until(last.Add(16 * time.Second))):
	case <-ctx.Done():
		return Compared{}, ctx.Err()
	}
	before, began := b.Tampuuri.Requests()[tampuuri.OpHae], time.Now()
	if err := b.pollNow(ctx); err != nil {
		return Compared{}, err
	}
	c := Compared{Ms: ms(time.Since(began)), Calls: b.Tampuuri.Requests()[tampuuri.OpHae] - before}
	if _, err := b.lastCompared(ctx); err != nil {
		return c, err
	}
	if c.Calls < len(b.open)/100 {
		return c, fmt.Errorf("only %d calls compared %d open notices", c.Calls, len(b.open))
	}
	return c, b.anew(ctx)
}

// lastCompared is when all open notices were compared last. A round that has failed is an error.
func (b *bench) lastCompared(ctx context.Context) (time.Time, error) {
	answer, err := b.client.QueryWorkflow(ctx, "customer-"+tunniste, "", "status")
	if err != nil {
		return time.Time{}, fmt.Errorf("ask the customer how it stands: %w", err)
	}
	var status struct {
		LastCompared *time.Time
		LastRound    *struct{ Failure string }
	}
	var raw json.RawMessage
	if err := answer.Get(&raw); err != nil {
		return time.Time{}, fmt.Errorf("read how the customer stands: %w", err)
	}
	if err := json.Unmarshal(raw, &status); err != nil {
		return time.Time{}, fmt.Errorf("read how the customer stands: %w", err)
	}
	switch {
	case status.LastRound != nil && status.LastRound.Failure != "":
		return time.Time{}, errors.New("a round has failed: " + status.LastRound.Failure)
	case status.LastCompared == nil:
		return time.Time{}, errors.New("the open notices were never compared")
	}
	return *status.LastCompared, nil
}

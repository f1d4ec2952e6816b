package opening

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/customers"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

// defaultSettle is how long a worker may go on with customers.yaml as it was: each looks at it again within that time, and
// a sync brings only one of them up to date.
const defaultSettle = 12 * time.Second

// idleRounds is after how many rounds in a row that started nothing, with more to come, the rest is left to the worker.
const idleRounds = 3

// firstImport makes the entry count, and polls until nothing is left.
func (c *Command) firstImport(ctx context.Context, temporal Temporal, entry config.Customer, first bool) ([]runs.PollCounts, error) {
	rounds := []runs.PollCounts{}
	if err := temporal.Sync(ctx); err != nil {
		return rounds, fmt.Errorf("%s is open, and a worker begins with its next sync; starter customers open %s shows how far it is: %w", c.Tunniste, c.Tunniste, err)
	}
	if hours := entry.Poll.Hours; !hours.Contains(time.Now()) {
		return rounds, c.say("%s is open. It is polled in the hours %s; the first notices come at %s.", c.Tunniste, hours, notice.Clock(hours.Next(time.Now())))
	}
	idle := 0
	for {
		counts, err := c.poll(ctx, temporal)
		if err != nil {
			return rounds, fmt.Errorf("%s is open, and a worker goes on by itself once it may: %w", c.Tunniste, err)
		}
		rounds = append(rounds, counts) // the worker's own polls come in between, so their sum is not all
		if idle++; counts.Started > 0 {
			idle = 0
		}
		if err := c.say("round %d: %s", len(rounds), customers.PollInWords(counts)); err != nil {
			return rounds, err
		}
		switch {
		case !counts.Left:
			return rounds, c.say("%s is open, and nothing is left to import; starter notice list --customer %s shows how its notices stand. poll.max_new in its entry bounds each poll; raise it once the first tasks are right.", c.Tunniste, c.Tunniste)
		case first || idle == idleRounds:
			return rounds, c.say("%s is open; the rest comes with the next polls. starter customers pause %s holds it back.", c.Tunniste, c.Tunniste)
		}
	}
}

// poll polls, and again for a little while when the worker still refuses what the file allows now.
func (c *Command) poll(ctx context.Context, temporal Temporal) (runs.PollCounts, error) {
	ticker := time.NewTicker(cmp.Or(c.retryEvery, time.Second))
	defer ticker.Stop()
	settled := time.After(cmp.Or(c.settle, defaultSettle))
	for {
		counts, err := temporal.Poll(ctx, c.Tunniste)
		var refusal *runs.Refusal
		switch {
		case errors.Is(err, runs.ErrNone): // another worker, which still had the file as it was, has ended it
			if err := temporal.Sync(ctx); err != nil {
				return counts, err
			}
		case !errors.As(err, &refusal) || refusal.Word != "": // a word says that it was tried
			return counts, err
		}
		select {
		case <-settled:
			return counts, err
		case <-ctx.Done():
			return counts, errors.Join(err, context.Cause(ctx))
		case <-ticker.C:
		}
	}
}

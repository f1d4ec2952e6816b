package stack

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// lookEvery is how often WaitFor looks. Most of what is waited for takes seconds and a look costs little.
const lookEvery = 100 * time.Millisecond

// WaitFor looks until cond returns nil, at once and then ten times a second. When ctx ends first it returns an error
// that names what was waited for and the last thing that cond found missing.
func WaitFor(ctx context.Context, what string, cond func(context.Context) error) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	started := time.Now()
	var last error
	for {
		err := cond(ctx)
		if err == nil {
			return nil
		}
		// A look that was cut off by ctx says nothing about what is missing.
		if ctx.Err() == nil || last == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited %.1f s for %s: %w", time.Since(started).Seconds(), what, errors.Join(last, context.Cause(ctx)))
		case <-tick.C:
		}
	}
}

// Settled returns nil when look returns the same non-empty answer for as long as quiet: for proving that nothing more
// happens. It fails when ctx ends first.
func Settled(ctx context.Context, quiet time.Duration, look func(context.Context) (string, error)) error {
	var before string
	var since time.Time
	return WaitFor(ctx, fmt.Sprintf("%s without a change", quiet), func(ctx context.Context) error {
		now, err := look(ctx)
		if err != nil {
			before = ""
			return err
		}
		if now == "" || now != before {
			before, since = now, time.Now()
		}
		if before == "" || time.Since(since) < quiet {
			return fmt.Errorf("last change %.1f s ago", time.Since(since).Seconds())
		}
		return nil
	})
}

package main

import (
	"context"
	"fmt"
	"os"
)

// row is one thing that is measured.
type row struct {
	name    string
	measure func(context.Context) error
}

// rows are all but the notice alone. Ours and the floor take turns, so that whatever else the machine does meets both. The
// last ones leave work behind, or stop everything.
func (b *bench) rows(s settings, floor *floor, report *Report) (rows []row) {
	add := func(measure func(context.Context) error, name string, args ...any) {
		rows = append(rows, row{fmt.Sprintf(name, args...), measure})
	}
	used := func() usage { return usage{server: cpuOf(b.Temporal.Pid()), worker: cpuOf(os.Getpid())} }
	for i := range s.rounds {
		add(into(&report.Ours, func(ctx context.Context) (Round, error) { return b.round(ctx, s.notices) }), "round %d of %d, ours", i+1, s.rounds)
		add(into(&report.Floor, func(ctx context.Context) (Round, error) { return floor.round(ctx, s.notices, used) }), "round %d of %d, the floor", i+1, s.rounds)
	}
	for i := range kills {
		add(into(&report.Killed, b.kill), "a killed worker, %d of %d", i+1, kills)
	}
	if s.backlog > 0 {
		add(into(&report.Backlogs, func(ctx context.Context) (Backlog, error) { return b.backlog(ctx, s.backlog) }), "%d webhooks after an outage", s.backlog)
	}
	for _, size := range s.sizes() {
		add(into(&report.Growth, func(ctx context.Context) (Growth, error) { return b.grow(ctx, size) }), "%d open notices", size)
	}
	if s.neighbourNotices > 0 {
		add(into(&report.Neighbours, func(ctx context.Context) (Neighbour, error) { return b.neighbour(ctx, s.neighbourNotices) }), "another customer hangs, then imports %d notices", s.neighbourNotices)
	}
	if s.manyCustomers > 0 {
		add(into(&report.Many, func(ctx context.Context) (Many, error) { return b.many(ctx, s.manyCustomers) }), "%d customers", s.manyCustomers)
	}
	return rows
}

// into keeps what is measured.
func into[T any](list *[]T, measure func(context.Context) (T, error)) func(context.Context) error {
	return func(ctx context.Context) error {
		measured, err := measure(ctx)
		if err == nil {
			*list = append(*list, measured)
		}
		return err
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

// Many is what a worker takes for many customers without notices.
type Many struct {
	Customers int     `json:"customers"`
	FirstMs   float64 `json:"firstMs"` // from the worker's start until each has been polled
	MemoryMB  float64 `json:"memoryMB"`
}

// many starts everything anew, with so many customers.
func (b *bench) many(ctx context.Context, customers int) (many Many, err error) {
	many.Customers = customers
	var all []stack.Customer
	for i := range customers {
		all = append(all, stack.Customer{Tunniste: fmt.Sprintf("asiakas-%04d", i), Name: fmt.Sprintf("Isännöinti %04d Oy", i), Performers: []int64{performer}})
	}
	other, err := stack.New(ctx, stack.Options{
		Customers: all, PollEvery: quiet, ReconcileEvery: quiet, SyncEvery: 10 * time.Second, Programs: b.Programs,
		OwnTemporal: true, WithoutWorker: true, WithoutServe: true, Progress: os.Stderr,
	})
	if err != nil {
		return many, err
	}
	defer func() { err = errors.Join(err, other.Close()) }()
	began := time.Now()
	if err := other.Worker.Start(); err != nil {
		return many, err
	}
	err = b.waitLong(ctx, "every customer to be polled", func(context.Context) error {
		if polled := other.Tampuuri.Requests()[tampuuri.OpList]; polled < customers {
			return fmt.Errorf("%d of %d have been", polled, customers)
		}
		return nil
	})
	many.FirstMs, many.MemoryMB = ms(time.Since(began)), memoryOf(other.Worker.Pid())
	return many, err
}

// Package rounds is what is done in one customer's Tampuuri beside the steps of its notices: its rounds (poll, compare open
// notices, compare time entries that were sent) and the import of one notice by a person's wish.
package rounds

import (
	"context"
	"log/slog"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/gateway"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

// Customers is customers.yaml as it is now.
type Customers interface {
	Customer(tunniste string) (config.Customer, bool)
}

// Runs is what rounds ask of Temporal; *runs.Client has it.
type Runs interface {
	Life(ctx context.Context, externalID string) (*runs.Life, error)
	Erased(ctx context.Context, externalID string) (ended runs.Phase, found bool, err error)
	Result(ctx context.Context, life *runs.Life) (runs.NoticeResult, error)
	Notices(ctx context.Context, filter runs.Filter) ([]*runs.Life, error)
	StartNotice(ctx context.Context, start runs.NoticeStart) error
	TellChanged(ctx context.Context, life *runs.Life, now runs.Snapshot, modified, told time.Time) error
	OpenOf(ctx context.Context, tunniste string) (int64, error)
	Importing(ctx context.Context, tunniste string) (int64, error)
}

// Options is what Rounds are made from. Every field is needed, but NoticeLink.
type Options struct {
	Gateway    *gateway.Gateway
	Customers  Customers
	Runs       Runs
	Retention  time.Duration // how long Temporal keeps closed runs
	Keyer      notice.Keyer
	Compare    time.Duration                           // between two comparisons of a customer's open notices
	NoticeLink string                                  // template with {id}: a notice's page in Tampuuri, for people
	Observe    func(tunniste string, marks runs.Marks) // told of each round as it ends
	Logger     *slog.Logger
	Now        func() time.Time
}

// Rounds does the activities CustomerRound and ImportNotice.
type Rounds struct {
	Options
	rowsSeen memory[seenKey, seenRow]  // as they were dealt with
	told     memory[string, bool]      // differences that workflows were told of and have not dealt with
	polled   memory[string, time.Time] // when each customer was last polled well
	compared memory[string, time.Time] // when what was sent was last compared, by workflow id
	failing  memory[string, time.Time] // when such a comparison last failed, by task id
	stopped  memory[string, time.Time] // when terminated runs were found to need nothing
}

// New makes the Rounds of all customers.
func New(o Options) *Rounds { return &Rounds{Options: o} }

// Package activities does what the workflows decide: each activity takes ids, reads, maps and writes within one
// attempt, and returns ids, counts, words and keyed hashes. It reaches the two systems through internal/gateway, whose table
// says whether a failure is retried.
package activities

import (
	"context"
	"log/slog"
	"time"

	"go.temporal.io/sdk/activity"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/gateway"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

// Customers is customers.yaml as it is now.
type Customers interface {
	Customers() []config.Customer
	Customer(tunniste string) (config.Customer, bool)
	Reload() error
}

// Runs is what the activities ask of Temporal; *runs.Client has it.
type Runs interface {
	Life(ctx context.Context, externalID string) (*runs.Life, error)
	SignalEvent(ctx context.Context, externalID string, signal runs.SignalRef[runs.EventSignal], event runs.EventSignal) (runs.Outcome, error)
	Customers(ctx context.Context) ([]string, error)
	StartCustomer(ctx context.Context, in runs.CustomerInput) error
	TellServed(ctx context.Context, tunniste, cause string, served runs.Served) error
	TellEntriesChanged(ctx context.Context, tunniste string, task runs.SentTask) error
	OpenOfOthers(ctx context.Context, served []string) (map[string]int64, error)
	LastSync(ctx context.Context) (result runs.SyncResult, found bool, err error)
}

// Options is what the activities are made from. Every field is needed.
type Options struct {
	Gateway   *gateway.Gateway
	Customers Customers
	Runs      Runs
	Retention time.Duration // how long Temporal keeps closed runs
	Keyer     notice.Keyer
	Rounds    runs.Rounds
	Logger    *slog.Logger
	Now       func() time.Time
}

// Activities does every activity but those of package rounds.
type Activities struct {
	Options
	hillava   *gateway.Hillava // that of the gateway
	directory *directory
}

// New makes the activities.
func New(o Options) *Activities {
	return &Activities{
		Options:   o,
		hillava:   o.Gateway.Hillava,
		directory: &directory{runs: o.Runs, now: o.Now, fresh: max(o.Rounds.Sync, time.Second)},
	}
}

// failure is what Temporal is told of this attempt's error; missing is the Reason for a 404.
func (a *Activities) failure(ctx context.Context, err error, missing string) error {
	return a.Gateway.Failure(err, missing, activity.GetInfo(ctx).Attempt)
}

// accountOf gives the settings of a customer whose open notices are written back. Whatever stops imports does not stop
// this, as long as there are credentials.
func (a *Activities) accountOf(ref runs.NoticeRef) (*gateway.Account, error) {
	settings, ok := a.Customers.Customer(ref.Customer)
	if !ok {
		return nil, gateway.WaitForSettings("customers.yaml has no entry for this customer, so its Tampuuri cannot be reached; put it back")
	}
	if !settings.Credentials.Complete() {
		return nil, gateway.WaitForSettings("customers.yaml has no complete credentials for this customer, so its Tampuuri cannot be reached; complete them")
	}
	opened, err := a.Gateway.Account(settings)
	if err != nil { // a credential that no header takes: an edit mends it, so no notice is to be parked for it
		return nil, gateway.WaitForSettings(err.Error())
	}
	return opened, nil
}

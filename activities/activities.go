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
	"tampuuri-hillava/internal/telemetry"
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
	Erased(ctx context.Context, externalID string) (ended runs.Phase, found bool, err error)
	Result(ctx context.Context, life *runs.Life) (runs.NoticeResult, error)
	Notices(ctx context.Context, filter runs.Filter) ([]*runs.Life, error)
	StartNotice(ctx context.Context, start runs.NoticeStart) error
	TellChanged(ctx context.Context, life *runs.Life, now runs.Snapshot, modified time.Time) error
	SignalEvent(ctx context.Context, externalID string, signal runs.SignalRef[runs.EventSignal], event runs.EventSignal) (runs.Outcome, error)
	Customers(ctx context.Context) ([]string, error)
	StartCustomer(ctx context.Context, in runs.CustomerInput) error
	TellServed(ctx context.Context, tunniste, cause string, served runs.Served) error
	TellEntriesChanged(ctx context.Context, tunniste string, task runs.SentTask) error
	OpenOf(ctx context.Context, tunniste string) (int64, error)
	OpenOfOthers(ctx context.Context, served []string) (map[string]int64, error)
	LastSync(ctx context.Context) (result runs.SyncResult, found bool, err error)
}

// Options is what the activities are made from. Every field is needed, but NoticeLink.
type Options struct {
	Gateway    *gateway.Gateway
	Customers  Customers
	Runs       Runs
	Retention  time.Duration // how long Temporal keeps closed runs
	Keyer      notice.Keyer
	Timing     runs.Timing
	Rounds     runs.Rounds
	NoticeLink string                                  // template with {id}: a notice's page in Tampuuri, for people
	Observe    func(tunniste string, marks runs.Marks) // told of each round as it ends
	Logger     *slog.Logger
	Now        func() time.Time
}

// Activities implements workflows.Activities.
type Activities struct {
	gateway    *gateway.Gateway
	hillava    *gateway.Hillava // that of the gateway
	customers  Customers
	directory  *directory
	seen       *seenRows
	polled     *goodPolls
	stopped    *stoppedRuns
	observe    func(tunniste string, marks runs.Marks)
	runs       Runs
	retention  time.Duration
	keyer      notice.Keyer
	timing     runs.Timing
	rounds     runs.Rounds
	noticeLink string
	logger     *slog.Logger
	now        func() time.Time
}

// New makes the activities.
func New(o Options) *Activities {
	return &Activities{
		gateway:    o.Gateway,
		hillava:    o.Gateway.Hillava,
		customers:  o.Customers,
		directory:  &directory{runs: o.Runs, now: o.Now, fresh: max(o.Rounds.Sync, time.Second)},
		seen:       &seenRows{},
		polled:     &goodPolls{},
		stopped:    &stoppedRuns{},
		observe:    o.Observe,
		runs:       o.Runs,
		retention:  o.Retention,
		keyer:      o.Keyer,
		timing:     o.Timing,
		rounds:     o.Rounds,
		noticeLink: o.NoticeLink,
		logger:     o.Logger,
		now:        o.Now,
	}
}

// attemptOf is the number of this attempt, from 1.
func attemptOf(ctx context.Context) int32 { return activity.GetInfo(ctx).Attempt }

// Refused lists who refuses our credentials: customers by Tunniste, and "hillava".
func (a *Activities) Refused() []string { return a.gateway.Refused() }

// audit writes down one effect on a peer.
func (a *Activities) audit(ctx context.Context, what string, ref runs.NoticeRef, taskID, result string, fields ...string) {
	telemetry.Audit(ctx, a.logger, telemetry.AuditEvent{
		Who: "worker", What: what, Customer: ref.Customer, Notice: ref.ExternalID, Task: taskID, Fields: fields, Result: result,
	})
}

// accountOf gives the settings of a customer whose open notices are written back. Whatever stops imports does not stop
// this, as long as there are credentials.
func (a *Activities) accountOf(ref runs.NoticeRef) (*gateway.Account, error) {
	settings, ok := a.customers.Customer(ref.Customer)
	if !ok {
		return nil, gateway.WaitForSettings("customers.yaml has no entry for this customer, so its Tampuuri cannot be reached; put it back")
	}
	if !settings.Credentials.Complete() {
		return nil, gateway.WaitForSettings("customers.yaml has no complete credentials for this customer, so its Tampuuri cannot be reached; complete them")
	}
	opened, err := a.gateway.Account(settings)
	if err != nil { // a credential that no header takes: an edit mends it, so no notice is to be parked for it
		return nil, gateway.WaitForSettings(err.Error())
	}
	return opened, nil
}

// Package activities does what the workflows decide: each activity takes ids, reads, maps and writes within one
// attempt, and returns ids, counts, words and keyed hashes. Whether a failure is retried stands in errors.go.
package activities

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/tampuuri"
	"tampuuri-hillava/internal/telemetry"
)

// Tampuuri is what the activities ask of one customer's Tampuuri.
type Tampuuri interface {
	Browse(ctx context.Context, performerID int64, modifiedSince time.Time, offset, limit int) (tampuuri.Page, error)
	Notice(ctx context.Context, id int64) (notice.Notice, error)
	Notices(ctx context.Context, ids []int64) (tampuuri.Page, error)
	SetState(ctx context.Context, id int64, state notice.State, notify bool) error
	AddToimenpide(ctx context.Context, id int64, toimenpide notice.Toimenpide) error
	Property(ctx context.Context, id int64) (notice.Property, error)
}

// Hillava is what the activities ask of Hillava.
type Hillava interface {
	Customers(ctx context.Context) ([]hillava.Customer, error)
	TaskTypes(ctx context.Context, identifier string) ([]hillava.TaskType, error)
	Process(ctx context.Context, id string) (hillava.Process, error)
	FindTasks(ctx context.Context, externalID string) ([]hillava.Task, error)
	ChangedTasks(ctx context.Context, since time.Time, offset, limit int) (hillava.TaskPage, error)
	Task(ctx context.Context, id string) (hillava.Task, error)
	CreateTask(ctx context.Context, idempotencyKey string, task notice.Task) (hillava.Task, error)
	AddNote(ctx context.Context, taskID, idempotencyKey, text string) error
	TimeEntries(ctx context.Context, taskID string) ([]notice.TimeEntry, error)
}

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
	Hillava      Hillava
	HillavaToken func() string                           // the token as it is now, to tell when it was renewed
	NewTampuuri  func(config.Customer) (Tampuuri, error) // called again when a customer's credentials change
	Customers    Customers
	Runs         Runs
	Retention    time.Duration // how long Temporal keeps closed runs
	Keyer        notice.Keyer
	Timing       runs.Timing
	Rounds       runs.Rounds
	NoticeLink   string                                  // template with {id}: a notice's page in Tampuuri, for people
	Observe      func(tunniste string, marks runs.Marks) // told of each round as it ends
	Logger       *slog.Logger
}

// Activities implements workflows.Activities.
type Activities struct {
	hillava    *guardedHillava
	accounts   *accounts
	customers  Customers
	directory  *directory
	taskTypes  *taskTypes
	properties *properties
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
	now := time.Now
	guarded := &guardedHillava{Hillava: o.Hillava, token: o.HillavaToken, now: now}
	return &Activities{
		hillava:    guarded,
		accounts:   newAccounts(o.NewTampuuri, now),
		customers:  o.Customers,
		directory:  &directory{runs: o.Runs, now: now, fresh: max(o.Rounds.Sync, time.Second)},
		taskTypes:  &taskTypes{hillava: guarded, now: now},
		properties: &properties{now: now},
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
		now:        now,
	}
}

// attemptOf is the number of this attempt, from 1.
func attemptOf(ctx context.Context) int32 { return activity.GetInfo(ctx).Attempt }

// errNoTimeLeft is cheap: nothing was written, so the next attempt may begin at once.
var errNoTimeLeft = errors.New("this attempt is too old to begin a write in it; the next one goes on")

// timeToWrite says whether a write may begin in this attempt. Should the worker be killed during the write, Temporal
// starts the next attempt at StartToClose; a write that begins with less than the in-flight window left could then
// still be on its way while the next attempt looks for it, and be made twice.
func (a *Activities) timeToWrite(ctx context.Context) error {
	deadline, ok := ctx.Deadline()
	if ok && time.Until(deadline) < a.timing.InFlightWindow() {
		return retryLater(runs.FaultNoTimeLeft, errNoTimeLeft, time.Second)
	}
	return nil
}

// audit writes down one effect on a peer.
func (a *Activities) audit(ctx context.Context, what string, ref runs.NoticeRef, taskID, result string, fields ...string) {
	telemetry.Audit(ctx, a.logger, telemetry.AuditEvent{
		Who: "worker", What: what, Customer: ref.Customer, Notice: ref.ExternalID, Task: taskID, Fields: fields, Result: result,
	})
}

// stopped is for a customer whose settings do not allow the call. Only a person's edit helps, and it is noticed soon.
func stopped(reason string) error {
	return temporal.NewApplicationErrorWithOptions(reason, runs.FaultCustomerStopped, temporal.ApplicationErrorOptions{NextRetryDelay: settingsPause})
}

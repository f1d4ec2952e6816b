// Package figures holds what the worker's metrics show: figures that its own rounds tell, and that it asks Temporal for in
// the background. A scrape only reads memory.
package figures

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"tampuuri-hillava/internal/runs"
)

const (
	observeEvery     = 15 * time.Second
	observeWithin    = 30 * time.Second // one pass, whatever hangs in it
	restBetweenLooks = time.Minute      // a customer, or the last rounds, are not looked at more often than that
	looksPerPass     = 100              // customers, so that a thousand of them after a restart are no burst
	looksAtOnce      = 4
)

// ObservedRuns is what an Observer asks of Temporal; *runs.Client answers it.
type ObservedRuns interface {
	OpenByPhase(ctx context.Context) (map[runs.Phase]int64, error)
	Customers(ctx context.Context) ([]string, error)
	CustomerRun(ctx context.Context, tunniste string) (*runs.CustomerRun, error)
	CustomerStatus(ctx context.Context, tunniste string) (runs.CustomerStatus, error)
	LastSync(ctx context.Context) (last runs.SyncResult, found bool, err error)
	LastReconcile(ctx context.Context) (last runs.ReconcileResult, found bool, err error)
}

// Observer knows the figures that metrics show. It learns them from this worker's rounds and, in the background, from
// Temporal, so that a restart and other workers change nothing; whoever reads them reads memory and waits for nobody.
type Observer struct {
	runs   ObservedRuns
	rounds runs.Rounds
	logger *slog.Logger
	now    func() time.Time
	steps  retriedSteps

	mutex     sync.Mutex // never held over a call to anywhere
	marks     map[string]runs.Marks
	customers map[string]customerFigures
	open      map[runs.Phase]int64
	scheduled map[string]roundFigures // by schedule id
	refused   []string
	asOf      map[string]time.Time // when each of the figures was last complete
	failing   map[string]bool
}

// The groups of figures that become old one without the other.
const (
	figuresNotices   = "notices"
	figuresCustomers = "customers"
	figuresRounds    = "rounds"
)

// customerFigures is what is shown of a customer.
type customerFigures struct {
	polled    bool          // neither paused nor stopped by anything else
	lastGood  time.Time     // of a poll; zero: none ever went through
	excused   time.Time     // until then no poll was due
	restUntil time.Time     // outside poll.hours: when the next poll is due
	every     time.Duration // 0: not known yet
	failure   string        // of the last poll
	unflagged int
	changed   int
	looked    time.Time // when Temporal, or a round of ours, last told
	due       time.Time // of the next poll; zero: none
}

// good is when the customer was last polled well, or a poll was not due.
func (f customerFigures) good(now time.Time) time.Time {
	return slices.MaxFunc([]time.Time{f.lastGood, f.excused, earlier(now, f.restUntil)}, time.Time.Compare)
}

func earlier(x, y time.Time) time.Time { return slices.MinFunc([]time.Time{x, y}, time.Time.Compare) }

// roundFigures is what is shown of a schedule's rounds.
type roundFigures struct {
	lastGood time.Time // zero: none ever went through, as far back as Temporal knows
	failure  string    // of the last one
}

// NewObserver makes an Observer that knows nothing yet; Run has it learn.
func NewObserver(temporal ObservedRuns, rounds runs.Rounds, logger *slog.Logger, now func() time.Time) *Observer {
	started := now()
	return &Observer{
		runs: temporal, rounds: rounds, logger: logger, now: now,
		steps: retriedSteps{now: now, all: map[string]retriedStep{}},
		marks: map[string]runs.Marks{}, customers: map[string]customerFigures{}, scheduled: map[string]roundFigures{},
		asOf:    map[string]time.Time{figuresNotices: started, figuresCustomers: started, figuresRounds: started},
		failing: map[string]bool{},
	}
}

// Note keeps the marks that a round has left. Older ones than those that are known say nothing, unless those have not come yet,
// as a clock was ahead.
func (o *Observer) Note(tunniste string, marks runs.Marks) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if kept, ok := o.marks[tunniste]; ok && marks.At.Before(kept.At) && !kept.At.After(o.now()) {
		marks = kept
	}
	o.marks[tunniste] = marks
	figures := customerFigures{
		polled: marks.NextPoll != nil && len(marks.Reasons) == 0, lastGood: timeOf(marks.LastGood), every: marks.Every,
		failure: marks.Last.Failure, unflagged: marks.Unflagged, changed: marks.Changed, due: timeOf(marks.NextPoll),
	}
	o.keep(tunniste, figures, marks.At)
}

// noteStatus keeps what a customer's workflow answers, where no round has left marks.
func (o *Observer) noteStatus(tunniste string, status runs.CustomerStatus) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	figures := customerFigures{
		polled: status.Polled, lastGood: timeOf(status.LastGoodPoll), every: o.customers[tunniste].every,
		unflagged: status.Unflagged, changed: len(status.Changed), due: timeOf(status.NextPoll),
	}
	if status.LastRound != nil {
		figures.failure = status.LastRound.Failure
	}
	o.keep(tunniste, figures, o.now())
}

// keep replaces a customer's figures with those of a moment. What excused it from being polled until now goes on doing so.
func (o *Observer) keep(tunniste string, figures customerFigures, at time.Time) {
	figures.looked = o.now()
	if figures.every > 0 && figures.due.Sub(at) > figures.every { // a failure only makes the next one come sooner
		figures.restUntil = figures.due
	}
	if before, found := o.customers[tunniste]; found {
		figures.excused = before.excused
		if until := earlier(figures.looked, before.restUntil); until.After(figures.excused) {
			figures.excused = until
		}
		if !before.polled {
			figures.excused = figures.looked
		}
	}
	o.customers[tunniste] = figures
}

func timeOf(at *time.Time) time.Time {
	if at == nil {
		return time.Time{}
	}
	return *at
}

// Marks gives the newest marks of a customer's rounds that are known here.
func (o *Observer) Marks(tunniste string) (marks runs.Marks, found bool) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	marks, found = o.marks[tunniste]
	return marks, found
}

// Customer is how a customer stands, for whoever tells people.
type Customer struct {
	NotPolled bool   // no good poll for runs.NotPolledAfter, although nothing stops it
	Failure   string // of the last poll, as a word
	Unflagged int    // open notices without a readable turvakielto flag
	Changed   int    // notices whose time entries were changed after sending
}

// Customer tells how a customer stands, as far as it is known here.
func (o *Observer) Customer(tunniste string) (now Customer, known bool) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	figures, known := o.customers[tunniste]
	at := o.now()
	late := figures.polled && figures.every > 0 && at.Sub(figures.good(at)) > runs.NotPolledAfter(figures.every)
	return Customer{NotPolled: late, Failure: figures.failure, Unflagged: figures.unflagged, Changed: figures.changed}, known
}

// Run learns from Temporal, and from refused who refuses our credentials, until ctx ends.
func (o *Observer) Run(ctx context.Context, refused func() []string) {
	ticker := time.NewTicker(observeEvery)
	defer ticker.Stop()
	for {
		o.observe(ctx, refused)
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// observe is one pass. What fails or hangs keeps the figures that were known, and their age tells.
func (o *Observer) observe(ctx context.Context, refused func() []string) {
	ctx, cancel := context.WithTimeout(ctx, observeWithin)
	defer cancel()
	names := refused()
	o.mutex.Lock()
	o.refused = names
	o.mutex.Unlock()
	o.learn(ctx, figuresNotices, o.countNotices)
	o.learn(ctx, figuresCustomers, o.lookAtCustomers)
	o.mutex.Lock()
	due := o.now().Sub(o.asOf[figuresRounds]) >= restBetweenLooks || len(o.scheduled) == 0
	o.mutex.Unlock()
	if due {
		o.learn(ctx, figuresRounds, o.lookAtRounds)
	}
}

// learn tells in the log when figures begin to be old, and when they are not any more.
func (o *Observer) learn(ctx context.Context, figures string, ask func(context.Context) error) {
	err := ask(ctx)
	o.mutex.Lock()
	was := o.failing[figures]
	o.failing[figures] = err != nil
	if err == nil {
		o.asOf[figures] = o.now()
	}
	o.mutex.Unlock()
	switch {
	case err != nil && !was:
		o.logger.Warn("Figures for the metrics cannot be had from Temporal; the last ones stay.", "figures", figures, "error", err)
	case err == nil && was:
		o.logger.Info("Figures for the metrics can be had again.", "figures", figures)
	}
}

func (o *Observer) countNotices(ctx context.Context) error {
	counts, err := o.runs.OpenByPhase(ctx)
	if err != nil {
		return err
	}
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.open = counts
	return nil
}

// lookAtCustomers looks at those of which nothing is known, and those whose next poll should have been noted by now:
// another worker does their rounds, or nobody does.
func (o *Observer) lookAtCustomers(ctx context.Context) error {
	tunnisteet, err := o.runs.Customers(ctx)
	if err != nil {
		return err
	}
	var group errgroup.Group // one that cannot be looked at stops no other
	group.SetLimit(looksAtOnce)
	for _, tunniste := range o.overdue(tunnisteet) {
		group.Go(func() error { return o.lookAt(ctx, tunniste) })
	}
	return group.Wait()
}

// overdue forgets whose workflows have ended and gives the customers to look at, those first that nobody told of for long.
func (o *Observer) overdue(running []string) []string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	now := o.now()
	for tunniste, figures := range o.customers {
		// The list lags: who was told of a moment ago may have begun just now.
		if now.Sub(figures.looked) >= restBetweenLooks && !slices.Contains(running, tunniste) {
			o.forget(tunniste)
		}
	}
	overdue := slices.DeleteFunc(slices.Clone(running), func(tunniste string) bool {
		figures, found := o.customers[tunniste]
		return found && (now.Before(figures.due) || now.Sub(figures.looked) < restBetweenLooks)
	})
	slices.SortStableFunc(overdue, func(x, y string) int { return o.customers[x].looked.Compare(o.customers[y].looked) })
	return overdue[:min(len(overdue), looksPerPass)]
}

func (o *Observer) forget(tunniste string) {
	delete(o.customers, tunniste)
	delete(o.marks, tunniste)
}

// lookAt reads a customer's marks where its last round has left them, or asks its workflow when that has taken them in.
func (o *Observer) lookAt(ctx context.Context, tunniste string) error {
	run, err := o.runs.CustomerRun(ctx, tunniste)
	switch {
	case err != nil:
		return err
	case run == nil:
		o.mutex.Lock()
		defer o.mutex.Unlock()
		o.forget(tunniste)
		return nil
	case run.Marks != nil:
		o.Note(tunniste, *run.Marks)
		return nil
	}
	status, err := o.runs.CustomerStatus(ctx, tunniste)
	if err == nil {
		o.noteStatus(tunniste, status)
	}
	return err
}

func (o *Observer) lookAtRounds(ctx context.Context) error {
	sync, _, err := o.runs.LastSync(ctx)
	if err != nil {
		return err
	}
	reconcile, _, err := o.runs.LastReconcile(ctx)
	if err != nil {
		return err
	}
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.scheduled = map[string]roundFigures{
		runs.ScheduleSyncCustomers: {timeOf(sync.LastGood), sync.Failure},
		runs.ScheduleReconcile:     {timeOf(reconcile.LastGood), reconcile.Failure},
	}
	return nil
}

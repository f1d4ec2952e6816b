package activities

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"tampuuri-hillava/internal/runs"
)

// temporalInMemory keeps what Temporal would, by the rules that runs.Client documents.
type temporalInMemory struct {
	mutex     sync.Mutex
	now       func() time.Time
	lives     map[string]*life     // the newest of each notice, by external id
	customers map[string]*customer // by Tunniste
	erased    map[string]runs.Phase
	synced    runs.SyncResult                 // of the last sync
	down      error                           // answered to every call
	fails     map[string]error                // answered about one customer's workflow, by Tunniste
	lists     func([]*runs.Life) []*runs.Life // what the index says, when it lags; nil: what is
	importing func() int64                    // how many tasks are being made; nil: none
	looks     int                             // how often a notice's run was looked at
	begun     int                             // runs of notices, for their ids
}

type life struct {
	runs.Life
	start  runs.NoticeStart
	result runs.NoticeResult
	told   []string        // its signals
	causes map[string]bool // of these signals: each is taken once
}

type customer struct {
	running  bool
	unlisted bool // the index lags
	started  runs.CustomerInput
	served   []runs.Served   // as it was told
	sent     []runs.SentTask // as it was told
	causes   map[string]bool
}

func newTemporalInMemory(now func() time.Time) *temporalInMemory {
	return &temporalInMemory{
		now: now, lives: map[string]*life{}, customers: map[string]*customer{}, erased: map[string]runs.Phase{},
	}
}

// enter locks, and gives the error of a Temporal that is away or no longer asked.
func (m *temporalInMemory) enter(ctx context.Context) (leave func(), err error) {
	m.mutex.Lock()
	return m.mutex.Unlock, errors.Join(m.down, ctx.Err())
}

// look is a description of a life, which later changes do not touch.
func (l *life) look() *runs.Life {
	copied := l.Life
	return &copied
}

func (m *temporalInMemory) Life(ctx context.Context, externalID string) (*runs.Life, error) {
	leave, err := m.enter(ctx)
	defer leave()
	m.looks++
	if found := m.lives[strings.ToLower(externalID)]; found != nil && err == nil {
		return found.look(), nil
	}
	return nil, err
}

func (m *temporalInMemory) Erased(ctx context.Context, externalID string) (runs.Phase, bool, error) {
	leave, err := m.enter(ctx)
	defer leave()
	phase, found := m.erased[externalID]
	return phase, found, err
}

func (m *temporalInMemory) Result(ctx context.Context, of *runs.Life) (runs.NoticeResult, error) {
	leave, err := m.enter(ctx)
	defer leave()
	return m.lives[of.Ref.ExternalID].result, err
}

// Notices lists by customer, openness and manner of ending, which is all that the activities ask.
func (m *temporalInMemory) Notices(ctx context.Context, filter runs.Filter) ([]*runs.Life, error) {
	leave, err := m.enter(ctx)
	defer leave()
	var found []*runs.Life
	for _, id := range slices.Sorted(maps.Keys(m.lives)) {
		l := m.lives[id]
		stopped := !l.Running && !l.Completed()
		if slices.Contains(filter.Customers, l.Ref.Customer) && (!filter.Open || l.Running) && (!filter.Stopped || stopped) {
			found = append(found, l.look())
		}
	}
	if m.lists != nil {
		found = m.lists(found)
	}
	return found, err
}

func (m *temporalInMemory) StartNotice(ctx context.Context, start runs.NoticeStart) error {
	leave, err := m.enter(ctx)
	defer leave()
	before := m.lives[start.Ref.ExternalID]
	switch {
	case err != nil:
		return err
	case before != nil && (before.Running || !start.Restart):
		return runs.ErrAlreadyStarted
	}
	m.begun++
	m.lives[start.Ref.ExternalID] = &life{start: start, causes: map[string]bool{}, Life: runs.Life{
		WorkflowID: runs.NoticeWorkflowID(start.Ref.ExternalID), RunID: fmt.Sprint("run-", m.begun), Ref: start.Ref,
		Snapshot: start.Snapshot, Phase: runs.PhaseImporting, Running: true, Started: m.now(), Imported: start.Imported,
		Ended: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING,
	}}
	return nil
}

// signal adds one signal to a running notice, and none that was caused by the same thing.
func (l *life) signal(text, cause string) {
	if !l.causes[cause] {
		l.causes[cause] = true
		l.told = append(l.told, text)
	}
}

func (m *temporalInMemory) TellChanged(ctx context.Context, of *runs.Life, now runs.Snapshot, modified, told time.Time) error {
	leave, err := m.enter(ctx)
	defer leave()
	if found := m.lives[of.Ref.ExternalID]; err == nil && found != nil && found.Running {
		found.signal(runs.NoticeChanged.Name(), fmt.Sprint(of.Snapshot, now, modified, told.UTC().Format(time.DateOnly)))
	}
	return err
}

func (m *temporalInMemory) SignalEvent(ctx context.Context, externalID string, signal runs.SignalRef[runs.EventSignal], event runs.EventSignal) (runs.Outcome, error) {
	leave, err := m.enter(ctx)
	defer leave()
	found := m.lives[externalID]
	switch {
	case err != nil:
		return "", err
	case found == nil:
		return runs.Unknown, nil
	case !found.Running:
		return runs.Closed, nil
	}
	found.signal(signal.Name()+" "+event.EventID+" "+event.OccurredAt, runs.EventKey(signal.Name(), event.EventID))
	return runs.Accepted, nil
}

func (m *temporalInMemory) Customers(ctx context.Context) (running []string, err error) {
	leave, err := m.enter(ctx)
	defer leave()
	for tunniste, run := range m.customers {
		if run.running && !run.unlisted {
			running = append(running, tunniste)
		}
	}
	return running, err
}

func (m *temporalInMemory) StartCustomer(ctx context.Context, in runs.CustomerInput) error {
	leave, err := m.enter(ctx)
	defer leave()
	if err := errors.Join(err, m.fails[in.Tunniste]); err != nil {
		return err
	}
	if run := m.customers[in.Tunniste]; run != nil && run.running {
		return runs.ErrAlreadyStarted
	}
	m.customers[in.Tunniste] = &customer{running: true, started: in, causes: map[string]bool{}}
	return nil
}

func (m *temporalInMemory) TellServed(ctx context.Context, tunniste, cause string, served runs.Served) error {
	leave, err := m.enter(ctx)
	defer leave()
	run := m.customers[tunniste]
	if err := errors.Join(err, m.fails[tunniste]); err != nil {
		return err
	}
	if run == nil || !run.running {
		return runs.ErrNone
	}
	if !run.causes[cause] {
		run.causes[cause] = true
		run.served = append(run.served, served)
	}
	return nil
}

func (m *temporalInMemory) TellEntriesChanged(ctx context.Context, tunniste string, task runs.SentTask) error {
	leave, err := m.enter(ctx)
	defer leave()
	run, cause := m.customers[tunniste], task.TaskID+" "+task.Modified
	if err == nil && run != nil && run.running && !run.causes[cause] {
		run.causes[cause] = true
		run.sent = append(run.sent, task)
	}
	return err
}

func (m *temporalInMemory) OpenOf(ctx context.Context, tunniste string) (count int64, err error) {
	leave, err := m.enter(ctx)
	defer leave()
	for _, l := range m.lives {
		if l.Running && l.Ref.Customer == tunniste {
			count++
		}
	}
	return count, err
}

func (m *temporalInMemory) Importing(context.Context, string) (int64, error) {
	if m.importing == nil {
		return 0, nil
	}
	return m.importing(), nil
}

func (m *temporalInMemory) OpenOfOthers(ctx context.Context, served []string) (map[string]int64, error) {
	leave, err := m.enter(ctx)
	defer leave()
	counts := map[string]int64{}
	for _, l := range m.lives {
		if l.Running && !slices.Contains(served, l.Ref.Customer) {
			counts[l.Ref.Customer]++
		}
	}
	return counts, err
}

func (m *temporalInMemory) LastSync(ctx context.Context) (runs.SyncResult, bool, error) {
	leave, err := m.enter(ctx)
	defer leave()
	return m.synced, true, err
}

// started lists the notices that have a workflow, by Id.
func (m *temporalInMemory) started() []int64 {
	ids := []int64{}
	for _, l := range m.lives {
		ids = append(ids, l.Ref.NoticeID)
	}
	slices.Sort(ids)
	return ids
}

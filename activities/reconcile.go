package activities

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/activity"

	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
)

const (
	// webhookPatience is how old an event must be before it counts as lost: its webhook may be on its way.
	webhookPatience = 2 * time.Minute
	// taskRereadWindow is read again behind the mark, as pollNotices does on the other side.
	taskRereadWindow = 5 * time.Minute
	// firstLook is how far back a round without a mark looks: what Temporal remembers of closed notices.
	firstLook = runs.KeptFor
	maxIDs    = 100 // of one ilmoitukset/hae
)

// ReconcileHillava goes through the tasks that changed since the last round and sends their notices the events that no
// webhook has brought. With every webhook lost, everything still arrives.
func (a *Activities) ReconcileHillava(ctx context.Context, in runs.ReconcileInput) (runs.HillavaDifferences, error) {
	result := runs.HillavaDifferences{Changed: in.Last.Hillava.Changed}
	mark, err := time.Parse(time.RFC3339Nano, in.Last.Hillava.Mark)
	if err != nil {
		mark = a.now().Add(-firstLook)
	}
	since, newMark := mark.Add(-taskRereadWindow), mark
	pending := false // a task that is not dealt with yet keeps the mark before it
	rows := cursor[string]{since: since}
	for {
		if err := rows.turn(peerHillava, "list changed tasks"); err != nil {
			return result, a.failure(err, call{attempt: attemptOf(ctx)})
		}
		page, err := a.hillava.ChangedTasks(ctx, rows.since, rows.offset, pageSize)
		if err != nil {
			return result, a.failure(err, call{attempt: attemptOf(ctx)})
		}
		read := make([]rowAt[string], len(page.Items))
		for i, task := range page.Items {
			read[i] = rowAt[string]{task.ID, task.Modified.UnixNano()}
		}
		if rows.shifted(read) {
			continue
		}
		if page.Skipped > 0 {
			a.logger.Warn("Changed tasks of Hillava cannot be read; their events come by webhook only.", "tasks", page.Skipped)
		}
		last := rows.since
		for _, task := range page.Items {
			activity.RecordHeartbeat(ctx)
			later, err := a.reconcileTask(ctx, task, &result)
			if err != nil {
				return result, err
			}
			if pending = pending || later; !pending && task.Modified.After(newMark) && !task.Modified.After(a.now()) {
				newMark = task.Modified
			}
			last = task.Modified
		}
		if !rows.advance(read, last, page.Skipped, page.Total) {
			break
		}
	}
	result.Mark = newMark.UTC().Format(time.RFC3339Nano)
	return result, nil
}

// reconcileTask sends the events of one task that its notice lacks; later says that a next round has to look at it
// again, as some are too fresh to tell, or as the task's peer did not answer.
func (a *Activities) reconcileTask(ctx context.Context, task hillava.Task, result *runs.HillavaDifferences) (later bool, err error) {
	result.Tasks++
	if task.ExternalID == "" || len(task.Events) == 0 {
		return false, nil
	}
	life, err := a.lifeOf(ctx, task.ExternalID)
	if err != nil || life == nil {
		return false, err
	}
	if !life.Running {
		err := a.compareSent(ctx, task, life, result)
		if err == nil || typeOf(err) == runs.FaultTemporal || ctx.Err() != nil {
			return false, err
		}
		// One call that fails must not end the round: the lost events of all tasks behind this one would wait for it.
		a.logger.Warn("An invoiced notice could not be compared with its task; the next round tries again.",
			"customer", life.Ref.Customer, "task", task.ID, "error", err)
		return true, nil
	}
	for _, event := range task.Events {
		signal, wanted := signalOf(event, life.Phase)
		if !wanted || life.Forgot(event.OccurredAt) {
			continue
		}
		if age := a.now().Sub(event.OccurredAt).Abs(); age < min(webhookPatience, a.rounds.Reconcile) { // Abs: no event waits for a future that a wrong clock gave it
			later = true
			continue
		}
		if err := a.signalEvent(ctx, task.ExternalID, signal, eventSignal(event)); err != nil {
			return later, err
		}
		result.Signalled++
	}
	return later, nil
}

// eventSignal is what an event's webhook carries.
func eventSignal(event hillava.Event) runs.EventSignal {
	return runs.EventSignal{EventID: event.ID, OccurredAt: event.OccurredAt.UTC().Format(time.RFC3339)}
}

// signalOf gives an event's signal, unless the notice's phase shows that it is past it. An event that the workflow has
// taken already is told apart by its id there, and adds nothing.
func signalOf(event hillava.Event, phase runs.Phase) (signal string, wanted bool) {
	switch event.Type {
	case hillava.EventDone:
		return runs.SignalTyoValmis, phase != runs.PhaseDone
	case hillava.EventInvoiced:
		return runs.SignalLaskutettu, true
	default:
		return "", false
	}
}

// ReconcileTampuuri compares every open notice with Tampuuri, a hundred at a time, and tells those that differ to
// look. It finds what no poll shows: a notice given to somebody else is not in our list any more. Each customer is read
// side by side with the others, so that one's failure is its own.
func (a *Activities) ReconcileTampuuri(ctx context.Context, _ runs.ReconcileInput) (runs.TampuuriDifferences, error) {
	open, err := a.openNotices(ctx)
	if err != nil {
		return runs.TampuuriDifferences{}, temporalFailure(err)
	}
	result := runs.TampuuriDifferences{Failures: map[string]string{}}
	var mutex sync.Mutex
	var group sync.WaitGroup
	for tunniste, lives := range open {
		result.Open += len(lives)
		group.Go(func() {
			signalled, err := a.reconcileCustomer(ctx, tunniste, lives)
			mutex.Lock()
			defer mutex.Unlock()
			result.Signalled += signalled
			if err != nil {
				a.logger.Warn("A customer's open notices were not compared; the next round tries again.", "customer", tunniste, "error", err)
				result.Failures[tunniste] = typeOf(err)
			}
		})
	}
	group.Wait()
	return result, ctx.Err()
}

// openNotices lists the open notices by customer. Visibility lags, so it only proposes candidates.
func (a *Activities) openNotices(ctx context.Context) (map[string][]*runs.Life, error) {
	open := map[string][]*runs.Life{}
	var token []byte
	for {
		page, err := a.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Query:         fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus = 'Running'", runs.TypeNotice),
			PageSize:      1000,
			NextPageToken: token,
		})
		if err != nil {
			return nil, err
		}
		for _, info := range page.GetExecutions() {
			if life := runs.ReadLife(info); life.Ref.Customer != "" {
				open[life.Ref.Customer] = append(open[life.Ref.Customer], life)
			}
		}
		activity.RecordHeartbeat(ctx)
		if token = page.GetNextPageToken(); len(token) == 0 {
			return open, nil
		}
	}
}

func (a *Activities) reconcileCustomer(ctx context.Context, tunniste string, lives []*runs.Life) (signalled int, err error) {
	office, err := a.customerOf(runs.NoticeRef{Customer: tunniste})
	if err != nil {
		return 0, err
	}
	var problem error
	for begin := 0; begin < len(lives); begin += maxIDs {
		batch := lives[begin:min(begin+maxIDs, len(lives))]
		ids := make([]int64, len(batch))
		for i, life := range batch {
			ids[i] = life.Ref.NoticeID
		}
		notices, unreadable := office.Notices(ctx, ids)
		if unreadable != nil && !someUnreadable(unreadable) {
			return signalled, a.failure(unreadable, call{attempt: 1})
		}
		told, err := a.compare(ctx, office, batch, notices, unreadable == nil)
		signalled += told
		if err != nil {
			return signalled, err
		}
		if unreadable != nil {
			problem = a.failure(unreadable, call{attempt: 1})
		}
		activity.RecordHeartbeat(ctx)
	}
	return signalled, problem
}

// someUnreadable tells an answer of which some rows could not be read: the others are good, and one broken notice must
// not hide what has become of them.
func someUnreadable(err error) bool {
	var e *peer.Error
	return errors.As(err, &e) && e.Kind == peer.KindMalformed
}

// compare tells the notices that differ. Only a whole answer proves that one which it lacks is gone.
func (a *Activities) compare(ctx context.Context, office *office, lives []*runs.Life, notices []notice.Notice, whole bool) (signalled int, err error) {
	byID := make(map[int64]notice.Notice, len(notices))
	for _, n := range notices {
		byID[n.ID] = n
	}
	for _, life := range lives {
		n, ok := byID[life.Ref.NoticeID]
		now := runs.Snapshot{Standing: runs.StandingGone}
		if ok {
			now = a.known(n, office.Customer)
		}
		if !ok && !whole || !life.Differs(now) {
			continue
		}
		fresh, err := a.lifeOf(ctx, life.Ref.ExternalID)
		if err != nil {
			return signalled, err
		}
		if fresh == nil || !fresh.Running || !fresh.Differs(now) {
			continue
		}
		if err := a.signalChanged(ctx, fresh, now, n.Modified); err != nil {
			return signalled, err
		}
		signalled++
	}
	return signalled, nil
}

package activities

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"

	"tampuuri-hillava/internal/gateway"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/walk"
)

const (
	// webhookPatience is how old an event must be before it counts as lost: its webhook may be on its way.
	webhookPatience = 2 * time.Minute
	// taskRereadWindow is read again behind the mark, as the poll does on the other side.
	taskRereadWindow = 5 * time.Minute
)

// reconciliation is one round over Hillava's changed tasks.
type reconciliation struct {
	*Activities
	result runs.ReconcileResult
	pace   *gateway.Pace
}

// ReconcileEvents goes through the tasks that changed since the last round and sends their notices the events that no
// webhook has brought. With every webhook lost, everything still arrives. A task that has moved after its notice was
// invoiced is handed to its customer's workflow, which compares the time entries: no Tampuuri is asked here, so none that
// is silent keeps an event of anybody else. A round that is cut short keeps its place.
func (a *Activities) ReconcileEvents(ctx context.Context, in runs.ReconcileInput) (runs.ReconcileResult, error) {
	r := &reconciliation{Activities: a, pace: a.Gateway.Pace(ctx)}
	r.result.Unreadable = slices.Clone(in.Last.Unreadable)
	place := in.Last.Place
	var told runs.Place
	if activity.HasHeartbeatDetails(ctx) && activity.GetHeartbeatDetails(ctx, &told) == nil && told.Mark != "" {
		place = told // an attempt before this one got there
	}
	next, _, more, err := r.walk().From(ctx, place)
	r.result.Place, r.result.Left = next, more
	if err == nil {
		err = r.askUnreadable(ctx, in.Last.Unreadable)
	}
	if err != nil {
		if err = a.failure(ctx, err, ""); errors.Is(err, context.Canceled) {
			return r.result, err
		}
		if gateway.Retried(err) && activity.GetInfo(ctx).Attempt < hastyAttempts { // a hiccup need not cost an interval
			activity.RecordHeartbeat(ctx, next)
			return r.result, err
		}
		r.Logger.Warn("A reconciliation failed; the next one goes on where it ended.", "error", err)
		r.result.Failure, r.result.LastGood = gateway.WordOf(err), in.Last.LastGood
		return r.result, nil
	}
	now := a.Now().UTC()
	r.result.LastGood = &now
	return r.result, nil
}

// hastyAttempts is how many attempts of one round follow each other before the next round has to do.
const hastyAttempts = 3

func (r *reconciliation) walk() walk.Walk[hillava.Task] {
	start := r.Now().Add(-r.Retention)
	return walk.Walk[hillava.Task]{
		Peer: gateway.PeerHillava, Op: "list changed tasks", Start: start,
		Window: func(mark time.Time) time.Time { return mark.Add(-taskRereadWindow) },
		List: func(ctx context.Context, since time.Time, offset, limit int) (walk.Page[hillava.Task], error) {
			read, err := r.hillava.ChangedTasks(ctx, since, offset, limit)
			if len(read.Unreadable) > 0 {
				r.Logger.Warn("Changed tasks of Hillava cannot be read; they are asked for again.", "tasks", len(read.Unreadable))
			}
			return walk.PageOf(read, hillava.Task.Position), err
		},
		Each:    r.reconcileRow,
		Reached: func(place runs.Place) { r.pace.Heartbeat(func(time.Time) any { return place }) },
		Ends:    r.pace.Over,
		Now:     r.Now,
	}
}

// reconcileRow deals with a task as the list has it.
func (r *reconciliation) reconcileRow(ctx context.Context, changed walk.Row[hillava.Task]) (walk.Verdict, error) {
	if changed.Unreadable {
		return r.keepUnreadable(changed.ID), nil
	}
	found, whole, err := r.reconcileTask(ctx, changed.Value)
	switch {
	case err != nil:
		return 0, err
	case whole:
		r.readable(changed.ID)
	case found == walk.Done:
		return r.keepUnreadable(changed.ID), nil
	}
	return found, nil
}

// reconcileTask sends the events of one task that its notice lacks. A next round has to look at it again while some are too
// fresh to tell, and, said by whole, while others that its notice may lack cannot be read.
func (r *reconciliation) reconcileTask(ctx context.Context, task hillava.Task) (found walk.Verdict, whole bool, err error) {
	r.result.Tasks++
	if task.ExternalID == "" || len(task.Events) == 0 && !task.OddEvents {
		return walk.Done, true, nil
	}
	life, err := r.Runs.Life(ctx, task.ExternalID)
	if err != nil {
		return 0, false, gateway.TemporalFailure(err)
	}
	switch {
	case life == nil:
		return walk.Done, true, nil
	case !life.Running:
		return walk.Done, true, r.handOver(ctx, task, life)
	}
	found = walk.Done
	for _, event := range task.Events {
		signal, payload, ok := gateway.SignalOf(event)
		if !ok || life.Phase == runs.PhaseDone && event.Type == hillava.EventDone || r.forgot(life, event) {
			continue
		}
		if age := r.Now().Sub(event.OccurredAt).Abs(); age < min(webhookPatience, r.Rounds.Reconcile) { // Abs: no event waits for a future that a wrong clock gave it
			found = walk.Later
			continue
		}
		if _, err := r.Runs.SignalEvent(ctx, task.ExternalID, signal, payload); err != nil {
			return 0, false, gateway.TemporalFailure(err)
		}
		r.result.Signalled++
	}
	return found, !task.OddEvents, nil
}

const (
	maxUnreadable = 100 // in the list of tasks that are asked for singly
	askedSingly   = 20  // of them in one round
)

// keepUnreadable lists a task that could not be read, or not all of it. One without an id that can be read cannot be asked
// for, so its events come by webhook only. While the list is full, the mark stays before the next one.
func (r *reconciliation) keepUnreadable(id string) walk.Verdict {
	switch {
	case id == "" || slices.Contains(r.result.Unreadable, id):
		return walk.Done
	case len(r.result.Unreadable) >= maxUnreadable:
		return walk.Later
	}
	r.result.Unreadable = append(r.result.Unreadable, id)
	return walk.Done
}

// askUnreadable asks for tasks that an earlier page could not show. Those that still cannot be read, or have a fresh event,
// go to the end of the list, so that all of them have their turn.
func (r *reconciliation) askUnreadable(ctx context.Context, before []string) error {
	for i, id := range before {
		if i == askedSingly || r.pace.Over() {
			break
		}
		task, err := r.hillava.Task(ctx, id)
		found, whole := walk.Later, false
		switch {
		case gateway.IsMissing(err):
			found, whole = walk.Done, true
		case err == nil:
			if found, whole, err = r.reconcileTask(ctx, task); err != nil {
				return err
			}
		}
		if r.readable(id); found == walk.Later || !whole {
			r.result.Unreadable = append(r.result.Unreadable, id)
		}
	}
	return nil
}

// readable takes a task off the list.
func (r *reconciliation) readable(id string) {
	r.result.Unreadable = slices.DeleteFunc(r.result.Unreadable, func(one string) bool { return one == id })
}

// forgot tells an event that is older than what Temporal remembered when this life began. It belongs to a life before,
// which dealt with it. Of a life that Temporal remembered, the workflow knows the events by their ids.
func (r *reconciliation) forgot(life *runs.Life, event hillava.Event) bool {
	return event.OccurredAt.Before(life.Started.Add(-r.Retention))
}

// handOver has the customer's workflow compare a task that has moved since its notice was invoiced with what was sent.
func (r *reconciliation) handOver(ctx context.Context, task hillava.Task, life *runs.Life) error {
	if life.Phase != runs.PhaseInvoiced || !life.Completed() || task.Modified.Before(life.Closed.Add(-gateway.ClockSlack)) {
		return nil
	}
	tunniste := life.Ref.Customer
	if heir, ok := r.Customers.Customer(tunniste); ok {
		tunniste = heir.Tunniste
	}
	r.result.Compare++
	return gateway.TemporalFailure(r.Runs.TellEntriesChanged(ctx, tunniste, runs.SentTask{
		ExternalID: life.Ref.ExternalID, TaskID: task.ID, Modified: task.Modified.UTC().Format(time.RFC3339Nano),
	}))
}

package activities

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"go.temporal.io/sdk/activity"

	"tampuuri-hillava/internal/gateway"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
)

// CreateTask makes the Hillava task of a notice. It looks for a task with the external id first, sends the same
// Idempotency-Key each time, and takes a 409 for the task it names: however often it is tried, and however long ago
// Temporal forgot the notice, there is one task.
func (a *Activities) CreateTask(ctx context.Context, in runs.CreateInput) (runs.CreatedTask, error) {
	created, err := a.createTask(ctx, in.NoticeRef)
	if created.Snapshot.Digest() == in.Known {
		created.Snapshot = runs.Snapshot{} // the workflow has it
	}
	return created, a.failure(ctx, err, "")
}

func (a *Activities) createTask(ctx context.Context, ref runs.NoticeRef) (runs.CreatedTask, error) {
	account, err := a.accountOf(ref)
	if err != nil {
		return runs.CreatedTask{}, err
	}
	payers, err := a.directory.payers(ctx, account.Customer)
	if err != nil {
		return runs.CreatedTask{}, err
	}
	var created runs.CreatedTask
	n, err := account.Notice(ctx, ref.NoticeID)
	switch {
	case gateway.IsMissing(err):
		created.Snapshot.Standing = runs.StandingGone
	case err != nil:
		return runs.CreatedTask{}, err
	default:
		created.Snapshot, created.AcceptState = account.Snapshot(n), acceptState(n, account)
	}
	found, err := a.findTask(ctx, ref, payers)
	if err != nil {
		return runs.CreatedTask{}, err
	}
	if found.ID != "" {
		if created.Events, err = a.foundEvents(ctx, found); err != nil {
			return runs.CreatedTask{}, err
		}
		created.TaskID, created.Found, created.ParentID = found.ID, true, n.ParentID
		if left := runs.ReasonOfStanding(created.Snapshot.Standing); left != "" {
			// The task was made while the notice was open and ours. Known that way, the poll and the reconciliation
			// see the difference and have the task told of it; nobody else would.
			created.Snapshot.Standing, created.AcceptState = runs.StandingOpen, ""
		}
		return created, nil
	}
	if created.Snapshot.Standing != runs.StandingOpen {
		return runs.CreatedTask{Snapshot: created.Snapshot}, nil
	}
	task, wasThere, err := a.makeTask(ctx, account, n, ref, payers)
	if err != nil {
		return runs.CreatedTask{}, err
	}
	created.TaskID, created.Found, created.ParentID = task.ID, wasThere, n.ParentID
	if wasThere {
		created.Events, err = a.foundEvents(ctx, task)
	}
	return created, err
}

// foundEvents are the events of a task, as their signals. What is older than what Temporal remembers belongs to a life of
// which nobody knows any more, and which dealt with it; if that life ended in Laskutettu, so does all that came before this one.
func (a *Activities) foundEvents(ctx context.Context, task hillava.Task) (found []runs.FoundEvent, err error) {
	events, err := task.AllEvents()
	remembered := a.Now().Add(-a.Retention)
	if task.InvoicedBefore(remembered) {
		remembered = activity.GetInfo(ctx).ScheduledTime
	}
	for _, event := range events {
		if signal, payload, ok := gateway.SignalOf(event); ok {
			old := event.OccurredAt.Before(remembered)
			found = append(found, runs.FoundEvent{Signal: signal.Name(), EventSignal: payload, Old: old})
		}
	}
	return found, err
}

// acceptState is the state to set once the task is there; none when the notice has it.
func acceptState(n notice.Notice, account *gateway.Account) string {
	if string(n.State) == account.AcceptState || n.State.Closed() {
		return ""
	}
	return account.AcceptState
}

// findTask gives the task with the notice's external id, or one without an id. A task that another customer than these pays
// for is not ours, whatever its external id.
func (a *Activities) findTask(ctx context.Context, ref runs.NoticeRef, payers []string) (hillava.Task, error) {
	found, err := a.hillava.FindTasks(ctx, ref.ExternalID)
	switch {
	case err != nil:
		return hillava.Task{}, err
	case len(found) == 0:
		return hillava.Task{}, nil
	case len(found) > 1:
		return hillava.Task{}, gateway.Stop(runs.ReasonTwoTasks, fmt.Errorf("%d tasks have this external id", len(found)))
	case !slices.Contains(payers, found[0].BillingCustomerID):
		return hillava.Task{}, gateway.Stop(runs.ReasonForeignTask, errors.New("the task with this external id has another billing customer"))
	}
	return found[0], nil
}

// existingTask reads the task behind a 409 by the id that the 409 names: looked up by external id it may not be there
// yet, or be there in another spelling, and no task at all would read as a notice that is no longer ours.
func (a *Activities) existingTask(ctx context.Context, id string, payers []string) (hillava.Task, error) {
	existing, err := a.hillava.Task(ctx, id)
	if err == nil && !slices.Contains(payers, existing.BillingCustomerID) {
		return hillava.Task{}, gateway.Stop(runs.ReasonForeignTask, errors.New("the task with this external id has another billing customer"))
	}
	return existing, err
}

func (a *Activities) makeTask(ctx context.Context, account *gateway.Account, n notice.Notice, ref runs.NoticeRef, payers []string) (made hillava.Task, found bool, err error) {
	taskType, _, err := a.hillava.TaskType(ctx)
	if err != nil {
		return hillava.Task{}, false, err
	}
	property, err := account.Property(ctx, n.PropertyID)
	if err != nil {
		return hillava.Task{}, false, err
	}
	task := notice.BuildTask(n, property, notice.TaskOptions{
		Tunniste: account.Tunniste, CustomerID: payers[0], TaskTypeID: taskType.ID,
		WorkloadHours: account.Task.WorkloadHours, StartFrom: account.Task.StartFrom,
		BillingReference: account.Task.BillingReference, Contacts: account.Task.Contacts, Extras: account.Task.Extras, ImportedAt: a.Now(),
	})
	// The look-up above, the create below and this workflow must mean the same task, even if a Guid has appeared.
	task.ExternalID = ref.ExternalID
	made, err = a.hillava.CreateTask(ctx, ref, "create-"+ref.ExternalID, task)
	switch refusal, isPeers := errors.AsType[*peer.Error](err); {
	case isPeers && refusal.Status == http.StatusConflict && refusal.ExistingID != "":
		made, err = a.existingTask(ctx, refusal.ExistingID, payers)
		return made, true, err
	case isPeers && refusal.Kind == peer.KindMalformed:
		// The task is there, only its answer cannot be read; the next attempt finds it.
		return hillava.Task{}, false, gateway.RetryLater(runs.FaultOutcomeUnknown, err, a.Gateway.Backoff(activity.GetInfo(ctx).Attempt))
	case err != nil:
		return hillava.Task{}, false, err
	case !slices.Contains(payers, made.BillingCustomerID): // the key's first answer can be another customer's
		return hillava.Task{}, false, gateway.Stop(runs.ReasonForeignTask, errors.New("the created task has another billing customer"))
	case a.Now().Sub(made.Modified) > gateway.ClockSlack: // the key's first answer: the task may have been deleted since
		if _, err := a.hillava.Task(ctx, made.ID); gateway.IsMissing(err) {
			return hillava.Task{}, false, gateway.Stop(runs.ReasonTaskGone, errors.New("the task was made before and deleted; until Hillava has forgotten that, it makes no other"))
		} else if err != nil {
			return hillava.Task{}, false, err
		}
	}
	return made, false, nil
}

// work is what has been done on a task.
type work struct {
	begun   bool // it has left its first state, an action has run, or there are time entries
	entries []notice.TimeEntry
	unread  error // why the time entries cannot be read; nil when they were
}

// workOn tells what has been done on a task. Time entries that cannot be read are some: work has begun, and only who needs
// the entries themselves has to fail.
func (a *Activities) workOn(ctx context.Context, taskID string) (work, error) {
	task, err := a.hillava.Task(ctx, taskID)
	if err != nil {
		return work{}, err
	}
	_, initialState, err := a.hillava.TaskType(ctx)
	if err != nil {
		return work{}, err
	}
	entries, err := a.hillava.TimeEntries(ctx, taskID)
	switch {
	case err != nil && gateway.WordOf(a.Gateway.Failure(err, "", 1)) == runs.ReasonUnreadable:
		return work{begun: true, unread: err}, nil
	case err != nil:
		return work{}, err
	}
	return work{begun: task.State != initialState || len(task.Events) > 0 || task.OddEvents || len(entries) > 0, entries: entries}, nil
}

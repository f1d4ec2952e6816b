package activities

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
)

// CreateTask makes the Hillava task of a notice. It looks for a task with the external id first, sends the same
// Idempotency-Key each time, and takes a 409 for the task it names: however often it is tried, and however long ago
// Temporal forgot the notice, there is one task.
func (a *Activities) CreateTask(ctx context.Context, ref runs.NoticeRef) (runs.CreatedTask, error) {
	created, err := a.createTask(ctx, ref)
	return created, a.failure(err, call{attempt: attemptOf(ctx)})
}

func (a *Activities) createTask(ctx context.Context, ref runs.NoticeRef) (runs.CreatedTask, error) {
	office, err := a.customerOf(ref)
	if err != nil {
		return runs.CreatedTask{}, err
	}
	customerID, err := a.hillavaCustomer(ctx, ref.Customer)
	if err != nil {
		return runs.CreatedTask{}, err
	}
	n, err := office.Notice(ctx, ref.NoticeID)
	switch {
	case isMissing(err):
		return runs.CreatedTask{Known: runs.Snapshot{Standing: runs.StandingGone}}, nil
	case err != nil:
		return runs.CreatedTask{}, err
	}
	created := runs.CreatedTask{Known: a.known(n, office.Customer), AcceptState: acceptState(n, office)}
	found, err := a.findTask(ctx, ref, customerID)
	if err != nil {
		return runs.CreatedTask{}, err
	}
	if found.ID != "" {
		created.TaskID, created.Found, created.Events = found.ID, true, foundEvents(found)
		if _, left := reasonsOfStanding[created.Known.Standing]; left {
			// The task was made while the notice was open and ours. Known that way, the poll and the reconciliation
			// see the difference and have the task told of it; nobody else would.
			created.Known.Standing, created.AcceptState = runs.StandingOpen, ""
		}
		return created, nil
	}
	if created.Known.Standing != runs.StandingOpen {
		return runs.CreatedTask{Known: created.Known}, nil
	}
	// Before the task is made: an attempt that finds it has told the parent already.
	if err := a.tellParent(ctx, office, n, ref, customerID); err != nil {
		return runs.CreatedTask{}, err
	}
	task, wasThere, err := a.makeTask(ctx, office, n, ref, customerID)
	if err != nil {
		return runs.CreatedTask{}, err
	}
	created.TaskID, created.Found = task.ID, wasThere
	if wasThere {
		created.Events = foundEvents(task)
	}
	return created, nil
}

// foundEvents are the events of a task, as their signals.
func foundEvents(task hillava.Task) []runs.FoundEvent {
	var found []runs.FoundEvent
	for _, event := range task.Events {
		if signal, ok := signalOf(event, runs.PhaseImporting); ok {
			found = append(found, runs.FoundEvent{Signal: signal, EventSignal: eventSignal(event)})
		}
	}
	return found
}

// acceptState is the state to set once the task is there; none when the notice has it.
func acceptState(n notice.Notice, office *office) string {
	if string(n.State) == office.AcceptState || n.State.Closed() {
		return ""
	}
	return office.AcceptState
}

// findTask gives the task with the notice's external id, or one without an id. A task that another customer pays for
// is not ours, whatever its external id.
func (a *Activities) findTask(ctx context.Context, ref runs.NoticeRef, customerID string) (hillava.Task, error) {
	found, err := a.hillava.FindTasks(ctx, ref.ExternalID)
	switch {
	case err != nil:
		return hillava.Task{}, err
	case len(found) == 0:
		return hillava.Task{}, nil
	case len(found) > 1:
		return hillava.Task{}, stop(runs.ReasonTwoTasks, fmt.Errorf("%d tasks have this external id", len(found)))
	case found[0].BillingCustomerID != customerID:
		return hillava.Task{}, stop(runs.ReasonForeignTask, errors.New("the task with this external id has another billing customer"))
	}
	return found[0], nil
}

// existingTask reads the task behind a 409 by the id that the 409 names: looked up by external id it may not be there
// yet, or be there in another spelling, and no task at all would read as a notice that is no longer ours.
func (a *Activities) existingTask(ctx context.Context, id, customerID string) (hillava.Task, error) {
	existing, err := a.hillava.Task(ctx, id)
	if err == nil && existing.BillingCustomerID != customerID {
		return hillava.Task{}, stop(runs.ReasonForeignTask, errors.New("the task with this external id has another billing customer"))
	}
	return existing, err
}

func (a *Activities) makeTask(ctx context.Context, office *office, n notice.Notice, ref runs.NoticeRef, customerID string) (made hillava.Task, found bool, err error) {
	taskType, _, err := a.taskTypes.get(ctx)
	if err != nil {
		return hillava.Task{}, false, err
	}
	property, err := a.properties.of(ctx, office, n.PropertyID)
	if err != nil {
		return hillava.Task{}, false, err
	}
	task := notice.BuildTask(n, property, notice.TaskOptions{
		Tunniste: ref.Customer, CustomerID: customerID, TaskTypeID: taskType.ID,
		WorkloadHours: office.Task.WorkloadHours, StartFrom: office.Task.StartFrom,
		BillingReference: office.Task.BillingReference, Contacts: office.Task.Contacts, ImportedAt: a.now(),
	})
	// The look-up above, the create below and this workflow must mean the same task, even if a Guid has appeared.
	task.ExternalID = ref.ExternalID
	made, err = a.hillava.CreateTask(ctx, "create-"+ref.ExternalID, task)
	a.audit(ctx, "task.create", ref, made.ID, outcome(err), writtenTaskFields...)
	var refusal *peer.Error
	switch isPeers := errors.As(err, &refusal); {
	case isPeers && refusal.Status == http.StatusConflict && refusal.ExistingID != "":
		made, err = a.existingTask(ctx, refusal.ExistingID, customerID)
		return made, true, err
	case isPeers && refusal.Kind == peer.KindMalformed:
		// The task is there, only its answer cannot be read; the next attempt finds it.
		return hillava.Task{}, false, retryLater(runs.FaultOutcomeUnknown, err, a.backoff(attemptOf(ctx)))
	case err != nil:
		return hillava.Task{}, false, err
	case made.BillingCustomerID != customerID: // the key's first answer can be another customer's
		return hillava.Task{}, false, stop(runs.ReasonForeignTask, errors.New("the created task has another billing customer"))
	}
	return made, false, nil
}

var writtenTaskFields = []string{
	"title", "description", "additionalInfo", "startDate", "endDate", "workloadHours", "deliveryCustomerId",
	"billingCustomerId", "deliveryAddress", "billingReference", "externalId", "taskTypeId",
}

// RemindUnapproved notes on the task that Laskutettu waits.
func (a *Activities) RemindUnapproved(ctx context.Context, in runs.ReminderInput) (struct{}, error) {
	text := notice.UnapprovedNote(a.now(), in.Unapproved)
	err := a.addNote(ctx, in.NoticeRef, in.TaskID, fmt.Sprintf("unapproved-%s-%d", in.ExternalID, in.Round), text)
	return struct{}{}, a.failure(err, call{missing: runs.ReasonTaskGone, attempt: attemptOf(ctx)})
}

func (a *Activities) addNote(ctx context.Context, ref runs.NoticeRef, taskID, key, text string) error {
	err := a.hillava.AddNote(ctx, taskID, key, text)
	a.audit(ctx, "note.add", ref, taskID, outcome(err), "text")
	return err
}

// workBegun tells whether anybody has touched the task: it has left its first state, an action has run, or there are
// time entries.
func (a *Activities) workBegun(ctx context.Context, taskID string) (begun bool, entries []notice.TimeEntry, err error) {
	task, err := a.hillava.Task(ctx, taskID)
	if err != nil {
		return false, nil, err
	}
	_, initialState, err := a.taskTypes.get(ctx)
	if err != nil {
		return false, nil, err
	}
	entries, err = a.hillava.TimeEntries(ctx, taskID)
	if err != nil {
		return false, nil, err
	}
	return task.State != initialState || len(task.Events) > 0 || len(entries) > 0, entries, nil
}

// fullPrecision is for idempotency keys made from Muokattu.
const fullPrecision = time.RFC3339Nano

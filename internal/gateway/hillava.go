package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
)

// ClockSlack is for Hillava's clock against Temporal's and ours: our own last write moves a task as well.
const ClockSlack = 2 * time.Minute

// Hillava is Hillava behind its one gate.
type Hillava struct {
	client *hillava.Client
	token  func() string
	logger *slog.Logger
	now    func() time.Time

	mutex      sync.Mutex
	gateToken  string // the token that tokensGate is about
	tokensGate *gate
	read       time.Time // when the task type was read
	taskType   hillava.TaskType
	process    hillava.Process
}

// gate is the gate of the token as it is now: a renewed one is tried at once, without a restart.
func (h *Hillava) gate() *gate {
	token := h.token()
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.tokensGate == nil || h.gateToken != token {
		h.gateToken, h.tokensGate = token, &gate{now: h.now}
	}
	return h.tokensGate
}

// guarded makes a call behind the gate. Its neutral call is the customer list, which no single record can spoil.
func guarded[T any](ctx context.Context, h *Hillava, call func() (T, error)) (T, error) {
	neutral := func() error {
		_, err := h.client.Customers(ctx)
		return err
	}
	return through(h.gate(), neutral, call)
}

// Customers gives the whole customer list.
func (h *Hillava) Customers(ctx context.Context) ([]hillava.Customer, error) {
	return through(h.gate(), confirmed, func() ([]hillava.Customer, error) { return h.client.Customers(ctx) })
}

// FindTasks gives the tasks with that external id.
func (h *Hillava) FindTasks(ctx context.Context, externalID string) ([]hillava.Task, error) {
	return guarded(ctx, h, func() ([]hillava.Task, error) { return h.client.FindTasks(ctx, externalID) })
}

// ChangedTasks gives a page of the tasks that have changed since then.
func (h *Hillava) ChangedTasks(ctx context.Context, since time.Time, offset, limit int) (hillava.TaskPage, error) {
	return guarded(ctx, h, func() (hillava.TaskPage, error) { return h.client.ChangedTasks(ctx, since, offset, limit) })
}

// Task reads a task.
func (h *Hillava) Task(ctx context.Context, id string) (hillava.Task, error) {
	return guarded(ctx, h, func() (hillava.Task, error) { return h.client.Task(ctx, id) })
}

// CreateTask makes the task of a notice, once per key.
func (h *Hillava) CreateTask(ctx context.Context, ref runs.NoticeRef, key string, task notice.Task) (hillava.Task, error) {
	made, err := guarded(ctx, h, func() (hillava.Task, error) { return h.client.CreateTask(ctx, key, task) })
	effect{"task.create", ref, made.ID, writtenTaskFields}.audit(ctx, h.logger, err)
	if refusal, ok := errors.AsType[*peer.Error](err); ok && refusal.Status == http.StatusUnprocessableEntity {
		return made, h.orTaskType(ctx, err)
	}
	return made, err
}

// orTaskType gives what is wrong with the task type instead of a refusal that may come of it: what is remembered of the type
// may be older than a change in Hillava.
func (h *Hillava) orTaskType(ctx context.Context, refusal error) error {
	_, err := h.readTaskType(ctx)
	if failure, ok := errors.AsType[*temporal.ApplicationError](err); ok && failure.Type() == runs.ReasonTaskType {
		h.mutex.Lock()
		defer h.mutex.Unlock()
		h.read = time.Time{}
		return err
	}
	return refusal
}

var writtenTaskFields = []string{
	"title", "description", "additionalInfo", "startDate", "endDate", "workloadHours", "deliveryCustomerId",
	"billingCustomerId", "deliveryAddress", "billingReference", "externalId", "taskTypeId",
}

// AddNote adds a note to the task of a notice, once per key.
func (h *Hillava) AddNote(ctx context.Context, ref runs.NoticeRef, taskID, key, text string) error {
	_, err := guarded(ctx, h, func() (struct{}, error) { return struct{}{}, h.client.AddNote(ctx, taskID, key, text) })
	effect{"note.add", ref, taskID, []string{"text"}}.audit(ctx, h.logger, err)
	return err
}

// TimeEntries gives all time entries of a task.
func (h *Hillava) TimeEntries(ctx context.Context, taskID string) ([]notice.TimeEntry, error) {
	return guarded(ctx, h, func() ([]notice.TimeEntry, error) { return h.client.TimeEntries(ctx, taskID) })
}

// taskTypeFresh is how long a task type and its process are believed.
const taskTypeFresh = 5 * time.Minute

// TaskType gives the task type TAMPUURI_TASK and the first state of its process, read within the last taskTypeFresh.
func (h *Hillava) TaskType(ctx context.Context) (taskType hillava.TaskType, initialState string, err error) {
	h.mutex.Lock()
	fresh := !h.read.IsZero() && h.now().Sub(h.read) < taskTypeFresh
	taskType, process := h.taskType, h.process
	h.mutex.Unlock()
	if fresh {
		return taskType, process.InitialState, nil
	}
	// No lock is held here: while Hillava is slow, one notice must not wait for another's attempt.
	if taskType, err = h.readTaskType(ctx); err != nil {
		return hillava.TaskType{}, "", err
	}
	process, err = guarded(ctx, h, func() (hillava.Process, error) { return h.client.Process(ctx, taskType.ProcessID) })
	if err != nil {
		return hillava.TaskType{}, "", err
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.taskType, h.process, h.read = taskType, process, h.now()
	return h.taskType, process.InitialState, nil
}

// readTaskType reads the one task type; an error of the reason task-type when it is not as it must be.
func (h *Hillava) readTaskType(ctx context.Context) (hillava.TaskType, error) {
	found, err := guarded(ctx, h, func() ([]hillava.TaskType, error) { return h.client.TaskTypes(ctx) })
	switch {
	case err != nil:
		return hillava.TaskType{}, err
	case len(found) == 0:
		return hillava.TaskType{}, Stop(runs.ReasonTaskType, fmt.Errorf("there is no task type %s", hillava.TaskTypeIdentifier))
	case len(found) > 1:
		return hillava.TaskType{}, Stop(runs.ReasonTaskType, fmt.Errorf("there are %d task types %s", len(found), hillava.TaskTypeIdentifier))
	case found[0].TargetRequired:
		return hillava.TaskType{}, Stop(runs.ReasonTaskType, fmt.Errorf("the task type %s requires a target", hillava.TaskTypeIdentifier))
	}
	return found[0], nil
}

// SignalOf gives an event as the signal that its webhook would be; ok is false for events of other types.
func SignalOf(event hillava.Event) (signal runs.SignalRef[runs.EventSignal], payload runs.EventSignal, ok bool) {
	payload = runs.EventSignal{EventID: event.ID, OccurredAt: event.OccurredAt.UTC().Format(time.RFC3339)}
	switch event.Type {
	case hillava.EventDone:
		return runs.TyoValmis, payload, true
	case hillava.EventInvoiced:
		return runs.Laskutettu, payload, true
	default:
		return signal, payload, false
	}
}

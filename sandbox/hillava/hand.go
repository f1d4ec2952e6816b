package hillava

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"tampuuri-hillava/sandbox/ledger"
	"tampuuri-hillava/sandbox/strict"
)

// What follows is done in Hillava by people.

// Transition runs the transition of that name that starts from the task's state. Each of the two actions on it emits an
// event, which stays on the task and is sent as a webhook; what becomes of the webhook does not matter here.
func (s *Server) Transition(taskID, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.task(taskID)
	if t == nil {
		return missing(taskID)
	}
	process, _ := s.process(t.TaskTypeID)
	at := slices.IndexFunc(process.Transitions, func(one Transition) bool { return one.Name == name && one.From == t.State })
	if at < 0 {
		return fmt.Errorf("transition %s on task %s: its state %s allows only %v", name, taskID, t.State, s.allowed(t))
	}
	transition := process.Transitions[at]
	moment := s.next()
	entries := []ledger.Entry{s.entry(t, ledger.TransitionRun, map[string]any{
		"transition": transition.Name, "from": transition.From, "to": transition.To,
	})}
	events := eventsOf(transition, moment)
	for _, event := range events {
		entries = append(entries, s.entry(t, ledger.EventEmitted, map[string]any{
			"eventId": event.ID, "type": event.Type, "occurredAt": event.OccurredAt, "transition": transition.Name,
		}))
	}
	if err := s.ledger.Append(entries...); err != nil {
		return fmt.Errorf("transition %s on task %s: %w", name, taskID, err)
	}
	t.State = transition.To
	t.Events = append(slices.Clip(t.Events), events...)
	s.touch(t, moment)
	var failed error
	for _, event := range events {
		t.causes[event.ID] = transition.Name
		failed = errors.Join(failed, s.emit(t, event, transition.Name))
	}
	return failed
}

// eventsOf makes an event of each action that is ours.
func eventsOf(transition Transition, at time.Time) []Event {
	types := map[string]string{ActionDone: EventDone, ActionInvoiced: EventInvoiced}
	var events []Event
	for _, action := range transition.Actions {
		if kind, ours := types[action]; ours {
			events = append(events, Event{ID: "evt-" + uuid.NewString(), Type: kind, OccurredAt: at})
		}
	}
	return events
}

// AddTimeEntry records work on a task and returns the entry's id; e.ID and e.ModifiedAt are not looked at.
func (s *Server) AddTimeEntry(taskID string, e TimeEntry) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.task(taskID)
	if t == nil {
		return "", missing(taskID)
	}
	e.ID = s.nextID("E")
	return e.ID, s.changeEntries(t, ledger.TimeEntryAdded, e, func(stamped TimeEntry) {
		t.entries = append(t.entries, stamped)
	})
}

// EditTimeEntry replaces the entry that has e.ID.
func (s *Server) EditTimeEntry(taskID string, e TimeEntry) error {
	return s.withEntry(taskID, e.ID, func(t *task, at int) error {
		return s.changeEntries(t, ledger.TimeEntryChanged, e, func(stamped TimeEntry) { t.entries[at] = stamped })
	})
}

// RemoveTimeEntry removes an entry.
func (s *Server) RemoveTimeEntry(taskID, entryID string) error {
	return s.withEntry(taskID, entryID, func(t *task, at int) error {
		return s.changeEntries(t, ledger.TimeEntryRemoved, t.entries[at], func(TimeEntry) {
			t.entries = slices.Delete(t.entries, at, at+1)
		})
	})
}

// ApproveTimeEntry approves an entry.
func (s *Server) ApproveTimeEntry(taskID, entryID string) error {
	return s.withEntry(taskID, entryID, func(t *task, at int) error {
		approved := t.entries[at]
		approved.Approved = true
		return s.changeEntries(t, ledger.TimeEntryApproved, approved, func(stamped TimeEntry) { t.entries[at] = stamped })
	})
}

func (s *Server) withEntry(taskID, entryID string, change func(t *task, at int) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.task(taskID)
	if t == nil {
		return missing(taskID)
	}
	at := slices.IndexFunc(t.entries, func(e TimeEntry) bool { return e.ID == entryID })
	if at < 0 {
		return fmt.Errorf("time entry %s: task %s has none of that id", entryID, taskID)
	}
	return change(t, at)
}

// changeEntries records a change of one entry and lets apply carry it out with the entry as stamped.
func (s *Server) changeEntries(t *task, kind string, e TimeEntry, apply func(TimeEntry)) error {
	if _, err := time.Parse(time.DateOnly, e.Date); err != nil {
		return fmt.Errorf("time entry of task %s: its date is not like 2026-02-03", t.ID)
	}
	e.ModifiedAt = s.next()
	err := s.ledger.Append(s.entry(t, kind, map[string]any{
		"entryId": e.ID, "date": e.Date, "resourceId": e.Resource.ID, "resource": e.Resource.Name, "summary": e.CustomerSummary,
		"hours": e.Hours, "approved": e.Approved,
	}))
	if err != nil {
		return fmt.Errorf("time entry of task %s: %w", t.ID, err)
	}
	apply(e)
	s.touch(t, e.ModifiedAt)
	return nil
}

// EditTask changes fields of a task as the office does: texts, dates, workload and address, in contract names and under
// the same checks as when a task is made.
func (s *Server) EditTask(taskID string, fields map[string]any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.task(taskID)
	if t == nil {
		return missing(taskID)
	}
	raw := map[string]json.RawMessage{}
	for name, value := range fields {
		text, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("edit task %s: %w", taskID, err)
		}
		raw[name] = text
	}
	edited, problems := t.Task, strict.Problems{}
	edited.apply(raw, editable, problems)
	if len(problems) > 0 {
		return fmt.Errorf("edit task %s: %v", taskID, problems)
	}
	at := s.next()
	names := slices.Sorted(maps.Keys(fields))
	if err := s.ledger.Append(s.entry(t, ledger.TaskEdited, map[string]any{"fields": names})); err != nil {
		return fmt.Errorf("edit task %s: %w", taskID, err)
	}
	t.Task = edited
	s.touch(t, at)
	return nil
}

// AddTask makes a task in the office, which may lack an external id and whatever else the interface asks for; only the
// task type must exist. It returns the id; state, events and modifiedAt are the stand-in's.
func (s *Server) AddTask(made Task) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.taskType(made.TaskTypeID); !known {
		return "", errors.New("add a task: its task type does not exist")
	}
	if s.byExternalID(made.ExternalID) != nil {
		return "", errors.New("add a task: its external id is in use")
	}
	made.Events = []Event{}
	t, err := s.makeTask(made, "", viaHand)
	if err != nil {
		return "", err
	}
	return t.ID, nil
}

// DeleteTask removes a task; its external id is free again.
func (s *Server) DeleteTask(taskID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.task(taskID)
	if t == nil {
		return missing(taskID)
	}
	if err := s.ledger.Append(s.entry(t, ledger.TaskDeleted, map[string]any{})); err != nil {
		return fmt.Errorf("delete task %s: %w", taskID, err)
	}
	s.tasks = slices.DeleteFunc(s.tasks, func(other *task) bool { return other == t })
	return nil
}

// ForgetKeys forgets every Idempotency-Key, as Hillava may 24 hours after it was used.
func (s *Server) ForgetKeys() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.answers)
}

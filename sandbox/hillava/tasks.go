package hillava

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"tampuuri-hillava/sandbox/ledger"
)

// task is a task with what is on it.
type task struct {
	Task
	notes    []Note
	entries  []TimeEntry
	webhooks []WebhookAttempt
	causes   map[string]string // the transition that emitted each event, by event id
}

// via says in the ledger who made a task.
type via string

const (
	viaAPI  via = "api"
	viaHand via = "hand"
)

// firstState is where a task begins whose type has no process.
const firstState = "Avoin"

// makeTask records and keeps a new task in its process's first state.
func (s *Server) makeTask(made Task, key string, by via) (*task, error) {
	made.ID, made.State, made.ModifiedAt = s.nextID("T"), firstState, s.next()
	if process, known := s.process(made.TaskTypeID); known {
		made.State = process.InitialState
	}
	t := &task{Task: made, causes: map[string]string{}}
	err := s.ledger.Append(s.entry(t, ledger.TaskCreated, map[string]any{
		"taskTypeId": t.TaskTypeID, "billingCustomerId": t.BillingCustomerID, "deliveryCustomerId": t.DeliveryCustomerID,
		"billingReference": t.BillingReference, "idempotencyKey": key, "via": by,
	}))
	if err != nil {
		return nil, fmt.Errorf("make a task: %w", err)
	}
	s.tasks = append(s.tasks, t)
	s.touch(t, made.ModifiedAt)
	return t, nil
}

// entry begins a ledger entry about a task.
func (s *Server) entry(t *task, kind string, detail map[string]any) ledger.Entry {
	detail["taskId"], detail["externalId"] = t.ID, t.ExternalID
	return ledger.Entry{
		At: s.now(), System: ledger.Hillava, Customer: s.tunnisteOf(t.BillingCustomerID), Kind: kind, Key: t.ID, Detail: detail,
	}
}

// next is the moment of a change: now, but later than every modifiedAt before.
func (s *Server) next() time.Time {
	at := s.now().UTC().Truncate(time.Microsecond)
	if !at.After(s.latest) {
		at = s.latest.Add(time.Microsecond)
	}
	return at
}

// touch moves modifiedAt.
func (s *Server) touch(t *task, at time.Time) {
	t.ModifiedAt = at
	if at.After(s.latest) {
		s.latest = at
	}
}

// nextID numbers one kind of thing.
func (s *Server) nextID(kind string) string {
	const before = 1000 // so that all ids of a kind are of one length for long
	s.lastID[kind]++
	return fmt.Sprintf("%s-%d", kind, before+s.lastID[kind])
}

func (s *Server) task(id string) *task {
	for _, t := range s.tasks {
		if t.ID == id {
			return t
		}
	}
	return nil
}

// byExternalID finds the task with an external id; tasks made in the office have none.
func (s *Server) byExternalID(externalID string) *task {
	for _, t := range s.tasks {
		if t.ExternalID == externalID && externalID != "" {
			return t
		}
	}
	return nil
}

func (s *Server) customer(id string) (Customer, bool) {
	at := slices.IndexFunc(s.customers, func(c Customer) bool { return c.ID == id })
	if at < 0 {
		return Customer{}, false
	}
	return s.customers[at], true
}

func (s *Server) tunnisteOf(customerID string) string {
	c, _ := s.customer(customerID)
	return c.ExternalID
}

func (s *Server) taskType(id string) (TaskType, bool) {
	at := slices.IndexFunc(s.taskTypes, func(t TaskType) bool { return t.ID == id })
	if at < 0 {
		return TaskType{}, false
	}
	return s.taskTypes[at], true
}

// process finds the process of a task type.
func (s *Server) process(taskTypeID string) (Process, bool) {
	kind, _ := s.taskType(taskTypeID)
	at := slices.IndexFunc(s.processes, func(p Process) bool { return p.ID == kind.ProcessID })
	if at < 0 {
		return Process{}, false
	}
	return s.processes[at], true
}

// Tasks returns every task in the order made, with its notes, time entries and attempts to deliver its events.
func (s *Server) Tasks() []TaskDump {
	return s.dumps(func(*task) bool { return true })
}

// TasksOf returns those with that external id.
func (s *Server) TasksOf(externalID string) []TaskDump {
	return s.dumps(func(t *task) bool { return t.ExternalID == externalID })
}

func (s *Server) dumps(wanted func(*task) bool) []TaskDump {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []TaskDump{}
	for _, t := range s.tasks {
		if !wanted(t) {
			continue
		}
		dump := TaskDump{
			Task: t.Task, Notes: append([]Note{}, t.notes...), TimeEntries: append([]TimeEntry{}, t.entries...),
			Webhooks: append([]WebhookAttempt{}, t.webhooks...),
		}
		dump.Events = append([]Event{}, t.Events...)
		all = append(all, dump)
	}
	return all
}

// Customers returns every customer in the order added.
func (s *Server) Customers() []Customer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Customer{}, s.customers...)
}

// Transitions returns the names of the transitions that the task's state allows now.
func (s *Server) Transitions(taskID string) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.task(taskID)
	if t == nil {
		return nil, missing(taskID)
	}
	return s.allowed(t), nil
}

func (s *Server) allowed(t *task) []string {
	process, _ := s.process(t.TaskTypeID)
	names := map[string]bool{}
	for _, transition := range process.Transitions {
		if transition.From == t.State {
			names[transition.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func missing(taskID string) error { return fmt.Errorf("task %s: there is none of that id", taskID) }

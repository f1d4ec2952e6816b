package hillava

import (
	"slices"
	"time"

	"tampuuri-hillava/internal/peer"
)

// Events that a task's actions leave on it (api/hillava.yaml).
const (
	EventDone     = "task.done"
	EventInvoiced = "task.invoiced"
)

// Names of the two actions, as Hillava shows them on a process's transitions.
const (
	ActionDone     = "Kuittaa tehtävä tehdyksi Tampuuriin"
	ActionInvoiced = "Kuittaa tehtävä valmiiksi Tampuuriin"
)

// Config is what a client is made from. It prints as [redacted].
type Config struct {
	peer.Redacted
	BaseURL           string        // the part before api/v1/, with or without the last slash
	Token             func() string // asked for every request, so that the token can be rotated
	Timeout           time.Duration // of a whole call
	AllowInsecureHTTP bool          // http:// also towards other hosts than loopback
}

// Customer is a Hillava customer of the type TAMPUURI_CUSTOMERS.
type Customer struct {
	ID                 string // "" when it cannot be read
	Name               string
	ExternalID         string // Tunniste; "" when the customer has none
	IntegrationsActive bool   // false also when the answer does not say
}

// TaskType is a task type (tehtävätyyppi) and what of it matters for the set-up.
type TaskType struct {
	ID                    string
	TargetRequired        bool
	AdditionalInfoVisible bool // false also when the answer does not say
	ProcessID             string
}

// Transition is one step of a process and the actions that run with it.
type Transition struct {
	Name, From, To string
	Actions        []string
}

// Process is the process that tasks of a type go through.
type Process struct {
	ID, InitialState string
	Transitions      []Transition
}

// Event is one run of one of the two actions. ID equals the webhook-id.
type Event struct {
	ID, Type   string
	OccurredAt time.Time
}

// Task is what callers need of a Hillava task. Events are those of the two actions that can be read; OddEvents says that
// there are others, which may be of them too. Modified is sure to be there in a list of changed tasks only.
type Task struct {
	ID, ExternalID, BillingCustomerID, State string
	Modified                                 time.Time
	Events                                   []Event
	OddEvents                                bool
}

// AllEvents gives the events, or an error when one of them cannot be read: for those to whom a part would tell something
// wrong.
func (t Task) AllEvents() ([]Event, error) {
	if t.OddEvents {
		return nil, &peer.Error{Peer: peerName, Op: routeTask.Op, Kind: peer.KindMalformed, Sent: true, Err: peer.FieldError("events")}
	}
	return t.Events, nil
}

// InvoicedBefore tells whether it has been Laskutettu before then, as far as its events can be read.
func (t Task) InvoicedBefore(then time.Time) bool {
	return slices.ContainsFunc(t.Events, func(e Event) bool { return e.Type == EventInvoiced && e.OccurredAt.Before(then) })
}

// Position is where the task stands in the list of changed tasks.
func (t Task) Position() (id string, modified time.Time) { return t.ID, t.Modified }

// TaskPage is one page of changed tasks, in the order of modifiedAt, then id. The next one starts at
// offset + len(Items) + len(Unreadable).
type TaskPage = peer.Page[Task, string]

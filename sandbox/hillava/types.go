package hillava

import (
	"time"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/ledger"
)

// Names of the calls, for faults and the access log.
const (
	OpCustomers    = "customers"
	OpTaskTypes    = "task-types"
	OpProcess      = "process"
	OpFindTask     = "find-task"
	OpChangedTasks = "changed-tasks"
	OpReadTask     = "read-task"
	OpCreateTask   = "create-task"
	OpNote         = "note"
	OpTimeEntries  = "time-entries"
	OpUnknown      = "unknown" // any other method or path; answered 404
)

// Identifiers, event types and actions of the contract.
const (
	CustomerTypeTampuuri = "TAMPUURI_CUSTOMERS"
	TaskTypeTampuuri     = "TAMPUURI_TASK"
	EventDone            = "task.done"
	EventInvoiced        = "task.invoiced"
	ActionDone           = "Kuittaa tehtävä tehdyksi Tampuuriin"
	ActionInvoiced       = "Kuittaa tehtävä valmiiksi Tampuuriin"
)

// Options of a Server. Only Token is needed: without the rest it has a ledger in memory, no faults, the machine's clock
// and sends no webhooks.
type Options struct {
	Token   string
	Ledger  *ledger.Ledger
	Faults  *fault.Plan
	Now     func() time.Time
	Webhook Webhook
}

// Webhook says where events are sent, and how stubbornly.
type Webhook struct {
	URL    string // "" sends nothing
	Secret string // whsec_ and base64
	// RetryEvery is the pause before the second attempt; it doubles up to 32 times that. Default 2 s.
	RetryEvery time.Duration
	// MaxAttempts is how often one delivery is tried before it is given up, whatever was answered (404 too: the receiver
	// may not know the notice yet). Default 12.
	MaxAttempts int
	Timeout     time.Duration // of one attempt; default 10 s
}

// Delivery are switches for what befalls webhooks on their way. They hold for events emitted from then on.
type Delivery struct {
	Drop    bool          `json:"drop"`    // never sent
	Double  bool          `json:"double"`  // sent once more after it was taken
	Reorder bool          `json:"reorder"` // every other event waits for the one after it; switching it off sends who waits
	Delay   time.Duration `json:"-"`       // before the first attempt
}

// Customer is one customer of the company. CustomerType defaults to CustomerTypeTampuuri and does not go out.
type Customer struct {
	ID                 string `json:"id"`
	Name               string `json:"name"`
	ExternalID         string `json:"externalId"`
	IntegrationsActive bool   `json:"integrationsActive"`
	CustomerType       string `json:"-"`
}

// TaskType is a kind of task.
type TaskType struct {
	ID                    string `json:"id"`
	Name                  string `json:"name"`
	Identifier            string `json:"identifier"`
	TargetRequired        bool   `json:"targetRequired"`
	AdditionalInfoVisible bool   `json:"additionalInfoVisible"`
	ProcessID             string `json:"processId"`
}

// Transition moves a task between two states; each action among its actions that is ours emits an event.
type Transition struct {
	Name    string   `json:"name"`
	From    string   `json:"from"`
	To      string   `json:"to"`
	Actions []string `json:"actions"`
}

// Process is the states of a task type and the ways between them.
type Process struct {
	ID           string       `json:"id"`
	Name         string       `json:"name"`
	InitialState string       `json:"initialState"`
	Transitions  []Transition `json:"transitions"`
}

// Address is where the work is done.
type Address struct {
	Street     string `json:"street"`
	Street2    string `json:"street2"`
	PostalCode string `json:"postalCode"`
	City       string `json:"city"`
}

// Event is one run of either action. Events only ever grow.
type Event struct {
	ID         string    `json:"id"`
	Type       string    `json:"type"`
	OccurredAt time.Time `json:"occurredAt"`
}

// Task in the fields of the contract; absent texts are empty.
type Task struct {
	ID                 string    `json:"id"`
	ExternalID         string    `json:"externalId"`
	TaskTypeID         string    `json:"taskTypeId"`
	TargetID           *string   `json:"targetId"` // always null: the integration never sets it
	Title              string    `json:"title"`
	Description        string    `json:"description"`
	AdditionalInfo     string    `json:"additionalInfo"`
	StartDate          string    `json:"startDate"` // YYYY-MM-DD or RFC 3339 with the Helsinki offset, as it was sent
	EndDate            *string   `json:"endDate"`
	WorkloadHours      float64   `json:"workloadHours"`
	DeliveryCustomerID string    `json:"deliveryCustomerId"`
	BillingCustomerID  string    `json:"billingCustomerId"`
	DeliveryAddress    *Address  `json:"deliveryAddress"`
	BillingReference   string    `json:"billingReference"`
	State              string    `json:"state"`
	ModifiedAt         time.Time `json:"modifiedAt"` // UTC; never the same twice
	Events             []Event   `json:"events"`
}

// Resource is who did the work.
type Resource struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// TimeEntry is work recorded on a task.
type TimeEntry struct {
	ID              string    `json:"id"`   // set by AddTimeEntry
	Date            string    `json:"date"` // YYYY-MM-DD
	Resource        Resource  `json:"resource"`
	CustomerSummary string    `json:"customerSummary"`
	Hours           float64   `json:"hours"`
	Approved        bool      `json:"approved"`
	ModifiedAt      time.Time `json:"modifiedAt"` // UTC; set by the stand-in
}

// Note is a note on a task.
type Note struct {
	ID   string    `json:"id"`
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// WebhookAttempt is one attempt to deliver an event.
type WebhookAttempt struct {
	EventID string    `json:"eventId"`
	Type    string    `json:"type"`
	Attempt int       `json:"attempt"`
	Status  int       `json:"status"`  // 0 when there was no answer
	Failure string    `json:"failure"` // why there was none
	At      time.Time `json:"at"`
}

// TaskDump is everything that the stand-in holds about a task.
type TaskDump struct {
	Task
	Notes       []Note           `json:"notes"`
	TimeEntries []TimeEntry      `json:"timeEntries"`
	Webhooks    []WebhookAttempt `json:"webhooks"`
}

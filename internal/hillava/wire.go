package hillava

import (
	"encoding/json"
	"strings"
	"time"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
)

// Wire shapes of api/hillava.yaml: the fields that something is made of, and no others. What is optional may be missing, null
// or of another type than the contract says; a text may be null; the rest must be as the contract says.
type (
	wireCustomer struct {
		ID                 string         `json:"id"`
		Name               optional[text] `json:"name"`
		ExternalID         optional[text] `json:"externalId"`
		IntegrationsActive optional[bool] `json:"integrationsActive"`
	}
	wireTaskType struct {
		ID                    string         `json:"id"`
		TargetRequired        *bool          `json:"targetRequired"`
		AdditionalInfoVisible optional[bool] `json:"additionalInfoVisible"`
		ProcessID             text           `json:"processId"`
	}
	wireProcess struct {
		ID           string                     `json:"id"`
		InitialState text                       `json:"initialState"`
		Transitions  optional[[]wireTransition] `json:"transitions"`
	}
	wireTransition struct {
		Name    optional[text]     `json:"name"`
		From    optional[text]     `json:"from"`
		To      optional[text]     `json:"to"`
		Actions optional[[]string] `json:"actions"`
	}
	wireTask struct {
		ID                string            `json:"id"`
		ExternalID        optional[text]    `json:"externalId"`
		BillingCustomerID optional[text]    `json:"billingCustomerId"`
		State             optional[text]    `json:"state"`
		ModifiedAt        optional[instant] `json:"modifiedAt"`
		Events            []json.RawMessage `json:"events"`
	}
	wireEvent struct {
		ID         string  `json:"id"`
		OccurredAt instant `json:"occurredAt"`
	}
	wireTimeEntry struct {
		ID       string `json:"id"`
		Date     string `json:"date"`
		Resource struct {
			Name text `json:"name"`
		} `json:"resource"`
		CustomerSummary text           `json:"customerSummary"`
		Approved        optional[bool] `json:"approved"`
	}
	wireNewTask struct {
		ExternalID         string       `json:"externalId"`
		TaskTypeID         string       `json:"taskTypeId"`
		Title              string       `json:"title"`
		Description        string       `json:"description"`
		AdditionalInfo     string       `json:"additionalInfo,omitempty"`
		StartDate          string       `json:"startDate"`
		EndDate            string       `json:"endDate,omitempty"`
		WorkloadHours      float64      `json:"workloadHours"`
		DeliveryCustomerID string       `json:"deliveryCustomerId"`
		BillingCustomerID  string       `json:"billingCustomerId"`
		DeliveryAddress    *wireAddress `json:"deliveryAddress,omitempty"`
		BillingReference   string       `json:"billingReference,omitempty"`
	}
	wireAddress struct {
		Street     string `json:"street"`
		Street2    string `json:"street2,omitempty"`
		PostalCode string `json:"postalCode"`
		City       string `json:"city"`
	}
	wireNote struct {
		Text string `json:"text"`
	}
)

// text is a text; a number counts as its digits and null as none.
type text string

// UnmarshalJSON reads what peer.ParseText reads, and null.
func (t *text) UnmarshalJSON(raw []byte) error {
	read, ok := peer.ParseText(raw)
	if !ok && string(raw) != "null" {
		return errShape
	}
	*t = text(read)
	return nil
}

// instant is a time in RFC 3339, whose letters may be small.
type instant time.Time

// UnmarshalJSON takes nothing but such a time.
func (i *instant) UnmarshalJSON(raw []byte) error {
	var written string
	if err := json.Unmarshal(raw, &written); err != nil {
		return errShape
	}
	at, err := time.Parse(time.RFC3339, strings.ToUpper(written))
	if err != nil {
		return errShape
	}
	*i = instant(at)
	return nil
}

// optional is a field of which a value that cannot be read counts as missing.
type optional[T any] struct{ value T }

// UnmarshalJSON never fails.
func (o *optional[T]) UnmarshalJSON(raw []byte) error {
	var read T
	if json.Unmarshal(raw, &read) == nil {
		o.value = read
	}
	return nil
}

// wireNewTaskOf writes a new task. targetId is never sent; end date, address,
// additional information and reference are left out when there is nothing to say.
func wireNewTaskOf(t notice.Task) (wireNewTask, error) {
	if !isID(t.ExternalID) || !isID(t.TaskTypeID) || !isID(t.DeliveryCustomerID) || !isID(t.BillingCustomerID) ||
		t.Start.IsZero() || !(t.WorkloadHours > 0) {
		return wireNewTask{}, errNewTask
	}
	w := wireNewTask{
		ExternalID: t.ExternalID, TaskTypeID: t.TaskTypeID, Title: t.Title, Description: t.Description,
		AdditionalInfo: t.AdditionalInfo, StartDate: t.Start.Wire(), WorkloadHours: t.WorkloadHours,
		DeliveryCustomerID: t.DeliveryCustomerID, BillingCustomerID: t.BillingCustomerID,
		BillingReference: t.BillingReference,
	}
	if !t.End.IsZero() {
		w.EndDate = t.End.Wire()
	}
	if a := t.DeliveryAddress; a != nil {
		w.DeliveryAddress = &wireAddress{Street: a.Street, Street2: a.Street2, PostalCode: a.PostalCode, City: a.City}
	}
	return w, nil
}

package hillava

import "tampuuri-hillava/internal/notice"

// Bodies of the writes, as in api/hillava.yaml.
type (
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

// wireNewTaskOf writes a new task. targetId is never sent; end date, address,
// additional information and reference are left out when there is nothing to say.
func wireNewTaskOf(t notice.Task) (wireNewTask, error) {
	if !isID(t.ExternalID) || !isID(t.TaskTypeID) || !isCustomerID(t.DeliveryCustomerID) || !isCustomerID(t.BillingCustomerID) ||
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

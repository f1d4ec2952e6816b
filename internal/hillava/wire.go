package hillava

import (
	"encoding/json"
	"time"

	"tampuuri-hillava/internal/notice"
)

// Wire shapes of api/hillava.yaml. What is a pointer must be there; the rest may
// be missing or null. Fields that nobody needs are not read.
type (
	wireCustomer struct {
		ID                 string `json:"id"`
		Name               string `json:"name"`
		ExternalID         string `json:"externalId"`
		IntegrationsActive bool   `json:"integrationsActive"`
	}
	wireTaskType struct {
		ID                    string `json:"id"`
		Name                  string `json:"name"`
		Identifier            string `json:"identifier"`
		TargetRequired        *bool  `json:"targetRequired"`
		AdditionalInfoVisible *bool  `json:"additionalInfoVisible"`
		ProcessID             string `json:"processId"`
	}
	wireProcess struct {
		ID           string `json:"id"`
		Name         string `json:"name"`
		InitialState string `json:"initialState"`
		Transitions  *[]struct {
			Name    string   `json:"name"`
			From    string   `json:"from"`
			To      string   `json:"to"`
			Actions []string `json:"actions"`
		} `json:"transitions"`
	}
	wireTask struct {
		ID                string      `json:"id"`
		ExternalID        string      `json:"externalId"`
		TaskTypeID        string      `json:"taskTypeId"`
		BillingCustomerID string      `json:"billingCustomerId"`
		State             string      `json:"state"`
		ModifiedAt        string      `json:"modifiedAt"`
		Events            []wireEvent `json:"events"`
	}
	wireEvent struct {
		ID         string `json:"id"`
		Type       string `json:"type"`
		OccurredAt string `json:"occurredAt"`
	}
	wireTimeEntry struct {
		ID       string `json:"id"`
		Date     string `json:"date"`
		Resource struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"resource"`
		CustomerSummary string  `json:"customerSummary"`
		Hours           float64 `json:"hours"`
		Approved        bool    `json:"approved"`
		ModifiedAt      string  `json:"modifiedAt"`
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

type list[T any] struct {
	items []T
	total int
}

// decodeList reads {items, total}; both must be there. Some writers make null of an empty list: with a total of 0 it is one.
func decodeList[T any](body []byte) (list[T], error) {
	var w struct {
		Items json.RawMessage `json:"items"`
		Total *int            `json:"total"`
	}
	switch err := json.Unmarshal(body, &w); {
	case err != nil:
		return list[T]{}, errShape
	case w.Total == nil || *w.Total < 0:
		return list[T]{}, fieldError("total")
	}
	var items []T
	isList := len(w.Items) > 0 && w.Items[0] == '['
	isNull := string(w.Items) == "null"
	switch {
	case isList && json.Unmarshal(w.Items, &items) == nil:
	case isList:
		return list[T]{}, errShape
	case isNull && *w.Total == 0:
	default:
		return list[T]{}, fieldError("items")
	}
	return list[T]{items: items, total: *w.Total}, nil
}

// decodeWhole reads a list that is not paged: total must be the number of items,
// else something would be lost.
func decodeWhole[T any](body []byte) ([]T, error) {
	l, err := decodeList[T](body)
	if err != nil {
		return nil, err
	}
	if l.total != len(l.items) {
		return nil, errTotal
	}
	return l.items, nil
}

func (w wireCustomer) customer() (Customer, error) {
	if !isID(w.ID) {
		return Customer{}, fieldError("id")
	}
	return Customer(w), nil
}

// taskType fails on a missing flag: doctor would report a set-up fault, or miss one.
func (w wireTaskType) taskType() (TaskType, error) {
	switch {
	case !isID(w.ID):
		return TaskType{}, fieldError("id")
	case w.TargetRequired == nil:
		return TaskType{}, fieldError("targetRequired")
	case w.AdditionalInfoVisible == nil:
		return TaskType{}, fieldError("additionalInfoVisible")
	}
	return TaskType{
		ID: w.ID, Name: w.Name, Identifier: w.Identifier, TargetRequired: *w.TargetRequired,
		AdditionalInfoVisible: *w.AdditionalInfoVisible, ProcessID: w.ProcessID,
	}, nil
}

func decodeProcess(body []byte) (Process, error) {
	var w wireProcess
	switch err := json.Unmarshal(body, &w); {
	case err != nil:
		return Process{}, errShape
	case !isID(w.ID):
		return Process{}, fieldError("id")
	case w.Transitions == nil:
		return Process{}, fieldError("transitions")
	}
	process := Process{ID: w.ID, Name: w.Name, InitialState: w.InitialState}
	for _, t := range *w.Transitions {
		process.Transitions = append(process.Transitions, Transition(t))
	}
	return process, nil
}

func decodeTask(body []byte) (Task, error) {
	var w wireTask
	if json.Unmarshal(body, &w) != nil {
		return Task{}, errShape
	}
	return w.task()
}

// task requires an id, a time of change and readable events. No list of events
// is the same as an empty one: they only grow.
func (w wireTask) task() (Task, error) {
	modified, err := time.Parse(time.RFC3339, w.ModifiedAt)
	switch {
	case !isID(w.ID):
		return Task{}, fieldError("id")
	case err != nil:
		return Task{}, fieldError("modifiedAt")
	}
	task := Task{
		ID: w.ID, ExternalID: w.ExternalID, TaskTypeID: w.TaskTypeID, BillingCustomerID: w.BillingCustomerID,
		State: w.State, Modified: modified,
	}
	for _, e := range w.Events {
		occurred, err := time.Parse(time.RFC3339, e.OccurredAt)
		if err != nil || !isOpaque(e.ID) || e.Type == "" {
			return Task{}, fieldError("events")
		}
		task.Events = append(task.Events, Event{ID: e.ID, Type: e.Type, OccurredAt: occurred})
	}
	return task, nil
}

func decodeTaskPage(body []byte) (TaskPage, error) {
	rows, err := decodeList[json.RawMessage](body)
	if err != nil {
		return TaskPage{}, err
	}
	page := TaskPage{Total: rows.total}
	for _, row := range rows.items {
		task, err := decodeTask(row)
		if err != nil {
			page.Skipped++
			continue
		}
		page.Items = append(page.Items, task)
	}
	return page, nil
}

func decodeCreated(body []byte) error {
	var w struct {
		ID string `json:"id"`
	}
	switch err := json.Unmarshal(body, &w); {
	case err != nil:
		return errShape
	case w.ID == "":
		return fieldError("id")
	}
	return nil
}

// decodeTimeEntries reads all entries or fails. approved counts as false when it
// is missing, so that an entry waits rather than goes out unapproved.
func decodeTimeEntries(body []byte) ([]notice.TimeEntry, error) {
	rows, err := decodeWhole[wireTimeEntry](body)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var entries []notice.TimeEntry
	for _, w := range rows {
		date, err := notice.ParseMoment(w.Date)
		switch {
		case !isOpaque(w.ID):
			return nil, fieldError("id")
		case seen[w.ID]:
			return nil, errDuplicate
		case err != nil || date.IsZero() || date.At.Year() > 9999:
			return nil, fieldError("date")
		}
		seen[w.ID] = true
		entry := notice.TimeEntry{
			ID: w.ID, Date: date.At.Format(time.DateOnly), ResourceID: w.Resource.ID,
			Resource: w.Resource.Name, Summary: w.CustomerSummary, Hours: w.Hours, Approved: w.Approved,
		}
		if w.ModifiedAt != "" {
			if entry.Modified, err = time.Parse(time.RFC3339, w.ModifiedAt); err != nil {
				return nil, fieldError("modifiedAt")
			}
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

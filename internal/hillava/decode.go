package hillava

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
)

// Of each answer only the fields are read that something is made of. What is optional may be missing, null or of another
// type than the contract says; ids must be texts; the texts that usable names may also be numbers or null.

// usable refuses a row of which any of these fields holds something that is no text.
func usable(o peer.Object, fields ...string) error {
	for _, field := range fields {
		if o.Says(field) && o.Verbatim(field) == "" {
			return peer.FieldError(field)
		}
	}
	return nil
}

// identified reads an object whose id may enter a path.
func identified(raw []byte) (o peer.Object, id string, err error) {
	return identifiedBy(isID, raw)
}

// identifiedBy reads an object with a usable id. One with two of them could be about either.
func identifiedBy(isUsable func(id string) bool, raw []byte) (o peer.Object, id string, err error) {
	if o, err = peer.ParseObject(raw); err != nil {
		return nil, "", err
	}
	id = o.String("id")
	ids, _ := o.Values("id")
	isOther := func(raw json.RawMessage) bool { return !bytes.Equal(raw, ids[0]) }
	if !isUsable(id) || slices.ContainsFunc(ids, isOther) {
		return nil, "", peer.FieldError("id")
	}
	return o, id, nil
}

// instant gives a time in RFC 3339, whose letters may be small; zero for everything else.
func instant(o peer.Object, field string) time.Time {
	at, err := time.Parse(time.RFC3339, strings.ToUpper(o.String(field)))
	if err != nil {
		return time.Time{}
	}
	return at
}

func decodeList(body []byte) (rows []json.RawMessage, total *int64, err error) {
	o, err := peer.ParseObject(body)
	if err != nil {
		return nil, nil, err
	}
	return o.Rows("items", "total")
}

// decodeWhole reads a list that is not paged: total must be the number of items,
// else something would be lost.
func decodeWhole(body []byte) ([]json.RawMessage, error) {
	rows, total, err := decodeList(body)
	switch {
	case err != nil:
		return nil, err
	case total == nil:
		return nil, peer.FieldError("total")
	case *total != int64(len(rows)):
		return nil, errTotal
	}
	return rows, nil
}

type customerPage struct {
	customers []Customer
	total     *int64 // nil: none that can be read
}

// decodeCustomers requires nothing of a customer: one whose id, name or Tunniste cannot be read stops alone, and says why.
func decodeCustomers(body []byte) (customerPage, error) {
	rows, total, err := decodeList(body)
	if err != nil {
		return customerPage{}, err
	}
	page := customerPage{total: total}
	for _, row := range rows {
		o, id, err := identifiedBy(isCustomerID, row)
		if err != nil {
			o, _ = peer.ParseObject(row) // the Tunniste tells whose it is
		}
		page.customers = append(page.customers, Customer{
			ID: id, Name: o.Verbatim("name"), ExternalID: o.Verbatim("externalId"), IntegrationsActive: o.IsTrue("integrationsActive"),
		})
	}
	return page, nil
}

// decodeTaskTypes gives the task types with our identifier; of the others nothing else is read. One that does not say whether
// it requires a target is an error, as it may refuse every task of ours.
func decodeTaskTypes(body []byte) ([]TaskType, error) {
	rows, err := decodeWhole(body)
	if err != nil {
		return nil, err
	}
	var found []TaskType
	for _, row := range rows {
		if o, _ := peer.ParseObject(row); o.Verbatim("identifier") != TaskTypeIdentifier {
			continue
		}
		o, id, err := identified(row)
		if err != nil {
			return nil, err
		}
		required := string(o.Get("targetRequired"))
		if required != "true" && required != "false" {
			return nil, peer.FieldError("targetRequired")
		}
		found = append(found, TaskType{
			ID: id, TargetRequired: required == "true", AdditionalInfoVisible: o.IsTrue("additionalInfoVisible"), ProcessID: o.Verbatim("processId"),
		})
		if err := usable(o, "processId"); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// decodeProcess reads a process. Its transitions are for doctor only, which says what it does not find on them.
func decodeProcess(body []byte) (Process, error) {
	o, id, err := identified(body)
	if err != nil {
		return Process{}, err
	}
	process := Process{ID: id, InitialState: o.Verbatim("initialState")}
	transitions, _ := peer.ParseList(o.Get("transitions"))
	for _, row := range transitions {
		t, _ := peer.ParseObject(row)
		transition := Transition{Name: t.Verbatim("name"), From: t.Verbatim("from"), To: t.Verbatim("to")}
		_ = json.Unmarshal(t.Get("actions"), &transition.Actions)
		process.Transitions = append(process.Transitions, transition)
	}
	return process, usable(o, "initialState")
}

// decodeTask requires an id, and a list of events, each of which may be odd. No list of events
// is the same as an empty one: they only grow.
func decodeTask(body []byte) (Task, error) {
	o, id, err := identified(body)
	if err != nil {
		return Task{}, err
	}
	task := Task{
		ID: id, ExternalID: o.Verbatim("externalId"), BillingCustomerID: o.Verbatim("billingCustomerId"),
		State: o.Verbatim("state"), Modified: instant(o, "modifiedAt"),
	}
	var events []json.RawMessage
	if raw := o.Get("events"); raw != nil && json.Unmarshal(raw, &events) != nil {
		return Task{}, peer.FieldError("events")
	}
	for _, raw := range events {
		switch event, ours, err := decodeEvent(raw); {
		case err != nil:
			task.OddEvents = true
		case ours:
			task.Events = append(task.Events, event)
		}
	}
	return task, nil
}

// decodeEvent reads an event of one of the two actions. Of any other nothing but its type is read.
func decodeEvent(raw json.RawMessage) (event Event, ours bool, err error) {
	o, _ := peer.ParseObject(raw)
	event = Event{ID: o.String("id"), Type: o.String("type"), OccurredAt: instant(o, "occurredAt")}
	switch {
	case event.Type == "":
		return Event{}, false, peer.FieldError("events")
	case event.Type != EventDone && event.Type != EventInvoiced:
		return Event{}, false, nil
	case !isOpaque(event.ID) || event.OccurredAt.IsZero():
		return Event{}, false, peer.FieldError("events")
	}
	return event, true, nil
}

// decodeFound gives the tasks of a list that have exactly this external id, in case Hillava does not filter; of the others
// nothing else is read.
func decodeFound(body []byte, externalID string) ([]Task, error) {
	rows, err := decodeWhole(body)
	if err != nil {
		return nil, err
	}
	var found []Task
	for _, row := range rows {
		o, err := peer.ParseObject(row)
		if err == nil {
			err = usable(o, "externalId")
		}
		if err != nil {
			return nil, err // it may be the one
		}
		if !strings.EqualFold(o.Verbatim("externalId"), externalID) {
			continue
		}
		task, err := decodeTask(row)
		if err != nil {
			return nil, err
		}
		found = append(found, task)
	}
	return found, nil
}

// decodeTaskPage requires of each row the time by which the list is ordered, too.
func decodeTaskPage(body []byte, offset int) (TaskPage, error) {
	rows, total, err := decodeList(body)
	if err != nil {
		return TaskPage{}, err
	}
	decode := func(row []byte) (Task, error) {
		task, err := decodeTask(row)
		if err == nil && task.Modified.IsZero() {
			err = peer.FieldError("modifiedAt")
		}
		return task, err
	}
	return peer.PageOf(rows, offset, total, decode, func(o peer.Object) peer.Unreadable[string] {
		unreadable := peer.Unreadable[string]{ID: o.String("id"), Modified: instant(o, "modifiedAt")}
		if !isID(unreadable.ID) {
			unreadable.ID = ""
		}
		return unreadable
	}), nil
}

// decodeCreated reads the answer of a write, {"id":…}. Nobody uses the id, but what has none is somebody else's answer.
func decodeCreated(body []byte) (id string, err error) {
	o, err := peer.ParseObject(body)
	if err != nil {
		return "", err
	}
	if id = o.Verbatim("id"); id == "" {
		return "", peer.FieldError("id")
	}
	return id, nil
}

// decodeTimeEntries reads all entries or fails. approved counts as false when it
// is missing, so that an entry waits rather than goes out unapproved.
func decodeTimeEntries(body []byte) ([]notice.TimeEntry, error) {
	rows, err := decodeWhole(body)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var entries []notice.TimeEntry
	for _, row := range rows {
		entry, err := decodeTimeEntry(row)
		if err != nil {
			return nil, err
		}
		if seen[entry.ID] {
			return nil, errDuplicate
		}
		seen[entry.ID] = true
		entries = append(entries, entry)
	}
	return entries, nil
}

func decodeTimeEntry(row []byte) (notice.TimeEntry, error) {
	o, err := peer.ParseObject(row)
	if err != nil {
		return notice.TimeEntry{}, err
	}
	var resource peer.Object
	if raw := o.Get("resource"); raw != nil {
		if resource, err = peer.ParseObject(raw); err != nil {
			return notice.TimeEntry{}, peer.FieldError("resource")
		}
	}
	date, err := notice.ParseMoment(o.String("date"))
	entry := notice.TimeEntry{
		ID: o.String("id"), Date: date.At.Format(time.DateOnly), Resource: resource.Verbatim("name"),
		Summary: o.Verbatim("customerSummary"), Approved: o.IsTrue("approved"),
	}
	switch {
	case !isOpaque(entry.ID):
		return notice.TimeEntry{}, peer.FieldError("id")
	case err != nil || date.IsZero():
		return notice.TimeEntry{}, peer.FieldError("date")
	}
	return entry, errors.Join(usable(resource, "name"), usable(o, "customerSummary"))
}

package hillava

import (
	"encoding/json"
	"strings"
	"time"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
)

type list[T any] struct {
	items []T
	total *peer.Integer // nil: none that can be read
}

// decodeList reads {items, total}. Some writers make null of an empty list: with a total of 0 it is one.
func decodeList[T any](body []byte) (list[T], error) {
	var w struct {
		Items json.RawMessage         `json:"items"`
		Total optional[*peer.Integer] `json:"total"`
	}
	if json.Unmarshal(body, &w) != nil {
		return list[T]{}, errShape
	}
	l := list[T]{total: w.Total.value}
	isList := len(w.Items) > 0 && w.Items[0] == '['
	isNull := string(w.Items) == "null"
	switch {
	case isList && json.Unmarshal(w.Items, &l.items) == nil:
	case isList:
		return list[T]{}, errShape
	case isNull && l.totalIs(0):
	default:
		return list[T]{}, fieldError("items")
	}
	return l, nil
}

func (l list[T]) totalIs(n int) bool { return l.total != nil && *l.total == peer.Integer(n) }

// decodeWhole reads a list that is not paged: total must be the number of items,
// else something would be lost.
func decodeWhole[T any](body []byte) ([]T, error) {
	l, err := decodeList[T](body)
	switch {
	case err != nil:
		return nil, err
	case l.total == nil:
		return nil, fieldError("total")
	case !l.totalIs(len(l.items)):
		return nil, errTotal
	}
	return l.items, nil
}

// customer requires the id only: without its name or Tunniste a customer stops alone, and says why.
func (w wireCustomer) customer() (Customer, error) {
	if !isID(w.ID) {
		return Customer{}, fieldError("id")
	}
	return Customer{
		ID: w.ID, Name: string(w.Name.value), ExternalID: string(w.ExternalID.value), IntegrationsActive: w.IntegrationsActive.value,
	}, nil
}

// decodeTaskTypes gives the task types with an identifier; of the others nothing else is read. One that does not say whether
// it requires a target is an error, as it may refuse every task of ours.
func decodeTaskTypes(body []byte, identifier string) ([]TaskType, error) {
	rows, err := decodeWhole[json.RawMessage](body)
	if err != nil {
		return nil, err
	}
	var found []TaskType
	for _, row := range rows {
		var named struct {
			Identifier text `json:"identifier"`
		}
		if json.Unmarshal(row, &named) != nil || string(named.Identifier) != identifier {
			continue
		}
		var w wireTaskType
		switch err := json.Unmarshal(row, &w); {
		case err != nil:
			return nil, errShape
		case !isID(w.ID):
			return nil, fieldError("id")
		case w.TargetRequired == nil:
			return nil, fieldError("targetRequired")
		}
		found = append(found, TaskType{
			ID: w.ID, TargetRequired: *w.TargetRequired, AdditionalInfoVisible: w.AdditionalInfoVisible.value, ProcessID: string(w.ProcessID),
		})
	}
	return found, nil
}

// decodeProcess reads a process. Its transitions are for doctor only, which says what it does not find on them.
func decodeProcess(body []byte) (Process, error) {
	var w wireProcess
	switch err := json.Unmarshal(body, &w); {
	case err != nil:
		return Process{}, errShape
	case !isID(w.ID):
		return Process{}, fieldError("id")
	}
	process := Process{ID: w.ID, InitialState: string(w.InitialState)}
	for _, t := range w.Transitions.value {
		process.Transitions = append(process.Transitions, Transition{
			Name: string(t.Name.value), From: string(t.From.value), To: string(t.To.value), Actions: t.Actions.value,
		})
	}
	return process, nil
}

// decodeTask requires an id, and events that can be read. No list of events
// is the same as an empty one: they only grow.
func decodeTask(body []byte) (Task, error) {
	var w wireTask
	switch err := json.Unmarshal(body, &w); {
	case err != nil:
		return Task{}, errShape
	case !isID(w.ID):
		return Task{}, fieldError("id")
	}
	task := Task{
		ID: w.ID, ExternalID: string(w.ExternalID.value), BillingCustomerID: string(w.BillingCustomerID.value),
		State: string(w.State.value), Modified: time.Time(w.ModifiedAt.value),
	}
	for _, raw := range w.Events {
		event, ours, err := decodeEvent(raw)
		if err != nil {
			return Task{}, err
		}
		if ours {
			task.Events = append(task.Events, event)
		}
	}
	return task, nil
}

// decodeEvent reads an event of one of the two actions. Of any other nothing but its type is read.
func decodeEvent(raw json.RawMessage) (event Event, ours bool, err error) {
	var kind struct {
		Type *string `json:"type"`
	}
	if json.Unmarshal(raw, &kind) != nil || kind.Type == nil || *kind.Type == "" {
		return Event{}, false, fieldError("events")
	}
	if *kind.Type != EventDone && *kind.Type != EventInvoiced {
		return Event{}, false, nil
	}
	var w wireEvent
	if json.Unmarshal(raw, &w) != nil || !isOpaque(w.ID) || time.Time(w.OccurredAt).IsZero() {
		return Event{}, false, fieldError("events")
	}
	return Event{ID: w.ID, Type: *kind.Type, OccurredAt: time.Time(w.OccurredAt)}, true, nil
}

// decodeFound gives the tasks of a list that have exactly this external id, in case Hillava does not filter; of the others
// nothing else is read.
func decodeFound(body []byte, externalID string) ([]Task, error) {
	rows, err := decodeWhole[json.RawMessage](body)
	if err != nil {
		return nil, err
	}
	var found []Task
	for _, row := range rows {
		var named struct {
			ExternalID text `json:"externalId"`
		}
		if json.Unmarshal(row, &named) != nil {
			return nil, errShape // it may be the one
		}
		if !strings.EqualFold(string(named.ExternalID), externalID) {
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
	rows, err := decodeList[json.RawMessage](body)
	if err != nil {
		return TaskPage{}, err
	}
	page := TaskPage{Total: peer.TotalOf(rows.total, offset, len(rows.items))}
	for _, row := range rows.items {
		if task, err := decodeTask(row); err == nil && !task.Modified.IsZero() {
			page.Items = append(page.Items, task)
			continue
		}
		var known struct {
			ID         optional[string]  `json:"id"`
			ModifiedAt optional[instant] `json:"modifiedAt"`
		}
		_ = json.Unmarshal(row, &known) // what is no object has neither
		unreadable := peer.Unreadable[string]{Modified: time.Time(known.ModifiedAt.value)}
		if isID(known.ID.value) {
			unreadable.ID = known.ID.value
		}
		page.Unreadable = append(page.Unreadable, unreadable)
	}
	return page, nil
}

// decodeCreated reads the answer of a write, {"id":…}. Nobody uses the id, but what has none is somebody else's answer.
func decodeCreated(body []byte) (id text, err error) {
	var w struct {
		ID text `json:"id"`
	}
	switch err := json.Unmarshal(body, &w); {
	case err != nil:
		return "", errShape
	case w.ID == "":
		return "", fieldError("id")
	}
	return w.ID, nil
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
		case err != nil || date.IsZero():
			return nil, fieldError("date")
		}
		seen[w.ID] = true
		entries = append(entries, notice.TimeEntry{
			ID: w.ID, Date: date.At.Format(time.DateOnly), Resource: string(w.Resource.Name),
			Summary: string(w.CustomerSummary), Approved: w.Approved.value,
		})
	}
	return entries, nil
}

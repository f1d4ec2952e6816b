package hillava

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"
	_ "time/tzdata" // the stand-in also runs where the system has no zone files
	"unicode/utf8"

	"tampuuri-hillava/sandbox/strict"
)

// Limits of texts in characters (Unicode code points, as OpenAPI counts them).
const (
	longestTitle      = 255
	longestText       = 20_000
	longestReference  = 35
	longestCustomerID = 255
)

// A setter checks the JSON value of one field and puts it into the task; it returns a complaint or "".
type setter func(t *Task, value json.RawMessage) string

// setters are the fields that can be given when a task is made.
var setters = map[string]setter{
	"externalId":         id(func(t *Task) *string { return &t.ExternalID }),
	"taskTypeId":         id(func(t *Task) *string { return &t.TaskTypeID }),
	"title":              text(1, longestTitle, func(t *Task) *string { return &t.Title }),
	"description":        text(0, longestText, func(t *Task) *string { return &t.Description }),
	"additionalInfo":     text(0, longestText, func(t *Task) *string { return &t.AdditionalInfo }),
	"billingReference":   text(0, longestReference, func(t *Task) *string { return &t.BillingReference }),
	"deliveryCustomerId": text(1, longestCustomerID, func(t *Task) *string { return &t.DeliveryCustomerID }),
	"billingCustomerId":  text(1, longestCustomerID, func(t *Task) *string { return &t.BillingCustomerID }),
	"startDate":          setStart,
	"endDate":            setEnd,
	"workloadHours":      setWorkload,
	"deliveryAddress":    setAddress,
}

// required are the fields without which no task is made.
var required = []string{
	"externalId", "taskTypeId", "title", "description", "startDate", "workloadHours", "deliveryCustomerId", "billingCustomerId",
}

// editable are the fields that the office changes later.
var editable = []string{
	"title", "description", "additionalInfo", "startDate", "endDate", "workloadHours", "deliveryAddress", "billingReference",
}

// newTask reads the body of a create.
func (s *Server) newTask(fields map[string]json.RawMessage) (Task, strict.Problems) {
	t, problems := Task{Events: []Event{}}, strict.Problems{}
	for _, name := range required {
		if _, given := fields[name]; !given {
			problems.Add(name, "The field is required.")
		}
	}
	if _, given := fields["targetId"]; given {
		problems.Add("targetId", "A target cannot be set.")
		fields = maps.Clone(fields)
		delete(fields, "targetId")
	}
	t.apply(fields, slices.Collect(maps.Keys(setters)), problems)
	if kind, known := s.taskType(t.TaskTypeID); t.TaskTypeID != "" && !known {
		problems.Add("taskTypeId", "The task type does not exist.")
	} else if kind.TargetRequired {
		problems.Add("targetId", "The task type requires a target.")
	}
	if _, known := s.customer(t.BillingCustomerID); t.BillingCustomerID != "" && !known {
		problems.Add("billingCustomerId", "The customer does not exist.")
	}
	if _, known := s.customer(t.DeliveryCustomerID); t.DeliveryCustomerID != "" && !known {
		problems.Add("deliveryCustomerId", "The customer does not exist.")
	}
	return t, problems
}

// apply sets the given fields, of which only the allowed ones may be there.
func (t *Task) apply(fields map[string]json.RawMessage, allowed []string, problems strict.Problems) {
	for name, value := range fields {
		if !slices.Contains(allowed, name) {
			problems.Add(name, "The field is unknown or cannot be set.")
			continue
		}
		if complaint := setters[name](t, value); complaint != "" {
			problems.Add(name, complaint)
		}
	}
	if t.EndDate != nil && before(*t.EndDate, t.StartDate) {
		problems.Add("endDate", "The end is before the start.")
	}
}

func text(shortest, longest int, field func(*Task) *string) setter {
	return func(t *Task, value json.RawMessage) string {
		given, ok := strict.Text(value)
		length := utf8.RuneCountInString(given)
		switch {
		case !ok:
			return "The value is no text."
		case length < shortest:
			return "The text is empty."
		case length > longest:
			return fmt.Sprintf("The text is over %d characters.", longest)
		}
		*field(t) = given
		return ""
	}
}

var idShape = regexp.MustCompile(`^[A-Za-z0-9._~-]{1,128}$`)

func id(field func(*Task) *string) setter {
	return func(t *Task, value json.RawMessage) string {
		given, ok := strict.Text(value)
		if !ok || !idShape.MatchString(given) {
			return "The value is no id."
		}
		*field(t) = given
		return ""
	}
}

func setStart(t *Task, value json.RawMessage) string {
	given, ok := strict.Text(value)
	if _, _, valid := readMoment(given); !ok || !valid {
		return wrongMoment
	}
	t.StartDate = given
	return ""
}

func setEnd(t *Task, value json.RawMessage) string {
	given, ok := strict.Text(value)
	if _, _, valid := readMoment(given); !ok || !valid {
		return wrongMoment
	}
	t.EndDate = &given
	return ""
}

func setWorkload(t *Task, value json.RawMessage) string {
	var hours float64
	if strict.IsNull(value) || json.Unmarshal(value, &hours) != nil || hours <= 0 {
		return "The value is no number over 0."
	}
	t.WorkloadHours = hours
	return ""
}

func setAddress(t *Task, value json.RawMessage) string {
	fields, err := strict.Object(value)
	if err != nil {
		return "The value is no address."
	}
	var address Address
	parts := map[string]*string{
		"street": &address.Street, "street2": &address.Street2, "postalCode": &address.PostalCode, "city": &address.City,
	}
	for name, part := range fields {
		target, known := parts[name]
		if !known {
			return "The address has an unknown field."
		}
		given, ok := strict.Text(part)
		if !ok && (name != "street2" || !strict.IsNull(part)) {
			return "A field of the address is no text."
		}
		*target = given
	}
	for _, name := range []string{"street", "postalCode", "city"} {
		if _, given := fields[name]; !given {
			return "The address lacks " + name + "."
		}
	}
	if address.Street == "" {
		return "The address has no street."
	}
	t.DeliveryAddress = &address
	return ""
}

const wrongMoment = "The value is neither a date like 2026-02-03 nor a time with the Helsinki offset."

var helsinki = loadHelsinki()

func loadHelsinki() *time.Location {
	location, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		return time.FixedZone("EET", 2*60*60) // not reached: the zone data is linked in
	}
	return location
}

var momentShape = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?[+-]\d\d:\d\d$`)

// readMoment reads a date, which is that whole day in Helsinki, or a time with the offset that Helsinki has then.
func readMoment(given string) (at time.Time, dateOnly, valid bool) {
	if day, err := time.ParseInLocation(time.DateOnly, given, helsinki); err == nil {
		return day, true, true
	}
	at, err := time.Parse(time.RFC3339, given)
	if err != nil || !momentShape.MatchString(given) {
		return time.Time{}, false, false
	}
	_, offset := at.Zone()
	_, local := at.In(helsinki).Zone()
	return at.In(helsinki), false, offset == local
}

// before reports whether end is surely before start: by time when both have one, else by day.
func before(end, start string) bool {
	endAt, endDay, endValid := readMoment(end)
	startAt, startDay, startValid := readMoment(start)
	if !endValid || !startValid {
		return false
	}
	if !endDay && !startDay {
		return endAt.Before(startAt)
	}
	return endAt.Format(time.DateOnly) < startAt.Format(time.DateOnly)
}

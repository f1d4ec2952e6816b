package notice

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"tampuuri-hillava/internal/mask"
)

// Contacts says where the lines with orderer and reporter go.
type Contacts string

// The places for contact lines. The empty value means ContactsDescription.
const (
	ContactsDescription    Contacts = "description"
	ContactsAdditionalInfo Contacts = "additional_info" // for set-ups in which Hillava copies Kuvaus to invoices
	ContactsNone           Contacts = "none"
)

// StartFrom says which date of the notice becomes the task's start date.
type StartFrom string

// The sources of the start date. The empty value means StartFromEarliest.
const (
	StartFromEarliest StartFrom = "earliest" // SuoritusaikaAikaisintaan, else IlmoitusTehty
	StartFromCreated  StartFrom = "created"  // IlmoitusTehty, else SuoritusaikaAikaisintaan
)

// Extra is a line of Lisätieto that a customer can have beside the usual ones.
type Extra string

// The closed set of extras.
const (
	ExtraUrgency    Extra = "kiireellisyys"
	ExtraFaultClass Extra = "vikaluokka"
	ExtraContact    Extra = "yhteyshenkilo" // the contact person's name and phone
	ExtraParent     Extra = "paailmoitus"   // the number of the notice from which this one was chained
)

// Extras are all of them, in the order of their lines.
func Extras() []Extra { return []Extra{ExtraUrgency, ExtraFaultClass, ExtraContact, ExtraParent} }

// TaskOptions are one customer's settings for making tasks.
type TaskOptions struct {
	Tunniste         string    // the customer's Tunniste
	CustomerID       string    // the customer in Hillava: delivery and billing customer of every task
	TaskTypeID       string    // the task type with identifier TAMPUURI_TASK
	WorkloadHours    float64   // hours; 0 or less means 1
	StartFrom        StartFrom // "" = StartFromEarliest
	BillingReference string    // template, see ValidateReferenceTemplate; "" = DefaultReferenceTemplate
	Contacts         Contacts  // "" = ContactsDescription
	Extras           []Extra   // in any order; none by default
	ImportedAt       time.Time // the start date of a notice that has none
}

// Hillava's limits in characters, counted as runes (assumed, see api/hillava.yaml).
const (
	titleLimit       = 255
	descriptionLimit = 20_000 // description and additionalInfo
)

// defaultWorkload is in hours: Hillava cannot create a task without a workload estimate.
const defaultWorkload = 1

// BuildTask makes the Hillava task of a notice. property is the notice's kohde, nil when there is none or it is not known.
// Nothing of a person under turvakielto is in the task but what is also the work site's own name or address.
func BuildTask(n Notice, property *Property, o TaskOptions) Task {
	d := disclose(n, property)
	start, end, late := period(n, o)
	address := deliveryAddress(d, property)

	var remarks []line
	if late != "" {
		remarks = append(remarks, line{text: late})
	}
	if unreadable := unreadableDates(n); len(unreadable) > 0 {
		remarks = append(remarks, line{text: "Huom: Tampuurin päivämäärää ei voitu lukea (" + strings.Join(unreadable, ", ") + "). Katso se Tampuurista."})
	}
	if address == nil {
		remarks = append(remarks, line{text: "Huom: kohteen katuosoitetta ei saatu Tampuurista."})
	}
	description, additional := textLines(d, o)
	workload := o.WorkloadHours
	if !(workload > 0) { // also NaN
		workload = defaultWorkload
	}
	return Task{
		ExternalID:         ExternalID(o.Tunniste, n.ID, n.GUID),
		TaskTypeID:         o.TaskTypeID,
		Title:              taskTitle(n, d),
		Description:        joinLines(description, descriptionLimit),
		AdditionalInfo:     joinLines(append(additional, remarks...), descriptionLimit),
		Start:              start,
		End:                end,
		WorkloadHours:      workload,
		DeliveryCustomerID: o.CustomerID,
		BillingCustomerID:  o.CustomerID,
		DeliveryAddress:    address,
		BillingReference:   billingReference(n, d, o),
	}
}

// taskTitle is the space, else the property, else the notice's title; a notice with none of them has its number, as a
// task needs a title that people can find.
func taskTitle(n Notice, d disclosed) string {
	for _, title := range []string{d.texts["space"], d.texts["property"], d.texts["title"]} {
		if title != "" {
			return shorten(title, titleLimit)
		}
	}
	return "Tampuuri-ilmoitus " + strconv.FormatInt(n.ID, 10)
}

// textLines are the lines of Kuvaus and of Lisätieto, in the fixed order that office users know.
func textLines(d disclosed, o TaskOptions) (description, additional []line) {
	description = d.lines("title", "description", "space", "propertyId")
	additional = d.lines("additional", "access", "pets")
	for _, extra := range Extras() {
		if slices.Contains(o.Extras, extra) {
			additional = append(additional, d.lines(extraFields[extra])...)
		}
	}
	if slices.Contains(o.Extras, ExtraParent) {
		additional = append(additional, line{label: "Pääilmoitus:", text: d.texts["parent"]})
	}
	people := d.lines("orderer", "reporter")
	switch o.Contacts {
	case ContactsNone:
	case ContactsAdditionalInfo:
		additional = append(additional, people...)
	case ContactsDescription, "":
		description = append(description, people...)
	}
	return description, additional
}

// lines are the labelled lines of these fields, in the order of fieldLabels.
func (d disclosed) lines(fields ...string) (lines []line) {
	for _, f := range fieldLabels {
		if slices.Contains(fields, f.field) {
			lines = append(lines, line{label: f.label + ":", text: d.texts[f.field]})
		}
	}
	return lines
}

// number is an id for people, "" when there is none.
func number(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// period gives the task's dates. An end before the start becomes the start, and late says so for people.
func period(n Notice, o TaskOptions) (start, end Moment, late string) {
	imported := Moment{At: o.ImportedAt.In(Helsinki())}
	sources := []Moment{n.Earliest, n.Created, imported}
	if o.StartFrom == StartFromCreated {
		sources = []Moment{n.Created, n.Earliest, imported}
	}
	start, end = firstMoment(sources...), firstMoment(n.Latest, n.ReadyBy)
	if !end.IsZero() && end.Before(start) {
		late = "Huom: Tampuurin määräaika " + end.finnish() + " on ennen aloitusta, joten lopetuspäivänä on aloituspäivä."
		end = start
	}
	return start, end, late
}

// unreadableDates are the dates that the notice has but nobody could read, as Tampuuri calls them.
func unreadableDates(n Notice) (labels []string) {
	dates := n.dates()
	for _, f := range fieldLabels {
		if dates[f.field].Unreadable {
			labels = append(labels, f.label)
		}
	}
	return labels
}

func firstMoment(moments ...Moment) Moment {
	for _, m := range moments {
		if !m.IsZero() {
			return m
		}
	}
	return Moment{}
}

// deliveryAddress is the property's street address with the space on the second row. Without a street there is none: the
// space alone is no address, and stands in the title and in Kuvaus.
func deliveryAddress(d disclosed, property *Property) *Address {
	if property == nil || mask.SingleLine(property.Street) == "" {
		return nil
	}
	return &Address{
		Street: mask.SingleLine(property.Street), Street2: d.texts["space"],
		PostalCode: mask.SingleLine(property.PostalCode), City: mask.SingleLine(property.City),
	}
}

package main

import (
	"errors"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // Finnish time on machines without zone files

	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/tampuuri"
	"tampuuri-hillava/sandbox/web"
)

// checkNotice looks at what Tampuuri has in the end: Valmis, one toimenpide per time entry, two notifications.
func checkNotice(notice map[string]any, task hillava.TaskDump) error {
	var problems []error
	if notice["Tila"] != "Valmis" {
		problems = append(problems, fmt.Errorf("the notice should be Valmis, it is %v", notice["Tila"]))
	}
	steps, _ := notice["Toimenpiteet"].([]tampuuri.Toimenpide)
	if len(steps) != len(task.TimeEntries) {
		problems = append(problems, fmt.Errorf("the notice should have one toimenpide per time entry, it has %d for %d", len(steps), len(task.TimeEntries)))
	}
	for i := range min(len(steps), len(task.TimeEntries)) {
		step, entry := steps[i], task.TimeEntries[i]
		if step.Paivamaara != entry.Date || step.Resurssi != entry.Resource.Name || step.Yhteenveto != entry.CustomerSummary {
			problems = append(problems, fmt.Errorf("toimenpide %d differs from time entry %s in date, resource or summary", step.ID, entry.ID))
		}
	}
	var told []string
	notifications, _ := notice["Ilmoitukset"].([]tampuuri.Notification)
	for _, notification := range notifications {
		told = append(told, notification.Tila)
	}
	if strings.Join(told, " ") != "Tehty Valmis" {
		problems = append(problems, fmt.Errorf("participants should be notified of Tehty and Valmis once each, they were of %v", told))
	}
	return errors.Join(problems...)
}

// checkTask compares every mapped field with the example notice, each written out here by hand from the mapping table.
func checkTask(f *flow, property tampuuri.Property) error {
	var problems []error
	expect := func(field, got, want string) {
		if got != want {
			problems = append(problems, fmt.Errorf("the task's %s should be %q, it is %q", field, want, got))
		}
	}
	task, customer := f.task, f.HillavaCustomers[f.customer.Tunniste]
	expect("title (Otsikko)", task.Title, "A 12")
	for _, line := range []string{
		"Otsikko: Keittiön hana vuotaa", "Kuvaus: Hana tippuu jatkuvasti, myös suljettuna.", "Tila/huoneisto: A 12", "Kohde-id: 1207",
		"Tilaaja: Testi Tilaaja, +358 40 000 0001, tilaaja@example.com", "Ilmoittaja: Testi Ilmoittaja, +358 40 000 0002, ilmoittaja@example.com",
	} {
		expectLine(&problems, "description (Kuvaus)", task.Description, line)
	}
	for _, line := range []string{"Lisätiedot: Soita ennen tuloa.", "Sisäänpääsy: Saa mennä yleisavaimella", "Kotieläimet: Koira"} {
		expectLine(&problems, "additionalInfo (Lisätieto)", task.AdditionalInfo, line)
	}
	if task.TargetID != nil {
		problems = append(problems, errors.New("the task's targetId (Kohde) should never be set"))
	}
	expectMoment(&problems, "startDate (Aloituspvm)", task.StartDate, f.notice["SuoritusaikaAikaisintaan"])
	if task.EndDate == nil {
		problems = append(problems, errors.New("the task's endDate (Lopetuspvm) is missing"))
	} else {
		expectMoment(&problems, "endDate (Lopetuspvm)", *task.EndDate, f.notice["SuoritusaikaViimeistään"])
	}
	if task.WorkloadHours != 1 {
		problems = append(problems, fmt.Errorf("the task's workloadHours (Työmääräarvio) should be 1, it is %v", task.WorkloadHours))
	}
	expect("deliveryCustomerId (Toimitusasiakas)", task.DeliveryCustomerID, customer)
	expect("billingCustomerId (Laskutusasiakas)", task.BillingCustomerID, customer)
	address := hillava.Address{Street: property.Katuosoite, Street2: "A 12", PostalCode: property.Postinumero, City: property.Postitoimipaikka}
	if task.DeliveryAddress == nil || *task.DeliveryAddress != address {
		problems = append(problems, errors.New("the task's deliveryAddress (Toimitusosoite) should be the property's address with the space on its second row"))
	}
	expect("billingReference (Laskutusviite)", task.BillingReference, fmt.Sprintf("%d / Testi Tilaaja", f.id))
	expect("externalId (Ulkoinen tunniste)", task.ExternalID, web.ExternalID(f.customer.Tunniste, f.notice))
	expect("taskTypeId (Tehtävätyyppi)", task.TaskTypeID, hillava.DefaultTaskType().ID)
	return errors.Join(problems...)
}

func expectLine(problems *[]error, field, text, line string) {
	for _, got := range strings.Split(text, "\n") {
		if got == line {
			return
		}
	}
	*problems = append(*problems, fmt.Errorf("the task's %s should have the line %q", field, line))
}

// expectMoment wants the same instant, written with the Helsinki offset.
func expectMoment(problems *[]error, field, got string, source any) {
	want, err := time.Parse(time.RFC3339, fmt.Sprint(source))
	if err != nil {
		*problems = append(*problems, fmt.Errorf("the example's time for the task's %s: %w", field, err))
		return
	}
	zone, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		*problems = append(*problems, fmt.Errorf("load Finnish time: %w", err))
		return
	}
	if expected := want.In(zone).Format(time.RFC3339); got != expected {
		*problems = append(*problems, fmt.Errorf("the task's %s should be %s, it is %s", field, expected, got))
	}
}

package main

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // Finnish time on machines without zone files
)

// problems says everything that is not as it should be.
func (s snapshot) problems() []string {
	var found []string
	if n := len(s.Tampuuri.Notices); n != 1 {
		found = append(found, fmt.Sprintf("Tampuuri should have one notice, it has %d", n))
	}
	if n := len(s.Hillava.Tasks); n != 1 {
		found = append(found, fmt.Sprintf("Hillava should have one task, it has %d", n))
	}
	if n := len(s.Temporal.Workflows); n != 1 {
		found = append(found, fmt.Sprintf("Temporal should have one workflow, it has %d", n))
	}
	if len(found) > 0 {
		return found // nothing can be compared
	}
	n, t, w := s.Tampuuri.Notices[0], s.Hillava.Tasks[0], s.Temporal.Workflows[0]
	found = append(found, n.reported(t)...)
	found = append(found, n.mapped(t)...)
	found = append(found, n.followed(w)...)
	if s.Seconds <= 0 {
		found = append(found, "seconds should say how long it took")
	}
	return found
}

// differences collects what differs.
type differences []string

func (d *differences) expect(what string, got, want any) {
	if got != want {
		*d = append(*d, fmt.Sprintf("%s should be %q, it is %q", what, fmt.Sprint(want), fmt.Sprint(got)))
	}
}

// reported: Valmis, a toimenpide per time entry, and the participants notified of each state once.
func (n notice) reported(t task) []string {
	var d differences
	d.expect("Tila", n.State, "Valmis")
	var told []string
	for _, one := range n.Notified {
		told = append(told, one.State)
	}
	d.expect("what the participants were notified of", strings.Join(told, ", "), "Tehty, Valmis")
	if len(t.TimeEntries) == 0 {
		d = append(d, "the task should have a time entry, or no toimenpide is tried")
	}
	d.expect("the number of toimenpiteet", len(n.Toimenpiteet), len(t.TimeEntries))
	for i := range min(len(n.Toimenpiteet), len(t.TimeEntries)) {
		sent, entry := n.Toimenpiteet[i], t.TimeEntries[i]
		d.expect("Paivamaara", sent.Date, entry.Date)
		d.expect("Resurssi", sent.Resource, entry.Resource.Name)
		d.expect("Yhteenveto", sent.Summary, entry.Summary)
	}
	return d
}

// mapped: every row of the mapping table. The property's address is not in the JSON; it is that of the example data.
func (n notice) mapped(t task) []string {
	var d differences
	d.expect("title (Otsikko)", t.Title, n.Space)
	d.expect("description (Kuvaus)", t.Description, strings.Join([]string{
		"Otsikko: " + n.Title, "Kuvaus: " + n.Description, "Tila/huoneisto: " + n.Space, fmt.Sprint("Kohde-id: ", n.PropertyID),
		"Tilaaja: " + strings.Join([]string{n.Orderer, n.OrdererTel, n.OrdererMail}, ", "),
		"Ilmoittaja: " + strings.Join([]string{n.Reporter, n.ReporterTel, n.ReportMail}, ", "),
	}, "\n"))
	d.expect("additionalInfo (Lisätieto)", t.AdditionalInfo, strings.Join([]string{
		"Lisätiedot: " + n.Additional, "Sisäänpääsy: " + n.Access, "Kotieläimet: " + n.Pets,
	}, "\n"))
	d.expect("whether targetId (Kohde) is set", t.TargetID != nil, false)
	d.expect("startDate (Aloituspvm)", t.StartDate, inHelsinki(n.Earliest))
	d.expect("endDate (Lopetuspvm)", t.EndDate, inHelsinki(n.Latest))
	d.expect("workloadHours (Työmääräarvio)", t.WorkloadHours, 1.0)
	d.expect("billingCustomerId (Laskutusasiakas)", t.BillingCustomerID != "", true)
	d.expect("deliveryCustomerId (Toimitusasiakas)", t.DeliveryCustomerID, t.BillingCustomerID)
	for part, want := range map[string]string{"street": "Testipolku 4", "street2": n.Space, "postalCode": "00100", "city": "Helsinki"} {
		d.expect("deliveryAddress."+part+" (Toimitusosoite)", t.DeliveryAddress[part], want)
	}
	d.expect("billingReference (Laskutusviite)", t.BillingReference, fmt.Sprintf("%d / %s", n.ID, n.Orderer))
	d.expect("externalId (Ulkoinen tunniste)", t.ExternalID, strings.ToLower(n.GUID))
	d.expect("taskTypeId (Tehtävätyyppi)", t.TaskTypeID, "TT-1")
	return d
}

// followed: the workflow is over, as invoiced, and has cost no more than it may.
func (n notice) followed(w workflow) []string {
	var d differences
	d.expect("workflowId", w.WorkflowID, "notice-"+strings.ToLower(n.GUID))
	d.expect("status", w.Status, "Completed")
	d.expect("phase", w.Phase, "invoiced")
	if w.HistoryEvents < 1 || w.HistoryEvents > mostEvents {
		d = append(d, fmt.Sprintf("historyEvents should be 1 to %d, it is %d", mostEvents, w.HistoryEvents))
	}
	return d
}

// inHelsinki is the same instant with the Finnish offset; what is no time stays as it is, and then differs.
func inHelsinki(at string) string {
	zone, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		return at
	}
	instant, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return "a time, not " + at
	}
	return instant.In(zone).Format(time.RFC3339)
}

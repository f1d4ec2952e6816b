package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

// mappedLife is an example notice with the task that the mapping table makes of it, written out by hand.
func mappedLife(t *testing.T) (*flow, tampuuri.Property) {
	t.Helper()
	notice := stack.ExampleNotice()
	notice["Guid"] = "6F9619FF-8B86-D011-B42D-00CF4FC964FF"
	notice["SuoritusaikaAikaisintaan"], notice["SuoritusaikaViimeistään"] = "2026-02-03T06:00:00Z", "2026-07-05T12:30:00Z"
	end := "2026-07-05T15:30:00+03:00"
	property := tampuuri.Property{ID: 1207, Katuosoite: "Testipolku 4", Postinumero: "00100", Postitoimipaikka: "Helsinki"}
	return &flow{
		Stack:    &stack.Stack{HillavaCustomers: map[string]string{"esimerkki": "C-1"}},
		customer: stack.Customer{Tunniste: "esimerkki"}, notice: notice, id: 50001,
		task: hillava.TaskDump{Task: hillava.Task{
			Title: "A 12",
			Description: "Otsikko: Keittiön hana vuotaa\nKuvaus: Hana tippuu jatkuvasti, myös suljettuna.\nTila/huoneisto: A 12\nKohde-id: 1207\n" +
				"Tilaaja: Testi Tilaaja, +358 40 000 0001, tilaaja@example.com\nIlmoittaja: Testi Ilmoittaja, +358 40 000 0002, ilmoittaja@example.com",
			AdditionalInfo: "Lisätiedot: Soita ennen tuloa.\nSisäänpääsy: Saa mennä yleisavaimella\nKotieläimet: Koira",
			StartDate:      "2026-02-03T08:00:00+02:00", EndDate: &end, WorkloadHours: 1,
			DeliveryCustomerID: "C-1", BillingCustomerID: "C-1",
			DeliveryAddress:  &hillava.Address{Street: "Testipolku 4", Street2: "A 12", PostalCode: "00100", City: "Helsinki"},
			BillingReference: "50001 / Testi Tilaaja", ExternalID: "6f9619ff-8b86-d011-b42d-00cf4fc964ff", TaskTypeID: hillava.DefaultTaskType().ID,
		}},
	}, property
}

func TestATaskThatIsAsItShouldBePassesTheCheck(t *testing.T) {
	f, property := mappedLife(t)
	require.NoError(t, checkTask(f, property))
}

func TestEveryMappedFieldIsChecked(t *testing.T) {
	text := func(s string) *string { return &s }
	without := func(line string) func(*hillava.TaskDump) {
		return func(task *hillava.TaskDump) {
			task.Description, task.AdditionalInfo = cut(task.Description, line), cut(task.AdditionalInfo, line)
		}
	}
	cases := []struct {
		name  string
		spoil func(*hillava.TaskDump)
		names string // what the finding says
	}{
		{"the notice's state as the title", func(task *hillava.TaskDump) { task.Title = "Uusi" }, "title (Otsikko)"},
		{"no title line", without("Otsikko: "), `the line "Otsikko: `},
		{"no description line", without("Kuvaus: "), `the line "Kuvaus: `},
		{"no space line", without("Tila/huoneisto: "), `the line "Tila/huoneisto: `},
		{"no property line", without("Kohde-id: "), `the line "Kohde-id: `},
		{"no orderer line", without("Tilaaja: "), `the line "Tilaaja: `},
		{"no reporter line", without("Ilmoittaja: "), `the line "Ilmoittaja: `},
		{"no additional line", without("Lisätiedot: "), `the line "Lisätiedot: `},
		{"no access line", without("Sisäänpääsy: "), `the line "Sisäänpääsy: `},
		{"no pets line", without("Kotieläimet: "), `the line "Kotieläimet: `},
		{"a target", func(task *hillava.TaskDump) { task.TargetID = text("K-1") }, "targetId (Kohde)"},
		{"another start", func(task *hillava.TaskDump) { task.StartDate = "2026-02-03T09:00:00+02:00" }, "startDate (Aloituspvm)"},
		{"the start in another zone", func(task *hillava.TaskDump) { task.StartDate = "2026-02-03T06:00:00Z" }, "startDate (Aloituspvm)"},
		{"no end", func(task *hillava.TaskDump) { task.EndDate = nil }, "endDate (Lopetuspvm) is missing"},
		{"another end", func(task *hillava.TaskDump) { task.EndDate = text("2026-07-06") }, "endDate (Lopetuspvm)"},
		{"another workload", func(task *hillava.TaskDump) { task.WorkloadHours = 1.5 }, "workloadHours (Työmääräarvio)"},
		{"delivered to the orderer", func(task *hillava.TaskDump) { task.DeliveryCustomerID = "C-2" }, "deliveryCustomerId (Toimitusasiakas)"},
		{"billed to the payer", func(task *hillava.TaskDump) { task.BillingCustomerID = "C-2" }, "billingCustomerId (Laskutusasiakas)"},
		{"no address", func(task *hillava.TaskDump) { task.DeliveryAddress = nil }, "deliveryAddress (Toimitusosoite)"},
		{"no space in the address", func(task *hillava.TaskDump) { task.DeliveryAddress.Street2 = "" }, "deliveryAddress (Toimitusosoite)"},
		{"another reference", func(task *hillava.TaskDump) { task.BillingReference = "50001" }, "billingReference (Laskutusviite)"},
		{"another external id", func(task *hillava.TaskDump) { task.ExternalID = "6F9619FF-8B86-D011-B42D-00CF4FC964FF" }, "externalId (Ulkoinen tunniste)"},
		{"another task type", func(task *hillava.TaskDump) { task.TaskTypeID = "TT-2" }, "taskTypeId (Tehtävätyyppi)"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f, property := mappedLife(t)
			c.spoil(&f.task)
			require.ErrorContains(t, checkTask(f, property), c.names)
		})
	}
}

func TestAnExampleWithoutAReadableTimeIsSaidToBeWrong(t *testing.T) {
	f, property := mappedLife(t)
	f.notice["SuoritusaikaAikaisintaan"] = time.Now()
	require.ErrorContains(t, checkTask(f, property), "the example's time")
}

// cut removes the line that begins so.
func cut(text, beginning string) string {
	var kept []string
	for line := range strings.SplitSeq(text, "\n") {
		if !strings.HasPrefix(line, beginning) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

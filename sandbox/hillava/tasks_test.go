package hillava_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/ledger"
)

func TestATaskIsMadeWithEveryFieldAndRecorded(t *testing.T) {
	b := newBench(t)
	before := len(b.ledger.Entries())
	answer := b.ask("POST", "tasks", newTask(nil), withKey("create-"+external))
	require.Equal(t, 201, answer.status, answer.text)
	var made hillava.Task
	answer.into(t, &made)
	require.Equal(t, b.read(made.ID), made)
	end := "2026-02-05"
	want := hillava.Task{
		ID: made.ID, ExternalID: external, TaskTypeID: "TT-1", Title: "Liiketila 3", Description: "Otsikko: Oven lukko jumissa",
		AdditionalInfo: "Sisäänpääsy: Sovitaan erikseen", StartDate: "2026-02-05", EndDate: &end, WorkloadHours: 1,
		DeliveryCustomerID: "C-1", BillingCustomerID: "C-1", BillingReference: "101 / Mallikatu Vuokraus Oy",
		DeliveryAddress: &hillava.Address{Street: "Mallikatu 1", Street2: "Liiketila 3", PostalCode: "33100", City: "Tampere"},
		State:           "Avoin", ModifiedAt: made.ModifiedAt, Events: []hillava.Event{},
	}
	require.Equal(t, want, made)
	entries := b.ledger.Entries()[before:]
	require.Len(t, entries, 1)
	require.Equal(t, []any{ledger.Hillava, "esimerkki", ledger.TaskCreated, made.ID},
		[]any{entries[0].System, entries[0].Customer, entries[0].Kind, entries[0].Key})
	require.Equal(t, map[string]any{
		"taskId": made.ID, "externalId": external, "taskTypeId": "TT-1", "billingCustomerId": "C-1", "deliveryCustomerId": "C-1",
		"billingReference": "101 / Mallikatu Vuokraus Oy", "idempotencyKey": "create-" + external, "via": "api",
	}, entries[0].Detail)
}

func TestATaskIsMadeForACustomerWhateverItsIDIs(t *testing.T) {
	b := newBench(t)
	const id = "ä C:2/1"
	_, err := b.server.AddCustomer(hillava.Customer{ID: id, Name: "Toinen", ExternalID: "toinen"})
	require.NoError(t, err)
	answer := b.ask("POST", "tasks", newTask(map[string]any{"deliveryCustomerId": id, "billingCustomerId": id}), withKey("create-"+external))
	require.Equal(t, 201, answer.status, answer.text)
	var made hillava.Task
	answer.into(t, &made)
	require.Equal(t, id, made.BillingCustomerID)
}

func TestTheSameKeyGivesTheFirstAnswerWhateverTheBody(t *testing.T) {
	b := newBench(t)
	first := b.ask("POST", "tasks", newTask(nil), withKey("create-"+external))
	task := b.server.Tasks()[0].ID
	require.NoError(t, b.server.Transition(task, "Työ valmis"))
	for _, body := range []string{newTask(nil), newTask(map[string]any{"externalId": "other", "title": "Muu"})} {
		require.Equal(t, first, b.ask("POST", "tasks", body, withKey("create-"+external)), "as it was answered then")
	}
	b.http.Config.Handler = b.server
	require.Equal(t, first, b.ask("POST", "tasks", `no JSON`, withKey("create-"+external)))
	require.Len(t, b.server.Tasks(), 1)

	note := b.ask("POST", "tasks/"+task+"/notes", `{"text":"Muutos"}`, withKey("n-1"))
	require.Equal(t, 201, note.status)
	require.Equal(t, note, b.ask("POST", "tasks/"+task+"/notes", `{"text":"Toinen"}`, withKey("n-1")))
	require.Equal(t, 201, b.ask("POST", "tasks/"+task+"/notes", `{"text":"Toinen"}`, withKey("n-2")).status)
	require.Len(t, b.server.Tasks()[0].Notes, 2)

	other := b.create("other")
	require.Equal(t, 201, b.ask("POST", "tasks/"+other+"/notes", `{"text":"Muutos"}`, withKey("n-1")).status)
	require.Len(t, b.server.Tasks()[1].Notes, 1, "a key belongs to one task's notes")
}

func TestAnExternalIDInUseIs409WithTheTaskThatHasIt(t *testing.T) {
	b := newBench(t)
	task := b.create(external)
	answer := b.ask("POST", "tasks", newTask(nil), withKey("create-again"))
	require.Equal(t, 409, answer.status)
	var r refusal
	answer.into(t, &r)
	require.Equal(t, task, r.ExistingID)
	require.Len(t, b.server.Tasks(), 1)
	require.NoError(t, b.server.DeleteTask(task))
	require.Equal(t, 404, b.ask("GET", "tasks/"+task, "").status)
	require.Equal(t, 201, b.ask("POST", "tasks", newTask(nil), withKey("create-again")).status, "free again, and a refusal is not kept")
}

func TestOneKeyAtOnceFromManyMakesOneTask(t *testing.T) {
	b := newBench(t)
	var askers sync.WaitGroup
	for range 8 {
		askers.Go(func() {
			request, err := http.NewRequest("POST", b.http.URL+"/api/v1/tasks", strings.NewReader(newTask(nil)))
			if err != nil {
				t.Error(err)
				return
			}
			request.Header = http.Header{
				"Authorization": {"Bearer " + token}, "Content-Type": {"application/json"}, "Idempotency-Key": {"create-" + external},
			}
			answer, err := http.DefaultClient.Do(request)
			if err != nil || answer.StatusCode != 201 {
				t.Errorf("create: %v, %v", answer, err)
				return
			}
			_ = answer.Body.Close()
		})
	}
	askers.Wait()
	require.Len(t, b.server.Tasks(), 1)
}

func TestTheSetUpIsReadAsItIs(t *testing.T) {
	b := newBench(t)
	_, err := b.server.AddCustomer(hillava.Customer{Name: "Tavallinen Oy", CustomerType: "COMPANY"})
	require.NoError(t, err)
	third, err := b.server.AddCustomer(hillava.Customer{Name: "Kolmas Oy", ExternalID: "toinen"})
	require.NoError(t, err, "nothing prevents a doubled Tunniste")

	answer := b.ask("GET", "customers?customerType=TAMPUURI_CUSTOMERS", "")
	require.JSONEq(t, `{"total":3,"items":[
		{"id":"C-1","name":"Esimerkki Isännöinti Oy","externalId":"esimerkki","integrationsActive":true},
		{"id":"C-2","name":"Toinen Isännöinti Oy","externalId":"toinen","integrationsActive":true},
		{"id":"`+third+`","name":"Kolmas Oy","externalId":"toinen","integrationsActive":false}]}`, answer.text)
	ids, total := b.list("customers?customerType=TAMPUURI_CUSTOMERS&offset=1&limit=1")
	require.Equal(t, []string{"C-2"}, ids)
	require.Equal(t, 3, total)

	require.NoError(t, b.server.EditCustomer(hillava.Customer{ID: third, Name: "Kolmas Oyj", ExternalID: "toinen"}))
	require.Error(t, b.server.EditCustomer(hillava.Customer{ID: third, Name: "Kolmas Oyj", ExternalID: "kolmas"}), "Tunniste is set at creation only")
	require.Error(t, b.server.EditCustomer(hillava.Customer{ID: "C-9"}))
	require.NoError(t, b.server.RemoveCustomer(third))
	require.Error(t, b.server.RemoveCustomer(third))
	require.Equal(t, ledger.CustomerRemoved, b.ledger.Entries()[len(b.ledger.Entries())-1].Kind)

	require.JSONEq(t, `{"total":1,"items":[{"id":"TT-1","name":"Tampuuri-tehtävä","identifier":"TAMPUURI_TASK",
		"targetRequired":false,"additionalInfoVisible":true,"processId":"P-1"}]}`, b.ask("GET", "task-types?identifier=TAMPUURI_TASK", "").text)
	require.JSONEq(t, `{"total":0,"items":[]}`, b.ask("GET", "task-types?identifier=OTHER", "").text)
	want, err := json.Marshal(hillava.DefaultProcess())
	require.NoError(t, err)
	require.JSONEq(t, string(want), b.ask("GET", "processes/P-1", "").text)
}

func TestChangedTasksAreListedByModifiedAtAndStartInclusively(t *testing.T) {
	b := newBench(t)
	first, second, third := b.create("a"), b.create("b"), b.create("c")
	const all = "tasks?taskType=TAMPUURI_TASK"
	ids, _ := b.list(all)
	require.Equal(t, []string{first, second, third}, ids)
	since := func(id string) string {
		return all + "&modifiedSince=" + url.QueryEscape(b.read(id).ModifiedAt.Format(time.RFC3339Nano))
	}
	ids, total := b.list(since(second))
	require.Equal(t, []string{second, third}, ids)
	require.Equal(t, 2, total)

	entry := hillava.TimeEntry{Date: "2026-02-05", Resource: hillava.Resource{ID: "R-1", Name: "Testi Huoltaja"}, Hours: 1}
	changes := map[string]func() error{
		"a note": func() error {
			if got := b.ask("POST", "tasks/"+first+"/notes", `{"text":"a"}`, withKey("k")); got.status != 201 {
				return fmt.Errorf("status %d", got.status)
			}
			return nil
		},
		"a transition": func() error { return b.server.Transition(first, "Työ valmis") },
		"a time entry": func() error { _, err := b.server.AddTimeEntry(first, entry); return err },
		"an edit":      func() error { return b.server.EditTask(first, map[string]any{"description": "Muuta"}) },
	}
	for name, change := range changes {
		require.NoError(t, b.server.EditTask(second, map[string]any{"title": name}))
		require.NoError(t, change(), name)
		ids, _ = b.list(all)
		require.Equal(t, []string{third, second, first}, ids, name)
	}
	ids, total = b.list(all + "&offset=1&limit=1")
	require.Equal(t, []string{second}, ids)
	require.Equal(t, 3, total)
	ids, _ = b.list("tasks?externalId=b")
	require.Equal(t, []string{second}, ids)
	ids, _ = b.list("tasks?externalId=B")
	require.Empty(t, ids, "exact")
}

func TestTimeEntriesAreAddedChangedApprovedAndRemoved(t *testing.T) {
	b := newBench(t)
	task := b.create(external)
	before := len(b.ledger.Entries())
	entry := hillava.TimeEntry{
		Date: "2026-02-05", Resource: hillava.Resource{ID: "R-1", Name: "Testi Huoltaja"}, CustomerSummary: "Hana vaihdettu", Hours: 1.5,
	}
	id, err := b.server.AddTimeEntry(task, entry)
	require.NoError(t, err)
	other, err := b.server.AddTimeEntry(task, entry)
	require.NoError(t, err)
	entry.ID, entry.CustomerSummary = id, "Hana ja tiiviste vaihdettu"
	require.NoError(t, b.server.EditTimeEntry(task, entry))
	require.NoError(t, b.server.ApproveTimeEntry(task, id))
	require.NoError(t, b.server.RemoveTimeEntry(task, other))

	modified := b.read(task).ModifiedAt
	held := b.server.Tasks()[0].TimeEntries[0]
	require.True(t, held.ModifiedAt.Before(modified), "the removal came last")
	require.JSONEq(t, `{"total":1,"items":[{"id":"`+id+`","date":"2026-02-05","resource":{"id":"R-1","name":"Testi Huoltaja"},
		"customerSummary":"Hana ja tiiviste vaihdettu","hours":1.5,"approved":true,"modifiedAt":"`+held.ModifiedAt.Format(time.RFC3339Nano)+`"}]}`,
		b.ask("GET", "tasks/"+task+"/time-entries", "").text)
	require.Equal(t, []string{
		ledger.TimeEntryAdded, ledger.TimeEntryAdded, ledger.TimeEntryChanged, ledger.TimeEntryApproved, ledger.TimeEntryRemoved,
	}, b.kinds(before))
	require.Equal(t, map[string]any{
		"taskId": task, "externalId": external, "entryId": id, "date": "2026-02-05", "resourceId": "R-1", "resource": "Testi Huoltaja",
		"summary": "Hana ja tiiviste vaihdettu", "hours": 1.5, "approved": true,
	}, b.ledger.Entries()[before+3].Detail)

	for name, err := range map[string]error{
		"an unknown task":  b.server.RemoveTimeEntry("T-9", id),
		"an unknown entry": b.server.ApproveTimeEntry(task, other),
		"a bad date":       b.server.EditTimeEntry(task, hillava.TimeEntry{ID: id, Date: "5.2.2026"}),
	} {
		require.Error(t, err, name)
	}
}

func TestTheOfficeEditsAndMakesTasks(t *testing.T) {
	b := newBench(t)
	task := b.create(external)
	require.NoError(t, b.server.EditTask(task, map[string]any{"description": "Toimiston teksti", "workloadHours": 2.5, "endDate": "2026-02-06"}))
	edited := b.read(task)
	require.Equal(t, "Toimiston teksti", edited.Description)
	require.Equal(t, 2.5, edited.WorkloadHours)
	require.Error(t, b.server.EditTask(task, map[string]any{"externalId": "x"}))
	require.Error(t, b.server.EditTask(task, map[string]any{"title": strings.Repeat("x", 256)}))
	require.Error(t, b.server.EditTask("T-9", nil))

	own, err := b.server.AddTask(hillava.Task{TaskTypeID: "TT-1", Title: "Toimiston oma", BillingCustomerID: "C-2"})
	require.NoError(t, err)
	ids, _ := b.list("tasks?taskType=TAMPUURI_TASK")
	require.Equal(t, []string{task, own}, ids)
	require.Empty(t, b.read(own).ExternalID)
	_, err = b.server.AddTask(hillava.Task{TaskTypeID: "TT-9"})
	require.Error(t, err)
	_, err = b.server.AddTask(hillava.Task{TaskTypeID: "TT-1", ExternalID: external})
	require.Error(t, err)
}

func TestFaultsAndTheAccessLogKnowCustomerAndTask(t *testing.T) {
	b := newBench(t)
	b.http.Config.Handler = b.server // a fault's answers are outside the contract on purpose
	b.faults.Add(fault.Fault{System: "hillava", Op: "create-task", Customer: "esimerkki", Key: external, Kind: fault.ApplyThen500})
	require.Equal(t, 500, b.ask("POST", "tasks", newTask(nil), withKey("create-"+external)).status)
	require.Len(t, b.server.Tasks(), 1, "it was applied")
	task := b.server.Tasks()[0].ID
	for _, op := range []string{"find-task", "changed-tasks", "read-task", "note", "time-entries", "customers", "task-types", "process"} {
		b.faults.Add(fault.Fault{Op: op, Kind: fault.Status429, RetryAfter: "7"})
	}
	for _, call := range [][2]string{
		{"GET", "tasks?externalId=" + external}, {"GET", "tasks?taskType=TAMPUURI_TASK"}, {"GET", "tasks/" + task},
		{"POST", "tasks/" + task + "/notes"}, {"GET", "tasks/" + task + "/time-entries"},
		{"GET", "customers?customerType=TAMPUURI_CUSTOMERS"}, {"GET", "task-types?identifier=TAMPUURI_TASK"}, {"GET", "processes/P-1"},
	} {
		answer := b.ask(call[0], call[1], "")
		require.Equal(t, 429, answer.status, call)
		require.JSONEq(t, `{"error":"Too Many Requests"}`, answer.text)
	}
	for _, status := range b.faults.List() {
		require.Equal(t, 1, status.Fired, status.Fault.Op)
	}
	log := b.server.AccessLog()
	for _, row := range log[:2] {
		require.Equal(t, []string{"esimerkki", external}, []string{row.Customer, row.Key}, row.Op)
	}
	require.Equal(t, []string{"esimerkki", task}, []string{log[3].Customer, log[3].Key})
	text, err := json.Marshal(log)
	require.NoError(t, err)
	require.NotContains(t, string(text), token)
	require.Contains(t, string(text), "create-"+external)
	require.Equal(t, 1, b.server.Requests()["create-task"])
}

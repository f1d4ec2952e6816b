package hillava

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
)

func TestOnlyTheTasksAskedFor(t *testing.T) {
	other := strings.ReplaceAll(oneTask, externalID, "another")
	got, err := plainServer(t, `{"items":[`+other+`,`+oneTask+`],"total":2}`).FindTasks(ctx, externalID)
	require.NoError(t, err)
	require.Equal(t, []Task{theTask}, got, "a list that was not filtered is filtered here")

	_, err = plainServer(t, `{"items":[`+other+`],"total":500}`).FindTasks(ctx, externalID)
	require.Equal(t, peer.KindMalformed, kindOf(t, err), "the task may be among those not shown")

	got, err = plainServer(t, `{"items":[{"externalId":"another","id":5,"events":5},{"externalId":null},`+oneTask+`],"total":3.0}`).FindTasks(ctx, externalID)
	require.NoError(t, err, "of other tasks nothing else is read")
	require.Equal(t, []Task{theTask}, got)

	_, err = plainServer(t, `{"items":[{"externalId":{}},`+oneTask+`],"total":2}`).FindTasks(ctx, externalID)
	require.Equal(t, peer.KindMalformed, kindOf(t, err), "it may be the one")
}

func TestOfOtherTaskTypesNothingElseIsRead(t *testing.T) {
	ours := `{"id":"tt-1","identifier":"TAMPUURI_TASK","targetRequired":false,"processId":"p-1"`
	found, err := plainServer(t, `{"items":[{"identifier":"MUU","targetRequired":"ei"},{"id":5},`+ours+`,"additionalInfoVisible":"kyllä"}],"total":3e0}`).TaskTypes(ctx)
	require.NoError(t, err)
	require.Equal(t, []TaskType{{ID: "tt-1", ProcessID: "p-1"}}, found)

	_, err = plainServer(t, `{"items":[`+strings.Replace(ours, "false", "null", 1)+`}],"total":1}`).TaskTypes(ctx)
	require.Equal(t, peer.KindMalformed, kindOf(t, err), "one that requires a target refuses every task of ours")
}

func TestACustomerWithoutANameOrTunnisteHidesNoOther(t *testing.T) {
	found, err := plainServer(t, `{"items":[{"id":"c-1","name":{},"externalId":true,"integrationsActive":"yes"},{"id":"c-2","name":"N","externalId":4711,"integrationsActive":true}],"total":"2"}`).Customers(ctx)
	require.NoError(t, err)
	require.Equal(t, []Customer{{ID: "c-1"}, {ID: "c-2", Name: "N", ExternalID: "4711", IntegrationsActive: true}}, found)
}

// TestACustomersIDIsAnyText: it enters no path, so that nothing but the contract's "ids are strings" is asked of it.
func TestACustomersIDIsAnyText(t *testing.T) {
	for _, id := range []string{"C:2/1", "ä 1", "../c", "..", "c?x=1&y#z", `{"c":1}`, strings.Repeat("ä", 255)} {
		row, err := json.Marshal(map[string]any{"id": id, "name": "N", "externalId": "e", "integrationsActive": true})
		require.NoError(t, err)
		c, _ := contractServer(t, 200, `{"items":[`+string(row)+`],"total":1}`)
		found, err := c.Customers(ctx)
		require.NoError(t, err)
		require.Equal(t, []Customer{{ID: id, Name: "N", ExternalID: "e", IntegrationsActive: true}}, found)

		quoted, err := json.Marshal(id)
		require.NoError(t, err)
		task := newTask(t)
		task.DeliveryCustomerID, task.BillingCustomerID = id, id
		c, _ = contractServer(t, 201, strings.ReplaceAll(oneTask, `"c-1"`, string(quoted)))
		made, err := c.CreateTask(ctx, "create-"+externalID, task)
		require.NoError(t, err)
		require.Equal(t, id, made.BillingCustomerID, "it is compared with the customer's")
	}
}

func TestABadTaskDoesNotHideTheOthersAndIsNamed(t *testing.T) {
	at := func(s string) time.Time {
		parsed, err := time.Parse(time.RFC3339, s)
		require.NoError(t, err)
		return parsed
	}
	page, err := plainServer(t, `{"items":[{"id":5,"modifiedAt":"2026-02-03t08:00:00z"},`+oneTask+`,null,"x",`+
		strings.Replace(oneTask, `"events":[`, `"events":"[",":":[`, 1)+`,{"id":"t-3","modifiedAt":"eilen"},{"id":"../t","modifiedAt":null}],"total":90}`).ChangedTasks(ctx, time.Now(), 0, 100)
	require.NoError(t, err)
	require.Equal(t, TaskPage{Items: []Task{theTask}, Total: 90, Unreadable: []peer.Unreadable[string]{
		{Modified: at("2026-02-03T08:00:00Z")}, {}, {}, {ID: "t-1", Modified: at("2026-02-03T08:00:00.5Z")}, {ID: "t-3"}, {},
	}}, page)
}

func TestATotalThatTheRowsContradictIsNone(t *testing.T) {
	for said, want := range map[string]int{
		`2`: 2, `2.0`: 2, `20e-1`: 2, `"2"`: 2, `1`: 1, `0`: peer.NoTotal, `-1`: peer.NoTotal, `1.5`: peer.NoTotal,
		`"monta"`: peer.NoTotal, `null`: peer.NoTotal, `99999999999999999999`: peer.NoTotal,
	} {
		page, err := plainServer(t, `{"items":[`+oneTask+`],"total":`+said+`}`).ChangedTasks(ctx, time.Now(), 0, 100)
		require.NoError(t, err, said)
		require.Len(t, page.Items, 1)
		require.Equal(t, want, page.Total, said)
	}
	page, err := plainServer(t, `{"items":[`+oneTask+`]}`).ChangedTasks(ctx, time.Now(), 0, 100)
	require.NoError(t, err)
	require.Equal(t, peer.NoTotal, page.Total)
}

func TestATaskMustBeReadable(t *testing.T) {
	event := `{"id":"msg_1","type":"task.done","occurredAt":"2026-02-03T07:59:00Z"}`
	tests := map[string]bool{
		oneTask: true,
		strings.Replace(oneTask, `"events":[`, `"events":null,"x":[`, 1):                             true,
		strings.Replace(oneTask, "2026-02-03T08:00:00.5Z", "", 1):                                    true, // the time is for lists
		strings.Replace(oneTask, `"state":"Uusi"`, `"state":{}`, 1):                                  true,
		strings.Replace(oneTask, `"taskTypeId":"tt-1"`, `"taskTypeId":5`, 1):                         true, // nobody reads it
		strings.Replace(oneTask, "2026-02-03T07:59:00Z", "2026-02-03t07:59:00z", 1):                  true,
		strings.Replace(oneTask, event, `{"type":"task.reopened"},`+event, 1):                        true, // of another type nothing else is read
		strings.Replace(oneTask, event, `{"type":"task.reopened","id":5,"occurredAt":{}},`+event, 1): true,
		strings.Replace(oneTask, `"events":[`, `"events":"none","x":[`, 1):                           false,
		strings.Replace(oneTask, `"id":"t-1"`, `"id":"t-2"`, 1):                                      false,
		strings.Replace(oneTask, `"id":"t-1"`, `"id":1`, 1):                                          false,
	}
	for raw, ok := range tests {
		task, err := plainServer(t, raw).Task(ctx, "t-1")
		require.Equal(t, ok, err == nil, raw)
		if ok && strings.Contains(raw, `"events":[`) {
			require.Equal(t, theTask.Events, task.Events, raw)
			require.False(t, task.OddEvents, raw)
		}
	}
}

func TestAnOddEventHidesNoOtherOfItsTask(t *testing.T) {
	for _, odd := range []string{
		`{"id":"","type":"task.done","occurredAt":"2026-02-03T07:59:00Z"}`,
		`{"id":"a b","type":"task.invoiced","occurredAt":"2026-02-03T07:59:00Z"}`,
		`{"id":"msg_2","type":"task.done","occurredAt":"2026-02-03"}`,
		`{"id":"msg_2","type":"","occurredAt":"2026-02-03T07:59:00Z"}`,
		`{"type":["task.done"]}`, // it may be ours
		`{}`, `null`, `"x"`,
	} {
		raw := strings.Replace(oneTask, `"events":[`, `"events":[`+odd+`,`, 1)
		task, err := plainServer(t, raw).Task(ctx, "t-1")
		require.NoError(t, err, odd)
		require.Equal(t, theTask.Events, task.Events, odd)
		require.True(t, task.OddEvents, odd)
		_, err = task.AllEvents()
		require.Equal(t, peer.KindMalformed, kindOf(t, err), odd)

		page, err := plainServer(t, `{"items":[`+raw+`],"total":1}`).ChangedTasks(ctx, time.Now(), 0, 100)
		require.NoError(t, err, odd)
		require.Equal(t, []Task{task}, page.Items, odd)
		found, err := plainServer(t, `{"items":[`+raw+`],"total":1}`).FindTasks(ctx, externalID)
		require.NoError(t, err, odd)
		require.Equal(t, []Task{task}, found, odd)
	}
	all, err := theTask.AllEvents()
	require.NoError(t, err)
	require.Equal(t, theTask.Events, all)
}

func TestNoTimeEntryIsLost(t *testing.T) {
	row := func(id, date, more string) string { return fmt.Sprintf(`{"id":%q,"date":%q%s}`, id, date, more) }
	read := func(answer string) ([]notice.TimeEntry, error) { return plainServer(t, answer).TimeEntries(ctx, "t-1") }

	got, err := read(`{"items":[` + row("e 1", "x", "") + `],"total":1}`)
	require.Equal(t, peer.KindMalformed, kindOf(t, err))
	require.Empty(t, got)
	bad := map[string]string{
		"fewer than the total": `{"items":[` + row("e-1", "2026-02-05", "") + `],"total":2}`,
		"more than the total":  `{"items":[` + row("e-1", "2026-02-05", "") + `],"total":0}`,
		"no total":             `{"items":[]}`,
		"no items":             `{"total":0}`,
		"items null":           `{"items":null,"total":1}`,
		"items missing":        `{"total":0}`,
		"one twice":            `{"items":[` + row("e-1", "2026-02-05", "") + "," + row("e-1", "2026-02-05", "") + `],"total":2}`,
		"no id":                `{"items":[` + row("", "2026-02-05", "") + `],"total":1}`,
		"no date":              `{"items":[` + row("e-1", "", "") + `],"total":1}`,
		"the year 1":           `{"items":[` + row("e-1", "0001-01-01", "") + `],"total":1}`,
		"the year 1900":        `{"items":[` + row("e-1", "1900-01-01T00:00:00", "") + `],"total":1}`,
		"a date in words":      `{"items":[` + row("e-1", "tänään", "") + `],"total":1}`,
		"a summary as a list":  `{"items":[` + row("e-1", "2026-02-05", `,"customerSummary":["a"]`) + `],"total":1}`,
		"a resource as a text": `{"items":[` + row("e-1", "2026-02-05", `,"resource":"Testi"`) + `],"total":1}`,
		"null for one":         `{"items":[null],"total":1}`,
	}
	for name, answer := range bad {
		_, err := read(answer)
		require.Equal(t, peer.KindMalformed, kindOf(t, err), name)
	}
	got, err = read(`{"items":[` + row("e-1", "2026-02-04T22:30:00Z", "") + "," + row("e-2", "2026-02-05T00:00:00", "") + `],"total":2}`)
	require.NoError(t, err)
	require.Equal(t, "2026-02-05", got[0].Date, "a time is the day that it is in Finland")
	require.Equal(t, "2026-02-05", got[1].Date)
	require.False(t, got[0].Approved, "approved must be said")
}

// Hours, the time of change and the resource's id reach nobody, so nothing that is in them may stop an entry.
func TestATimeEntryIsReadWhateverStandsWhereNobodyReads(t *testing.T) {
	want := []notice.TimeEntry{{ID: "e-1", Date: "2026-02-05", Resource: "Testi Huoltaja", Summary: "Vaihdettu"}}
	for _, odd := range []string{
		``, `,"hours":"1,5"`, `,"hours":null`, `,"hours":{}`, `,"hours":1e999`, `,"hours":-1`, `,"modifiedAt":"eilen"`, `,"modifiedAt":5`, `,"approved":"ei"`, `,"approved":null`,
	} {
		entries, err := plainServer(t, `{"items":[{"id":"e-1","date":"5.2.2026","resource":{"id":9,"name":"Testi Huoltaja"},"customerSummary":"Vaihdettu"`+odd+`}],"total":1.0}`).TimeEntries(ctx, "t-1")
		require.NoError(t, err, odd)
		require.Equal(t, want, entries, odd)
	}
	entries, err := plainServer(t, `{"items":[{"id":"e-1","date":"2026-02-05","resource":null,"customerSummary":5}],"total":1}`).TimeEntries(ctx, "t-1")
	require.NoError(t, err)
	require.Equal(t, []notice.TimeEntry{{ID: "e-1", Date: "2026-02-05", Summary: "5"}}, entries)
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(oneTask))
	f.Add([]byte(oneList))
	f.Add([]byte(`{"items":[{"id":"e-1","date":"2026-02-05","resource":{"name":"R"}}],"total":1}`))
	f.Add([]byte(customerList(0, 2, 2)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if task, err := decodeTask(raw); err == nil {
			require.True(t, isID(task.ID))
			require.False(t, task.ID == "..")
		}
		if entries, err := decodeTimeEntries(raw); err == nil {
			for _, entry := range entries {
				_, err := time.Parse(time.DateOnly, entry.Date)
				require.NoError(t, err)
			}
		}
		if page, err := decodeTaskPage(raw, 0); err == nil {
			require.GreaterOrEqual(t, page.Total, len(page.Items)+len(page.Unreadable))
			for _, row := range page.Unreadable {
				require.True(t, row.ID == "" || isID(row.ID))
			}
		}
		_, _ = decodeProcess(raw)
		_, _ = decodeCreated(raw)
		if page, err := decodeCustomers(raw); err == nil {
			for _, row := range page.customers {
				require.True(t, row.ID == "" || isCustomerID(row.ID))
			}
		}
		if found, err := decodeTaskTypes(raw); err == nil {
			for _, row := range found {
				require.True(t, isID(row.ID))
			}
		}
		_, _ = decodeFound(raw, externalID)
		e := &peer.Error{Status: 409}
		if json.Valid(raw) {
			existingID(raw, e)
		}
		require.True(t, e.ExistingID == "" || isID(e.ExistingID))
	})
}

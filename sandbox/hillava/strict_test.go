package hillava_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/hillava"
)

type refusal struct {
	Error      string
	Details    map[string][]string
	ExistingID string
}

func TestReadsRefuseWhatTheContractDoesNotAllow(t *testing.T) {
	rows := []struct {
		name, path string
		want       int
		field      string
	}{
		{"customers without a type", "customers", 400, "customerType"},
		{"customers with an unknown parameter", "customers?customerType=TAMPUURI_CUSTOMERS&page=1", 400, "page"},
		{"customers with a limit of 101", "customers?customerType=TAMPUURI_CUSTOMERS&limit=101", 400, "limit"},
		{"customers with a limit of 0", "customers?customerType=TAMPUURI_CUSTOMERS&limit=0", 400, "limit"},
		{"customers with a negative offset", "customers?customerType=TAMPUURI_CUSTOMERS&offset=-1", 400, "offset"},
		{"customers with a doubled parameter", "customers?customerType=TAMPUURI_CUSTOMERS&customerType=X", 400, "customerType"},
		{"task types without an identifier", "task-types", 400, "identifier"},
		{"task types with a page", "task-types?identifier=TAMPUURI_TASK&limit=5", 400, "limit"},
		{"a process that is not there", "processes/P-9", 404, ""},
		{"a process with a parameter", "processes/P-1?a=b", 400, "query"},
		{"tasks without anything", "tasks", 400, "taskType"},
		{"tasks by an empty external id", "tasks?externalId=", 400, "externalId"},
		{"tasks by an external id with a space", "tasks?externalId=a+b", 400, "externalId"},
		{"tasks by external id and type", "tasks?externalId=x&taskType=TAMPUURI_TASK", 400, "taskType"},
		{"changed tasks since a day", "tasks?taskType=TAMPUURI_TASK&modifiedSince=2026-02-03", 400, "modifiedSince"},
		{"changed tasks since a time that is not UTC", "tasks?taskType=TAMPUURI_TASK&modifiedSince=2026-02-03T08:00:00%2B02:00", 400, "modifiedSince"},
		{"changed tasks with a plus that is not encoded", "tasks?taskType=TAMPUURI_TASK&modifiedSince=2026-02-03T08:00:00+02:00", 400, "modifiedSince"},
		{"a task that is not there", "tasks/T-9", 404, ""},
		{"time entries of a task that is not there", "tasks/T-9/time-entries", 404, ""},
		{"a task with a parameter", "tasks/T-9?expand=events", 400, "query"},
	}
	b := newBench(t)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			answer := b.ask("GET", row.path, "")
			require.Equal(t, row.want, answer.status, answer.text)
			var r refusal
			answer.into(t, &r)
			require.NotEmpty(t, r.Error)
			if row.field != "" {
				require.NotEmpty(t, r.Details[row.field], answer.text)
			}
		})
	}
}

func TestACreateThatIsNotRightIs422NamingTheField(t *testing.T) {
	long := func(n int) string { return strings.Repeat("ä", n) }
	address := func(changes ...any) map[string]any {
		a := map[string]any{"street": "Mallikatu 1", "postalCode": "33100", "city": "Tampere"}
		for i := 0; i < len(changes); i += 2 {
			a[changes[i].(string)] = changes[i+1]
		}
		return a
	}
	rows := map[string]struct {
		field string
		value any
	}{
		"a target":                    {"targetId", "K-1"},
		"a null target":               {"targetId", nil},
		"an unknown field":            {"color", "red"},
		"a field in another case":     {"Title", "x"},
		"a state":                     {"state", "Avoin"},
		"no external id":              {"externalId", absent{}},
		"an external id with a space": {"externalId", "a b"},
		"no type":                     {"taskTypeId", absent{}},
		"an unknown type":             {"taskTypeId", "TT-9"},
		"no title":                    {"title", absent{}},
		"an empty title":              {"title", ""},
		"a title of 256":              {"title", long(256)},
		"a title that is a number":    {"title", 5},
		"no description":              {"description", absent{}},
		"a null description":          {"description", nil},
		"a description of 20001":      {"description", long(20001)},
		"additional info of 20001":    {"additionalInfo", long(20001)},
		"a reference of 36":           {"billingReference", long(36)},
		"no start":                    {"startDate", absent{}},
		"a start that is no day":      {"startDate", "2026-02-30"},
		"a start in UTC":              {"startDate", "2026-02-05T06:00:00Z"},
		"a start with another offset": {"startDate", "2026-02-05T08:00:00+03:00"},
		"a start without an offset":   {"startDate", "2026-02-05T08:00:00"},
		"an empty end":                {"endDate", ""},
		"a null end":                  {"endDate", nil},
		"an end before the start":     {"endDate", "2026-02-04"},
		"no workload":                 {"workloadHours", absent{}},
		"no hours of work":            {"workloadHours", 0},
		"negative work":               {"workloadHours", -1},
		"work as text":                {"workloadHours", "1"},
		"no delivery customer":        {"deliveryCustomerId", absent{}},
		"an unknown delivery cust.":   {"deliveryCustomerId", "C-9"},
		"no billing customer":         {"billingCustomerId", absent{}},
		"an unknown billing customer": {"billingCustomerId", "C-9"},
		"an address as text":          {"deliveryAddress", "Mallikatu 1"},
		"a null address":              {"deliveryAddress", nil},
		"an address without a street": {"deliveryAddress", address("street", "")},
		"an address with a country":   {"deliveryAddress", address("country", "FI")},
		"an address with a number":    {"deliveryAddress", address("postalCode", 33100)},
		"an address of one field":     {"deliveryAddress", map[string]any{"street": "Mallikatu 1"}},
	}
	b := newBench(t)
	before := len(b.ledger.Entries())
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			answer := b.ask("POST", "tasks", newTask(map[string]any{row.field: row.value}), withKey("create-"+external))
			require.Equal(t, 422, answer.status, answer.text)
			var r refusal
			answer.into(t, &r)
			require.NotEmpty(t, r.Error)
			require.NotEmpty(t, r.Details[row.field], answer.text)
			require.Len(t, r.Details, 1, answer.text)
		})
	}
	require.Len(t, b.ledger.Entries(), before, "nothing refused was applied")
	require.NotEmpty(t, b.create(external), "and the key is as good as new")
}

func TestLimitsAndDatesAtTheirEdgesAreAllowed(t *testing.T) {
	for name, changes := range map[string]map[string]any{
		"longest texts": {
			"title": strings.Repeat("ä", 255), "description": strings.Repeat("😀", 20000),
			"additionalInfo": strings.Repeat("ä", 20000), "billingReference": strings.Repeat("ä", 35),
		},
		"only what is required": {"additionalInfo": absent{}, "billingReference": absent{}, "endDate": absent{}, "deliveryAddress": absent{}},
		"an empty description":  {"description": ""},
		"winter time":           {"startDate": "2026-02-05T08:00:00+02:00", "endDate": "2026-02-05T08:00:00+02:00"},
		"summer time":           {"startDate": "2026-03-29T04:30:00+03:00", "endDate": "2026-07-01"},
		"an end on the day":     {"startDate": "2026-02-05T08:00:00+02:00", "endDate": "2026-02-05"},
		"no second row":         {"deliveryAddress": map[string]any{"street": "M 1", "postalCode": "", "city": ""}},
		"a quarter of an hour":  {"workloadHours": 0.25},
	} {
		t.Run(name, func(t *testing.T) {
			answer := newBench(t).ask("POST", "tasks", newTask(changes), withKey("create-"+external))
			require.Equal(t, 201, answer.status, answer.text)
		})
	}
}

func TestATypeThatRequiresATargetTakesNoTask(t *testing.T) {
	b := newBench(t)
	kind := hillava.DefaultTaskType()
	kind.TargetRequired = true
	b.server.SetTaskType(kind)
	answer := b.ask("POST", "tasks", newTask(nil), withKey("create-"+external))
	require.Equal(t, 422, answer.status)
	require.Contains(t, answer.text, "targetId")
	b.server.SetTaskType(hillava.DefaultTaskType())
	require.Equal(t, 201, b.ask("POST", "tasks", newTask(nil), withKey("create-"+external)).status, "set right, the same key goes through")
}

func TestWritesRefuseBodiesAndKeysThatAreWrong(t *testing.T) {
	b := newBench(t)
	task := b.create(external)
	for _, path := range []string{"tasks", "tasks/" + task + "/notes"} {
		good := `{"text":"Huomio"}`
		if path == "tasks" {
			good = newTask(map[string]any{"externalId": "toinen-" + task})
		}
		require.Equal(t, 400, b.ask("POST", path, good).status, "no key")
		require.Equal(t, 400, b.ask("POST", path, good, withKey("")).status, "an empty key")
		require.Equal(t, 400, b.ask("POST", path, good, withKey(strings.Repeat("k", 256))).status, "a long key")
		require.Equal(t, 400, b.ask("POST", path, good, withKey("create-k"), func(r *http.Request) { r.Header.Add("Idempotency-Key", "b") }).status, "two keys")
		for name, body := range map[string]string{"null": "null", "array": "[]", "half": good[:5], "doubled": `{"text":"a","text":"b"}`, "more": good + "{}"} {
			require.Equal(t, 400, b.ask("POST", path, body, withKey("create-k")).status, name)
		}
		require.Equal(t, 400, b.ask("POST", path, good, withKey("create-k"), func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }).status)
		require.Equal(t, 400, b.ask("POST", path+"?a=b", good, withKey("create-k")).status)
	}
	for name, body := range map[string]string{
		"no text": `{}`, "an empty text": `{"text":""}`, "null": `{"text":null}`, "an author": `{"text":"a","author":"b"}`,
	} {
		require.Equal(t, 422, b.ask("POST", "tasks/"+task+"/notes", body, withKey("k")).status, name)
	}
	require.Equal(t, 404, b.ask("POST", "tasks/T-9/notes", `{"text":"a"}`, withKey("k")).status)
	require.Empty(t, b.server.Tasks()[0].Notes)
}

func TestOnlyTheTokenOpens(t *testing.T) {
	b := newBench(t)
	for _, value := range []string{"", "Bearer", "Bearer x", token, "bearer " + token, "Bearer " + token + " "} {
		request := httptest.NewRequest("GET", "/api/v1/task-types?identifier=TAMPUURI_TASK", nil)
		request.Header.Set("Authorization", value)
		recorder := httptest.NewRecorder()
		b.server.ServeHTTP(recorder, request)
		require.Equal(t, 401, recorder.Code, "%q", value)
		require.Contains(t, recorder.Body.String(), `"error"`)
	}
	for _, path := range [][2]string{{"GET", "/api/v1/tasks/T-1/attachments"}, {"DELETE", "/api/v1/tasks/T-1"}, {"GET", "/tasks"}, {"GET", "/api/v1/Customers"}} {
		request := httptest.NewRequest(path[0], path[1], nil)
		request.Header.Set("Authorization", "Bearer "+token)
		recorder := httptest.NewRecorder()
		b.server.ServeHTTP(recorder, request)
		require.Equal(t, 404, recorder.Code, path)
	}
}

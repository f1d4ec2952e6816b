package hillava

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/api"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
)

const token = "token-5d1f"

var ctx = context.Background()

// recorded is one request as the server saw it.
type recorded struct {
	method, path, query, body, key string
}

// contractServer gives its answers in turn, the last one for ever, checks
// requests and answers against api/hillava.yaml, and records the requests.
func contractServer(t *testing.T, status int, answers ...string) (*Client, *[]recorded) {
	t.Helper()
	requests := &[]recorded{}
	server := httptest.NewServer(api.Middleware(t, api.Hillava, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*requests = append(*requests, recorded{r.Method, r.URL.Path, r.URL.RawQuery, string(body), r.Header.Get("Idempotency-Key")})
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answers[min(len(*requests), len(answers))-1])
	})))
	t.Cleanup(server.Close)
	return newTestClient(t, server.URL, 10*time.Second), requests
}

// plainServer is contractServer without any check, for answers that no contract allows.
func plainServer(t *testing.T, answers ...string) *Client {
	t.Helper()
	count := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		count++
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answers[min(count, len(answers))-1])
	}))
	t.Cleanup(server.Close)
	return newTestClient(t, server.URL, 10*time.Second)
}

func newTestClient(t *testing.T, address string, timeout time.Duration) *Client {
	t.Helper()
	c, err := New(Config{BaseURL: address, Token: func() string { return token + "\n" }, Timeout: timeout})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func kindOf(t *testing.T, err error) peer.Kind {
	t.Helper()
	var e *peer.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "hillava", e.Peer)
	return e.Kind
}

const (
	externalID = "40ef2650-c7cc-5462-86ff-a6b97bfd425b"
	oneTask    = `{"id":"t-1","externalId":"` + externalID + `","taskTypeId":"tt-1","targetId":null,"title":"A 12","deliveryCustomerId":"c-1",` +
		`"billingCustomerId":"c-1","state":"Uusi","modifiedAt":"2026-02-03T08:00:00.5Z","events":[{"id":"msg_1","type":"task.done","occurredAt":"2026-02-03T07:59:00Z"}]}`
	oneList = `{"items":[` + oneTask + `],"total":1}`
	noItems = `{"items":[],"total":0}`
)

var theTask = Task{
	ID: "t-1", ExternalID: externalID, BillingCustomerID: "c-1", State: "Uusi",
	Modified: time.Date(2026, 2, 3, 8, 0, 0, 500_000_000, time.UTC),
	Events:   []Event{{ID: "msg_1", Type: EventDone, OccurredAt: time.Date(2026, 2, 3, 7, 59, 0, 0, time.UTC)}},
}

func moment(t *testing.T, s string) notice.Moment {
	t.Helper()
	m, err := notice.ParseMoment(s)
	require.NoError(t, err)
	return m
}

func newTask(t *testing.T) notice.Task {
	t.Helper()
	return notice.Task{
		ExternalID: externalID, TaskTypeID: "tt-1", Title: "A 12", Description: "Otsikko: Hana <vuotaa> & tippuu\n",
		AdditionalInfo: "Kotieläimet: Koira", Start: moment(t, "2026-02-04T08:00:00.1234567+02:00"), End: moment(t, "2026-02-10"),
		WorkloadHours: 1.5, DeliveryCustomerID: "c-1", BillingCustomerID: "c-1", BillingReference: "48213 / Testi Tilaaja",
		DeliveryAddress: &notice.Address{Street: "Testipolku 4", Street2: "A 12", PostalCode: "00100", City: "Helsinki"},
	}
}

func TestEveryCallIsAsTheContractSays(t *testing.T) {
	const process = `{"id":"p-1","name":"Tampuuri","initialState":"Uusi","transitions":[{"name":"Työ valmis","from":"Uusi","to":"Valmis","actions":["Kuittaa tehtävä tehdyksi Tampuuriin"]},{"name":"Avaa","from":"Valmis","to":"Uusi","actions":[]}]}`
	entry := `{"items":[{"id":"e-1","date":"2026-02-05","resource":{"id":"r-1","name":"Testi Huoltaja"},"customerSummary":" Vaihdettu\n","hours":1.25,"approved":true,"modifiedAt":"2026-02-05T10:00:00Z"},` +
		`{"id":"e-2","date":"2026-02-04","resource":null,"customerSummary":null,"hours":0,"approved":false,"modifiedAt":"2026-02-05T10:00:00Z"}],"total":2}`
	bare := newTask(t)
	bare.AdditionalInfo, bare.BillingReference, bare.DeliveryAddress, bare.End = "", "", nil, notice.Moment{}
	bare.Start, bare.Description = moment(t, "2026-02-04"), ""
	one := newTask(t)
	one.DeliveryAddress.Street2 = ""
	tests := []struct {
		name   string
		status int
		answer string
		call   func(*Client) (any, error)
		want   recorded
		result any
	}{
		{"customers", 200, `{"items":[{"id":"c-1","name":"Esimerkki Isännöinti Oy","externalId":"esimerkki","integrationsActive":true},{"id":"c-2","name":"Toinen","externalId":null,"integrationsActive":false}],"total":2}`,
			func(c *Client) (any, error) { return c.Customers(ctx) },
			recorded{"GET", "/api/v1/customers", "customerType=TAMPUURI_CUSTOMERS&limit=100&offset=0", "", ""},
			[]Customer{{ID: "c-1", Name: "Esimerkki Isännöinti Oy", ExternalID: "esimerkki", IntegrationsActive: true}, {ID: "c-2", Name: "Toinen"}}},
		{"no customers", 200, noItems, func(c *Client) (any, error) { return c.Customers(ctx) },
			recorded{"GET", "/api/v1/customers", "customerType=TAMPUURI_CUSTOMERS&limit=100&offset=0", "", ""}, []Customer(nil)},
		{"task types", 200, `{"items":[{"id":"tt-1","name":"Tampuuri","identifier":"TAMPUURI_TASK","targetRequired":false,"additionalInfoVisible":true,"processId":"p-1"},` +
			`{"id":"tt-2","name":"Muu","identifier":"MUU","targetRequired":true,"additionalInfoVisible":false,"processId":null}],"total":2}`,
			func(c *Client) (any, error) { return c.TaskTypes(ctx) },
			recorded{"GET", "/api/v1/task-types", "identifier=TAMPUURI_TASK", "", ""},
			[]TaskType{{ID: "tt-1", AdditionalInfoVisible: true, ProcessID: "p-1"}}},
		{"process", 200, process, func(c *Client) (any, error) { return c.Process(ctx, "p-1") },
			recorded{"GET", "/api/v1/processes/p-1", "", "", ""},
			Process{ID: "p-1", InitialState: "Uusi", Transitions: []Transition{
				{Name: "Työ valmis", From: "Uusi", To: "Valmis", Actions: []string{ActionDone}}, {Name: "Avaa", From: "Valmis", To: "Uusi", Actions: []string{}}}}},
		{"find task", 200, oneList, func(c *Client) (any, error) { return c.FindTasks(ctx, externalID) },
			recorded{"GET", "/api/v1/tasks", "externalId=" + externalID, "", ""}, []Task{theTask}},
		{"find no task", 200, noItems, func(c *Client) (any, error) { return c.FindTasks(ctx, externalID) },
			recorded{"GET", "/api/v1/tasks", "externalId=" + externalID, "", ""}, []Task(nil)},
		{"changed tasks", 200, oneList, func(c *Client) (any, error) {
			return c.ChangedTasks(ctx, time.Date(2026, 2, 3, 10, 0, 0, 120_000_000, notice.Helsinki()), 100, 50)
		}, recorded{"GET", "/api/v1/tasks", "limit=50&modifiedSince=2026-02-03T08%3A00%3A00.12Z&offset=100&taskType=TAMPUURI_TASK", "", ""},
			TaskPage{Items: []Task{theTask}, Total: peer.NoTotal}},
		{"all changed tasks", 200, noItems, func(c *Client) (any, error) { return c.ChangedTasks(ctx, time.Time{}, 0, 100) },
			recorded{"GET", "/api/v1/tasks", "limit=100&offset=0&taskType=TAMPUURI_TASK", "", ""}, TaskPage{}},
		{"read task", 200, oneTask, func(c *Client) (any, error) { return c.Task(ctx, "t-1") },
			recorded{"GET", "/api/v1/tasks/t-1", "", "", ""}, theTask},
		{"create", 201, oneTask, func(c *Client) (any, error) { return c.CreateTask(ctx, "create-"+externalID, newTask(t)) },
			recorded{"POST", "/api/v1/tasks", "", `{"externalId":"` + externalID + `","taskTypeId":"tt-1","title":"A 12","description":"Otsikko: Hana <vuotaa> & tippuu\n",` +
				`"additionalInfo":"Kotieläimet: Koira","startDate":"2026-02-04T08:00:00+02:00","endDate":"2026-02-10","workloadHours":1.5,"deliveryCustomerId":"c-1","billingCustomerId":"c-1",` +
				`"deliveryAddress":{"street":"Testipolku 4","street2":"A 12","postalCode":"00100","city":"Helsinki"},"billingReference":"48213 / Testi Tilaaja"}`, "create-" + externalID}, theTask},
		{"create without a space", 201, oneTask, func(c *Client) (any, error) { return c.CreateTask(ctx, "create-"+externalID, one) },
			recorded{"POST", "/api/v1/tasks", "", `{"externalId":"` + externalID + `","taskTypeId":"tt-1","title":"A 12","description":"Otsikko: Hana <vuotaa> & tippuu\n",` +
				`"additionalInfo":"Kotieläimet: Koira","startDate":"2026-02-04T08:00:00+02:00","endDate":"2026-02-10","workloadHours":1.5,"deliveryCustomerId":"c-1","billingCustomerId":"c-1",` +
				`"deliveryAddress":{"street":"Testipolku 4","postalCode":"00100","city":"Helsinki"},"billingReference":"48213 / Testi Tilaaja"}`, "create-" + externalID}, theTask},
		{"create with nothing optional", 201, oneTask, func(c *Client) (any, error) { return c.CreateTask(ctx, "create-"+externalID, bare) },
			recorded{"POST", "/api/v1/tasks", "", `{"externalId":"` + externalID + `","taskTypeId":"tt-1","title":"A 12","description":"","startDate":"2026-02-04",` +
				`"workloadHours":1.5,"deliveryCustomerId":"c-1","billingCustomerId":"c-1"}`, "create-" + externalID}, theTask},
		{"note", 201, `{"id":"n-1"}`, func(c *Client) (any, error) {
			return nil, c.AddNote(ctx, "t-1", externalID+"+2026-02-03T08:14:22.6402093Z", "3.2.2026: ilmoitusta muutettu")
		}, recorded{"POST", "/api/v1/tasks/t-1/notes", "", `{"text":"3.2.2026: ilmoitusta muutettu"}`, externalID + "+2026-02-03T08:14:22.6402093Z"}, nil},
		{"time entries", 200, entry, func(c *Client) (any, error) { return c.TimeEntries(ctx, "t-1") },
			recorded{"GET", "/api/v1/tasks/t-1/time-entries", "", "", ""},
			[]notice.TimeEntry{
				{ID: "e-1", Date: "2026-02-05", Resource: "Testi Huoltaja", Summary: " Vaihdettu\n", Approved: true},
				{ID: "e-2", Date: "2026-02-04"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, requests := contractServer(t, tt.status, tt.answer)
			got, err := tt.call(c)
			require.NoError(t, err)
			require.Equal(t, []recorded{tt.want}, *requests)
			require.Equal(t, tt.result, got)
		})
	}
}

// customerList writes a page with customers from..to of total.
func customerList(from, to, total int) string {
	var rows []string
	for i := from; i < to; i++ {
		rows = append(rows, fmt.Sprintf(`{"id":"c-%d","name":"Asiakas %d","externalId":"a%d","integrationsActive":true}`, i, i, i))
	}
	return fmt.Sprintf(`{"items":[%s],"total":%d}`, strings.Join(rows, ","), total)
}

func TestAllCustomersOrNone(t *testing.T) {
	t.Run("three pages", func(t *testing.T) {
		c, requests := contractServer(t, 200, customerList(0, 100, 250), customerList(100, 200, 250), customerList(200, 250, 250))
		got, err := c.Customers(ctx)
		require.NoError(t, err)
		require.Len(t, got, 250)
		require.Equal(t, "c-249", got[249].ID)
		require.Equal(t, "customerType=TAMPUURI_CUSTOMERS&limit=100&offset=200", (*requests)[2].query)
		require.Len(t, *requests, 3)
	})
	bad := map[string][]string{
		"a page that repeats":        {customerList(0, 100, 250)},
		"a page that repeats a part": {customerList(0, 100, 150), customerList(50, 100, 150)},
		"a page that skips":          {customerList(0, 100, 250), customerList(150, 250, 250), customerList(250, 250, 250)},
		"an end before the total":    {customerList(0, 100, 250), customerList(0, 0, 250)},
		"more than the total":        {customerList(0, 20, 10)},
		"a total that shrinks":       {customerList(0, 100, 250), customerList(100, 200, 150)},
		"a total of each page alone": {customerList(0, 100, 100), customerList(100, 200, 100), customerList(200, 250, 50)},
		"no total":                   {`{"items":[{"id":"c"}]}`},
		"a total with a fraction":    {`{"items":[{"id":"c"}],"total":1.5}`},
	}
	for name, answers := range bad {
		t.Run(name, func(t *testing.T) {
			got, err := plainServer(t, answers...).Customers(ctx)
			require.Equal(t, peer.KindMalformed, kindOf(t, err))
			require.Empty(t, got)
		})
	}
	for name, row := range map[string]string{
		"a customer without an id": `{"name":"x","externalId":"t"}`, "an id with a line break": `{"id":"c\n1","name":"x","externalId":"t"}`,
		"an id without end": `{"id":"` + strings.Repeat("c", 256) + `","name":"x","externalId":"t"}`, "an id that is cut within a sign": `{"id":"c\ud800","name":"x","externalId":"t"}`,
		"an id as number": `{"id":5,"name":"x","externalId":"t"}`, "two ids": `{"id":"c-8","id":"c-7","name":"x","externalId":"t"}`,
	} {
		t.Run(name+" stops no other", func(t *testing.T) {
			got, err := plainServer(t, `{"items":[`+row+`,{"id":"c-9","name":"y","externalId":"u"},`+row+`],"total":3}`).Customers(ctx)
			require.NoError(t, err)
			bad := Customer{Name: "x", ExternalID: "t"}
			require.Equal(t, []Customer{bad, {ID: "c-9", Name: "y", ExternalID: "u"}, bad}, got)
		})
	}
	t.Run("what is no customer at all stops no other", func(t *testing.T) {
		got, err := plainServer(t, `{"items":[null,7,"x",[],{"id":"c-9"}],"total":5}`).Customers(ctx)
		require.NoError(t, err)
		require.Equal(t, []Customer{{}, {}, {}, {}, {ID: "c-9"}}, got)
	})
	t.Run("a page that repeats is asked for once more at most", func(t *testing.T) {
		c, requests := contractServer(t, 200, customerList(0, 100, 900))
		_, err := c.Customers(ctx)
		require.Equal(t, peer.KindMalformed, kindOf(t, err))
		require.Len(t, *requests, 2)
	})
	t.Run("a list without an end", func(t *testing.T) {
		count := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, customerList(count, count+1, 1<<30))
			count++
		}))
		t.Cleanup(server.Close)
		_, err := newTestClient(t, server.URL, 10*time.Second).Customers(ctx)
		require.Equal(t, peer.KindMalformed, kindOf(t, err))
		require.Equal(t, maxPages, count)
	})
	t.Run("a page that fails", func(t *testing.T) {
		got, err := plainServer(t, customerList(0, 100, 250), `<html>`).Customers(ctx)
		require.Error(t, err)
		require.Empty(t, got)
	})
}

func TestTheTokenIsAskedForEachTime(t *testing.T) {
	current, seen := "first", ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header.Get("Authorization")
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, oneTask)
	}))
	t.Cleanup(server.Close)
	c, err := New(Config{BaseURL: server.URL, Token: func() string { return current }, Timeout: 5 * time.Second})
	require.NoError(t, err)
	for _, next := range []string{"first", "second"} {
		current = next
		_, err = c.Task(ctx, "t-1")
		require.NoError(t, err)
		require.Equal(t, "Bearer "+next, seen)
	}
	for _, bad := range []string{"", " \n", "a\r\nX-Evil: 1", "a\x00b", "token\u200b"} {
		current, seen = bad, ""
		_, err = c.Task(ctx, "t-1")
		var e *peer.Error
		require.ErrorAs(t, err, &e)
		require.ErrorIs(t, err, errNoToken)
		require.Equal(t, peer.KindTransport, e.Kind, "it works again once the token is back")
		require.False(t, e.Sent)
		require.Empty(t, seen)
	}
	_, err = New(Config{BaseURL: server.URL, Timeout: time.Second})
	require.ErrorIs(t, err, errNoToken)
}

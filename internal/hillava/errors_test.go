package hillava

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/peer/peertest"
)

const personal = peertest.Personal

var respond, reset = peertest.Respond, peertest.Reset

// calls are all calls of the client, each with an answer that it accepts.
func calls(t *testing.T) []struct {
	name, good string
	do         func(*Client) error
} {
	t.Helper()
	task := newTask(t)
	task.Description = personal
	return []struct {
		name, good string
		do         func(*Client) error
	}{
		{"list customers", noItems, func(c *Client) error { _, err := c.Customers(ctx); return err }},
		{"list task types", noItems, func(c *Client) error { _, err := c.TaskTypes(ctx); return err }},
		{"read process", `{"id":"p-1","transitions":[]}`, func(c *Client) error { _, err := c.Process(ctx, "p-1"); return err }},
		{"find tasks", noItems, func(c *Client) error { _, err := c.FindTasks(ctx, externalID); return err }},
		{"list changed tasks", noItems, func(c *Client) error { _, err := c.ChangedTasks(ctx, time.Now(), 0, 100); return err }},
		{"read task", oneTask, func(c *Client) error { _, err := c.Task(ctx, "t-1"); return err }},
		{"create task", oneTask, func(c *Client) error { _, err := c.CreateTask(ctx, "create-"+externalID, task); return err }},
		{"add note", `{"id":"n-1"}`, func(c *Client) error { return c.AddNote(ctx, "t-1", "key", personal) }},
		{"read time entries", noItems, func(c *Client) error { _, err := c.TimeEntries(ctx, "t-1"); return err }},
	}
}

func TestEveryCallEndsInATypedError(t *testing.T) {
	const asJSON = "application/json"
	refusal := `{"error":"` + personal + `","details":[{"field":"title","message":"` + personal + `"},"billingReference: too long"]}`
	tests := []struct {
		name    string
		handler http.HandlerFunc
		kind    peer.Kind
		status  int
	}{
		{"400", respond(400, asJSON, refusal), peer.KindStatus, 400},
		{"401", respond(401, asJSON, refusal), peer.KindStatus, 401},
		{"403", respond(403, asJSON, refusal), peer.KindStatus, 403},
		{"404", respond(404, asJSON, refusal), peer.KindStatus, 404},
		{"409", respond(409, asJSON, refusal), peer.KindStatus, 409},
		{"422", respond(422, asJSON, refusal), peer.KindStatus, 422},
		{"429", respond(429, "", ""), peer.KindStatus, 429},
		{"503", respond(503, "text/html", "<html>"+personal), peer.KindStatus, 503},
		{"HTML 200", respond(200, "text/html", "<html>"+personal), peer.KindNotJSON, 200},
		{"HTML 404", respond(404, "text/html", "<html>"+personal), peer.KindNotJSON, 404},
		{"redirect", respond(307, "", ""), peer.KindRedirect, 307},
		{"oversize", respond(200, asJSON, strings.Repeat(" ", peer.ResponseLimit+1)), peer.KindTooLarge, 200},
		{"empty", respond(201, asJSON, ""), peer.KindNotJSON, 201},
		{"null", respond(200, asJSON, "null"), peer.KindNotJSON, 200},
		{"text", respond(200, asJSON, `"`+personal+`"`), peer.KindMalformed, 0},
		{"list", respond(200, asJSON, `[]`), peer.KindMalformed, 0},
		{"object with nothing", respond(200, asJSON, `{}`), peer.KindMalformed, 0},
		{"wrong types", respond(200, asJSON, `{"id":{},"items":{},"total":{}}`), peer.KindMalformed, 0},
		{"reset in the body", reset, peer.KindTransport, 200},
	}
	for _, tt := range tests {
		server := httptest.NewServer(tt.handler)
		c := newTestClient(t, server.URL, 10*time.Second)
		for _, call := range calls(t) {
			t.Run(tt.name+"/"+call.name, func(t *testing.T) {
				var e *peer.Error
				require.ErrorAs(t, call.do(c), &e)
				require.Equal(t, tt.kind, e.Kind)
				require.Equal(t, tt.status, e.Status)
				require.Equal(t, call.name, e.Op)
				require.True(t, e.Sent)
				requireClean(t, e)
				if tt.name == "422" {
					require.Equal(t, []string{"billingReference", "title"}, e.Fields)
				}
			})
		}
		server.Close()
	}
}

func TestEveryCallTimesOutAndIsRefused(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		<-r.Context().Done()
	}))
	hanging := newTestClient(t, server.URL, 500*time.Millisecond)
	for _, call := range calls(t) {
		var e *peer.Error
		require.ErrorAs(t, call.do(hanging), &e, call.name)
		require.ErrorIs(t, e, peer.ErrTimeout)
		require.True(t, e.Sent, call.name)
		requireClean(t, e)
	}
	server.CloseClientConnections()
	server.Close()
	for _, call := range calls(t) {
		var e *peer.Error
		require.ErrorAs(t, call.do(hanging), &e, call.name)
		require.Equal(t, peer.KindTransport, e.Kind)
		require.False(t, e.Sent, "a refused connection sends nothing")
		requireClean(t, e)
	}
}

func TestEveryGoodAnswerIsAccepted(t *testing.T) {
	for _, call := range calls(t) {
		require.NoError(t, call.do(plainServer(t, call.good)), call.name)
	}
}

func TestCreateAnsweredWithAnotherTaskIsNotOurs(t *testing.T) {
	_, err := plainServer(t, strings.ReplaceAll(oneTask, externalID, "another")).CreateTask(ctx, "create-"+externalID, newTask(t))
	var e *peer.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, peer.KindMalformed, e.Kind)
	require.True(t, e.Sent)
}

func TestAnExternalIDInUseNamesItsTask(t *testing.T) {
	for body, want := range map[string]string{
		`{"error":"in use","existingId":"t-9"}`:                              "t-9",
		`{"error":"in use"}`:                                                 "",
		`{"error":"in use","existingId":null}`:                               "",
		`{"error":"in use","existingId":9}`:                                  "",
		`{"error":"in use","existingId":"../customers"}`:                     "",
		`{"error":"in use","existingId":".."}`:                               "",
		`{"error":"in use","existingId":"` + personal + `"}`:                 "",
		`{"error":"in use","existingId":"` + strings.Repeat("a", 129) + `"}`: "",
		`{"existingId":"` + strings.Repeat("a", 128) + `"}`:                  strings.Repeat("a", 128),
		`{"existingId":"t-9"}{"existingId":"t-8"}`:                           "",
	} {
		server := httptest.NewServer(respond(409, "application/json", body))
		_, err := newTestClient(t, server.URL, 5*time.Second).CreateTask(ctx, "create-"+externalID, newTask(t))
		server.Close()
		var e *peer.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, 409, e.Status)
		require.Equal(t, want, e.ExistingID, body)
	}
	server := httptest.NewServer(respond(400, "application/json", `{"error":"x","existingId":"t-9"}`))
	defer server.Close()
	_, err := newTestClient(t, server.URL, 5*time.Second).CreateTask(ctx, "create-"+externalID, newTask(t))
	var e *peer.Error
	require.ErrorAs(t, err, &e)
	require.Empty(t, e.ExistingID, "only a 409 speaks of an existing task")
}

func TestUnusableInputIsNotSent(t *testing.T) {
	var sent atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { sent.Add(1) }))
	t.Cleanup(server.Close)
	c := newTestClient(t, server.URL, 5*time.Second)
	create := func(change func(*notice.Task)) error {
		task := newTask(t)
		change(&task)
		_, err := c.CreateTask(ctx, "create-x", task)
		return err
	}
	errs := map[string]error{
		"no external id":      create(func(t *notice.Task) { t.ExternalID = "" }),
		"no task type":        create(func(t *notice.Task) { t.TaskTypeID = "" }),
		"no delivery":         create(func(t *notice.Task) { t.DeliveryCustomerID = "" }),
		"no billing customer": create(func(t *notice.Task) { t.BillingCustomerID = "" }),
		"no start":            create(func(t *notice.Task) { t.Start = notice.Moment{} }),
		"no workload":         create(func(t *notice.Task) { t.WorkloadHours = 0 }),
	}
	for _, id := range []string{"", ".", "..", "a/b", "../tasks", "a b", "a?b", "a#b", "a%2Fb", "a\\b", "ä", "a\r\nb", strings.Repeat("a", 129)} {
		_, err := c.Task(ctx, id)
		errs["task "+id] = err
		_, err = c.Process(ctx, id)
		errs["process "+id] = err
		_, err = c.TimeEntries(ctx, id)
		errs["entries "+id] = err
		_, err = c.FindTasks(ctx, id)
		errs["find "+id] = err
		errs["note "+id] = c.AddNote(ctx, id, "key", "text")
	}
	for _, key := range []string{"", "a b", "a\r\nb", "ä", strings.Repeat("a", 256)} {
		errs["note with key "+key] = c.AddNote(ctx, "t-1", key, "text")
		_, err := c.CreateTask(ctx, key, newTask(t))
		errs["create with key "+key] = err
	}
	errs["empty note"] = c.AddNote(ctx, "t-1", "key", "")
	_, errs["offset below zero"] = c.ChangedTasks(ctx, time.Now(), -1, 100)
	_, errs["limit 0"] = c.ChangedTasks(ctx, time.Now(), 0, 0)
	_, errs["limit 101"] = c.ChangedTasks(ctx, time.Now(), 0, 101)
	for name, err := range errs {
		var e *peer.Error
		require.ErrorAs(t, err, &e, name)
		require.Equal(t, peer.KindInput, e.Kind, name)
		require.False(t, e.Sent, name)
	}
	require.Zero(t, sent.Load())
}

// requireClean fails when any way of printing shows the token, an address or a body.
func requireClean(t *testing.T, values ...any) {
	t.Helper()
	peertest.RequireClean(t, []string{token, "api/v1"}, values...)
}

func TestNothingPrintsTheTokenOrTheAddress(t *testing.T) {
	config := Config{BaseURL: "https://hillava.example/", Token: func() string { return token }, Timeout: time.Second}
	c, err := New(config)
	require.NoError(t, err)
	requireClean(t, config, &config, c, struct{ C Config }{config}, []any{c})
	_, err = New(Config{BaseURL: "http://hillava.example/", Token: func() string { return token }, Timeout: time.Second})
	require.ErrorContains(t, err, "https")
	require.NotContains(t, err.Error(), "hillava.example")
}

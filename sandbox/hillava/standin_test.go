package hillava_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/api"
	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/ledger"
	"tampuuri-hillava/sandbox/seed"
)

const (
	token    = "sandbox-token"
	external = "40ef2650-c7cc-5462-86ff-a6b97bfd425b"
	patience = 20 * time.Second
)

// bench is a stand-in with the seed loaded, whose every answer is checked against the written contract.
type bench struct {
	t      *testing.T
	server *hillava.Server
	ledger *ledger.Ledger
	faults *fault.Plan
	http   *httptest.Server
}

func newBench(t *testing.T, webhook ...hillava.Webhook) *bench {
	l, err := ledger.Open("")
	require.NoError(t, err)
	b := &bench{t: t, ledger: l, faults: fault.NewPlan()}
	options := hillava.Options{Token: token, Ledger: l, Faults: b.faults}
	if len(webhook) > 0 {
		options.Webhook = webhook[0]
	}
	b.server = hillava.New(options)
	t.Cleanup(b.server.Close)
	require.NoError(t, seed.LoadHillava(b.server))
	b.http = httptest.NewServer(api.Answers(t, api.Hillava, b.server))
	t.Cleanup(b.http.Close)
	return b
}

// response is an answer of the stand-in.
type response struct {
	status int
	text   string
}

func (r response) into(t *testing.T, target any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(r.text), target), r.text)
}

func (b *bench) ask(method, path, body string, change ...func(*http.Request)) response {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.http.URL+"/api/v1/"+path, bytes.NewReader([]byte(body)))
	require.NoError(b.t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for _, one := range change {
		one(request)
	}
	answer, err := http.DefaultClient.Do(request)
	require.NoError(b.t, err)
	var text bytes.Buffer
	_, err = text.ReadFrom(answer.Body)
	require.NoError(b.t, err)
	require.NoError(b.t, answer.Body.Close())
	return response{answer.StatusCode, text.String()}
}

func withKey(key string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Idempotency-Key", key) }
}

// newTask is a body of a create that is right; changes overwrite fields, and nil-valued ones of absent drop them.
func newTask(changes map[string]any) string {
	fields := map[string]any{
		"externalId": external, "taskTypeId": "TT-1", "title": "Liiketila 3", "description": "Otsikko: Oven lukko jumissa",
		"additionalInfo": "Sisäänpääsy: Sovitaan erikseen", "startDate": "2026-02-05", "endDate": "2026-02-05", "workloadHours": 1,
		"deliveryCustomerId": "C-1", "billingCustomerId": "C-1", "billingReference": "101 / Mallikatu Vuokraus Oy",
		"deliveryAddress": map[string]any{"street": "Mallikatu 1", "street2": "Liiketila 3", "postalCode": "33100", "city": "Tampere"},
	}
	maps.Copy(fields, changes)
	maps.DeleteFunc(fields, func(_ string, value any) bool { return value == absent{} })
	text, err := json.Marshal(fields)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

type absent struct{}

// create makes a task and returns its id.
func (b *bench) create(externalID string) string {
	b.t.Helper()
	answer := b.ask("POST", "tasks", newTask(map[string]any{"externalId": externalID}), withKey("create-"+externalID))
	require.Equal(b.t, 201, answer.status, answer.text)
	var made hillava.Task
	answer.into(b.t, &made)
	return made.ID
}

func (b *bench) read(id string) hillava.Task {
	b.t.Helper()
	answer := b.ask("GET", "tasks/"+id, "")
	require.Equal(b.t, 200, answer.status, answer.text)
	var t hillava.Task
	answer.into(b.t, &t)
	return t
}

func (b *bench) list(path string) (ids []string, total int) {
	b.t.Helper()
	answer := b.ask("GET", path, "")
	require.Equal(b.t, 200, answer.status, answer.text)
	var l struct {
		Items []struct{ ID string }
		Total int
	}
	answer.into(b.t, &l)
	ids = []string{}
	for _, item := range l.Items {
		ids = append(ids, item.ID)
	}
	return ids, l.Total
}

// kinds are the kinds of the ledger's entries after the first n.
func (b *bench) kinds(n int) []string {
	kinds := []string{}
	for _, entry := range b.ledger.Entries()[n:] {
		kinds = append(kinds, entry.Kind)
	}
	return kinds
}

// await waits until the ledger has so many entries of a kind, and returns them.
func (b *bench) await(kind string, count int) []ledger.Entry {
	b.t.Helper()
	deadline := time.After(patience)
	for {
		changed := b.ledger.Changed()
		var found []ledger.Entry
		for _, entry := range b.ledger.Entries() {
			if entry.Kind == kind {
				found = append(found, entry)
			}
		}
		if len(found) >= count {
			return found
		}
		select {
		case <-changed:
		case <-deadline:
			b.t.Fatalf("%d of %d %s entries came", len(found), count, kind)
		}
	}
}

// receiver takes webhooks: what it answers can be set, what came is kept.
type receiver struct {
	http *httptest.Server

	mu       sync.Mutex
	answers  []int // statuses of the next answers; then 202
	received []received
}

type received struct {
	header http.Header
	body   []byte
}

func newReceiver(t *testing.T, answers ...int) *receiver {
	r := &receiver{answers: answers}
	r.http = httptest.NewServer(api.Answers(t, api.Webhook, http.HandlerFunc(r.take)))
	t.Cleanup(r.http.Close)
	return r
}

func (r *receiver) take(w http.ResponseWriter, request *http.Request) {
	var body bytes.Buffer
	_, err := body.ReadFrom(request.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	status := http.StatusAccepted
	if err != nil {
		status = http.StatusBadRequest
	} else if len(r.answers) > 0 {
		status, r.answers = r.answers[0], r.answers[1:]
	}
	r.received = append(r.received, received{request.Header.Clone(), body.Bytes()})
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	w.WriteHeader(status)
}

func (r *receiver) all() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]received(nil), r.received...)
}

func (r *receiver) url() string { return r.http.URL + "/webhooks/hillava" }

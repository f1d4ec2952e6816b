package tampuuri_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/api"
	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/ledger"
	"tampuuri-hillava/sandbox/seed"
	"tampuuri-hillava/sandbox/tampuuri"
)

// bench is a stand-in with the seed loaded, whose every answer is checked against the written contract.
type bench struct {
	t       *testing.T
	server  *tampuuri.Server
	ledger  *ledger.Ledger
	faults  *fault.Plan
	clock   *clock
	http    *httptest.Server
	account tampuuri.Account
}

// clock stands still until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func newBench(t *testing.T) *bench {
	l, err := ledger.Open("")
	require.NoError(t, err)
	b := &bench{
		t: t, ledger: l, faults: fault.NewPlan(), account: seed.Accounts()[0],
		clock: &clock{at: time.Date(2026, 6, 1, 9, 0, 0, 123456789, time.UTC)},
	}
	b.server = tampuuri.New(tampuuri.Options{Ledger: l, Faults: b.faults, Now: b.clock.now})
	require.NoError(t, seed.Load(b.server))
	b.http = httptest.NewServer(api.Answers(t, api.Tampuuri, b.server))
	t.Cleanup(b.http.Close)
	return b
}

// response is an answer of the stand-in.
type response struct {
	status int
	text   string
	header http.Header
}

func (r response) into(t *testing.T, target any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(r.text), target), r.text)
}

// ask sends a request with the account's headers; change may spoil it.
func (b *bench) ask(method, path, body string, change ...func(*http.Request)) response {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.http.URL+"/v10/api/"+path, bytes.NewReader([]byte(body)))
	require.NoError(b.t, err)
	request.Header.Set("X-TampuuriAvain", b.account.Avain)
	request.Header.Set("X-AsiakasNimi", b.account.Asiakas)
	request.Header.Set("X-TilinNimi", b.account.Tili)
	request.Header.Set("X-Kayttajatunnus", b.account.Kayttajatunnus)
	request.Header.Set("X-Salasana", b.account.Salasana)
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
	return response{answer.StatusCode, text.String(), answer.Header}
}

type page struct {
	Offset, Limit, Total int
	Items                []map[string]any
}

func (b *bench) list(query string) page {
	b.t.Helper()
	answer := b.ask("GET", "ilmoitukset/selaa?"+query, "")
	require.Equal(b.t, 200, answer.status, answer.text)
	var p page
	answer.into(b.t, &p)
	return p
}

func (p page) ids() []int {
	ids := []int{}
	for _, item := range p.Items {
		ids = append(ids, int(item["Id"].(float64)))
	}
	return ids
}

func (b *bench) read(id int) map[string]any {
	b.t.Helper()
	answer := b.ask("GET", fmt.Sprintf("ilmoitukset/%d", id), "")
	require.Equal(b.t, 200, answer.status, answer.text)
	var n map[string]any
	answer.into(b.t, &n)
	return n
}

// kinds are the kinds of the ledger's entries after the first n.
func (b *bench) kinds(n int) []string {
	kinds := []string{}
	for _, entry := range b.ledger.Entries()[n:] {
		kinds = append(kinds, entry.Kind)
	}
	return kinds
}

func (b *bench) last() ledger.Entry {
	entries := b.ledger.Entries()
	return entries[len(entries)-1]
}

package activities

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/activities/rounds"
	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/gateway"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/tampuuri"
	"tampuuri-hillava/sandbox/fault"
	hillavastandin "tampuuri-hillava/sandbox/hillava"
	tampuuristandin "tampuuri-hillava/sandbox/tampuuri"
)

// testingT is what *testing.T and *rapid.T have in common.
type testingT interface {
	require.TestingT
	Helper()
	Cleanup(func())
}

// fields are a notice's fields as Tampuuri writes them.
type fields = map[string]any

// world is the activities with the stand-ins of both peers behind the real clients, and a Temporal in memory, at a time
// that a test moves. Its one customer is esimerkki, whose notices performer 4711 has.
type world struct {
	*Activities
	*rounds.Rounds
	gateway  *gateway.Gateway
	t        testingT
	clock    time.Time
	tampuuri *tampuuristandin.Server
	hillava  *hillavastandin.Server
	ahead    time.Duration // both peers' clocks before ours
	faults   *fault.Plan
	settings *settings
	temporal *temporalInMemory
	log      *bytes.Buffer
	token    string // ours for Hillava
	opened   int    // how often a client of some Tampuuri was made

	mutex sync.Mutex          // of the clock, and of calls, which requests write
	calls map[string][]string // requests in the order in which they came, by Tunniste; those to Hillava under hillavasCalls
	row   func(fields)        // what befalls each notice in Tampuuri's answers; may be nil
	front func(call string, w http.ResponseWriter, r *http.Request, serve http.HandlerFunc)

	attempts                         // how activities run
	states   map[string]*roundsState // of CustomerRound, by Tunniste
}

const (
	hillavasCalls = "hillava"
	hillavasToken = "token-of-hillava"
	property      = 7 // the kohde of the notices
)

var testTiming = runs.Timing{HTTPTimeout: 10 * time.Second}

func newWorld(t testingT) *world { return newWorldWith(t, testTiming.HTTPTimeout) }

// newWorldWith is for who waits for a silent peer: patience is the clients' own.
func newWorldWith(t testingT, patience time.Duration) *world {
	w := &world{
		t: t, clock: helsinki("2026-03-02 12:00"), faults: fault.NewPlan(), settings: &settings{}, log: &bytes.Buffer{},
		token: hillavasToken, calls: map[string][]string{}, states: map[string]*roundsState{},
	}
	peers := func() time.Time { return w.now().Add(w.ahead) }
	w.temporal = newTemporalInMemory(w.now)
	w.tampuuri = tampuuristandin.New(tampuuristandin.Options{Faults: w.faults, Now: peers})
	w.hillava = hillavastandin.New(hillavastandin.Options{Token: hillavasToken, Faults: w.faults, Now: peers})
	w.hillava.SetProcess(hillavastandin.DefaultProcess())
	w.hillava.SetTaskType(hillavastandin.DefaultTaskType())
	tampuurisServer, hillavasServer := httptest.NewServer(http.HandlerFunc(w.serveTampuuri)), httptest.NewServer(http.HandlerFunc(w.serveHillava))
	t.Cleanup(tampuurisServer.Close)
	t.Cleanup(hillavasServer.Close)

	keyer, err := notice.NewKeyer([]byte(strings.Repeat("k", 32)))
	require.NoError(t, err)
	client, err := hillava.New(hillava.Config{BaseURL: hillavasServer.URL, Timeout: patience, Token: func() string { return w.token }})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	logger := slog.New(slog.NewTextHandler(w.log, nil))
	w.gateway = gateway.New(gateway.Options{
		Hillava: client, HillavaToken: func() string { return w.token }, NewTampuuri: w.openTampuuri(tampuurisServer.URL, patience),
		Keyer: keyer, Timing: testTiming, Logger: logger, Now: w.now,
	})
	w.Activities = New(Options{
		Gateway: w.gateway, Customers: w.settings, Runs: w.temporal, Retention: 90 * 24 * time.Hour, Keyer: keyer,
		Rounds: runs.Rounds{Sync: 15 * time.Minute, Reconcile: 15 * time.Minute}, Logger: logger, Now: w.now,
	})
	w.Rounds = rounds.New(rounds.Options{
		Gateway: w.gateway, Customers: w.settings, Runs: w.temporal, Retention: 90 * 24 * time.Hour, Keyer: keyer, Compare: 15 * time.Minute,
		NoticeLink: "https://tampuuri.example/{id}", Observe: func(string, runs.Marks) {}, Logger: logger, Now: w.now,
	})
	w.serve("esimerkki", 4711)
	require.NoError(t, w.tampuuri.AddProperty("esimerkki", tampuuristandin.Property{ID: property, Katuosoite: "Esimerkkikatu 1"}))
	return w
}

// openTampuuri makes the real client of a customer's Tampuuri.
func (w *world) openTampuuri(server string, patience time.Duration) func(config.Customer) (*tampuuri.Client, error) {
	return func(c config.Customer) (*tampuuri.Client, error) {
		w.opened++
		s := c.Credentials
		client, err := tampuuri.New(tampuuri.Config{
			BaseURL: server + tampuuristandin.Base, Timeout: patience, Credentials: tampuuri.Credentials{
				Avain: s.Avain.Reveal(), Asiakas: s.Asiakas.Reveal(), Tili: s.Tili.Reveal(),
				Kayttajatunnus: s.Kayttajatunnus.Reveal(), Salasana: s.Salasana.Reveal(),
			},
		})
		if err == nil {
			w.t.Cleanup(client.Close)
		}
		return client, err
	}
}

// now is for the stand-ins too, which look at the clock once more when a request has been cut off.
func (w *world) now() time.Time {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.clock
}

// at moves the clock.
func (w *world) at(now time.Time) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.clock = now
}

// pass lets time go by.
func (w *world) pass(d time.Duration) { w.at(w.clock.Add(d)) }

// serve adds a customer in good order everywhere: customers.yaml, Hillava (as C-1, C-2, …), its own Tampuuri, and the
// last sync.
func (w *world) serve(tunniste string, performers ...int64) *config.Customer {
	secret := func(what string) config.Secret { return config.NewSecret(what + "-" + tunniste) }
	w.settings.list = append(w.settings.list, config.Customer{
		Tunniste: tunniste, Name: "Esimerkki Isännöinti", StartDate: helsinki("2026-02-01 00:00"), PerformerIDs: performers,
		Credentials: config.Credentials{
			Avain: secret("avain"), Asiakas: config.NewSecret(tunniste), Tili: secret("tili"), Kayttajatunnus: secret("tunnus"), Salasana: secret("salasana"),
		},
		Poll: config.Poll{Every: 5 * time.Minute, MaxNew: 10_000}, Notify: config.Notify{Tehty: true, Valmis: true},
		Task: config.TaskSettings{WorkloadHours: 1, StartFrom: "earliest", BillingReference: "{number}", Contacts: notice.ContactsDescription},
	})
	w.must(w.tampuuri.AddAccount(tampuuristandin.Account{
		Tunniste: tunniste, Avain: "avain-" + tunniste, Asiakas: tunniste, Tili: "tili-" + tunniste,
		Kayttajatunnus: "tunnus-" + tunniste, Salasana: "salasana-" + tunniste, OurPerformers: performers,
	}))
	customer := hillavastandin.Customer{ID: "C-" + string(rune('0'+len(w.settings.list))), Name: "ESIMERKKI  Isännöinti Oy", ExternalID: tunniste, IntegrationsActive: true}
	_, err := w.hillava.AddCustomer(customer)
	w.must(err)
	w.temporal.synced.Customers = append(w.temporal.synced.Customers, runs.CustomerState{
		Tunniste: tunniste, HasEntry: true, Served: runs.Served{CustomerID: customer.ID},
	})
	return w.entryOf(tunniste)
}

func (w *world) must(err error) {
	w.t.Helper()
	require.NoError(w.t, err)
}

// entry is esimerkki's in customers.yaml.
func (w *world) entry() *config.Customer { return w.entryOf("esimerkki") }

func (w *world) entryOf(tunniste string) *config.Customer {
	at := slices.IndexFunc(w.settings.list, func(c config.Customer) bool { return c.Tunniste == tunniste })
	return &w.settings.list[at]
}

func (w *world) ref(id int64) runs.NoticeRef { return refIn("esimerkki", id) }

func refIn(tunniste string, id int64) runs.NoticeRef {
	return runs.NoticeRef{Customer: tunniste, NoticeID: id, ExternalID: notice.ExternalID(tunniste, id, "")}
}

func toCreate(ref runs.NoticeRef) runs.CreateInput { return runs.CreateInput{NoticeRef: ref} }

// life is the newest workflow of a notice of esimerkki; nil when there is none.
func (w *world) life(id int64) *life { return w.temporal.lives[w.ref(id).ExternalID] }

func (w *world) serveTampuuri(rw http.ResponseWriter, r *http.Request) {
	w.through(rw, r, r.Header.Get("X-AsiakasNimi"), strings.TrimPrefix(r.URL.Path, tampuuristandin.Base), func(rw http.ResponseWriter, r *http.Request) {
		if w.row == nil {
			w.tampuuri.ServeHTTP(rw, r)
			return
		}
		answer := httptest.NewRecorder()
		w.tampuuri.ServeHTTP(answer, r)
		body := answer.Body.Bytes()
		var read any
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		if decoder.Decode(&read) == nil {
			w.eachNotice(read)
			body, _ = json.Marshal(read) // it was JSON a line before
		}
		rw.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
		rw.WriteHeader(answer.Code)
		_, _ = rw.Write(body)
	})
}

// eachNotice hands the notices in an answer to row.
func (w *world) eachNotice(read any) {
	switch read := read.(type) {
	case []any:
		for _, one := range read {
			w.eachNotice(one)
		}
	case fields:
		if _, is := read["Tila"]; is {
			w.row(read)
		}
		w.eachNotice(read["Items"])
	}
}

// unreadable makes these notices such that nobody can read them, in lists and alone.
func (w *world) unreadable(ids ...int64) {
	w.row = func(n fields) {
		if id, err := n["Id"].(json.Number).Int64(); err == nil && slices.Contains(ids, id) {
			n["Tila"] = nil
		}
	}
}

func (w *world) serveHillava(rw http.ResponseWriter, r *http.Request) {
	w.through(rw, r, hillavasCalls, strings.TrimPrefix(r.URL.Path, hillavastandin.Base), w.hillava.ServeHTTP)
}

func (w *world) through(rw http.ResponseWriter, r *http.Request, of, path string, serve http.HandlerFunc) {
	call := r.Method + " " + path
	w.mutex.Lock()
	w.calls[of] = append(w.calls[of], call)
	front := w.front
	w.mutex.Unlock()
	if front != nil {
		front(call, rw, r, serve)
		return
	}
	serve(rw, r)
}

// asked are the requests to esimerkki's Tampuuri since forgetCalls.
func (w *world) asked() []string { return w.callsTo("esimerkki") }

func (w *world) callsTo(peer string) []string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return slices.Clone(w.calls[peer])
}

func (w *world) forgetCalls() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	clear(w.calls)
}

// count says how many requests began so, to whomever.
func (w *world) count(prefix string) int {
	return w.counted(func(call string) bool { return strings.HasPrefix(call, prefix) })
}

// countOf says how many requests were just this one.
func (w *world) countOf(expected string) int {
	return w.counted(func(call string) bool { return call == expected })
}

func (w *world) counted(is func(call string) bool) (count int) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, calls := range w.calls {
		for _, call := range calls {
			if is(call) {
				count++
			}
		}
	}
	return count
}

// wrote are the writes among them, as "tila 101" and "toimenpide 101".
func (w *world) wrote() []string {
	writes := []string{}
	for _, call := range w.asked() {
		if id, ok := strings.CutSuffix(strings.TrimPrefix(call, "POST ilmoitukset/"), "/tila"); ok {
			writes = append(writes, "tila "+id)
		}
		if id, ok := strings.CutSuffix(strings.TrimPrefix(call, "POST ilmoitukset/"), "/toimenpiteet/lisaa"); ok {
			writes = append(writes, "toimenpide "+id)
		}
	}
	return writes
}

// once lets one call of that name go wrong, always every one; in order again when all is mended.
func (w *world) once(op string, kind fault.Kind) { w.faults.Add(fault.Fault{Op: op, Kind: kind}) }
func (w *world) always(op string, kind fault.Kind) {
	w.faults.Add(fault.Fault{Op: op, Kind: kind, Times: -1})
}
func (w *world) mended() { w.faults.Clear() }

// settings is customers.yaml.
type settings struct {
	list      []config.Customer
	reloadErr error
}

func (s *settings) Customers() []config.Customer { return slices.Clone(s.list) }

// Customer gives the entry of that Tunniste, else the one that has taken it over.
func (s *settings) Customer(tunniste string) (config.Customer, bool) {
	for _, entry := range s.list {
		if entry.Tunniste == tunniste {
			return entry, true
		}
	}
	for _, entry := range s.list {
		if slices.Contains(entry.Formerly, tunniste) {
			return entry, true
		}
	}
	return config.Customer{}, false
}

func (s *settings) Reload() error { return s.reloadErr }

func helsinki(text string) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04", text, notice.Helsinki())
	if err != nil {
		return time.Time{}
	}
	return at
}

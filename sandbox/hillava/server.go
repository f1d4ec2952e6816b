// Package hillava is a stateful stand-in of Hillava, strict to the contract: customers, task types, processes with
// transitions and their actions, tasks with notes and time entries, and signed webhooks with retries. Every applied
// effect goes into a ledger. It shares no code with the client and the receiver it is there to check.
//
// The contract's attachment calls are not there: they answer 404 like every unknown path. Only errors that the contract
// lists are answered: a wrong method is 404 and a wrong content type 400.
package hillava

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"tampuuri-hillava/sandbox/accesslog"
	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/ledger"
	"tampuuri-hillava/sandbox/strict"
)

// Base is the path that the interface lives under.
const Base = "/api/v1/"

// Server is one company's Hillava. It is an http.Handler for HTTP/1.1 and safe for concurrent use. Close it.
type Server struct {
	token  string
	ledger *ledger.Ledger
	faults *fault.Plan
	now    func() time.Time
	log    accesslog.Log
	client *http.Client // for webhooks

	mu        sync.Mutex
	customers []Customer
	taskTypes []TaskType
	processes []Process
	tasks     []*task          // in the order created
	answers   map[string]reply // first answers by Idempotency-Key, with its scope
	latest    time.Time        // the last modifiedAt given; the next one is later
	lastID    map[string]int   // last number given per kind of id
	webhook   Webhook
	delivery  Delivery
	held      *sending // waits for the next event while deliveries are reordered

	background context.Context // ends with Close
	stop       context.CancelFunc
	sendings   sync.WaitGroup
}

// New makes a Hillava without customers, task types and processes.
func New(o Options) *Server {
	s := &Server{
		token: o.Token, ledger: o.Ledger, faults: o.Faults, now: o.Now, webhook: o.Webhook.withDefaults(),
		answers: map[string]reply{}, lastID: map[string]int{}, client: webhookClient(),
	}
	if s.ledger == nil {
		s.ledger, _ = ledger.Open("") // in memory nothing can fail
	}
	if s.faults == nil {
		s.faults = fault.NewPlan()
	}
	if s.now == nil {
		s.now = time.Now
	}
	s.background, s.stop = context.WithCancel(context.Background())
	return s
}

// Close stops the webhooks and waits for the attempts on their way. What was not delivered yet never is.
func (s *Server) Close() {
	s.mu.Lock()
	s.stop() // under the lock, so that no sending begins between it and the wait
	s.mu.Unlock()
	s.sendings.Wait()
	s.client.CloseIdleConnections()
}

// Requests counts the requests so far by op.
func (s *Server) Requests() map[string]int { return s.log.Counts() }

// AccessLog returns the requests in full, oldest first, without the token.
func (s *Server) AccessLog() []accesslog.Request { return s.log.Requests() }

// request is what a handler gets to see of one HTTP request.
type request struct {
	op          string
	id          string // variable part of the path
	query       string
	contentType string
	keys        []string // Idempotency-Key headers
	body        []byte
	authorized  bool
}

// reply is an answer: a status and its JSON body.
type reply struct {
	status int
	body   json.RawMessage
}

// errorBody is the shape of every error.
type errorBody struct {
	Error      string          `json:"error"`
	Details    strict.Problems `json:"details,omitempty"`
	ExistingID string          `json:"existingId,omitempty"`
}

func answer(status int, body any) reply {
	text, err := json.Marshal(body)
	if err != nil {
		return reply{http.StatusInternalServerError, json.RawMessage(`{"error":"the answer cannot be written as JSON"}`)}
	}
	return reply{status, text}
}

func refuse(status int, message string) reply { return answer(status, errorBody{Error: message}) }

func invalid(status int, message string, problems strict.Problems) reply {
	return answer(status, errorBody{Error: message, Details: problems})
}

// faultBody is what a fault answers for a status.
func faultBody(status int) []byte { return refuse(status, http.StatusText(status)).body }

// ServeHTTP serves the contract under Base.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := strict.ReadBody(r)
	if err != nil {
		write(w, refuse(http.StatusBadRequest, err.Error()))
		return
	}
	tokens := r.Header.Values("Authorization")
	asked := request{
		query: r.URL.RawQuery, contentType: r.Header.Get("Content-Type"), keys: r.Header.Values("Idempotency-Key"), body: body,
		authorized: s.token != "" && len(tokens) == 1 && tokens[0] == "Bearer "+s.token,
	}
	asked.op, asked.id = route(r.Method, r.URL)
	about := fault.Request{System: ledger.Hillava, Op: asked.op, ErrorBody: faultBody}
	about.Customer, about.Key = s.subject(asked)
	watched := &accesslog.Watched{ResponseWriter: w}
	entry := accesslog.Request{
		At: s.now(), Op: asked.op, Customer: about.Customer, Key: about.Key, Method: r.Method, URL: r.URL.RequestURI(),
		Headers: accesslog.Redact(r.Header, "Authorization"),
	}
	defer func() {
		entry.Status = watched.Status
		s.log.Add(entry)
	}()
	s.faults.Serve(watched, r, about, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		write(w, s.handle(asked))
	}))
}

// route names the call that a method and address mean.
func route(method string, address *url.URL) (op, id string) {
	rest, ours := strings.CutPrefix(address.EscapedPath(), Base)
	if !ours {
		return OpUnknown, ""
	}
	parts := strings.Split(rest, "/")
	get, post := method == http.MethodGet, method == http.MethodPost
	switch {
	case get && rest == "customers":
		return OpCustomers, ""
	case get && rest == "task-types":
		return OpTaskTypes, ""
	case get && len(parts) == 2 && parts[0] == "processes":
		return OpProcess, parts[1]
	case post && rest == "tasks":
		return OpCreateTask, ""
	case get && rest == "tasks" && address.Query().Has("externalId"):
		return OpFindTask, ""
	case get && rest == "tasks":
		return OpChangedTasks, ""
	case get && len(parts) == 2 && parts[0] == "tasks":
		return OpReadTask, parts[1]
	case post && len(parts) == 3 && parts[0] == "tasks" && parts[2] == "notes":
		return OpNote, parts[1]
	case get && len(parts) == 3 && parts[0] == "tasks" && parts[2] == "time-entries":
		return OpTimeEntries, parts[1]
	}
	return OpUnknown, ""
}

// subject finds the customer and the key that a request is about, for faults and the access log: the task's id, or where
// no task is named the external id. A task that does not exist yet has the customer of the create only.
func (s *Server) subject(asked request) (tunniste, key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch asked.op {
	case OpCreateTask:
		var body struct{ ExternalID, BillingCustomerID string }
		if json.Unmarshal(asked.body, &body) != nil {
			return "", ""
		}
		return s.tunnisteOf(body.BillingCustomerID), body.ExternalID
	case OpFindTask:
		values, err := url.ParseQuery(asked.query)
		if err != nil {
			return "", ""
		}
		if t := s.byExternalID(values.Get("externalId")); t != nil {
			tunniste = s.tunnisteOf(t.BillingCustomerID)
		}
		return tunniste, values.Get("externalId")
	case OpReadTask, OpNote, OpTimeEntries:
		if t := s.task(asked.id); t != nil {
			tunniste = s.tunnisteOf(t.BillingCustomerID)
		}
	}
	return tunniste, asked.id
}

// handle carries out one request as a whole: nothing else happens to the state meanwhile.
func (s *Server) handle(asked request) reply {
	if !asked.authorized {
		return refuse(http.StatusUnauthorized, "The token is missing or wrong.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch asked.op {
	case OpCustomers:
		return s.listCustomers(asked)
	case OpTaskTypes:
		return s.listTaskTypes(asked)
	case OpProcess:
		return s.readProcess(asked)
	case OpFindTask:
		return s.findTask(asked)
	case OpChangedTasks:
		return s.changedTasks(asked)
	case OpReadTask:
		return s.readTask(asked)
	case OpCreateTask:
		return s.createTask(asked)
	case OpNote:
		return s.addNote(asked)
	case OpTimeEntries:
		return s.timeEntries(asked)
	}
	return refuse(http.StatusNotFound, "Nothing is found at this address for this method.")
}

func write(w http.ResponseWriter, r reply) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body) // a client that is gone needs no answer
}

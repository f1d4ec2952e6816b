// Package tampuuri is a stateful stand-in of Visma Tampuuri's interface, strict to the contract: it refuses what the
// contract does not allow, moves Muokattu with every change, notifies participants again when a state is set again, and
// records every applied effect in a ledger. It shares no code with the client it is there to check.
//
// The contract's two attachment calls are not there: they answer 404 like every unknown path. Only errors that the
// contract lists are answered: a wrong method is 404 and a wrong content type 400.
package tampuuri

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"tampuuri-hillava/sandbox/accesslog"
	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/ledger"
	"tampuuri-hillava/sandbox/strict"
)

// Base is the path that the interface lives under.
const Base = "/v10/api/"

// Server is one Tampuuri service with any number of customers' accounts, each with notices, properties and performers
// of its own. It is an http.Handler for HTTP/1.1 and safe for concurrent use.
type Server struct {
	ledger  *ledger.Ledger
	faults  *fault.Plan
	now     func() time.Time
	headers Headers
	log     accesslog.Log

	mu       sync.Mutex
	accounts []*account // in the order added
}

// New makes a Tampuuri without accounts.
func New(o Options) *Server {
	s := &Server{ledger: o.Ledger, faults: o.Faults, now: o.Now, headers: o.Headers}
	if s.ledger == nil {
		s.ledger, _ = ledger.Open("") // in memory nothing can fail
	}
	if s.faults == nil {
		s.faults = fault.NewPlan()
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.headers == (Headers{}) {
		s.headers = DefaultHeaders()
	}
	return s
}

// Requests counts the requests so far by op.
func (s *Server) Requests() map[string]int { return s.log.Counts() }

// AccessLog returns the requests in full, oldest first, without the credentials' values.
func (s *Server) AccessLog() []accesslog.Request { return s.log.Requests() }

// request is what a handler gets to see of one HTTP request.
type request struct {
	op          string
	id          string // last variable part of the path
	query       string
	contentType string
	body        []byte
	account     *account // nil when the headers select none
}

// reply is an answer: a status and what its JSON body holds.
type reply struct {
	status int
	body   any
}

// errorBody is the shape of every error.
type errorBody struct {
	Message    string          `json:"Message"`
	ModelState strict.Problems `json:"ModelState,omitempty"`
}

func refuse(status int, message string) reply { return reply{status, errorBody{Message: message}} }

func invalid(problems strict.Problems) reply {
	return reply{http.StatusBadRequest, errorBody{Message: "The request is invalid.", ModelState: problems}}
}

func invalidField(field, complaint string) reply {
	return invalid(strict.Problems{field: {complaint}})
}

// faultBody is what a fault answers for a status.
func faultBody(status int) []byte {
	body, err := json.Marshal(errorBody{Message: http.StatusText(status)})
	if err != nil {
		return nil
	}
	return body
}

// ServeHTTP serves the contract under Base.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := strict.ReadBody(r)
	if err != nil {
		write(w, refuse(http.StatusBadRequest, err.Error()))
		return
	}
	asked := request{
		query: r.URL.RawQuery, contentType: r.Header.Get("Content-Type"), body: body, account: s.accountOf(r.Header),
	}
	asked.op, asked.id = route(r.Method, r.URL.EscapedPath())
	about := fault.Request{System: ledger.Tampuuri, Op: asked.op, Key: asked.id, ErrorBody: faultBody}
	if asked.account != nil {
		about.Customer = asked.account.Tunniste
	}
	watched := &accesslog.Watched{ResponseWriter: w}
	entry := accesslog.Request{
		At: s.now(), Op: asked.op, Customer: about.Customer, Key: asked.id, Method: r.Method, URL: r.URL.RequestURI(),
		Headers: accesslog.Redact(r.Header, s.headers.names()...),
	}
	defer func() {
		entry.Status = watched.Status
		s.log.Add(entry)
	}()
	s.faults.Serve(watched, r, about, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		write(w, s.handle(asked))
	}))
}

// route names the call that a method and path mean.
func route(method, path string) (op, id string) {
	rest, ours := strings.CutPrefix(path, Base)
	if !ours {
		return OpUnknown, ""
	}
	parts := strings.Split(rest, "/")
	get, post := method == http.MethodGet, method == http.MethodPost
	switch {
	case get && rest == "ilmoitukset/selaa":
		return OpList, ""
	case post && rest == "ilmoitukset/hae":
		return OpHae, ""
	case get && len(parts) == 2 && parts[0] == "ilmoitukset":
		return OpRead, parts[1]
	case post && len(parts) == 3 && parts[0] == "ilmoitukset" && parts[2] == "tila":
		return OpTila, parts[1]
	case post && len(parts) == 4 && parts[0] == "ilmoitukset" && parts[2] == "toimenpiteet" && parts[3] == "lisaa":
		return OpToimenpide, parts[1]
	case get && len(parts) == 3 && parts[0] == "kohdetiedot" && parts[1] == "kohteet":
		return OpKohde, parts[2]
	}
	return OpUnknown, ""
}

// handle carries out one request as a whole: nothing else happens to the state meanwhile.
func (s *Server) handle(asked request) reply {
	if asked.account == nil {
		return refuse(http.StatusUnauthorized, "Authorization has been denied for this request.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch asked.op {
	case OpList:
		return s.list(asked)
	case OpRead:
		return s.read(asked)
	case OpHae:
		return s.hae(asked)
	case OpTila:
		return s.tila(asked)
	case OpToimenpide:
		return s.toimenpide(asked)
	case OpKohde:
		return s.kohde(asked)
	}
	return refuse(http.StatusNotFound, "No resource was found at this address for this method.")
}

func write(w http.ResponseWriter, r reply) {
	text, err := json.Marshal(r.body)
	if err != nil {
		r.status, text = http.StatusInternalServerError, []byte(`{"Message":"The answer cannot be written as JSON."}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(r.status)
	_, _ = w.Write(text) // a client that is gone needs no answer
}

func (h Headers) names() []string {
	return []string{h.Avain, h.Asiakas, h.Tili, h.Kayttajatunnus, h.Salasana}
}

// accountOf finds the account that all five headers select together; nil when any is wrong, missing or doubled.
func (s *Server) accountOf(header http.Header) *account {
	var given [5]string
	for i, name := range s.headers.names() {
		values := header.Values(name)
		if len(values) != 1 {
			return nil
		}
		given[i] = values[0]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.accounts {
		if given == [5]string{a.Avain, a.Asiakas, a.Tili, a.Kayttajatunnus, a.Salasana} {
			return a
		}
	}
	return nil
}

package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/ledger"
	"tampuuri-hillava/sandbox/tampuuri"
)

// pageState is all that the page shows, in one answer.
type pageState struct {
	TemporalUI string     `json:"temporalUI"` // its list of notices
	Customers  []Customer `json:"customers"`
	Notices    []noticeOf `json:"notices"` // those made here, newest first, then those of the start
	Tasks      []taskOf   `json:"tasks"`   // newest first
	Faults     faultState `json:"faults"`
	SetUp      setUp      `json:"setUp"`
	// Lives and Polling tell how the integration stands with each notice and customer, by external id and by Tunniste.
	Lives   map[string]Life    `json:"lives"`
	Polling map[string]Polling `json:"polling"`
}

// noticeOf is a notice with what belongs to it elsewhere. Fields have the read spelling of noticeFields, whatever the
// notice itself uses.
type noticeOf struct {
	Customer      string         `json:"customer"`
	ID            string         `json:"id"`
	State         string         `json:"state"`
	Performer     string         `json:"performer"` // company id, "" = nobody
	Ours          bool           `json:"ours"`
	Fields        map[string]any `json:"fields"`
	Toimenpiteet  any            `json:"toimenpiteet"`
	Notifications any            `json:"notifications"`
	ExternalID    string         `json:"externalId"`
	WorkflowURL   string         `json:"workflowUrl"` // "" when the Web UI is not known
	SearchURL     string         `json:"searchUrl"`   // the Web UI's list, filtered by notice number
}

// taskOf is a task with the transitions that its state allows.
type taskOf struct {
	hillava.TaskDump
	Customer    string       `json:"customer"` // Tunniste of the billing customer
	Transitions []transition `json:"transitions"`
}

// transition is a button: its name and the actions that pressing it carries out.
type transition struct {
	Name    string   `json:"name"`
	Actions []string `json:"actions"`
}

type faultState struct {
	Active []fault.FaultStatus `json:"active"`
	Kinds  []fault.Kind        `json:"kinds"`
	Ops    map[string][]string `json:"ops"` // by system
	// Delivery is what befalls webhooks.
	Delivery hillava.Delivery `json:"delivery"`
}

func (h *handler) state(w http.ResponseWriter, r *http.Request) {
	text, err := json.Marshal(h.snapshot(r.Context()))
	if err != nil {
		http.Error(w, "The state cannot be written as JSON.", http.StatusInternalServerError)
		return
	}
	sum := sha256.Sum256(text)
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag { // the page asks every second and mostly nothing has changed
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(text) // a browser that is gone needs no answer
}

func (h *handler) snapshot(ctx context.Context) pageState {
	s := pageState{
		TemporalUI: h.listURL(`WorkflowType = "Notice"`), Customers: h.customers(), Notices: []noticeOf{}, Tasks: []taskOf{},
		Faults: faultState{Active: h.Faults.List(), Kinds: settableKinds(), Ops: faultOps(), Delivery: h.Hillava.Delivery()},
	}
	h.mutex.Lock()
	s.SetUp = h.setUp
	h.mutex.Unlock()
	if h.Integration != nil {
		s.Lives, s.Polling = h.Integration.Lives(ctx)
	}
	// What is made here goes above what was there, which keeps its order: the first of the examples is a calm one.
	var atStart []noticeOf
	for _, notice := range h.Tampuuri.Notices() {
		if shown := h.noticeOf(notice); h.before[keyOf(notice)] {
			atStart = append(atStart, shown)
		} else {
			s.Notices = append(s.Notices, shown)
		}
	}
	slices.Reverse(s.Notices)
	s.Notices = append(s.Notices, atStart...)
	tunniste := map[string]string{}
	for _, c := range h.Hillava.Customers() {
		tunniste[c.ID] = c.ExternalID
	}
	for _, dump := range slices.Backward(h.Hillava.Tasks()) {
		transitions, err := h.Hillava.Transitions(dump.ID)
		if err != nil { // removed since the dump
			continue
		}
		s.Tasks = append(s.Tasks, taskOf{
			TaskDump: dump, Customer: tunniste[dump.BillingCustomerID], Transitions: inProcessOrder(transitions, dump.State, s.SetUp.Actions),
		})
	}
	return s
}

// inProcessOrder puts the names in the order of the default process and adds what its transitions send. A name that it
// does not have comes last, without.
func inProcessOrder(names []string, state string, actions bool) []transition {
	ordered := []transition{}
	for _, known := range hillava.DefaultProcess().Transitions {
		if known.From == state && slices.Contains(names, known.Name) {
			if !actions {
				known.Actions = []string{}
			}
			ordered = append(ordered, transition{Name: known.Name, Actions: known.Actions})
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(ordered, func(t transition) bool { return t.Name == name }) {
			ordered = append(ordered, transition{Name: name, Actions: []string{}})
		}
	}
	return ordered
}

func (h *handler) noticeOf(notice map[string]any) noticeOf {
	customer, _ := notice["_customer"].(string)
	n := noticeOf{
		Customer: customer, ID: NumberOf(notice), State: text(value(notice, "Tila")), Performer: text(value(notice, performerField)),
		Fields: map[string]any{}, Toimenpiteet: notice["Toimenpiteet"], Notifications: notice["Ilmoitukset"],
		ExternalID: ExternalID(customer, notice),
	}
	n.Ours = n.Performer != "" && n.Performer == fmt.Sprint(h.ourPerformer(customer, n.Performer))
	for _, name := range shownFields() {
		if found := value(notice, name); found != nil {
			n.Fields[name] = found
		}
	}
	n.WorkflowURL = h.workflowURL(n.ExternalID)
	n.SearchURL = h.listURL(fmt.Sprintf("TampuuriNotice = %q AND TampuuriCustomer = %q", n.ID, customer))
	return n
}

// listURL is the Web UI's list, filtered by a query.
func (h *handler) listURL(query string) string {
	if h.TemporalUI == "" {
		return ""
	}
	return h.TemporalUI + "/namespaces/" + url.PathEscape(h.Namespace) + "/workflows?" + url.Values{"query": {query}}.Encode()
}

// ourPerformer returns our performer id among the customer's that is written as text, or 0.
func (h *handler) ourPerformer(tunniste, text string) int64 {
	for _, c := range h.customers() {
		if c.Tunniste != tunniste {
			continue
		}
		for _, performer := range c.Performers {
			if fmt.Sprint(performer) == text {
				return performer
			}
		}
	}
	return 0
}

func (h *handler) workflowURL(externalID string) string {
	if h.TemporalUI == "" || externalID == "" {
		return ""
	}
	return h.TemporalUI + "/namespaces/" + url.PathEscape(h.Namespace) + "/workflows/" + url.PathEscape("notice-"+externalID)
}

// keyOf names a notice among those of all customers.
func keyOf(notice map[string]any) string {
	return fmt.Sprint(notice["_customer"], "/", NumberOf(notice))
}

func text(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

// settableKinds leaves out the kinds that call Go code, and the one whose answer must be written first.
func settableKinds() []fault.Kind {
	var kinds []fault.Kind
	for _, kind := range fault.Kinds() {
		switch kind {
		case fault.CallBefore, fault.CallBeforeReset, fault.CallAfter, fault.CallAfterReset, fault.Answer:
		default:
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

func faultOps() map[string][]string {
	return map[string][]string{
		ledger.Tampuuri: {tampuuri.OpList, tampuuri.OpRead, tampuuri.OpHae, tampuuri.OpTila, tampuuri.OpToimenpide, tampuuri.OpKohde},
		ledger.Hillava: {
			hillava.OpCustomers, hillava.OpTaskTypes, hillava.OpProcess, hillava.OpFindTask, hillava.OpChangedTasks,
			hillava.OpReadTask, hillava.OpCreateTask, hillava.OpNote, hillava.OpTimeEntries,
		},
	}
}

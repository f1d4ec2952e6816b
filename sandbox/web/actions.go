package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
)

// maxBody is far more than any form of the page sends.
const maxBody = 64 << 10

// badRequest is an error in what was asked, as opposed to one of the stand-ins.
type badRequest struct{ error }

// act answers a change with 200 and what it returns, or with the reason why it was not made.
func act[In any](do func(*http.Request, In) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		status := http.StatusOK
		var in In
		out, err := any(nil), readBody(w, r, &in)
		if err == nil {
			out, err = do(r, in)
		}
		if err != nil {
			status = http.StatusConflict
			if errors.As(err, new(badRequest)) {
				status = http.StatusBadRequest
			}
			out = map[string]string{"error": err.Error()}
		} else if out == nil {
			out = struct{}{}
		}
		text, err := json.Marshal(out)
		if err != nil {
			http.Error(w, "The answer cannot be written as JSON.", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		_, _ = w.Write(text) // a browser that is gone needs no answer
	}
}

func readBody(w http.ResponseWriter, r *http.Request, into any) error {
	// A form of a foreign page cannot send this type without asking first.
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return badRequest{errors.New("send JSON with Content-Type: application/json")}
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return badRequest{fmt.Errorf("the request is not understood: %w", err)}
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return badRequest{errors.New("the request has more than one JSON value")}
	}
	return nil
}

type nothing struct{}

type newNotice struct {
	Customer  string         `json:"customer"`
	Property  int64          `json:"property"`  // KohdeId
	Performer int64          `json:"performer"` // 0 = nobody yet
	Fields    map[string]any `json:"fields"`
}

func (h *handler) createNotice(_ *http.Request, in newNotice) (any, error) {
	fields, err := wireFields(in.Fields)
	if err != nil {
		return nil, badRequest{err}
	}
	customer, err := h.customer(in.Customer)
	if err != nil {
		return nil, badRequest{err}
	}
	if in.Property <= 0 {
		return nil, badRequest{errors.New("choose the property (kohde)")}
	}
	fields["KohdeId"] = in.Property
	for _, p := range customer.Properties {
		if p.ID == in.Property {
			fields["Kiinteistö"] = p.Nimi
		}
	}
	fields["Guid"] = uuid.NewString()
	fields["IlmoitusTehty"] = time.Now().Format(time.RFC3339Nano)
	if in.Performer != 0 {
		fields[performerField] = in.Performer
	}
	id, err := h.Tampuuri.AddNotice(in.Customer, fields)
	if err != nil {
		return nil, err
	}
	return map[string]int64{"id": id}, nil
}

func (h *handler) customer(tunniste string) (Customer, error) {
	for _, c := range h.customers() {
		if c.Tunniste == tunniste {
			return c, nil
		}
	}
	return Customer{}, errors.New("choose one of the customers on the page")
}

func noticePath(r *http.Request) (customer string, id int64, err error) {
	id, err = strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return "", 0, badRequest{errors.New("the notice's id in the address is no number")}
	}
	return r.PathValue("customer"), id, nil
}

type editedNotice struct {
	Fields map[string]any `json:"fields"`
}

func (h *handler) editNotice(r *http.Request, in editedNotice) (any, error) {
	customer, id, err := noticePath(r)
	if err != nil {
		return nil, err
	}
	fields, err := wireFields(in.Fields)
	if err != nil {
		return nil, badRequest{err}
	}
	if len(fields) == 0 {
		return nil, badRequest{errors.New("nothing has been changed")}
	}
	return nil, h.Tampuuri.EditNotice(customer, id, fields)
}

type assignment struct {
	Performer int64 `json:"performer"` // 0 = nobody
}

func (h *handler) assignNotice(r *http.Request, in assignment) (any, error) {
	customer, id, err := noticePath(r)
	if err != nil {
		return nil, err
	}
	return nil, h.Tampuuri.Assign(customer, id, in.Performer)
}

type newState struct {
	State string `json:"state"`
}

func (h *handler) setNoticeState(r *http.Request, in newState) (any, error) {
	customer, id, err := noticePath(r)
	if err != nil {
		return nil, err
	}
	return nil, h.Tampuuri.SetState(customer, id, in.State)
}

type pressed struct {
	Name string `json:"name"`
}

func (h *handler) runTransition(r *http.Request, in pressed) (any, error) {
	return nil, h.Hillava.Transition(r.PathValue("id"), in.Name)
}

type timeEntry struct {
	Date            string  `json:"date"` // YYYY-MM-DD
	Resource        string  `json:"resource"`
	CustomerSummary string  `json:"customerSummary"`
	Hours           float64 `json:"hours"`
	Approved        bool    `json:"approved"`
}

// entry checks the form and gives the same resource the same id.
func (e timeEntry) entry(id string) (hillava.TimeEntry, error) {
	if _, err := time.Parse(time.DateOnly, e.Date); err != nil {
		return hillava.TimeEntry{}, badRequest{errors.New("the date must be written like 2026-02-05")}
	}
	if e.Resource == "" {
		return hillava.TimeEntry{}, badRequest{errors.New("say who did the work (resurssi)")}
	}
	if e.Hours < 0 || e.Hours > 24 {
		return hillava.TimeEntry{}, badRequest{errors.New("the hours must be between 0 and 24")}
	}
	return hillava.TimeEntry{
		ID: id, Date: e.Date, CustomerSummary: e.CustomerSummary, Hours: e.Hours, Approved: e.Approved,
		Resource: hillava.Resource{ID: "R-" + uuid.NewSHA1(uuid.Nil, []byte(e.Resource)).String()[:8], Name: e.Resource},
	}, nil
}

func (h *handler) addTimeEntry(r *http.Request, in timeEntry) (any, error) {
	entry, err := in.entry("")
	if err != nil {
		return nil, err
	}
	id, err := h.Hillava.AddTimeEntry(r.PathValue("id"), entry)
	if err != nil {
		return nil, err
	}
	return map[string]string{"id": id}, nil
}

func (h *handler) editTimeEntry(r *http.Request, in timeEntry) (any, error) {
	entry, err := in.entry(r.PathValue("entry"))
	if err != nil {
		return nil, err
	}
	return nil, h.Hillava.EditTimeEntry(r.PathValue("id"), entry)
}

func (h *handler) approveTimeEntry(r *http.Request, _ nothing) (any, error) {
	return nil, h.Hillava.ApproveTimeEntry(r.PathValue("id"), r.PathValue("entry"))
}

func (h *handler) removeTimeEntry(r *http.Request, _ nothing) (any, error) {
	return nil, h.Hillava.RemoveTimeEntry(r.PathValue("id"), r.PathValue("entry"))
}

func (h *handler) addFault(_ *http.Request, in fault.Fault) (any, error) {
	if err := in.Validate(); err != nil {
		return nil, badRequest{err}
	}
	return map[string]int{"id": h.Faults.Add(in)}, nil
}

func (h *handler) removeFault(r *http.Request, _ nothing) (any, error) {
	id, err := strconv.Atoi(r.PathValue("fault"))
	if err != nil || !h.Faults.Remove(id) {
		return nil, badRequest{errors.New("there is no such fault any more")}
	}
	return nil, nil
}

func (h *handler) setDelivery(_ *http.Request, in hillava.Delivery) (any, error) {
	h.Hillava.SetDelivery(in)
	return nil, nil
}

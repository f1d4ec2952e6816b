package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"
)

// Integration is what the page knows of the integration itself, beside what it does in both systems.
type Integration interface {
	// Lives tells how each notice's workflow stands, by external id, and each customer's, by Tunniste.
	Lives(ctx context.Context) (notices map[string]Life, customers map[string]Polling)
	// Operate has an operator's command about a notice done: resend, or dismiss with one of its codes. It returns what
	// the command said; the error is what it said of its failure.
	Operate(ctx context.Context, what, externalID, code string) (string, error)
}

// Life is how the workflow of a notice stands.
type Life struct {
	Phase     string     `json:"phase"`
	Closed    bool       `json:"closed"`
	Attention string     `json:"attention,omitempty"` // the reason why it waits for a person
	Advice    string     `json:"advice,omitempty"`    // what a person can do about that
	Since     *time.Time `json:"since,omitempty"`
	Step      string     `json:"step,omitempty"`    // what is being tried again
	Attempt   int32      `json:"attempt,omitempty"` // how often so far
	Next      *time.Time `json:"next,omitempty"`    // when it is tried again
	Failure   string     `json:"failure,omitempty"` // the last one, of the step that is tried again or was refused
}

// Polling is how the workflow of a customer stands.
type Polling struct {
	Polled  bool     `json:"polled"`
	Reasons []string `json:"reasons"` // why it is not
	Failure string   `json:"failure"` // of the last round
}

type dismissal struct {
	Code string `json:"code"` // of a dismissal
}

// operate answers with the command's own words.
func (h *handler) operate(r *http.Request, in dismissal) (any, error) {
	what := r.PathValue("what")
	switch {
	case h.Integration == nil:
		return nil, errors.New("this page runs without the integration")
	case what == "dismiss" && !slices.Contains([]string{"done-by-hand", "not-ours", "other"}, in.Code):
		return nil, badRequest{errors.New("say why it is dismissed")}
	}
	said, err := h.Integration.Operate(r.Context(), what, r.PathValue("externalId"), in.Code)
	if err != nil {
		return nil, err
	}
	return map[string]string{"said": said}, nil
}

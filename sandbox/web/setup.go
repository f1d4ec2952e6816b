package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"tampuuri-hillava/sandbox/hillava"
)

// setUp is what the office sets in Hillava before the first notice comes. Each can be set wrongly, to see what becomes
// of it and what doctor says.
type setUp struct {
	TargetRequired     bool `json:"targetRequired"`     // of the task type: kohde is mandatory
	Actions            bool `json:"actions"`            // the process's two transitions carry out their actions
	IntegrationsActive bool `json:"integrationsActive"` // Integraatiot of the customer type
}

// asItHasToBe is the set-up that the integration needs.
var asItHasToBe = setUp{Actions: true, IntegrationsActive: true}

func (h *handler) changeSetUp(_ *http.Request, in setUp) (any, error) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.setUp = in
	return nil, h.applySetUp()
}

// applySetUp sets Hillava up; the customers that it has, too.
func (h *handler) applySetUp() error {
	taskType, process := hillava.DefaultTaskType(), hillava.DefaultProcess()
	taskType.TargetRequired = h.setUp.TargetRequired
	for i := range process.Transitions {
		if !h.setUp.Actions {
			process.Transitions[i].Actions = nil
		}
	}
	h.Hillava.SetTaskType(taskType)
	h.Hillava.SetProcess(process)
	for _, c := range h.Hillava.Customers() {
		c.IntegrationsActive = h.setUp.IntegrationsActive
		if err := h.Hillava.EditCustomer(c); err != nil {
			return err
		}
	}
	return nil
}

type newCustomer struct {
	Tunniste string `json:"tunniste"`
	Name     string `json:"name"`
}

// addCustomer makes a customer in both systems, and answers with the entry that customers.yaml needs for it.
func (h *handler) addCustomer(_ *http.Request, in newCustomer) (any, error) {
	in.Tunniste, in.Name = strings.TrimSpace(in.Tunniste), strings.TrimSpace(in.Name)
	switch {
	case h.NewCustomer == nil:
		return nil, errors.New("this page cannot make customers")
	case in.Tunniste == "" || in.Name == "":
		return nil, badRequest{errors.New("a customer has a Tunniste and a name")}
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	made, entry, err := h.NewCustomer(in.Tunniste, in.Name)
	if err != nil {
		return nil, err
	}
	h.Customers = append(h.Customers, made)
	return map[string]string{"entry": entry}, h.applySetUp()
}

// customers are those on the page: of the start, and made since.
func (h *handler) customers() []Customer {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return slices.Clone(h.Customers)
}

func (h *handler) deleteNotice(r *http.Request, _ nothing) (any, error) {
	customer, id, err := noticePath(r)
	if err != nil {
		return nil, err
	}
	return nil, h.Tampuuri.Delete(customer, id)
}

// chainNotice makes a child of the notice for the same performer.
func (h *handler) chainNotice(r *http.Request, in assignment) (any, error) {
	customer, id, err := noticePath(r)
	if err != nil {
		return nil, err
	}
	child, err := h.Tampuuri.Chain(customer, id, in.Performer)
	if err != nil {
		return nil, err
	}
	return map[string]int64{"id": child}, nil
}

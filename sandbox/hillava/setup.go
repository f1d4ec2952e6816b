package hillava

import (
	"errors"
	"fmt"
	"slices"

	"tampuuri-hillava/sandbox/ledger"
)

// What the office sets up before the first notice comes.

// States and transitions of DefaultProcess.
const (
	StateOpen     = "Avoin"
	StateDone     = "Työ valmis"
	StateChecked  = "Tarkastettu"
	StateInvoiced = "Laskutettu"

	TransitionDone     = "Työ valmis"
	TransitionChecked  = "Tarkastettu"
	TransitionInvoiced = "Laskutettu"
	TransitionReopen   = "Avaa uudelleen"
)

// DefaultProcess is the process of the source's flow, with its two actions on Työ valmis and Laskutettu. Laskutettu can
// also be pressed on an open task, and every task can be opened again, so that events come in any order and again.
func DefaultProcess() Process {
	none, done, invoiced := []string{}, []string{ActionDone}, []string{ActionInvoiced}
	return Process{
		ID: "P-1", Name: "Tampuuri-tehtävä", InitialState: StateOpen,
		Transitions: []Transition{
			{TransitionDone, StateOpen, StateDone, done},
			{TransitionChecked, StateDone, StateChecked, none},
			{TransitionInvoiced, StateDone, StateInvoiced, invoiced},
			{TransitionInvoiced, StateChecked, StateInvoiced, invoiced},
			{TransitionInvoiced, StateOpen, StateInvoiced, invoiced},
			{TransitionReopen, StateDone, StateOpen, none},
			{TransitionReopen, StateChecked, StateOpen, none},
			{TransitionReopen, StateInvoiced, StateOpen, none},
		},
	}
}

// DefaultTaskType is the integration's task type, set up as it has to be, with DefaultProcess.
func DefaultTaskType() TaskType {
	return TaskType{
		ID: "TT-1", Name: "Tampuuri-tehtävä", Identifier: TaskTypeTampuuri, AdditionalInfoVisible: true,
		ProcessID: DefaultProcess().ID,
	}
}

// SetTaskType adds a task type, or replaces the one of that id.
func (s *Server) SetTaskType(t TaskType) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at := slices.IndexFunc(s.taskTypes, func(other TaskType) bool { return other.ID == t.ID }); at >= 0 {
		s.taskTypes[at] = t
		return
	}
	s.taskTypes = append(s.taskTypes, t)
}

// SetProcess adds a process, or replaces the one of that id. Tasks keep their state.
func (s *Server) SetProcess(p Process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	copied := p
	copied.Transitions = make([]Transition, 0, len(p.Transitions))
	for _, transition := range p.Transitions {
		transition.Actions = append([]string{}, transition.Actions...)
		copied.Transitions = append(copied.Transitions, transition)
	}
	if at := slices.IndexFunc(s.processes, func(other Process) bool { return other.ID == p.ID }); at >= 0 {
		s.processes[at] = copied
		return
	}
	s.processes = append(s.processes, copied)
}

// AddCustomer adds a customer and returns its id, which is made up when empty. Several may have one Tunniste, as nothing
// in Hillava prevents it.
func (s *Server) AddCustomer(c Customer) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.ID == "" {
		c.ID = s.nextID("C")
	}
	if _, known := s.customer(c.ID); known {
		return "", fmt.Errorf("add customer %s: the id is in use", c.ID)
	}
	c, err := s.recordCustomer(c)
	if err != nil {
		return "", err
	}
	s.customers = append(s.customers, c)
	return c.ID, nil
}

// EditCustomer replaces the customer of c.ID. Its Tunniste (ExternalID) can be set only at creation and must be the same.
func (s *Server) EditCustomer(c Customer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.customers, func(other Customer) bool { return other.ID == c.ID })
	if at < 0 {
		return fmt.Errorf("edit customer %s: there is none of that id", c.ID)
	}
	if s.customers[at].ExternalID != c.ExternalID {
		return errors.New("edit a customer: its Tunniste can be set only at creation")
	}
	c, err := s.recordCustomer(c)
	if err != nil {
		return err
	}
	s.customers[at] = c
	return nil
}

// RemoveCustomer removes a customer; its tasks stay.
func (s *Server) RemoveCustomer(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, known := s.customer(id)
	if !known {
		return fmt.Errorf("remove customer %s: there is none of that id", id)
	}
	err := s.ledger.Append(ledger.Entry{
		At: s.now(), System: ledger.Hillava, Customer: c.ExternalID, Kind: ledger.CustomerRemoved, Key: id,
		Detail: map[string]any{"customerId": id, "externalId": c.ExternalID},
	})
	if err != nil {
		return fmt.Errorf("remove customer %s: %w", id, err)
	}
	s.customers = slices.DeleteFunc(s.customers, func(other Customer) bool { return other.ID == id })
	return nil
}

// recordCustomer fills in the customer type and records the customer.
func (s *Server) recordCustomer(c Customer) (Customer, error) {
	if c.CustomerType == "" {
		c.CustomerType = CustomerTypeTampuuri
	}
	err := s.ledger.Append(ledger.Entry{
		At: s.now(), System: ledger.Hillava, Customer: c.ExternalID, Kind: ledger.CustomerSet, Key: c.ID,
		Detail: map[string]any{
			"customerId": c.ID, "externalId": c.ExternalID, "customerType": c.CustomerType, "integrationsActive": c.IntegrationsActive,
		},
	})
	if err != nil {
		return Customer{}, fmt.Errorf("record customer %s: %w", c.ID, err)
	}
	return c, nil
}

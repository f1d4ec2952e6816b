package tampuuri

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"tampuuri-hillava/sandbox/ledger"
)

// What follows is done in Tampuuri by people: the contract's checks of API writes do not apply.

// AddAccount adds a customer. Its Tunniste and its five header values must be new, and none of them empty.
func (s *Server) AddAccount(added Account) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	credentials := []string{added.Avain, added.Asiakas, added.Tili, added.Kayttajatunnus, added.Salasana}
	if added.Tunniste == "" || slices.Contains(credentials, "") {
		return errors.New("add an account: the Tunniste or one of the five header values is empty")
	}
	for _, a := range s.accounts {
		same := slices.Equal(credentials, []string{a.Avain, a.Asiakas, a.Tili, a.Kayttajatunnus, a.Salasana})
		if a.Tunniste == added.Tunniste || same {
			return fmt.Errorf("add account %s: account %s has the same Tunniste or header values", added.Tunniste, a.Tunniste)
		}
	}
	added.OurPerformers = slices.Clone(added.OurPerformers)
	err := s.ledger.Append(ledger.Entry{
		At: s.now(), System: ledger.Tampuuri, Customer: added.Tunniste, Kind: ledger.AccountAdded, Key: added.Tunniste,
		Detail: map[string]any{"ourPerformers": append([]int64{}, added.OurPerformers...)},
	})
	if err != nil {
		return fmt.Errorf("add account %s: %w", added.Tunniste, err)
	}
	s.accounts = append(s.accounts, &account{
		Account: added, notices: map[int64]*notice{}, properties: map[int64]Property{}, lastNotice: 50_000, lastToimenpide: 900,
	})
	return nil
}

// AddProperty adds a property to an account, or replaces the one of that id.
func (s *Server) AddProperty(tunniste string, p Property) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.account(tunniste)
	if err != nil {
		return err
	}
	if p.ID <= 0 {
		return errors.New("add a property: its id is not positive")
	}
	a.properties[p.ID] = p
	return nil
}

// AddNotice creates a notice from wire fields, which are kept as they are, in the spelling given; names that start with
// an underscore are notes and left out. KohdeId must be there. An absent Id becomes the next free one, an absent Tila
// "Uusi", an absent Muokattu now; nothing else is added. It returns the Id.
func (s *Server) AddNotice(tunniste string, fields map[string]any) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.account(tunniste)
	if err != nil {
		return 0, err
	}
	n, err := a.newNotice(fields, s.now)
	if err != nil {
		return 0, fmt.Errorf("add a notice: %w", err)
	}
	if err := s.create(a, n); err != nil {
		return 0, err
	}
	return n.id, nil
}

// Chain makes a child of a notice for another performer, as a copy of it that starts its own life, and returns its Id.
// The parent stays as it is.
func (s *Server) Chain(tunniste string, parentID, performerID int64) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, parent, err := s.notice(tunniste, parentID)
	if err != nil {
		return 0, err
	}
	child := &notice{id: a.lastNotice + 1, fields: maps.Clone(parent.fields)}
	at := a.next(s.now)
	child.set("Id", number(child.id))
	child.set("ParentId", number(parentID))
	child.set("Guid", uuid.NewString())
	child.set("Tila", "Uusi")
	child.set("IlmoitusTehty", wireMoment(at))
	child.assign(performerID)
	child.touch(at)
	if err := s.create(a, child); err != nil {
		return 0, err
	}
	return child.id, nil
}

// EditNotice changes fields; a field keeps the spelling that the notice has for it. The value Absent removes a field.
// State and performer have operations of their own.
func (s *Server) EditNotice(tunniste string, id int64, fields map[string]any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, n, err := s.notice(tunniste, id)
	if err != nil {
		return err
	}
	edited := &notice{id: n.id, fields: maps.Clone(n.fields)}
	given := maps.Clone(fields)
	for name, value := range fields {
		switch fold(name) {
		case "id", "muokattu", "tila", "tyonsuorittajayritysid":
			return fmt.Errorf("edit notice %d: %s is not edited; use SetState or Assign", id, name)
		}
		if value == Absent {
			delete(given, name)
			delete(edited.fields, edited.key(name))
		}
	}
	copied, err := raw(given)
	if err != nil {
		return fmt.Errorf("edit notice %d: %w", id, err)
	}
	for name, value := range copied {
		edited.set(name, value)
	}
	if edited.number("KohdeId") <= 0 {
		return fmt.Errorf("edit notice %d: every notice has a KohdeId", id)
	}
	at := a.next(s.now)
	err = s.ledger.Append(s.entry(a, id, ledger.NoticeEdited, map[string]any{
		"fields": slices.Sorted(maps.Keys(fields)), "modified": wireMoment(at),
	}))
	if err != nil {
		return fmt.Errorf("edit notice %d: %w", id, err)
	}
	n.fields = edited.fields
	s.touched(a, n, at)
	return nil
}

// Assign gives a notice to a performer company; 0 takes it from everybody. Name and person of the former one go.
func (s *Server) Assign(tunniste string, id, performerID int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, n, err := s.notice(tunniste, id)
	if err != nil {
		return err
	}
	at := a.next(s.now)
	err = s.ledger.Append(s.entry(a, id, ledger.NoticeAssigned, map[string]any{
		"from": n.performer(), "to": performerID, "modified": wireMoment(at),
	}))
	if err != nil {
		return fmt.Errorf("assign notice %d: %w", id, err)
	}
	n.assign(performerID)
	s.touched(a, n, at)
	return nil
}

func (n *notice) assign(performerID int64) {
	if performerID == 0 {
		n.set("TyonsuorittajaYritysId", nil)
	} else {
		n.set("TyonsuorittajaYritysId", number(performerID))
	}
	for _, name := range []string{"TyonsuorittajaYritysNimi", "TyonsuorittajaHenkiloId", "TyonsuorittajaHenkiloNimi"} {
		n.setIfPresent(name, nil)
	}
}

// SetState sets any state by hand, from any state, and notifies nobody.
func (s *Server) SetState(tunniste string, id int64, state string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, n, err := s.notice(tunniste, id)
	if err != nil {
		return err
	}
	if state == "" {
		return fmt.Errorf("set the state of notice %d: the state is empty", id)
	}
	return s.setState(a, n, state, false, viaHand)
}

// Cancel sets Peruttu by hand.
func (s *Server) Cancel(tunniste string, id int64) error { return s.SetState(tunniste, id, Peruttu) }

// Delete removes a notice; it is then missing from every answer.
func (s *Server) Delete(tunniste string, id int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, n, err := s.notice(tunniste, id)
	if err != nil {
		return err
	}
	if err := s.ledger.Append(s.entry(a, id, ledger.NoticeDeleted, map[string]any{})); err != nil {
		return fmt.Errorf("delete notice %d: %w", id, err)
	}
	delete(a.notices, n.id)
	return nil
}

// AddToimenpide adds one by hand, in any state, and returns its id; t.ID is not looked at.
func (s *Server) AddToimenpide(tunniste string, id int64, t Toimenpide) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, n, err := s.notice(tunniste, id)
	if err != nil {
		return 0, err
	}
	return s.addToimenpide(a, n, t, viaHand)
}

// DeleteToimenpide removes one by hand.
func (s *Server) DeleteToimenpide(tunniste string, id, toimenpideID int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, n, err := s.notice(tunniste, id)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(n.toimenpiteet, func(t Toimenpide) bool { return t.ID == toimenpideID })
	if at < 0 {
		return fmt.Errorf("delete toimenpide %d: notice %d has none of that id", toimenpideID, id)
	}
	moment := a.next(s.now)
	err = s.ledger.Append(s.entry(a, id, ledger.ToimenpideDeleted, map[string]any{
		"toimenpideId": toimenpideID, "modified": wireMoment(moment),
	}))
	if err != nil {
		return fmt.Errorf("delete toimenpide %d: %w", toimenpideID, err)
	}
	n.toimenpiteet = slices.Delete(n.toimenpiteet, at, at+1)
	s.touched(a, n, moment)
	return nil
}

// Notices returns every notice by customer, in the order in which they came: its fields in wire spelling with Toimenpiteet, Ilmoitukset (one per
// notification of participants) and the customer's Tunniste as _customer.
func (s *Server) Notices() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []map[string]any{}
	for _, a := range s.accounts {
		for _, n := range slices.SortedFunc(maps.Values(a.notices), func(x, y *notice) int { return x.place - y.place }) {
			all = append(all, n.dump(a))
		}
	}
	return all
}

// Notice returns one notice, as Notices has it.
func (s *Server) Notice(tunniste string, id int64) (map[string]any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, n, err := s.notice(tunniste, id)
	if err != nil {
		return nil, err
	}
	return n.dump(a), nil
}

func (n *notice) dump(a *account) map[string]any {
	full := n.wireFull()
	full["Ilmoitukset"] = append([]Notification{}, n.notifications...)
	full["_customer"] = a.Tunniste
	return full
}

func (s *Server) account(tunniste string) (*account, error) {
	for _, a := range s.accounts {
		if a.Tunniste == tunniste {
			return a, nil
		}
	}
	return nil, fmt.Errorf("account %s: there is none; add it first", tunniste)
}

func (s *Server) notice(tunniste string, id int64) (*account, *notice, error) {
	a, err := s.account(tunniste)
	if err != nil {
		return nil, nil, err
	}
	n := a.notices[id]
	if n == nil {
		return nil, nil, fmt.Errorf("notice %d: account %s has none of that id", id, tunniste)
	}
	return a, n, nil
}

func number(n int64) json.Number { return json.Number(strconv.FormatInt(n, 10)) }

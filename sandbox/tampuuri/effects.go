package tampuuri

import (
	"fmt"
	"strconv"
	"time"

	"tampuuri-hillava/sandbox/ledger"
)

// via says in the ledger who caused an effect.
type via string

const (
	viaAPI  via = "api"
	viaHand via = "hand"
)

// entry begins a ledger entry about a notice.
func (s *Server) entry(a *account, noticeID int64, kind string, detail map[string]any) ledger.Entry {
	detail["noticeId"] = noticeID
	return ledger.Entry{
		At: s.now(), System: ledger.Tampuuri, Customer: a.Tunniste, Kind: kind, Key: strconv.FormatInt(noticeID, 10), Detail: detail,
	}
}

// setState records and applies a state, and the notification of participants that travels with it.
func (s *Server) setState(a *account, n *notice, state string, notify bool, by via) error {
	at := a.next(s.now)
	entries := []ledger.Entry{s.entry(a, n.id, ledger.StateSet, map[string]any{
		"from": n.state(), "to": state, "notified": notify, "via": by, "modified": wireMoment(at),
	})}
	if notify {
		entries = append(entries, s.entry(a, n.id, ledger.ParticipantsNotified, map[string]any{"state": state, "via": by}))
	}
	if err := s.ledger.Append(entries...); err != nil {
		return fmt.Errorf("set the state of notice %d: %w", n.id, err)
	}
	n.set("Tila", state)
	if notify {
		n.notifications = append(n.notifications, Notification{Tila: state, At: wireMoment(at)})
	}
	s.touched(a, n, at)
	return nil
}

// addToimenpide records and applies a toimenpide, and gives it its id.
func (s *Server) addToimenpide(a *account, n *notice, t Toimenpide, by via) (int64, error) {
	at := a.next(s.now)
	t.ID = a.lastToimenpide + 1
	err := s.ledger.Append(s.entry(a, n.id, ledger.ToimenpideAdded, map[string]any{
		"toimenpideId": t.ID, "date": t.Paivamaara, "resource": t.Resurssi, "summary": t.Yhteenveto, "via": by,
		"modified": wireMoment(at),
	}))
	if err != nil {
		return 0, fmt.Errorf("add a toimenpide to notice %d: %w", n.id, err)
	}
	a.lastToimenpide = t.ID
	n.toimenpiteet = append(n.toimenpiteet, t)
	s.touched(a, n, at)
	return t.ID, nil
}

// create records and keeps a new notice.
func (s *Server) create(a *account, n *notice) error {
	err := s.ledger.Append(s.entry(a, n.id, ledger.NoticeCreated, map[string]any{
		"guid": n.text("Guid"), "parentId": n.number("ParentId"), "state": n.state(), "performerId": n.performer(),
		"modified": n.text("Muokattu"), "created": n.text("IlmoitusTehty"),
	}))
	if err != nil {
		return fmt.Errorf("create notice %d: %w", n.id, err)
	}
	a.keep(n)
	return nil
}

func (s *Server) touched(a *account, n *notice, at time.Time) {
	n.touch(at)
	a.seen(at)
}

package main

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// moment is a place in the ledger's order.
type moment struct {
	seq int64
	at  time.Time
}

// noticeID names a notice: ids of two customers may be equal.
type noticeID struct {
	customer string
	id       int64
}

func (n noticeID) String() string { return n.customer + "/" + strconv.FormatInt(n.id, 10) }

// notice is the life of one notice as Tampuuri's effects tell it.
type notice struct {
	noticeID
	external     string
	made         string // IlmoitusTehty, else Muokattu at creation
	standing     []standing
	states       []stateSet
	notified     []notification
	toimenpiteet []*toimenpide
	byHand       []moment // changes that people made
	tasks        []*task
}

// standing is how the notice stands from that moment on.
type standing struct {
	moment
	state   string
	ours    bool
	deleted bool
}

func (s standing) open() bool {
	return !s.deleted && s.ours && !closed(s.state)
}

func closed(state string) bool {
	return state == stateTehty || state == stateValmis || state == statePeruttu
}

type stateSet struct {
	moment
	from, to string
	api      bool
	notified bool
	round    int // how many times people have opened the notice again, or taken its state back, before
}

type notification struct {
	moment
	state string
	api   bool
	round int
}

type toimenpide struct {
	moment
	text
	id      int64
	api     bool
	deleted bool
	round   int
	was     standing // of the notice when it was added
}

// task is a Hillava task.
type task struct {
	moment
	id                string
	external          string
	billing, delivery string // customer ids
	customer          string // Tunniste of the billing customer, "" when it had none
	reference         string
	key               string
	api               bool
	deleted           *moment
	entries           []*entry
	events            []*event
	notes             []note
	byHand            []moment // changes of its time entries
	owner             *notice  // nil when it is no notice's
}

type entry struct {
	moment
	id       string
	versions []version
	removed  *moment
}

func (e *entry) approved() bool { return e.versions[len(e.versions)-1].approved }

type version struct {
	moment
	text
	approved bool
}

type event struct {
	moment
	id, kind string
	taken    bool // a webhook of it was answered 2xx
}

type note struct {
	moment
	text string
}

// customer is one customer of the type in Hillava, as it is at the end.
type customer struct {
	tunniste string
	active   bool
}

// history is everything that the ledger tells.
type history struct {
	lines      int
	end        time.Time
	performers map[string][]int64 // by Tunniste
	customers  map[string]customer
	tunnisteOf map[string]string // of every customer id that ever was
	notices    []*notice
	tasks      []*task
	refused    []line
	ignored    map[string]int // kinds that this program does not know

	noticeOf map[noticeID]*notice
	taskOf   map[string]*task // by task id
}

// tell makes a history of the ledger's lines.
func tell(lines []line) (*history, error) {
	h := &history{
		lines: len(lines), end: lines[len(lines)-1].At, performers: map[string][]int64{}, customers: map[string]customer{},
		tunnisteOf: map[string]string{}, ignored: map[string]int{}, noticeOf: map[noticeID]*notice{}, taskOf: map[string]*task{},
	}
	for _, one := range lines {
		if err := h.add(one); err != nil {
			return nil, fmt.Errorf("seq %d, %s: %w", one.Seq, one.Kind, err)
		}
	}
	h.join()
	return h, nil
}

func (h *history) add(one line) error {
	d, at := one.Detail, moment{one.Seq, one.At}
	switch one.Kind {
	case kindAccountAdded:
		h.performers[one.Customer] = d.OurPerformers
	case kindCustomerSet:
		h.customers[d.CustomerID] = customer{d.ExternalID, d.IntegrationsActive && d.CustomerType == typeTampuuriCustomers}
		h.tunnisteOf[d.CustomerID] = d.ExternalID
	case kindCustomerRemoved:
		delete(h.customers, d.CustomerID)
	case kindNoticeCreated:
		return h.addNotice(one, at)
	case kindTaskCreated:
		return h.addTask(&task{
			moment: at, id: d.TaskID, external: d.ExternalID, billing: d.BillingCustomerID, delivery: d.DeliveryCustomerID,
			customer: h.tunnisteOf[d.BillingCustomerID], reference: d.BillingReference, key: d.IdempotencyKey, api: d.Via == viaAPI,
		})
	case kindTaskRefused:
		h.refused = append(h.refused, one)
	case kindNoticeEdited, kindNoticeAssigned, kindNoticeDeleted, kindStateSet, kindNotified, kindAdded, kindDeleted:
		n := h.noticeOf[noticeID{one.Customer, d.NoticeID}]
		if n == nil {
			return fmt.Errorf("no notice %s was created before", noticeID{one.Customer, d.NoticeID})
		}
		n.add(one, at, h.performers[one.Customer])
	case kindTaskDeleted, kindNoteAdded, kindEventEmitted, kindWebhookAttempted, kindEntryAdded, kindEntryChanged, kindEntryRemoved, kindEntryApproved:
		t := h.taskOf[d.TaskID]
		if t == nil {
			return fmt.Errorf("no task %s was created before", d.TaskID)
		}
		return t.add(one, at)
	default:
		if !withoutMeaning[one.Kind] {
			h.ignored[one.Kind]++
		}
	}
	return nil
}

func (h *history) addNotice(one line, at moment) error {
	d := one.Detail
	id := noticeID{one.Customer, d.NoticeID}
	if d.NoticeID == 0 || h.noticeOf[id] != nil {
		return fmt.Errorf("notice %s has no id, or one that is in use", id)
	}
	made := d.Created
	if made == "" {
		made = d.Modified
	}
	n := &notice{
		noticeID: id, external: externalIDOf(id.customer, id.id, d.GUID), made: made,
		standing: []standing{{moment: at, state: d.State, ours: slices.Contains(h.performers[id.customer], d.PerformerID)}},
	}
	h.notices, h.noticeOf[id] = append(h.notices, n), n
	return nil
}

func (h *history) addTask(t *task) error {
	if t.id == "" || h.taskOf[t.id] != nil {
		return fmt.Errorf("task %q has no id, or one that is in use", t.id)
	}
	h.tasks, h.taskOf[t.id] = append(h.tasks, t), t
	return nil
}

func (n *notice) add(one line, at moment, performers []int64) {
	d, api := one.Detail, one.Detail.Via == viaAPI
	now := n.standing[len(n.standing)-1]
	was := now
	switch one.Kind {
	case kindNoticeAssigned:
		performer, _ := strconv.ParseInt(string(d.To), 10, 64) // 0 when it is nobody's
		now.ours = slices.Contains(performers, performer)
	case kindNoticeDeleted:
		now.deleted = true
	case kindStateSet:
		now.state = string(d.To)
		n.states = append(n.states, stateSet{at, string(d.From), string(d.To), api, d.Notified, n.round()})
	case kindNotified:
		n.notified = append(n.notified, notification{at, d.State, api, n.round()})
	case kindAdded:
		n.toimenpiteet = append(n.toimenpiteet, &toimenpide{
			moment: at, text: d.text, id: d.ToimenpideID, api: api, round: n.round(), was: was,
		})
	case kindDeleted:
		for _, t := range n.toimenpiteet {
			t.deleted = t.deleted || t.id == d.ToimenpideID
		}
	}
	if now != was {
		now.moment = at
		n.standing = append(n.standing, now)
	}
	if !api && one.Kind != kindNotified {
		n.byHand = append(n.byHand, at)
	}
}

// round counts how often people have opened the notice again so far, or taken back how far it was: from Valmis by way
// of Peruttu to Tehty, say.
func (n *notice) round() int {
	count := 0
	for _, s := range n.states {
		if !s.api && (closed(s.from) && !closed(s.to) || rank(s.to) < rank(s.from)) {
			count++
		}
	}
	return count
}

func (t *task) add(one line, at moment) error {
	d := one.Detail
	switch one.Kind {
	case kindTaskDeleted:
		t.deleted = &at
	case kindNoteAdded:
		t.notes = append(t.notes, note{at, d.NoteText})
	case kindEventEmitted:
		t.events = append(t.events, &event{moment: at, id: d.EventID, kind: d.Type})
	case kindWebhookAttempted:
		const ok, redirect = 200, 300
		for _, e := range t.events {
			e.taken = e.taken || e.id == d.EventID && d.Status >= ok && d.Status < redirect
		}
	case kindEntryAdded:
		t.byHand = append(t.byHand, at)
		t.entries = append(t.entries, &entry{moment: at, id: d.EntryID, versions: []version{{at, d.text, d.Approved}}})
	default:
		t.byHand = append(t.byHand, at)
		found := slices.IndexFunc(t.entries, func(e *entry) bool { return e.id == d.EntryID })
		if found < 0 {
			return fmt.Errorf("task %s has no time entry %s", t.id, d.EntryID)
		}
		if e := t.entries[found]; one.Kind == kindEntryRemoved {
			e.removed = &at
		} else {
			e.versions = append(e.versions, version{at, d.text, d.Approved})
		}
	}
	return nil
}

// join gives each task to its notice: the one whose external id it carries, at the customer that pays for it. Should
// several notices of one customer have that id, it is the one that the API has written to, else the eldest.
func (h *history) join() {
	sharing := map[string][]*notice{}
	for _, n := range h.notices {
		sharing[n.external] = append(sharing[n.external], n)
	}
	for _, t := range h.tasks {
		var owner *notice
		for _, n := range sharing[t.external] {
			if n.customer == t.customer && (owner == nil || !owner.written() && n.written()) {
				owner = n
			}
		}
		if t.owner = owner; owner != nil {
			owner.tasks = append(owner.tasks, t)
		}
	}
}

// written tells whether the API has changed the notice.
func (n *notice) written() bool {
	return slices.ContainsFunc(n.states, func(s stateSet) bool { return s.api }) ||
		slices.ContainsFunc(n.toimenpiteet, func(t *toimenpide) bool { return t.api })
}

// now is how the notice stands at the end.
func (n *notice) now() standing { return n.standing[len(n.standing)-1] }

// before is how it stood just before a moment.
func (n *notice) before(seq int64) standing {
	was := n.standing[0]
	for _, s := range n.standing {
		if s.seq < seq {
			was = s
		}
	}
	return was
}

// emitted tells whether a task of the notice had such an event before a moment.
func (n *notice) emitted(kind string, before int64) bool {
	for _, t := range n.tasks {
		for _, e := range t.events {
			if e.kind == kind && e.seq < before {
				return true
			}
		}
	}
	return false
}

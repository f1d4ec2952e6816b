package activities

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/tampuuri"
)

// way is how a call goes: it may leave apply out, run it, or run it later, and answer what it likes.
type way func(op string, apply func() error) error

// tampuuriFake is one customer's Tampuuri.
type tampuuriFake struct {
	clock      time.Time // every write moves it, and the notice's Muokattu with it
	ours       []int64
	notices    map[int64]*notice.Notice
	properties map[int64]notice.Property
	unreadable map[int64]bool
	calls      []string // in order, e.g. "set 101 Tehty"
	notified   []string // participants told, e.g. "101 Tehty"
	goes       way      // nil: well
}

func newTampuuriFake(ours ...int64) *tampuuriFake {
	return &tampuuriFake{
		clock: helsinkiTime("2026-03-02 08:00"), ours: ours, notices: map[int64]*notice.Notice{},
		properties: map[int64]notice.Property{}, unreadable: map[int64]bool{},
	}
}

func (f *tampuuriFake) call(apply func() error, format string, args ...any) error {
	op := fmt.Sprintf(format, args...)
	f.calls = append(f.calls, op)
	if f.goes != nil {
		return f.goes(op, apply)
	}
	return apply()
}

// put adds a notice of performer 4711, moved by edits, as the newest one.
func (f *tampuuriFake) put(id int64, edits ...func(*notice.Notice)) *notice.Notice {
	n := &notice.Notice{
		ID: id, State: "Uusi", PerformerID: 4711, Title: "Hana vuotaa", Space: "A 1",
		Created: notice.Moment{At: helsinkiTime("2026-03-01 12:00")},
	}
	f.notices[id] = n
	f.touch(n)
	for _, edit := range edits {
		edit(n)
	}
	return n
}

func (f *tampuuriFake) touch(n *notice.Notice) {
	f.clock = f.clock.Add(time.Second)
	n.Modified = f.clock
}

func (f *tampuuriFake) edit(id int64, edit func(*notice.Notice)) {
	edit(f.notices[id])
	f.touch(f.notices[id])
}

func (f *tampuuriFake) find(id int64) (*notice.Notice, error) {
	n, ok := f.notices[id]
	switch {
	case !ok:
		return nil, refusal(peerTampuuri, http.StatusNotFound)
	case f.unreadable[id]:
		return nil, &peer.Error{Peer: peerTampuuri, Op: "read notice", Kind: peer.KindMalformed, Sent: true}
	}
	return n, nil
}

func (f *tampuuriFake) Browse(_ context.Context, performerID int64, since time.Time, offset, limit int) (page tampuuri.Page, err error) {
	err = f.call(func() error {
		var rows []*notice.Notice
		for _, n := range f.notices {
			if n.PerformerID == performerID && !n.Modified.Before(since) {
				rows = append(rows, n)
			}
		}
		slices.SortFunc(rows, func(a, b *notice.Notice) int {
			return cmp.Or(a.Modified.Compare(b.Modified), cmp.Compare(a.ID, b.ID))
		})
		page = tampuuri.Page{Offset: offset, Limit: limit, Total: len(rows)}
		for _, n := range rows[min(offset, len(rows)):min(offset+limit, len(rows))] {
			if f.unreadable[n.ID] {
				page.Skipped = append(page.Skipped, n.ID)
				continue
			}
			listed := *n
			listed.Toimenpiteet = nil
			page.Items = append(page.Items, listed)
		}
		return nil
	}, "browse %d", performerID)
	return page, err
}

func (f *tampuuriFake) Notice(_ context.Context, id int64) (found notice.Notice, err error) {
	err = f.call(func() error {
		n, err := f.find(id)
		if err == nil {
			found = *n
			found.Toimenpiteet = slices.Clone(n.Toimenpiteet)
		}
		return err
	}, "read %d", id)
	return found, err
}

func (f *tampuuriFake) Notices(_ context.Context, ids []int64) (found []notice.Notice, err error) {
	err = f.call(func() error {
		if len(ids) == 0 || len(ids) > tampuuri.MaxIDs {
			return refusal(peerTampuuri, http.StatusBadRequest)
		}
		var unreadable error
		for _, id := range ids {
			n, err := f.find(id)
			switch {
			case err == nil:
				found = append(found, *n)
			case f.unreadable[id]:
				unreadable = err
			}
		}
		return unreadable
	}, "hae %d", len(ids))
	return found, err
}

func (f *tampuuriFake) SetState(_ context.Context, id int64, state notice.State, notify bool) error {
	return f.call(func() error {
		n, err := f.find(id)
		switch {
		case err != nil:
			return err
		case !slices.Contains(f.ours, n.PerformerID):
			return refusal(peerTampuuri, http.StatusForbidden)
		case n.State == notice.Peruttu, n.State == notice.Valmis && state == notice.Tehty:
			return refusal(peerTampuuri, http.StatusConflict)
		}
		n.State = state
		f.touch(n)
		if notify {
			f.notified = append(f.notified, fmt.Sprintf("%d %s", id, state))
		}
		return nil
	}, "set %d %s", id, state)
}

func (f *tampuuriFake) AddToimenpide(_ context.Context, id int64, t notice.Toimenpide) error {
	return f.call(func() error {
		n, err := f.find(id)
		switch {
		case err != nil:
			return err
		case !slices.Contains(f.ours, n.PerformerID):
			return refusal(peerTampuuri, http.StatusForbidden)
		case n.State == notice.Valmis, n.State == notice.Peruttu:
			return refusal(peerTampuuri, http.StatusConflict)
		}
		t.ID = int64(len(n.Toimenpiteet) + 1)
		n.Toimenpiteet = append(n.Toimenpiteet, t)
		f.touch(n)
		return nil
	}, "add %d %s", id, t.Summary)
}

func (f *tampuuriFake) Property(_ context.Context, id int64) (found notice.Property, err error) {
	err = f.call(func() error {
		property, ok := f.properties[id]
		if !ok {
			return refusal(peerTampuuri, http.StatusNotFound)
		}
		found = property
		return nil
	}, "property %d", id)
	return found, err
}

// summaries are the notice's toimenpiteet, in the order in which they came.
func (f *tampuuriFake) summaries(id int64) []string {
	all := []string{}
	for _, t := range f.notices[id].Toimenpiteet {
		all = append(all, t.Summary)
	}
	return all
}

// wrote lists the writes.
func (f *tampuuriFake) wrote() []string {
	return slices.DeleteFunc(slices.Clone(f.calls), func(op string) bool { return op[:3] != "set" && op[:3] != "add" })
}

// hillavaFake is Hillava.
type hillavaFake struct {
	customers []hillava.Customer
	taskTypes []hillava.TaskType
	tasks     []hillava.Task
	made      []notice.Task
	keys      map[string]hillava.Task
	notes     map[string]string // text by Idempotency-Key
	entries   []notice.TimeEntry
	hidden    bool // the look-up does not find what is there: it lags
	calls     []string
	goes      way
}

func newHillavaFake() *hillavaFake {
	return &hillavaFake{
		customers: []hillava.Customer{{ID: "C-1", Name: "Esimerkki Isännöinti Oy", ExternalID: "esimerkki", IntegrationsActive: true}},
		taskTypes: []hillava.TaskType{{ID: "TT-1", Identifier: TaskTypeIdentifier, ProcessID: "P-1"}},
		keys:      map[string]hillava.Task{}, notes: map[string]string{},
	}
}

func (f *hillavaFake) call(apply func() error, format string, args ...any) error {
	op := fmt.Sprintf(format, args...)
	f.calls = append(f.calls, op)
	if f.goes != nil {
		return f.goes(op, apply)
	}
	return apply()
}

func (f *hillavaFake) Customers(context.Context) (list []hillava.Customer, err error) {
	err = f.call(func() error { list = slices.Clone(f.customers); return nil }, "customers")
	return list, err
}

func (f *hillavaFake) TaskTypes(context.Context, string) (list []hillava.TaskType, err error) {
	err = f.call(func() error { list = f.taskTypes; return nil }, "task types")
	return list, err
}

func (f *hillavaFake) Process(_ context.Context, id string) (process hillava.Process, err error) {
	err = f.call(func() error { process = hillava.Process{ID: id, InitialState: "Uusi"}; return nil }, "process")
	return process, err
}

func (f *hillavaFake) FindTasks(_ context.Context, externalID string) (found []hillava.Task, err error) {
	err = f.call(func() error {
		for _, task := range f.tasks {
			if task.ExternalID == externalID && !f.hidden {
				found = append(found, task)
			}
		}
		return nil
	}, "find")
	return found, err
}

func (f *hillavaFake) ChangedTasks(_ context.Context, since time.Time, offset, limit int) (page hillava.TaskPage, err error) {
	err = f.call(func() error {
		var rows []hillava.Task
		for _, task := range f.tasks {
			if !task.Modified.Before(since) {
				rows = append(rows, task)
			}
		}
		slices.SortFunc(rows, func(a, b hillava.Task) int {
			return cmp.Or(a.Modified.Compare(b.Modified), cmp.Compare(a.ID, b.ID))
		})
		page.Total = len(rows)
		for _, task := range rows[min(offset, len(rows)):min(offset+limit, len(rows))] {
			if task.State == "unreadable" {
				page.Skipped++
				continue
			}
			page.Items = append(page.Items, task)
		}
		return nil
	}, "changed")
	return page, err
}

func (f *hillavaFake) Task(_ context.Context, id string) (found hillava.Task, err error) {
	err = f.call(func() error {
		at := slices.IndexFunc(f.tasks, func(t hillava.Task) bool { return t.ID == id })
		if at < 0 {
			return refusal(peerHillava, http.StatusNotFound)
		}
		found = f.tasks[at]
		return nil
	}, "task")
	return found, err
}

func (f *hillavaFake) CreateTask(_ context.Context, key string, task notice.Task) (made hillava.Task, err error) {
	err = f.call(func() error {
		if first, ok := f.keys[key]; ok {
			made = first
			return nil
		}
		for _, existing := range f.tasks {
			if existing.ExternalID == task.ExternalID {
				conflict := refusal(peerHillava, http.StatusConflict)
				conflict.ExistingID = existing.ID
				return conflict
			}
		}
		made = hillava.Task{ID: fmt.Sprintf("T-%d", len(f.tasks)+1), ExternalID: task.ExternalID, BillingCustomerID: task.BillingCustomerID, State: "Uusi"}
		f.tasks, f.made, f.keys[key] = append(f.tasks, made), append(f.made, task), made
		return nil
	}, "create %s", key)
	return made, err
}

func (f *hillavaFake) AddNote(_ context.Context, _, key, text string) error {
	return f.call(func() error {
		if _, ok := f.notes[key]; !ok {
			f.notes[key] = text
		}
		return nil
	}, "note %s", key)
}

func (f *hillavaFake) TimeEntries(context.Context, string) (list []notice.TimeEntry, err error) {
	err = f.call(func() error { list = slices.Clone(f.entries); return nil }, "entries")
	return list, err
}

// created counts the attempts to create a task.
func (f *hillavaFake) created() []string {
	return slices.DeleteFunc(slices.Clone(f.calls), func(op string) bool { return op[:min(6, len(op))] != "create" })
}

// settingsFake is customers.yaml.
type settingsFake struct {
	list      []config.Customer
	reloadErr error
}

func (f *settingsFake) Customers() []config.Customer { return f.list }

func (f *settingsFake) Customer(tunniste string) (config.Customer, bool) {
	at := slices.IndexFunc(f.list, func(c config.Customer) bool { return c.Tunniste == tunniste })
	if at < 0 {
		return config.Customer{}, false
	}
	return f.list[at], true
}

func (f *settingsFake) Reload() error { return f.reloadErr }

func refusal(name string, status int) *peer.Error {
	return &peer.Error{Peer: name, Op: "test", Kind: peer.KindStatus, Status: status, Sent: true}
}

// broken is a call without an answer; sent says that the request may have arrived.
func broken(name string, sent bool) *peer.Error {
	return &peer.Error{Peer: name, Op: "test", Kind: peer.KindTransport, Sent: sent, Err: errors.New("no answer")}
}

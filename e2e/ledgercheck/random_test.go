package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// life is one notice of a random history, with a service that makes no mistake.
type life struct {
	id                int
	state             string
	ours, gone        bool
	task              string
	entries           []*work
	number            int // of toimenpiteet and entries so far
	wantDone, wantInv bool
	reported          string // by the service
	over              bool   // the service is through with it
	begun             bool
}

type work struct {
	id, text      string
	sent, removed bool
}

// random writes a history and lets the service act in between.
type random struct {
	*book
	t      *rapid.T
	lives  []*life
	people bool // people also assign, cancel, close, reopen and delete
}

func (r *random) open(l *life) bool { return l.ours && !l.gone && !closed(l.state) }

// mayWrite: the notice takes what the service has to report.
func (r *random) mayWrite(l *life) bool {
	return l.ours && !l.gone && l.state != statePeruttu && l.task != "" && !l.over
}

// serve does the next thing that a service would do; false when there is none.
func (r *random) serve(l *life) bool {
	if l.task == "" && r.open(l) {
		l.task = fmt.Sprintf("T-%d", l.id)
		r.task(l.task, externalIDOf("esimerkki", int64(l.id), ""), map[string]any{"billingReference": fmt.Sprint(l.id)})
		return true
	}
	if !r.mayWrite(l) {
		return false
	}
	if l.state == stateValmis { // by hand
		l.over = true
		return true
	}
	if l.wantDone && l.reported == "" && !l.begun {
		if l.reported = stateTehty; l.state != stateTehty {
			r.state(l, stateTehty, viaAPI)
		}
		return true
	}
	if !l.wantInv {
		return false
	}
	l.begun = true
	for _, w := range l.entries {
		if !w.sent && !w.removed {
			w.sent = true
			l.number++
			r.toimenpide(l.id, l.number, w.text, viaAPI)
			return true
		}
	}
	r.state(l, stateValmis, viaAPI)
	l.over = true
	return true
}

func (r *random) state(l *life, to, via string) {
	r.set(l.id, l.state, to, via)
	l.state = to
}

// happen lets something happen in one of the systems.
func (r *random) happen(l *life) {
	deeds := []string{"serve"}
	if l.task != "" {
		deeds = append(deeds, "add entry", "done", "invoiced")
	}
	standing := slices.IndexFunc(l.entries, func(w *work) bool { return !w.removed })
	if standing >= 0 {
		deeds = append(deeds, "change entry", "remove entry")
	}
	if r.people && !l.gone {
		deeds = append(deeds, "assign away", "give back", "state", "edit", "delete")
	}
	switch rapid.SampledFrom(deeds).Draw(r.t, "deed") {
	case "serve":
		r.serve(l)
	case "add entry":
		r.addEntry(l)
	case "done":
		r.report(l, eventDone)
	case "invoiced":
		r.report(l, eventInvoiced)
	case "change entry":
		r.changeEntry(l, l.entries[standing])
	case "remove entry":
		l.entries[standing].removed = true
		r.entry(kindEntryRemoved, l.task, l.entries[standing].id, l.entries[standing].text)
	case "assign away":
		r.assign(l.id, us, others)
		l.ours = false
	case "give back":
		r.assign(l.id, others, us)
		l.ours = true
	case "state":
		r.state(l, rapid.SampledFrom([]string{"Uusi", "Nimetty", stateTehty, stateValmis, statePeruttu}).Draw(r.t, "state"), "hand")
		l.over = l.over || l.state == stateValmis && l.task != "" // a reopened notice is imported by people only
	case "edit":
		r.write("esimerkki", kindNoticeEdited, map[string]any{"noticeId": l.id})
		if l.task != "" {
			r.note(l.task, "Muutettu Tampuurissa.")
		}
	case "delete":
		r.write("esimerkki", kindNoticeDeleted, map[string]any{"noticeId": l.id})
		l.gone = true
	}
}

func (r *random) addEntry(l *life) {
	l.number++
	w := &work{id: fmt.Sprintf("E-%d-%d", l.id, l.number), text: r.summary(l)}
	l.entries = append(l.entries, w)
	r.entry(kindEntryAdded, l.task, w.id, w.text)
}

func (r *random) changeEntry(l *life, w *work) {
	w.text = r.summary(l)
	r.entry(rapid.SampledFrom([]string{kindEntryChanged, kindEntryApproved}).Draw(r.t, "change"), l.task, w.id, w.text)
}

// summary is one of few, so that entries have equal texts; other notices' are different.
func (r *random) summary(l *life) string {
	return fmt.Sprintf("%d: %s", l.id, rapid.SampledFrom([]string{"", "a", "b"}).Draw(r.t, "summary"))
}

// report presses a transition; whether its webhook arrives does not matter, as reconciliation finds the event.
func (r *random) report(l *life, kind string) {
	id := fmt.Sprintf("evt-%d-%d", l.id, len(r.lines))
	r.event(l.task, id, kind)
	for _, status := range rapid.SliceOfN(rapid.SampledFrom([]int{0, 202, 404, 503}), 0, 3).Draw(r.t, "webhooks") {
		r.webhook(l.task, id, status)
	}
	if kind == eventDone {
		l.wantDone = true
	} else {
		l.wantInv = true
	}
}

// settled is a random history of a service without mistakes, settled at the end.
func settled(t *rapid.T, people bool) *random {
	r := &random{book: newBook(), t: t, people: people}
	for id := range rapid.IntRange(1, 3).Draw(t, "notices") {
		l := &life{id: 100 + id, state: "Uusi", ours: true}
		r.lives = append(r.lives, l)
		r.notice(l.id, "")
	}
	for range rapid.IntRange(0, 40).Draw(t, "deeds") {
		r.happen(r.lives[rapid.IntRange(0, len(r.lives)-1).Draw(t, "notice")])
	}
	for _, l := range r.lives {
		for r.serve(l) {
		}
	}
	return r
}

func TestEveryHistoryOfAFlawlessServicePasses(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := settled(rt, true)
		require.Empty(rt, r.verdict(t).Findings)
	})
}

// remove takes the lines that fit out of the ledger and numbers the rest anew; it returns how many there were.
func (b *book) remove(fits func(kind string, detail map[string]any) bool) int {
	before := len(b.lines)
	b.lines = slices.DeleteFunc(b.lines, func(one map[string]any) bool {
		return fits(one["kind"].(string), one["detail"].(map[string]any))
	})
	for i := range b.lines {
		b.lines[i]["seq"] = i + 1
	}
	return before - len(b.lines)
}

func TestOneMistakeInAnyHistoryIsFound(t *testing.T) {
	ofNotice := func(l *life, kind string) func(string, map[string]any) bool {
		return func(k string, detail map[string]any) bool { return k == kind && detail["noticeId"] == l.id }
	}
	mistakes := map[string]func(r *random, l *life){
		"every toimenpide is lost": func(r *random, l *life) { r.remove(ofNotice(l, kindAdded)) },
		"Valmis is lost": func(r *random, l *life) {
			r.remove(func(k string, detail map[string]any) bool {
				return ofNotice(l, kindStateSet)(k, detail) && detail["to"] == stateValmis
			})
		},
		"Valmis is set twice": func(r *random, l *life) { r.set(l.id, stateValmis, stateValmis, viaAPI) },
		"nothing was invoiced": func(r *random, l *life) {
			r.remove(func(k string, detail map[string]any) bool {
				return k == kindEventEmitted && detail["taskId"] == l.task && detail["type"] == eventInvoiced
			})
		},
		"a toimenpide is repeated": func(r *random, l *life) {
			at := 0 // of the last one: before it the text may yet be another entry's
			for i, one := range r.lines {
				if ofNotice(l, kindAdded)(one["kind"].(string), one["detail"].(map[string]any)) {
					at = i
				}
			}
			r.lines = slices.Insert(r.lines, at+1, map[string]any{"at": r.at, "customer": "esimerkki", "kind": kindAdded, "detail": r.lines[at]["detail"]})
			r.remove(func(string, map[string]any) bool { return false })
		},
		"the task is made twice": func(r *random, l *life) {
			r.task("T-again", externalIDOf("esimerkki", int64(l.id), ""), nil)
		},
	}
	rapid.Check(t, func(rt *rapid.T) {
		r := settled(rt, false)
		l := r.lives[0]
		r.serve(l)
		r.addEntry(l)
		l.wantInv = true
		r.event(l.task, "evt-last", eventInvoiced)
		for r.serve(l) {
		}
		if !slices.ContainsFunc(l.entries, func(w *work) bool { return !w.removed && w.sent }) {
			rt.SkipNow() // the service was through with the notice before it had a time entry: another life is drawn
		}
		require.Empty(rt, r.verdict(t).Findings)
		name := rapid.SampledFrom([]string{
			"every toimenpide is lost", "Valmis is lost", "Valmis is set twice", "nothing was invoiced", "a toimenpide is repeated", "the task is made twice",
		}).Draw(rt, "mistake")
		mistakes[name](r, l)
		require.NotEmpty(rt, r.verdict(t).Findings, name)
	})
}

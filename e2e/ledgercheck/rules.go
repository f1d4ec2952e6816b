package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Rule names one thing that must hold; main.go's table says what each means.
type Rule string

// The rules.
const (
	TaskTwice         Rule = "task-twice"
	TaskMissing       Rule = "task-missing"
	TaskID            Rule = "task-id"
	TaskCustomer      Rule = "task-customer"
	TaskReference     Rule = "task-reference"
	TaskKey           Rule = "task-key"
	TaskLookUp        Rule = "task-look-up"
	TaskTooOld        Rule = "task-too-old"
	Cause             Rule = "cause"
	StateOrder        Rule = "state-order"
	StateOnce         Rule = "state-once"
	Notified          Rule = "notified-once"
	NotOurs           Rule = "not-ours"
	AfterValmis       Rule = "after-valmis"
	TehtyLate         Rule = "tehty-late"
	EntryLost         Rule = "entry-lost"
	ToimenpideTwice   Rule = "toimenpide-twice"
	ToimenpideMoved   Rule = "toimenpide-elsewhere"
	ToimenpideUnknown Rule = "toimenpide-without-entry"
	Unapproved        Rule = "unapproved"
	NoteTwice         Rule = "note-twice"
	Acknowledged      Rule = "acknowledged"
	EventLost         Rule = "event-lost"
)

// rules lists them all, in the order of the findings.
var rules = []Rule{
	TaskTwice, TaskMissing, TaskID, TaskCustomer, TaskReference, TaskKey, TaskLookUp, TaskTooOld, Cause, StateOrder, StateOnce,
	Notified, NotOurs, AfterValmis, TehtyLate, EntryLost, ToimenpideTwice, ToimenpideMoved, ToimenpideUnknown, Unapproved,
	NoteTwice, Acknowledged, EventLost,
}

// Finding is one place where a rule does not hold.
type Finding struct {
	Rule   Rule    `json:"rule"`
	Notice string  `json:"notice,omitempty"` // customer/id
	Task   string  `json:"task,omitempty"`
	Seqs   []int64 `json:"seqs,omitempty"` // the entries of the ledger that show it
	Text   string  `json:"text"`
}

// String is one line for people.
func (f Finding) String() string {
	about := strings.TrimSpace(f.Notice + " " + f.Task)
	return fmt.Sprintf("%-24s %-24s %s (seq %s)", f.Rule, about, f.Text, strings.Trim(fmt.Sprint(f.Seqs), "[]"))
}

// Terms are what the ledger does not tell and the rules depend on.
type Terms struct {
	Settled bool // everything has drained: what is missing now is lost
	// Grace is how long before Valmis a new time entry may have come too late for it, and how long before our own write
	// a person's write may have been overlooked: there is no transaction over both systems.
	Grace        time.Duration
	StartDates   map[string]time.Time // by Tunniste; "" is for every other customer
	ApprovedOnly map[string]bool      // by Tunniste
	Silent       map[string]bool      // by Tunniste: customers whose settings notify nobody
}

// startOf is the start date of a customer; zero when none was given.
func (t Terms) startOf(tunniste string) time.Time {
	if start, given := t.StartDates[tunniste]; given {
		return start
	}
	return t.StartDates[""]
}

// check judges a history.
type check struct {
	*history
	Terms
	findings []Finding
}

// judge finds everything in the ledger that no correct service can have caused.
func judge(h *history, terms Terms) []Finding {
	c := &check{history: h, Terms: terms}
	c.tasksOfAll()
	for _, n := range h.notices {
		c.states(n)
		c.causes(n)
		c.toimenpiteet(n)
		if terms.Settled {
			c.missingTask(n)
			c.events(n)
		}
	}
	for _, t := range h.tasks {
		c.notes(t)
	}
	slices.SortStableFunc(c.findings, func(a, b Finding) int {
		return slices.Index(rules, a.Rule) - slices.Index(rules, b.Rule)
	})
	return c.findings
}

func (c *check) find(rule Rule, n *notice, t *task, seqs []int64, format string, values ...any) {
	f := Finding{Rule: rule, Seqs: seqs, Text: fmt.Sprintf(format, values...)}
	if n != nil {
		f.Notice = n.String()
	}
	if t != nil {
		f.Task = t.id
	}
	c.findings = append(c.findings, f)
}

// notes: one text stands twice on a task only if people have changed something as often.
func (c *check) notes(t *task) {
	copies := map[string][]int64{}
	for _, n := range t.notes {
		seqs := append(copies[n.text], n.seq)
		copies[n.text] = seqs
		changes := countBefore(t.byHand, n.seq)
		if t.owner != nil {
			changes += countBefore(t.owner.byHand, n.seq)
		}
		if len(seqs) > max(1, changes) {
			c.find(NoteTwice, t.owner, t, seqs, "%d notes have the same text, and people have changed only %d things before", len(seqs), changes)
		}
	}
}

func countBefore(moments []moment, seq int64) int {
	count := 0
	for _, at := range moments {
		if at.seq < seq {
			count++
		}
	}
	return count
}

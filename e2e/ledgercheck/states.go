package main

import "time"

// rank orders the states; everything open is alike.
func rank(state string) int {
	switch state {
	case stateTehty:
		return 1
	case stateValmis:
		return 2
	default:
		return 0
	}
}

// states judges what the API did to a notice's state, and what participants heard of it.
func (c *check) states(n *notice) {
	type about struct {
		state string
		round int
	}
	firstSet, firstNotified := map[about]int64{}, map[about]int64{}
	for _, s := range n.states {
		if !s.api {
			continue
		}
		seqs, key := []int64{s.seq}, about{s.to, s.round}
		if was := n.before(s.seq); !was.ours || was.deleted || s.from == statePeruttu {
			c.find(NotOurs, n, nil, seqs, "the API set %s on a notice that was not ours, or cancelled, or gone", s.to)
		}
		first, again := firstSet[key]
		switch {
		case rank(s.to) < rank(s.from) && !c.justNow(n, s, s.from):
			c.find(StateOrder, n, nil, seqs, "the API set %s back to %s", s.from, s.to)
		case again && rank(s.to) > 0:
			c.find(StateOnce, n, nil, []int64{first, s.seq}, "the API set %s a second time", s.to)
		case s.from == s.to && !c.justNow(n, s, s.to):
			c.find(StateOnce, n, nil, seqs, "the API set %s although it was there already", s.to)
		}
		firstSet[key] = s.seq
		if rank(s.to) > 0 && !s.notified && !c.Silent[n.customer] {
			c.find(Notified, n, nil, seqs, "the API set %s and notified nobody", s.to)
		}
	}
	for _, told := range n.notified {
		key := about{told.state, told.round}
		if first, again := firstNotified[key]; again && told.api {
			c.find(Notified, n, nil, []int64{first, told.seq}, "participants were notified of %s a second time", told.state)
		}
		if told.api {
			firstNotified[key] = told.seq
		}
	}
}

// justNow tells whether a person had set that state so shortly before s that the look at it may have come first.
func (c *check) justNow(n *notice, s stateSet, state string) bool {
	var last time.Time
	for _, other := range n.states {
		if other.seq < s.seq && !other.api && other.to == state {
			last = other.at
		}
	}
	return !last.IsZero() && s.at.Sub(last) <= c.Grace
}

// causes: nothing is written back that Hillava did not report before.
func (c *check) causes(n *notice) {
	begun := map[int]int64{} // round → the first toimenpide by the API in it
	for _, t := range n.toimenpiteet {
		if !t.api {
			continue
		}
		if _, known := begun[t.round]; !known {
			begun[t.round] = t.seq
		}
		if !n.emitted(eventInvoiced, t.seq) {
			c.find(Cause, n, nil, []int64{t.seq}, "a toimenpide was added before any %s of its task", eventInvoiced)
		}
		switch {
		case t.was.state == stateValmis:
			c.find(AfterValmis, n, nil, []int64{t.seq}, "a toimenpide was added after Valmis")
		case !t.was.ours || t.was.deleted || t.was.state == statePeruttu:
			c.find(NotOurs, n, nil, []int64{t.seq}, "a toimenpide was added to a notice that was not ours, or cancelled, or gone")
		}
	}
	for _, s := range n.states {
		if !s.api {
			continue
		}
		seqs := []int64{s.seq}
		switch s.to {
		case stateTehty:
			if !n.emitted(eventDone, s.seq) {
				c.find(Cause, n, nil, seqs, "Tehty was set before any %s of the notice's task", eventDone)
			}
			if first, known := begun[s.round]; known && first < s.seq {
				c.find(TehtyLate, n, nil, []int64{first, s.seq}, "Tehty was set although the toimenpiteet had begun")
			}
		case stateValmis:
			if !n.emitted(eventInvoiced, s.seq) {
				c.find(Cause, n, nil, seqs, "Valmis was set before any %s of the notice's task", eventInvoiced)
			}
		default:
			if len(n.tasks) == 0 || n.tasks[0].seq > s.seq {
				c.find(Cause, n, nil, seqs, "%s was set before the notice had a task", s.to)
			}
		}
	}
}

// events: whatever happened in Hillava has its effect in Tampuuri, unless people have made an end of it.
func (c *check) events(n *notice) {
	if now := n.now(); now.deleted || !now.ours || now.state == statePeruttu {
		return // withdrawn, or waiting for a person
	}
	for _, t := range n.tasks {
		if t.deleted != nil {
			continue
		}
		for _, e := range t.events {
			due := e.kind == eventDone && !n.doneAfter(e.seq) || e.kind == eventInvoiced && !n.everValmis() && !c.waits(t)
			switch {
			case due && e.taken:
				c.find(Acknowledged, n, t, []int64{e.seq}, "%s was answered 2xx and has had no effect", e.kind)
			case due:
				c.find(EventLost, n, t, []int64{e.seq}, "%s has had no effect", e.kind)
			}
		}
	}
}

// doneAfter tells whether a task.done at that moment is reported, or was overtaken: Tehty or further is there at that
// moment or later, the API has reported it before, or the notice has been Valmis before (a reopened notice is imported
// by people only).
func (n *notice) doneAfter(seq int64) bool {
	if rank(n.before(seq).state) > 0 || n.everValmis() {
		return true
	}
	for _, s := range n.states {
		if rank(s.to) > 0 && (s.api || s.seq > seq) {
			return true
		}
	}
	return false
}

func (n *notice) everValmis() bool {
	for _, s := range n.standing {
		if s.state == stateValmis {
			return true
		}
	}
	return false
}

// waits tells whether laskutettu rightly waits for the approval of a time entry.
func (c *check) waits(t *task) bool {
	if !c.ApprovedOnly[t.customer] {
		return false
	}
	for _, e := range t.entries {
		if e.removed == nil && !e.approved() {
			return true
		}
	}
	return false
}

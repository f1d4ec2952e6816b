package main

import (
	"strings"
	"unicode/utf16"
)

// toimenpiteet compares what reached Tampuuri with the task's time entries. Equal texts are told apart by number only,
// so both questions are matchings: can every toimenpide be some entry's, each entry's at most once; and can every entry
// that Valmis closed have a toimenpide. (If both can, one assignment does both.)
func (c *check) toimenpiteet(n *notice) {
	var entries []*entry
	for _, t := range n.tasks {
		entries = append(entries, t.entries...)
	}
	c.origins(n, entries)
	for _, s := range n.states {
		if s.api && s.to == stateValmis {
			c.lost(n, entries, s)
			c.approvals(n, s)
		}
	}
}

// origins: each toimenpide by the API has a time entry of its own. One that a person has deleted may be sent again.
func (c *check) origins(n *notice, entries []*entry) {
	var sent []*toimenpide
	for _, t := range n.toimenpiteet {
		if !t.api {
			continue
		}
		switch {
		case c.anyReports(t, entries):
			if !t.deleted {
				sent = append(sent, t)
			}
		case c.elsewhere(n, t) != nil:
			c.find(ToimenpideMoved, n, nil, []int64{t.seq}, "the toimenpide is a time entry's of notice %s", c.elsewhere(n, t))
		default:
			c.find(ToimenpideUnknown, n, nil, []int64{t.seq}, "no time entry had the date, resource and summary of the toimenpide")
		}
	}
	for _, i := range unmatched(len(sent), len(entries), func(t, e int) bool { return c.reports(sent[t], entries[e]) }) {
		c.find(ToimenpideTwice, n, nil, []int64{sent[i].seq}, "the time entry of the toimenpide has one already")
	}
}

// lost: each time entry that was there when Valmis was set had a toimenpide by then.
func (c *check) lost(n *notice, entries []*entry, valmis stateSet) {
	var wanted []*entry
	for _, e := range entries {
		removed := e.removed != nil && e.removed.seq < valmis.seq
		if e.seq < valmis.seq && !removed && !c.tooLate(e, valmis) {
			wanted = append(wanted, e)
		}
	}
	var there []*toimenpide
	for _, t := range n.toimenpiteet {
		if t.seq < valmis.seq {
			there = append(there, t)
		}
	}
	for _, i := range unmatched(len(wanted), len(there), func(e, t int) bool { return c.reports(there[t], wanted[e]) }) {
		c.find(EntryLost, n, nil, []int64{wanted[i].seq, valmis.seq}, "time entry %s was there at Valmis and has no toimenpide", wanted[i].id)
	}
}

// tooLate tells whether the entry came so shortly before Valmis that the look at the time entries may have been over.
func (c *check) tooLate(e *entry, valmis stateSet) bool {
	return c.Grace > 0 && valmis.at.Sub(e.at) <= c.Grace
}

// approvals: with approved_only, every time entry was approved when Valmis was set.
func (c *check) approvals(n *notice, valmis stateSet) {
	if !c.ApprovedOnly[n.customer] {
		return
	}
	for _, t := range n.tasks {
		for _, e := range t.entries {
			if e.seq > valmis.seq || e.removed != nil && e.removed.seq < valmis.seq || c.tooLate(e, valmis) {
				continue
			}
			approved := false
			for _, v := range e.versions {
				if v.seq < valmis.seq {
					approved = approved || v.approved
				}
			}
			if !approved {
				c.find(Unapproved, n, t, []int64{e.seq, valmis.seq}, "time entry %s was not approved when Valmis was set", e.id)
			}
		}
	}
}

// elsewhere is another notice that the toimenpide would belong to.
func (c *check) elsewhere(n *notice, t *toimenpide) *notice {
	for _, other := range c.notices {
		if other == n {
			continue
		}
		for _, task := range other.tasks {
			if c.anyReports(t, task.entries) {
				return other
			}
		}
	}
	return nil
}

func (c *check) anyReports(t *toimenpide, entries []*entry) bool {
	for _, e := range entries {
		if c.reports(t, e) {
			return true
		}
	}
	return false
}

// reports tells whether the entry had that date, resource and summary at some time before the toimenpide was added,
// and was still there when it was sent.
func (c *check) reports(t *toimenpide, e *entry) bool {
	if e.removed != nil && e.removed.seq < t.seq && t.at.Sub(e.removed.at) > c.Grace {
		return false
	}
	for _, v := range e.versions {
		if v.seq < t.seq && v.Date == t.Date && v.Resource == t.Resource && sameSummary(v.Summary, t.Summary) {
			return true
		}
	}
	return false
}

const (
	summaryLimit = 8000 // of Tampuuri, in UTF-16 code units
	longestMark  = 100  // what may stand for the rest of a summary that was cut
)

// sameSummary: the same text, or as much of it as Tampuuri takes, with a mark at its end.
func sameSummary(written, sent string) bool {
	written = strings.ToValidUTF8(written, "\uFFFD")
	if written == sent {
		return true
	}
	whole, cut := utf16.Encode([]rune(written)), utf16.Encode([]rune(sent))
	if len(whole) <= summaryLimit || len(cut) > summaryLimit || len(cut) < summaryLimit-longestMark {
		return false
	}
	same := 0
	for same < len(cut) && whole[same] == cut[same] {
		same++
	}
	return same >= summaryLimit-longestMark
}

// unmatched gives those of left that stay alone in a largest matching with right.
func unmatched(left, right int, fits func(left, right int) bool) []int {
	taken := make([]int, right) // by right: its left + 1
	var place func(l int, seen []bool) bool
	place = func(l int, seen []bool) bool {
		for r := range right {
			if seen[r] || !fits(l, r) {
				continue
			}
			seen[r] = true
			if taken[r] == 0 || place(taken[r]-1, seen) {
				taken[r] = l + 1
				return true
			}
		}
		return false
	}
	var alone []int
	for l := range left {
		if !place(l, make([]bool, right)) {
			alone = append(alone, l)
		}
	}
	return alone
}

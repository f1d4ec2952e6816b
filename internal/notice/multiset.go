package notice

import "slices"

// Planned is one time entry that becomes a toimenpide, as kept in a workflow's history: ids and keyed hashes only.
type Planned struct {
	EntryID string `json:"entryId"`

	// Fingerprints (Keyer.Toimenpide) are of every text that may have been sent for the entry, the current one last.
	Fingerprints []string `json:"fingerprints"`

	// Removed says that the entry is no longer in Hillava. It may have been sent, so it stays in the plan, but it is
	// never sent again.
	Removed bool `json:"removed,omitempty"`
}

// Plan is the plan of toimenpiteet for the entries as they are now, in the order in which they are sent. What previous
// plans may have sent is kept: an entry edited since has its current fingerprint appended, and entries removed since
// stay at the end, marked. The plan is made before the first toimenpide is added and again before every further attempt;
// with unchanged entries it is equal to the previous one (nil when there is nothing to plan).
func Plan(previous []Planned, entries []TimeEntry, k Keyer) []Planned {
	var plan []Planned
	current := map[string]bool{}
	for _, entry := range SortTimeEntries(entries) {
		current[entry.ID] = true
		fingerprint := k.Toimenpide(ToimenpideOf(entry))
		// A text that was edited back is the newest again; once in the list is enough to recognise it.
		var fingerprints []string
		for _, p := range previous {
			for _, f := range p.Fingerprints {
				if p.EntryID == entry.ID && f != fingerprint && !slices.Contains(fingerprints, f) {
					fingerprints = append(fingerprints, f)
				}
			}
		}
		plan = append(plan, Planned{EntryID: entry.ID, Fingerprints: append(fingerprints, fingerprint)})
	}
	for _, p := range previous {
		if !current[p.EntryID] {
			plan = append(plan, Planned{EntryID: p.EntryID, Fingerprints: slices.Clone(p.Fingerprints), Removed: true})
		}
	}
	return plan
}

// Unsent gives the ids, in planned order, of the entries that have no toimenpide in Tampuuri yet. present are the
// fingerprints of the toimenpiteet that are there, by hand or by us; equal ones count as often as they occur.
//
// Which entry a toimenpide belongs to is settled for all entries at once, by a maximum matching. One entry after the
// other would duplicate: with A = {x, edited to y} and B = {y}, and x and y present, A would take y as its newest text,
// B would find nothing and be sent a second time, while x, which is A's, stays unclaimed. A maximum matching leaves as
// few entries unsent as any explanation of what is present allows, so none is sent twice.
//
// Entries removed in Hillava claim only what no other entry can have been sent as: an entry that is there must have
// exactly one toimenpide, one that is gone at most one.
func Unsent(planned []Planned, present []string) []string {
	matched := match(planned, present)
	var unsent []string
	for i, p := range planned {
		if matched[i] < 0 && !p.Removed {
			unsent = append(unsent, p.EntryID)
		}
	}
	return unsent
}

// AnySent tells whether any entry of the plan, a removed one among them, has its toimenpide in Tampuuri.
func AnySent(planned []Planned, present []string) bool {
	return slices.ContainsFunc(match(planned, present), func(at int) bool { return at >= 0 })
}

// EntryChangeKind says how a time entry differs from what was sent.
type EntryChangeKind string

// The closed set of differences.
const (
	EntryAdded   EntryChangeKind = "added"   // in Hillava, not among the toimenpiteet
	EntryEdited  EntryChangeKind = "edited"  // sent with another date, resource or summary
	EntryRemoved EntryChangeKind = "removed" // sent, but no longer in Hillava
)

// EntryChange is one time entry that was changed after sending.
type EntryChange struct {
	EntryID string          `json:"entryId"`
	Kind    EntryChangeKind `json:"kind"`
}

// ChangedAfterSending compares the toimenpiteet in Tampuuri (their fingerprints) with the time entries as they are now,
// in sending order, removed ones last. planned is the last plan.
func ChangedAfterSending(planned []Planned, present []string, entries []TimeEntry, k Keyer) []EntryChange {
	plan := Plan(planned, entries, k)
	var changes []EntryChange
	for i, fingerprint := range match(plan, present) {
		p, sent := plan[i], fingerprint >= 0
		switch {
		case p.Removed && sent:
			changes = append(changes, EntryChange{p.EntryID, EntryRemoved})
		case p.Removed:
		case !sent:
			changes = append(changes, EntryChange{p.EntryID, EntryAdded})
		case present[fingerprint] != p.Fingerprints[len(p.Fingerprints)-1]:
			changes = append(changes, EntryChange{p.EntryID, EntryEdited})
		}
	}
	return changes
}

// matching assigns present fingerprints to planned entries, each at most once.
type matching struct {
	planned []Planned
	at      map[string][]int // fingerprint → where it is present
	entryOf []int            // by index in present; -1 = unclaimed
	present []int            // by index in planned; -1 = unmatched
}

// match gives, for each planned entry, the index in present of its toimenpide, or -1. Among the maximum matchings it
// prefers those in which entries that are still there have theirs, and newest texts.
func match(planned []Planned, present []string) []int {
	m := matching{planned: planned, at: map[string][]int{}}
	for i, fingerprint := range present {
		m.at[fingerprint] = append(m.at[fingerprint], i)
		m.entryOf = append(m.entryOf, -1)
	}
	m.present = slices.Repeat([]int{-1}, len(planned))
	for _, removed := range []bool{false, true} {
		for _, newestOnly := range []bool{true, false} {
			for entry, p := range planned {
				if p.Removed == removed && m.present[entry] < 0 {
					m.augment(entry, newestOnly, make([]bool, len(present)))
				}
			}
		}
	}
	return m.present
}

// augment finds entry a place, moving others to further ones where needed (Kuhn's algorithm); an entry once matched
// stays matched. With newestOnly it takes only a free place with the entry's newest text.
func (m *matching) augment(entry int, newestOnly bool, visited []bool) bool {
	for back, fingerprint := range slices.Backward(m.planned[entry].Fingerprints) {
		if newestOnly && back < len(m.planned[entry].Fingerprints)-1 {
			return false
		}
		for _, place := range m.at[fingerprint] {
			if visited[place] {
				continue
			}
			visited[place] = true
			holder := m.entryOf[place]
			if holder < 0 || !newestOnly && m.augment(holder, false, visited) {
				m.entryOf[place], m.present[entry] = entry, place
				return true
			}
		}
	}
	return false
}

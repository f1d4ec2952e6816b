package notice_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tampuuri-hillava/internal/notice"
)

func planned(id string, fingerprints ...string) notice.Planned {
	return notice.Planned{EntryID: id, Fingerprints: fingerprints}
}

func gone(p notice.Planned) notice.Planned {
	p.Removed = true
	return p
}

func TestUnsentAreTheEntriesThatNoToimenpideCanBe(t *testing.T) {
	for _, row := range []struct {
		about   string
		planned []notice.Planned
		present []string
		want    []string
	}{
		{"nothing planned", nil, []string{"x"}, nil},
		{"nothing present", []notice.Planned{planned("1", "x"), planned("2", "y")}, nil, []string{"1", "2"}},
		{"all present", []notice.Planned{planned("1", "x"), planned("2", "y")}, []string{"y", "x", "other"}, nil},
		{"equal entries count twice", []notice.Planned{planned("1", "x"), planned("2", "x")}, []string{"x"}, []string{"2"}},
		{"equal entries, both present", []notice.Planned{planned("1", "x"), planned("2", "x")}, []string{"x", "x"}, nil},
		{"sent with its old text", []notice.Planned{planned("1", "x", "y")}, []string{"x"}, nil},
		{"newest first would lose one", []notice.Planned{planned("1", "x", "y"), planned("2", "y")}, []string{"x", "y"}, nil},
		{"oldest first would lose one", []notice.Planned{planned("1", "y", "x"), planned("2", "y")}, []string{"x", "y"}, nil},
		{"a chain of three", []notice.Planned{planned("1", "a", "b"), planned("2", "b", "c"), planned("3", "c")}, []string{"a", "b", "c"}, nil},
		{"removed entries are never sent", []notice.Planned{gone(planned("1", "x"))}, nil, nil},
		{"removed entries claim their own", []notice.Planned{gone(planned("1", "x")), planned("2", "y")}, []string{"x"}, []string{"2"}},
		{"but never another one's", []notice.Planned{gone(planned("1", "x")), planned("2", "x")}, []string{"x"}, nil},
		{"a text as it is now goes before one edited since", []notice.Planned{planned("1", "x", "z"), planned("2", "x")}, []string{"x"}, []string{"1"}},
		{"an entry without any text", []notice.Planned{planned("1")}, []string{"x"}, []string{"1"}},
	} {
		t.Run(row.about, func(t *testing.T) {
			require.Equal(t, row.want, notice.Unsent(row.planned, row.present))
		})
	}
}

func TestThePlanKeepsEveryTextThatMayHaveBeenSent(t *testing.T) {
	k := keyer(t)
	print := func(e notice.TimeEntry) string { return k.Toimenpide(notice.ToimenpideOf(e)) }
	a := notice.TimeEntry{ID: "a", Date: "2026-02-04", Resource: "R", Summary: "x"}
	b := notice.TimeEntry{ID: "b", Date: "2026-02-03", Resource: "R"}
	edited := a
	edited.Date, edited.Summary = "2026-02-01", "y"

	first := notice.Plan(nil, []notice.TimeEntry{a, b}, k)
	require.Equal(t, []notice.Planned{planned("b", print(b)), planned("a", print(a))}, first)
	second := notice.Plan(first, []notice.TimeEntry{edited, b}, k)
	require.Equal(t, []notice.Planned{planned("a", print(a), print(edited)), planned("b", print(b))}, second)
	third := notice.Plan(second, []notice.TimeEntry{a}, k)
	require.Equal(t, []notice.Planned{planned("a", print(edited), print(a)), gone(planned("b", print(b)))}, third)
	fourth := notice.Plan(third, []notice.TimeEntry{a, b}, k)
	require.Equal(t, []notice.Planned{planned("b", print(b)), planned("a", print(edited), print(a))}, fourth)
	require.Nil(t, notice.Plan(nil, nil, k))
}

func TestAPlanIsIdsAndHashesInTheFormThatHistoryKeeps(t *testing.T) {
	data, err := json.Marshal([]notice.Planned{planned("1", "aa"), gone(planned("2", "bb"))})
	require.NoError(t, err)
	require.JSONEq(t, `[{"entryId":"1","fingerprints":["aa"]},{"entryId":"2","fingerprints":["bb"],"removed":true}]`, string(data))
}

func TestChangesAfterSendingAreFound(t *testing.T) {
	k := keyer(t)
	entry := func(id, summary string) notice.TimeEntry {
		return notice.TimeEntry{ID: id, Date: "2026-02-03", Resource: "R", Summary: summary}
	}
	sent := []notice.TimeEntry{entry("1", "same"), entry("2", "old"), entry("3", "gone"), entry("4", "twin"), entry("5", "twin")}
	plan := notice.Plan(nil, sent, k)
	var present []string
	for _, e := range sent {
		present = append(present, k.Toimenpide(notice.ToimenpideOf(e)))
	}
	require.Empty(t, notice.ChangedAfterSending(plan, present, sent, k))
	now := []notice.TimeEntry{entry("1", "same"), entry("2", "new"), entry("4", "twin"), entry("5", "twin"), entry("6", "late")}
	require.Equal(t, []notice.EntryChange{
		{EntryID: "2", Kind: notice.EntryEdited}, {EntryID: "6", Kind: notice.EntryAdded}, {EntryID: "3", Kind: notice.EntryRemoved},
	}, notice.ChangedAfterSending(plan, present, now, k))
}

// texts are few, so that entries are often equal.
var texts = rapid.SampledFrom([]string{"a", "b", "c", "d"})

func drawPlan(t *rapid.T) []notice.Planned {
	return rapid.Custom(func(t *rapid.T) []notice.Planned {
		var plan []notice.Planned
		for i := range rapid.IntRange(0, 6).Draw(t, "entries") {
			p := planned(string(rune('0'+i)), rapid.SliceOfN(texts, 1, 3).Draw(t, "fingerprints")...)
			p.Removed = rapid.Bool().Draw(t, "removed")
			plan = append(plan, p)
		}
		return plan
	}).Draw(t, "plan")
}

// fewestUnsent tries every assignment.
func fewestUnsent(plan []notice.Planned, present []string) int {
	if len(plan) == 0 {
		return 0
	}
	if plan[0].Removed {
		return fewestUnsent(plan[1:], present)
	}
	fewest := 1 + fewestUnsent(plan[1:], present)
	for i, f := range present {
		if slices.Contains(plan[0].Fingerprints, f) {
			fewest = min(fewest, fewestUnsent(plan[1:], slices.Delete(slices.Clone(present), i, i+1)))
		}
	}
	return fewest
}

func TestUnsentIsAsFewAsAnyAssignmentAllows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := drawPlan(t)
		present := rapid.SliceOfN(texts, 0, 6).Draw(t, "present")
		unsent := notice.Unsent(plan, present)
		require.Len(t, unsent, fewestUnsent(plan, present))
		rest := unsent
		for _, p := range plan {
			if len(rest) > 0 && rest[0] == p.EntryID {
				require.False(t, p.Removed)
				rest = rest[1:]
			}
		}
		require.Empty(t, rest, "in planned order")
		shuffled := rapid.Permutation(present).Draw(t, "shuffled")
		require.Len(t, notice.Unsent(plan, shuffled), len(unsent), "the order in Tampuuri does not matter")
	})
}

// TestWhateverIsEditedBetweenAttemptsEachEntryGetsOneToimenpide plays attempts that stop anywhere, with entries edited,
// added and removed between them, and the plan made anew before each.
func TestWhateverIsEditedBetweenAttemptsEachEntryGetsOneToimenpide(t *testing.T) {
	k := keyer(t)
	rapid.Check(t, func(t *rapid.T) {
		entries := map[string]string{} // id → text
		var plan []notice.Planned
		var present []string
		next := 0
		current := func() (list []notice.TimeEntry) {
			for id, text := range entries {
				list = append(list, notice.TimeEntry{ID: id, Date: "2026-02-03", Summary: text})
			}
			return list
		}
		attempt := func(t *rapid.T, stopAfter int) {
			plan = notice.Plan(plan, current(), k)
			require.Equal(t, plan, notice.Plan(plan, current(), k), "unchanged entries leave the plan as it is")
			for i, id := range notice.Unsent(plan, present) {
				if i == stopAfter {
					break
				}
				present = append(present, k.Toimenpide(notice.Toimenpide{Date: "2026-02-03", Summary: entries[id]}))
			}
			require.LessOrEqual(t, len(present), len(plan), "no more than one for each entry that ever was")
		}
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				entries[string(rune('A'+next))] = texts.Draw(t, "text")
				next++
			},
			"edit": func(t *rapid.T) {
				if id := drawID(t, entries); id != "" {
					entries[id] = texts.Draw(t, "text")
				}
			},
			"remove": func(t *rapid.T) { delete(entries, drawID(t, entries)) },
			"send":   func(t *rapid.T) { attempt(t, rapid.IntRange(0, 3).Draw(t, "stop after")) },
		})
		attempt(t, len(entries))
		require.Empty(t, notice.Unsent(plan, present), "nothing is left")
		require.GreaterOrEqual(t, len(present), len(entries), "none is lost")
	})
}

func drawID(t *rapid.T, entries map[string]string) string {
	if len(entries) == 0 {
		return ""
	}
	ids := make([]string, 0, len(entries))
	for id := range entries {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return rapid.SampledFrom(ids).Draw(t, "id")
}

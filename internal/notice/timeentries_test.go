package notice_test

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
)

func TestTimeEntriesAreOrderedByDateResourceAndID(t *testing.T) {
	entries := []notice.TimeEntry{
		{ID: "4", Date: "2026-02-04", Resource: "A"}, {ID: "3", Date: "2026-02-03", Resource: "B"},
		{ID: "2", Date: "2026-02-03", Resource: "A", Summary: "b"}, {ID: "1", Date: "2026-02-03", Resource: "A", Summary: "z"},
	}
	var order []string
	for _, e := range notice.SortTimeEntries(entries) {
		order = append(order, e.ID)
	}
	require.Equal(t, []string{"1", "2", "3", "4"}, order)
	require.Equal(t, "4", entries[0].ID, "the given list stays as it is")
}

func TestAToimenpideIsDateResourceAndSummary(t *testing.T) {
	entry := notice.TimeEntry{ID: "1", Date: "2026-02-03", Resource: "Testi Huoltaja", Summary: " Hana\nvaihdettu "}
	require.Equal(t, notice.Toimenpide{Date: "2026-02-03", Resource: "Testi Huoltaja", Summary: " Hana\nvaihdettu "}, notice.ToimenpideOf(entry))
	require.Equal(t, notice.Toimenpide{Date: "2026-02-03"}, notice.ToimenpideOf(notice.TimeEntry{Date: "2026-02-03"}), "an empty summary is sent too")
}

// Tampuuri gives texts back as they were sent, so people there read what was written in Hillava: "50 €" with its no-break
// space, columns, one emoji of several signs.
func TestAToimenpideIsWhatWasWrittenButForControlCharacters(t *testing.T) {
	for written, sent := range map[string]string{
		"2\u00a0kpl à 50\u00a0€":               "2\u00a0kpl à 50\u00a0€",
		"työ\t1,5 h\r\nmatka\t0,5 h\u2028":     "työ\t1,5 h\r\nmatka\t0,5 h\u2028",
		"Ma\u0308kela\u0308 tiivistää":         "Ma\u0308kela\u0308 tiivistää",
		"til\u00adki\u200bntä 👩\u200d🔧\ufe0f":  "til\u00adki\u200bntä 👩\u200d🔧\ufe0f",
		"Hana\u000b vaihdettu\u0000\u0007\x1b": "Hana vaihdettu",
		"letku\uffff kiinni\xff":               "letku kiinni\uFFFD",
	} {
		entry := notice.TimeEntry{ID: "1", Date: "2026-02-03", Resource: written, Summary: written}
		require.Equal(t, notice.Toimenpide{Date: "2026-02-03", Resource: sent, Summary: sent}, notice.ToimenpideOf(entry))
		// What has been sent is found again by the entry as it is in Hillava.
		present := []string{keyer(t).Toimenpide(notice.Toimenpide{Date: "2026-02-03", Resource: sent, Summary: sent})}
		require.Empty(t, notice.Unsent(notice.Plan(nil, []notice.TimeEntry{entry}, keyer(t)), present))
	}
}

func TestALongSummaryIsCutWithAMarkAt8000UTF16Units(t *testing.T) {
	const mark = "… (katkaistu)"
	for _, row := range []struct {
		about, summary string
		cut            bool
	}{
		{"exactly as long as allowed", strings.Repeat("ä", 8000), false},
		{"one too many", strings.Repeat("ä", 8001), true},
		{"pairs count twice", strings.Repeat("🔧", 4000), false},
		{"a pair is not split", strings.Repeat("🔧", 4001), true},
		{"an odd pair is not split", "x" + strings.Repeat("🔧", 4001), true},
	} {
		t.Run(row.about, func(t *testing.T) {
			got := notice.ToimenpideOf(notice.TimeEntry{Summary: row.summary}).Summary
			units := len(utf16.Encode([]rune(got)))
			require.LessOrEqual(t, units, 8000)
			require.NotContains(t, got, "\uFFFD")
			if row.cut {
				require.True(t, strings.HasSuffix(got, mark))
				require.Greater(t, units, 7997)
				require.True(t, strings.HasPrefix(row.summary, strings.TrimSuffix(got, mark)))
			} else {
				require.Equal(t, row.summary, got)
			}
		})
	}
}

package opening

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
)

func TestThePreviewIsWhatAPollWouldImport(t *testing.T) {
	w := newWorld(t, nobody)
	_, err := w.opens(w.flags("--dry-run")...)
	require.NoError(t, err)
	start := time.Date(2026, 2, 1, 0, 0, 0, 0, notice.Helsinki())
	older := aNotice(3, 120, 1, "Uusi", start.Add(-time.Second))
	older.Modified = february
	unmade := aNotice(4, 121, 7, "Kesken", february)
	unmade.Created = notice.Moment{}
	w.notices = []notice.Notice{
		aNotice(1, 120, 1, "Uusi", start), aNotice(2, 121, 1, "Vastaanotettu", february), older, unmade,
		aNotice(5, 120, 1, notice.Tehty, february), aNotice(6, 120, 1, notice.Valmis, february), aNotice(7, 120, 1, notice.Peruttu, february),
		aNotice(8, 0, 1, "Uusi", february), aNotice(9, 120, 1, "Uusi", february), aNotice(10, 999, 1, "Uusi", february),
	}
	w.here, w.odd = []int64{9}, 1
	preview, err := look(t.Context(), w.entry().Unstopped(), w.tampuuri, map[int64]bool{9: true})
	require.NoError(t, err)
	require.Equal(t, Preview{
		Notices: 3, Here: 1, Older: 1, Doubtful: 2, HereKnown: true,
		Properties: []PropertyCount{{1, 2, map[string]int{"Uusi": 1, "Vastaanotettu": 1}}, {7, 1, map[string]int{"Kesken": 1}}},
		First:      []PreviewNotice{{1, 1, "Uusi", "2026-02-01"}, {2, 1, "Vastaanotettu", "2026-02-05"}, {4, 7, "Kesken", "2026-02-05"}},
	}, preview)
}

func TestThePreviewReadsEveryPageAndCountsNothingTwice(t *testing.T) {
	w := newWorld(t, nobody)
	_, err := w.opens(w.flags("--dry-run")...)
	require.NoError(t, err)
	for id := range int64(350) {
		w.notices = append(w.notices, aNotice(1000-id, 120+id%2, 1, "Uusi", february.Add(time.Duration(id/150)*time.Minute)))
	}
	preview, err := look(t.Context(), w.entry().Unstopped(), w.tampuuri, nil)
	require.NoError(t, err)
	require.Equal(t, 350, preview.Notices)
	require.Equal(t, 350, preview.Properties[0].Notices)
	require.Equal(t, int64(651), preview.First[0].Notice)
	require.Len(t, preview.First, shown)
}

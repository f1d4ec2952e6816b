package activities

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

func TestEveryNoticeIsFoundOverManyPages(t *testing.T) {
	for name, row := range map[string]struct{ rows, equalFrom, equalTo int64 }{
		"none":                             {0, 0, 0},
		"exactly a page":                   {100, 0, 0},
		"three pages":                      {250, 0, 0},
		"equal ones over the border":       {250, 90, 120},
		"a whole page of equal ones":       {250, 50, 200},
		"all equal":                        {350, 0, 350},
		"equal ones up to the last row":    {201, 100, 201},
		"equal ones ending with the pages": {200, 0, 200},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			for id := range row.rows {
				n := s.tampuuri().put(id + 1)
				if id >= row.equalFrom && id < row.equalTo {
					n.Modified = s.tampuuri().notices[row.equalFrom+1].Modified
				}
			}
			result := s.poll(runs.PollResult{})
			require.Equal(t, int(row.rows), result.Started)
			require.Equal(t, ids(1, row.rows), s.temporal.started())
		})
	}
}

// While one pages, people edit: a row that moves to the end moves all behind it forward. A day's worth of rows may share
// one Muokattu, as when a whole portfolio is given to us at once. Every row must be met in the same round, as the mark
// may move on by more than what is read again behind it.
func TestNoRowIsMissedThatMovesWhileOnePages(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := newScene(r)
		total := rapid.IntRange(90, 330).Draw(r, "rows")
		share := rapid.IntRange(1, 330).Draw(r, "rows of one Muokattu")
		start := s.tampuuri().clock
		for i := range total {
			n := s.tampuuri().put(int64(i + 1))
			n.Modified = start.Add(time.Duration(i/share) * time.Hour)
		}
		s.tampuuri().clock = start.Add(1000 * time.Hour)
		s.clock = s.tampuuri().clock.Add(time.Hour)
		if rapid.Bool().Draw(r, "unreadable ones") {
			for id := range int64(20) {
				s.tampuuri().unreadable[id*11+1] = true
			}
		}
		anywhere, borders := rapid.IntRange(1, total), rapid.SampledFrom([]int{1, 2, 3, 99, 100, 101, 102, 199, 200, 201})
		edits := rapid.SliceOfN(rapid.OneOf(anywhere, borders), 0, 12).Draw(r, "edited")
		s.tampuuri().goes = func(op string, apply func() error) error {
			err := apply()
			for range min(2, len(edits)) { // after a page has been read
				if id := int64(edits[0]); op == "browse 4711" && id <= int64(total) && !s.tampuuri().unreadable[id] {
					s.tampuuri().edit(id, func(*notice.Notice) {})
				}
				edits = edits[1:]
			}
			return err
		}
		result := s.poll(runs.PollResult{})
		met := map[int64]bool{}
		for _, id := range s.temporal.started() {
			met[id] = true
		}
		for _, skipped := range result.Skipped {
			met[skipped.NoticeID] = true
		}
		for id := range s.tampuuri().notices {
			require.True(r, met[id], "notice %d was missed", id)
		}
	})
}

// The row that the next page must hold is itself edited, and found on that page at its new place.
func TestARowThatHasMovedHoldsNoPlace(t *testing.T) {
	s := newScene(t)
	first := s.tampuuri().put(1).Modified
	for id := range int64(101) {
		s.tampuuri().put(id + 2).Modified = first
	}
	s.tampuuri().put(103)
	edits := [][]int64{{1, 2}, {102, 59}}
	s.tampuuri().goes = func(_ string, apply func() error) error {
		err := apply()
		if len(edits) > 0 {
			for _, id := range edits[0] {
				s.tampuuri().edit(id, func(*notice.Notice) {})
			}
			edits = edits[1:]
		}
		return err
	}
	s.poll(runs.PollResult{})
	require.Equal(t, ids(1, 103), s.temporal.started())
}

func TestAnUnreadableRowIsReadAgainByItsIDUntilItIsInOrder(t *testing.T) {
	s := newScene(t)
	s.tampuuri().put(101)
	s.tampuuri().put(102).Modified = s.tampuuri().clock.Add(24 * time.Hour)
	s.tampuuri().unreadable[101] = true
	s.clock = s.clock.Add(100 * time.Hour)
	result := s.poll(runs.PollResult{})
	require.Equal(t, []int64{102}, s.temporal.started(), "it hides no other")
	require.Equal(t, []runs.SkippedNotice{{NoticeID: 101, Reason: runs.SkippedUnreadable}}, result.Skipped)

	result = s.poll(result)
	require.Len(t, result.Skipped, 1)
	s.tampuuri().goes = func(op string, apply func() error) error {
		if op == "read 101" {
			return refusal(peerTampuuri, http.StatusInternalServerError)
		}
		return apply()
	}
	s.tampuuri().put(103).Modified = s.tampuuri().clock.Add(48 * time.Hour)
	result = s.poll(result)
	require.NotNil(t, s.life(103), "a notice that Tampuuri itself fails on stops no other")
	require.Len(t, result.Skipped, 1)

	s.tampuuri().goes = nil
	s.tampuuri().unreadable[101] = false // without moving Muokattu, and the mark is a day further
	result = s.poll(result)
	require.Equal(t, 1, result.Started)
	require.NotNil(t, s.life(101))
	require.Empty(t, result.Skipped)
}

func TestAnUnreadableRowThatIsDeletedIsForgotten(t *testing.T) {
	s := newScene(t)
	s.tampuuri().put(101)
	s.tampuuri().unreadable[101] = true
	result := s.poll(runs.PollResult{})
	delete(s.tampuuri().notices, 101)
	require.Empty(t, s.poll(result).Skipped)
}

func TestUnreadableRowsBeyondTheListHoldTheMark(t *testing.T) {
	s := newScene(t)
	for id := range int64(maxSkipped + 50) {
		s.tampuuri().put(id + 1).Modified = s.tampuuri().clock.Add(time.Duration(id) * time.Hour)
		s.tampuuri().unreadable[id+1] = true
	}
	last := s.tampuuri().put(1000)
	last.Modified = last.Modified.Add(10000 * time.Hour)
	s.clock = last.Modified.Add(time.Hour)
	result := s.poll(runs.PollResult{})
	require.Len(t, result.Skipped, maxSkipped)
	require.NotNil(t, s.life(1000), "readable ones are imported")
	clear(s.tampuuri().unreadable)
	result = s.poll(result)
	require.Empty(t, result.Skipped)
	require.Len(t, s.temporal.started(), maxSkipped+51, "none was passed")
}

func TestASkippedNoticeWaitsForMaxNewAsAnyOther(t *testing.T) {
	s := newScene(t)
	s.settings.list[0].Poll.MaxNew = 1
	s.tampuuri().put(101)
	s.tampuuri().put(102)
	s.tampuuri().unreadable[101], s.tampuuri().unreadable[102] = true, true
	result := s.poll(runs.PollResult{})
	clear(s.tampuuri().unreadable)
	for _, n := range s.tampuuri().notices { // the mark is far beyond them
		n.Modified = n.Modified.Add(-24 * time.Hour)
	}
	result = s.poll(result)
	require.Equal(t, 1, result.Started)
	require.True(t, result.Left)
	result = s.poll(result)
	require.Equal(t, ids(101, 102), s.temporal.started())
	require.Empty(t, result.Skipped)
}

// The same cursor serves Hillava's list.
func TestAllChangedTasksAreMetWhileRowsMove(t *testing.T) {
	s := newScene(t)
	base := s.clock.Add(-2 * time.Hour)
	for id := range int64(230) {
		s.tampuuri().put(id + 1)
		task := taskWith(s, id+1, hillava.Event{ID: "e", Type: hillava.EventDone, OccurredAt: base})
		task.Modified = base
		s.hillava.tasks = append(s.hillava.tasks, task)
	}
	s.poll(runs.PollResult{})
	moved := 0
	s.hillava.goes = func(op string, apply func() error) error {
		err := apply()
		if op == "changed" && moved < 3 {
			s.hillava.tasks[moved].Modified = s.clock.Add(-time.Hour)
			moved++
		}
		return err
	}
	good(s, s.ReconcileHillava, runs.ReconcileInput{})
	for id := range int64(230) {
		require.NotEmpty(t, s.life(id+1).signals, "the event of notice %d was missed", id+1)
	}
}

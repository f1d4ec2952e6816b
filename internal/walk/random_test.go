package walk

import (
	"context"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The row that the next page must hold is itself changed, and found on that page at its new place.
func TestARowThatHasMovedHoldsNoPlace(t *testing.T) {
	h := newHike(t, newMovingList(102, 102))
	h.list.rows = append(h.list.rows, Row[int]{ID: "103", Value: 103, Modified: walkStart.Add(time.Hour)})
	moves := [][]int{{1, 2}, {102, 59}}
	h.Walk.List = func(ctx context.Context, since time.Time, offset, limit int) (Page[int], error) {
		read, err := h.list.page(ctx, since, offset, limit)
		if len(moves) > 0 {
			for _, id := range moves[0] {
				h.list.move(id)
			}
			moves = moves[1:]
		}
		return read, err
	}
	h.whole()
	h.requireAllMet()
}

// While one walks, people edit: a row that moves to the end moves all behind it forward. Any number of rows may share one
// time, as when a whole portfolio is given to us at once. A walk may be cut short, fail or meet a row for later anywhere.
// Whatever happens, the mark never passes a row that is not dealt with (hike.look), and in the end all are.
func TestNoRowIsLostWhileRowsMoveAndWalksAreCutShort(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		count := rapid.IntRange(1, 330).Draw(r, "rows")
		h := newHike(r, newMovingList(count, rapid.IntRange(1, 330).Draw(r, "rows of one time")))
		anywhere, borders := rapid.IntRange(1, count), rapid.SampledFrom([]int{1, 2, 3, 99, 100, 101, 102, 199, 200, 201})
		moved := rapid.SliceOfN(rapid.OneOf(anywhere, borders), 0, 16).Draw(r, "moved")
		if rapid.Bool().Draw(r, "wrong total") {
			h.list.total = func(rows int) int { return rows / 2 }
		}
		unreadable := rapid.Bool().Draw(r, "unreadable rows")
		if unreadable {
			for i := 0; i < count; i += 11 {
				h.list.rows[i].Unreadable = true
			}
		}
		if (!unreadable || len(moved) == 0) && rapid.Bool().Draw(r, "heavy rows") { // see Walk
			h.list.weights = map[int]int{}
			for _, id := range rapid.SliceOfN(anywhere, 1, 30).Draw(r, "heavy") {
				h.list.weights[id] = rapid.SampledFrom([]int{20, 100, maxWeight / 2, maxWeight}).Draw(r, "weight")
			}
			if len(moved) == 0 {
				for _, id := range rapid.SliceOfN(anywhere, 0, 2).Draw(r, "oversized") {
					h.list.weights[id] = maxWeight + 1
				}
			}
		}
		heldBack := rapid.SliceOfN(anywhere, 0, 3).Draw(r, "for later")
		h.judge = func(met Row[int]) (Verdict, error) {
			for i, id := range heldBack {
				if id == met.Value {
					heldBack = append(heldBack[:i:i], heldBack[i+1:]...)
					return Later, nil
				}
			}
			return Done, nil
		}
		failures := rapid.IntRange(0, 2).Draw(r, "failures")
		h.Walk.List = func(ctx context.Context, since time.Time, offset, limit int) (Page[int], error) {
			read, err := h.list.page(ctx, since, offset, limit)
			for range min(2, len(moved)) { // after the page was read, before it is used
				h.list.move(moved[0])
				moved = moved[1:]
			}
			if failures > 0 && rapid.Bool().Draw(r, "fails") {
				failures--
				return Page[int]{}, errors.New("away")
			}
			return read, err
		}
		cuts := rapid.SliceOfN(rapid.IntRange(1, 200), 0, 8).Draw(r, "cut after rows")
		for range 100 {
			h.stop = nil
			if len(cuts) > 0 {
				left := cuts[0] + 1
				cuts = cuts[1:]
				h.stop = func() bool { left--; return left < 0 }
			}
			if more, err := h.walkOn(); !more && err == nil && len(moved) == 0 && len(heldBack) == 0 && len(cuts) == 0 && failures == 0 {
				break
			}
		}
		h.stop, failures = nil, 0
		h.whole()
		h.requireAllMet()
	})
}

package walk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
)

func TestEveryRowIsMetOverManyPagesAndHardlyAnyTwice(t *testing.T) {
	for name, list := range map[string]*movingList{
		"none":                             newMovingList(0, 1),
		"one":                              newMovingList(1, 1),
		"exactly a page":                   newMovingList(100, 1),
		"a row more":                       newMovingList(101, 1),
		"three pages":                      newMovingList(250, 1),
		"equal ones over the border":       newMovingList(250, 30),
		"a whole page of equal ones":       newMovingList(450, 150),
		"all equal":                        newMovingList(350, 350),
		"equal ones ending with the pages": newMovingList(200, 100),
		"equal ones, one page of them":     newMovingList(100, 100),
	} {
		t.Run(name, func(t *testing.T) {
			h := newHike(t, list)
			h.whole()
			h.requireAllMet()
			overlap := len(h.order) - len(list.rows)
			sharing := 0
			for _, r := range list.rows { // a page begins with the last time seen, whole
				same := 0
				for _, other := range list.rows {
					if other.Modified.Equal(r.Modified) {
						same++
					}
				}
				sharing = max(sharing, same)
			}
			require.LessOrEqual(t, overlap, list.pages*min(sharing, PageSize))
		})
	}
}

// A walk that was cut short goes on at its cursor: not a window behind its mark, and not from the beginning.
func TestABacklogDrainsOverManyWalksThatAreCutShort(t *testing.T) {
	h := newHike(t, newMovingList(5000, 1))
	h.Window = func(mark time.Time) time.Time { return mark.Add(-24 * time.Hour) }
	var marks []string
	for range 100 {
		rows := 0
		h.stop = func() bool { rows++; return rows > 700 }
		more, err := h.walkOn()
		require.NoError(t, err)
		marks = append(marks, h.place.Mark)
		if !more {
			break
		}
	}
	h.requireAllMet()
	require.True(t, slices.IsSorted(marks))
	require.Len(t, slices.Compact(marks), len(marks), "each walk moves the mark")
	require.LessOrEqual(t, len(h.order), 5000+h.list.pages+len(marks), "nothing is read twice but where pages and walks meet")
	require.Nil(t, h.place.Cursor)
}

func TestARowForLaterHoldsTheMarkAndNotTheRowsBehindIt(t *testing.T) {
	h := newHike(t, newMovingList(250, 1))
	held := true
	h.judge = func(r Row[int]) (Verdict, error) {
		if r.Value == 120 && held {
			return Later, nil
		}
		return Done, nil
	}
	h.whole()
	require.Len(t, h.met, 249, "the others do not wait")
	require.Equal(t, h.list.rows[118].Modified.Format(time.RFC3339Nano), h.place.Mark)

	held, h.order = false, nil
	h.whole()
	h.requireAllMet()
	require.Equal(t, 119, h.order[0], "it goes on at the mark")
	require.Equal(t, h.list.rows[249].Modified.Format(time.RFC3339Nano), h.place.Mark)
}

// Though a walk is cut short behind such a row, and the next one goes on behind it, the mark stays before it.
func TestARowForLaterHoldsTheMarkOverACut(t *testing.T) {
	h := newHike(t, newMovingList(250, 1))
	h.judge = func(r Row[int]) (Verdict, error) {
		if r.Value == 20 {
			return Later, nil
		}
		return Done, nil
	}
	rows := 0
	h.stop = func() bool { rows++; return rows > 50 }
	more, err := h.walkOn()
	require.NoError(t, err)
	require.True(t, more)
	h.stop = nil
	h.whole()
	require.Len(t, h.met, 249)
	require.Equal(t, h.list.rows[18].Modified.Format(time.RFC3339Nano), h.place.Mark)
	h.judge = nil
	h.whole()
	h.requireAllMet()
}

func TestARowForNextTimeAndAllBehindItWait(t *testing.T) {
	h := newHike(t, newMovingList(250, 1))
	left := 130
	h.judge = func(Row[int]) (Verdict, error) {
		if left == 0 {
			return NextRound, nil
		}
		left--
		return Done, nil
	}
	more, err := h.walkOn()
	require.NoError(t, err)
	require.True(t, more)
	require.Equal(t, h.order[len(h.order)-1], len(h.met), "none behind it was met")

	last := h.order[len(h.order)-1]
	left, h.order = 1000, nil
	h.whole()
	h.requireAllMet()
	require.Equal(t, last, h.order[0], "it goes on where it ended")
}

func TestAnErrorKeepsThePlace(t *testing.T) {
	away := errors.New("away")
	for name, arrange := range map[string]func(h *hike, fails *bool){
		"of the list": func(h *hike, fails *bool) {
			h.list.pages = 0
			h.Walk.List = func(ctx context.Context, since time.Time, offset, limit int) (Page[int], error) {
				if *fails && h.list.pages == 3 {
					return Page[int]{}, away
				}
				return h.list.page(ctx, since, offset, limit)
			}
		},
		"of what is asked for a page": func(h *hike, fails *bool) {
			h.Prepare = func(_ context.Context, rows []Row[int]) error {
				if *fails && rows[0].Value > 200 {
					return away
				}
				return nil
			}
		},
		"of a row": func(h *hike, fails *bool) {
			h.judge = func(r Row[int]) (Verdict, error) {
				if *fails && r.Value == 290 {
					return 0, away
				}
				return Done, nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHike(t, newMovingList(450, 1))
			fails := true
			arrange(h, &fails)
			more, err := h.walkOn()
			require.ErrorIs(t, err, away)
			require.True(t, more)
			require.Greater(t, len(h.met), 190)
			fails, h.order = false, nil
			h.whole()
			h.requireAllMet()
			require.LessOrEqual(t, len(h.order), 450-190, "it went on where it ended")
		})
	}
}

func TestAWrongTotalLosesNothing(t *testing.T) {
	for name, total := range map[string]func(int) int{
		"zero": func(int) int { return 0 }, "too small": func(rows int) int { return rows / 3 },
		"too large": func(rows int) int { return rows + 1000 }, "negative": func(int) int { return -5 },
	} {
		for _, rows := range []int{2, 100, 101, 250} {
			t.Run(fmt.Sprint(name, " of ", rows), func(t *testing.T) {
				h := newHike(t, newMovingList(rows, 7))
				h.list.total = total
				h.whole()
				h.requireAllMet()
			})
		}
	}
}

// TestAPageThatIsTooLargeIsReadInParts: a resident who writes much must not stop a whole customer.
func TestAPageThatIsTooLargeIsReadInParts(t *testing.T) {
	for name, row := range map[string]struct {
		sharing int
		weights map[int]int
		unread  int
		pages   int // at most
	}{
		"each row is heavy":                 {1, map[int]int{1: 90, 2: 90, 3: 90, 4: 90, 5: 90, 6: 90, 7: 90, 8: 90, 9: 90, 10: 90, 11: 90, 12: 90}, 0, 20},
		"two that no page shows together":   {1, map[int]int{70: maxWeight, 71: maxWeight}, 0, 30},
		"the same of one time":              {250, map[int]int{70: maxWeight, 71: maxWeight}, 0, 280},
		"one that no page shows":            {1, map[int]int{150: maxWeight + 1}, 1, 30},
		"as many of them as a walk passes":  {1, map[int]int{3: 2000, 60: 2000, 61: 2000}, 3, 40},
		"one that no page shows, of a time": {250, map[int]int{150: maxWeight + 1}, 1, 300},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHike(t, newMovingList(250, row.sharing))
			h.list.weights = row.weights
			h.whole()
			h.requireAllMet()
			require.Equal(t, row.unread, min(row.unread, h.met[anchor{}]), "it is told of")
			require.LessOrEqual(t, h.list.pages, row.pages)
		})
	}
}

// A list that gives more rows than it is asked for is not asked for ever.
func TestAListWhosePagesAreAllTooLargeEndsTheWalk(t *testing.T) {
	h, asked := newHike(t, &movingList{}), 0
	h.Walk.List = func(context.Context, time.Time, int, int) (Page[int], error) {
		asked++
		return Page[int]{}, &peer.Error{Kind: peer.KindTooLarge}
	}
	more, err := h.walkOn()
	require.True(t, more)
	require.True(t, peer.IsTooLarge(err))
	require.Less(t, asked, 20)
}

func TestAListWithoutEndEndsTheWalk(t *testing.T) {
	rows := func(from, count int, at time.Time) []Row[int] {
		var all []Row[int]
		for id := from; id < from+count; id++ {
			all = append(all, Row[int]{ID: strconv.Itoa(id), Value: id, Modified: at})
		}
		return all
	}
	for name, list := range map[string]func(asked int) []Row[int]{
		"the same page for ever":               func(int) []Row[int] { return rows(1, 3, walkStart.Add(time.Hour)) },
		"two pages in turn":                    func(asked int) []Row[int] { return rows(asked%2*10+1, 3, walkStart.Add(time.Hour)) },
		"unreadable rows without ids":          func(int) []Row[int] { return []Row[int]{{Unreadable: true}} },
		"one more row each time, and too old":  func(asked int) []Row[int] { return rows(asked%50+1, 1, walkStart.Add(-time.Hour)) },
		"full pages, each later than the last": func(asked int) []Row[int] { return rows(1, PageSize, walkStart.Add(time.Duration(asked)*time.Second)) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHike(t, &movingList{})
			asked := 0
			h.Walk.List = func(context.Context, time.Time, int, int) (Page[int], error) {
				asked++
				return Page[int]{Rows: list(asked), Total: 1 << 40}, nil
			}
			_, err := h.walkOn()
			var malformed *peer.Error
			require.ErrorAs(t, err, &malformed)
			require.Equal(t, peer.KindMalformed, malformed.Kind)
			require.LessOrEqual(t, asked, maxPages)
		})
	}
}

// One row with a time of the future must not carry the mark past everything that changes until then.
func TestARowFromTheFutureHidesNoLaterOne(t *testing.T) {
	h := newHike(t, newMovingList(3, 1))
	now := walkStart.Add(time.Hour)
	h.Now = func() time.Time { return now }
	h.list.rows = append(h.list.rows, Row[int]{ID: "future", Value: 900, Modified: walkStart.Add(100 * 365 * 24 * time.Hour)})
	h.whole()
	h.requireAllMet()
	mark, err := time.Parse(time.RFC3339Nano, h.place.Mark)
	require.NoError(t, err)
	require.False(t, mark.After(now))
	h.list.rows = append(h.list.rows, Row[int]{ID: "next", Value: 901, Modified: now})
	h.whole()
	h.requireAllMet()
}

func TestAnUnreadableRowHidesNoOther(t *testing.T) {
	h := newHike(t, newMovingList(250, 20))
	unreadable := 0
	for i := range h.list.rows {
		if i%11 == 0 {
			h.list.rows[i].Unreadable = true
		}
		if i%22 == 0 {
			h.list.rows[i].ID = "" // not even that could be read
		}
	}
	h.judge = func(r Row[int]) (Verdict, error) {
		if r.Unreadable {
			unreadable++
		}
		return Done, nil
	}
	h.whole()
	h.requireAllMet()
	require.GreaterOrEqual(t, unreadable, 23)
}

// Of a place without a mark, or of one that cannot be read, nothing is known: reading begins at the start.
func TestAPlaceThatCannotBeReadIsNone(t *testing.T) {
	for _, place := range []runs.Place{{}, {Mark: "yesterday"}, {Mark: "2020-01-01T00:00:00Z"}, {Cursor: &runs.Cursor{Since: "?"}}} {
		h := newHike(t, newMovingList(3, 1))
		h.place = place
		h.whole()
		h.requireAllMet()
	}
}

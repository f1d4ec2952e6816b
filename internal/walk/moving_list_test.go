package walk

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
)

// movingList is a list as the contracts have it: ordered by time of change, then id; what changes goes to the end.
type movingList struct {
	rows  []Row[int]
	total func(rows int) int // what it claims; nil: what is
	pages int                // that were asked for
	// weights are of rows; those of one page may weigh maxWeight together.
	weights map[int]int
}

const maxWeight = 1000

// oversized tells a row that no page can show.
func (l *movingList) oversized(r Row[int]) bool { return l.weights[r.Value] > maxWeight }

// newMovingList has rows 1 to count, so many of which share a time, a minute after the ones before.
func newMovingList(count, sharing int) *movingList {
	l := &movingList{}
	for i := range count {
		l.rows = append(l.rows, Row[int]{ID: strconv.Itoa(i + 1), Value: i + 1, Modified: walkStart.Add(time.Duration(i/sharing) * time.Minute)})
	}
	return l
}

var walkStart = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)

func (l *movingList) page(_ context.Context, since time.Time, offset, limit int) (Page[int], error) {
	l.pages++
	slices.SortStableFunc(l.rows, func(x, y Row[int]) int {
		return cmp.Or(x.Modified.Compare(y.Modified), cmp.Compare(x.Value, y.Value))
	})
	var from []Row[int]
	for _, r := range l.rows {
		if !r.Modified.Before(since) {
			from = append(from, r)
		}
	}
	claimed := len(from)
	if l.total != nil {
		claimed = l.total(claimed)
	}
	listed, weight := Page[int]{Total: claimed}, 0
	var readable []Row[int]
	for _, r := range from[min(offset, len(from)):min(offset+limit, len(from))] {
		if weight += l.weights[r.Value]; weight > maxWeight {
			return Page[int]{}, &peer.Error{Kind: peer.KindTooLarge}
		}
		if r.Unreadable { // where it stood does not come through
			listed.Rows = append(listed.Rows, Row[int]{ID: r.ID, Value: r.Value, Unreadable: true})
		} else {
			readable = append(readable, r)
		}
	}
	listed.Rows = append(listed.Rows, readable...)
	return listed, nil
}

// move changes a row, a minute after whatever was changed last.
func (l *movingList) move(id int) {
	last := walkStart
	for _, r := range l.rows {
		if r.Modified.After(last) {
			last = r.Modified
		}
	}
	for i := range l.rows {
		if l.rows[i].Value == id {
			l.rows[i].Modified = last.Add(time.Minute)
		}
	}
}

// hike is walks over a moving list, each going on where the one before ended.
type hike struct {
	Walk[int]
	t     require.TestingT
	list  *movingList
	place runs.Place
	met   map[anchor]int // how often each row was dealt with, as it was then
	order []int
	judge func(r Row[int]) (Verdict, error) // nil: all are dealt with
	stop  func() bool                       // the time is up; nil: never
}

func newHike(t require.TestingT, list *movingList) *hike {
	h := &hike{t: t, list: list, met: map[anchor]int{}}
	h.Walk = Walk[int]{
		Peer: "test", Op: "list", Start: walkStart, Window: func(mark time.Time) time.Time { return mark },
		List: list.page, Each: h.meet, Reached: h.look, Ends: func() bool { return h.stop != nil && h.stop() },
		Now: func() time.Time { return walkStart.Add(365 * 24 * time.Hour) },
	}
	return h
}

// whatIs is a row as it is now; of an unreadable one only its id comes through.
func whatIs(r Row[int]) anchor {
	if r.Unreadable {
		return anchor{id: r.ID}
	}
	return anchor{r.ID, r.Modified.UnixNano()}
}

func (h *hike) meet(_ context.Context, r Row[int]) (found Verdict, err error) {
	if found = Done; h.judge != nil {
		found, err = h.judge(r)
	}
	if found == Done && err == nil {
		h.met[whatIs(r)]++
	}
	if found == Done || found == Later {
		h.order = append(h.order, r.Value)
	}
	return found, err
}

// look says, whenever a place is reached, that the mark has passed nothing that is not dealt with.
func (h *hike) look(so runs.Place) {
	mark, err := time.Parse(time.RFC3339Nano, so.Mark)
	require.NoError(h.t, err)
	for _, r := range h.list.rows {
		if r.Modified.Before(mark) && h.met[whatIs(r)] == 0 && !h.list.oversized(r) {
			require.Fail(h.t, "the mark has passed a row", "row %s of %s, mark %s", r.ID, r.Modified, mark)
		}
	}
}

// go on walks once more.
func (h *hike) walkOn() (more bool, err error) {
	h.place, _, more, err = h.From(context.Background(), h.place)
	h.look(h.place)
	return more, err
}

// whole walks once, which must get to the end.
func (h *hike) whole() {
	more, err := h.walkOn()
	require.NoError(h.t, err)
	require.False(h.t, more)
}

// requireAllMet says that every row was dealt with as it is now.
func (h *hike) requireAllMet() {
	for _, r := range h.list.rows {
		require.True(h.t, h.met[whatIs(r)] > 0 || h.list.oversized(r), "row %s was not met", r.ID)
	}
}

// Package walk reads lists whose rows move while one pages, so that none is missed. What a row is and what becomes of it, its
// caller knows.
package walk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
)

// PageSize is how many rows are asked for at once; both peers give no more.
const PageSize = 100

// maxOversized is how many rows that are each too large for an answer a walk passes: of a list that gives more rows than it
// is asked for, no page is ever small enough.
const maxOversized = 5

// maxPages is far more than a round has to read. A list that goes on beyond it repeats itself or has no end, and reading
// on would only burden the peer until the round's time is up.
const maxPages = 2000

// Row is one row of such a list. An unreadable one has at most its id.
type Row[T any] struct {
	ID         string
	Modified   time.Time
	Value      T
	Unreadable bool
}

// Page is one page of it. Where its unreadable rows stood nobody knows, so they come first: the mark must not pass one that
// is to be met again. Total is advisory.
type Page[T any] struct {
	Rows  []Row[T]
	Total int
}

// PageOf makes a page of a peer's; position gives a row's id and its time of modification.
func PageOf[T any, ID comparable](read peer.Page[T, ID], position func(T) (ID, time.Time)) Page[T] {
	rows := make([]Row[T], 0, len(read.Items)+len(read.Unreadable))
	for _, r := range read.Unreadable {
		rows = append(rows, Row[T]{ID: fmt.Sprint(r.ID), Unreadable: true})
	}
	for _, one := range read.Items {
		id, modified := position(one)
		rows = append(rows, Row[T]{ID: fmt.Sprint(id), Modified: modified, Value: one})
	}
	return Page[T]{Rows: rows, Total: read.Total}
}

// Verdict is what has become of a row.
type Verdict int

// The verdicts.
const (
	Done      Verdict = iota + 1 // dealt with: the mark may pass it
	Later                        // to be met again: the mark stays before it, and the rows behind it are dealt with all the same
	NextRound                    // this row and all behind it are for the next round
)

// Walk goes through a list that is ordered by time of modification while its rows move: whatever changes goes to the end.
// Each page begins at the last time seen, and Offset counts only within rows that share one time. Among those, a row that
// leaves moves all behind it forward, some of them to before the offset, where nobody would read them: so a page with an
// offset begins with the last row of the page before (the anchor), and without that row the time is read anew.
//
// A page that is too large for an answer is asked for again with fewer rows. A row that is too large by itself is unreadable.
// A page with less than two readable rows leaves no anchor, as with an overlap the next one would get no further: a row that
// leaves its time meanwhile is then not noticed.
//
// It ends early when its time is nearly up, and the next round goes on at its cursor. The mark, up to which every row is
// dealt with, never passes a row that is not.
type Walk[T any] struct {
	Peer, Op string                    // whose list it is, and its name, for errors
	Start    time.Time                 // nothing before it is read
	Window   func(time.Time) time.Time // from where to read again, by the mark: rows that are committed late are found by it
	List     func(ctx context.Context, since time.Time, offset, limit int) (Page[T], error)
	Prepare  func(ctx context.Context, rows []Row[T]) error // once for each page, before its rows; may be nil
	Each     func(ctx context.Context, r Row[T]) (Verdict, error)
	Reached  func(runs.Place) // before each row and page, with what is dealt with so far
	Ends     func() bool      // the round's time is nearly up, or it is interrupted
	Now      func() time.Time
}

var errEndless = errors.New("the list does not end, or its pages repeat")

// position is where a walk stands.
type position struct {
	mark   time.Time
	since  time.Time
	offset int
	anchor *anchor
	held   bool // a row behind the mark is to be met again
	rows   int  // read so far

	limit     int // of the next page
	oversized int // rows too large for an answer so far
}

// anchor is a row where it stood. The same row with another time has moved, though it may be on the same page.
type anchor struct {
	id string
	at int64 // Unix time in nanoseconds
}

// From walks on from a place. With an error, next is how far it got; more says that it ended before the list did.
func (w Walk[T]) From(ctx context.Context, place runs.Place) (next runs.Place, rows int, more bool, err error) {
	p := w.open(place)
	save := func(more bool) runs.Place { return p.save(place.For, more) }
	for pages := 0; ; pages++ {
		if w.Reached(save(true)); w.Ends() {
			return save(true), p.rows, true, nil
		}
		if pages == maxPages {
			return save(true), p.rows, true, &peer.Error{Peer: w.Peer, Op: w.Op, Kind: peer.KindMalformed, Sent: true, Err: errEndless}
		}
		read, full, err := w.read(ctx, p)
		if err != nil {
			return save(true), p.rows, true, err
		}
		if p.shifted(anchors(read.Rows)) {
			continue
		}
		if w.Prepare != nil {
			if err := w.Prepare(ctx, read.Rows); err != nil {
				return save(true), p.rows, true, err
			}
		}
		for i, r := range read.Rows {
			w.Reached(save(true))
			ended := w.Ends()
			found := NextRound
			if !ended {
				found, err = w.Each(ctx, r)
			}
			if err != nil || found == NextRound {
				p.advance(anchors(read.Rows[:i]), lastOf(read.Rows[:i]), i, false)
				return save(true), p.rows, true, err
			}
			p.pass(r.Modified, found, w.Now())
		}
		// A full page is never believed to be the last one, as Total is advisory.
		if len(read.Rows) == 0 || !full && p.offset+len(read.Rows) >= read.Total {
			return save(false), p.rows, false, nil
		}
		p.advance(anchors(read.Rows), lastOf(read.Rows), len(read.Rows), true)
	}
}

// read reads a page, with fewer rows when they are too large for one answer; full says that there may be more behind it.
func (w Walk[T]) read(ctx context.Context, p *position) (read Page[T], full bool, err error) {
	for {
		read, err = w.List(ctx, p.since, p.offset, p.limit)
		switch {
		case !peer.IsTooLarge(err):
			return read, len(read.Rows) >= p.limit, err
		case p.limit == 2:
			return w.singly(ctx, p)
		}
		// The anchor may stand behind a smaller page, if unreadable rows lie between: the time is read anew.
		p.limit, p.offset, p.anchor = max(2, p.limit/4), 0, nil
	}
}

// singly reads a page of two rows that are too large together, the second one first: a row that leaves from before them
// meanwhile is then missing as it would be on a page. One that is too large by itself is unreadable.
func (w Walk[T]) singly(ctx context.Context, p *position) (both Page[T], full bool, err error) {
	for _, offset := range []int{p.offset + 1, p.offset} {
		one, err := w.List(ctx, p.since, offset, 1)
		if peer.IsTooLarge(err) && p.oversized < maxOversized {
			p.oversized++
			one, err = Page[T]{Rows: []Row[T]{{Unreadable: true}}}, nil
		}
		if err != nil {
			return Page[T]{}, false, err
		}
		both.Rows, both.Total = append(one.Rows, both.Rows...), max(both.Total, one.Total)
	}
	return both, len(both.Rows) == 2, nil
}

// anchors are the readable ones of these rows, where they stand.
func anchors[T any](rows []Row[T]) []anchor {
	read := make([]anchor, 0, len(rows))
	for _, r := range rows {
		if !r.Unreadable {
			read = append(read, anchor{r.ID, r.Modified.UnixNano()})
		}
	}
	return read
}

func lastOf[T any](rows []Row[T]) (last time.Time) {
	for _, r := range rows {
		if r.Modified.After(last) {
			last = r.Modified
		}
	}
	return last
}

// open begins at the cursor of a walk that was cut short, else a window behind the mark.
func (w Walk[T]) open(place runs.Place) *position {
	p := &position{mark: w.Start, limit: PageSize}
	if mark, err := time.Parse(time.RFC3339Nano, place.Mark); err == nil && mark.After(w.Start) {
		p.mark = mark
	}
	if p.since = w.Window(p.mark); p.since.Before(w.Start) {
		p.since = w.Start
	}
	if c := place.Cursor; c != nil {
		if since, err := time.Parse(time.RFC3339Nano, c.Since); err == nil {
			p.since, p.offset, p.held = since, c.Offset, c.Held
			if c.AnchorID != "" {
				p.anchor = &anchor{c.AnchorID, c.AnchorAt}
			}
		}
	}
	return p
}

func (p *position) save(madeFor string, more bool) runs.Place {
	place := runs.Place{For: madeFor, Mark: p.mark.Format(time.RFC3339Nano)}
	if more {
		place.Cursor = &runs.Cursor{Since: p.since.Format(time.RFC3339Nano), Offset: p.offset, Held: p.held}
		if p.anchor != nil {
			place.Cursor.AnchorID, place.Cursor.AnchorAt = p.anchor.id, p.anchor.at
		}
	}
	return place
}

// pass moves the mark over a row that is dealt with. One row from the future must not carry the mark past everything that
// moves until then.
func (p *position) pass(modified time.Time, found Verdict, now time.Time) {
	p.rows++
	if p.held = p.held || found == Later; !p.held && modified.After(p.mark) && !modified.After(now) {
		p.mark = modified
	}
}

// shifted tells whether rows have left from before the page that was read; the position is then back at the first one of
// that time, and the page is not to be used, as the mark must not pass what it hides.
func (p *position) shifted(rows []anchor) bool {
	if p.anchor == nil || slices.Contains(rows, *p.anchor) {
		return false
	}
	p.offset, p.anchor = 0, nil
	return true
}

// advance goes on behind so many rows of the page at the position, of which these are the readable ones; whole says that
// they are all of it.
func (p *position) advance(readable []anchor, last time.Time, rows int, whole bool) {
	switch {
	case rows == 0: // the same page again
	case last.After(p.since):
		p.since, p.offset, p.anchor = last, 0, nil
		p.limit = min(2*p.limit, PageSize)
	case whole && len(readable) < 2: // with an overlap it would not get any further
		p.offset, p.anchor = p.offset+rows, nil
	case len(readable) > 0: // however the unreadable rows lie between, the anchor does not stand before this
		p.offset, p.anchor = p.offset+len(readable)-1, &readable[len(readable)-1]
	}
}

package activities

import (
	"context"
	"errors"
	"slices"
	"time"

	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
)

const (
	pageSize = 100
	// maxPages is far more than a round has to read. A list that goes on beyond it repeats itself or has no end, and reading
	// on would only burden the peer until the round's time is up.
	maxPages = 2000
)

// row is one row of a list whose rows move. An unreadable one has at most its id.
type row[T any] struct {
	id         string
	modified   time.Time
	value      T
	unreadable bool
}

// page is one page of such a list. Where its unreadable rows stood nobody knows, so they come first: the mark must not pass
// one that is to be met again. Total is advisory.
type page[T any] struct {
	rows  []row[T]
	total int
}

// verdict is what has become of a row.
type verdict int

const (
	done     verdict = iota + 1 // dealt with: the mark may pass it
	later                       // to be met again: the mark stays before it, and the rows behind it are dealt with all the same
	nextTime                    // this row and all behind it are for the next round
)

// walk goes through a list that is ordered by time of modification while its rows move: whatever changes goes to the end.
// Each page begins at the last time seen, and Offset counts only within rows that share one time. Among those, a row that
// leaves moves all behind it forward, some of them to before the offset, where nobody would read them: so a page with an
// offset begins with the last row of the page before (the anchor), and without that row the time is read anew.
//
// It ends early when its time is nearly up, and the next round goes on at its cursor. The mark, up to which every row is
// dealt with, never passes a row that is not.
type walk[T any] struct {
	peer, op string
	start    time.Time                 // nothing before it is read
	window   func(time.Time) time.Time // from where to read again, by the mark: rows that are committed late are found by it
	list     func(ctx context.Context, since time.Time, offset int) (page[T], error)
	prepare  func(ctx context.Context, rows []row[T]) error // once for each page, before its rows; may be nil
	each     func(ctx context.Context, r row[T]) (verdict, error)
	beat     func(runs.Place) // before each row and page, with what is dealt with so far
	ends     func() bool      // the round's time is nearly up, or it is interrupted
	now      func() time.Time
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
}

// anchor is a row where it stood. The same row with another time has moved, though it may be on the same page.
type anchor struct {
	id string
	at int64 // Unix time in nanoseconds
}

// from walks on from a place. With an error, next is how far it got; more says that it ended before the list did.
func (w walk[T]) from(ctx context.Context, place runs.Place) (next runs.Place, rows int, more bool, err error) {
	p := w.open(place)
	save := func(more bool) runs.Place { return p.save(place.For, more) }
	for pages := 0; ; pages++ {
		if w.beat(save(true)); w.ends() {
			return save(true), p.rows, true, nil
		}
		if pages == maxPages {
			return save(true), p.rows, true, &peer.Error{Peer: w.peer, Op: w.op, Kind: peer.KindMalformed, Sent: true, Err: errEndless}
		}
		read, err := w.list(ctx, p.since, p.offset)
		if err != nil {
			return save(true), p.rows, true, err
		}
		if p.shifted(anchors(read.rows)) {
			continue
		}
		if w.prepare != nil {
			if err := w.prepare(ctx, read.rows); err != nil {
				return save(true), p.rows, true, err
			}
		}
		for i, r := range read.rows {
			w.beat(save(true))
			ended := w.ends()
			found := nextTime
			if !ended {
				found, err = w.each(ctx, r)
			}
			if err != nil || found == nextTime {
				p.advance(anchors(read.rows[:i]), lastOf(read.rows[:i]), i, false)
				return save(true), p.rows, true, err
			}
			p.pass(r.modified, found, w.now())
		}
		// A full page is never believed to be the last one, as Total is advisory.
		if len(read.rows) == 0 || len(read.rows) < pageSize && p.offset+len(read.rows) >= read.total {
			return save(false), p.rows, false, nil
		}
		p.advance(anchors(read.rows), lastOf(read.rows), len(read.rows), true)
	}
}

// anchors are the readable ones of these rows, where they stand.
func anchors[T any](rows []row[T]) []anchor {
	read := make([]anchor, 0, len(rows))
	for _, r := range rows {
		if !r.unreadable {
			read = append(read, anchor{r.id, r.modified.UnixNano()})
		}
	}
	return read
}

func lastOf[T any](rows []row[T]) (last time.Time) {
	for _, r := range rows {
		if r.modified.After(last) {
			last = r.modified
		}
	}
	return last
}

// open begins at the cursor of a walk that was cut short, else a window behind the mark.
func (w walk[T]) open(place runs.Place) *position {
	p := &position{mark: w.start}
	if mark, err := time.Parse(time.RFC3339Nano, place.Mark); err == nil && mark.After(w.start) {
		p.mark = mark
	}
	if p.since = w.window(p.mark); p.since.Before(w.start) {
		p.since = w.start
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
func (p *position) pass(modified time.Time, found verdict, now time.Time) {
	p.rows++
	if p.held = p.held || found == later; !p.held && modified.After(p.mark) && !modified.After(now) {
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
	case whole && len(readable) < 2: // with an overlap it would not get any further
		p.offset, p.anchor = p.offset+rows, nil
	case len(readable) > 0: // however the unreadable rows lie between, the anchor does not stand before this
		p.offset, p.anchor = p.offset+len(readable)-1, &readable[len(readable)-1]
	}
}

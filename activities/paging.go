package activities

import (
	"errors"
	"slices"
	"time"

	"tampuuri-hillava/internal/peer"
)

// rowAt is a row where it stood in the list. The same row with another time has moved, though it may be on the same page.
type rowAt[ID comparable] struct {
	id       ID
	modified int64 // Unix time in nanoseconds
}

// cursor goes through a list that is ordered by time of modification while its rows move: whatever changes goes to the
// end. Each page begins at the last time seen, and Offset counts only within rows that share one time. Among those, a
// row that leaves moves all behind it forward, some of them to before the offset, where nobody would read them: so a
// page with an offset begins with the last row of the page before, and without that row the time is read anew.
type cursor[ID comparable] struct {
	since  time.Time
	offset int
	anchor *rowAt[ID] // a row that the next page must hold
	pages  int        // read so far
}

// maxPages is far more than a round ever has to read (100 rows each). A list that goes on beyond it repeats itself or has
// no end, and reading on would only burden the peer until the round's time is up.
const maxPages = 2000

var errEndless = errors.New("the list does not end, or its pages repeat")

// turn counts a page that is about to be read; it fails when there have been too many.
func (c *cursor[ID]) turn(peerName, op string) error {
	if c.pages++; c.pages > maxPages {
		return &peer.Error{Peer: peerName, Op: op, Kind: peer.KindMalformed, Sent: true, Err: errEndless}
	}
	return nil
}

// shifted tells whether rows have left from before the page that was read; the cursor is then back at the first one of
// that time, and the page is not to be used, as the mark must not pass what it hides.
func (c *cursor[ID]) shifted(page []rowAt[ID]) bool {
	if c.anchor == nil || slices.Contains(page, *c.anchor) {
		return false
	}
	c.offset, c.anchor = 0, nil
	return true
}

// advance goes on behind a page; last is the latest modification in it, skipped the number of its rows that could not
// be read. More is false at the end of the list.
func (c *cursor[ID]) advance(page []rowAt[ID], last time.Time, skipped, total int) (more bool) {
	rows := len(page) + skipped
	c.anchor = nil
	switch {
	case rows == 0 || c.offset+rows >= total:
		return false
	case last.After(c.since):
		c.since, c.offset = last, 0
	case len(page) < 2: // with an overlap it would not get any further
		c.offset += rows
	default:
		c.anchor = &page[len(page)-1]
		c.offset += len(page) - 1 // however the skipped rows lie between, the anchor is behind this
	}
	return true
}

package rounds

import (
	"fmt"
	"sync"
	"time"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

// memory remembers something per process. A full one begins anew: what it has forgotten is looked at once more.
type memory[K comparable, V any] struct {
	mutex sync.Mutex
	known map[K]V
}

// maxRemembered bounds a memory; each entry takes some 100 bytes.
const maxRemembered = 50_000

func (m *memory[K, V]) recall(key K) (value V, known bool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	value, known = m.known[key]
	return value, known
}

func (m *memory[K, V]) remember(key K, value V) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.known == nil || len(m.known) >= maxRemembered {
		m.known = map[K]V{}
	}
	m.known[key] = value
}

// seenKey names a row of a customer's list; with another entry or start date its notice has to be looked at again.
type seenKey struct {
	tunniste, entry string
	startDate       int64 // Unix seconds; as in the file now, which the sync's entry follows later
	id              int64
}

// seenRow is a row as it was dealt with.
type seenRow struct {
	modified    time.Time
	hasWorkflow bool
}

// seen tells whether a row was dealt with as it is now, and whether the notice has a workflow. So the window that each round
// reads again costs no look at their runs.
func (p *pollNotices) seen(n notice.Notice) (hasWorkflow, seen bool) {
	row, known := p.rowsSeen.recall(p.keyOf(n))
	return row.hasWorkflow, known && row.modified.Equal(n.Modified)
}

func (p *pollNotices) keyOf(n notice.Notice) seenKey {
	return seenKey{p.in.Tunniste, p.in.Served.Entry, p.settings.StartDate.Unix(), n.ID}
}

// difference names what a workflow is told of: told again in each round while it cannot deal with it, a peer's outage would
// make every round one with news.
func difference(life *runs.Life, now runs.Snapshot, modified time.Time) string {
	return fmt.Sprint(life.RunID, life.Snapshot, now, modified.UnixNano())
}

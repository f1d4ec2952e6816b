package e2e

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"tampuuri-hillava/sandbox/stack"
)

const (
	histories       = 60 // the short form; with E2E_PROOF=1 provenHistories
	provenHistories = 200
	historiesABatch = 400 // on one installation; more histories are more batches
	historiesAtOnce = 200 // most of a history is pauses
)

// TestRandomHistories lives random histories of notices on a real installation, many side by side, lets everything
// settle and has the ledger judged. Each history is drawn by a state machine of its own seed:
//
//	E2E_HISTORIES=10000 go test ./e2e -run TestRandomHistories -timeout 8h       # the long form
//	E2E_SEED=123 E2E_HISTORIES=1 go test ./e2e -run TestRandomHistories          # the history with that seed, again
//
// What goes on side by side is not replayed to the millisecond: run a history that failed several times.
func TestRandomHistories(t *testing.T) {
	parallelCrowd(t)
	count := number(t, "E2E_HISTORIES", inProof(provenHistories, histories))
	seed := number(t, "E2E_SEED", int(rand.Uint32()))
	t.Logf("histories %d to %d; E2E_SEED=%d E2E_HISTORIES=%d runs them again", seed, seed+count-1, seed, count)
	require.NoError(t, flag.Set("rapid.steps", "20"))
	for first := 0; first < count; first += historiesABatch {
		batch := min(historiesABatch, count-first)
		t.Run(fmt.Sprintf("%d from %d", batch, seed+first), func(t *testing.T) { runBatch(t, seed+first, batch) })
	}
}

// randomCustomers differ in what the settings can change about the way back.
func randomCustomers() []stack.Customer {
	return []stack.Customer{
		{Tunniste: "tavallinen", Name: "Tavallinen Isännöinti Oy", Performers: []int64{11}},
		{Tunniste: "hyvaksytyt", Name: "Hyväksytyt Isännöinti Oy", Performers: []int64{12},
			Entry: map[string]any{"time_entries": map[string]any{"approved_only": true}}},
		{Tunniste: "vastaanotto", Name: "Vastaanotto Isännöinti Oy", Performers: []int64{13}, Entry: map[string]any{"accept_state": "Vastaanotettu"}},
		{Tunniste: "kaksi", Name: "Kaksi Suorittajaa Oy", Performers: []int64{14, 15}},
	}
}

// batch is one installation on which many histories are lived side by side.
type batch struct {
	*world
	customers []stack.Customer
	deliver   sync.Mutex // webhook switches are Hillava's own: one transition at a time
	polls     sync.Mutex
	lives     []*randomLife
	kills     counter
}

// counter counts by name.
type counter struct {
	mutex sync.Mutex
	by    map[string]int
}

func (c *counter) add(name string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.by == nil {
		c.by = map[string]int{}
	}
	c.by[name]++
}

func runBatch(t *testing.T, seed, count int) {
	began := time.Now()
	b := &batch{customers: randomCustomers()}
	b.world = start(t, stack.Options{
		Customers: b.customers, LedgerFile: filepath.Join(t.TempDir(), "ledger.jsonl"), PollEvery: 3 * time.Second, ReconcileEvery: 6 * time.Second, SyncEvery: 20 * time.Second,
	})
	b.keepRunning(b.Worker)
	b.keepRunning(b.Serve)
	tell := stories(len(b.customers))
	var group errgroup.Group
	group.SetLimit(historiesAtOnce)
	for i := range count {
		told := tell.Example(seed + i)
		told.seed = seed + i
		life := &randomLife{batch: b, story: told, customer: b.customers[told.customer]}
		b.lives = append(b.lives, life)
		group.Go(life.live)
	}
	require.NoError(t, group.Wait())
	lived := time.Since(began)
	b.settle()
	fired := b.report()
	t.Logf("%d histories lived in %.0f s, settled in %.0f s more; %s", count, lived.Seconds(), (time.Since(began) - lived).Seconds(), fired)
}

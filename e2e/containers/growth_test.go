package containers

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	namespacepb "go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/workflowservice/v1"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/types/known/durationpb"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

// What is measured: a part of the quarter of docs/operations.md, from which it is counted up.
const (
	growthCustomers = 20
	noticesOfEach   = 6  // one after the other, each step in a poll of its own
	pollsOfEach     = 96 // a third of a day's
	roundsOfEach    = 24 // a quarter of a day's, of both schedules
	keptFor         = 6 * time.Minute
)

// TestGrowthOfTheDatabase measures what polls, rounds and notices each leave behind in Postgres, and what of it is removed
// once it has been kept for long enough.
func TestGrowthOfTheDatabase(t *testing.T) {
	inTheLongForm(t)
	var customers []stack.Customer
	for number := range growthCustomers {
		customers = append(customers, stack.Customer{
			Tunniste: fmt.Sprintf("asiakas-%d", number+1), Name: fmt.Sprintf("Asiakas %d Oy", number+1), Performers: []int64{int64(1000 + number)},
		})
	}
	p := installProduction(t, customers...)
	p.allowShortRetention()
	p.setRounds("1h")
	p.compose("up", "--detach", "--build", "worker", "starter") // with what they need
	p.awaitHealthy()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Minute)
	defer cancel()
	p.liveAll(ctx, 1) // the first pages of every table and index

	before, polls := p.tables(), p.polls()
	require.NoError(t, p.awaitPolls(ctx, growthCustomers*pollsOfEach))
	p.report(before, p.tables(), "day of one customer's 5-minute polls without news", float64(p.polls()-polls)/288)

	before = p.tables()
	rounds := p.rounds()
	p.setRounds("2s")
	require.NoError(t, stack.WaitFor(ctx, "rounds of the schedules", func(context.Context) error {
		if now := p.rounds() - rounds; now < 2*roundsOfEach {
			return fmt.Errorf("%d so far", now)
		}
		return nil
	}))
	p.setRounds("1h")
	p.report(before, p.tables(), "round of a schedule", float64(p.rounds()-rounds))

	p.keep(ctx, keptFor)
	before = p.tables()
	p.liveAll(ctx, noticesOfEach)
	full := p.tables()
	each := p.report(before, full, "notice", growthCustomers*noticesOfEach)
	require.Positive(t, each)
	require.Less(t, each, 200_000, "operations.md says which disk to buy")

	p.awaitForgotten(ctx, before)
	t.Logf("kept for long enough, of %d notices:", growthCustomers*noticesOfEach)
	empty := p.tables()
	for _, name := range grown(before, full) {
		t.Logf("  %s: %d rows → %d → %d; %d KB → %d → %d", name,
			before[name].rows, full[name].rows, empty[name].rows, before[name].bytes/1000, full[name].bytes/1000, empty[name].bytes/1000)
	}
	p.liveAll(ctx, noticesOfEach)
	p.report(full, p.tables(), "notice in the place of one that was removed", growthCustomers*noticesOfEach)
	p.checkLedger()
}

// allowShortRetention: the server takes no less than an hour as it comes, and spreads removals over half of one.
func (p *production) allowShortRetention() {
	p.t.Helper()
	path := filepath.Join(p.folder, "deploy", "temporal", "dynamicconfig.yaml")
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(p.t, err)
	_, err = file.WriteString("system.namespaceMinRetentionLocal: [{value: 1s}]\nhistory.retentionTimerJitterDuration: [{value: 1s}]\n")
	require.NoError(p.t, err)
	require.NoError(p.t, file.Close())
}

// keep sets how long Temporal keeps what is closed from now on.
func (p *production) keep(ctx context.Context, retention time.Duration) {
	p.t.Helper()
	_, err := p.temporal().WorkflowService().UpdateNamespace(ctx, &workflowservice.UpdateNamespaceRequest{
		Namespace: "default", Config: &namespacepb.NamespaceConfig{WorkflowExecutionRetentionTtl: durationpb.New(retention)},
	})
	require.NoError(p.t, err)
	p.compose("restart", "temporal") // what it knows of the namespace may be old for a while
	p.awaitHealthy()
}

// setRounds sets how often both schedules run, by which only the worker is started anew.
func (p *production) setRounds(every string) {
	p.t.Helper()
	p.configure(append(slices.Clone(p.settings), "SYNC_EVERY="+every, "RECONCILE_EVERY="+every)...)
	if len(p.containers()) > 0 {
		p.compose("up", "--detach", "--no-deps", "worker")
		p.awaitHealthy()
	}
}

// liveAll takes as many notices of every customer to their end, one after the other, each step in a poll of its own.
func (p *production) liveAll(ctx context.Context, each int) {
	p.t.Helper()
	var group errgroup.Group
	for _, customer := range p.systems.Customers {
		group.Go(func() error {
			for range each {
				if err := p.slowLife(ctx, customer); err != nil {
					return err
				}
			}
			return nil
		})
	}
	require.NoError(p.t, group.Wait())
}

func (p *production) slowLife(ctx context.Context, customer stack.Customer) error {
	const one = 2 * growthCustomers // within so many, each customer has been polled
	n, err := p.beginAt(ctx, customer)
	if err != nil {
		return err
	}
	if err := errors.Join(p.awaitPolls(ctx, one), n.work()); err != nil {
		return err
	}
	if err := n.systems.WaitState(ctx, n.tunniste, n.id, "Tehty"); err != nil {
		return err
	}
	return errors.Join(p.awaitPolls(ctx, one), n.invoice(ctx), p.awaitPolls(ctx, one))
}

// polls is how many lists Tampuuri has been asked for.
func (p *production) polls() int { return p.systems.Tampuuri.Requests()[tampuuri.OpList] }

// awaitPolls waits until Tampuuri has been asked for so many more.
func (p *production) awaitPolls(ctx context.Context, count int) error {
	before := p.polls()
	return stack.WaitFor(ctx, "customers to be polled", func(context.Context) error {
		if now := p.polls() - before; now < count {
			return fmt.Errorf("%d of %d lists", now, count)
		}
		return nil
	})
}

// rounds is how many of both schedules Temporal keeps.
func (p *production) rounds() int {
	p.t.Helper()
	return p.count("temporal_visibility", "executions_visibility WHERE status <> 1 AND workflow_type_name IN ('"+runs.TypeSyncCustomers+"', '"+runs.TypeReconcile+"')")
}

// count is how many rows there are of a table, or of a part of it.
func (p *production) count(database, of string) int {
	p.t.Helper()
	rows, err := strconv.Atoi(strings.TrimSpace(p.sql(database, "SELECT count(*) FROM "+of)))
	require.NoError(p.t, err)
	return rows
}

// awaitForgotten waits until hardly more is kept than before, and Postgres has cleared up by itself. Open customers' own
// histories have grown meanwhile, so it is runs that are counted.
func (p *production) awaitForgotten(ctx context.Context, before map[string]table) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 2*keptFor)
	defer cancel()
	require.NoError(p.t, stack.WaitFor(ctx, "closed notices to be removed", func(context.Context) error {
		if rows, few := p.count("temporal", "history_tree"), before["temporal.history_tree"].rows+growthCustomers; rows > few {
			return fmt.Errorf("%d runs, %d before", rows, few)
		}
		return nil
	}))
	gone := strings.TrimSpace(p.sql("temporal", "SELECT now()"))
	require.NoError(p.t, stack.WaitFor(ctx, "Postgres to clear up", func(context.Context) error {
		if p.count("temporal", "pg_stat_user_tables WHERE relname = 'history_node' AND (n_dead_tup = 0 OR last_autovacuum > '"+gone+"')") == 0 {
			return errors.New("it has not since the last row went")
		}
		return nil
	}))
}

// report says what has come into each table for one of so many, and returns the bytes of all.
func (p *production) report(before, after map[string]table, what string, count float64) (each int) {
	p.t.Helper()
	p.t.Logf("%.1f × a %s:", count, what)
	total := 0
	for _, name := range grown(before, after) {
		rows, size := after[name].rows-before[name].rows, after[name].bytes-before[name].bytes
		total += size
		p.t.Logf("  %s: %.2f rows, %.0f bytes", name, float64(rows)/count, float64(size)/count)
	}
	each = int(float64(total) / count)
	p.t.Logf("  all: %d bytes", each)
	return each
}

// grown are the tables that have more rows or bytes than before, the largest growth first.
func grown(before, after map[string]table) []string {
	names := slices.DeleteFunc(slices.Collect(maps.Keys(after)), func(name string) bool {
		return after[name].bytes <= before[name].bytes && after[name].rows <= before[name].rows
	})
	slices.SortFunc(names, func(a, b string) int {
		return (after[b].bytes - before[b].bytes) - (after[a].bytes - before[a].bytes)
	})
	return names
}

type table struct{ rows, bytes int }

// tables tells what each table takes with its indexes, after Postgres has cleared away what is no more.
func (p *production) tables() map[string]table {
	p.t.Helper()
	found := map[string]table{}
	for _, database := range databases {
		p.sql(database, "VACUUM ANALYZE")
		sizes := p.sql(database, "SELECT relname, n_live_tup, pg_total_relation_size(relid) FROM pg_stat_user_tables")
		for line := range strings.Lines(sizes) {
			fields := strings.Fields(line)
			if len(fields) != 3 {
				continue
			}
			rows, err := strconv.Atoi(fields[1])
			require.NoError(p.t, err)
			size, err := strconv.Atoi(fields[2])
			require.NoError(p.t, err)
			found[database+"."+fields[0]] = table{rows, size}
		}
	}
	require.NotEmpty(p.t, found)
	return found
}

// sql asks one of the databases.
func (p *production) sql(database, statement string) string {
	p.t.Helper()
	return p.compose("exec", "-T", "postgres", "psql", "--username=temporal", "--dbname="+database, "--no-psqlrc", "--tuples-only", "--no-align", "--field-separator= ", "--command="+statement)
}

package containers

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/stack"
)

// databases are Temporal's.
var databases = []string{"temporal", "temporal_visibility"}

// TestABackupIsRestored loses the database and restores it from a backup that is older than what has been done since, by
// the commands of docs/operations.md.
func TestABackupIsRestored(t *testing.T) {
	p := installProduction(t)
	p.compose("up", "--detach", "--build")
	p.awaitHealthy()
	ctx, cancel := context.WithTimeout(t.Context(), 12*time.Minute)
	defer cancel()

	untouched, done, invoiced := p.newNotice(), p.newNotice(), p.newNotice()
	p.complete() // closed already: must not be begun again
	p.backUp()
	// What the backup does not know: two that were open then, and two that were not there.
	require.NoError(t, done.work())
	require.NoError(t, p.systems.WaitState(ctx, tunniste, done.id, "Tehty"))
	require.NoError(t, invoiced.work())
	require.NoError(t, invoiced.invoice(ctx))
	young, youngDone := p.newNotice(), p.newNotice()
	require.NoError(t, youngDone.work())
	require.NoError(t, p.systems.WaitState(ctx, tunniste, youngDone.id, "Tehty"))
	p.complete()

	p.restore()
	p.compose("up", "--detach")
	p.awaitHealthy()
	// Tehty and unknown: the poll leaves it alone, as it may be from before us. Somebody has to say that it is ours.
	p.compose("run", "--rm", "-T", "tools", "notice", "import", tunniste, strconv.FormatInt(youngDone.id, 10))
	require.NoError(t, untouched.work())
	require.NoError(t, young.work())
	for _, n := range []*notice{untouched, done, young, youngDone} {
		require.NoError(t, n.invoice(ctx))
	}
	p.complete()
	require.NoError(t, stack.WaitFor(ctx, "no notice to be open", func(context.Context) error {
		var open []listed
		p.tools(&open, "notice", "list")
		if len(open) > 0 {
			return &stillOpen{open}
		}
		return nil
	}))
	p.checkLedger()
}

type stillOpen struct{ notices []listed }

func (s *stillOpen) Error() string {
	text := "open:"
	for _, n := range s.notices {
		text += " " + n.TaskID + " " + n.Phase
	}
	return text
}

func dumpOf(p *production, database string) string { return filepath.Join(p.folder, database+".dump") }

// backUp is operations.md's command for both databases.
func (p *production) backUp() {
	p.t.Helper()
	for _, database := range databases {
		dump := p.compose("exec", "-T", "postgres", "pg_dump", "--username=temporal", "--format=custom", database)
		require.NoError(p.t, os.WriteFile(dumpOf(p, database), []byte(dump), 0o600))
	}
}

// restore throws away what Temporal has and takes the backup instead.
func (p *production) restore() {
	p.t.Helper()
	p.compose("stop", "worker", "starter", "temporal-ui", "temporal")
	for _, database := range databases {
		dump, err := os.ReadFile(dumpOf(p, database))
		require.NoError(p.t, err)
		restore := exec.CommandContext(p.t.Context(), "docker", "exec", "--interactive", p.containers()["postgres"].ID,
			"pg_restore", "--username=temporal", "--clean", "--if-exists", "--create", "--exit-on-error", "--dbname=postgres")
		restore.Stdin = bytes.NewReader(dump)
		output, err := restore.CombinedOutput()
		require.NoError(p.t, err, "%s", output)
	}
}

// TestGrowthOfTheDatabase measures what one notice leaves behind in Postgres once it is closed.
func TestGrowthOfTheDatabase(t *testing.T) {
	inTheLongForm(t)
	p := installProduction(t)
	p.compose("up", "--detach", "--build")
	p.awaitHealthy()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	completeAll(ctx, t, p.beginMany(ctx, 50)) // the first pages of every table and index
	const count = 300
	before := p.tables()
	for range 3 {
		completeAll(ctx, t, p.beginMany(ctx, count/3))
	}
	after := p.tables()
	var grown []string
	total := 0
	for name, table := range after {
		if table.bytes > before[name].bytes {
			grown = append(grown, name)
			total += table.bytes - before[name].bytes
		}
	}
	slices.SortFunc(grown, func(a, b string) int {
		return (after[b].bytes - before[b].bytes) - (after[a].bytes - before[a].bytes)
	})
	for _, name := range grown {
		t.Logf("%s: %.1f rows and %d bytes a notice", name, float64(after[name].rows-before[name].rows)/count, (after[name].bytes-before[name].bytes)/count)
	}
	each := total / count
	t.Logf("%d bytes a notice; 200 a day, kept 90 days after their end: %.1f GB", each, float64(each)*200*90/1e9)
	require.Positive(t, each)
	require.Less(t, each, 200_000, "operations.md says which disk to buy")
}

type table struct{ rows, bytes int }

// tables tells what each table takes with its indexes, after Postgres has cleared away what is no more.
func (p *production) tables() map[string]table {
	p.t.Helper()
	found := map[string]table{}
	for _, database := range databases {
		psql := func(sql string) string {
			return p.compose("exec", "-T", "postgres", "psql", "--username=temporal", "--dbname="+database, "--no-psqlrc", "--tuples-only", "--no-align", "--field-separator= ", "--command="+sql)
		}
		psql("VACUUM ANALYZE")
		sizes := psql("SELECT relname, n_live_tup, pg_total_relation_size(relid) FROM pg_stat_user_tables")
		for line := range bytes.Lines([]byte(sizes)) {
			fields := bytes.Fields(line)
			if len(fields) != 3 {
				continue
			}
			rows, err := strconv.Atoi(string(fields[1]))
			require.NoError(p.t, err)
			size, err := strconv.Atoi(string(fields[2]))
			require.NoError(p.t, err)
			found[database+"."+string(fields[0])] = table{rows, size}
		}
	}
	require.NotEmpty(p.t, found)
	return found
}

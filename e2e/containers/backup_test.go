package containers

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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
	p.awaitNoneOpen(ctx)
	p.checkLedger()
}

// awaitNoneOpen waits until no notice is open, nor waits for anybody.
func (p *production) awaitNoneOpen(ctx context.Context) {
	p.t.Helper()
	require.NoError(p.t, stack.WaitFor(ctx, "no notice to be open", func(context.Context) error {
		var open []listed
		if p.tools(&open, "notice", "list"); len(open) > 0 {
			return fmt.Errorf("open are %+v", open)
		}
		return nil
	}))
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

package e2e

import (
	"os/exec"
	"path/filepath"
	"sync"

	"github.com/stretchr/testify/require"
)

// checkLedger hands the stand-ins' ledger to the checker, a program of its own that shares no code with the service.
// Call it when everything has drained; flags are the checker's.
func (w *world) checkLedger(flags ...string) {
	w.t.Helper()
	checker, err := buildChecker()
	require.NoError(w.t, err)
	findings, err := exec.CommandContext(w.context(), checker, append([]string{w.ledgerFile}, flags...)...).CombinedOutput()
	require.NoError(w.t, err, "the ledger checker:\n%s", findings)
	w.t.Logf("the ledger checker: %s", findings)
}

// buildChecker builds the checker once, beside the other programs.
var buildChecker = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "ledgercheck")
	return path, exec.Command("go", "build", "-o", path, "./ledgercheck").Run()
})

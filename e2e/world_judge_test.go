package e2e

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/tampuuri"
)

// requireEnd waits for the end of the notice's life and looks at what is left.
func (n imported) requireEnd(toimenpiteet, notifications int) noticeStatus {
	n.t.Helper()
	n.waitPhase("Completed", "invoiced")
	require.NoError(n.t, n.exactlyOnce(n.tunniste, n.id, toimenpiteet, notifications))
	return n.status()
}

// requireNotified wants the participants to have been notified of these states, in this order.
func (n imported) requireNotified(states ...string) {
	n.t.Helper()
	notice, err := n.Notice(n.tunniste, n.id)
	require.NoError(n.t, err)
	require.Equal(n.t, states, notifiedOf(notice))
}

// notifiedOf are the states that a notice's participants were notified of, oldest first.
func notifiedOf(notice map[string]any) (states []string) {
	told, _ := notice["Ilmoitukset"].([]tampuuri.Notification)
	for _, notification := range told {
		states = append(states, notification.Tila)
	}
	return states
}

// exactlyOnce looks at what both systems hold of a notice that is Valmis: one task, so many toimenpiteet, and so many
// notifications, Valmis among them and no two in turn the same.
func (w *world) exactlyOnce(tunniste string, id int64, toimenpiteet, notifications int) error {
	notice, err := w.Notice(tunniste, id)
	if err != nil {
		return err
	}
	tasks, err := w.Tasks(tunniste, id)
	if err != nil {
		return err
	}
	sent, _ := notice["Toimenpiteet"].([]tampuuri.Toimenpide)
	told := notifiedOf(notice)
	switch {
	case len(tasks) != 1:
		return fmt.Errorf("%d tasks", len(tasks))
	case notice["Tila"] != tampuuri.Valmis:
		return fmt.Errorf("the state is %v", notice["Tila"])
	case len(sent) != toimenpiteet:
		return fmt.Errorf("%d toimenpiteet, not %d", len(sent), toimenpiteet)
	case len(told) != notifications, !slices.Contains(told, tampuuri.Valmis), len(slices.Compact(slices.Clone(told))) != len(told):
		return fmt.Errorf("participants were notified of %s", told)
	}
	return nil
}

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

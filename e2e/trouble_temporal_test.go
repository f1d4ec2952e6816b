package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/stack"
)

// TestTemporalKilledAndRestarted kills the server with SIGKILL at each stage of one life after the other.
func TestTemporalKilledAndRestarted(t *testing.T) {
	t.Parallel()
	own := ownTemporal(t)
	w := start(t, stack.Options{Temporal: own})
	again := func(stage string) {
		require.NoError(t, own.Kill(), stage)
		require.NoError(t, own.Restart(w.context()), stage)
	}
	id := w.someNotice("esimerkki", 4711)
	again("before the import is seen")
	n := w.imported("esimerkki", id)
	again("with the task made")
	n.addEntry("2026-02-03", "Testi Asentaja", "Tehty.")
	n.press("Työ valmis")
	again("with Työ valmis on its way")
	n.waitState("Tehty")
	again("with Tehty reported")
	n.press("Laskutettu")
	again("with Laskutettu on its way")
	n.waitState("Valmis")
	again("with Valmis reported")
	n.requireEnd(1, 2)
	w.checkLedger()
}

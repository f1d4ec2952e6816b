package e2e

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

func TestSignalsBeforeTheTaskIsKnown(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	lost := w.Faults.Add(fault.Fault{System: "hillava", Op: hillava.OpCreateTask, Kind: fault.ApplyThenHang})
	// The look-up that would find the task fails until both transitions have been run.
	away := w.Faults.Add(fault.Fault{System: "hillava", Op: hillava.OpFindTask, After: 2, Times: -1, Kind: fault.Status503})
	n := w.importOne()
	n.addEntry("2026-02-03", "Testi Asentaja", "Tehty.")
	n.press("Työ valmis")
	n.press("Laskutettu")
	n.waitSignals(2)
	require.Equal(t, "importing", n.status().Phase)
	w.Faults.Remove(away)
	w.Faults.Remove(lost)
	n.requireEnd(1, 2)
}

func TestLaskutettuAloneIsLegal(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	n := w.importOne()
	n.press("Laskutettu")
	status := n.requireEnd(0, 1)
	require.Equal(t, 1, status.count("toimenpide"), "that there were none is recorded")
	require.Zero(t, status.count("tehty"))
}

func TestTyoValmisAfterTheToimenpiteetHaveBegunIsIgnored(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	n := w.importOne()
	n.addEntry("2026-02-03", "Testi Asentaja", "Tehty.")
	refusal := w.Faults.Add(fault.Fault{System: "tampuuri", Op: tampuuri.OpTila, Times: -1, Kind: fault.Status503})
	n.press("Laskutettu")
	require.NoError(t, w.Faults.AwaitFired(w.context(), refusal, 1), "the toimenpide is there, Valmis is not")
	n.reopenAndPressDone()
	require.NoError(t, stack.WaitFor(w.context(), "Työ valmis to be ignored", func(context.Context) error {
		if have := n.status().count("ignored"); have != 1 {
			return fmt.Errorf("%d signals are", have)
		}
		return nil
	}))
	w.Faults.Remove(refusal)

	status := n.requireEnd(1, 1)
	require.Equal(t, []string{"signal", "signal", "ignored", "toimenpide", "valmis"}, status.happened("created"))
	ignored := status.History[len(status.History)-3]
	require.Equal(t, "tyo-valmis: the toimenpiteet have begun", ignored.Result)
	require.Equal(t, n.task().Events[1].ID, ignored.EventID)
	n.requireNotified("Valmis")
	w.checkLedger()
}

// Laskutettu that comes first in an outage has begun nothing: Tehty goes before it once Tampuuri is back.
func TestTyoValmisThatComesLastInAnOutageGoesFirst(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	for name, op := range map[string]string{
		"nothing can be read": tampuuri.OpRead, "no toimenpide arrives": tampuuri.OpToimenpide,
	} {
		t.Run(name, func(t *testing.T) {
			n := w.within(t).importOne()
			n.addEntry("2026-02-03", "Testi Asentaja", "Tehty.")
			outage := n.Faults.Add(n.faultInTampuuri(op, fault.ResetBefore, -1))
			n.press("Laskutettu")
			require.NoError(t, n.Faults.AwaitFired(n.context(), outage, 2))
			n.reopenAndPressDone()
			n.waitSignals(2)
			n.Faults.Remove(outage)
			status := n.requireEnd(1, 2)
			require.Equal(t, 1, status.count("tehty"))
			n.requireNotified("Tehty", "Valmis")
		})
	}
}

func TestTyoValmisAfterValmisChangesNothing(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	n := w.importOne()
	n.press("Laskutettu")
	before := n.requireEnd(0, 1)
	n.reopenAndPressDone()
	require.NoError(t, w.waitAcknowledged(w.context(), n.taskID, 2), "a closed notice takes its webhook with 202, or Hillava would send it for ever")
	w.polled("esimerkki")
	require.Equal(t, before, n.requireEnd(0, 1))
	n.requireNotified("Valmis")
	w.checkLedger()
}

func TestWhenBothWaitTehtyGoesFirst(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	n := w.importOne()
	n.waitPhase("Running", "working") // the task is there a moment before its workflow knows
	n.addEntry("2026-02-03", "Testi Asentaja", "Tehty.")
	require.NoError(t, w.Worker.Kill())
	n.press("Laskutettu")
	n.waitSignalled(1)
	n.reopenAndPressDone()
	n.waitSignalled(2)
	require.NoError(t, w.Worker.Restart(w.context()))

	status := n.requireEnd(1, 2)
	require.Equal(t, []string{"signal", "signal", "tehty", "toimenpide", "valmis"}, status.happened("created"), "although Laskutettu came first")
	n.requireNotified("Tehty", "Valmis")
	w.checkLedger()
}

func TestEveryWebhookDoubled(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	w.Hillava.SetDelivery(hillava.Delivery{Double: true})
	n := w.importOne()
	n.addEntry("2026-02-03", "Testi Asentaja", "Tehty.")
	n.addEntry("2026-02-03", "Testi Asentaja", "Tehty.") // equal entries count twice
	n.press("Työ valmis")
	n.waitState("Tehty")
	n.press("Laskutettu")
	status := n.requireEnd(2, 2)
	require.Equal(t, 2, status.count("signal"))
}

func TestSignalsByHandWithoutPayload(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	n := w.importOne()
	n.addEntry("2026-02-03", "Testi Asentaja", "Tehty.")
	byHand := func(signal string) {
		require.NoError(t, w.client.SignalWorkflow(w.context(), n.workflowID, "", signal, nil))
	}
	byHand("tyo-valmis")
	n.waitState("Tehty")
	byHand("laskutettu")
	status := n.requireEnd(1, 2)
	require.Contains(t, status.History[1].Result, "by hand")
}

func TestEveryWebhookLost(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{WithoutServe: true})
	w.Hillava.SetDelivery(hillava.Delivery{Drop: true})
	n := w.importOne()
	n.addEntry("2026-02-03", "Testi Asentaja", "Tehty.")
	n.press("Työ valmis")
	n.waitState("Tehty", "reconciliation finds it")
	n.press("Laskutettu")
	n.requireEnd(1, 2)
}

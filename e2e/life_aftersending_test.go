package e2e

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

// TestTimeEntryChangedBeforeValmis: its toimenpide is there, and Tampuuri takes Valmis only once the entry was edited.
func TestTimeEntryChangedBeforeValmis(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	n := w.importOne()
	entry := n.addEntry("2026-02-03", "Testi Asentaja", "Vaihdettu tiiviste.")
	refusal := w.Faults.Add(fault.Fault{System: "tampuuri", Op: tampuuri.OpTila, Times: -1, Kind: fault.Status503})
	n.press("Laskutettu")
	require.NoError(t, w.Faults.AwaitFired(w.context(), refusal, 1))
	require.NoError(t, w.Hillava.EditTimeEntry(n.taskID, hillava.TimeEntry{
		ID: entry, Date: "2026-02-03", Resource: hillava.Resource{ID: "R-1", Name: "Testi Asentaja"}, CustomerSummary: "Vaihdettu koko hana.", Hours: 2,
	}))
	w.Faults.Remove(refusal)
	n.requireEnd(1, 1)
	require.Contains(t, n.waitNotes(1)[0], "Muuta toimenpide muotoon")
	require.Contains(t, w.starter("notice", "show", fmt.Sprintf("esimerkki/%d", n.id)), "changed-after-sending")
}

func TestTimeEntryChangedAfterSending(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	n := w.importOne()
	entry := n.addEntry("2026-02-03", "Testi Asentaja", "Vaihdettu tiiviste.")
	n.press("Laskutettu")
	n.requireEnd(1, 1)

	require.NoError(t, w.Hillava.EditTimeEntry(n.taskID, hillava.TimeEntry{
		ID: entry, Date: "2026-02-03", Resource: hillava.Resource{ID: "R-1", Name: "Testi Asentaja"}, CustomerSummary: "Vaihdettu koko hana.", Hours: 2,
	}))
	require.Contains(t, n.waitNotes(1)[0], "Muuta toimenpide muotoon")
	require.NoError(t, stack.WaitFor(w.context(), "the list to say so", func(context.Context) error {
		if !strings.Contains(w.starter("notice", "list"), "changed-after-sending") {
			return errors.New("it does not")
		}
		return nil
	}))
	require.Contains(t, w.starter("notice", "show", fmt.Sprintf("esimerkki/%d", n.id)), "changed-after-sending")
	n.requireEnd(1, 1) // nothing is sent a second time
	require.Len(t, n.notes(), 1, "it is noted once")
}

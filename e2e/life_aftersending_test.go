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
	n.requireToldAfterSending()
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
	n.requireToldAfterSending()
	n.requireEnd(1, 1) // nothing is sent a second time
	require.Len(t, n.notes(), 1, "it is noted once")
}

// requireToldAfterSending waits for the note on the task and then for the mark: Hillava has the note before Temporal
// knows that it has.
func (n imported) requireToldAfterSending() {
	n.t.Helper()
	require.Contains(n.t, n.waitNotes(1)[0], "Muuta toimenpide muotoon")
	const mark = "changed-after-sending"
	require.NoError(n.t, stack.WaitFor(n.context(), "the list to say so", func(context.Context) error {
		if !strings.Contains(n.starter("notice", "list"), mark) {
			return errors.New("it does not")
		}
		return nil
	}))
	require.Contains(n.t, n.starter("notice", "show", fmt.Sprintf("%s/%d", n.tunniste, n.id)), mark)
}

package e2e

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
)

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

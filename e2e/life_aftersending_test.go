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
	id := w.someNotice("esimerkki", 4711)
	task, err := w.WaitTask(w.context(), "esimerkki", id)
	require.NoError(t, err)
	entry := w.addEntry(task.ID, "2026-02-03", "Testi Asentaja", "Vaihdettu tiiviste.")
	w.press(task.ID, "Laskutettu")
	w.requireEnd("esimerkki", id, 1, 1)

	require.NoError(t, w.Hillava.EditTimeEntry(task.ID, hillava.TimeEntry{
		ID: entry, Date: "2026-02-03", Resource: hillava.Resource{ID: "R-1", Name: "Testi Asentaja"}, CustomerSummary: "Vaihdettu koko hana.", Hours: 2,
	}))
	require.NoError(t, stack.WaitFor(w.context(), "the note of what to correct", func(context.Context) error {
		tasks, err := w.Tasks("esimerkki", id)
		if err != nil {
			return err
		}
		if len(tasks[0].Notes) == 0 {
			return errors.New("there is no note")
		}
		require.Contains(t, tasks[0].Notes[0].Text, "Muuta toimenpide muotoon")
		return nil
	}))
	require.NoError(t, stack.WaitFor(w.context(), "the list to say so", func(context.Context) error {
		if !strings.Contains(w.starter("notice", "list"), "changed-after-sending") {
			return errors.New("it does not")
		}
		return nil
	}))
	require.Contains(t, w.starter("notice", "show", fmt.Sprintf("esimerkki/%d", id)), "changed-after-sending")
	notice, err := w.Notice("esimerkki", id)
	require.NoError(t, err)
	require.Len(t, notice["Toimenpiteet"], 1, "nothing is sent a second time")
	tasks, err := w.Tasks("esimerkki", id)
	require.NoError(t, err)
	require.Len(t, tasks[0].Notes, 1, "it is noted once")
}

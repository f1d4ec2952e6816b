package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
)

// remindEvery is long enough for a step between two reminders, and short enough to wait for.
const remindEvery = 2 * time.Second

// reminded wants a note when Laskutettu is missing.
var reminded = stack.Customer{
	Tunniste: "muistava", Name: "Muistava Isännöinti Oy", Performers: []int64{302},
	Entry: map[string]any{"remind": map[string]any{"uninvoiced_after": remindEvery.String()}},
}

// tehty imports a notice of reminded and has it reported Tehty.
func (w *world) tehty() imported {
	w.t.Helper()
	n := w.imported(reminded.Tunniste, w.someNotice(reminded.Tunniste, reminded.Performers[0]))
	n.press("Työ valmis")
	n.waitState("Tehty")
	return n
}

// reminders waits for so many reminders on the task, and gives those that are there then.
func (n imported) reminders(count int) []string {
	n.t.Helper()
	var notes []string
	require.NoError(n.t, stack.WaitFor(n.context(), fmt.Sprintf("reminder %d", count), func(context.Context) error {
		if notes = n.notes(); len(notes) < count {
			return fmt.Errorf("there are %d", len(notes))
		}
		return nil
	}))
	for i, note := range notes {
		require.Contains(n.t, note, fmt.Sprintf("Muistutus %d: ", i+1), "each once, in order")
	}
	return notes
}

func liveReminded(w *world) imported {
	n := w.tehty()
	n.reminders(2)
	n.press("Laskutettu")
	return n
}

// liveRemindedInVain: Hillava takes no note, and Laskutettu does not wait for one.
func liveRemindedInVain(w *world) imported {
	n := w.imported(reminded.Tunniste, w.someNotice(reminded.Tunniste, reminded.Performers[0]))
	w.Faults.Add(fault.Fault{System: "hillava", Op: hillava.OpNote, Key: n.taskID, Times: -1, Kind: fault.Status503})
	n.press("Työ valmis")
	n.waitTrying("RemindUninvoiced")
	n.press("Laskutettu")
	return n
}

// waitTrying waits until an activity of the notice waits for its next attempt.
func (n imported) waitTrying(activity string) {
	n.t.Helper()
	require.NoError(n.t, stack.WaitFor(n.context(), "another attempt of "+activity, func(ctx context.Context) error {
		described, err := n.client.DescribeWorkflowExecution(ctx, n.workflowID, "")
		if err != nil {
			return err
		}
		for _, pending := range described.GetPendingActivities() {
			if pending.GetActivityType().GetName() == activity && pending.GetAttempt() > 1 {
				return nil
			}
		}
		return fmt.Errorf("pending: %v", described.GetPendingActivities())
	}))
}

// The reminders are one note each, whatever is lost: the worker while the timer runs, the answer to a note, the webhook of
// Laskutettu; and none comes after it.
func TestTheOfficeIsRemindedOnceEachTimeUntilLaskutettu(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{Customers: []stack.Customer{reminded}})
	n := w.tehty()
	require.NoError(t, w.Worker.Kill())
	w.Faults.Add(fault.Fault{System: "hillava", Op: hillava.OpNote, Key: n.taskID, Times: 2, Kind: fault.ApplyThenReset})
	require.NoError(t, w.Worker.Restart(w.context()))
	n.reminders(3)

	quick := w.tehty()
	quick.press("Laskutettu")
	quick.waitPhase("Completed", "invoiced")
	for _, note := range quick.notes() {
		require.Contains(t, note, "Muistutus 1: ", "a slow machine may have been reminded")
	}

	n.press("Laskutettu")
	n.waitPhase("Completed", "invoiced")
	told := strings.Count(fmt.Sprint(n.status().History), "reminded: ")
	require.Len(t, n.reminders(3), told, "as many notes as its history has, and none can come any more")
	w.checkLedger()
}

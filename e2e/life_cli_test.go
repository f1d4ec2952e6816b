package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

// shown is what this test reads of notice list and notice show.
type shown struct {
	NoticeID  int64  `json:"noticeId"`
	Phase     string `json:"phase"`
	Why       string `json:"why"`
	Attention *struct{ Reason, Failure string }
	Pending   []struct {
		Attempt     int
		LastFailure string
		NextRetry   *time.Time
	}
	History []struct{ What, Result string }
}

// failing runs a command that must not succeed, and gives what it says.
func (w *world) failing(code int, arguments ...string) (out, messages string) {
	w.t.Helper()
	out, messages, exit, err := w.Starter(w.context(), arguments...)
	require.NoError(w.t, err)
	require.Equal(w.t, code, exit, "starter %s: %s%s", strings.Join(arguments, " "), out, messages)
	return out, messages
}

// show reads one notice by any of its names.
func (w *world) show(name string) (one shown) {
	w.t.Helper()
	require.NoError(w.t, json.Unmarshal([]byte(w.starter("notice", "show", name, "--json")), &one))
	return one
}

// waitPending waits until the step that a notice is trying is as wanted. A busy worker may not answer each time.
func (w *world) waitPending(name, wanted string, is func(lastFailure string, nextRetry time.Time) bool) (one shown) {
	w.t.Helper()
	require.NoError(w.t, stack.WaitFor(w.context(), wanted, func(ctx context.Context) error {
		out, messages, _, err := w.Starter(ctx, "notice", "show", name, "--json")
		if err != nil {
			return err
		}
		one = shown{}
		if err := json.Unmarshal([]byte(out), &one); err != nil {
			return fmt.Errorf("%w: %s", err, messages)
		}
		for _, step := range one.Pending {
			if step.NextRetry != nil && is(step.LastFailure, *step.NextRetry) {
				return nil
			}
		}
		return fmt.Errorf("pending: %+v", one.Pending)
	}))
	return one
}

// refusedCreates makes notices, as many as there are refusals, and waits until each of them is refused.
func (w *world) refusedCreates(refusals ...fault.Kind) (ids []int64) {
	w.t.Helper()
	for _, kind := range refusals {
		w.Faults.Add(fault.Fault{System: "hillava", Op: hillava.OpCreateTask, Kind: kind})
	}
	for range refusals {
		ids = append(ids, w.someNotice("esimerkki", 4711))
	}
	for _, id := range ids {
		_, err := w.WaitWorkflow(w.context(), w.client, "esimerkki", id, "Running", "attention")
		require.NoError(w.t, err)
	}
	return ids
}

func TestWhatIsRefusedIsFoundMendedAndResentByTheCommands(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	well := w.importOne()
	ids := w.refusedCreates(fault.Status422, fault.Status422, fault.Status404)

	out := w.starter("notice", "list")
	require.Contains(t, out, "3 wait: 3 hillava-refused (2 × 422, 1 × 404); 1 other\n", "the sum comes first")
	require.Equal(t, 2, strings.Count(out, "hillava-refused: hillava: create task: 422 (no field named)"), out)
	require.NotContains(t, out, well.workflowID, "no Guid")
	require.Contains(t, w.starter("notice", "list", "-o", "wide"), well.workflowID)
	var listed []shown
	require.NoError(t, json.Unmarshal([]byte(w.starter("notice", "list", "--json")), &listed))
	require.Len(t, listed, 4)
	require.Equal(t, well.id, listed[3].NoticeID, "those that wait come first in JSON too")
	require.Contains(t, listed[0].Attention.Failure, "refused with status")

	for _, name := range []string{fmt.Sprint(well.id), fmt.Sprintf("esimerkki/%d", well.id), well.taskID, strings.TrimPrefix(well.workflowID, "notice-"), well.workflowID} {
		require.Equal(t, well.id, w.show(name).NoticeID, name)
	}
	_, said := w.failing(1, "notice", "show", fmt.Sprintf("%d0", well.id))
	require.Contains(t, said, fmt.Sprintf("%d0: there is no such notice here", well.id))
	require.Contains(t, said, fmt.Sprintf("the nearest are %d", well.id))
	_, said = w.failing(1, "notice", "list", "--customer", "nobody")
	require.Contains(t, said, "there is no customer nobody; there are: esimerkki")

	require.Contains(t, w.starter("notice", "resend", "--reason", "hillava-refused", "--dry-run"), "3 would be resent; nothing was done\n")
	require.NotNil(t, w.show(fmt.Sprint(ids[0])).Attention, "a dry run sends nothing")
	w.Faults.Add(fault.Fault{System: "hillava", Op: hillava.OpCreateTask, Kind: fault.Status422})
	out, said = w.failing(1, "notice", "resend", "--reason", "hillava-refused", "--customer", "esimerkki", "--wait", "--by", "toimisto")
	require.Contains(t, out, "3 resent: 2 went on, 1 stopped again\n")
	require.Contains(t, said, "1 stopped again; mend the cause, then resend")
	require.Contains(t, w.starter("notice", "resend", "--all", "--wait", "--by", "toimisto"), "1 resent: 1 went on", "the list may still have the others")
	require.Contains(t, w.starter("notice", "resend", "--all", "--wait"), "nothing to resend: no such notice waits for a person", "it is safe to repeat")
	resends := 0
	for _, id := range ids {
		for _, entry := range w.show(fmt.Sprint(id)).History {
			if entry.What == "resend" {
				require.Equal(t, "hillava-refused, by toimisto", entry.Result)
				resends++
			}
		}
		tasks, err := w.Tasks("esimerkki", id)
		require.NoError(t, err)
		require.Len(t, tasks, 1)
	}
	require.Equal(t, 4, resends)
}

func TestAStepThatWaitsIsTriedNow(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	n := w.importOne()
	name := fmt.Sprint(n.id)
	w.Faults.Add(fault.Fault{System: "tampuuri", Op: tampuuri.OpRead, Kind: fault.Status503, Times: -1})
	require.NoError(t, w.Hillava.Transition(n.taskID, hillava.TransitionDone))
	waits := w.waitPending(name, "a long pause between two attempts", func(_ string, next time.Time) bool { return time.Until(next) > 12*time.Second })
	require.Contains(t, waits.Why, "peer-unavailable")
	w.Faults.Clear()
	require.Contains(t, w.starter("notice", "retry", name), name+": tried now: SetState")
	require.NoError(t, w.WaitState(w.context(), "esimerkki", n.id, "Tehty"))
	require.Less(t, time.Now(), *waits.Pending[0].NextRetry, "it did not wait for its turn")
	n.waitPhase("Running", "done")
	_, said := w.failing(1, "notice", "retry", name)
	require.Contains(t, said, "no step of it waits for its next attempt")
}

func TestAWriteThatMayBeOnItsWayIsNotTriedNow(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{HTTPTimeout: time.Minute}) // in whose window a busy machine gets its commands done
	n := w.importOne()
	name := fmt.Sprint(n.id)
	w.Faults.Add(fault.Fault{System: "tampuuri", Op: tampuuri.OpTila, Kind: fault.ApplyThen500})
	require.NoError(t, w.Hillava.Transition(n.taskID, hillava.TransitionDone))
	w.waitPending(name, "a write without an answer", func(failure string, _ time.Time) bool { return strings.HasPrefix(failure, "outcome-unknown") })
	_, said := w.failing(1, "notice", "retry", name)
	require.Contains(t, said, "so that nothing is done twice; from ")
	n.requireNotified("Tehty")
}

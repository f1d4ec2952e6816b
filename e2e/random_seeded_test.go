package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc/codes"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/ledger"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

// seededBug is a mistake that a service like this one can have: a change of our own source that makes it, what has to
// happen for it to bite, and the rules of the ledger checker that must find it.
type seededBug struct {
	name    string
	program string // the one that gets it
	patches []patch
	faults  func(l seededLife) // nil: the bug needs none
	live    func(l seededLife)
	rules   []string
}

var seededBugs = []seededBug{
	{
		name: "create without look-up", program: "worker", live: seededLife.toValmis, rules: []string{"task-look-up"},
		patches: []patch{{"activities/create_task.go", "found, err := a.findTask(ctx, ref, payers)", "found, err := hillava.Task{}, error(nil)"}},
		faults:  seededLife.answerLostAndKeyForgotten,
	},
	{
		name: "a new key per attempt", program: "worker", live: seededLife.toValmis, rules: []string{"task-key", "task-look-up"},
		patches: []patch{{"activities/create_task.go", `"create-"+ref.ExternalID, task)`, `fmt.Sprintf("create-%s-%d", ref.ExternalID, activity.GetInfo(ctx).Attempt), task)`}},
		// The first attempt is on its way until the second, which has found nothing yet, has overtaken it.
		faults: func(l seededLife) {
			l.Faults.Add(fault.Fault{System: "hillava", Op: hillava.OpCreateTask, Key: l.guid, Kind: fault.CallBefore, Call: func() {
				_, _ = l.WaitTask(l.context(), "esimerkki", l.id)
			}})
		},
	},
	{
		name: "2xx before the signal", program: "starter", live: seededLife.toTehtyPastAKill, rules: []string{"acknowledged"},
		patches: []patch{{
			"internal/webhook/answer.go", "outcome, err := h.Signaler.SignalEvent(timed, decoded.ExternalID, signal, payload)",
			`go func() { _, _ = h.Signaler.SignalEvent(context.WithoutCancel(timed), decoded.ExternalID, signal, payload) }()
			outcome, err := runs.Accepted, error(nil)`,
		}},
	},
	{
		name: "toimenpide blindly retried", program: "worker", live: seededLife.toValmis, rules: []string{"toimenpide-twice"},
		patches: []patch{{
			"internal/gateway/accounts.go", "return a.client.AddToimenpide(ctx, ref.NoticeID, notice.ToimenpideOf(entry))",
			`err := a.client.AddToimenpide(ctx, ref.NoticeID, notice.ToimenpideOf(entry))
			if err != nil {
				err = a.client.AddToimenpide(ctx, ref.NoticeID, notice.ToimenpideOf(entry))
			}
			return err`,
		}},
		faults: func(l seededLife) {
			l.Faults.Add(fault.Fault{System: "tampuuri", Op: tampuuri.OpToimenpide, Key: fmt.Sprint(l.id), Kind: fault.ApplyThenReset})
		},
	},
	{
		name: "ids swapped", program: "worker", live: seededLife.toValmis, rules: []string{"task-reference", "toimenpide-elsewhere"},
		// Each of two notices is imported under the number of the other one.
		patches: []patch{{"activities/rounds/poll.go", "NoticeID: n.ID, ExternalID: ids[0]}", "NoticeID: n.ID ^ 1, ExternalID: ids[0]}"}},
	},
}

// seededTimeout is longer than the other tests': a request that a busy machine keeps waiting must not look like a fault.
const seededTimeout = 2 * httpTimeout

// seededLife is the life of a notice, and of one with the next number, as a bug may take the one for the other.
type seededLife struct {
	*world
	proxy    *temporalProxy // between the receiver and Temporal
	id, next int64
	guid     string // of id
	sound    bool   // the service is as it is
}

func (l seededLife) both() []int64 { return []int64{l.id, l.next} }

// TestSeededBugsAreCaught builds a service with each bug and lives with it: the ledger checker, which knows of no bug,
// must find it, and must find nothing in the same lives of the service as it is.
func TestSeededBugsAreCaught(t *testing.T) {
	t.Parallel()
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		require.Empty(t, findingsOf(t, programs, seededBugs...))
	})
	for _, bug := range seededBugs {
		t.Run(bug.name, func(t *testing.T) {
			t.Parallel()
			buggy := programs
			switch binary := buildPatched(t, bug.program, bug.patches...); bug.program {
			case "worker":
				buggy.Worker = binary
			case "starter":
				buggy.Starter = binary
			}
			require.Subset(t, findingsOf(t, buggy, bug), bug.rules)
		})
	}
}

// findingsOf lives the life of each bug, whether the programs have it or not, and gives the rules that the ledger
// checker finds broken.
func findingsOf(t *testing.T, built stack.Programs, bugs ...seededBug) []string {
	t.Helper()
	proxy := newTemporalProxy(t, server.Address)
	w := start(t, stack.Options{
		Programs: built, HTTPTimeout: seededTimeout, WebhookRetryEvery: seededTimeout / 2,
		ServeEnvironment: []string{"TEMPORAL_ADDRESS=" + proxy.address},
	})
	w.keepRunning(w.Serve)
	for i, bug := range bugs {
		life := seededLife{world: w, proxy: proxy, id: int64(100 + 2*i), next: int64(101 + 2*i), sound: built == programs}
		for _, id := range life.both() {
			fields := stack.ExampleNotice()
			fields["Id"], fields["TyonsuorittajaYritysId"] = id, int64(4711)
			if id == life.id && bug.faults != nil {
				life.guid = fields["Guid"].(string)
				bug.faults(life)
			}
			_, err := w.Tampuuri.AddNotice("esimerkki", fields)
			require.NoError(t, err)
		}
		bug.live(life)
	}
	for _, status := range w.Faults.List() {
		require.Positive(t, status.Fired, "%s of %s did not fire, so this life proves nothing", status.Fault.Kind, status.Fault.Op)
	}
	w.quiet()
	return w.findings()
}

// answerLostAndKeyForgotten loses the answer to the create; not by a reset, after which the HTTP client itself would send
// it again, with its key, at once. When an attempt begins later, more than 24 hours might have passed, after which Hillava
// may forget a key.
func (l seededLife) answerLostAndKeyForgotten() {
	l.Faults.Add(fault.Fault{System: "hillava", Op: hillava.OpCreateTask, Key: l.guid, Kind: fault.ApplyThen500})
	var forget sync.Once // later reads of this notice must not take the keys of the next life
	l.Faults.Add(fault.Fault{System: "tampuuri", Op: tampuuri.OpRead, Key: fmt.Sprint(l.id), Times: -1, Kind: fault.CallBefore, Call: func() {
		if tasks, err := l.Tasks("esimerkki", l.id); err == nil && len(tasks) > 0 {
			forget.Do(l.Hillava.ForgetKeys)
		}
	}})
}

// toValmis has both notices done and invoiced, one step after the other.
func (l seededLife) toValmis() {
	l.t.Helper()
	var notices []imported
	for _, id := range l.both() {
		n := l.imported("esimerkki", id)
		n.addEntry("2026-02-03", "Testi Asentaja", fmt.Sprintf("Käyty, ilmoitus %d.", id))
		notices = append(notices, n)
	}
	for _, step := range []struct{ transition, state string }{{"Työ valmis", "Tehty"}, {"Laskutettu", "Valmis"}} {
		for _, n := range notices {
			n.press(step.transition)
		}
		for _, n := range notices {
			n.waitState(step.state)
		}
	}
}

// toTehtyPastAKill kills the receiver while its signal is on the way to Temporal, which never gets it; not before Hillava
// has an answer, if the receiver gives one so early. The reconciliation, which finds lost events, is paused meanwhile.
func (l seededLife) toTehtyPastAKill() {
	l.t.Helper()
	reconcile := l.client.ScheduleClient().GetHandle(l.context(), "reconcile")
	require.NoError(l.t, reconcile.Pause(l.context(), client.SchedulePauseOptions{Note: "by a person"}))
	n := l.imported("esimerkki", l.id)
	killed := l.proxy.add(&temporalFault{method: "SignalWorkflowExecution", holds: []string{n.workflowID}, after: 1, refuse: codes.Unavailable, before: func() {
		early, cancel := context.WithTimeout(l.t.Context(), seededTimeout)
		defer cancel()
		_ = l.waitAcknowledged(early, n.taskID, 1) // a receiver that waits for Temporal gives no answer
		_ = l.Serve.Kill()
	}})
	n.press("Työ valmis")
	require.NoError(l.t, l.waitAcknowledged(l.context(), n.taskID, 1))
	select { // an early answer may be there before the signal has reached the proxy
	case <-killed.fired:
	case <-time.After(seededTimeout):
		require.Fail(l.t, "the receiver was not killed, so this life proves nothing")
	}
	if l.sound {
		n.waitState("Tehty")
	}
}

// waitAcknowledged waits until so many webhooks of the task were answered 2xx.
func (w *world) waitAcknowledged(ctx context.Context, taskID string, count int) error {
	return stack.WaitFor(ctx, "webhooks to be answered 2xx", func(context.Context) error {
		have := 0
		for _, entry := range w.Ledger.Entries() {
			status, _ := entry.Detail["status"].(float64)
			if entry.Kind == ledger.WebhookAttempted && entry.Key == taskID && status >= 200 && status < 300 {
				have++
			}
		}
		if have < count {
			return fmt.Errorf("%d of %d were", have, count)
		}
		return nil
	})
}

// quiet waits until nothing has happened in either system for as long as the latest answer may take.
func (w *world) quiet() {
	w.t.Helper()
	require.NoError(w.t, stack.Settled(w.context(), 3*seededTimeout/2, func(context.Context) (string, error) {
		return fmt.Sprint(len(w.Ledger.Entries())), nil
	}))
}

// findings are the rules that the ledger checker finds broken.
func (w *world) findings() []string {
	w.t.Helper()
	checker, err := buildChecker()
	require.NoError(w.t, err)
	answer, err := exec.CommandContext(w.context(), checker, w.ledgerFile, "--json").Output()
	if exit := new(exec.ExitError); errors.As(err, &exit) && exit.ExitCode() == 1 {
		err = nil // it has found something
	}
	require.NoError(w.t, err, "the ledger checker cannot judge")
	var report struct {
		Findings []struct{ Rule, Text string }
	}
	require.NoError(w.t, json.Unmarshal(answer, &report))
	var rules []string
	for _, finding := range report.Findings {
		w.t.Logf("%s: %s", finding.Rule, finding.Text)
		rules = append(rules, finding.Rule)
	}
	return rules
}

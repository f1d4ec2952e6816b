package e2e

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
)

// temporalCalls are our programs' calls to Temporal in a notice's life, with the program that makes them.
var temporalCalls = []outbound{
	{"start the workflow", "worker", "StartWorkflowExecution", 1, false},
	{"signal tyo-valmis", "serve", "SignalWorkflowExecution", 1, false},
	{"signal laskutettu", "serve", "SignalWorkflowExecution", 2, false},
	{"complete CreateTask", "worker", "RespondActivityTaskCompleted", 1, false},
	{"complete SetState", "worker", "RespondActivityTaskCompleted", 2, false},
	{"complete Plan", "worker", "RespondActivityTaskCompleted", 3, false},
	{"complete ReportInvoiced", "worker", "RespondActivityTaskCompleted", 4, false},
	{"first workflow task", "worker", "RespondWorkflowTaskCompleted", 1, false},
	{"second workflow task", "worker", "RespondWorkflowTaskCompleted", 2, false},
	{"third workflow task", "worker", "RespondWorkflowTaskCompleted", 3, false},
}

// temporalMishaps: what the proxy does to the call; the program that made it is killed where kill says so.
var temporalMishaps = []struct {
	mishap
	drop, hide, hang, killBefore, killAfter bool
}{
	{mishap: mishap{name: "not passed on"}, drop: true},
	{mishap: mishap{name: "applied, hidden"}, hide: true},
	{mishap: mishap{name: "applied, hung"}, hang: true},
	{mishap: mishap{name: "killed before"}, drop: true, killBefore: true},
	{mishap: mishap{name: "killed after"}, hide: true, killAfter: true},
}

func TestMatrixOfTemporal(t *testing.T) {
	proxy := newTemporalProxy(t, server.Address)
	through := []string{"TEMPORAL_ADDRESS=" + proxy.address}
	w := start(t, stack.Options{
		WorkerEnvironment: through, ServeEnvironment: through,
	})
	w.keepRunning(w.Worker)
	w.keepRunning(w.Serve)
	var results matrix
	var group errgroup.Group
	group.SetLimit(30)
	id := int64(3000)
	for _, call := range temporalCalls {
		for _, mishap := range temporalMishaps {
			id++
			cell := id
			program := map[string]*stack.Program{"worker": w.Worker, "serve": w.Serve}[call.system]
			kill := func(when bool) func() {
				if !when {
					return nil
				}
				return func() { _ = program.Kill() }
			}
			armed := &temporalMishap{
				method: call.op, after: call.after, drop: mishap.drop, hide: mishap.hide, hang: mishap.hang,
				before: kill(mishap.killBefore), then: kill(mishap.killAfter),
			}
			group.Go(func() error {
				outcome := held
				if err := w.liveThrough(cell, proxy, armed); err != nil {
					outcome = err.Error()
				}
				results.set(call.name, mishap.name, outcome)
				return nil
			})
		}
	}
	_ = group.Wait()
	var names []mishap
	for _, m := range temporalMishaps {
		names = append(names, m.mishap)
	}
	results.print(t, temporalCalls, names)
	w.checkLedger()
}

// liveThrough lives a notice's life with one mishap on a call to Temporal.
func (w *world) liveThrough(id int64, proxy *temporalProxy, armed *temporalMishap) error {
	fields := stack.ExampleNotice()
	guid := uuid.NewString()
	fields["Id"], fields["Guid"], fields["TyonsuorittajaYritysId"] = id, guid, int64(4711)
	armed.workflowID = "notice-" + guid
	proxy.add(armed)
	if _, err := w.Tampuuri.AddNotice("esimerkki", fields); err != nil {
		return err
	}
	if err := w.drive(id); err != nil {
		return err
	}
	select {
	case <-armed.fired:
	default:
		return fmt.Errorf("the mishap did not fire (%d matching calls)", armed.seen)
	}
	return w.exactlyOnce("esimerkki", id, 2, 2)
}

// drive does in Hillava what people do there, until the notice's workflow is over.
func (w *world) drive(id int64) error {
	task, err := w.WaitTask(w.context(), "esimerkki", id)
	if err != nil {
		return err
	}
	for n := range 2 {
		entry := hillava.TimeEntry{Date: "2026-02-03", Resource: hillava.Resource{ID: "R-1", Name: "Testi Asentaja"}, CustomerSummary: fmt.Sprintf("Työ %d", n), Hours: 1}
		if _, err := w.Hillava.AddTimeEntry(task.ID, entry); err != nil {
			return err
		}
	}
	if err := w.Hillava.Transition(task.ID, "Työ valmis"); err != nil {
		return err
	}
	if err := w.WaitState(w.context(), "esimerkki", id, "Tehty"); err != nil {
		return err
	}
	if err := w.Hillava.Transition(task.ID, "Laskutettu"); err != nil {
		return err
	}
	_, err = w.WaitWorkflow(w.context(), w.client, "esimerkki", id, "Completed", "invoiced")
	return err
}

// TestTemporalKilledAndRestarted kills the server with SIGKILL at each stage of one life after the other.
func TestTemporalKilledAndRestarted(t *testing.T) {
	folder := t.TempDir()
	own, err := stack.StartTemporal(t.Context(), stack.TemporalOptions{
		Dir: folder, DB: filepath.Join(folder, "temporal.db"), Headless: true, OwnServer: true,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, own.Close()) })
	w := start(t, stack.Options{Temporal: own})
	again := func(stage string) {
		require.NoError(t, own.Kill(), stage)
		require.NoError(t, own.Restart(w.context()), stage)
	}
	id := w.someNotice("esimerkki", 4711)
	again("before the import is seen")
	task, err := w.WaitTask(w.context(), "esimerkki", id)
	require.NoError(t, err)
	again("with the task made")
	w.addEntry(task.ID, "2026-02-03", "Testi Asentaja", "Tehty.")
	w.press(task.ID, "Työ valmis")
	again("with Työ valmis on its way")
	require.NoError(t, w.WaitState(w.context(), "esimerkki", id, "Tehty"))
	again("with Tehty reported")
	w.press(task.ID, "Laskutettu")
	again("with Laskutettu on its way")
	require.NoError(t, stack.WaitFor(w.context(), "the end", func(context.Context) error {
		if w.State("esimerkki", id) != "Valmis" {
			return errors.New("not Valmis yet")
		}
		return w.exactlyOnce("esimerkki", id, 1, 2)
	}))
	again("with Valmis reported")
	w.requireEnd("esimerkki", id, 1, 2)
	w.checkLedger()
}

// TestMatrixOfTemporalRestarts kills the Temporal server with SIGKILL at each call of a life, while the call is under
// way, and starts it again: the activity's outcome has nowhere to go for a while.
func TestMatrixOfTemporalRestarts(t *testing.T) {
	folder := t.TempDir()
	own, err := stack.StartTemporal(t.Context(), stack.TemporalOptions{
		Dir: folder, DB: filepath.Join(folder, "temporal.db"), Headless: true, OwnServer: true,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, own.Close()) })
	w := start(t, stack.Options{Temporal: own})
	w.keepRunning(w.Worker)
	w.keepRunning(w.Serve)
	var one sync.Mutex // a server is restarted once at a time
	w.runMatrix(lifeCalls, []mishap{{name: "Temporal restarted", kind: fault.CallAfter, call: func(w *world) {
		one.Lock()
		defer one.Unlock()
		if err := errors.Join(own.Kill(), own.Restart(w.context())); err != nil {
			t.Error("restart Temporal:", err)
		}
	}}})
}

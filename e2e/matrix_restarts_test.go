package e2e

import (
	"errors"
	"sync"
	"testing"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

// restartCalls are the shared calls at which the Temporal server is restarted, beside those of a life.
var restartCalls = []outbound{
	{"customers", "hillava", hillava.OpCustomers, fromStart, 1},
	{"task types", "hillava", hillava.OpTaskTypes, fromStart, 1},
	{"changed tasks", "hillava", hillava.OpChangedTasks, fromStart, 1},
	{"list notices", "tampuuri", tampuuri.OpList, fromStart, 1},
	{"open notices", "tampuuri", tampuuri.OpHae, fromStart, 1},
}

// signalCalls are the receiver's two.
var signalCalls = []temporalCall{
	{"signal tyo-valmis", "serve", "SignalWorkflowExecution", fromStart, 1, "tyo-valmis", (*cell).livePlainly},
	{"signal laskutettu", "serve", "SignalWorkflowExecution", fromStart, 1, "laskutettu", (*cell).livePlainly},
}

// TestMatrixOfTemporalRestarts kills the Temporal server with SIGKILL at each call of a life, while the call is under
// way, and starts it again: the outcome of the activity has nowhere to go for a while, and the receiver does not hear
// whether its signal was taken.
func TestMatrixOfTemporalRestarts(t *testing.T) {
	t.Parallel()
	own := ownTemporal(t)
	proxy := newTemporalProxy(t, own.Address)
	w := start(t, stack.Options{Temporal: own, ServeEnvironment: []string{"TEMPORAL_ADDRESS=" + proxy.address}})
	w.keepRunning(w.Worker)
	w.keepRunning(w.Serve)
	var one sync.Mutex // a server is restarted once at a time
	restart := func() {
		one.Lock()
		defer one.Unlock()
		if err := errors.Join(own.Kill(), own.Restart(w.context())); err != nil {
			t.Error("restart Temporal:", err)
		}
	}
	const column = "Temporal restarted"
	calls := append(append([]outbound{}, restartCalls...), lifeCalls...)
	cells := w.faultCells(calls, []peerFault{{name: column, kind: fault.CallAfter, call: func(*world) { restart() }}}, (*cell).livePlainly)
	for _, call := range signalCalls {
		armed := &temporalFault{method: call.method, after: call.after, then: restart, hide: true}
		cells = append(cells, &cell{row: call.name, column: column, life: call.life, spoiler: &temporalSpoiler{call: call, proxy: proxy, armed: armed}})
	}
	w.runMatrix(cells)
	w.checkLedger()
}

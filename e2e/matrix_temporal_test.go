package e2e

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"google.golang.org/grpc/codes"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/stack"
)

// on is the column's fault to a call of a program.
func (m temporalColumn) on(program *stack.Program, method string, after int, holds ...string) *temporalFault {
	kill := func() { _ = program.Kill() }
	armed := &temporalFault{method: method, holds: holds, after: after, times: m.times, refuse: m.refuse, hide: m.hide, hang: m.hang}
	if m.killBefore {
		armed.before = kill
	}
	if m.killAfter {
		armed.then = kill
	}
	return armed
}

func TestMatrixOfTemporal(t *testing.T) {
	parallelCrowd(t)
	proxy := newTemporalProxy(t, server.Address)
	through := []string{"TEMPORAL_ADDRESS=" + proxy.address}
	w := start(t, stack.Options{WorkerEnvironment: through, ServeEnvironment: through})
	w.keepRunning(w.Worker)
	w.keepRunning(w.Serve)
	programs := map[string]*stack.Program{"worker": w.Worker, "serve": w.Serve}
	var cells []*cell
	for i, call := range append(append([]temporalCall{}, temporalCalls...), handedOut...) {
		for _, column := range temporalColumns {
			armed := column.on(programs[call.program], call.method, call.after)
			if armed.inAnswer = i >= len(temporalCalls); armed.inAnswer && column.refuse != codes.OK {
				continue
			}
			cells = append(cells, &cell{
				row: call.name, column: column.name, life: call.life, spoiler: &temporalSpoiler{call: call, proxy: proxy, armed: armed},
			})
		}
	}
	w.runMatrix(cells)
	w.checkLedger()
}

// temporalSpoiler arms a fault at the proxy.
type temporalSpoiler struct {
	call  temporalCall
	proxy *temporalProxy
	armed *temporalFault
}

func (s *temporalSpoiler) reach(c *cell, at moment) {
	if at == s.call.from {
		s.armed.holds = []string{"notice-" + c.guid, s.call.words}
		s.proxy.add(s.armed)
	}
}

func (s *temporalSpoiler) fired(*cell) error {
	select {
	case <-s.armed.fired:
		return nil
	default:
		return fmt.Errorf("the fault did not fire (%d matching calls)", s.proxy.matched(s.armed))
	}
}

// TestMatrixOfTemporalRestarts kills the Temporal server with SIGKILL at each call of a life, while the call is under
// way, and starts it again: the outcome of the activity has nowhere to go for a while, and the receiver does not hear
// whether its signal was taken.
func TestMatrixOfTemporalRestarts(t *testing.T) {
	parallelCrowd(t)
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

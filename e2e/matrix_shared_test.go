package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

// sharedCalls serve many notices at once.
var sharedCalls = []outbound{
	{name: "customers", system: "hillava", op: hillava.OpCustomers},
	{name: "task types", system: "hillava", op: hillava.OpTaskTypes},
	{name: "process", system: "hillava", op: hillava.OpProcess},
	{name: "changed tasks", system: "hillava", op: hillava.OpChangedTasks},
	{name: "list notices", system: "tampuuri", op: tampuuri.OpList},
	{name: "open notices", system: "tampuuri", op: tampuuri.OpHae},
}

// TestMatrixOfSharedCalls lets every mishap befall every shared call, one after the other, from the very first one on.
// A crowd of notices keeps the calls coming; one of them needs reconciliation, as its webhooks are lost.
func TestMatrixOfSharedCalls(t *testing.T) {
	w := start(t, stack.Options{WithoutWorker: true, ReconcileEvery: 2 * time.Second})
	mishaps := append(append([]mishap{}, answers...), kills...)
	armed := map[string]map[string]int{}
	for _, call := range sharedCalls {
		armed[call.name] = map[string]int{}
		for _, mishap := range mishaps {
			f := fault.Fault{System: call.system, Op: call.op, Times: mishap.times, Kind: mishap.kind, RetryAfter: mishap.retry, Delay: mishap.delay}
			if mishap.call != nil {
				f.Call = func() { mishap.call(w) }
			}
			armed[call.name][mishap.name] = w.Faults.Add(f)
		}
	}
	var crowd []int64
	for range 30 {
		crowd = append(crowd, w.someNotice("esimerkki", 4711))
	}
	require.NoError(t, w.Worker.Start())
	w.keepRunning(w.Worker) // not before the first start: there is nothing to wait for then, and it would wait for ever
	var results matrix
	for _, call := range sharedCalls {
		for _, mishap := range mishaps {
			outcome := held
			if err := w.Faults.AwaitFired(w.context(), armed[call.name][mishap.name], 1); err != nil {
				outcome = err.Error()
			}
			results.set(call.name, mishap.name, outcome)
		}
	}
	results.print(t, sharedCalls, mishaps)
	w.Hillava.SetDelivery(hillava.Delivery{Drop: true})
	require.NoError(t, w.drive(crowd[0]))
	w.Hillava.SetDelivery(hillava.Delivery{})
	require.NoError(t, w.exactlyOnce("esimerkki", crowd[0], 2, 2))
	for _, id := range crowd {
		_, err := w.WaitTask(w.context(), "esimerkki", id)
		require.NoError(t, err)
	}
	w.checkLedger()
}

package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
)

// fullerCustomers make a life fuller.
func fullerCustomers() []stack.Customer {
	customers := stack.DefaultCustomers()
	customers[0].Entry = map[string]any{"accept_state": "Vastaanotettu", "time_entries": map[string]any{"approved_only": true}}
	return customers
}

func TestMatrixOfAnswersInAFullerLife(t *testing.T) {
	parallelCrowd(t)
	w := start(t, stack.Options{Customers: fullerCustomers(), ReconcileEvery: 3 * time.Second})
	w.runMatrix(w.faultCells(moreCalls, answers, (*cell).liveFully))
	w.checkLedger("--approved-only", "esimerkki")
}

func TestMatrixOfWorkerKillsInAFullerLife(t *testing.T) {
	parallelCrowd(t)
	w := start(t, stack.Options{Customers: fullerCustomers(), ReconcileEvery: 3 * time.Second})
	w.keepRunning(w.Worker)
	w.runMatrix(w.faultCells(moreCalls, kills, (*cell).liveFully))
	w.checkLedger("--approved-only", "esimerkki")
}

func TestMatrixOfAnswers(t *testing.T) {
	parallelCrowd(t)
	w := start(t, stack.Options{})
	w.runMatrix(w.faultCells(lifeCalls, answers, (*cell).livePlainly))
	w.checkLedger()
}

func TestMatrixOfWorkerKills(t *testing.T) {
	parallelCrowd(t)
	w := start(t, stack.Options{})
	w.keepRunning(w.Worker)
	w.runMatrix(w.faultCells(lifeCalls, kills, (*cell).livePlainly))
	w.checkLedger()
}

// TestMatrixOfSharedCalls lets every fault befall every shared call, one after the other, from the very first one on,
// while a crowd of notices lives from its import to Valmis. One of them keeps the calls coming until the last fault has
// happened, and then needs reconciliation, as its webhooks are lost.
func TestMatrixOfSharedCalls(t *testing.T) {
	parallelCrowd(t)
	w := start(t, stack.Options{WithoutWorker: true, ReconcileEvery: 2 * time.Second})
	columns := append(append([]peerFault{}, answers...), kills...)
	var results matrix
	var all []place
	for _, call := range sharedCalls {
		for _, column := range columns {
			all = append(all, place{call.name, column.name})
		}
	}
	drawn := covering(t, all)
	armed := map[place]int{}
	for _, call := range sharedCalls {
		for _, column := range columns {
			if !drawn[place{call.name, column.name}] {
				continue
			}
			f := fault.Fault{System: call.system, Op: call.op, Times: column.times, Kind: column.kind, RetryAfter: column.retry, Delay: column.delay}
			if column.call != nil {
				f.Call = func() { column.call(w) }
			}
			results.expect(call.name, column.name)
			armed[place{call.name, column.name}] = w.Faults.Add(f)
		}
	}
	var crowd []int64
	for range 30 {
		crowd = append(crowd, w.someNotice("esimerkki", 4711))
	}
	require.NoError(t, w.Worker.Start())
	w.keepRunning(w.Worker) // not before the first start: there is nothing to wait for then, and it would wait for ever
	var lives errgroup.Group
	for _, id := range crowd[1:] {
		lives.Go(func() error { return w.drive(id) })
	}
	for where, id := range armed {
		outcome := held
		if err := w.Faults.AwaitFired(w.context(), id, 1); err != nil {
			outcome = err.Error()
		}
		results.set(where[0], where[1], outcome)
	}
	require.NoError(t, lives.Wait())
	w.Hillava.SetDelivery(hillava.Delivery{Drop: true})
	require.NoError(t, w.drive(crowd[0]))
	w.Hillava.SetDelivery(hillava.Delivery{})
	w.checkLedger()
	results.print(t) // last: that a cell held is what all of the above has shown
}

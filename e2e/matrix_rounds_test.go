package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"tampuuri-hillava/sandbox/stack"
)

// roundCalls are the worker's calls to Temporal that are about no single notice: those of its start and of its rounds. Of
// a schedule's run the workflow id begins with the schedule's.
var roundCalls = []temporalCall{
	{name: "look at a schedule", method: "DescribeSchedule", words: "poll-esimerkki"},
	{name: "trigger the first sync", method: "PatchSchedule", words: "sync-customers"},
	{name: "list the open notices", method: "ListWorkflowExecutions", words: "Running"},
	{name: "workflow task of a poll", method: "RespondWorkflowTaskCompleted", words: "poll-esimerkki"},
	{name: "complete PollNotices", method: "RespondActivityTaskCompleted", words: "poll-esimerkki"},
	{name: "heartbeat of PollNotices", method: "RecordActivityTaskHeartbeat", words: "poll-esimerkki"},
	{name: "complete SyncCustomers", method: "RespondActivityTaskCompleted", words: "sync-customers"},
	{name: "complete Reconcile", method: "RespondActivityTaskCompleted", words: "reconcile"},
}

// Two calls are made when there is a cause only: each mishap of the first has a customer of its own, whose schedule can be
// made once; for each of the second the worker is started again with another interval.
const (
	makeSchedule   = "make a schedule"
	changeSchedule = "change a schedule"
)

// TestMatrixOfTemporalRounds lets every mishap befall every one of these calls, one after the other, from the worker's
// very first start on. A crowd of notices, some of each customer, lives from its import to Valmis meanwhile, and some more
// afterwards.
func TestMatrixOfTemporalRounds(t *testing.T) {
	proxy := newTemporalProxy(t, server.Address)
	customers := stack.DefaultCustomers()[:1]
	for i := range temporalColumns {
		customers = append(customers, stack.Customer{
			Tunniste: fmt.Sprintf("koe%d", i), Name: fmt.Sprintf("Koe %d Oy", i), Performers: []int64{int64(5000 + i)},
		})
	}
	w := start(t, stack.Options{
		Customers: customers, WithoutWorker: true, WorkerEnvironment: []string{"TEMPORAL_ADDRESS=" + proxy.address},
		ReconcileEvery: 3 * time.Second, SyncEvery: 2 * time.Second,
	})
	var results matrix
	armed := map[[2]string]*temporalMishap{}
	expect := func(row string, column temporalColumn, method, words string) {
		results.expect(row, column.name)
		armed[[2]string{row, column.name}] = proxy.add(column.on(w.Worker, method, 1, words))
	}
	for _, call := range roundCalls {
		for _, column := range temporalColumns {
			expect(call.name, column, call.method, call.words)
		}
	}
	for i, column := range temporalColumns {
		expect(makeSchedule, column, "CreateSchedule", "poll-"+customers[i+1].Tunniste)
	}
	var lives errgroup.Group
	crowd := func() {
		for _, customer := range customers {
			for range 2 {
				id := w.someNotice(customer.Tunniste, customer.Performers[0])
				lives.Go(func() error { return w.driveAt(customer.Tunniste, id) })
			}
		}
	}
	crowd()
	require.NoError(t, w.Worker.Start())
	w.keepRunning(w.Worker)
	for where, mishap := range armed {
		results.set(where[0], where[1], proxy.awaitFired(w.context(), mishap))
	}
	for i, column := range temporalColumns {
		w.Worker.Setenv("RECONCILE_EVERY", fmt.Sprintf("%ds", 4+i))
		results.expect(changeSchedule, column.name)
		mishap := proxy.add(column.on(w.Worker, "UpdateSchedule", 1, "reconcile"))
		require.NoError(t, w.Worker.Kill())
		results.set(changeSchedule, column.name, proxy.awaitFired(w.context(), mishap))
	}
	crowd()
	require.NoError(t, lives.Wait())
	w.checkLedger()
	results.print(t) // last: that a cell held is what all of the above has shown
}

// awaitFired is a cell's outcome as far as its mishap decides it.
func (p *temporalProxy) awaitFired(ctx context.Context, m *temporalMishap) string {
	select {
	case <-m.fired:
		return held
	case <-ctx.Done():
		return fmt.Sprintf("the mishap did not fire (%d matching calls)", p.matched(m))
	}
}

package e2e

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

// slowCustomer has so many slow lists that each of its rounds is long enough to say meanwhile that it is alive.
const (
	slowCustomer = "hidas"
	slowPage     = httpTimeout * 6 / 10
	slowLists    = 4
)

// Other calls are made when there is a cause only. Each fault of these has a customer of its own for that, whose workflow
// is started once, whose entry is edited once, and one of whose time entries is changed once after it was sent.
const (
	startCustomer  = "start a customer"
	signalServed   = "signal served"
	signalEntries  = "signal entries-changed"
	changeSchedule = "change a schedule" // its interval: the worker is started again with another one
	pollNow        = "update poll-now"   // the operator's command
)

// roundsMatrix is TestMatrixOfTemporalRounds while it runs.
type roundsMatrix struct {
	*world
	proxy     *temporalProxy
	customers []stack.Customer // one for each fault, in their order, then others
	results   matrix
	drawn     map[place]bool
	armed     map[place]*temporalFault
	lives     errgroup.Group
}

// TestMatrixOfTemporalRounds lets every fault befall every one of these calls, one after the other, from the worker's
// very first start on. A crowd of notices, some of each customer, lives from its import to Valmis meanwhile, and some more
// afterwards.
func TestMatrixOfTemporalRounds(t *testing.T) {
	parallelCrowd(t)
	m := &roundsMatrix{proxy: newTemporalProxy(t, server.Address), drawn: drawnRounds(t), armed: map[place]*temporalFault{}}
	for i := range temporalColumns {
		m.customers = append(m.customers, stack.Customer{
			Tunniste: fmt.Sprintf("koe%d", i), Name: fmt.Sprintf("Koe %d Oy", i), Performers: []int64{int64(5000 + i)},
		})
	}
	m.customers = append(m.customers, stack.DefaultCustomers()[0])
	slow := stack.Customer{Tunniste: slowCustomer, Name: "Hidas Oy"}
	for i := range slowLists {
		slow.Performers = append(slow.Performers, int64(6000+i))
	}
	m.world = start(t, stack.Options{
		Customers: append(m.customers, slow), WithoutWorker: true, WorkerEnvironment: []string{"TEMPORAL_ADDRESS=" + m.proxy.address},
		ReconcileEvery: 3 * time.Second, SyncEvery: 2 * time.Second,
	})
	m.Faults.Add(fault.Fault{
		System: "tampuuri", Op: tampuuri.OpList, Customer: slowCustomer, Times: -1, Kind: fault.CallBefore, Delay: slowPage, Call: func() {},
	})
	for _, call := range roundCalls {
		for _, column := range temporalColumns {
			m.expect(call.name, column, call.method, call.words)
		}
	}
	for i, column := range temporalColumns {
		m.expect(startCustomer, column, "StartWorkflowExecution", "customer-"+m.customers[i].Tunniste)
	}
	first := m.crowd()
	require.NoError(t, m.Worker.Start())
	m.keepRunning(m.Worker)
	m.awaitAll()

	m.editEntries()
	m.changeIntervals()
	m.pollByHand()
	require.NoError(t, m.lives.Wait())
	m.changeAfterSending(first)
	m.crowd()
	require.NoError(t, m.lives.Wait())
	m.checkLedger()
	m.results.print(t) // last: that a cell held is what all of the above has shown
}

// drawnRounds are the cells that are lived.
func drawnRounds(t *testing.T) map[place]bool {
	rows := []string{startCustomer, signalServed, signalEntries, changeSchedule, pollNow}
	for _, call := range roundCalls {
		rows = append(rows, call.name)
	}
	var all []place
	for _, row := range rows {
		for _, column := range temporalColumns {
			all = append(all, place{row, column.name})
		}
	}
	return covering(t, all)
}

// expect arms the fault of one cell, if it is lived.
func (m *roundsMatrix) expect(row string, column temporalColumn, method string, holds ...string) bool {
	cell := place{row, column.name}
	if m.drawn[cell] {
		m.results.expect(row, column.name)
		m.armed[cell] = m.proxy.add(column.on(m.Worker, method, 1, holds...))
	}
	return m.drawn[cell]
}

// awaitAll waits until every fault that is armed has happened.
func (m *roundsMatrix) awaitAll() {
	for where, armed := range m.armed {
		m.results.set(where[0], where[1], m.proxy.awaitFired(m.context(), armed))
		delete(m.armed, where)
	}
}

// crowd lives two notices of each customer, and gives the first of each.
func (m *roundsMatrix) crowd() (first []int64) {
	for _, customer := range m.customers {
		for i := range 2 {
			id := m.someNotice(customer.Tunniste, customer.Performers[0])
			m.lives.Go(func() error { return m.driveAt(customer.Tunniste, id) })
			if i == 0 {
				first = append(first, id)
			}
		}
	}
	return first
}

// editEntries edits the entry of each fault's customer in customers.yaml.
func (m *roundsMatrix) editEntries() {
	for i, column := range temporalColumns {
		m.customers[i].Entry = map[string]any{"poll": map[string]any{"max_new": 40}}
		m.expect(signalServed, column, "SignalWorkflowExecution", "customer-"+m.customers[i].Tunniste, "served")
	}
	require.NoError(m.t, m.WriteCustomers(append(m.customers, m.Customers[len(m.Customers)-1])))
	m.awaitAll()
}

// changeIntervals starts the worker again and again, each time with another interval.
func (m *roundsMatrix) changeIntervals() {
	for i, column := range temporalColumns {
		if !m.expect(changeSchedule, column, "UpdateSchedule", "reconcile") {
			continue
		}
		m.Worker.Setenv("RECONCILE_EVERY", fmt.Sprintf("%ds", 4+i))
		require.NoError(m.t, m.Worker.Kill())
		m.awaitAll()
	}
}

// pollByHand has the operator's command meet each fault; where the column says so, the worker is killed at it. The
// command tells what has become of it, and asked once more it succeeds.
func (m *roundsMatrix) pollByHand() {
	for i, column := range temporalColumns {
		if !m.expect(pollNow, column, "UpdateWorkflowExecution", "customer-"+m.customers[i].Tunniste) {
			continue
		}
		ask := `. "$0" && export TEMPORAL_ADDRESS="$1" && exec "$2" customers poll "$3"`
		run := exec.CommandContext(m.context(), "sh", "-c", ask, m.EnvironmentFile, m.proxy.address, m.Programs.Starter, m.customers[i].Tunniste)
		if said, err := run.CombinedOutput(); err != nil {
			m.t.Logf("customers poll, %s: %v: %s", column.name, err, strings.TrimSpace(string(said)))
			require.Equal(m.t, 1, run.ProcessState.ExitCode())
			require.NotEmpty(m.t, said)
		}
		m.awaitAll()
		m.starter("customers", "poll", m.customers[i].Tunniste)
	}
}

// changeAfterSending changes what was sent of one notice of each fault's customer, and waits for the note of it.
func (m *roundsMatrix) changeAfterSending(ids []int64) {
	var notices []imported
	for i, column := range temporalColumns {
		n := m.imported(m.customers[i].Tunniste, ids[i])
		if !m.expect(signalEntries, column, "SignalWorkflowExecution", "customer-"+n.tunniste, "entries-changed") {
			continue
		}
		notices = append(notices, n)
		entry := n.task().TimeEntries[0]
		entry.CustomerSummary = "Työ, korjattu"
		require.NoError(m.t, m.Hillava.EditTimeEntry(n.taskID, entry))
	}
	m.awaitAll()
	for _, n := range notices {
		require.Contains(m.t, n.waitNotes(1)[0], "Muuta toimenpide muotoon")
	}
}

// awaitFired is a cell's outcome as far as its fault decides it.
func (p *temporalProxy) awaitFired(ctx context.Context, m *temporalFault) string {
	select {
	case <-m.fired:
		return held
	case <-ctx.Done():
		return fmt.Sprintf("the fault did not fire (%d matching calls)", p.matched(m))
	}
}

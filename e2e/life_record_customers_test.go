package e2e

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

// customerPath is something that a customer's workflow lives through, each with a customer of its own.
type customerPath struct {
	name      string
	performer int64
	runs      int // that are recorded
	live      func(recordedCustomer)
}

var customerPaths = []customerPath{
	{"news-and-idle", 201, 1, liveNewsAndIdleRounds},
	{"paused-and-resumed", 202, 1, livePausedAndResumed},
	{"poll-now", 203, 1, livePolledNow},
	{"cancelled", 204, 2, liveCancelledAndResumed},
	{"continued-as-new", 205, 2, liveUntilAnotherRun},
	{"peer-away", 206, 1, liveWhileTampuuriIsAway},
	{"entries-changed", 207, 1, liveEntriesChanged},
	{"imported-by-hand", 208, 1, liveImportedByHand},
}

func (p customerPath) customer() stack.Customer {
	return stack.Customer{Tunniste: p.name, Name: "Asiakas " + p.name + " Oy", Performers: []int64{p.performer}}
}

// recordedCustomer is the customer of a path, whose polling goes on when the path has been lived.
type recordedCustomer struct {
	*world
	stack.Customer
}

func (c recordedCustomer) workflowID() string { return "customer-" + c.Tunniste }

// runID is that of the newest run; it waits for the first one.
func (c recordedCustomer) runID() (runID string) {
	c.t.Helper()
	require.NoError(c.t, stack.WaitFor(c.context(), c.workflowID()+" to run", func(ctx context.Context) error {
		described, err := c.client.DescribeWorkflowExecution(ctx, c.workflowID(), "")
		runID = described.GetWorkflowExecutionInfo().GetExecution().GetRunId()
		return err
	}))
	return runID
}

func (c recordedCustomer) importOne() imported {
	c.t.Helper()
	return c.imported(c.Tunniste, c.someNotice(c.Tunniste, c.Performers[0]))
}

// idle waits until rounds without news have followed each other: the attempts of one activity.
func (c recordedCustomer) idle() {
	c.t.Helper()
	require.NoError(c.t, stack.WaitFor(c.context(), "rounds without news", func(ctx context.Context) error {
		described, err := c.client.DescribeWorkflowExecution(ctx, c.workflowID(), "")
		if err != nil {
			return err
		}
		for _, pending := range described.GetPendingActivities() {
			if pending.GetAttempt() > 2 {
				return nil
			}
		}
		return errors.New("there was news just now")
	}))
}

func liveNewsAndIdleRounds(c recordedCustomer) {
	n := c.importOne()
	c.idle()
	n.edit(map[string]any{"Kotieläimet": "Kissa"})
	n.waitNotes(1)
	c.idle()
}

func livePausedAndResumed(c recordedCustomer) {
	c.idle()
	c.pausePolling(c.Tunniste)
	c.idle()
	id := c.someNotice(c.Tunniste, c.Performers[0])
	c.resumePolling(c.Tunniste)
	c.imported(c.Tunniste, id)
	c.idle()
}

func livePolledNow(c recordedCustomer) {
	c.idle()
	require.NoError(c.t, c.update(c.Tunniste, "poll-now", new(polledNow)))
	c.pausePolling(c.Tunniste)
	require.Error(c.t, c.update(c.Tunniste, "poll-now", nil), "refused while it is paused")
	c.resumePolling(c.Tunniste)
	c.idle()
}

// liveCancelledAndResumed: a Cancel is a pause.
func liveCancelledAndResumed(c recordedCustomer) {
	c.idle()
	first := c.runID()
	require.NoError(c.t, c.client.CancelWorkflow(c.context(), c.workflowID(), ""))
	c.awaitAnotherRun(first)
	status, err := c.customer(c.context(), c.Tunniste)
	require.NoError(c.t, err)
	require.NotNil(c.t, status.Paused)
	c.resumePolling(c.Tunniste)
	c.importOne()
	c.idle()
}

func (c recordedCustomer) awaitAnotherRun(than string) {
	c.t.Helper()
	require.NoError(c.t, stack.WaitFor(c.context(), "another run of "+c.workflowID(), func(context.Context) error {
		if c.runID() == than {
			return errors.New("it is still the same")
		}
		return nil
	}))
}

// liveUntilAnotherRun polls by hand until the history is too long.
func liveUntilAnotherRun(c recordedCustomer) {
	first := c.runID()
	c.importOne()
	for c.runID() == first {
		require.NoError(c.t, c.update(c.Tunniste, "poll-now", new(polledNow)))
	}
	c.importOne()
	c.idle()
}

func liveWhileTampuuriIsAway(c recordedCustomer) {
	c.importOne()
	var away []int
	for _, op := range []string{tampuuri.OpList, tampuuri.OpHae} {
		away = append(away, c.Faults.Add(fault.Fault{System: "tampuuri", Op: op, Customer: c.Tunniste, Times: -1, Kind: fault.Status503}))
	}
	require.NoError(c.t, stack.WaitFor(c.context(), "a failure", func(ctx context.Context) error {
		status, err := c.customer(ctx, c.Tunniste)
		if err == nil && (status.LastRound == nil || status.LastRound.Failure == "") {
			err = errors.New("none yet")
		}
		return err
	}))
	c.idle()
	for _, id := range away {
		c.Faults.Remove(id)
	}
	c.importOne()
	c.idle()
}

func liveEntriesChanged(c recordedCustomer) {
	n := c.importOne()
	n.finish(1, 2)
	entry := n.task().TimeEntries[0]
	entry.CustomerSummary = "Valmista tuli, toisella kerralla."
	require.NoError(c.t, c.Hillava.EditTimeEntry(n.taskID, entry))
	n.waitNotes(1)
	c.idle()
}

func liveImportedByHand(c recordedCustomer) {
	n := c.importOne()
	n.finish(1, 2)
	require.NoError(c.t, c.Tampuuri.SetState(c.Tunniste, n.id, "Uusi"))
	require.NoError(c.t, stack.WaitFor(c.context(), "the notice to be skipped", func(ctx context.Context) error {
		status, err := c.customer(ctx, c.Tunniste)
		if err == nil && len(status.Skipped) == 0 {
			err = errors.New("it is not yet")
		}
		return err
	}))
	c.starter("notice", "import", c.Tunniste, strconv.FormatInt(n.id, 10))
	n.waitPhase("Running", "working")
	c.idle()
}

// handedOver is made anew in Hillava under another Tunniste, which takes its open notices over.
var handedOver = stack.Customer{Tunniste: "entinen", Name: "Entinen Oy", Performers: []int64{301}}

// recordHandedOver records a notice that is taken over while Tampuuri is away at first, its former customer's workflow to
// its end, and its new one's.
func (r *recorder) recordHandedOver(w *world) {
	const heir = "uusi"
	was := recordedCustomer{w, handedOver}
	n := was.importOne()
	n.waitPhase("Running", "working")
	first := was.runID()
	require.NoError(w.t, w.Hillava.RemoveCustomer(w.HillavaCustomers[was.Tunniste]))
	_, err := w.Hillava.AddCustomer(hillava.Customer{Name: was.Name, ExternalID: heir, IntegrationsActive: true})
	require.NoError(w.t, err)
	w.Faults.Add(n.faultInTampuuri(tampuuri.OpRead, fault.Status503, 2))
	var customers []stack.Customer
	for _, customer := range w.Customers {
		if customer.Tunniste == was.Tunniste {
			customer.Entry = map[string]any{"tunniste": heir, "formerly": []string{was.Tunniste}}
		}
		customers = append(customers, customer)
	}
	require.NoError(w.t, w.WriteCustomers(customers))
	is := recordedCustomer{w, stack.Customer{Tunniste: heir}}
	is.runID()
	require.NoError(w.t, stack.WaitFor(w.context(), "the notice to be taken over", func(context.Context) error {
		for _, entry := range n.status().History {
			if entry.Result == "goes on under customer "+heir {
				return nil
			}
		}
		return errors.New("it is not yet")
	}))
	n.finish(1, 2)
	r.recordLife(n, "taken-over-by-another-tunniste")
	is.idle()
	r.recordRuns(w.t, is.workflowID(), is.runID(), "customer-takes-over", 1)
	require.NoError(w.t, stack.WaitFor(w.context(), "the former customer's workflow to end", func(ctx context.Context) error {
		described, err := stack.Describe(ctx, w.client, was.workflowID())
		if err == nil && described.Status != "Completed" {
			err = fmt.Errorf("it is %s", described.Status)
		}
		return err
	}))
	r.recordRuns(w.t, was.workflowID(), first, "customer-handed-over", 1)
}

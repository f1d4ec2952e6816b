package e2e

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

// temporalCall is one of our programs' calls to Temporal in a notice's life: the after-th since a moment, of those of its
// method that are about the notice and hold the words.
type temporalCall struct {
	name, program, method string
	from                  moment
	after                 int
	words                 string
	life                  func(*cell) error
}

var temporalCalls = []temporalCall{
	{"look for the workflow", "worker", "DescribeWorkflowExecution", fromStart, 1, "", (*cell).livePlainly},
	{"start the workflow", "worker", "StartWorkflowExecution", fromStart, 1, "", (*cell).livePlainly},
	{"signal tyo-valmis", "serve", "SignalWorkflowExecution", fromStart, 1, "tyo-valmis", (*cell).livePlainly},
	{"signal laskutettu", "serve", "SignalWorkflowExecution", fromStart, 1, "laskutettu", (*cell).livePlainly},
	// From the start: a poll that sees our own Tehty a moment before the workflow knows signals too, and the look at that
	// may find the edit already.
	{"signal notice-changed", "worker", "SignalWorkflowExecution", fromStart, 1, "notice-changed", (*cell).liveEdited},
	{"signal of a lost webhook", "worker", "SignalWorkflowExecution", fromStart, 1, "tyo-valmis", (*cell).liveUnheard},
	{"complete CreateTask", "worker", "RespondActivityTaskCompleted", fromStart, 1, "", (*cell).livePlainly},
	{"fail CreateTask", "worker", "RespondActivityTaskFailed", fromStart, 1, "", (*cell).liveWithAFailure},
	{"complete SetState", "worker", "RespondActivityTaskCompleted", fromWork, 1, "", (*cell).livePlainly},
	{"complete FollowNotice", "worker", "RespondActivityTaskCompleted", fromTehty, 1, "", (*cell).liveEdited},
	{"complete Plan", "worker", "RespondActivityTaskCompleted", fromInvoice, 1, "", (*cell).livePlainly},
	{"complete ReportInvoiced", "worker", "RespondActivityTaskCompleted", fromInvoice, 2, "", (*cell).livePlainly},
	{"workflow task: start", "worker", "RespondWorkflowTaskCompleted", fromStart, 1, "", (*cell).livePlainly},
	{"workflow task: task made", "worker", "RespondWorkflowTaskCompleted", fromStart, 2, "", (*cell).livePlainly},
	{"workflow task: tyo-valmis", "worker", "RespondWorkflowTaskCompleted", fromWork, 1, "", (*cell).livePlainly},
	{"workflow task: Tehty set", "worker", "RespondWorkflowTaskCompleted", fromWork, 2, "", (*cell).livePlainly},
	{"workflow task: laskutettu", "worker", "RespondWorkflowTaskCompleted", fromInvoice, 1, "", (*cell).livePlainly},
	{"workflow task: planned", "worker", "RespondWorkflowTaskCompleted", fromInvoice, 2, "", (*cell).livePlainly},
	{"workflow task: the end", "worker", "RespondWorkflowTaskCompleted", fromInvoice, 1, `"closedBy":"hillava"`, (*cell).livePlainly},
}

// handedOut are tasks on their way from Temporal to the worker. Which notice a poll for tasks will be about shows in its
// answer only, so it can be lost on the way back, and no sooner. An activity's first attempt mostly comes with the answer
// to a workflow task's completion, which temporalCalls have; later attempts are polled for.
var handedOut = []temporalCall{
	{"handed out: workflow task", "worker", "PollWorkflowTaskQueue", fromStart, 1, "", (*cell).livePlainly},
	{"handed out: CreateTask again", "worker", "PollActivityTaskQueue", fromStart, 1, "CreateTask", (*cell).liveWithAFailure},
	{"handed out: ReportInvoiced again", "worker", "PollActivityTaskQueue", fromStart, 1, "ReportInvoiced", (*cell).liveWithAFailure},
}

// temporalColumn is what the proxy does to a call; the program that made it is killed where the column says so.
type temporalColumn struct {
	name                  string
	refuse                codes.Code
	times                 int
	hide, hang            bool
	killBefore, killAfter bool
}

var temporalColumns = []temporalColumn{
	{name: "not passed on", refuse: codes.Unavailable},
	{name: "server busy", refuse: codes.ResourceExhausted, times: 3},
	{name: "applied, hidden", hide: true},
	{name: "applied, hung", hang: true},
	{name: "killed before", refuse: codes.Unavailable, killBefore: true},
	{name: "killed after", hide: true, killAfter: true},
}

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
	t.Parallel()
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

// liveEdited is a plain life in which the notice is edited after its import.
func (c *cell) liveEdited() error {
	return inTurn(c.makeNotice, c.awaitTask, c.enterApproved, c.reportDone, c.edit, c.pressInvoiced, c.awaitEnd, c.oneNote)
}

// liveUnheard is a plain life in which the webhook of Työ valmis is lost, so that the reconciliation must find it.
func (c *cell) liveUnheard() error {
	unheard := func() error {
		if err := c.press(hillava.TransitionDone, false); err != nil {
			return err
		}
		return c.awaitPhase("Running", "done")
	}
	return inTurn(c.makeNotice, c.awaitTask, c.enterApproved, unheard, c.pressInvoiced, c.awaitEnd)
}

// liveWithAFailure is a plain life in which neither peer is there for the first try to write.
func (c *cell) liveWithAFailure() error {
	for _, op := range []string{hillava.OpCreateTask, tampuuri.OpToimenpide} {
		c.Faults.Add(fault.Fault{Op: op, Key: c.key(op), Kind: fault.Status503})
	}
	return c.livePlainly()
}

// drive does in Hillava what people do there, until the notice's workflow is over.
func (w *world) drive(id int64) error { return w.driveAt("esimerkki", id) }

// driveAt does so for a customer's notice, and looks at what is left.
func (w *world) driveAt(tunniste string, id int64) error {
	task, err := w.WaitTask(w.context(), tunniste, id)
	if err != nil {
		return err
	}
	for n := range 2 {
		entry := hillava.TimeEntry{Date: "2026-02-03", Resource: hillava.Resource{ID: "R-1", Name: "Testi Asentaja"}, CustomerSummary: fmt.Sprintf("Työ %d", n), Hours: 1}
		if _, err := w.Hillava.AddTimeEntry(task.ID, entry); err != nil {
			return err
		}
	}
	if err := w.Hillava.Transition(task.ID, hillava.TransitionDone); err != nil {
		return err
	}
	if err := w.WaitState(w.context(), tunniste, id, "Tehty"); err != nil {
		return err
	}
	if err := w.Hillava.Transition(task.ID, hillava.TransitionInvoiced); err != nil {
		return err
	}
	if _, err := w.WaitWorkflow(w.context(), w.client, tunniste, id, "Completed", "invoiced"); err != nil {
		return err
	}
	return w.exactlyOnce(tunniste, id, 2, 2)
}

// TestTemporalKilledAndRestarted kills the server with SIGKILL at each stage of one life after the other.
func TestTemporalKilledAndRestarted(t *testing.T) {
	t.Parallel()
	own := ownTemporal(t)
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

// ownTemporal is a server of the test's own, which it may kill.
func ownTemporal(t *testing.T) *stack.Temporal {
	t.Helper()
	folder := t.TempDir()
	own, err := stack.StartTemporal(t.Context(), stack.TemporalOptions{
		Dir: folder, DB: filepath.Join(folder, "temporal.db"), Headless: true, OwnServer: true,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, own.Close()) })
	return own
}

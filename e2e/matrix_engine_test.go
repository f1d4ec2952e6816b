package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

// outbound is one call to a peer: the after-th of its kind about a notice since a moment of its life.
type outbound struct {
	name, system, op string
	from             moment
	after            int
}

// peerFault is one thing that can happen to a call to a peer.
type peerFault struct {
	name  string
	kind  fault.Kind
	times int
	retry string        // Retry-After
	delay time.Duration // see fault.Fault
	call  func(w *world)
}

var answers = []peerFault{
	{name: "closed unanswered", kind: fault.Refuse}, // for connections that are refused see TestMatrixOfRefusedConnections
	{name: "reset before", kind: fault.ResetBefore},
	{name: "applied, reset", kind: fault.ApplyThenReset},
	{name: "applied, hung", kind: fault.ApplyThenHang},
	{name: "hung, applied late", kind: fault.HangThenApply, delay: httpTimeout + httpTimeout/5},
	{name: "applied, 500", kind: fault.ApplyThen500},
	{name: "applied, HTML", kind: fault.ApplyThenHTML},
	{name: "429", kind: fault.Status429, retry: "1"},
	{name: "503 thrice", kind: fault.Status503, times: 3},
	{name: "HTML", kind: fault.HTML},
}

// kills end the worker with SIGKILL at the call.
var kills = []peerFault{
	{name: "killed before", kind: fault.CallBeforeReset, call: func(w *world) { _ = w.Worker.Kill() }},
	{name: "killed after", kind: fault.CallAfterReset, call: func(w *world) { _ = w.Worker.Kill() }},
	// The worker dies while its request is on the way, and the request is applied late, but within the in-flight window.
	{name: "killed in flight", kind: fault.CallBefore, call: func(w *world) { _ = w.Worker.Kill(); pause(w.t, httpTimeout) }},
}

// pause lets simulated time on the wire pass; it is no synchronisation.
func pause(t *testing.T, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.Context().Done():
	}
}

func TestMatrixOfAnswers(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	w.runMatrix(w.faultCells(lifeCalls, answers, (*cell).livePlainly))
	w.checkLedger()
}

func TestMatrixOfWorkerKills(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	w.keepRunning(w.Worker)
	w.runMatrix(w.faultCells(lifeCalls, kills, (*cell).livePlainly))
	w.checkLedger()
}

// cell is one life with one fault. The fault befalls the call of the cell's row in the way of its column.
type cell struct {
	*world
	row, column string
	spoiler     spoiler
	life        func(*cell) error
	id          int64  // of the notice
	guid        string // its external id

	mutex  sync.Mutex
	taskID string // Hillava's, once there is a task
}

// spoiler lets a fault befall a life.
type spoiler interface {
	reach(c *cell, at moment) // the life has come that far
	fired(c *cell) error      // nil when the fault has happened
}

// reach tells the spoiler. A life that has a task made by somebody else comes from two sides.
func (c *cell) reach(at moment) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.spoiler.reach(c, at)
}

func (c *cell) setTask(id string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.taskID = id
}

// key is what the requests of a call about the cell's notice are told by; "" for calls that serve many notices.
func (c *cell) key(op string) string {
	switch op {
	case hillava.OpFindTask, hillava.OpCreateTask:
		return c.guid
	case hillava.OpReadTask, hillava.OpNote, hillava.OpTimeEntries:
		return c.taskID
	case tampuuri.OpRead, tampuuri.OpTila, tampuuri.OpToimenpide, tampuuri.OpKohde:
		return fmt.Sprint(c.id)
	default:
		return ""
	}
}

// faultSpoiler switches a fault of the stand-ins on.
type faultSpoiler struct {
	call   outbound
	column peerFault
	number int // of the fault, once it is switched on
}

func (s *faultSpoiler) reach(c *cell, at moment) {
	if at == fromInvoice && s.shared(c) { // as long as the notice is open, calls that serve many are made
		_ = c.Faults.AwaitFired(c.context(), s.number, 1) // fired tells
	}
	if at != s.call.from {
		return
	}
	f := fault.Fault{
		System: s.call.system, Op: s.call.op, Key: c.key(s.call.op), After: s.call.after, Times: s.column.times,
		Kind: s.column.kind, RetryAfter: s.column.retry, Delay: s.column.delay,
	}
	if s.column.call != nil {
		f.Call = func() { s.column.call(c.world) }
	}
	s.number = c.Faults.Add(f)
}

// shared says that the call serves many notices.
func (s *faultSpoiler) shared(c *cell) bool { return c.key(s.call.op) == "" }

func (s *faultSpoiler) fired(c *cell) error {
	for _, status := range c.Faults.List() {
		if status.ID == s.number && status.Fired > 0 {
			return nil
		}
		if status.ID == s.number {
			return fmt.Errorf("the fault did not fire (%d matching requests)", status.Seen)
		}
	}
	return fmt.Errorf("the fault was never switched on")
}

// faultCells are every call with every fault.
func (w *world) faultCells(calls []outbound, columns []peerFault, life func(*cell) error) []*cell {
	var cells []*cell
	for _, call := range calls {
		for _, column := range columns {
			cells = append(cells, &cell{row: call.name, column: column.name, spoiler: &faultSpoiler{call: call, column: column}, life: life})
		}
	}
	return cells
}

const (
	firstOfCells = 1000 // number of the first cell's notice
	mostAtOnce   = 40
)

// runMatrix lives one life per cell, many at a time, each with its own fault: of every cell with proof, else of some.
func (w *world) runMatrix(cells []*cell) {
	w.t.Helper()
	var all []place
	for _, c := range cells {
		all = append(all, place{c.row, c.column})
	}
	drawn := covering(w.t, all)
	cells = slices.DeleteFunc(cells, func(c *cell) bool { return !drawn[place{c.row, c.column}] })
	var results matrix
	for i, c := range cells { // before any life begins: a call that serves many notices may be made once only
		c.world, c.id, c.guid = w, int64(firstOfCells+i), uuid.NewString()
		results.expect(c.row, c.column)
		c.reach(fromStart)
	}
	var group errgroup.Group
	group.SetLimit(mostAtOnce)
	for _, c := range cells {
		group.Go(func() error {
			outcome := held
			if err := c.outcome(); err != nil {
				outcome = err.Error()
			}
			results.set(c.row, c.column, outcome)
			return nil
		})
	}
	_ = group.Wait() // every outcome stands in its cell
	results.print(w.t)
}

// outcome lives the cell's life and looks at what is left.
func (c *cell) outcome() error {
	if err := c.life(c); err != nil {
		return err
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if err := c.spoiler.fired(c); err != nil {
		return err
	}
	return c.exactlyOnce("esimerkki", c.id, 2, 2)
}

// exactlyOnce looks at what both systems hold of a notice that is Valmis.
func (w *world) exactlyOnce(tunniste string, id int64, toimenpiteet, notifications int) error {
	notice, err := w.Notice(tunniste, id)
	if err != nil {
		return err
	}
	tasks, err := w.Tasks(tunniste, id)
	if err != nil {
		return err
	}
	sent, _ := notice["Toimenpiteet"].([]tampuuri.Toimenpide)
	told := fmt.Sprintf("%v", notice["Ilmoitukset"])
	switch {
	case len(tasks) != 1:
		return fmt.Errorf("%d tasks", len(tasks))
	case notice["Tila"] != "Valmis":
		return fmt.Errorf("the state is %v", notice["Tila"])
	case len(sent) != toimenpiteet:
		return fmt.Errorf("%d toimenpiteet, not %d", len(sent), toimenpiteet)
	case strings.Count(told, "Valmis") != 1, strings.Count(told, "Tehty") != notifications-1:
		return fmt.Errorf("participants were notified of %s", told)
	}
	return nil
}

// keepRunning starts a program again whenever it has been killed, until the test ends.
func (w *world) keepRunning(program *stack.Program) {
	done := make(chan struct{})
	w.t.Cleanup(func() { <-done })
	ctx := w.t.Context()
	go func() {
		defer close(done)
		for {
			select {
			case <-program.Ended():
			case <-ctx.Done():
				return
			}
			if ctx.Err() != nil || program.Start() != nil {
				return
			}
		}
	}()
}

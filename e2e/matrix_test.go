package e2e

import (
	"fmt"
	"os"
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

// outbound is one call of a notice's life: the after-th of its kind about that notice.
type outbound struct {
	name, system, op string
	after            int
	late             bool // its key is the task's id, so the fault is switched on once there is a task
}

// lifeCalls are all calls about one notice, in the order in which a life makes them. Calls that serve many notices at
// once (customers, task types, process, list, hae, changed tasks) have a matrix of their own below.
var lifeCalls = []outbound{
	{"read before create", "tampuuri", tampuuri.OpRead, 1, false},
	{"find task", "hillava", hillava.OpFindTask, 1, false},
	{"kohde", "tampuuri", tampuuri.OpKohde, 1, false},
	{"create task", "hillava", hillava.OpCreateTask, 1, false},
	{"look before Tehty", "tampuuri", tampuuri.OpRead, 2, false},
	{"set Tehty", "tampuuri", tampuuri.OpTila, 1, false},
	{"time entries to plan", "hillava", hillava.OpTimeEntries, 1, true},
	{"look before toimenpiteet", "tampuuri", tampuuri.OpRead, 3, false},
	{"time entries to send", "hillava", hillava.OpTimeEntries, 2, true},
	{"add first toimenpide", "tampuuri", tampuuri.OpToimenpide, 1, false},
	{"add second toimenpide", "tampuuri", tampuuri.OpToimenpide, 2, false},
	{"set Valmis", "tampuuri", tampuuri.OpTila, 2, false},
}

// mishap is one thing that can happen to a call.
type mishap struct {
	name  string
	kind  fault.Kind
	times int
	retry string        // Retry-After
	delay time.Duration // see fault.Fault
	call  func(w *world)
}

var answers = []mishap{
	{name: "refused", kind: fault.Refuse},
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
var kills = []mishap{
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

// matrix is the outcome of each cell: call by mishap.
type matrix struct {
	mutex sync.Mutex
	cells map[string]map[string]string
}

func (m *matrix) set(call, mishap, outcome string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.cells == nil {
		m.cells = map[string]map[string]string{}
	}
	if m.cells[call] == nil {
		m.cells[call] = map[string]string{}
	}
	m.cells[call][mishap] = outcome
}

// print writes the table, and fails the test for every cell that did not fire or did not hold.
func (m *matrix) print(t *testing.T, calls []outbound, mishaps []mishap) {
	var table strings.Builder
	fmt.Fprintf(&table, "\n%-26s", "")
	for _, mishap := range mishaps {
		fmt.Fprintf(&table, " | %-18s", mishap.name)
	}
	for _, call := range calls {
		fmt.Fprintf(&table, "\n%-26s", call.name)
		for _, mishap := range mishaps {
			outcome := m.cells[call.name][mishap.name]
			short := outcome
			if outcome != held {
				t.Errorf("%s, %s: %s", call.name, mishap.name, outcome)
				short = "FAILED"
			}
			fmt.Fprintf(&table, " | %-18s", short)
		}
	}
	fmt.Fprintln(os.Stdout, table.String())
}

const held = "held"

func TestMatrixOfAnswers(t *testing.T) {
	w := start(t, stack.Options{})
	w.runMatrix(lifeCalls, answers)
}

func TestMatrixOfWorkerKills(t *testing.T) {
	w := start(t, stack.Options{})
	w.keepRunning(w.Worker)
	w.runMatrix(lifeCalls, kills)
}

// runMatrix lives one life per cell, many at a time, each with its own fault.
func (w *world) runMatrix(calls []outbound, mishaps []mishap) {
	w.t.Helper()
	var results matrix
	var group errgroup.Group
	group.SetLimit(40)
	id := int64(1000)
	for _, call := range calls {
		for _, mishap := range mishaps {
			id++
			cell := id
			group.Go(func() error {
				outcome := held
				if err := w.live(cell, call, mishap); err != nil {
					outcome = err.Error()
				}
				results.set(call.name, mishap.name, outcome)
				return nil
			})
		}
	}
	_ = group.Wait() // every outcome stands in its cell
	results.print(w.t, calls, mishaps)
	w.checkLedger()
}

// live makes a notice, lets the mishap befall one of its calls, drives it to Valmis and looks at what is left.
func (w *world) live(id int64, call outbound, mishap mishap) error {
	fields := stack.ExampleNotice()
	guid := uuid.NewString()
	fields["Id"], fields["Guid"], fields["KohdeId"], fields["TyonsuorittajaYritysId"] = id, guid, id, int64(4711)
	if err := w.Tampuuri.AddProperty("esimerkki", tampuuri.Property{ID: id, Nimi: "Asunto Oy Koe", Katuosoite: "Koekatu 1", Postinumero: "00100", Postitoimipaikka: "Helsinki"}); err != nil {
		return err
	}
	keys := map[string]string{hillava.OpFindTask: guid, hillava.OpCreateTask: guid}
	key, ok := keys[call.op]
	if !ok {
		key = fmt.Sprint(id)
	}
	var faultID int
	arm := func(key string) {
		f := fault.Fault{System: call.system, Op: call.op, Key: key, After: call.after, Times: mishap.times, Kind: mishap.kind, RetryAfter: mishap.retry, Delay: mishap.delay}
		if mishap.call != nil {
			f.Call = func() { mishap.call(w) }
		}
		faultID = w.Faults.Add(f)
	}
	if !call.late {
		arm(key)
	}
	if _, err := w.Tampuuri.AddNotice("esimerkki", fields); err != nil {
		return err
	}
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
	if call.late {
		arm(task.ID)
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
	if _, err := w.WaitWorkflow(w.context(), w.client, "esimerkki", id, "Completed", "invoiced"); err != nil {
		return err
	}
	for _, status := range w.Faults.List() {
		if status.ID == faultID && status.Fired == 0 {
			return fmt.Errorf("the fault did not fire (%d matching requests)", status.Seen)
		}
	}
	return w.exactlyOnce("esimerkki", id, 2, 2)
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

package e2e

import (
	"fmt"
	"strings"
	"time"

	"pgregory.net/rapid"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/tampuuri"
)

// operation is one thing that somebody does to a notice, or that befalls it.
type operation struct {
	do    string
	after time.Duration // pause before it
	text  string        // what is written, by edits and time entries
	field string        // of "edit": the field of the notice
	n     int           // which performer, entry, event
	// delivery is what becomes of the webhooks of a transition.
	delivery hillava.Delivery
	late     bool        // a webhook that was dropped comes when everything else is over, as after days
	fault    fault.Fault // of "fault"; its Key is set when it is switched on
}

func (o operation) String() string {
	text := fmt.Sprintf("+%v %s", o.after, o.do)
	switch {
	case o.do == "fault":
		text += fmt.Sprintf(" %s %s at request %d, %d times, on %s", o.fault.System, o.fault.Kind, o.fault.After, max(o.fault.Times, 1), o.fault.Op)
	case o.text != "":
		text += strings.TrimRight(" "+o.field, " ") + " " + o.text
	}
	if d := o.delivery; d != (hillava.Delivery{}) {
		text += fmt.Sprintf(" (webhooks: drop %v, at the end %v, double %v, delay %v)", d.Drop, o.late, d.Double, d.Delay)
	}
	return text
}

// story is the history of one notice: what people do in both systems and what goes wrong, in order.
type story struct {
	seed       int
	customer   int // number of the customer among those of the run
	withoutID  bool
	unassigned bool // made for nobody and given to us later
	steps      []operation
	waived     bool // a person made an end of it: what was reported before need not arrive
}

func (s story) String() string {
	lines := []string{fmt.Sprintf("history %d, customer %d, without Guid %v, assigned later %v", s.seed, s.customer, s.withoutID, s.unassigned)}
	for _, step := range s.steps {
		lines = append(lines, "  "+step.String())
	}
	return strings.Join(lines, "\n")
}

// teller is the model of both systems from which a story is drawn: it knows what people can do next.
type teller struct {
	story
	away    bool // another company's, cancelled
	deleted bool
	state   string // of the task
	entries int
	events  int
	text    int // number of the next text, so that most are different
}

// stories generates stories for so many customers.
func stories(customers int) *rapid.Generator[story] {
	return rapid.Custom(func(t *rapid.T) story {
		m := &teller{state: hillava.StateOpen}
		m.customer = rapid.IntRange(0, customers-1).Draw(t, "customer")
		m.withoutID = rapid.IntRange(0, 4).Draw(t, "without Guid") == 0
		m.unassigned = rapid.IntRange(0, 5).Draw(t, "assigned later") == 0
		m.away = m.unassigned
		t.Repeat(m.actions())
		m.end(t)
		return m.story
	})
}

// actions is the state machine. An action that makes no sense now is skipped, as nobody could do it; one that is
// named twice is drawn as often.
func (m *teller) actions() map[string]func(*rapid.T) {
	unless := func(not func() bool, do func(*rapid.T)) func(*rapid.T) {
		return func(t *rapid.T) {
			if m.deleted || not() {
				t.SkipNow() // another action is drawn instead; no test is skipped
			}
			do(t)
		}
	}
	never := func() bool { return false }
	noEntries := func() bool { return m.entries == 0 }
	seldom := func(chance int, do func(*rapid.T)) func(*rapid.T) {
		return unless(never, func(t *rapid.T) {
			if rapid.IntRange(1, chance).Draw(t, "seldom") == 1 {
				do(t)
			}
		})
	}
	return map[string]func(*rapid.T){
		"edit":              unless(never, m.edit),
		"turvakielto":       seldom(4, m.protect),
		"cancel":            unless(never, func(t *rapid.T) { m.away = true; m.add(t, operation{do: "cancel"}) }),
		"reassign":          unless(never, func(t *rapid.T) { m.away = true; m.add(t, operation{do: "reassign"}) }),
		"take from all":     unless(never, func(t *rapid.T) { m.away = true; m.add(t, operation{do: "take from all"}) }),
		"give back":         unless(func() bool { return !m.away }, m.giveBack),
		"give back again":   unless(func() bool { return !m.away }, m.giveBack),
		"delete":            seldom(15, func(t *rapid.T) { m.deleted = true; m.add(t, operation{do: "delete"}) }),
		"chain":             seldom(8, func(t *rapid.T) { m.add(t, operation{do: "chain"}) }),
		"Tehty by hand":     seldom(6, func(t *rapid.T) { m.add(t, operation{do: "state", text: tampuuri.Tehty}) }),
		"Valmis by hand":    seldom(10, func(t *rapid.T) { m.add(t, operation{do: "state", text: tampuuri.Valmis}) }),
		"open by hand":      seldom(4, func(t *rapid.T) { m.add(t, operation{do: "state", text: "Uusi"}) }),
		"Työ valmis":        unless(never, m.transition),
		"Työ valmis, again": unless(never, m.transition),
		"Laskutettu":        unless(never, m.transition),
		"add entry":         unless(never, func(t *rapid.T) { m.entries++; m.add(t, operation{do: "add entry", text: m.entryText(t)}) }),
		"add an entry":      unless(never, func(t *rapid.T) { m.entries++; m.add(t, operation{do: "add entry", text: m.entryText(t)}) }),
		"edit entry":        unless(noEntries, func(t *rapid.T) { m.add(t, operation{do: "edit entry", n: m.anEntry(t), text: m.entryText(t)}) }),
		"remove entry":      unless(noEntries, func(t *rapid.T) { m.add(t, operation{do: "remove entry", n: m.anEntry(t)}) }),
		"approve entry":     unless(noEntries, func(t *rapid.T) { m.add(t, operation{do: "approve entry", n: m.anEntry(t)}) }),
		"redeliver":         unless(func() bool { return m.events == 0 }, func(t *rapid.T) { m.add(t, operation{do: "redeliver", n: rapid.IntRange(0, 5).Draw(t, "event")}) }),
		"resend":            unless(never, func(t *rapid.T) { m.add(t, operation{do: "resend"}) }),
		"dismiss":           seldom(20, func(t *rapid.T) { m.waived = true; m.add(t, operation{do: "dismiss"}) }),
		"terminate":         seldom(20, func(t *rapid.T) { m.waived = true; m.add(t, operation{do: "terminate"}) }),
		"import":            seldom(6, func(t *rapid.T) { m.add(t, operation{do: "import"}) }),
		"poll now":          seldom(4, func(t *rapid.T) { m.add(t, operation{do: "poll now"}) }),
		"reconcile now":     seldom(4, func(t *rapid.T) { m.add(t, operation{do: "reconcile now"}) }),
		"pause the poll":    seldom(6, func(t *rapid.T) { m.add(t, operation{do: "pause the poll"}) }),
		"kill the worker":   seldom(25, func(t *rapid.T) { m.add(t, operation{do: "kill the worker"}) }),
		"kill serve":        seldom(25, func(t *rapid.T) { m.add(t, operation{do: "kill serve"}) }),
		"fault":             m.fault,
		"another fault":     m.fault,
	}
}

var pauses = []time.Duration{0, 0, 0, 20 * time.Millisecond, 200 * time.Millisecond, 800 * time.Millisecond, 2 * time.Second, 4 * time.Second}

func (m *teller) add(t *rapid.T, o operation) {
	o.after = rapid.SampledFrom(pauses).Draw(t, "pause")
	m.steps = append(m.steps, o)
}

func (m *teller) words() string {
	m.text++
	return fmt.Sprintf("Teksti %d", m.text)
}

// entryText is often one that another entry has: equal entries count as often as they are there.
func (m *teller) entryText(t *rapid.T) string {
	if rapid.IntRange(0, 2).Draw(t, "the same text") == 0 {
		return rapid.SampledFrom([]string{"Sama työ", ""}).Draw(t, "text")
	}
	return m.words()
}

func (m *teller) anEntry(t *rapid.T) int { return rapid.IntRange(0, m.entries-1).Draw(t, "entry") }

func (m *teller) giveBack(t *rapid.T) {
	m.away = false
	m.add(t, operation{do: "give back"})
}

// editable are the fields that reach the task, as texts; so no two edits of one leave it as it was.
var editable = []string{
	"TyötehtävänOtsikko", "TyötehtävänKuvaus", "TyötehtävänLisätiedot", "Sisäänpääsy", "Kotieläimet", "Huoneisto", "Kiinteistö",
	"Tilaaja", "TilaajanPuhelin", "Ilmoittaja", "IlmoittajanSähköposti",
}

func (m *teller) edit(t *rapid.T) {
	m.add(t, operation{do: "edit", field: rapid.SampledFrom(editable).Draw(t, "field"), text: m.words()})
}

// protect sets somebody's turvakielto, or takes it back.
func (m *teller) protect(t *rapid.T) {
	m.add(t, operation{
		do: "edit", field: rapid.SampledFrom([]string{"TilaajanTurvakielto", "IlmoittajanTurvakielto"}).Draw(t, "role"),
		text: rapid.SampledFrom([]string{"true", "true", "false"}).Draw(t, "turvakielto"),
	})
}

// ways of a task through its process; the last state of each press is where it leads.
var ways = map[string][]struct{ name, to string }{
	hillava.StateOpen:     {{hillava.TransitionDone, hillava.StateDone}, {hillava.TransitionDone, hillava.StateDone}, {hillava.TransitionInvoiced, hillava.StateInvoiced}},
	hillava.StateDone:     {{hillava.TransitionInvoiced, hillava.StateInvoiced}, {hillava.TransitionChecked, hillava.StateChecked}, {hillava.TransitionReopen, hillava.StateOpen}},
	hillava.StateChecked:  {{hillava.TransitionInvoiced, hillava.StateInvoiced}, {hillava.TransitionReopen, hillava.StateOpen}},
	hillava.StateInvoiced: {{hillava.TransitionReopen, hillava.StateOpen}},
}

// deliveries of the webhooks of one transition. Those of Drop come by reconciliation, and half of them once more at the
// very end: later than everything else is what days make of a webhook.
var deliveries = []hillava.Delivery{
	{}, {}, {}, {Drop: true}, {Drop: true}, {Double: true}, {Delay: time.Second}, {Delay: 3 * time.Second, Double: true},
	{Delay: 15 * time.Second}, // later than two reconciliations
}

func (m *teller) transition(t *rapid.T) {
	way := rapid.SampledFrom(ways[m.state]).Draw(t, "transition")
	m.press(t, way.name, way.to)
}

func (m *teller) press(t *rapid.T, name, to string) {
	m.state = to
	m.events++
	delivery := rapid.SampledFrom(deliveries).Draw(t, "delivery")
	m.add(t, operation{do: "press", text: name, delivery: delivery, late: delivery.Drop && rapid.Bool().Draw(t, "at the end")})
}

// end lets most stories come to their end: the notice is ours, the work is done and invoiced.
func (m *teller) end(t *rapid.T) {
	if m.deleted || rapid.IntRange(0, 3).Draw(t, "left as it is") == 0 {
		return
	}
	if m.away {
		m.giveBack(t)
	}
	if m.state == hillava.StateOpen {
		m.press(t, hillava.TransitionDone, hillava.StateDone)
	}
	if m.state != hillava.StateInvoiced {
		m.press(t, hillava.TransitionInvoiced, hillava.StateInvoiced)
	}
}

// transient are the faults that pass by themselves; refusals are for good, and a person resends after them.
var (
	transient = []fault.Kind{
		fault.Refuse, fault.ResetBefore, fault.ApplyThenReset, fault.ApplyThenHang, fault.HangThenApply, fault.ApplyThen500,
		fault.ApplyThen503, fault.ApplyThenHTML, fault.ApplyThenGarbage, fault.ApplyThenEmpty, fault.SlowDrip, fault.HTML,
		fault.Status429, fault.Status500, fault.Status503,
	}
	refusals = []fault.Kind{fault.Status400, fault.Status409, fault.Status422, fault.Garbage}
	calls    = []struct {
		system, op string
		byTask     bool // its key is the task's id, or the external id, else the notice's
		external   bool
	}{
		{system: "tampuuri", op: tampuuri.OpRead}, {system: "tampuuri", op: tampuuri.OpTila}, {system: "tampuuri", op: tampuuri.OpTila},
		{system: "tampuuri", op: tampuuri.OpToimenpide}, {system: "tampuuri", op: tampuuri.OpToimenpide},
		{system: "hillava", op: hillava.OpFindTask, external: true}, {system: "hillava", op: hillava.OpCreateTask, external: true},
		{system: "hillava", op: hillava.OpReadTask, byTask: true}, {system: "hillava", op: hillava.OpNote, byTask: true},
		{system: "hillava", op: hillava.OpTimeEntries, byTask: true},
	}
)

// fault draws a fault on one of the calls about this notice.
func (m *teller) fault(t *rapid.T) {
	f := fault.Fault{
		After: rapid.IntRange(1, 3).Draw(t, "request"), Times: rapid.IntRange(1, 3).Draw(t, "times"),
		Kind: rapid.SampledFrom(transient).Draw(t, "kind"),
	}
	call := rapid.IntRange(0, len(calls)-1).Draw(t, "call")
	if rapid.IntRange(0, 7).Draw(t, "for good") == 0 {
		f.Kind, f.Times = rapid.SampledFrom(refusals).Draw(t, "refusal"), 1
	}
	if f.Kind == fault.HangThenApply { // applied after the client gave up, within the in-flight window
		f.Delay = httpTimeout + httpTimeout/5
	}
	f.System, f.Op = calls[call].system, calls[call].op
	m.add(t, operation{do: "fault", fault: f, n: call})
}

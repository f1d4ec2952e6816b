package e2e

import (
	"time"

	"google.golang.org/grpc/codes"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
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

// moment is a point of a life from which calls are counted, so that nothing that came before can shift them.
type moment int

const (
	fromStart    moment = iota // before there is a notice
	fromExisting               // somebody else has made the task that is to be
	fromNotice                 // the notice is there
	fromConflict               // our create has been answered 409, as there is that task
	fromWork                   // the task is known; before Työ valmis
	fromTehty                  // Tehty is reported
	fromEdit                   // the notice has been edited since
	fromInvoice                // before Laskutettu
	fromApproval               // Laskutettu waits; before the time entries are approved
)

// lifeCalls are all calls about one notice, in the order in which a plain life makes them. Calls that serve many notices
// at once (customers, task types, process, list, hae, changed tasks) have a matrix of their own.
var lifeCalls = []outbound{
	{"read before create", "tampuuri", tampuuri.OpRead, fromStart, 1},
	{"find task", "hillava", hillava.OpFindTask, fromStart, 1},
	{"kohde", "tampuuri", tampuuri.OpKohde, fromStart, 1},
	{"create task", "hillava", hillava.OpCreateTask, fromStart, 1},
	{"look before Tehty", "tampuuri", tampuuri.OpRead, fromWork, 1},
	{"set Tehty", "tampuuri", tampuuri.OpTila, fromWork, 1},
	{"time entries to plan", "hillava", hillava.OpTimeEntries, fromInvoice, 1},
	{"look before toimenpiteet", "tampuuri", tampuuri.OpRead, fromInvoice, 1},
	{"time entries to send", "hillava", hillava.OpTimeEntries, fromInvoice, 2},
	{"add first toimenpide", "tampuuri", tampuuri.OpToimenpide, fromInvoice, 1},
	{"add second toimenpide", "tampuuri", tampuuri.OpToimenpide, fromInvoice, 2},
	{"set Valmis", "tampuuri", tampuuri.OpTila, fromInvoice, 1},
}

// moreCalls are those that only a fuller life makes: its task exists already, the customer has an accept state and wants
// approved time entries only, and the notice is edited after its import.
var moreCalls = []outbound{
	{"create answered 409", "hillava", hillava.OpCreateTask, fromStart, 1},
	{"read task behind the 409", "hillava", hillava.OpReadTask, fromExisting, 1},
	{"look before Vastaanotettu", "tampuuri", tampuuri.OpRead, fromConflict, 1},
	{"set Vastaanotettu", "tampuuri", tampuuri.OpTila, fromConflict, 1},
	{"read the edited notice", "tampuuri", tampuuri.OpRead, fromTehty, 1},
	{"read task: begun?", "hillava", hillava.OpReadTask, fromTehty, 1},
	{"time entries: begun?", "hillava", hillava.OpTimeEntries, fromTehty, 1},
	{"add note", "hillava", hillava.OpNote, fromTehty, 1},
	{"time entries, unapproved", "hillava", hillava.OpTimeEntries, fromInvoice, 1},
	{"time entries, looked at again", "hillava", hillava.OpTimeEntries, fromApproval, 1},
}

// sharedCalls serve many notices at once.
var sharedCalls = []outbound{
	{name: "customers", system: "hillava", op: hillava.OpCustomers},
	{name: "task types", system: "hillava", op: hillava.OpTaskTypes},
	{name: "process", system: "hillava", op: hillava.OpProcess},
	{name: "changed tasks", system: "hillava", op: hillava.OpChangedTasks},
	{name: "list notices", system: "tampuuri", op: tampuuri.OpList},
	{name: "open notices", system: "tampuuri", op: tampuuri.OpHae},
}

// restartCalls are the shared calls at which the Temporal server is restarted, beside those of a life.
var restartCalls = []outbound{
	{"customers", "hillava", hillava.OpCustomers, fromStart, 1},
	{"task types", "hillava", hillava.OpTaskTypes, fromStart, 1},
	{"changed tasks", "hillava", hillava.OpChangedTasks, fromStart, 1},
	{"list notices", "tampuuri", tampuuri.OpList, fromStart, 1},
	{"open notices", "tampuuri", tampuuri.OpHae, fromStart, 1},
}

// signalCalls are the receiver's two.
var signalCalls = []temporalCall{
	{"signal tyo-valmis", "serve", "SignalWorkflowExecution", fromStart, 1, "tyo-valmis", (*cell).livePlainly},
	{"signal laskutettu", "serve", "SignalWorkflowExecution", fromStart, 1, "laskutettu", (*cell).livePlainly},
}

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

// roundCalls are the worker's calls to Temporal that are about no single notice, and that it makes again and again: those
// of its start, of a customer's rounds and of the scheduled ones. A task's token holds the id of its workflow, and that of
// a schedule's run begins with the schedule's.
var roundCalls = []temporalCall{
	{name: "look at a schedule", method: "DescribeSchedule", words: "reconcile"},
	{name: "trigger the first sync", method: "PatchSchedule", words: "sync-customers"},
	{name: "list the open notices", method: "ListWorkflowExecutions", words: "Running"},
	{name: "workflow task of a customer", method: "RespondWorkflowTaskCompleted", words: "customer-esimerkki"},
	{name: "a customer's round without news", method: "RespondActivityTaskFailed", words: "customer-esimerkki"},
	{name: "a customer's round with news", method: "RespondActivityTaskCompleted", words: "customer-"},
	{name: "heartbeat of a customer's round", method: "RecordActivityTaskHeartbeat", words: "customer-" + slowCustomer},
	{name: "complete SyncCustomers", method: "RespondActivityTaskCompleted", words: "sync-customers"},
	{name: "complete Reconcile", method: "RespondActivityTaskCompleted", words: "reconcile"},
}

// firstCalls are the calls that a worker makes in a namespace that has had none: it prepares it.
var firstCalls = []temporalCall{
	{name: "register search attributes", method: "AddSearchAttributes"},
	{name: "make schedule sync-customers", method: "CreateSchedule", words: "sync-customers"},
	{name: "make schedule reconcile", method: "CreateSchedule", words: "reconcile"},
}

// refusal is one call whose connection is refused: the port closes behind the call that comes just before it, or, when
// the life makes none just before, at a moment of the life.
type refusal struct {
	name, system string
	words        string // how the call is named in errors
	from         moment
	behind       string // op of the call before; "" for none
	after        int    // the how manieth of that op since the moment
}

// refusedCalls are all calls of a fuller life whose time entries are approved from the start.
var refusedCalls = []refusal{
	{"read before create", "tampuuri", "read notice", fromNotice, tampuuri.OpList, 1},
	{"find task", "hillava", "find tasks", fromStart, tampuuri.OpRead, 1},
	{"kohde", "tampuuri", "read property", fromStart, hillava.OpFindTask, 1},
	{"create task", "hillava", "create task", fromStart, tampuuri.OpKohde, 1},
	{"read task behind the 409", "hillava", "read task", fromExisting, hillava.OpCreateTask, 1},
	{"look before Vastaanotettu", "tampuuri", "read notice", fromExisting, hillava.OpReadTask, 1},
	{"set Vastaanotettu", "tampuuri", "set state", fromConflict, tampuuri.OpRead, 1},
	{"look before Tehty", "tampuuri", "read notice", fromWork, "", 0},
	{"set Tehty", "tampuuri", "set state", fromWork, tampuuri.OpRead, 1},
	{"read the edited notice", "tampuuri", "read notice", fromEdit, tampuuri.OpList, 1},
	{"read task: begun?", "hillava", "read task", fromEdit, tampuuri.OpRead, 1},
	{"time entries: begun?", "hillava", "read time entries", fromEdit, hillava.OpReadTask, 1},
	{"add note", "hillava", "add note", fromEdit, hillava.OpTimeEntries, 1},
	{"time entries to plan", "hillava", "read time entries", fromInvoice, "", 0},
	{"look before toimenpiteet", "tampuuri", "read notice", fromInvoice, hillava.OpTimeEntries, 1},
	{"time entries to send", "hillava", "read time entries", fromInvoice, tampuuri.OpRead, 1},
	{"add first toimenpide", "tampuuri", "add toimenpide", fromInvoice, hillava.OpTimeEntries, 2},
	{"add second toimenpide", "tampuuri", "add toimenpide", fromInvoice, tampuuri.OpToimenpide, 1},
	{"set Valmis", "tampuuri", "set state", fromInvoice, tampuuri.OpToimenpide, 2},
}

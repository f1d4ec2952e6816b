package workflows

import (
	"net/url"
	"strconv"
	"strings"

	"tampuuri-hillava/internal/runs"

	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// Options are what the workflows are made from. Nothing of it takes part in what a replay compares, so all of it may
// change between deployments.
type Options struct {
	Timing runs.Timing // the time-outs that they give their activities follow from it
	Links  Links       // that they show
	// Marks gives what a customer's rounds without news know, for its query; they leave nothing in its history. Nil: nothing.
	Marks func(tunniste string) (runs.Marks, bool)
}

// Workflows are the workflow functions with their options.
type Workflows struct {
	timing runs.Timing
	links  Links
	marks  func(tunniste string) (runs.Marks, bool)
}

// Links are templates of addresses for people, with {id} for the record's id; empty ones show the id alone.
type Links struct{ Task, Notice string }

func (l Links) task(id string) string { return link(l.Task, id) }

func (l Links) notice(id int64) string { return link(l.Notice, strconv.FormatInt(id, 10)) }

func link(template, id string) string {
	if template == "" {
		return id
	}
	return "[" + id + "](" + strings.ReplaceAll(template, "{id}", url.PathEscape(id)) + ")"
}

// RegisterWorkflows puts every workflow on a worker, or on a replayer of recorded histories, under its written-out name.
func RegisterWorkflows(r worker.WorkflowRegistry, o Options) {
	w := &Workflows{timing: o.Timing, links: o.Links, marks: o.Marks}
	for name, implementation := range map[string]any{
		runs.TypeNotice:        w.Notice,
		runs.TypeCustomer:      w.Customer,
		runs.TypeSyncCustomers: w.SyncCustomers,
		runs.TypeReconcile:     w.Reconcile,
		runs.TypeNotify:        w.Notify,
	} {
		r.RegisterWorkflowWithOptions(implementation, workflow.RegisterOptions{Name: name})
	}
}

// Register puts every workflow and activity on the worker under its written-out name.
func Register(r worker.Registry, o Options, a Activities) {
	RegisterWorkflows(r, o)
	createTask.register(r, a.CreateTask)
	setState.register(r, a.SetState)
	planToimenpiteet.register(r, a.PlanToimenpiteet)
	reportInvoiced.register(r, a.ReportInvoiced)
	followNotice.register(r, a.FollowNotice)
	remindUnapproved.register(r, a.RemindUnapproved)
	remindUninvoiced.register(r, a.RemindUninvoiced)
	noteOnParent.register(r, a.NoteOnParent)
	lookAtDismissed.register(r, a.LookAtDismissed)
	customerRound.register(r, a.CustomerRound)
	importNotice.register(r, a.ImportNotice)
	syncCustomers.register(r, a.SyncCustomers)
	reconcileEvents.register(r, a.ReconcileEvents)
	notifyRound.register(r, a.NotifyRound)
}

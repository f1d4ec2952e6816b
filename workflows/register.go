package workflows

import (
	"net/url"
	"strconv"
	"strings"

	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// Workflows are the workflow functions with the time-outs that they give their activities and the links that they
// show. Neither takes part in what a replay compares, so both may change between deployments.
type Workflows struct {
	timing Timing
	links  Links
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
func RegisterWorkflows(r worker.WorkflowRegistry, timing Timing, links Links) {
	w := &Workflows{timing: timing, links: links}
	for name, implementation := range map[string]any{
		TypeNotice:        w.Notice,
		TypePollCustomer:  w.PollCustomer,
		TypeSyncCustomers: w.SyncCustomers,
		TypeReconcile:     w.Reconcile,
	} {
		r.RegisterWorkflowWithOptions(implementation, workflow.RegisterOptions{Name: name})
	}
}

// Register puts every workflow and activity on the worker under its written-out name.
func Register(r worker.Registry, timing Timing, links Links, a Activities) {
	RegisterWorkflows(r, timing, links)
	createTask.register(r, a.CreateTask)
	setState.register(r, a.SetState)
	planToimenpiteet.register(r, a.PlanToimenpiteet)
	reportInvoiced.register(r, a.ReportInvoiced)
	followNotice.register(r, a.FollowNotice)
	remindUnapproved.register(r, a.RemindUnapproved)
	pollNotices.register(r, a.PollNotices)
	syncCustomers.register(r, a.SyncCustomers)
	reconcileHillava.register(r, a.ReconcileHillava)
	reconcileTampuuri.register(r, a.ReconcileTampuuri)
}

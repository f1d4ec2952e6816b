package runs

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
)

// UpdateRef is one update as sender and receiver see it: its name with the types of its input and its answer.
type UpdateRef[In, Out any] struct{ name string }

// Name is the update's name in histories and in the Web UI.
func (u UpdateRef[In, Out]) Name() string { return u.name }

// None is the input of an update that takes none.
type None struct{}

// The updates of Customer.
var (
	PollNow = UpdateRef[None, PollCounts]{"poll-now"}
	Pause   = UpdateRef[PauseInput, CustomerStatus]{"pause"}
	Resume  = UpdateRef[ResumeInput, CustomerStatus]{"resume"}
	Import  = UpdateRef[ImportRequest, Imported]{"import"}
)

// PauseInput is the input of pause.
type PauseInput struct {
	By     string `json:"by"`
	Reason string `json:"reason"`
}

// ResumeInput is the input of resume.
type ResumeInput struct {
	By string `json:"by"`
}

// ImportRequest is the input of import.
type ImportRequest struct {
	NoticeID int64 `json:"noticeId"`
}

// Imported is the answer of import.
type Imported struct {
	ExternalID string `json:"externalId"`
}

// NotImported is the type of the error with which an import is refused by a rule of ours.
const NotImported = "not-imported"

// Refusal is an update that was not carried out.
type Refusal struct {
	Reason string // in words, with what to do
	Word   string // why a step of it failed, one of the sets in reasons.go; empty when a rule of ours refused it
}

func (r *Refusal) Error() string { return r.Reason }

// send carries the update out and gives its answer; ErrNone when the customer has no running workflow, a *Refusal when
// the workflow says no.
func (u UpdateRef[In, Out]) send(ctx context.Context, c *Client, tunniste string, in In) (answer Out, err error) {
	workflowID := customerWorkflowID(tunniste)
	handle, err := c.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: workflowID, UpdateName: u.name, Args: []any{in}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(ctx, &answer)
	}
	if refusal := refusalIn(err); refusal != nil {
		return answer, refusal
	}
	if cut := new(client.WorkflowUpdateServiceTimeoutOrCanceledError); err != nil && (ctx.Err() != nil || errors.As(err, &cut)) { // the server may see the end first
		return answer, fmt.Errorf("wait for %s to answer %s: %w; is a worker running? starter doctor tells", workflowID, u.name, cmp.Or(context.Cause(ctx), context.DeadlineExceeded))
	}
	return answer, wrap(u.name, workflowID, err)
}

// refusalIn reads with what a workflow, or a step of it, answered no; nil when the error is another.
func refusalIn(err error) *Refusal {
	ofStep := errors.As(err, new(*temporal.ActivityError))
	var said *temporal.ApplicationError
	switch {
	case errors.As(err, &said) && ofStep && said.Type() != NotImported:
		return &Refusal{Reason: said.Message(), Word: said.Type()}
	case said != nil:
		return &Refusal{Reason: said.Message()}
	case errors.As(err, new(*temporal.TimeoutError)):
		return &Refusal{Reason: "it took longer than it may; try again", Word: FaultTimeout}
	default:
		return nil
	}
}

// PollNow polls a customer and returns once that round is done.
func (c *Client) PollNow(ctx context.Context, tunniste string) (PollCounts, error) {
	return PollNow.send(ctx, c, tunniste, None{})
}

// Pause stops a customer's polling until somebody resumes it.
func (c *Client) Pause(ctx context.Context, tunniste string, in PauseInput) (CustomerStatus, error) {
	return Pause.send(ctx, c, tunniste, in)
}

// Resume ends a person's pause.
func (c *Client) Resume(ctx context.Context, tunniste string, in ResumeInput) (CustomerStatus, error) {
	return Resume.send(ctx, c, tunniste, in)
}

// Import starts one notice by a person's wish.
func (c *Client) Import(ctx context.Context, tunniste string, noticeID int64) (Imported, error) {
	return Import.send(ctx, c, tunniste, ImportRequest{NoticeID: noticeID})
}

// CustomerStatus asks a customer's workflow, which needs a worker; ErrNone when it has none.
func (c *Client) CustomerStatus(ctx context.Context, tunniste string) (status CustomerStatus, err error) {
	return status, c.query(ctx, customerWorkflowID(tunniste), &status)
}

// StartCustomer starts the workflow of a customer; ErrAlreadyStarted when it runs.
func (c *Client) StartCustomer(ctx context.Context, in CustomerInput) error {
	return c.start(ctx, client.StartWorkflowOptions{
		ID:                    customerWorkflowID(in.Tunniste),
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		TypedSearchAttributes: temporal.NewSearchAttributes(AttributeCustomer.ValueSet(in.Tunniste)),
		StaticSummary:         "Tampuuri of customer " + in.Tunniste,
		StaticDetails:         "Polls this customer's Tampuuri and compares its open notices. Updates: poll-now, pause, resume, import.",
	}, TypeCustomer, in)
}

// TellServed tells a customer's workflow what a sync has found; cause tells one sync's finding from another's.
func (c *Client) TellServed(ctx context.Context, tunniste, cause string, served Served) error {
	workflowID := customerWorkflowID(tunniste)
	return wrap("signal", workflowID, ServedSignal.send(ctx, c.temporal, workflowID, cause, served))
}

// TellEntriesChanged tells a customer's workflow to compare a task with what was sent of it. A customer without one is
// served no more: nobody is left to tell.
func (c *Client) TellEntriesChanged(ctx context.Context, tunniste string, task SentTask) error {
	workflowID := customerWorkflowID(tunniste)
	err := EntriesChanged.send(ctx, c.temporal, workflowID, task.TaskID+" "+task.Modified, task)
	if isNotFound(err) {
		return nil
	}
	return wrap("signal", workflowID, err)
}

// Customers gives the running workflow of each customer. The index lags by a second or so.
func (c *Client) Customers(ctx context.Context) ([]string, error) {
	var tunnisteet []string
	err := c.pages(ctx, "WorkflowType = "+quoted(TypeCustomer)+" AND ExecutionStatus = 'Running'", func(info *workflowpb.WorkflowExecutionInfo) {
		if tunniste, ok := tunnisteOf(info.GetExecution().GetWorkflowId()); ok {
			tunnisteet = append(tunnisteet, tunniste)
		}
	})
	return tunnisteet, err
}

// CustomerRun is a customer's running workflow.
type CustomerRun = Ongoing[Marks]

// NotifyRun is the running workflow that tells people.
type NotifyRun = Ongoing[NotifyMarks]

// Ongoing is a running workflow whose one activity does rounds as its attempts, as Temporal describes it.
type Ongoing[M any] struct {
	Marks  *M           // of the last round; nil before the first, and while one with news is being taken in
	Trying *PendingStep // the round under way or the next one; nil in between
}

// CustomerRun describes a customer's workflow without asking a worker; nil when it does not run.
func (c *Client) CustomerRun(ctx context.Context, tunniste string) (*CustomerRun, error) {
	return ongoing[Marks](ctx, c, customerWorkflowID(tunniste), ActivityCustomerRound)
}

// NotifyRun describes Notify without asking a worker; nil when it does not run.
func (c *Client) NotifyRun(ctx context.Context) (*NotifyRun, error) {
	return ongoing[NotifyMarks](ctx, c, NotifyWorkflowID, ActivityNotifyRound)
}

func ongoing[M any](ctx context.Context, c *Client, workflowID, activity string) (*Ongoing[M], error) {
	found, err := c.temporal.DescribeWorkflowExecution(ctx, workflowID, "")
	if isNotFound(err) || err == nil && found.GetWorkflowExecutionInfo().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return nil, nil
	}
	if err != nil {
		return nil, wrap("look at", workflowID, err)
	}
	run := &Ongoing[M]{}
	for _, pending := range found.GetPendingActivities() {
		if pending.GetActivityType().GetName() != activity {
			continue
		}
		step := readPending(pending)
		run.Trying = &step
		var left M
		if details := pending.GetHeartbeatDetails(); details != nil &&
			converter.GetDefaultDataConverter().FromPayloads(details, &left) == nil {
			run.Marks = &left
		}
	}
	return run, nil
}

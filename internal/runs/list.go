package runs

import (
	"context"
	"fmt"
	"strings"
	"time"

	failurepb "go.temporal.io/api/failure/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Filter says which notices to list; its zero value, all that Temporal keeps.
type Filter struct {
	Customers []string // any of these
	NotOf     []string // none of these customers
	NoticeID  int64
	TaskID    string
	Phase     Phase
	Reason    string // AttentionReason
	Open      bool   // running ones only
	Stopped   bool   // only those that ended otherwise than by themselves: terminated, failed, timed out
	Continued bool   // only runs that another run of the same life followed
	Started   Span   // when the run began
	Closed    Span   // when it ended
}

// Span is from a moment up to, but without, another; the zero value is all of time.
type Span struct{ From, To time.Time }

const pageSize = 1000

// query is the filter in Temporal's list language.
func (f Filter) query() string {
	conditions := []string{"WorkflowType = " + quoted(TypeNotice)}
	equal := func(attribute, value string) {
		if value != "" {
			conditions = append(conditions, attribute+" = "+quoted(value))
		}
	}
	if len(f.Customers) > 0 {
		conditions = append(conditions, AttributeCustomer.GetName()+" IN "+anyOf(f.Customers))
	}
	if len(f.NotOf) > 0 {
		conditions = append(conditions, AttributeCustomer.GetName()+" NOT IN "+anyOf(f.NotOf))
	}
	if f.NoticeID != 0 {
		equal(AttributeNotice.GetName(), fmt.Sprint(f.NoticeID))
	}
	equal(AttributeTask.GetName(), f.TaskID)
	equal(AttributePhase.GetName(), string(f.Phase))
	equal(AttributeAttentionReason.GetName(), f.Reason)
	if f.Open {
		conditions = append(conditions, "ExecutionStatus = 'Running'")
	}
	if f.Stopped {
		conditions = append(conditions, "ExecutionStatus IN ('Terminated', 'Failed', 'TimedOut')")
	}
	if f.Continued {
		conditions = append(conditions, "ExecutionStatus = 'ContinuedAsNew'")
	}
	within := func(attribute string, span Span) {
		if span != (Span{}) {
			conditions = append(conditions, fmt.Sprintf("%[1]s >= '%[2]s' AND %[1]s < '%[3]s'", attribute, span.From.UTC().Format(time.RFC3339Nano), span.To.UTC().Format(time.RFC3339Nano)))
		}
	}
	within("StartTime", f.Started)
	within("CloseTime", f.Closed)
	return strings.Join(conditions, " AND ")
}

func anyOf(values []string) string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = quoted(value)
	}
	return "(" + strings.Join(texts, ", ") + ")"
}

// quoted writes a value into a query. A quote or backslash in it would end the string, and no id of ours has one.
func quoted(value string) string {
	return "'" + strings.NewReplacer("'", "", `\`, "").Replace(value) + "'"
}

// Notices gives the newest run of each notice that fits, newest first. The index lags by a second or so: where that
// matters, Life tells.
func (c *Client) Notices(ctx context.Context, filter Filter) ([]*Life, error) {
	seen := map[string]bool{}
	var lives []*Life
	err := c.list(ctx, filter.query(), func(life *Life) { // newest first, so an older run of the same notice comes later
		if !seen[life.WorkflowID] {
			seen[life.WorkflowID] = true
			lives = append(lives, life)
		}
	})
	return lives, err
}

// Runs gives every run that fits, newest first, also those that others have followed.
func (c *Client) Runs(ctx context.Context, filter Filter) (lives []*Life, err error) {
	err = c.list(ctx, filter.query(), func(life *Life) { lives = append(lives, life) })
	return lives, err
}

// list gives every run that the query finds, newest first.
func (c *Client) list(ctx context.Context, query string, each func(*Life)) error {
	return c.pages(ctx, query, func(info *workflowpb.WorkflowExecutionInfo) { each(readLife(info)) })
}

func (c *Client) pages(ctx context.Context, query string, each func(*workflowpb.WorkflowExecutionInfo)) error {
	request := &workflowservice.ListWorkflowExecutionsRequest{Query: query, PageSize: pageSize}
	for {
		page, err := c.temporal.ListWorkflow(ctx, request)
		if err != nil {
			return fmt.Errorf("list the runs with %s (starter doctor checks the search attributes): %w", query, err)
		}
		for _, info := range page.GetExecutions() {
			each(info)
		}
		if request.NextPageToken = page.GetNextPageToken(); len(request.NextPageToken) == 0 {
			return nil
		}
	}
}

// OpenByPhase counts the open notices of each phase. Temporal groups by no attribute of ours, so each phase is a question.
func (c *Client) OpenByPhase(ctx context.Context) (map[Phase]int64, error) {
	counts := map[Phase]int64{}
	for _, phase := range []Phase{PhaseImporting, PhaseWorking, PhaseDone, PhaseAttention, PhaseWithdrawn} {
		count, err := c.count(ctx, Filter{Phase: phase, Open: true})
		if err != nil {
			return nil, err
		}
		counts[phase] = count
	}
	return counts, nil
}

// OpenOfOthers counts the open notices by Tunniste, of all customers but these.
func (c *Client) OpenOfOthers(ctx context.Context, served []string) (map[string]int64, error) {
	counts := map[string]int64{}
	lives, err := c.Notices(ctx, Filter{NotOf: served, Open: true})
	for _, life := range lives {
		counts[life.Ref.Customer]++
	}
	return counts, err
}

func (c *Client) count(ctx context.Context, filter Filter) (int64, error) {
	counted, err := c.temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: filter.query()})
	if err != nil {
		return 0, fmt.Errorf("count the notices with %s: %w", filter.query(), err)
	}
	return counted.GetCount(), nil
}

// OpenOf counts the open notices of a customer.
func (c *Client) OpenOf(ctx context.Context, tunniste string) (int64, error) {
	return c.count(ctx, Filter{Customers: []string{tunniste}, Open: true})
}

// Importing counts the open notices of a customer whose task is being made.
func (c *Client) Importing(ctx context.Context, tunniste string) (int64, error) {
	return c.count(ctx, Filter{Customers: []string{tunniste}, Phase: PhaseImporting, Open: true})
}

// Description is a life with what it is trying now.
type Description struct {
	*Life
	Pending []PendingStep
}

// PendingStep is a step that is under way or waits for its next attempt; its JSON is the starter's.
type PendingStep struct {
	ID          string     `json:"-"` // of the activity
	Activity    string     `json:"activity"`
	Attempt     int32      `json:"attempt"`
	LastFailure string     `json:"lastFailure"` // its type and text; neither holds personal data
	NextRetry   *time.Time `json:"nextRetry"`   // nil while an attempt is under way
	LastEnded   *time.Time `json:"-"`           // when the last attempt ended; nil before the second
	Paused      bool       `json:"-"`           // by a person, in the Web UI
}

// Describe gives the newest run of a workflow with its pending steps; ErrNone when there is none.
func (c *Client) Describe(ctx context.Context, workflowID string) (*Description, error) {
	found, err := c.temporal.DescribeWorkflowExecution(ctx, workflowID, "")
	if err != nil {
		return nil, wrap("look at", workflowID, err)
	}
	description := &Description{Life: readLife(found.GetWorkflowExecutionInfo())}
	description.Writing = found.GetPendingWorkflowTask() != nil
	for _, pending := range found.GetPendingActivities() {
		step := readPending(pending)
		description.Pending = append(description.Pending, step)
		description.Writing = description.Writing || step.Activity == ActivitySetState || step.Activity == ActivityReportInvoiced
	}
	return description, nil
}

func readPending(pending *workflowpb.PendingActivityInfo) PendingStep {
	step := PendingStep{
		ID: pending.GetActivityId(), Activity: pending.GetActivityType().GetName(), Attempt: pending.GetAttempt(), Paused: pending.GetPaused(),
		NextRetry: timeOrNil(pending.GetNextAttemptScheduleTime()), LastEnded: timeOrNil(pending.GetLastAttemptCompleteTime()),
	}
	if failure := pending.GetLastFailure(); failure != nil {
		step.LastFailure = strings.TrimPrefix(failureType(failure)+": "+failure.GetMessage(), ": ")
	}
	return step
}

// failureType is our own word for a failure, or the kind of a time-out.
func failureType(failure *failurepb.Failure) string {
	if timeout := failure.GetTimeoutFailureInfo(); timeout != nil {
		return "timeout " + timeout.GetTimeoutType().String()
	}
	return failure.GetApplicationFailureInfo().GetType()
}

func timeOrNil(at *timestamppb.Timestamp) *time.Time {
	if at == nil || at.AsTime().IsZero() {
		return nil
	}
	utc := at.AsTime()
	return &utc
}

const queryTimeout = 8 * time.Second

// Status asks a notice's workflow itself, open or closed, which needs a worker.
func (c *Client) Status(ctx context.Context, workflowID string) (status Status, err error) {
	return status, c.query(ctx, workflowID, &status)
}

func (c *Client) query(ctx context.Context, workflowID string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	answer, err := c.temporal.QueryWorkflow(ctx, workflowID, "", QueryStatus)
	if err != nil {
		return wrap("query", workflowID, err)
	}
	if err := answer.Get(into); err != nil {
		return fmt.Errorf("read the status of %s: %w", workflowID, err)
	}
	return nil
}

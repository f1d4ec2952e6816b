package runs

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/notice"
)

// NoticeStart is one notice to be imported.
type NoticeStart struct {
	Ref        NoticeRef
	PropertyID int64
	Snapshot   Snapshot
	Imported   time.Time // when it was first imported; zero: not known
	Link       string    // the notice's page in Tampuuri, for people; may be empty
	// Restart says that a closed run with this id is no reason not to; HandledEvents are then the events that its task has
	// now, and Entries the time entries that were sent.
	Restart       bool
	HandledEvents []string
	Entries       []notice.Planned
}

// ErrAlreadyStarted says that the workflow is there already; nothing was started.
var ErrAlreadyStarted = errors.New("it has a workflow already")

// StartNotice starts the workflow of a notice. It refuses an id that is running, and one that is closed unless Restart;
// without the conflict policy and the error option a refused start would look like a good one. The memo carries whose
// notice it is, so that another notice with the same external id is never taken for this one.
func (c *Client) StartNotice(ctx context.Context, start NoticeStart) error {
	reuse := enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE
	if start.Restart {
		reuse = enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE
	}
	attributes := []temporal.SearchAttributeUpdate{
		AttributeCustomer.ValueSet(start.Ref.Customer),
		AttributeNotice.ValueSet(fmt.Sprint(start.Ref.NoticeID)),
		AttributePhase.ValueSet(string(PhaseImporting)),
	}
	if start.PropertyID != 0 {
		attributes = append(attributes, AttributeProperty.ValueSet(fmt.Sprint(start.PropertyID)))
	}
	memo := map[string]any{memoRef: start.Ref, memoSnapshot: start.Snapshot}
	if !start.Imported.IsZero() {
		memo[memoImported] = start.Imported.UTC().Format(time.RFC3339)
	}
	return c.start(ctx, client.StartWorkflowOptions{
		ID:                    NoticeWorkflowID(start.Ref.ExternalID),
		WorkflowIDReusePolicy: reuse,
		TypedSearchAttributes: temporal.NewSearchAttributes(attributes...),
		Memo:                  memo,
		StaticSummary:         fmt.Sprintf("%d · %s", start.Ref.NoticeID, start.Ref.Customer),
		StaticDetails:         start.Link,
	}, TypeNotice, NoticeInput{NoticeRef: start.Ref, HandledEvents: start.HandledEvents, Entries: start.Entries})
}

// start refuses an id that is running, with ErrAlreadyStarted.
func (c *Client) start(ctx context.Context, options client.StartWorkflowOptions, workflowType string, input any) error {
	options.TaskQueue = TaskQueue
	options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL
	options.WorkflowExecutionErrorWhenAlreadyStarted = true
	_, err := c.temporal.ExecuteWorkflow(ctx, options, workflowType, input)
	if errors.As(err, new(*serviceerror.WorkflowExecutionAlreadyStarted)) {
		return ErrAlreadyStarted
	}
	return wrap("start", options.ID, err)
}

// NoticeLink fills a template like https://…/{id} with a notice's id; without a template there is no link.
func NoticeLink(template string, id int64) string {
	if template == "" {
		return ""
	}
	address := strings.ReplaceAll(template, "{id}", url.PathEscape(fmt.Sprint(id)))
	return fmt.Sprintf("[Notice %d in Tampuuri](%s)", id, address)
}

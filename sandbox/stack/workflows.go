package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"

	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/web"
)

// noticePrefix begins the workflow id of every notice (api/webhook.yaml).
const noticePrefix = "notice-"

// Workflow is how a notice's workflow stands.
type Workflow struct {
	WorkflowID    string `json:"workflowId"`
	Status        string `json:"status"` // as Temporal names it: Running, Completed, …
	Phase         string `json:"phase"`  // search attribute NoticePhase
	HistoryEvents int64  `json:"historyEvents"`
}

// Snapshot is what each system holds, in the shape of `--json`.
type Snapshot struct {
	Tampuuri struct {
		Notices []map[string]any `json:"notices"`
	} `json:"tampuuri"`
	Hillava struct {
		Tasks []hillava.TaskDump `json:"tasks"`
	} `json:"hillava"`
	Temporal struct {
		Workflows []Workflow `json:"workflows"`
	} `json:"temporal"`
	Seconds float64 `json:"seconds"`
}

// Client connects to Temporal; the caller closes it.
func (s *Stack) Client(ctx context.Context) (client.Client, error) { return s.Temporal.Client(ctx) }

// WorkflowID is that of the notice with that number.
func (s *Stack) WorkflowID(tunniste string, noticeID int64) (string, error) {
	notice, err := s.Notice(tunniste, noticeID)
	if err != nil {
		return "", err
	}
	return noticePrefix + web.ExternalID(tunniste, notice), nil
}

// Snapshot reads both stand-ins, and Temporal about every notice that Tampuuri has and every workflow it lists.
func (s *Stack) Snapshot(ctx context.Context) (Snapshot, error) {
	var snapshot Snapshot
	snapshot.Tampuuri.Notices = s.Tampuuri.Notices()
	snapshot.Hillava.Tasks = s.Hillava.Tasks()
	workflows, err := s.Workflows(ctx)
	snapshot.Temporal.Workflows = workflows
	return snapshot, err
}

// Workflows tells how the workflow of each notice stands, in the order of Tampuuri's notices. It asks for them by id,
// which is never behind as the visibility list can be. Notices without a workflow are left out.
func (s *Stack) Workflows(ctx context.Context) ([]Workflow, error) {
	connected, err := s.Client(ctx)
	if err != nil {
		return nil, err
	}
	defer connected.Close()
	workflows := []Workflow{}
	for _, notice := range s.Tampuuri.Notices() {
		tunniste, _ := notice["_customer"].(string)
		found, err := Describe(ctx, connected, noticePrefix+web.ExternalID(tunniste, notice))
		if errors.As(err, new(*serviceerror.NotFound)) {
			continue
		}
		if err != nil {
			return workflows, err
		}
		workflows = append(workflows, found)
	}
	return workflows, nil
}

// Describe asks for the latest run of a workflow. The error wraps *serviceerror.NotFound when there is none.
func Describe(ctx context.Context, c client.Client, workflowID string) (Workflow, error) {
	answer, err := c.DescribeWorkflowExecution(ctx, workflowID, "")
	if err != nil {
		return Workflow{}, fmt.Errorf("describe workflow %s: %w", workflowID, err)
	}
	info := answer.GetWorkflowExecutionInfo()
	found := Workflow{WorkflowID: workflowID, Status: info.GetStatus().String(), HistoryEvents: info.GetHistoryLength()}
	found.Phase = keyword(info.GetSearchAttributes().GetIndexedFields()["NoticePhase"])
	return found, nil
}

// keyword reads a Keyword search attribute; "" when it is not set.
func keyword(payload *commonpb.Payload) string {
	var text string
	if payload == nil || converter.GetDefaultDataConverter().FromPayload(payload, &text) != nil {
		return ""
	}
	return text
}

// ExportHistory writes the whole history of the latest run as JSON, as the Web UI and temporal workflow show -o json
// do, so that a replay test can read it.
func ExportHistory(ctx context.Context, c client.Client, workflowID string, to io.Writer) error {
	history := &historypb.History{}
	events := c.GetWorkflowHistory(ctx, workflowID, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return fmt.Errorf("read the history of %s: %w", workflowID, err)
		}
		history.Events = append(history.Events, event)
	}
	text, err := protojson.MarshalOptions{Indent: "  "}.Marshal(history)
	if err != nil {
		return fmt.Errorf("write the history of %s: %w", workflowID, err)
	}
	if _, err := io.Copy(to, strings.NewReader(string(text)+"\n")); err != nil {
		return fmt.Errorf("write the history of %s: %w", workflowID, err)
	}
	return nil
}

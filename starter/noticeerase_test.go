package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
)

// runsFake deletes a run so many looks after it was asked to.
type runsFake struct {
	all     []*workflowpb.WorkflowExecutionInfo // newest first
	listed  int                                 // of them, how many the list shows
	after   int
	removed []string
	failure error
}

func (f *runsFake) of(context.Context, string) ([]*workflowpb.WorkflowExecutionInfo, error) {
	if len(f.removed) > 0 {
		if f.after--; f.after < 0 {
			f.all = nil
		}
	}
	shown := f.all[max(0, len(f.all)-f.listed):]
	return append([]*workflowpb.WorkflowExecutionInfo(nil), shown...), nil
}

func (f *runsFake) newest(context.Context, string) (*workflowpb.WorkflowExecutionInfo, error) {
	if len(f.all) == 0 {
		return nil, errNoNotice
	}
	return f.all[0], nil
}

func (f *runsFake) remove(_ context.Context, _, runID string) error {
	f.removed = append(f.removed, runID)
	return f.failure
}

func aRun(id string, status enumspb.WorkflowExecutionStatus) *workflowpb.WorkflowExecutionInfo {
	return &workflowpb.WorkflowExecutionInfo{Execution: &commonpb.WorkflowExecution{WorkflowId: "notice-x", RunId: id}, Status: status}
}

func TestEveryRunOfANoticeIsErased(t *testing.T) {
	closed := enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	fake := &runsFake{after: 2, listed: 2, all: []*workflowpb.WorkflowExecutionInfo{aRun("new, not listed yet", closed), aRun("b", closed), aRun("a", closed)}}
	erased, err := erase(t.Context(), fake, "notice-x")
	require.NoError(t, err)
	require.Len(t, erased, 3)
	require.ElementsMatch(t, []string{"a", "b", "new, not listed yet"}, fake.removed, "each is asked for once")
}

func TestAnOpenNoticeIsNotErased(t *testing.T) {
	fake := &runsFake{listed: 1, all: []*workflowpb.WorkflowExecutionInfo{
		aRun("b", enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING), aRun("a", enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED),
	}}
	_, err := erase(t.Context(), fake, "notice-x")
	require.ErrorContains(t, err, "dismiss")
	require.Empty(t, fake.removed, "not its older runs either")
}

func TestAnErasureThatIsNotDoneIsNotToldAsDone(t *testing.T) {
	closed := enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := erase(ctx, &runsFake{after: 1 << 30, listed: 1, all: []*workflowpb.WorkflowExecutionInfo{aRun("a", closed)}}, "notice-x")
	require.ErrorIs(t, err, context.DeadlineExceeded)

	broken := errors.New("broken")
	_, err = erase(t.Context(), &runsFake{failure: broken, listed: 1, all: []*workflowpb.WorkflowExecutionInfo{aRun("a", closed)}}, "notice-x")
	require.ErrorIs(t, err, broken)

	_, err = erase(t.Context(), &runsFake{}, "notice-x")
	require.ErrorIs(t, err, errNoNotice)
}

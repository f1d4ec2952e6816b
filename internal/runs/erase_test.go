package runs

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"

	commonpb "go.temporal.io/api/common/v1"
)

// ended are runs of one notice that ended as invoiced; running makes the newest run.
func ended(t *testing.T, running bool, runIDs ...string) []*workflowpb.WorkflowExecutionInfo {
	var runs []*workflowpb.WorkflowExecutionInfo
	for i, id := range runIDs {
		run := aRun("notice-abc", id, completed)
		run.Memo = memo(t, memoRef, NoticeRef{Customer: "esimerkki", NoticeID: 48213, ExternalID: "ABC"}, memoSnapshot, Snapshot{Standing: StandingOpen})
		run.SearchAttributes = &commonpb.SearchAttributes{IndexedFields: memo(t, "NoticePhase", PhaseInvoiced).GetFields()}
		if running && i == len(runIDs)-1 {
			run.Status = enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
		}
		runs = append(runs, run)
	}
	return runs
}

func TestEveryRunOfANoticeIsErasedAndAMarkStays(t *testing.T) {
	f := &frontend{hidden: 1, runs: ended(t, false, "a", "b", "new, not listed yet")}
	c := serve(t, f)
	erased, err := c.Erase(t.Context(), "notice-abc")
	require.NoError(t, err)
	require.Len(t, erased, 3)
	require.ElementsMatch(t, []string{"a", "b", "new, not listed yet"}, f.removed, "each is asked for once")

	require.Len(t, f.runs, 1, "the mark")
	mark := f.runs[0]
	require.Equal(t, "erased-abc", mark.GetExecution().GetWorkflowId())
	require.Equal(t, terminated, mark.GetStatus(), "nobody has to run it")
	require.Len(t, mark.GetMemo().GetFields(), 1, "how it ended, and nothing else of it")
	require.Empty(t, mark.GetSearchAttributes().GetIndexedFields())
	require.NotEqual(t, TaskQueue, f.starts[0].GetTaskQueue().GetName(), "no worker serves it")
	phase, found, err := c.Erased(t.Context(), "ABC")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, PhaseInvoiced, phase)
}

func TestOfANoticeThatWasNotErasedThereIsNoMark(t *testing.T) {
	_, found, err := serve(t, &frontend{}).Erased(t.Context(), "ABC")
	require.NoError(t, err)
	require.False(t, found)
}

func TestANoticeIsErasedAgainAfterItWasImportedAgain(t *testing.T) {
	f := &frontend{runs: ended(t, false, "a")}
	c := serve(t, f)
	_, err := c.Erase(t.Context(), "notice-abc")
	require.NoError(t, err)
	f.runs = append(f.runs, ended(t, false, "b")...)
	_, err = c.Erase(t.Context(), "notice-abc")
	require.NoError(t, err)
	_, found, err := c.Erased(t.Context(), "abc")
	require.NoError(t, err)
	require.True(t, found)
}

func TestAnOpenNoticeIsNotErased(t *testing.T) {
	f := &frontend{runs: ended(t, true, "a", "b")}
	_, err := serve(t, f).Erase(t.Context(), "notice-abc")
	require.ErrorIs(t, err, ErrOpen)
	require.Empty(t, f.removed, "not its older runs either")
	require.Empty(t, f.starts, "and no mark of it is left")
}

func TestNothingIsErasedOfWhatIsNotThere(t *testing.T) {
	_, err := serve(t, &frontend{}).Erase(t.Context(), "notice-abc")
	require.ErrorIs(t, err, ErrNone)
}

func TestAnErasureThatIsNotDoneIsNotToldAsDone(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	f := &frontend{runs: ended(t, false, "a"), onRemove: func(string) error { return nil }}
	_, err := serve(t, f).Erase(ctx, "notice-abc")
	require.Error(t, err)

	f = &frontend{runs: ended(t, false, "a", "b"), onRemove: func(string) error { return refusals["denied"] }}
	erased, err := serve(t, f).Erase(t.Context(), "notice-abc")
	require.Error(t, err)
	require.Empty(t, erased)
}

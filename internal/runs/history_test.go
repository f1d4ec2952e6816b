package runs

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

// historian serves recorded histories, by run id, one page for each.
type historian struct {
	frontend
	histories map[string]*historypb.History
	asked     []string
}

func (h *historian) GetWorkflowExecutionHistory(_ context.Context, request *workflowservice.GetWorkflowExecutionHistoryRequest) (*workflowservice.GetWorkflowExecutionHistoryResponse, error) {
	runID := request.GetExecution().GetRunId()
	h.asked = append(h.asked, runID)
	if h.histories[runID] == nil {
		return nil, serviceerror.NewNotFound("workflow not found")
	}
	return &workflowservice.GetWorkflowExecutionHistoryResponse{History: h.histories[runID]}, nil
}

// recorded is a life of which the replay tests have the history.
func recorded(t *testing.T, name string) *historypb.History {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "workflows", "testdata", "replay", name+".json"))
	require.NoError(t, err)
	defer file.Close()
	history, err := client.HistoryFromJSON(file, client.HistoryJSONOptions{})
	require.NoError(t, err)
	return history
}

func TestAHistorySaysHowANoticeWentOn(t *testing.T) {
	h := &historian{histories: map[string]*historypb.History{"run": recorded(t, "create-refused-and-resent")}}
	events, began, err := serve(t, h).History(t.Context(), "notice-a", "run")
	require.NoError(t, err)
	require.True(t, began)
	var story []any
	for _, event := range events {
		require.False(t, event.At.IsZero())
		switch {
		case event.Shown != nil:
			shown := *event.Shown
			if shown.TaskID != "" {
				require.Regexp(t, `^T-\d+$`, shown.TaskID)
				shown.TaskID = "its task"
			}
			story = append(story, shown)
		case event.Tehty:
			story = append(story, "Tehty")
		case event.Did != "":
			story = append(story, event.Did)
		case event.Resent:
			story = append(story, "resent")
		case event.Ended:
			story = append(story, "ended")
		}
	}
	require.Equal(t, []any{
		Shown{Phase: PhaseAttention, Reason: ReasonHillavaRefused}, "resent", Shown{Phase: PhaseImporting}, "CreateTask", Shown{Phase: PhaseWorking, TaskID: "its task"},
		"Tehty", Shown{Phase: PhaseDone}, "PlanToimenpiteet", "ReportInvoiced", Shown{Phase: PhaseInvoiced}, "ended",
	}, story)
}

func TestALifeThatWentOnInAnotherRunIsReadToItsEndAndCountedOnce(t *testing.T) {
	first, second := recorded(t, "continued-as-new-1"), recorded(t, "continued-as-new-2")
	secondID := first.GetEvents()[len(first.GetEvents())-1].GetWorkflowExecutionContinuedAsNewEventAttributes().GetNewExecutionRunId()
	h := &historian{histories: map[string]*historypb.History{"first": first, secondID: second}}
	temporal := serve(t, h)
	events, began, err := temporal.History(t.Context(), "notice-a", "first")
	require.NoError(t, err)
	require.True(t, began)
	require.True(t, events[len(events)-1].Ended)
	require.Equal(t, []string{"first", secondID}, h.asked)

	events, began, err = temporal.History(t.Context(), "notice-a", secondID)
	require.NoError(t, err)
	require.False(t, began, "it began with the other run")
	require.Empty(t, events)

	_, _, err = temporal.History(t.Context(), "notice-a", "forgotten")
	require.ErrorIs(t, err, ErrNone)
}

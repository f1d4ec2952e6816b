package e2e

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"

	"tampuuri-hillava/sandbox/stack"
)

// Temporal offers a notice's next step to the worker that has it in memory first. One that was killed takes nothing, and
// another worker gets the step; how soon, bench measures.
func TestAKilledWorkersNoticeGoesOn(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	n := w.importOne()
	n.waitPhase("Running", "working")
	require.NoError(t, w.Worker.Kill())
	n.press("Työ valmis")
	n.waitSignalled(1)
	require.NoError(t, w.Worker.Restart(w.context()))
	n.waitState("Tehty")

	withdrawn := slices.ContainsFunc(w.history(n.workflowID, n.runID()).GetEvents(), func(event *historypb.HistoryEvent) bool {
		return event.GetWorkflowTaskTimedOutEventAttributes().GetTimeoutType() == enums.TIMEOUT_TYPE_SCHEDULE_TO_START
	})
	require.True(t, withdrawn, "the killed worker was not offered the step")
}

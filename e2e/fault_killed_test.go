package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"

	"tampuuri-hillava/sandbox/stack"
)

// Temporal offers a notice's next step to the worker that has it in memory first. One that was killed takes nothing, and
// another worker gets the step soon: the SDK's own 5 s would be most of what a person waits for.
func TestAKilledWorkersNoticeGoesOnSoon(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	n := w.importOne()
	n.waitPhase("Running", "working")
	require.NoError(t, w.Worker.Kill())
	n.press("Työ valmis")
	n.waitSignalled(1)
	require.NoError(t, w.Worker.Restart(w.context()))
	n.waitState("Tehty")

	var offered, withdrawn time.Time
	for _, event := range w.history(n.workflowID, n.runID()).GetEvents() {
		switch {
		case event.GetWorkflowTaskScheduledEventAttributes() != nil && withdrawn.IsZero():
			offered = event.GetEventTime().AsTime()
		case event.GetWorkflowTaskTimedOutEventAttributes().GetTimeoutType() == enums.TIMEOUT_TYPE_SCHEDULE_TO_START:
			withdrawn = event.GetEventTime().AsTime()
		}
	}
	require.NotZero(t, withdrawn, "the killed worker was not offered the step")
	require.InDelta(t, 2, withdrawn.Sub(offered).Seconds(), 1.5, "2 s, and air for a busy server")
}

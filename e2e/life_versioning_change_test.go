package e2e

import (
	"context"
	"errors"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
)

// taskMade is the place in the source where the worked example of docs/versioning.md puts its step.
const (
	stepsFile = "workflows/notice_steps.go"
	taskMade  = "l.TaskID, l.AcceptState, l.UntoldParent = made.TaskID, made.AcceptState, made.ParentID\n"
)

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// workedExample is the change that docs/versioning.md works out, in the words that stand there.
func workedExample(t *testing.T) []patch {
	t.Helper()
	document, err := os.ReadFile("../docs/versioning.md")
	require.NoError(t, err)
	blocks := goBlock.FindAllStringSubmatch(string(document), -1)
	require.Len(t, blocks, 2, "the predicate, and its use")
	return []patch{
		{file: "workflows/versions.go", new: "package workflows\n\nimport \"go.temporal.io/sdk/workflow\"\n\n" + blocks[0][1]},
		{file: stepsFile, old: taskMade, new: taskMade + blocks[1][1]},
	}
}

// TestTheWorkedExampleTakesOpenNoticesOver changes what a notice's life does, with notices open on a real server: an open
// one stands still under a build that has the change as it is, and loses nothing; under the build that has it behind a
// version it goes on as it began, and lives that come to the place afterwards take the new step.
func TestTheWorkedExampleTakesOpenNoticesOver(t *testing.T) {
	t.Parallel()
	unversioned := buildPatched(t, "worker", patch{stepsFile, taskMade, taskMade + "\tl.FollowRequested = true\n"})
	versioned := buildPatched(t, "worker", workedExample(t)...)
	w := start(t, stack.Options{WithoutWorker: true, Temporal: ownTemporal(t)})
	w.build("v1")
	w.makeCurrent("v1")
	open, still := w.importOne(), w.importOne()
	away := w.Faults.Add(fault.Fault{System: "hillava", Op: hillava.OpCreateTask, Times: -1, Kind: fault.Status503})
	importing := w.someNotice("esimerkki", 4711)
	require.NoError(t, w.Faults.AwaitFired(w.context(), away, 1))

	w.buildFrom(unversioned, "v2-unversioned")
	w.makeCurrent("v2-unversioned")
	still.press("Työ valmis")
	still.waitStandstill()
	require.NotEqual(t, "Tehty", w.State("esimerkki", still.id))

	w.buildFrom(versioned, "v2")
	w.makeCurrent("v2")
	still.waitState("Tehty", "it has waited, and nothing is lost")
	still.onBuild("v2")
	open.moves("v2")
	open.isInvoiced()
	// Not by FollowNotice: a poll that sees our own Tehty a moment before the workflow knows of it makes for a look as well.
	marks := func(n imported) int { return billableActions(n.history(n.workflowID, ""))["marker"] }
	require.Zero(t, marks(open), "a life that was past the place goes on without the new step")
	require.Zero(t, marks(still))

	w.Faults.Remove(away)
	reached, fresh := w.imported("esimerkki", importing), w.importOne()
	for _, n := range []imported{reached, fresh} {
		n.moves("v2")
		n.isInvoiced()
		require.Positive(t, n.ran("FollowNotice"), "a life that comes to the place with the new build takes the new step")
		require.Equal(t, 1, marks(n), "and history keeps the answer")
		require.Empty(t, n.notes(), "the look found nothing to tell")
	}
	w.checkLedger("--open")
}

// waitStandstill waits until the notice's workflow task has failed because its history does not fit the code.
func (n imported) waitStandstill() {
	n.t.Helper()
	require.NoError(n.t, stack.WaitFor(n.context(), "the notice to stand still", func(context.Context) error {
		for _, event := range n.history(n.workflowID, "").GetEvents() {
			if event.GetWorkflowTaskFailedEventAttributes().GetCause() == enums.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR {
				return nil
			}
		}
		return errors.New("no workflow task of it has failed")
	}))
}

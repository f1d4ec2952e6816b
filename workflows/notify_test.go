package workflows

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"tampuuri-hillava/internal/runs"
)

// notifyPlay is one run of Notify whose rounds are answered by round.
type notifyPlay struct {
	*testsuite.TestWorkflowEnvironment
	Activities
	rounds []runs.NotifyMarks // as each began
	round  func(n int, in runs.NotifyInput) (runs.NotifyRound, error)
}

func newNotifyPlay() *notifyPlay {
	var suite testsuite.WorkflowTestSuite
	p := &notifyPlay{TestWorkflowEnvironment: suite.NewTestWorkflowEnvironment()}
	Register(p, Options{Timing: runs.Timing{HTTPTimeout: time.Second}}, p)
	return p
}

func (p *notifyPlay) NotifyRound(_ context.Context, in runs.NotifyInput) (runs.NotifyRound, error) {
	p.rounds = append(p.rounds, in.Marks)
	return p.round(len(p.rounds), in)
}

func toldAt(minute int) runs.NotifyMarks {
	return runs.NotifyMarks{At: time.Date(2026, 11, 23, 12, minute, 0, 0, time.UTC)}
}

func TestWhatWasToldGoesOnToTheNextRoundAndTheNextRun(t *testing.T) {
	p := newNotifyPlay()
	p.round = func(n int, _ runs.NotifyInput) (runs.NotifyRound, error) {
		if n == 2 {
			p.SetContinueAsNewSuggested(true)
		}
		return runs.NotifyRound{Marks: toldAt(n)}, nil
	}
	p.ExecuteWorkflow(runs.TypeNotify, runs.NotifyInput{})
	require.Equal(t, []runs.NotifyMarks{{}, toldAt(1)}, p.rounds)
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, p.GetWorkflowError(), &next)
}

func TestARoundThatFailsForGoodIsFollowedByAnother(t *testing.T) {
	p := newNotifyPlay()
	p.round = func(n int, _ runs.NotifyInput) (runs.NotifyRound, error) {
		switch n {
		case 1:
			return runs.NotifyRound{Marks: toldAt(1)}, nil
		case 2:
			return runs.NotifyRound{}, temporal.NewNonRetryableApplicationError("a bug", "bug", errors.New("x"))
		default:
			p.SetContinueAsNewSuggested(true)
			return runs.NotifyRound{Marks: toldAt(2)}, nil
		}
	}
	began := p.Now()
	p.ExecuteWorkflow(runs.TypeNotify, runs.NotifyInput{})
	require.Equal(t, []runs.NotifyMarks{{}, toldAt(1), toldAt(1)}, p.rounds)
	require.GreaterOrEqual(t, p.Now().Sub(began), time.Minute, "not at once")
}

func TestACancelEndsNotify(t *testing.T) {
	p := newNotifyPlay()
	p.round = func(_ int, in runs.NotifyInput) (runs.NotifyRound, error) {
		return runs.NotifyRound{}, nothingNewToTell(in.Marks)
	}
	p.RegisterDelayedCallback(p.CancelWorkflow, 10*time.Minute)
	p.ExecuteWorkflow(runs.TypeNotify, runs.NotifyInput{})
	require.True(t, p.IsWorkflowCompleted())
	require.True(t, temporal.IsCanceledError(p.GetWorkflowError()), "%v", p.GetWorkflowError())
}

func nothingNewToTell(marks runs.NotifyMarks) error {
	return temporal.NewApplicationErrorWithOptions("nothing new", runs.FaultNothingNew, temporal.ApplicationErrorOptions{
		Category: temporal.ApplicationErrorCategoryBenign, NextRetryDelay: 5 * time.Minute, Details: []any{marks},
	})
}

func TestTheWebUIShowsWhatIsWrong(t *testing.T) {
	require.Contains(t, notifyDetails(runs.NotifyMarks{}), "Nobody has been told anything yet")
	marks := toldAt(5)
	marks.Seen = []runs.SeenCause{{Cause: runs.Cause{Kind: "two-tasks", Customer: "esimerkki"}, Count: 3, Since: toldAt(1).At}}
	require.Contains(t, notifyDetails(marks), "- two-tasks esimerkki (3) since 2026-11-23T12:01:00Z")
}

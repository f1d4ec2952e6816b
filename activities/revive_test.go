package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/worker"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

const terminatedByHand = enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED

func TestATerminatedNoticeFarBehindTheMarkStartsAgain(t *testing.T) {
	for name, row := range map[string]struct {
		edit   func(*notice.Notice)
		starts bool
	}{
		"ours and open":      {func(*notice.Notice) {}, true},
		"given to another":   {func(n *notice.Notice) { n.PerformerID = 9 }, false},
		"closed":             {func(n *notice.Notice) { n.State = notice.Valmis }, false},
		"before start date":  {func(n *notice.Notice) { n.Created.At = helsinkiTime("2026-01-01 12:00") }, false},
		"cannot be read now": {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.tampuuri().put(101)
			s.poll(runs.PollResult{})
			s.tampuuri().clock = s.tampuuri().clock.Add(2 * rereadWindow)
			s.tampuuri().put(102)
			last := s.poll(runs.PollResult{})
			s.end(101, runs.PhaseWorking, terminatedByHand)
			if row.edit == nil {
				s.tampuuri().unreadable = map[int64]bool{101: true}
			} else {
				row.edit(s.tampuuri().notices[101]) // without moving Muokattu: the list does not show it
			}
			last = s.poll(last)
			require.Equal(t, row.starts, s.life(101).status == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING)
			require.Zero(t, s.poll(last).Started, "once")
		})
	}
}

func TestOneCustomersTerminatedNoticesAreNoMatterOfAnothersPoll(t *testing.T) {
	s := newScene(t)
	s.customer("toinen", 12)
	toinen := s.hillava.customers[0]
	toinen.ID, toinen.ExternalID = "C-2", "toinen"
	s.hillava.customers = append(s.hillava.customers, toinen)
	s.tampuuri().put(101)
	s.poll(runs.PollResult{})
	s.end(101, runs.PhaseWorking, terminatedByHand)
	good(s, s.PollNotices, runs.PollInput{Customer: "toinen"})
	require.Equal(t, terminatedByHand, s.life(101).status)
}

func TestMaxNewBoundsTheRoundAndNotEachAttemptAtIt(t *testing.T) {
	s := newScene(t)
	s.settings.list[0].Poll.MaxNew = 3
	for id := int64(101); id <= 110; id++ {
		s.tampuuri().put(id)
	}
	environment := s.suite.NewTestActivityEnvironment()
	environment.SetWorkerOptions(worker.Options{BackgroundActivityContext: s.parent})
	environment.RegisterActivity(s.PollNotices)
	environment.SetHeartbeatDetails(2) // as an attempt before this one said
	value, err := environment.ExecuteActivity(s.PollNotices, runs.PollInput{Customer: "esimerkki"})
	require.NoError(t, err)
	var result runs.PollResult
	require.NoError(t, value.Get(&result))
	require.Len(t, s.temporal.started(), 1)
	require.Equal(t, 3, result.Started)
	require.True(t, result.Left)
}

// Whole seconds of Tampuuri's against nanoseconds of Temporal's: an edit in the second of the dismissal is one after it.
func TestAnEditInTheSecondOfTheDismissalStartsTheNoticeAgain(t *testing.T) {
	s := newScene(t)
	s.tampuuri().put(101)
	last := s.poll(runs.PollResult{})
	s.end(101, runs.PhaseDismissed, completed)
	edited := s.life(101).closed.Truncate(time.Second)
	s.life(101).closed = edited.Add(400 * time.Millisecond)
	s.tampuuri().notices[101].Modified = edited
	require.Equal(t, 1, s.poll(last).Started)
}

func TestWithoutPerformerIDsOpenNoticesAreStillOursToWriteBack(t *testing.T) {
	s := newScene(t)
	s.tampuuri().put(101)
	s.poll(runs.PollResult{})
	s.settings.list[0].PerformerIDs, s.settings.list[0].Faults = nil, []string{"performer_ids is missing"}
	require.Zero(t, good(s, s.ReconcileTampuuri, runs.ReconcileInput{}).Signalled)
	require.Equal(t, runs.StandingTehty, good(s, s.SetState, s.tehty(101)).Standing)
	require.Equal(t, notice.Tehty, s.tampuuri().notices[101].State)
}

package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/workflows"
)

func TestAKnownNoticeIsSignalledOnlyWhenItDiffersFromWhatItsWorkflowKnows(t *testing.T) {
	for name, row := range map[string]struct {
		phase workflows.Phase
		edit  func(*notice.Notice)
		told  bool
	}{
		"only Muokattu moved":              {workflows.PhaseWorking, func(*notice.Notice) {}, false},
		"a toimenpide was added":           {workflows.PhaseWorking, func(n *notice.Notice) { n.Toimenpiteet = []notice.Toimenpide{{ID: 1}} }, false},
		"our own Tehty":                    {workflows.PhaseDone, func(n *notice.Notice) { n.State = notice.Tehty }, false},
		"another open state":               {workflows.PhaseWorking, func(n *notice.Notice) { n.State = notice.Vastaanotettu }, false},
		"somebody else's performer person": {workflows.PhaseWorking, func(n *notice.Notice) { n.PerformerPersonName = "Maija" }, false},
		"an edit":                          {workflows.PhaseWorking, func(n *notice.Notice) { n.Title = "Hana rikki" }, true},
		"an edit after our Tehty":          {workflows.PhaseDone, func(n *notice.Notice) { n.State, n.Title = notice.Tehty, "Hana rikki" }, true},
		"turvakielto":                      {workflows.PhaseWorking, func(n *notice.Notice) { n.Orderer = notice.Person{Name: "Matti", Turvakielto: notice.TurvakieltoSet} }, true},
		"Tehty by hand":                    {workflows.PhaseWorking, func(n *notice.Notice) { n.State = notice.Tehty }, true},
		"Valmis by hand":                   {workflows.PhaseDone, func(n *notice.Notice) { n.State = notice.Valmis }, true},
		"cancelled":                        {workflows.PhaseWorking, func(n *notice.Notice) { n.State = notice.Peruttu }, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.tampuuri().put(101)
			last := s.poll(workflows.PollResult{})
			s.life(101).phase = row.phase
			s.tampuuri().edit(101, row.edit)
			last = s.poll(last)
			require.Equal(t, 1, last.Known)
			require.Equal(t, row.told, last.Signalled == 1)
			require.Equal(t, row.told, len(s.life(101).signals) == 1)
			s.poll(last)
			require.LessOrEqual(t, len(s.life(101).signals), 1, "the same change told twice adds no event")
			if row.told {
				require.Equal(t, []string{workflows.SignalNoticeChanged}, s.life(101).signals)
				s.tampuuri().edit(101, func(n *notice.Notice) { n.Access = "yleisavain" })
				s.poll(last)
				require.Len(t, s.life(101).signals, 2, "another change is told")
			}
		})
	}
}

func TestAnExternalIDThatIsAnotherNoticesIsListedAndNothingIsStarted(t *testing.T) {
	s := newScene(t)
	const guid = "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11"
	s.tampuuri().put(101, func(n *notice.Notice) { n.GUID = guid })
	last := s.poll(workflows.PollResult{})
	s.tampuuri().put(102, func(n *notice.Notice) { n.GUID = guid })
	last = s.poll(last)
	require.Equal(t, []int64{101}, s.temporal.started())
	require.Equal(t, []workflows.SkippedNotice{{NoticeID: 102, Reason: workflows.SkippedIDTaken}}, last.Skipped)
	require.Empty(t, s.temporal.runs["notice-"+guid].signals, "the other one's edits are not told to it")

	s.end101(guid)
	last = s.poll(last)
	require.Equal(t, workflows.SkippedIDTaken, last.Skipped[0].Reason, "and not when it has been closed either")
	require.Equal(t, int64(101), s.temporal.runs["notice-"+guid].ref.NoticeID)
}

func (s *scene) end101(guid string) {
	s.temporal.runs["notice-"+guid].status = completed
	s.temporal.runs["notice-"+guid].phase = workflows.PhaseWithdrawn
}

func TestWhatStartsAgain(t *testing.T) {
	const terminated = enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED
	moved := func(n *notice.Notice) { n.Title = "Hana rikki" }
	for name, row := range map[string]struct {
		phase  workflows.Phase
		status enumspb.WorkflowExecutionStatus
		edit   func(*notice.Notice) // after it was closed; nil: none
		starts bool
		listed string
	}{
		"withdrawn and given back":         {workflows.PhaseWithdrawn, completed, moved, true, ""},
		"terminated":                       {workflows.PhaseWorking, terminated, nil, true, ""},
		"terminated as invoiced":           {workflows.PhaseInvoiced, terminated, nil, true, ""},
		"dismissed, and moved since":       {workflows.PhaseDismissed, completed, moved, true, ""},
		"dismissed, and as it was":         {workflows.PhaseDismissed, completed, nil, false, ""},
		"invoiced and reopened":            {workflows.PhaseInvoiced, completed, moved, false, workflows.SkippedReopened},
		"invoiced and Valmis":              {workflows.PhaseInvoiced, completed, func(n *notice.Notice) { n.State = notice.Valmis }, false, ""},
		"withdrawn and cancelled":          {workflows.PhaseWithdrawn, completed, func(n *notice.Notice) { n.State = notice.Peruttu }, false, ""},
		"terminated, and Tehty by now":     {workflows.PhaseWorking, terminated, func(n *notice.Notice) { n.State = notice.Tehty }, false, ""},
		"dismissed, moved, and given away": {workflows.PhaseDismissed, completed, func(n *notice.Notice) { n.PerformerID = 9 }, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.tampuuri().put(101)
			last := s.poll(workflows.PollResult{})
			s.end(101, row.phase, row.status)
			if row.edit != nil {
				s.tampuuri().edit(101, row.edit)
			}
			last = s.poll(last)
			require.Equal(t, row.starts, s.life(101).status == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING)
			if row.listed == "" {
				require.Empty(t, last.Skipped)
				return
			}
			require.Equal(t, []workflows.SkippedNotice{{NoticeID: 101, Reason: row.listed}}, last.Skipped)
			require.Len(t, s.poll(last).Skipped, 1, "once")
			s.tampuuri().edit(101, func(n *notice.Notice) { n.State = notice.Valmis })
			require.Empty(t, s.poll(last).Skipped, "closed again, it is in order")
		})
	}
}

func TestANoticeThatStartsAgainIsKnownAsItsTaskWasTold(t *testing.T) {
	s := newScene(t)
	s.tampuuri().put(101)
	last := s.poll(workflows.PollResult{})
	told := s.life(101).known
	s.end(101, workflows.PhaseWithdrawn, completed)
	s.tampuuri().edit(101, func(n *notice.Notice) { n.Title = "Hana rikki" })
	s.poll(last)
	require.Equal(t, enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, s.life(101).status)
	require.Equal(t, told, s.life(101).known, "so that its task is told of what has changed since")
}

func TestStartNoticeRefusesWhatHasAWorkflow(t *testing.T) {
	s := newScene(t)
	start := NoticeStart{Ref: s.ref(101), Known: workflows.Known{Standing: workflows.StandingOpen}}
	require.NoError(t, StartNotice(t.Context(), s.temporal, start))
	require.ErrorIs(t, StartNotice(t.Context(), s.temporal, start), ErrAlreadyStarted)
	start.Again = true
	require.ErrorIs(t, StartNotice(t.Context(), s.temporal, start), ErrAlreadyStarted, "it runs")
	s.end(101, workflows.PhaseInvoiced, completed)
	start.Again = false
	require.ErrorIs(t, StartNotice(t.Context(), s.temporal, start), ErrAlreadyStarted, "it is closed")
	start.Again = true
	require.NoError(t, StartNotice(t.Context(), s.temporal, start))
}

// A mistake in performer_ids takes every notice away and its correction gives it back, while Muokattu stays.
func TestAChangeOfOurOwnSettingsIsToldBothWays(t *testing.T) {
	s := newScene(t)
	s.tampuuri().put(101)
	s.poll(workflows.PollResult{})
	reconcile := func() { good(s, s.ReconcileTampuuri, workflows.ReconcileInput{}) }
	s.settings.list[0].PerformerIDs = []int64{9}
	reconcile()
	require.Len(t, s.life(101).signals, 1)
	s.life(101).known.Standing = workflows.StandingReassigned // its workflow has looked
	reconcile()
	require.Len(t, s.life(101).signals, 1)
	s.settings.list[0].PerformerIDs = []int64{4711}
	reconcile()
	require.Len(t, s.life(101).signals, 2)
}

func TestTheReReadWindowFindsRowsThatAreCommittedLate(t *testing.T) {
	s := newScene(t)
	s.tampuuri().put(101)
	last := s.poll(workflows.PollResult{})
	late := s.tampuuri().put(102)
	late.Modified = s.tampuuri().notices[101].Modified.Add(-rereadWindow + time.Second)
	require.Equal(t, 1, s.poll(last).Started)
}

package runs

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
)

const (
	turvakielto = "ordererTurvakielto" // as notice.IsTurvakieltoField knows it
	completed   = enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	terminated  = enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED
)

func TestWhatStartsAgainByItself(t *testing.T) {
	closed := time.Date(2026, 2, 3, 10, 0, 0, 400e6, time.UTC)
	const left = "2026-02-03T12:00:00+02:00"
	before, after := closed.Add(-time.Hour), closed.Add(time.Hour)
	for name, row := range map[string]struct {
		life     Life
		modified time.Time
		starts   bool
	}{
		"running":                               {Life{Running: true, Phase: PhaseWithdrawn}, after, false},
		"withdrawn":                             {Life{Phase: PhaseWithdrawn, Ended: completed}, before, true},
		"invoiced":                              {Life{Phase: PhaseInvoiced, Ended: completed}, after, false},
		"terminated while at work":              {Life{Phase: PhaseWorking, Ended: terminated}, before, true},
		"terminated as invoiced":                {Life{Phase: PhaseInvoiced, Ended: terminated}, before, true},
		"terminated as dismissed":               {Life{Phase: PhaseDismissed, Ended: terminated, Left: left}, before, true},
		"timed out":                             {Life{Phase: PhaseWorking, Ended: enumspb.WORKFLOW_EXECUTION_STATUS_TIMED_OUT}, before, true},
		"dismissed, as it was left":             {Life{Phase: PhaseDismissed, Ended: completed, Closed: closed, Left: left}, closed.Truncate(time.Second), false},
		"dismissed, moved since":                {Life{Phase: PhaseDismissed, Ended: completed, Closed: closed, Left: left}, after, true},
		"dismissed, moved, clocks apart":        {Life{Phase: PhaseDismissed, Ended: completed, Closed: closed, Left: left}, before, true},
		"dismissed, nobody looked, older":       {Life{Phase: PhaseDismissed, Ended: completed, Closed: closed}, before, false},
		"dismissed, nobody looked, newer":       {Life{Phase: PhaseDismissed, Ended: completed, Closed: closed}, after, true},
		"dismissed, edited in that very second": {Life{Phase: PhaseDismissed, Ended: completed, Closed: closed}, closed.Truncate(time.Second), true},
		"dismissed, edited a moment before it":  {Life{Phase: PhaseDismissed, Ended: completed, Closed: closed}, closed.Add(-time.Millisecond), false},
		"dismissed, what was left is no time":   {Life{Phase: PhaseDismissed, Ended: completed, Closed: closed, Left: "yesterday"}, after, true},
	} {
		require.Equal(t, row.starts, row.life.MayRestart(row.modified), name)
	}
}

func TestWhatAWorkflowIsToldOf(t *testing.T) {
	prints := map[string]string{"title": "1", turvakielto: "2"}
	with := func(field, print string) map[string]string {
		edited := maps.Clone(prints)
		edited[field] = print
		return edited
	}
	for name, row := range map[string]struct {
		was    Standing
		phase  Phase
		now    Snapshot
		differ bool
	}{
		"nothing":                                {StandingOpen, PhaseWorking, Snapshot{StandingOpen, prints}, false},
		"an edit":                                {StandingOpen, PhaseWorking, Snapshot{StandingOpen, with("title", "x")}, true},
		"another standing":                       {StandingOpen, PhaseWorking, Snapshot{StandingTehty, prints}, true},
		"our own Tehty":                          {StandingOpen, PhaseDone, Snapshot{StandingTehty, prints}, false},
		"our own Tehty and an edit":              {StandingOpen, PhaseDone, Snapshot{StandingTehty, with("title", "x")}, true},
		"Valmis by hand":                         {StandingOpen, PhaseDone, Snapshot{StandingValmis, prints}, true},
		"cancelled":                              {StandingOpen, PhaseWorking, Snapshot{StandingCancelled, prints}, true},
		"gone, known as gone":                    {StandingGone, PhaseWorking, Snapshot{StandingGone, with("title", "x")}, false},
		"an edit while it is another's":          {StandingReassigned, PhaseWithdrawn, Snapshot{StandingReassigned, with("title", "x")}, false},
		"turvakielto while it is another's":      {StandingReassigned, PhaseWithdrawn, Snapshot{StandingReassigned, with(turvakielto, "x")}, true},
		"a fingerprint of a newer program":       {StandingOpen, PhaseWorking, Snapshot{StandingOpen, with("another", "x")}, false},
		"given back after it had been another's": {StandingReassigned, PhaseWithdrawn, Snapshot{StandingOpen, prints}, true},
	} {
		life := Life{Phase: row.phase, Snapshot: Snapshot{Standing: row.was, Prints: prints}}
		require.Equal(t, row.differ, life.Differs(row.now), name)
	}
	writing := Life{Phase: PhaseWorking, Snapshot: Snapshot{StandingOpen, prints}, Writing: true}
	require.False(t, writing.Differs(Snapshot{StandingTehty, prints}), "our own Tehty, which the workflow does not know of yet")
	require.False(t, writing.Differs(Snapshot{StandingValmis, prints}), "our own Valmis")
	require.True(t, writing.Differs(Snapshot{StandingTehty, with("title", "x")}), "an edit while we write")
	require.True(t, writing.Differs(Snapshot{StandingCancelled, prints}), "cancelled while we write")
}

func TestALifeIsReadFromWhatTemporalKeeps(t *testing.T) {
	info := aRun("notice-abc", "r1", completed)
	ref, snapshot := NoticeRef{Customer: "esimerkki", NoticeID: 48213, ExternalID: "ABC"}, Snapshot{Standing: StandingOpen, Prints: map[string]string{"title": "1"}}
	info.Memo = memo(t, memoRef, ref, memoSnapshot, snapshot, memoLeft, "2026-02-03T10:00:00Z")
	attributes := memo(t, "NoticePhase", PhaseDismissed, "AttentionReason", ReasonGone, "HillavaTask", "T-1", "TampuuriCustomer", "esimerkki", "TampuuriNotice", "48213")
	info.SearchAttributes = &commonpb.SearchAttributes{IndexedFields: attributes.GetFields()}
	life := readLife(info)
	require.Equal(t, ref, life.Ref)
	require.Equal(t, snapshot, life.Snapshot)
	require.Equal(t, PhaseDismissed, life.Phase)
	require.Equal(t, ReasonGone, life.Reason)
	require.Equal(t, "T-1", life.TaskID)
	require.Equal(t, "2026-02-03T10:00:00Z", life.Left)
	require.Equal(t, life.Started, life.Imported, "nothing else is known")
	require.True(t, life.Completed())

	info.Memo = memo(t, memoImported, "2025-12-24T10:00:00Z")
	require.Equal(t, time.Date(2025, 12, 24, 10, 0, 0, 0, time.UTC), readLife(info).Imported, "in a run before")
	info.Memo = nil
	require.Equal(t, NoticeRef{Customer: "esimerkki", NoticeID: 48213, ExternalID: "abc"}, readLife(info).Ref, "an index that has lost its memos")
	info.SearchAttributes = nil
	require.Zero(t, readLife(info).Ref.NoticeID)
}

// A task that somebody made in Hillava by hand may have any external id. gRPC sends it to no server, and the SDK tries until
// the deadline: whoever goes through tasks would never get past it.
func TestAnExternalIDThatIsNoneOfOursHasNoLife(t *testing.T) {
	c := serve(t, &frontend{})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	for _, externalID := range []string{"", "Työ 5", "a b", "a\nb", "../x", strings.Repeat("x", 129)} {
		life, err := c.Life(ctx, externalID)
		require.NoError(t, err, "%q", externalID)
		require.Nil(t, life)
	}
}

package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"tampuuri-hillava/internal/runs"

	"github.com/stretchr/testify/require"
)

// crowdOfNotices is a Temporal in which notices try things, by workflow id.
type crowdOfNotices struct {
	attempts map[string]int32
	away     string // a notice that cannot be looked at
}

func (c crowdOfNotices) Describe(_ context.Context, workflowID string) (*runs.Description, error) {
	if workflowID == c.away {
		return nil, runs.ErrNone
	}
	found := &runs.Description{}
	if attempt := c.attempts[workflowID]; attempt > 0 {
		found.Pending = append(found.Pending, runs.PendingStep{
			Activity: "SetState", Attempt: attempt, LastFailure: "outcome-unknown: tampuuri: set state: refused with status 503",
		})
	}
	return found, nil
}

func TestTheListBeginsWithWhatIsStuck(t *testing.T) {
	now := lastGood.Add(50 * time.Hour)
	line := func(id int64, phase runs.Phase, waits time.Duration) listedNotice {
		one := listedNotice{WorkflowID: fmt.Sprintf("notice-%d", id), Customer: "esimerkki", NoticeID: id, TaskID: "T", Phase: phase, Reported: "none", StartedAt: &lastGood}
		if phase == runs.PhaseAttention {
			one.Attention = &runs.Attention{Reason: runs.ReasonTwoTasks, Since: now.Add(-waits)}
		}
		return one
	}
	listed := []listedNotice{
		line(1, runs.PhaseWorking, 0), line(2, runs.PhaseWorking, 0), line(3, runs.PhaseAttention, 5*time.Minute),
		line(4, runs.PhaseInvoiced, 0), line(5, runs.PhaseDone, 0), line(6, runs.PhaseAttention, 50*time.Hour),
		line(7, runs.PhaseImporting, 0),
	}
	from := crowdOfNotices{attempts: map[string]int32{"notice-2": 3, "notice-4": 9, "notice-5": 1, "notice-7": 14}}
	var text, messages bytes.Buffer
	require.NoError(t, printNotices(t.Context(), output{stdout: &text, stderr: &messages}, from, listed, now))
	require.Empty(t, messages.String())

	var order, ends []string
	for _, row := range strings.Split(strings.TrimSpace(text.String()), "\n")[1:] {
		order = append(order, strings.Fields(row)[1])
		_, end, _ := strings.Cut(row, "notice-")
		_, end, _ = strings.Cut(end, " ")
		ends = append(ends, strings.TrimSpace(end))
	}
	require.Equal(t, []string{"6", "3", "7", "2", "1", "4", "5"}, order, "those who wait for a person, the longest first; then those who try again, the most often first")
	require.Equal(t, []string{
		"a person: two-tasks, for 2 days", "a person: two-tasks, for 5 min",
		"SetState, attempt 14: outcome-unknown", "SetState, attempt 3: outcome-unknown", "", "", "",
	}, ends, "a closed notice tries nothing, and a first attempt is nothing to worry about")
}

func TestANoticeThatCannotBeLookedAtIsListedAllTheSame(t *testing.T) {
	var text, messages bytes.Buffer
	listed := []listedNotice{{WorkflowID: "notice-1", NoticeID: 1, Phase: runs.PhaseWorking}}
	require.NoError(t, printNotices(t.Context(), output{stdout: &text, stderr: &messages}, crowdOfNotices{away: "notice-1"}, listed, lastGood))
	require.Contains(t, text.String(), "notice-1")
	require.Contains(t, messages.String(), "not every open notice could be looked at")
}

func TestAListOfThousandsLooksAtSomeOnly(t *testing.T) {
	listed := make([]listedNotice, mostLookedAt+1)
	for i := range listed {
		listed[i] = listedNotice{WorkflowID: fmt.Sprint(i), Phase: runs.PhaseWorking}
	}
	last := fmt.Sprint(mostLookedAt)
	lines, complete := look(t.Context(), crowdOfNotices{attempts: map[string]int32{last: 5, "0": 5}}, listed)
	require.False(t, complete)
	require.Len(t, lines, len(listed))
	require.NotEmpty(t, lines[0].trying)
	require.Empty(t, lines[mostLookedAt].trying)
}

func TestAnAgeIsSaidInItsLargestUnit(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 59 * time.Second: "59 s", 61 * time.Second: "1 min", 119 * time.Minute: "1 h", 47 * time.Hour: "47 h", 49 * time.Hour: "2 days",
	} {
		require.Equal(t, want, age(d))
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/terminal"
)

func TestShowTellsWhatIsTriedNowAndWhatHappened(t *testing.T) {
	from := &fakeTemporal{}
	one := from.add("esimerkki", 48213, runs.PhaseWorking).tries(3, "peer-unavailable: tampuuri: set state: refused with status 503")
	one.status.History = []runs.HistoryEntry{{At: lastGood, What: runs.HappenedCreated, Result: "task T-1"}}
	shown, unanswered, err := showNotice(t.Context(), from, named(t, "48213"))
	require.NoError(t, err)
	require.NoError(t, unanswered)
	require.Equal(t, []runs.PendingStep{{Activity: "SetState", Attempt: 3, LastFailure: one.pending[0].LastFailure, NextRetry: one.pending[0].NextRetry}}, shown.Pending)

	out, stdout, _ := printed(0)
	require.NoError(t, out.Table(shown.rows(named(t, "48213"))))
	require.True(t, strings.HasPrefix(stdout.String(), "48213         notice esimerkki/48213, working ("), "it begins with what was typed")
	require.Contains(t, stdout.String(), "SetState, attempt 3 comes at 2026-02-05 13:30:00")
	require.Contains(t, stdout.String(), "2026-02-05 12:00:00  created     task T-1\n")
	stdout.Reset()
	require.NoError(t, out.JSON(shown))
	require.Contains(t, stdout.String(), `"workflowId": "notice-`+testID)
	require.Contains(t, stdout.String(), `"attention": null`)
	require.Contains(t, stdout.String(), `"pending": [`)
}

func TestShowTellsThatARetryMayHaveToWait(t *testing.T) {
	from := &fakeTemporal{}
	for failure, waits := range map[string]bool{
		"peer-unavailable: tampuuri: set state: refused with status 503": false,
		"outcome-unknown: tampuuri: set state: no usable answer":         true,
	} {
		from.notices = nil
		from.add("esimerkki", 48213, runs.PhaseWorking).tries(3, failure)
		shown, _, err := showNotice(t.Context(), from, named(t, "48213"))
		require.NoError(t, err)
		out, stdout, _ := printed(0)
		require.NoError(t, out.Table(shown.rows(named(t, "48213"))))
		require.Equal(t, waits, strings.Contains(stdout.String(), "tries it now, unless its last write may still be on its way"), failure)
	}
}

func TestShowTellsTheRefusalAndWhatToDo(t *testing.T) {
	from := &fakeTemporal{}
	from.add("esimerkki", 48213, runs.PhaseAttention).refused(runs.ReasonHillavaRefused, "hillava: create task: refused with status 422 (no field named)", time.Hour)
	shown, _, err := showNotice(t.Context(), from, named(t, testID))
	require.NoError(t, err)
	out, stdout, _ := printed(0)
	require.NoError(t, out.Table(shown.rows(named(t, testID))))
	require.Regexp(t, `waits for +hillava-refused, since 2026-02-05 13:00:00\nthe refusal +hillava: create task: refused with status 422 \(no field named\)\nwhat to do +Hillava refuses`, stdout.String())
}

func TestShowGivesTheRecordOfANoticeThatDoesNotAnswer(t *testing.T) {
	from := &fakeTemporal{}
	from.add("esimerkki", 48213, runs.PhaseInvoiced).status = nil
	shown, unanswered, err := showNotice(t.Context(), from, named(t, "48213"))
	require.NoError(t, err)
	require.Error(t, unanswered)
	require.Equal(t, runs.PhaseInvoiced, shown.Phase)
	require.Equal(t, runs.ReportedValmis, shown.Reported)
}

func TestLinksArePagesForPeople(t *testing.T) {
	shown := shownNotice{listedNotice: listedNotice{NoticeID: 7, TaskID: "T-1"}}
	settings := config.Systems{TampuuriLink: "https://t.example/{id}", HillavaLink: "https://h.example/tasks/{id}"}
	require.Equal(t, []string{"https://t.example/7", "https://h.example/tasks/T-1"}, linksOf(shown, settings))
	require.Empty(t, linksOf(shown, config.Systems{}))
}

func TestADismissalSaysWhoAndWhy(t *testing.T) {
	to := &fakeTemporal{}
	life := to.add("esimerkki", 1, runs.PhaseAttention).Life
	dismissal := runs.DismissSignal{By: "toimisto", Code: "not-ours"}
	out, _, _ := printed(0)
	require.NoError(t, dismiss(t.Context(), out, to, named(t, "1"), life, dismissal, false), "one that waits for a person is not asked about")
	require.Equal(t, []runs.DismissSignal{dismissal}, to.dismissals)

	to.signalErr = runs.ErrNone
	err := dismiss(t.Context(), out, to, named(t, "1"), life, dismissal, false)
	require.EqualError(t, err, "1 is closed and takes no dismiss; starter notice show tells how it ended")
	require.Equal(t, "refused", resultOf(err))
	to.signalErr = context.DeadlineExceeded
	require.Equal(t, "unknown", resultOf(dismiss(t.Context(), out, to, named(t, "1"), life, dismissal, false)), "it may have arrived")
}

func TestAPersonWhoIsThereIsAskedBeforeAHealthyNoticeIsDismissed(t *testing.T) {
	to := &fakeTemporal{}
	life := to.add("esimerkki", 1, runs.PhaseWorking).Life
	for _, row := range []struct {
		answer string
		there  bool // somebody who can be asked
		yes    bool
		sent   bool
	}{
		{"", false, false, true}, {"", false, true, true}, // a script's command line is the decision
		{"n\n", true, true, true},
		{"y\n", true, false, true}, {"Kyllä\n", true, false, true}, {"yes", true, false, true},
		{"n\n", true, false, false}, {"\n", true, false, false}, {"", true, false, false},
	} {
		to.dismissals = nil
		out, _, stderr := printed(0)
		if row.there {
			out.Stdin = strings.NewReader(row.answer)
		}
		err := dismiss(t.Context(), out, to, named(t, "1"), life, runs.DismissSignal{By: "toimisto", Code: "other"}, row.yes)
		require.Equal(t, row.sent, len(to.dismissals) == 1, "%+v", row)
		require.Equal(t, row.sent, err == nil)
		require.Equal(t, row.there && !row.yes, strings.Contains(stderr.String(), "1 (esimerkki/1) is in phase working"))
		if err != nil {
			require.ErrorIs(t, err, terminal.ErrAnsweredNo)
			require.Equal(t, "refused", resultOf(err))
		}
	}
}

func TestAScriptDismissesAndNeedsYesToErase(t *testing.T) {
	for _, row := range []struct {
		command string
		status  enumspb.WorkflowExecutionStatus
		code    int
		said    string
	}{
		{"dismiss", enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, exitDone, ""},
		{"erase", enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED, exitUsage, "Nobody can be asked here: --yes confirms it"},
	} {
		temporal := &frontend{info: aRecord(t, runs.PhaseWorking, row.status)}
		serveTemporal(t, temporal)
		out, _, stderr := printed(0)
		require.Equal(t, row.code, run(t.Context(), []string{"notice", row.command, anExternalID}, out), stderr)
		require.Contains(t, stderr.String(), row.said)
		require.Equal(t, row.command == "dismiss", temporal.called("SignalWorkflowExecution"))
		require.False(t, temporal.called("StartWorkflowExecution"))
	}
}

func TestAnErasureThatDidNotEndWellSaysWhatToDo(t *testing.T) {
	one := []*runs.Life{{}}
	for _, row := range []struct {
		erased []*runs.Life
		err    error
		says   string
		result string
	}{
		{nil, fmt.Errorf("erase: %w", runs.ErrOpen), "50026 is open; close it first: starter notice dismiss", "refused"},
		{nil, fmt.Errorf("erase: %w", runs.ErrNone), "50026: there is no such notice here", "refused"},
		{nil, errors.New("connection lost"), "connection lost", "unknown"}, // it may be erased
		{one, context.DeadlineExceeded, "deadline", "1 run erased, not finished"},
		{one, fmt.Errorf("erase: %w", runs.ErrOpen), "open", "1 run erased, not finished"},
	} {
		err := eraseError(named(t, "50026"), row.erased, row.err)
		require.ErrorContains(t, err, row.says)
		require.Equal(t, row.result, resultOf(err))
	}
	require.NoError(t, eraseError(named(t, "50026"), one, nil))
}

func TestARetryThatIsNotDoneSaysWhy(t *testing.T) {
	working, waiting := &runs.Life{Phase: runs.PhaseWorking}, &runs.Life{Phase: runs.PhaseAttention, Reason: "two-tasks"}
	for _, row := range []struct {
		life         *runs.Life
		err          error
		says, result string
	}{
		{working, runs.ErrUnderWay, "50026: no step of it waits for its next attempt", "refused"},
		{waiting, runs.ErrUnderWay, "50026 waits for a person (two-tasks): starter notice resend", "refused"},
		{working, &runs.TooEarly{Activity: "SetState", Until: lastGood}, "so that nothing is done twice; from 2026-02-05 12:00:00 on", "refused"},
		{working, errors.New("away"), "50026: away", "unknown"},
	} {
		err := retryError(named(t, "50026"), row.life, row.err)
		require.ErrorContains(t, err, row.says)
		require.Equal(t, row.result, resultOf(err))
	}
	out, stdout, _ := printed(0)
	require.NoError(t, printRetried(out, []retried{{Notice: "50026", Tried: []runs.PendingStep{{Activity: "SetState", Attempt: 8, LastFailure: "peer-unavailable: tampuuri: set state: refused with status 503"}}}}, false))
	require.Equal(t, "50026: tried now: SetState, after attempt 7, which ended with peer-unavailable: tampuuri: set state: 503\n", stdout.String())
}

func TestTheSlowestPeerBoundsAWritesWay(t *testing.T) {
	systems := config.Systems{HTTPTimeout: 10 * time.Second, TampuuriTimeout: 30 * time.Second, HillavaTimeout: time.Second}
	require.Equal(t, 30*time.Second, slowest(systems).HTTPTimeout)
}

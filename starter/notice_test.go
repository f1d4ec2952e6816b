package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/runs"
)

const testID = "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11"

var testName = noticeName{workflowID: "notice-" + testID}

// lifeIn is what Temporal keeps of a notice's run.
func lifeIn(phase runs.Phase) *runs.Life {
	return &runs.Life{
		WorkflowID: "notice-" + testID, Ref: runs.NoticeRef{Customer: "esimerkki", NoticeID: 48213, ExternalID: testID},
		Phase: phase, Reason: runs.ReasonTwoTasks, TaskID: "T-1", Started: lastGood,
	}
}

func TestANoticeIsNamedByItsExternalIDOrByCustomerAndNumber(t *testing.T) {
	from := &fakeNotices{life: lifeIn(runs.PhaseWorking)}
	for _, text := range []string{testID, "5B0C1F1E-6A0E-4A58-9C0B-2F6F5A0D7E11", "notice-" + testID, "esimerkki/48213"} {
		name, err := readNoticeName(text)
		require.NoError(t, err)
		workflowID, err := resolve(t.Context(), from, name)
		require.NoError(t, err)
		require.Equal(t, "notice-"+testID, workflowID)
	}
	require.Equal(t, []runs.Filter{{Customers: []string{"esimerkki"}, NoticeID: 48213}}, from.filters)

	var wrong usageError
	for _, text := range []string{"", "a b", "a'b/1", "esimerkki/x", "esimerkki/-1", "esimerkki/", "/1", "a/1/2"} {
		_, err := readNoticeName(text)
		require.ErrorAs(t, err, &wrong, text)
	}
	_, err := resolve(t.Context(), &fakeNotices{}, noticeName{tunniste: "esimerkki", id: 1})
	require.ErrorIs(t, err, errNoNotice)
}

func TestTheListAsksANoticeOnlyWhatItsRecordLeavesOpen(t *testing.T) {
	attention := &runs.Attention{Reason: runs.ReasonTwoTasks, What: "remove one"}
	for _, row := range []struct {
		phase    runs.Phase
		asked    int
		reported runs.Reported
	}{
		{runs.PhaseImporting, 0, runs.ReportedNone}, {runs.PhaseWorking, 0, runs.ReportedNone},
		{runs.PhaseDone, 0, runs.ReportedTehty}, {runs.PhaseInvoiced, 0, runs.ReportedValmis},
		{runs.PhaseAttention, 1, runs.ReportedTehty}, {runs.PhaseWithdrawn, 1, runs.ReportedTehty},
		{runs.PhaseDismissed, 1, runs.ReportedTehty},
	} {
		from := &fakeNotices{}
		from.answer = runs.Status{Phase: row.phase, Reported: runs.ReportedTehty}
		if row.phase == runs.PhaseAttention {
			from.answer.Attention = attention
		}
		listed, note := listNotices(t.Context(), from, []*runs.Life{lifeIn(row.phase)})
		require.Empty(t, note)
		require.Equal(t, row.asked, from.asked, row.phase)
		started := lastGood
		require.Equal(t, []listedNotice{{
			WorkflowID: "notice-" + testID, Customer: "esimerkki", NoticeID: 48213, TaskID: "T-1", Phase: row.phase,
			Reported: row.reported, Attention: from.answer.Attention, StartedAt: &started,
		}}, listed)
	}
}

func TestTheListKeepsItsShapeWithoutAWorker(t *testing.T) {
	for phase, reported := range map[runs.Phase]runs.Reported{
		runs.PhaseAttention: runs.ReportedNone, runs.PhaseWithdrawn: runs.ReportedNone,
		runs.PhaseDone: runs.ReportedTehty, runs.PhaseInvoiced: runs.ReportedValmis,
	} {
		listed, note := listNotices(t.Context(), &fakeNotices{statusErr: errors.New("no worker")}, []*runs.Life{lifeIn(phase)})
		require.Equal(t, reported, listed[0].Reported)
		if phase != runs.PhaseAttention {
			continue
		}
		require.Contains(t, note, "is a worker running?")
		require.Equal(t, &runs.Attention{
			Reason: runs.ReasonTwoTasks, Since: lastGood, What: runs.Advice(runs.ReasonTwoTasks),
		}, listed[0].Attention)
	}
}

// someSilent are notices of which some do not answer.
type someSilent struct {
	asked  int
	silent func(asked int) bool
}

func (f *someSilent) Status(context.Context, string) (runs.Status, error) {
	f.asked++
	if f.silent(f.asked) {
		return runs.Status{}, errors.New("no answer")
	}
	return runs.Status{Phase: runs.PhaseAttention, Reported: runs.ReportedTehty}, nil
}

func TestANoticeThatDoesNotAnswerStopsNoLaterOneFromBeingAsked(t *testing.T) {
	from := &someSilent{silent: func(asked int) bool { return asked%3 != 0 }}
	listed, note := listNotices(t.Context(), from, slices.Repeat([]*runs.Life{lifeIn(runs.PhaseAttention)}, 10))
	require.Len(t, listed, 10)
	require.Equal(t, 10, from.asked)
	require.Equal(t, runs.ReportedTehty, listed[8].Reported)
	require.Contains(t, note, "7 notices did not answer")
	require.NotContains(t, note, "worker", "others did answer")
}

func TestWithoutAWorkerTheListIsNotHeldUpByEachNotice(t *testing.T) {
	from := &someSilent{silent: func(int) bool { return true }}
	listed, note := listNotices(t.Context(), from, slices.Repeat([]*runs.Life{lifeIn(runs.PhaseAttention)}, 10))
	require.Len(t, listed, 10)
	require.Equal(t, silentInARow, from.asked)
	require.Contains(t, note, "10 notices did not answer")
}

func TestAMissingNoticeComesWithAdviceHoweverItIsNamed(t *testing.T) {
	_, _, byID := showNotice(t.Context(), &fakeNotices{}, testName)
	_, byNumber := resolve(t.Context(), &fakeNotices{}, noticeName{tunniste: "esimerkki", id: 1})
	for _, err := range []error{byID, byNumber} {
		require.ErrorIs(t, err, errNoNotice)
		require.ErrorContains(t, err, "starter customers list may tell why")
	}
}

func TestAListIsFilteredAsAsked(t *testing.T) {
	filter, err := listFilter("esimerkki", "attention", true)
	require.NoError(t, err)
	require.Equal(t, runs.Filter{Customers: []string{"esimerkki"}, Phase: runs.PhaseAttention, Open: true}, filter)
	filter, err = listFilter("", "", false)
	require.NoError(t, err)
	require.Zero(t, filter)
}

func TestShowTellsWhatIsTriedNowAndWhatHappened(t *testing.T) {
	from := &fakeNotices{
		life:   lifeIn(runs.PhaseWorking),
		answer: runs.Status{Phase: runs.PhaseWorking, Reported: runs.ReportedNone, History: []runs.HistoryEntry{{At: lastGood, What: runs.HappenedCreated, Result: "task T-1"}}},
		pending: []runs.PendingStep{{
			Activity: "SetState", Attempt: 3, NextRetry: &lastGood, LastFailure: "peer-unavailable: tampuuri: set state: refused with status 503",
		}},
	}
	shown, unanswered, err := showNotice(t.Context(), from, testName)
	require.NoError(t, err)
	require.NoError(t, unanswered)
	require.Equal(t, "SetState", shown.Pending[0].Activity)
	require.Equal(t, int32(3), shown.Pending[0].Attempt)
	require.Equal(t, "peer-unavailable: tampuuri: set state: refused with status 503", shown.Pending[0].LastFailure)
	require.Len(t, shown.History, 1)

	var text bytes.Buffer
	require.NoError(t, output{stdout: &text}.table(shown.rows()))
	require.Contains(t, text.String(), "SetState, attempt 3")
	require.Regexp(t, `created +task T-1`, text.String())
	text.Reset()
	require.NoError(t, output{stdout: &text}.json(shown))
	require.Contains(t, text.String(), `"workflowId": "notice-`+testID)
	require.Contains(t, text.String(), `"attention": null`)
}

func TestShowGivesTheRecordOfANoticeThatDoesNotAnswer(t *testing.T) {
	from := &fakeNotices{life: lifeIn(runs.PhaseInvoiced), statusErr: errors.New("no worker")}
	shown, unanswered, err := showNotice(t.Context(), from, testName)
	require.NoError(t, err)
	require.Error(t, unanswered)
	require.Equal(t, runs.PhaseInvoiced, shown.Phase)
	require.Equal(t, runs.ReportedValmis, shown.Reported)
}

func TestLinksArePagesForPeople(t *testing.T) {
	shown := shownNotice{listedNotice: listedNotice{NoticeID: 7, TaskID: "T-1"}}
	settings := config.Tools{Systems: config.Systems{TampuuriLink: "https://t.example/{id}", HillavaLink: "https://h.example/tasks/{id}"}}
	require.Equal(t, []string{"https://t.example/7", "https://h.example/tasks/T-1"}, linksOf(shown, settings))
	require.Empty(t, linksOf(shown, config.Tools{}))
}

func TestAnActionOnAClosedNoticeIsToldFromOneOnNone(t *testing.T) {
	resend := action{name: testName, signal: "resend"}
	open := &fakeNotices{life: lifeIn(runs.PhaseAttention)}
	workflowID, err := sendAction(t.Context(), open, resend)
	require.NoError(t, err)
	require.Equal(t, "notice-"+testID, workflowID)
	require.Equal(t, 1, open.resent)
	require.Empty(t, open.dismissals)

	_, err = sendAction(t.Context(), &fakeNotices{life: lifeIn(runs.PhaseInvoiced), signalErr: runs.ErrNone}, resend)
	require.ErrorContains(t, err, "is closed and takes no resend")
	_, err = sendAction(t.Context(), &fakeNotices{signalErr: runs.ErrNone}, resend)
	require.ErrorIs(t, err, errNoNotice)
}

func TestADismissalSaysWhoAndWhy(t *testing.T) {
	open := &fakeNotices{life: lifeIn(runs.PhaseAttention)}
	_, err := sendAction(t.Context(), open, action{name: testName, signal: "dismiss", by: "toimisto", code: "not-ours"})
	require.NoError(t, err)
	require.Equal(t, []runs.DismissSignal{{By: "toimisto", Code: "not-ours"}}, open.dismissals)
	require.Zero(t, open.resent)
}

func TestAnErasureThatDidNotEndWellSaysWhatToDo(t *testing.T) {
	one := []*runs.Life{lifeIn(runs.PhaseInvoiced)}
	for _, row := range []struct {
		erased []*runs.Life
		err    error
		says   string
		result string
	}{
		{nil, fmt.Errorf("erase: %w", runs.ErrOpen), "starter notice dismiss", "refused"},
		{nil, fmt.Errorf("erase: %w", runs.ErrNone), "no such notice here", "refused"},
		{nil, errors.New("connection lost"), "connection lost", "unknown"}, // it may be erased
		{one, context.DeadlineExceeded, "deadline", "1 runs erased, not finished"},
		{one, fmt.Errorf("erase: %w", runs.ErrOpen), "open", "1 runs erased, not finished"},
	} {
		err := eraseError("notice-"+testID, row.erased, row.err)
		require.ErrorContains(t, err, row.says)
		require.Equal(t, row.result, resultOf(err))
	}
	require.NoError(t, eraseError("notice-"+testID, one, nil))
}

func TestTimeEntriesThatWereChangedAfterSendingShowOnTheirNotice(t *testing.T) {
	changing := func(s *runs.CustomerStatus) {
		s.Changed = []runs.ChangedAfter{{WorkflowID: "notice-1", Since: "2026-02-05T10:00:00Z"}, {WorkflowID: "notice-2", Since: "odd"}}
	}
	listed := func() []*listedNotice {
		return []*listedNotice{
			{WorkflowID: "notice-1", Customer: "esimerkki", Phase: runs.PhaseInvoiced}, {WorkflowID: "notice-2", Customer: "esimerkki", Phase: runs.PhaseInvoiced},
			{WorkflowID: "notice-3", Customer: "esimerkki", Phase: runs.PhaseInvoiced}, {WorkflowID: "notice-4", Customer: "toinen", Phase: runs.PhaseWorking},
		}
	}
	customers := &fakeCustomers{running: map[string]fakeCustomer{"esimerkki": but(changing), "toinen": polled("toinen")}}
	notices := listed()
	require.Empty(t, markChanged(t.Context(), customers, notices))
	require.Equal(t, runs.Attention{Reason: runs.ReasonChangedAfterSending, Since: lastGood, What: runs.Advice(runs.ReasonChangedAfterSending)}, *notices[0].Attention)
	require.Zero(t, notices[1].Attention.Since)
	require.Nil(t, notices[2].Attention)
	require.EqualValues(t, 1, customers.asked.Load(), "once, and nobody without an invoiced notice")

	notices = listed()
	notices[0].Customer = "formerly"
	require.Empty(t, markChanged(t.Context(), customers, notices))
	require.NotNil(t, notices[0].Attention, "its customer has another Tunniste now")

	silent := &fakeCustomers{running: map[string]fakeCustomer{"esimerkki": {}}}
	require.Contains(t, markChanged(t.Context(), silent, listed()), "esimerkki, which did not answer")
	require.Empty(t, markChanged(t.Context(), silent, listed()[3:]))
}

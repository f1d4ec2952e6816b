package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tampuuri-hillava/activities"
	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
)

const testID = "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11"

var testName = noticeName{workflowID: "notice-" + testID}

func payload(t *testing.T, value any) *commonpb.Payload {
	t.Helper()
	encoded, err := converter.GetDefaultDataConverter().ToPayload(value)
	require.NoError(t, err)
	return encoded
}

// record is what Temporal keeps of a notice's run.
func record(t *testing.T, phase runs.Phase, status enumspb.WorkflowExecutionStatus) *workflowpb.WorkflowExecutionInfo {
	t.Helper()
	return &workflowpb.WorkflowExecutionInfo{
		Execution: &commonpb.WorkflowExecution{WorkflowId: "notice-" + testID},
		Status:    status,
		StartTime: timestamppb.New(lastGood),
		SearchAttributes: &commonpb.SearchAttributes{IndexedFields: map[string]*commonpb.Payload{
			"TampuuriCustomer": payload(t, "esimerkki"), "TampuuriNotice": payload(t, "48213"), "HillavaTask": payload(t, "T-1"),
			"NoticePhase": payload(t, string(phase)), "AttentionReason": payload(t, runs.ReasonTwoTasks),
		}},
		Memo: &commonpb.Memo{Fields: map[string]*commonpb.Payload{
			runs.memoRef: payload(t, runs.NoticeRef{Customer: "esimerkki", NoticeID: 48213, ExternalID: testID}),
		}},
	}
}

// fakeNotices is a Temporal with at most one notice.
type fakeNotices struct {
	record      *workflowpb.WorkflowExecutionInfo
	pending     []*workflowpb.PendingActivityInfo
	answer      runs.Status
	statusErr   error
	signalErr   error
	queries     []string
	asked, sent int
}

func (f *fakeNotices) list(_ context.Context, query string) ([]*workflowpb.WorkflowExecutionInfo, error) {
	f.queries = append(f.queries, query)
	if f.record == nil {
		return nil, nil
	}
	return []*workflowpb.WorkflowExecutionInfo{f.record}, nil
}

func (f *fakeNotices) describe(context.Context, string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	if f.record == nil {
		return nil, errNoNotice
	}
	return &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: f.record, PendingActivities: f.pending}, nil
}

func (f *fakeNotices) status(context.Context, string) (runs.Status, error) {
	f.asked++
	return f.answer, f.statusErr
}

func (f *fakeNotices) signal(context.Context, string, string, any) error {
	f.sent++
	return f.signalErr
}

const (
	running   = enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	completed = enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
)

func TestANoticeIsNamedByItsExternalIDOrByCustomerAndNumber(t *testing.T) {
	from := &fakeNotices{record: record(t, runs.PhaseWorking, running)}
	for _, text := range []string{testID, "5B0C1F1E-6A0E-4A58-9C0B-2F6F5A0D7E11", "notice-" + testID, "esimerkki/48213"} {
		name, err := readNoticeName(text)
		require.NoError(t, err)
		workflowID, err := resolve(t.Context(), from, name)
		require.NoError(t, err)
		require.Equal(t, "notice-"+testID, workflowID)
	}
	require.Equal(t, []string{"WorkflowType = 'Notice' AND TampuuriCustomer = 'esimerkki' AND TampuuriNotice = '48213'"}, from.queries)

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
		from := &fakeNotices{record: record(t, row.phase, running)}
		from.answer = runs.Status{Phase: row.phase, Reported: runs.ReportedTehty}
		if row.phase == runs.PhaseAttention {
			from.answer.Attention = attention
		}
		listed, note, err := listNotices(t.Context(), from, "")
		require.NoError(t, err)
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
		from := &fakeNotices{record: record(t, phase, running), statusErr: errors.New("no worker")}
		listed, note, err := listNotices(t.Context(), from, "")
		require.NoError(t, err)
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

// someSilent is a Temporal with that many notices in attention, of which some do not answer.
type someSilent struct {
	fakeNotices
	count  int
	silent func(asked int) bool
}

func (f *someSilent) list(context.Context, string) ([]*workflowpb.WorkflowExecutionInfo, error) {
	return slices.Repeat([]*workflowpb.WorkflowExecutionInfo{f.record}, f.count), nil
}

func (f *someSilent) status(context.Context, string) (runs.Status, error) {
	f.asked++
	if f.silent(f.asked) {
		return runs.Status{}, errors.New("no answer")
	}
	return runs.Status{Phase: runs.PhaseAttention, Reported: runs.ReportedTehty}, nil
}

func TestANoticeThatDoesNotAnswerStopsNoLaterOneFromBeingAsked(t *testing.T) {
	from := &someSilent{fakeNotices{record: record(t, runs.PhaseAttention, running)}, 10, func(asked int) bool { return asked%3 != 0 }}
	listed, note, err := listNotices(t.Context(), from, "")
	require.NoError(t, err)
	require.Len(t, listed, 10)
	require.Equal(t, 10, from.asked)
	require.Equal(t, runs.ReportedTehty, listed[8].Reported)
	require.Contains(t, note, "7 notices did not answer")
	require.NotContains(t, note, "worker", "others did answer")
}

func TestWithoutAWorkerTheListIsNotHeldUpByEachNotice(t *testing.T) {
	from := &someSilent{fakeNotices{record: record(t, runs.PhaseAttention, running)}, 10, func(int) bool { return true }}
	listed, note, err := listNotices(t.Context(), from, "")
	require.NoError(t, err)
	require.Len(t, listed, 10)
	require.Equal(t, silentInARow, from.asked)
	require.Contains(t, note, "10 notices did not answer")
}

func TestAMissingNoticeComesWithAdviceHoweverItIsNamed(t *testing.T) {
	byID := noticeError("look at", "notice-"+testID, serviceerror.NewNotFound("workflow not found"))
	_, byNumber := resolve(t.Context(), &fakeNotices{}, noticeName{tunniste: "esimerkki", id: 1})
	for _, err := range []error{byID, byNumber} {
		require.ErrorIs(t, err, errNoNotice)
		require.ErrorContains(t, err, "starter customers list may tell why")
	}
}

func TestListQueries(t *testing.T) {
	query, err := listQuery("esimerkki", "attention", true)
	require.NoError(t, err)
	require.Equal(t, "WorkflowType = 'Notice' AND TampuuriCustomer = 'esimerkki' AND NoticePhase = 'attention' AND ExecutionStatus = 'Running'", query)
}

func TestShowTellsWhatIsTriedNowAndWhatHappened(t *testing.T) {
	from := &fakeNotices{
		record: record(t, runs.PhaseWorking, running),
		answer: runs.Status{Phase: runs.PhaseWorking, Reported: runs.ReportedNone, History: []runs.HistoryEntry{{At: lastGood, What: runs.HappenedCreated, Result: "task T-1"}}},
		pending: []*workflowpb.PendingActivityInfo{{
			ActivityType: &commonpb.ActivityType{Name: "SetState"}, Attempt: 3, NextAttemptScheduleTime: timestamppb.New(lastGood),
			LastFailure: &failurepb.Failure{Message: "tampuuri: set state: refused with status 503", FailureInfo: &failurepb.Failure_ApplicationFailureInfo{
				ApplicationFailureInfo: &failurepb.ApplicationFailureInfo{Type: "peer-unavailable"},
			}},
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
	from := &fakeNotices{record: record(t, runs.PhaseInvoiced, completed), statusErr: errors.New("no worker")}
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
	resend := action{name: testName, signal: runs.SignalResend}
	open := &fakeNotices{record: record(t, runs.PhaseAttention, running)}
	workflowID, err := sendAction(t.Context(), open, resend)
	require.NoError(t, err)
	require.Equal(t, "notice-"+testID, workflowID)
	require.Equal(t, 1, open.sent)

	_, err = sendAction(t.Context(), &fakeNotices{record: record(t, runs.PhaseInvoiced, completed), signalErr: errNoNotice}, resend)
	require.ErrorContains(t, err, "is closed and takes no resend")
	_, err = sendAction(t.Context(), &fakeNotices{signalErr: errNoNotice}, resend)
	require.ErrorIs(t, err, errNoNotice)
}

// fakeReader is a Tampuuri with one notice, or with an error.
type fakeReader struct {
	n   notice.Notice
	err error
}

func (f fakeReader) Notice(context.Context, int64) (notice.Notice, error) { return f.n, f.err }

func TestImportTellsWhatToDoAboutANoticeThatTampuuriDoesNotGive(t *testing.T) {
	for status, want := range map[int]string{
		404: "Tampuuri has no notice 48213 of customer esimerkki; check the number and the tunniste",
		401: "Tampuuri refuses the credentials of customer esimerkki; mend them in customers.yaml",
		403: "Tampuuri refuses the credentials of customer esimerkki; mend them in customers.yaml",
		503: "read notice 48213 of esimerkki",
	} {
		answer := &peer.Error{Peer: "tampuuri", Op: "read notice", Kind: peer.KindStatus, Status: status}
		_, err := prepareImport(t.Context(), fakeReader{err: answer}, &fakeNotices{}, config.Customer{Tunniste: "esimerkki"}, 48213, notice.Keyer{})
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, fmt.Sprintf("refused with status %d", status))
		require.Equal(t, "failed: "+activities.FailureWord(answer), resultOf(err), "the audit line stays")
	}
}

func TestImportTakesOnlyANoticeThatIsOursOpenAndNotTooOld(t *testing.T) {
	keyer, err := notice.NewKeyer(bytes.Repeat([]byte("k"), 32))
	require.NoError(t, err)
	customer := config.Customer{Tunniste: "esimerkki", PerformerIDs: []int64{4711}, StartDate: lastGood.Add(-24 * time.Hour)}
	good := notice.Notice{ID: 48213, GUID: testID, PerformerID: 4711, State: "Uusi", Created: notice.Moment{At: lastGood}, PropertyID: 5}
	for name, row := range map[string]struct {
		change   func(*notice.Notice)
		existing *fakeNotices
		want     string
	}{
		"good":              {func(*notice.Notice) {}, &fakeNotices{}, ""},
		"reopened":          {func(*notice.Notice) {}, &fakeNotices{record: record(t, runs.PhaseInvoiced, completed)}, ""},
		"another performer": {func(n *notice.Notice) { n.PerformerID = 1 }, &fakeNotices{}, "is not ours"},
		"closed":            {func(n *notice.Notice) { n.State = notice.Valmis }, &fakeNotices{}, "is Valmis in Tampuuri"},
		"too old":           {func(n *notice.Notice) { n.Created.At = lastGood.Add(-48 * time.Hour) }, &fakeNotices{}, "before the customer's start date"},
		"old by its edit":   {func(n *notice.Notice) { n.Created = notice.Moment{}; n.Modified = lastGood.Add(-48 * time.Hour) }, &fakeNotices{}, "before the customer's start date"},
		"another's Guid":    {func(n *notice.Notice) { n.ID = 1 }, &fakeNotices{record: record(t, runs.PhaseWorking, running)}, "external id of another notice"},
	} {
		t.Run(name, func(t *testing.T) {
			n := good
			row.change(&n)
			start, err := prepareImport(t.Context(), fakeReader{n: n}, row.existing, customer, n.ID, keyer)
			if row.want != "" {
				require.ErrorContains(t, err, row.want)
				return
			}
			require.NoError(t, err)
			require.Equal(t, runs.NoticeRef{Customer: "esimerkki", NoticeID: 48213, ExternalID: testID}, start.Ref)
			require.Equal(t, runs.StandingOpen, start.Known.Standing)
			require.NotEmpty(t, start.Known.Prints)
			require.True(t, start.Again)
			require.Equal(t, int64(5), start.PropertyID)
		})
	}
}

func TestImportIsStoppedByWhatStopsThePollButNotByAPause(t *testing.T) {
	folder := t.TempDir()
	entry := `
  - tunniste: %s
    name: Esimerkki Oy
    consent: {reference: "1", date: 2026-01-15, recorded_by: toimisto}
    start_date: 2026-02-01
    performer_ids: [4711]
    credentials: {avain: a, asiakas: a, tili: a, kayttajatunnus: a, salasana: a}
`
	content := "customers:" + fmt.Sprintf(entry, "good") + strings.Replace(fmt.Sprintf(entry, "faulty"), "[4711]", "[]", 1) + fmt.Sprintf(entry, "unsynced")
	path := filepath.Join(folder, "customers.yaml")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	settings := config.Tools{Systems: config.Systems{CustomersFile: path, PollEvery: time.Minute}}
	polls := fakeRounds{
		runs.ScheduleSyncCustomers: synced(runs.CustomerState{Tunniste: "good", Polled: true}, runs.CustomerState{Tunniste: "unsynced", Reasons: []string{"name differs"}}),
		"poll-good":                {paused: true, note: "holiday"},
	}
	customer, err := importable(t.Context(), polls, settings, "good")
	require.NoError(t, err)
	require.Equal(t, "good", customer.Tunniste)
	for tunniste, want := range map[string]string{"faulty": "performer_ids is empty", "unsynced": "name differs", "nobody": "has no entry"} {
		_, err := importable(t.Context(), polls, settings, tunniste)
		require.ErrorContains(t, err, want)
	}
	settings.CustomersFile = filepath.Join(folder, "none")
	_, err = importable(t.Context(), polls, settings, "good")
	require.ErrorContains(t, err, "customers file")
}

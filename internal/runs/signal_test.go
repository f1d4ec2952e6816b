package runs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	commonpb "go.temporal.io/api/common/v1"
)

func TestASignalsOutcomeIsToldFromTemporalsAnswers(t *testing.T) {
	gone := serviceerror.NewNotFound("workflow execution already completed")
	away := serviceerror.NewPermissionDenied("away", "") // the SDK repeats what may pass, and a test need not wait for that
	running, completed := enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	for name, row := range map[string]struct {
		signals  []error
		status   enumspb.WorkflowExecutionStatus
		look     error
		expected Outcome
		failure  bool
	}{
		"taken":                    {[]error{nil}, running, nil, Accepted, false},
		"Temporal away":            {[]error{away}, running, nil, "", true},
		"closed":                   {[]error{gone}, completed, nil, Closed, false},
		"terminated":               {[]error{gone}, enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED, nil, Closed, false},
		"unknown":                  {[]error{gone}, running, gone, Unknown, false},
		"look fails":               {[]error{gone}, running, away, "", true},
		"runs again":               {[]error{gone, nil}, running, nil, Accepted, false},
		"runs again, and is gone":  {[]error{gone, gone}, running, nil, "", true},
		"runs again, then is away": {[]error{gone, away}, running, nil, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			answers := row.signals
			f := &frontend{
				onSignal: func() error {
					err := answers[0]
					answers = answers[1:]
					return err
				},
				onDescribe: func() (*workflowservice.DescribeWorkflowExecutionResponse, error) {
					return &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{Status: row.status}}, row.look
				},
			}
			outcome, err := serve(t, f).SignalEvent(t.Context(), "ABC-def", TyoValmis, EventSignal{EventID: "e"})
			require.Equal(t, row.failure, err != nil, err)
			require.Equal(t, row.expected, outcome)
			require.Equal(t, "notice-abc-def", f.signals[0].GetWorkflowExecution().GetWorkflowId())
			require.Empty(t, f.signals[0].GetWorkflowExecution().GetRunId(), "a signal to one run misses the run that follows")
			if err != nil {
				require.NotContains(t, err.Error(), "ABC-def", "the id is the sender's text")
			}
		})
	}
}

func TestOneCauseHasOneRequestIDAndAPersonMaySendTwice(t *testing.T) {
	f := &frontend{}
	c := serve(t, f)
	sent := func(send func() error) string {
		require.NoError(t, send())
		return f.signals[len(f.signals)-1].GetRequestId()
	}
	event := func(signal SignalRef[EventSignal], id string) func() error {
		return func() error {
			_, err := c.SignalEvent(t.Context(), "x", signal, EventSignal{EventID: id})
			return err
		}
	}
	task := SentTask{TaskID: "T-1", Modified: "2026-02-03T10:00:00Z"}
	moved := task
	moved.Modified = "2026-02-03T10:00:01Z"
	life := &Life{Ref: NoticeRef{ExternalID: "x"}, Snapshot: Snapshot{Standing: StandingOpen}}
	looked := &Life{Ref: NoticeRef{ExternalID: "x"}, Snapshot: Snapshot{Standing: StandingReassigned}}
	at := time.Date(2026, 2, 3, 10, 0, 0, 0, time.UTC)
	changed := func(life *Life, now Standing) func() error {
		return func() error { return c.TellChanged(t.Context(), life, Snapshot{Standing: now}, at, at.Add(time.Hour)) }
	}
	changedNextDay := func() error {
		return c.TellChanged(t.Context(), life, Snapshot{Standing: StandingTehty}, at, at.AddDate(0, 0, 1))
	}
	for name, row := range map[string]struct {
		one, other func() error
		same       bool
	}{
		"an event delivered twice":        {event(TyoValmis, "e1"), event(TyoValmis, "e1"), true},
		"two events":                      {event(TyoValmis, "e1"), event(TyoValmis, "e2"), false},
		"one id used for both signals":    {event(TyoValmis, "e1"), event(Laskutettu, "e1"), false},
		"one difference told twice":       {changed(life, StandingTehty), changed(life, StandingTehty), true},
		"one difference told another day": {changed(life, StandingTehty), changedNextDay, false},
		"another difference":              {changed(life, StandingTehty), changed(life, StandingCancelled), false},
		"a way there and back":            {changed(life, StandingReassigned), changed(looked, StandingOpen), false},
		"one move of a task told twice":   {func() error { return c.TellEntriesChanged(t.Context(), "a", task) }, func() error { return c.TellEntriesChanged(t.Context(), "a", task) }, true},
		"a task that has moved again":     {func() error { return c.TellEntriesChanged(t.Context(), "a", task) }, func() error { return c.TellEntriesChanged(t.Context(), "a", moved) }, false},
		"one sync's finding, told twice":  {func() error { return c.TellServed(t.Context(), "a", "s1", Served{}) }, func() error { return c.TellServed(t.Context(), "a", "s1", Served{}) }, true},
		"two syncs' findings":             {func() error { return c.TellServed(t.Context(), "a", "s1", Served{}) }, func() error { return c.TellServed(t.Context(), "a", "s2", Served{}) }, false},
		"a person's resend":               {func() error { return c.SendResend(t.Context(), "notice-x", ResendSignal{By: "toimisto"}) }, func() error { return c.SendResend(t.Context(), "notice-x", ResendSignal{By: "toimisto"}) }, false},
		"a person's dismissal": {
			func() error { return c.SendDismiss(t.Context(), "notice-x", DismissSignal{By: "a", Code: "other"}) },
			func() error { return c.SendDismiss(t.Context(), "notice-x", DismissSignal{By: "a", Code: "other"}) }, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			one, other := sent(row.one), sent(row.other)
			require.NotEmpty(t, one)
			require.Equal(t, row.same, one == other)
		})
	}
}

func TestWhoIsNoLongerThereNeedsNotBeTold(t *testing.T) {
	c := serve(t, &frontend{onSignal: func() error { return serviceerror.NewNotFound("workflow execution already completed") }})
	require.NoError(t, c.TellChanged(t.Context(), &Life{Ref: NoticeRef{ExternalID: "x"}}, Snapshot{}, time.Now(), time.Now()))
	require.NoError(t, c.TellEntriesChanged(t.Context(), "a", SentTask{}))
	require.ErrorIs(t, c.SendResend(t.Context(), "notice-x", ResendSignal{By: "toimisto"}), ErrNone)
	require.ErrorIs(t, c.SendDismiss(t.Context(), "notice-x", DismissSignal{}), ErrNone)
}

func TestAPayloadWrittenByHandIsReadOrTold(t *testing.T) {
	payload := func(value any) converter.RawValue {
		encoded, err := converter.GetDefaultDataConverter().ToPayload(value)
		require.NoError(t, err)
		return converter.NewRawValue(encoded)
	}
	good, ok := TyoValmis.Decode(payload(EventSignal{EventID: "e1"}))
	require.True(t, ok)
	require.Equal(t, "e1", good.EventID)
	for name, raw := range map[string]converter.RawValue{
		"none": {}, "a number": payload(7), "a word": payload("e1"), "a half": payload(map[string]any{"eventId": "e1", "occurredAt": 7}),
		"no JSON": converter.NewRawValue(&commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte("{")}),
	} {
		got, ok := TyoValmis.Decode(raw)
		require.False(t, ok, name)
		require.Zero(t, got, name)
	}
}

package runs

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func TestADeadWorkerIsNotCountedForLongerThanALongPoll(t *testing.T) {
	now := time.Now()
	lastSeen := func(ago time.Duration) *taskqueuepb.PollerInfo {
		return &taskqueuepb.PollerInfo{LastAccessTime: timestamppb.New(now.Add(-ago))}
	}
	require.Equal(t, 2, countFresh([]*taskqueuepb.PollerInfo{lastSeen(time.Second), lastSeen(65 * time.Second), lastSeen(75 * time.Second)}, now))
}

func TestSearchAttributesThatDoNotWorkAreNamedWithoutTheOperatorService(t *testing.T) {
	found, err := serve(t, all(lacking()).closed(refusals["denied"])).WrongSearchAttributes(t.Context())
	require.NoError(t, err)
	require.Empty(t, found)

	wrong := all(lacking("NoticePhase"))
	wrong.types["HillavaTask"] = enumspb.INDEXED_VALUE_TYPE_TEXT
	found, err = serve(t, wrong.closed(refusals["denied"])).WrongSearchAttributes(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"HillavaTask", "NoticePhase"}, found)
}

func TestWhatComesFromTemporalIsToldFromOurOwnErrors(t *testing.T) {
	for _, err := range []error{serviceerror.NewUnavailable("away"), context.DeadlineExceeded, context.Canceled} {
		require.True(t, OfTemporal(fmt.Errorf("list: %w", err)), err)
	}
	require.False(t, OfTemporal(errors.New("list: away")))
}

func TestWhatARuleRefusesIsToldFromAStepThatFailed(t *testing.T) {
	said := func(word string) *failurepb.Failure {
		return &failurepb.Failure{Message: "in words", FailureInfo: &failurepb.Failure_ApplicationFailureInfo{
			ApplicationFailureInfo: &failurepb.ApplicationFailureInfo{Type: word},
		}}
	}
	ofStep := func(cause *failurepb.Failure) *failurepb.Failure {
		return &failurepb.Failure{Cause: cause, FailureInfo: &failurepb.Failure_ActivityFailureInfo{ActivityFailureInfo: &failurepb.ActivityFailureInfo{}}}
	}
	timeout := &failurepb.Failure{FailureInfo: &failurepb.Failure_TimeoutFailureInfo{TimeoutFailureInfo: &failurepb.TimeoutFailureInfo{}}}
	for name, row := range map[string]struct {
		failure  *failurepb.Failure
		expected Refusal
	}{
		"the workflow says no": {said(FaultCustomerStopped), Refusal{"in words", ""}},
		"a step says no":       {ofStep(said(NotImported)), Refusal{"in words", ""}},
		"a step failed":        {ofStep(said(FaultUnavailable)), Refusal{"in words", FaultUnavailable}},
		"a step took too long": {ofStep(timeout), Refusal{"it took longer than it may; try again", FaultTimeout}},
	} {
		err := temporal.GetDefaultFailureConverter().FailureToError(row.failure)
		require.Equal(t, &row.expected, refusalIn(fmt.Errorf("import: %w", err)), name)
	}
	require.Nil(t, refusalIn(serviceerror.NewUnavailable("away")))
	require.Nil(t, refusalIn(nil))
}

func TestARunsMarksAreItsStatusAsFarAsTemporalKnows(t *testing.T) {
	at := time.Date(2026, 2, 3, 10, 0, 0, 0, time.UTC)
	marks := &Marks{
		Reasons: []string{"no consent"}, LastGood: &at, NextPoll: &at, LastAt: &at, Last: PollCounts{Known: 3}, Compared: &at, Open: 2, Unflagged: 1,
		Skipped: []SkippedNotice{{NoticeID: 7, Reason: SkippedUnreadable}},
	}
	require.Equal(t, CustomerStatus{
		Tunniste: "a", Polled: false, Reasons: []string{"no consent"}, LastGoodPoll: &at, NextPoll: &at, LastCompared: &at, Open: 2, Unflagged: 1,
		Skipped: []SkippedNotice{{NoticeID: 7, Reason: SkippedUnreadable}}, LastRound: &LastRound{At: &at, PollCounts: PollCounts{Known: 3}},
		Changed: []ChangedAfter{},
	}, marks.Status("a"))
	require.NotNil(t, (*Marks)(nil).Status("a").Reasons)
}

package runs

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func TestADeadWorkerIsNotCountedForLongerThanALongPoll(t *testing.T) {
	now := time.Now()
	lastSeen := func(ago time.Duration) *taskqueuepb.PollerInfo {
		return &taskqueuepb.PollerInfo{LastAccessTime: timestamppb.New(now.Add(-ago))}
	}
	require.Equal(t, 2, countFresh([]*taskqueuepb.PollerInfo{lastSeen(time.Second), lastSeen(65 * time.Second), lastSeen(75 * time.Second)}, now))
}

func TestWhatComesFromTemporalIsToldFromOurOwnErrors(t *testing.T) {
	for _, err := range []error{serviceerror.NewUnavailable("away"), context.DeadlineExceeded, context.Canceled} {
		require.True(t, OfTemporal(fmt.Errorf("list: %w", err)), err)
	}
	require.False(t, OfTemporal(errors.New("list: away")))
}

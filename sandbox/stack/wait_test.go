package stack

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWaitForReturnsWhenTheConditionHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		looks := 0
		err := WaitFor(t.Context(), "the third look", func(context.Context) error {
			if looks++; looks < 3 {
				return errors.New("too early")
			}
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, 3, looks)
	})
}

func TestWaitForSaysWhatItWaitedForAndWhatWasMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeoutCause(t.Context(), 2*time.Second, errors.New("the step took too long"))
		defer cancel()
		err := WaitFor(ctx, "the task", func(context.Context) error { return errors.New("Hillava has none") })
		require.EqualError(t, err, "waited 2.0 s for the task: Hillava has none\nthe step took too long")
	})
}

func TestSettledWaitsUntilNothingChangesForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		err := Settled(t.Context(), 3*time.Second, func(context.Context) (string, error) {
			if time.Since(started) < time.Second {
				return time.Since(started).String(), nil
			}
			return "quiet", nil
		})
		require.NoError(t, err)
		require.InDelta(t, 4, time.Since(started).Seconds(), 0.2)
	})
}

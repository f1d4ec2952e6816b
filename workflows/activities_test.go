package workflows

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"

	"tampuuri-hillava/internal/runs"
)

func TestAnAttemptEndsByTheWorkersClockToo(t *testing.T) {
	serverIsAhead, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	ctx, end := byOwnClock(serverIsAhead, time.Minute)
	defer end()
	deadline, _ := ctx.Deadline()
	require.LessOrEqual(t, time.Until(deadline), time.Minute)

	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	setState.register(env, func(ctx context.Context, _ runs.SetStateInput) (runs.StateSet, error) {
		deadline, ok := ctx.Deadline()
		require.True(t, ok)
		require.LessOrEqual(t, time.Until(deadline), activity.GetInfo(ctx).StartToCloseTimeout)
		return runs.StateSet{}, nil
	})
	_, err := env.ExecuteActivity(setState.name, runs.SetStateInput{})
	require.NoError(t, err)
}

package workflows

import (
	"testing"
	"time"

	"tampuuri-hillava/internal/runs"

	"github.com/stretchr/testify/require"
)

func TestAStepIsTriedAgainAfterFiveMinutesAtMost(t *testing.T) {
	policy := patient(runs.Timing{HTTPTimeout: 10 * time.Second})
	require.Equal(t, 2*time.Second, policy.InitialInterval)
	require.Equal(t, 5*time.Minute, policy.MaximumInterval)
	require.Zero(t, policy.MaximumAttempts, "for as long as it takes")
}

func TestTheLongestPauseFollowsTheTimeout(t *testing.T) {
	for timeout, longest := range map[time.Duration]time.Duration{
		500 * time.Millisecond: 15 * time.Second,
		time.Second:            30 * time.Second,
		10 * time.Second:       5 * time.Minute,
		time.Minute:            10 * time.Minute,
	} {
		require.Equal(t, longest, runs.Timing{HTTPTimeout: timeout}.LongestPause(), "HTTP_TIMEOUT %s", timeout)
	}
}

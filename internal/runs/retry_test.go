package runs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAStepIsTooEarlyWhileItsLastWriteMayBeOnItsWay: tried at once, it would look before there is anything to see, and write
// again.
func TestAStepIsTooEarlyWhileItsLastWriteMayBeOnItsWay(t *testing.T) {
	const window = 15 * time.Second
	now := time.Date(2026, 2, 5, 10, 0, 0, 0, time.UTC)
	ago := func(since time.Duration) *time.Time {
		at := now.Add(-since)
		return &at
	}
	for name, row := range map[string]struct {
		step  PendingStep
		early bool
	}{
		"within the window":       {PendingStep{LastFailure: FaultOutcomeUnknown + ": tampuuri: set state: no usable answer", LastEnded: ago(window - time.Second)}, true},
		"after it":                {PendingStep{LastFailure: FaultOutcomeUnknown + ": tampuuri: set state: no usable answer", LastEnded: ago(window)}, false},
		"nothing was written":     {PendingStep{LastFailure: FaultUnavailable + ": tampuuri: read notice: no usable answer", LastEnded: ago(0)}, false},
		"its words speak of that": {PendingStep{LastFailure: "unexpected: outcome-unknown", LastEnded: ago(0)}, false},
		"no attempt has ended":    {PendingStep{}, false},
	} {
		until, early := row.step.tooEarly(now, window)
		require.Equal(t, row.early, early, name)
		if early {
			require.Equal(t, now.Add(time.Second), until)
		}
	}
}

func TestEveryReasonIsListedOnce(t *testing.T) {
	listed := Reasons()
	require.Len(t, listed, len(reasons)+1)
	require.Contains(t, listed, ReasonHillavaRefused)
	require.Contains(t, listed, ReasonUnexpected)
}

package rounds

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/runs"
)

func TestAnInterruptedRoundForgetsNoGoodPoll(t *testing.T) {
	first := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	later := first.Add(time.Hour)
	all := New(Options{Now: func() time.Time { return later }})
	latest := func(tunniste string, told *time.Time) *time.Time {
		r := &customerRound{Rounds: all, in: runs.CustomerRoundInput{Tunniste: tunniste}, marks: runs.Marks{LastGood: told}}
		return r.lastGood()
	}
	require.Nil(t, latest("esimerkki", nil), "before the first")
	require.True(t, latest("esimerkki", &later).Equal(later))
	require.True(t, latest("esimerkki", &first).Equal(later), "the marks of the last news are older")
	require.True(t, latest("toinen", &first).Equal(first), "each customer has its own")
}

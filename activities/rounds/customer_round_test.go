package rounds

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAnInterruptedRoundForgetsNoGoodPoll(t *testing.T) {
	first := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	later := first.Add(time.Hour)
	var polls goodPolls
	require.Nil(t, polls.latest("esimerkki", nil), "before the first")
	require.True(t, polls.latest("esimerkki", &later).Equal(later))
	require.True(t, polls.latest("esimerkki", &first).Equal(later), "the marks of the last news are older")
	require.True(t, polls.latest("toinen", &first).Equal(first), "each customer has its own")
}

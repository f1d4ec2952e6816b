package workflows

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAnAttemptEndsByTheWorkersClockToo(t *testing.T) {
	serverIsAhead, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	ctx, end := byOwnClock(serverIsAhead, time.Minute)
	defer end()
	deadline, _ := ctx.Deadline()
	require.LessOrEqual(t, time.Until(deadline), time.Minute)
}

package activities

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
)

// requireRetryable says that the attempt failed in a way that another one may mend.
func requireRetryable(t *testing.T, kind string, failure *temporal.ApplicationError) {
	t.Helper()
	require.NotNil(t, failure, "the attempt succeeded")
	require.Equal(t, kind, failure.Type())
	require.False(t, failure.NonRetryable())
}

// requireReason says that the attempt gave up for good, with that reason.
func requireReason(t *testing.T, reason string, failure *temporal.ApplicationError) {
	t.Helper()
	require.NotNil(t, failure, "the attempt succeeded")
	require.Equal(t, reason, failure.Type())
	require.True(t, failure.NonRetryable())
}

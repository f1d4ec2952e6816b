package runs

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAWorkflowIDLeadsBackToItsExternalID(t *testing.T) {
	require.Equal(t, "5b0c1f1e-6a0e", ExternalIDOf(NoticeWorkflowID("5B0C1F1E-6a0e")), "Hillava may send it back in another case")
	require.Equal(t, NoticeWorkflowID("5B0C1F1E"), NoticeWorkflowID("5b0c1f1e"))
}

func TestACustomersWorkflowIDLeadsBackToItsTunniste(t *testing.T) {
	for _, tunniste := range []string{"esimerkki", "Esimerkki", "a-b.c_1", "customer-x"} {
		got, ok := tunnisteOf(customerWorkflowID(tunniste))
		require.True(t, ok)
		require.Equal(t, tunniste, got)
	}
	for _, other := range []string{"", "customer-", "notice-x", ScheduleSyncCustomers} {
		_, ok := tunnisteOf(other)
		require.False(t, ok, other)
	}
}

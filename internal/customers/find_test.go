package customers

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/customers/customerstest"
	"tampuuri-hillava/internal/runs"
)

func TestACustomerWithoutAWorkflowTellsTheReasonsOfTheSync(t *testing.T) {
	from := &customerstest.Temporal{Sync: customerstest.Synced(runs.CustomerState{Tunniste: "a", Served: runs.Served{Reasons: []string{"no entry", "3 open notices"}}})}
	err := NoWorkflow(t.Context(), from, "a")
	require.ErrorContains(t, err, "no entry; 3 open notices")
	require.EqualError(t, NoWorkflow(t.Context(), from, "b"), "there is no customer b; there are: a; did you mean a?")
	require.ErrorContains(t, NoWorkflow(t.Context(), &customerstest.Temporal{}, "a"), "starter customers sync")
}

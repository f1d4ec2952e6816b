package stack

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
)

// The service beside the stand-ins starts with nothing but their folder, so the folder must hold all it needs.
func TestStandInsAloneLeaveWhatTheServiceNeedsInTheirFolder(t *testing.T) {
	folder := t.TempDir()
	running, err := NewStandIns(t.Context(), Options{Dir: folder, Page: true, Seed: true, WebhookURL: "http://127.0.0.1:1/webhooks/hillava"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, running.Close()) })

	customers, err := config.LoadCustomers(running.CustomersFile, 1)
	require.NoError(t, err)
	require.Len(t, customers, 2)
	for _, customer := range customers {
		require.Empty(t, customer.Faults)
	}
	require.FileExists(t, folder+"/secrets/hillava-token")
	require.FileExists(t, folder+"/secrets/webhook-secret")
	require.NoError(t, answers(t.Context(), running.PageURL))

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, running.TampuuriURL+"ilmoitukset/48213", nil)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusUnauthorized, answer.StatusCode, "it is there, and wants credentials")
}

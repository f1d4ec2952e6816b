package config

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// newTestRegistry gives a registry over one good entry, a clock to advance, and the file's folder and path.
func newTestRegistry(t *testing.T) (registry *Registry, advance func(), folder, path string) {
	t.Helper()
	folder = t.TempDir()
	writeFile(t, folder, "avain", "avain-value")
	path = writeFile(t, folder, "customers.yaml", "customers:"+goodEntry)
	registry, err := NewRegistry(path, testDefaults)
	require.NoError(t, err)
	now := time.Now()
	registry.now = func() time.Time { return now }
	return registry, func() { now = now.Add(checkEvery) }, folder, path
}

func TestTheRegistryFollowsItsFile(t *testing.T) {
	registry, advance, folder, _ := newTestRegistry(t)
	writeFile(t, folder, "customers.yaml", "customers:"+goodEntry+strings.Replace(goodEntry, "esimerkki", "toinen", 1))
	advance()
	require.Len(t, registry.Customers(), 2)
	_, found := registry.Customer("toinen")
	require.True(t, found)
	_, found = registry.Customer("kolmas")
	require.False(t, found)
}

func TestTheRegistryFollowsSecretFiles(t *testing.T) {
	registry, advance, folder, _ := newTestRegistry(t)
	writeFile(t, folder, "avain", "renewed-value")
	advance()
	customer, _ := registry.Customer("esimerkki")
	require.Equal(t, "renewed-value", customer.Credentials.Avain.Reveal())

	require.NoError(t, os.Remove(folder+"/avain"))
	advance()
	customer, _ = registry.Customer("esimerkki")
	require.NotEmpty(t, customer.Faults)

	writeFile(t, folder, "avain", "back")
	advance()
	customer, _ = registry.Customer("esimerkki")
	require.Empty(t, customer.Faults)
}

func TestTheRegistryKeepsTheLastGoodCustomers(t *testing.T) {
	registry, advance, folder, _ := newTestRegistry(t)
	writeFile(t, folder, "customers.yaml", "customers: nonsense\n")
	advance()
	require.Len(t, registry.Customers(), 1)
	require.Error(t, registry.LastError())
	require.Error(t, registry.Reload())

	writeFile(t, folder, "customers.yaml", "customers: []\n")
	advance()
	require.Empty(t, registry.Customers())
	require.NoError(t, registry.LastError())
}

func TestTheRegistryRefusesAFileThatIsNotThere(t *testing.T) {
	_, err := NewRegistry(t.TempDir()+"/none.yaml", testDefaults)
	require.Error(t, err)
}

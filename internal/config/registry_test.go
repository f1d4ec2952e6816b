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
	registry, err := NewRegistry(path, testPollEvery, func(Exposed) {})
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

func TestAConsentOfALaterDayIsAFaultUntilThatDayInHelsinki(t *testing.T) {
	registry, _, folder, _ := newTestRegistry(t)
	// A Helsinki day begins at 22:00 UTC in winter.
	eve := time.Date(2099, 1, 14, 21, 59, 59, 0, time.UTC)
	writeFile(t, folder, "customers.yaml", "customers:"+strings.Replace(goodEntry, "date: 2026-01-15", "date: 2099-01-15", 1))
	require.NoError(t, registry.Reload())
	registry.now = func() time.Time { return eve }
	for range 2 { // what one call adds is not there for the next
		customer, _ := registry.Customer("esimerkki")
		require.Len(t, customer.Faults, 1)
		require.Contains(t, customer.Faults[0], "consent is dated in the future")
		require.True(t, customer.Credentials.Complete())
		require.False(t, customer.Consent.InForce(eve))
		require.Equal(t, []Customer{customer}, registry.Customers())
	}
	seen := registry.seen
	registry.now = func() time.Time { return eve.Add(time.Second) }
	customer, _ := registry.Customer("esimerkki")
	require.Empty(t, customer.Faults)
	require.True(t, customer.Consent.InForce(eve.Add(time.Second)))
	require.Empty(t, registry.Customers()[0].Faults)
	require.Equal(t, seen, registry.seen, "the file has not changed")
}

func TestTheRegistryKeepsTheLastGoodCustomers(t *testing.T) {
	registry, advance, folder, _ := newTestRegistry(t)
	writeFile(t, folder, "customers.yaml", "customers: nonsense\n")
	advance()
	require.Len(t, registry.Customers(), 1)
	require.Error(t, registry.Reload())
	require.Error(t, registry.Reload())

	writeFile(t, folder, "customers.yaml", "customers: []\n")
	advance()
	require.Empty(t, registry.Customers())
	require.NoError(t, registry.Reload())
}

func TestSecretsAreFollowedWhileTheFileCannotBeRead(t *testing.T) {
	registry, advance, folder, path := newTestRegistry(t)
	writeFile(t, folder, "customers.yaml", "customers: nonsense\n")
	writeFile(t, folder, "avain", "renewed-value")
	advance()
	customer, _ := registry.Customer("esimerkki")
	require.Equal(t, "renewed-value", customer.Credentials.Avain.Reveal())
	require.Error(t, registry.Reload())

	require.NoError(t, os.Remove(path))
	writeFile(t, folder, "avain", "again-renewed")
	advance()
	customer, _ = registry.Customer("esimerkki")
	require.Equal(t, "again-renewed", customer.Credentials.Avain.Reveal())
	require.ErrorIs(t, registry.Reload(), os.ErrNotExist)

	writeFile(t, folder, "customers.yaml", "customers:"+goodEntry)
	advance()
	require.Len(t, registry.Customers(), 1)
	require.NoError(t, registry.Reload())
}

func TestAFormerTunnisteFindsItsCustomer(t *testing.T) {
	registry, advance, folder, _ := newTestRegistry(t)
	other := strings.Replace(goodEntry, "esimerkki", "toinen", 1)
	writeFile(t, folder, "customers.yaml", "customers:"+goodEntry+"    formerly: [vanha, toinen]\n"+strings.TrimPrefix(other, "\n")+"    formerly: [jaettu]\n")
	advance()
	for asked, want := range map[string]string{"esimerkki": "esimerkki", "vanha": "esimerkki", "toinen": "toinen", "jaettu": "toinen"} {
		customer, found := registry.Customer(asked)
		require.True(t, found, asked)
		require.Equal(t, want, customer.Tunniste, asked)
	}
	writeFile(t, folder, "customers.yaml", "customers:"+goodEntry+"    formerly: [jaettu]\n"+strings.TrimPrefix(other, "\n")+"    formerly: [jaettu]\n")
	advance()
	_, found := registry.Customer("jaettu")
	require.False(t, found, "of two that may be the right one none is")
	_, found = registry.Customer("")
	require.False(t, found)
}

func TestTheRegistryRefusesAFileThatIsNotThere(t *testing.T) {
	_, err := NewRegistry(t.TempDir()+"/none.yaml", testPollEvery, nil)
	require.Error(t, err)
}

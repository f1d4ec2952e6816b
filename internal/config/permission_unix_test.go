//go:build linux || darwin

package config

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// mounted makes every file look as if it were on a mount with these flags, until the test ends.
func mounted(t *testing.T, flags int64, err error) {
	t.Helper()
	real := statfs
	statfs = func(_ int, mount *syscall.Statfs_t) error {
		setFlags(mount, flags)
		return err
	}
	t.Cleanup(func() { statfs = real })
}

func TestASecretThatOthersMayReadIsTakenFromAReadOnlyMountOnly(t *testing.T) {
	open := writeFile(t, t.TempDir(), "open", "abc")
	require.NoError(t, os.Chmod(open, 0o644))
	const noDevices, noExecution = 4, 8 // other flags of a mount
	for name, row := range map[string]struct {
		flags int64
		err   error
		taken bool
	}{
		"read-only":                     {flags: readOnlyFlag, taken: true},
		"read-only, with others":        {flags: noDevices | readOnlyFlag | noExecution, taken: true},
		"writable":                      {flags: 0},
		"writable, with other flags":    {flags: noDevices | noExecution},
		"the system does not say of it": {flags: readOnlyFlag, err: errors.New("no such call")},
	} {
		t.Run(name, func(t *testing.T) {
			mounted(t, row.flags, row.err)
			secret, err := readSecretFile(open)
			if row.taken {
				require.NoError(t, err)
				require.Equal(t, "abc", secret.Reveal())
				return
			}
			require.ErrorContains(t, err, "can be read by others")
		})
	}
}

func TestCredentialsInACustomersFileOnAReadOnlyMountAreNotWarnedOf(t *testing.T) {
	path := writeFile(t, t.TempDir(), "customers.yaml", "")
	require.NoError(t, os.Chmod(path, 0o644))
	customers := []Customer{{Tunniste: "esimerkki", inline: true}}
	require.NotEmpty(t, ExposedCredentials(path, customers))
	mounted(t, readOnlyFlag, nil)
	require.Empty(t, ExposedCredentials(path, customers))
}

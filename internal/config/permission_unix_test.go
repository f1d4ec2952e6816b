//go:build linux || darwin

package config

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"syscall"
	"testing"

	"tampuuri-hillava/sandbox/skipped"

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

func TestASecretThatOthersMayReadIsWarnedOfUnlessItsMountIsReadOnly(t *testing.T) {
	open := writeFile(t, t.TempDir(), "open", "abc")
	require.NoError(t, os.Chmod(open, 0o644))
	const noDevices, noExecution = 4, 8 // other flags of a mount
	for name, row := range map[string]struct {
		flags  int64
		err    error
		silent bool
	}{
		"read-only":                     {flags: readOnlyFlag, silent: true},
		"read-only, with others":        {flags: noDevices | readOnlyFlag | noExecution, silent: true},
		"writable":                      {flags: 0},
		"writable, with other flags":    {flags: noDevices | noExecution},
		"the system does not say of it": {flags: readOnlyFlag, err: errors.New("no such call")},
	} {
		t.Run(name, func(t *testing.T) {
			mounted(t, row.flags, row.err)
			secret, exposed, err := readSecretFile(open)
			require.NoError(t, err)
			require.Equal(t, "abc", secret.Reveal())
			require.Equal(t, row.silent, exposed == nil)
		})
	}
}

// TestOnlyStrangersAreWarnedOf: root:app 0640 is how Vault Agent and Kubernetes' fsGroup make a secret.
func TestOnlyStrangersAreWarnedOf(t *testing.T) {
	us := identity{uid: 1000, groups: []int{1000, 2000}}
	const ours, theirs = 2000, 3000
	for name, row := range map[string]struct {
		mode     os.FileMode
		uid, gid int
		advice   string // "" when nothing is said
	}{
		"ours alone":                   {0o600, 1000, 1000, ""},
		"ours, our group":              {0o640, 1000, ours, ""},
		"ours, read-only, our group":   {0o440, 1000, ours, ""},
		"root's, our group":            {0o640, 0, ours, ""},
		"root's, read-only, our group": {0o440, 0, ours, ""},
		"root's, another group":        {0o640, 0, theirs, ""},
		"another's, our group":         {0o640, 500, ours, ""},
		"ours, another group":          {0o640, 1000, theirs, "run chmod 600 on it"},
		"ours, everybody":              {0o644, 1000, ours, "run chmod 600 on it"},
		"ours, everybody but group":    {0o604, 1000, ours, "run chmod 600 on it"},
		"root's, everybody, our group": {0o644, 0, ours, "run chmod 640 on it"},
		"another's, everybody, ours":   {0o444, 500, ours, "run chmod 640 on it"},
		"root's, everybody":            {0o644, 0, 0, giveToPrograms},
		"root's, everybody but group":  {0o604, 0, ours, giveToPrograms},
		"another's, everybody":         {0o444, 500, theirs, giveToPrograms},
	} {
		t.Run(name, func(t *testing.T) {
			advice, exposed := us.exposure(row.mode, row.uid, row.gid)
			require.Equal(t, row.advice, advice)
			require.Equal(t, row.advice != "", exposed)
		})
	}
	advice, exposed := identity{uid: 0, groups: []int{0}}.exposure(0o644, 0, 0)
	require.True(t, exposed)
	require.Equal(t, giveToPrograms, advice, "root cannot tell as whom the programs run, and chmod 600 alone could lock them out")
}

// TestTheAdviceKeepsUsReading follows it, as each kind of owner and member, and reads again.
func TestTheAdviceKeepsUsReading(t *testing.T) {
	reads := func(us identity, mode os.FileMode, uid, gid int) bool {
		switch {
		case us.uid == 0:
			return true
		case us.uid == uid:
			return mode&0o400 != 0
		case slices.Contains(us.groups, gid):
			return mode&0o040 != 0
		}
		return mode&0o004 != 0
	}
	for _, us := range []identity{{0, []int{0}}, {1000, []int{1000}}, {1000, []int{1000, 2000}}} {
		for _, uid := range []int{0, 500, 1000} {
			for _, gid := range []int{0, 1000, 2000, 3000} {
				for mode := range os.FileMode(0o1000) {
					advice, exposed := us.exposure(mode, uid, gid)
					if !exposed || !reads(us, mode, uid, gid) {
						continue
					}
					after, owner := os.FileMode(0o600), uid
					switch advice {
					case "run chmod 640 on it":
						after = 0o640
					case giveToPrograms:
						owner = us.uid
					}
					require.True(t, reads(us, after, owner, gid), "%v: mode %o of %d:%d, %s", us, mode, uid, gid, advice)
					_, exposed = us.exposure(after, owner, gid)
					require.False(t, exposed, "%v: mode %o of %d:%d, %s", us, mode, uid, gid, advice)
				}
			}
		}
	}
}

func TestAFileThatOurGroupMayReadIsRead(t *testing.T) {
	secret := writeFile(t, t.TempDir(), "secret", "abc")
	for _, mode := range []os.FileMode{0o640, 0o440} {
		require.NoError(t, os.Chmod(secret, mode))
		read, exposed, err := readSecretFile(secret) // the test's user is the owner, and its group is the file's
		require.NoError(t, err)
		require.Nil(t, exposed)
		require.Equal(t, "abc", read.Reveal())
	}
}

func TestAFileThatWeMayNotReadIsToldWithWhoWeAre(t *testing.T) {
	if os.Geteuid() == 0 {
		skipped.Because(t, "root may read everything")
	}
	secret := writeFile(t, t.TempDir(), "secret", "abc")
	require.NoError(t, os.Chmod(secret, 0))
	_, _, err := readSecretFile(secret)
	require.ErrorContains(t, err, fmt.Sprintf("let this program read it, which runs as user %d", os.Geteuid()))
}

func TestCredentialsInACustomersFileOnAReadOnlyMountAreNotWarnedOf(t *testing.T) {
	path := writeFile(t, t.TempDir(), "customers.yaml", "")
	require.NoError(t, os.Chmod(path, 0o644))
	customers := []Customer{{Tunniste: "esimerkki", inline: true}}
	require.NotEmpty(t, ExposedCredentials(path, customers))
	mounted(t, readOnlyFlag, nil)
	require.Empty(t, ExposedCredentials(path, customers))
}

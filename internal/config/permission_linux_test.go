package config

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"tampuuri-hillava/sandbox/skipped"

	"github.com/stretchr/testify/require"
)

func setFlags(mount *syscall.Statfs_t, flags int64) { mount.Flags = flags }

// TestARealReadOnlyMountIsKnown mounts one, as a container has its secrets; only root may.
func TestARealReadOnlyMountIsKnown(t *testing.T) {
	folder, mountPoint := t.TempDir(), t.TempDir()
	require.NoError(t, os.Chmod(writeFile(t, folder, "secret", "abc"), 0o644))
	if err := syscall.Mount(folder, mountPoint, "", syscall.MS_BIND, ""); err != nil {
		skipped.Because(t, "a mount needs rights that this user has not: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(mountPoint, syscall.MNT_DETACH)) })
	_, exposed, err := readSecretFile(filepath.Join(mountPoint, "secret"))
	require.NoError(t, err)
	require.NotNil(t, exposed, "it is writable so far")
	require.NoError(t, syscall.Mount("", mountPoint, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	secret, exposed, err := readSecretFile(filepath.Join(mountPoint, "secret"))
	require.NoError(t, err)
	require.Nil(t, exposed)
	require.Equal(t, "abc", secret.Reveal())
}

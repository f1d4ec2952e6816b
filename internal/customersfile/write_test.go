package customersfile

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func aFile(t *testing.T, content string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "customers.yaml")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	require.NoError(t, os.Chmod(path, mode))
	return path
}

func contentOf(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(content)
}

func adding(text string) func([]byte) ([]byte, error) {
	return func(content []byte) ([]byte, error) { return append(content, text...), nil }
}

// alone tells that nothing is left beside the file.
func alone(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

func TestAChangedFileKeepsItsModeAndALinkLeadsToIt(t *testing.T) {
	path := aFile(t, "a", 0o640)
	link := filepath.Join(t.TempDir(), "customers.yaml")
	require.NoError(t, os.Symlink(path, link))
	require.NoError(t, Edit(link, adding("b")))
	require.Equal(t, "ab", contentOf(t, path))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o640), info.Mode().Perm())
	info, err = os.Lstat(link)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&os.ModeSymlink)
	alone(t, path)
}

func TestWhatSomebodySavedMeanwhileIsNotLost(t *testing.T) {
	path := aFile(t, "a", 0o600)
	saved := 0
	h := hooks{func() {
		if saved++; saved == 1 {
			require.NoError(t, os.WriteFile(path, []byte("longer than before"), 0o600))
		}
	}, os.Rename}
	require.NoError(t, h.edit(path, adding("+b")))
	require.Equal(t, "longer than before+b", contentOf(t, path))

	h.beforeCompare = func() {
		saved++
		require.NoError(t, os.WriteFile(path, make([]byte, saved), 0o600))
	}
	require.ErrorContains(t, h.edit(path, adding("+c")), "nothing was written")
	require.Len(t, contentOf(t, path), saved)
	alone(t, path)
}

func TestOfManyAtOnceNoneLosesAnothersChange(t *testing.T) {
	path := aFile(t, "", 0o600)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			assert.NoError(t, Edit(path, adding("x")), "each waits for the one before it")
		})
	}
	group.Wait()
	require.Equal(t, "xxxxxxxx", contentOf(t, path))
	alone(t, path)
}

func TestWhoIsChangingItIsNotDisturbed(t *testing.T) {
	path := aFile(t, "a", 0o600)
	require.NoError(t, os.WriteFile(path+beingWritten, nil, 0o600))
	require.ErrorContains(t, Edit(path, adding("b")), "somebody else is changing the customers file")
	require.FileExists(t, path+beingWritten, "it is theirs")
}

// TestAFileThatIsMountedByItselfIsWrittenInPlace: it cannot be replaced.
func TestAFileThatIsMountedByItselfIsWrittenInPlace(t *testing.T) {
	path := aFile(t, "longer", 0o600)
	before, err := os.Stat(path)
	require.NoError(t, err)
	busy := hooks{func() {}, func(string, string) error { return syscall.EBUSY }}
	require.NoError(t, busy.edit(path, func([]byte) ([]byte, error) { return []byte("short"), nil }))
	require.Equal(t, "short", contentOf(t, path))
	after, err := os.Stat(path)
	require.NoError(t, err)
	require.True(t, os.SameFile(before, after))
	alone(t, path)
}

func TestARefusedOrIdleChangeWritesNothing(t *testing.T) {
	path := aFile(t, "a", 0o600)
	before, err := os.Stat(path)
	require.NoError(t, err)
	refusal := errors.New("no")
	require.ErrorIs(t, Edit(path, func([]byte) ([]byte, error) { return nil, refusal }), refusal)
	require.NoError(t, Edit(path, func(content []byte) ([]byte, error) { return content, nil }))
	after, err := os.Stat(path)
	require.NoError(t, err)
	require.True(t, os.SameFile(before, after))
	alone(t, path)
}

func TestASecretIsForItsOwnerAlone(t *testing.T) {
	customers := aFile(t, "a", 0o644)
	path := filepath.Join(filepath.Dir(customers), "toinen", "avain")
	for _, secret := range []string{"first-secret", "second"} {
		require.NoError(t, WriteSecret(customers, path, secret))
		require.Equal(t, secret+"\n", contentOf(t, path))
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		require.NoError(t, os.Chmod(path, 0o644))
	}
	alone(t, path)
	info, err := os.Stat(filepath.Dir(path))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
}

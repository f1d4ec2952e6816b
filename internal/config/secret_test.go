package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

func TestNoWayOfPrintingShowsASecret(t *testing.T) {
	const value = "hunter2-hunter2"
	secret := NewSecret(value)
	type holder struct {
		Open   Secret
		Nested struct{ Inner *Secret }
		hidden Secret
	}
	held := holder{Open: secret, hidden: secret}
	held.Nested.Inner = &secret
	require.Equal(t, value, held.hidden.Reveal())

	var printed bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T %v", "%10.3s"} {
		fmt.Fprintf(&printed, verb+"\n", secret)
		fmt.Fprintf(&printed, verb+"\n", &secret)
		fmt.Fprintf(&printed, verb+"\n", held)
		fmt.Fprintf(&printed, verb+"\n", []any{map[string]Secret{"k": secret}})
	}
	for _, format := range []slog.Handler{slog.NewJSONHandler(&printed, nil), slog.NewTextHandler(&printed, nil)} {
		slog.New(format).Info("m", "secret", secret, "held", held, "group", slog.GroupValue(slog.Any("s", secret)))
	}
	asJSON, err := json.Marshal(held)
	require.NoError(t, err)
	printed.Write(asJSON)
	asYAML, err := yaml.Marshal(held)
	require.NoError(t, err)
	printed.Write(asYAML)
	func() {
		defer func() { fmt.Fprint(&printed, recover()) }()
		panic(held)
	}()
	fmt.Fprint(&printed, fmt.Errorf("failed with %v", secret))
	require.NotContains(t, printed.String(), value)
	require.NotContains(t, printed.String(), fmt.Sprintf("%x", value))
	require.Contains(t, printed.String(), redacted)
}

func TestASecretFileIsReadWithoutItsLastNewline(t *testing.T) {
	for written, want := range map[string]string{"abc\n": "abc", "abc\r\n": "abc", "abc": "abc", " a b \n": " a b "} {
		secret, err := readSecretFile(writeFile(t, t.TempDir(), "secret", written))
		require.NoError(t, err)
		require.Equal(t, want, secret.Reveal())
	}
}

func TestABadSecretFileIsRefused(t *testing.T) {
	folder := t.TempDir()
	open := writeFile(t, folder, "open", "abc")
	for _, mode := range []os.FileMode{0o640, 0o604, 0o644} {
		require.NoError(t, os.Chmod(open, mode))
		_, err := readSecretFile(open)
		require.ErrorContains(t, err, "can be read by others")
		require.NotContains(t, err.Error(), "abc")
	}
	_, err := readSecretFile(writeFile(t, folder, "empty", "\n"))
	require.ErrorContains(t, err, "is empty")
	_, err = readSecretFile(folder)
	require.ErrorContains(t, err, "not a regular file")
	_, err = readSecretFile(writeFile(t, folder, "big", string(make([]byte, maxSecretFile+1))))
	require.ErrorContains(t, err, "over 64 KiB")
	_, err = readSecretFile(folder + "/none")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestTheTokenFollowsItsFileAndKeepsTheLastGoodOne(t *testing.T) {
	path := writeFile(t, t.TempDir(), "token", "first\n")
	now := time.Now()
	follower := &tokenFollower{path: path, token: NewSecret("first"), now: func() time.Time { return now }}
	require.Equal(t, "first", follower.current())

	require.NoError(t, os.WriteFile(path, []byte("second-token\n"), 0o600))
	require.Equal(t, "first", follower.current(), "within a second the file is not looked at again")
	now = now.Add(checkEvery)
	require.Equal(t, "second-token", follower.current())

	require.NoError(t, os.WriteFile(path, []byte("third\ntoken\n"), 0o600))
	now = now.Add(checkEvery)
	require.Equal(t, "second-token", follower.current(), "it could not be sent")

	require.NoError(t, os.Remove(path))
	now = now.Add(checkEvery)
	require.Equal(t, "second-token", follower.current())
}

package stack

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// shell starts a child that says ready once it is, and waits for that.
func shell(t *testing.T, script string) *process {
	t.Helper()
	reader, writer := io.Pipe()
	child, err := spawn("the child", "/bin/sh", []string{"-c", script}, childEnvironment(nil), writer, writer)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, child.kill()) })
	text := make([]byte, 6)
	_, err = io.ReadFull(reader, text)
	require.NoError(t, err)
	require.Equal(t, "ready\n", string(text))
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	return child
}

func TestStopLetsAChildEndCleanly(t *testing.T) {
	child := shell(t, `trap 'exit 0' TERM; echo ready; while :; do sleep 0.05; done`)
	require.NoError(t, child.stop(t.Context()))
	require.False(t, child.running())
}

func TestStopReportsAChildThatEndsBadly(t *testing.T) {
	child := shell(t, `trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; done`)
	require.ErrorContains(t, child.stop(t.Context()), "exit status 3")
}

func TestStopLetsOnlyAChildThatHasNotAnsweredDieOfIt(t *testing.T) {
	young := shell(t, `echo ready; sleep 300`)
	require.NoError(t, young.stop(t.Context()))
	grown := shell(t, `echo ready; sleep 300`)
	grown.answered.Store(true)
	require.ErrorContains(t, grown.stop(t.Context()), "ended badly: signal: terminated")
	young = shell(t, `trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; done`)
	require.ErrorContains(t, young.stop(t.Context()), "exit status 3")
}

func TestStopKillsAChildThatDoesNotListen(t *testing.T) {
	child := shell(t, `trap '' TERM; echo ready; while :; do sleep 0.05; done`)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	require.ErrorContains(t, child.stop(ctx), "does not stop on SIGTERM")
	require.False(t, child.running())
}

func TestKillEndsTheChildrenOfAChildToo(t *testing.T) {
	pidFile := filepath.Join(t.TempDir(), "pid")
	child := shell(t, `sleep 300 & echo $! > '`+pidFile+`'; echo ready; wait`)
	pid, err := os.ReadFile(pidFile)
	require.NoError(t, err)
	require.NoError(t, child.kill())
	require.NoError(t, WaitFor(t.Context(), "the grandchild to end", func(context.Context) error {
		status, err := os.ReadFile("/proc/" + string(bytes.TrimSpace(pid)) + "/stat")
		if err != nil || bytes.Contains(status, []byte(") Z ")) {
			return nil // gone, or dead and only not reaped yet
		}
		return os.ErrExist
	}))
}

func TestChildrenSeeNoSettingsOfOurShell(t *testing.T) {
	t.Setenv("TAMPUURI_URL", "https://api.example.org/")
	t.Setenv("HILLAVA_TOKEN", "not-for-children")
	environment := childEnvironment([]string{"OPS_ADDR=127.0.0.1:1"})
	require.Contains(t, environment, "OPS_ADDR=127.0.0.1:1")
	require.Contains(t, environment, "PATH="+os.Getenv("PATH"))
	for _, variable := range environment {
		require.NotContains(t, variable, "TAMPUURI_URL")
		require.NotContains(t, variable, "HILLAVA_TOKEN")
	}
}

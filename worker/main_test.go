package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
)

func TestTheWorkerTakesNoArguments(t *testing.T) {
	for _, row := range []struct {
		args []string
		code int
		runs bool
	}{
		{nil, 0, true}, {[]string{"--help"}, 0, false}, {[]string{"-h"}, 0, false},
		{[]string{"serve"}, 2, false}, {[]string{"--verbose"}, 2, false}, {[]string{"--help", "me"}, 2, false}, {[]string{"--version", "me"}, 2, false},
	} {
		var stdout, stderr bytes.Buffer
		code, runs := refuseArguments(row.args, &stdout, &stderr)
		require.Equal(t, row.code, code, row.args)
		require.Equal(t, row.runs, runs, row.args)
		require.Equal(t, row.code == 2, bytes.Contains(stderr.Bytes(), []byte("usage: worker")), row.args)
		require.Equal(t, !row.runs && row.code == 0, bytes.Contains(stdout.Bytes(), []byte("usage: worker")), row.args)
	}
}

func TestTheWorkerSaysWhichBuildItIs(t *testing.T) {
	stamp, err := buildStamp()
	require.NoError(t, err)
	var stdout, stderr bytes.Buffer
	code, runs := refuseArguments([]string{"--version"}, &stdout, &stderr)
	require.Zero(t, code)
	require.False(t, runs)
	require.Regexp(t, `^worker .*go1\..*, build `+stamp+`\n$`, stdout.String())
	require.Empty(t, stderr.String())
}

func TestAStartThatAStopHasCutOffIsNoFailure(t *testing.T) {
	running := t.Context()
	stopped, stop := context.WithCancel(running)
	stop()
	for name, err := range map[string]error{
		"our own":    fmt.Errorf("make schedule: %w", context.Canceled),
		"Temporal's": fmt.Errorf("make schedule: %w", serviceerror.NewCanceled("context canceled")),
	} {
		require.True(t, stoppedWhileStarting(stopped, err), name)
		require.False(t, stoppedWhileStarting(running, err), name)
	}
	require.False(t, stoppedWhileStarting(stopped, errors.New("the settings are wrong")))
}

func TestAChannelOfNoServiceIsToldWithEverythingElseThatIsWrong(t *testing.T) {
	t.Setenv("CUSTOMERS_FILE", t.TempDir()+"/none.yaml")
	t.Setenv("HILLAVA_TOKEN", "token-value")
	t.Setenv("FINGERPRINT_KEY", "0123456789abcdef0123456789abcdef")
	t.Setenv("NOTIFY_URLS", "nosuch://user:s3cr3t@host smtp://host/?from=a@example.com&to=b@example.com")
	t.Setenv("TEMPORAL_ADDRESS", "http://host")
	err := run(t.Context())
	for _, part := range []string{"HILLAVA_URL: is not set", "read the customers file", "NOTIFY_URLS: number 1 of them names no service", "TEMPORAL_ADDRESS"} {
		require.ErrorContains(t, err, part)
	}
	require.NotContains(t, err.Error(), "s3cr3t")

	t.Setenv("FINGERPRINT_KEY", "short")
	require.Equal(t, 1, strings.Count(run(t.Context()).Error(), "openssl rand"), "one problem is told once")
}

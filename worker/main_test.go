package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheWorkerTakesNoArguments(t *testing.T) {
	for _, row := range []struct {
		args []string
		code int
		runs bool
	}{
		{nil, 0, true}, {[]string{"--help"}, 0, false}, {[]string{"-h"}, 0, false},
		{[]string{"serve"}, 2, false}, {[]string{"--verbose"}, 2, false}, {[]string{"--help", "me"}, 2, false},
	} {
		var stdout, stderr bytes.Buffer
		code, runs := refuseArguments(row.args, &stdout, &stderr)
		require.Equal(t, row.code, code, row.args)
		require.Equal(t, row.runs, runs, row.args)
		require.Equal(t, row.code == 2, bytes.Contains(stderr.Bytes(), []byte("usage: worker")), row.args)
		require.Equal(t, !row.runs && row.code == 0, bytes.Contains(stdout.Bytes(), []byte("usage: worker")), row.args)
	}
}

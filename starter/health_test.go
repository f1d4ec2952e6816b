package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"tampuuri-hillava/internal/terminal"

	"github.com/stretchr/testify/require"
)

func TestHealthExitsAsTheEndpointAnswers(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	var stdout, stderr bytes.Buffer
	ask := func(args ...string) int {
		return run(t.Context(), append([]string{"health"}, args...), terminal.Output{Stdout: &stdout, Stderr: &stderr})
	}

	require.Equal(t, exitDone, ask(server.URL+"/readyz"))
	require.Empty(t, stdout.String()+stderr.String(), "a check every 15 seconds says nothing while all is well")

	status = http.StatusServiceUnavailable
	require.Equal(t, exitFailed, ask(server.URL+"/readyz"))
	require.Contains(t, stderr.String(), "503")

	server.Close()
	require.Equal(t, exitFailed, ask(server.URL+"/readyz"), "a program that is gone is not healthy")
	require.Equal(t, exitUsage, ask())
}

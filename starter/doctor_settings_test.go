package main

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDoctorTellsWhatTheWorkerWouldRefuse(t *testing.T) {
	missing := errors.New("FINGERPRINT_KEY: is not set")
	require.Equal(t, passed, checkWorkerSettings(nil, nil).Verdict)
	found := checkWorkerSettings(nil, missing)
	require.Equal(t, failed, found.Verdict)
	require.Contains(t, found.Found, "FINGERPRINT_KEY")
	require.Equal(t, skipped, checkWorkerSettings(errors.New("HTTP_TIMEOUT: not a duration"), missing).Verdict, "told once")
}

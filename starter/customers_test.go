package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/terminal"
)

func TestAPollSaysWhatItDid(t *testing.T) {
	words, err := pollInWords("a", runs.PollCounts{Started: 2, Known: 30, Signalled: 1})
	require.NoError(t, err)
	require.Equal(t, "a: 2 new, 30 known, 1 told of a change", words)
	words, err = pollInWords("a", runs.PollCounts{Left: true})
	require.NoError(t, err)
	require.Contains(t, words, "more waits for the next round")

	_, err = pollInWords("a", runs.PollCounts{Failure: runs.FaultUnavailable})
	require.ErrorContains(t, err, "the poll of a failed: the other system does not answer")
	require.Equal(t, "failed: peer-unavailable", resultOf(asked(t.Context(), nil, "a", err)))
}

func TestTheJSONOfAPollIsFlat(t *testing.T) {
	var text bytes.Buffer
	require.NoError(t, terminal.Output{Stdout: &text}.JSON(polledNow{"a", runs.PollCounts{Started: 2, Known: 30, Left: true}}))
	require.JSONEq(t, `{"tunniste":"a","started":2,"known":30,"signalled":0,"left":true,"failure":""}`, text.String())
}

func TestAPauseIsSaidWithWhoAndWhyAndHowItEnds(t *testing.T) {
	status := runs.CustomerStatus{Tunniste: "a", Paused: &runs.Paused{By: "toimisto", Reason: "loma", Since: lastGood}}
	since := lastGood
	require.Equal(t, "a: paused by toimisto since "+moment(&since)+" (loma); starter customers resume a ends it", statusInWords(status))
	require.Equal(t, "a: polled", statusInWords(runs.CustomerStatus{Tunniste: "a", Polled: true}))
	require.Equal(t, "a: not paused, and yet not polled: no consent", statusInWords(runs.CustomerStatus{Tunniste: "a", Reasons: []string{"no consent"}}))
}

func TestAPauseOfOneThatIsPausedAlreadySaysThatItsReasonIsNotKept(t *testing.T) {
	kept := runs.Paused{By: "toimisto", Reason: "a", Since: lastGood}
	serveTemporal(t, &frontend{info: aRecord(t, runs.PhaseWorking, enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING), answers: runs.CustomerStatus{Tunniste: "esimerkki", Paused: &kept}})
	for given, says := range map[string]string{
		"toimisto a": "ends it\n", "toimisto b": "ends it; it was paused already, so the reason given now is not kept", "maija a": "it was paused already",
	} {
		out, stdout, stderr := printed(80)
		by, reason, _ := strings.Cut(given, " ")
		require.Equal(t, exitDone, run(t.Context(), []string{"customers", "pause", "esimerkki", "--by", by, "--reason", reason}, out), stderr)
		require.Contains(t, stdout.String(), "paused by toimisto since "+moment(&kept.Since)+" (a); ")
		require.Contains(t, stdout.String(), says, given)
	}
}

func TestWhatBecameOfASyncIsToldInTheAuditTrail(t *testing.T) {
	for want, row := range map[string]struct {
		result runs.SyncResult
		err    error
	}{
		"failed: peer-unavailable": {result: runs.SyncResult{Failure: runs.FaultUnavailable}},
		"unknown":                  {err: context.DeadlineExceeded}, // the round may be running still
		"refused":                  {err: fmt.Errorf("look: %w", runs.ErrNone)},
	} {
		err := syncError(row.result, row.err)
		require.Error(t, err)
		require.Equal(t, want, resultOf(err))
	}
	require.NoError(t, syncError(runs.SyncResult{}, nil))
}

func TestWhatBecameOfAnUpdateIsToldInTheAuditTrail(t *testing.T) {
	for want, err := range map[string]error{
		"refused":                  &runs.Refusal{Reason: "polling was paused"},
		"failed: peer-unavailable": &runs.Refusal{Reason: "no answer", Word: runs.FaultUnavailable},
		"unknown":                  fmt.Errorf("wait: %w", context.DeadlineExceeded), // it may be done yet
	} {
		require.Equal(t, want, resultOf(asked(t.Context(), nil, "a", err)))
	}
	require.Equal(t, "unknown", resultOf(asked(t.Context(), nil, "a", errors.New("connection lost"))))
	require.NoError(t, asked(t.Context(), nil, "a", nil))
}

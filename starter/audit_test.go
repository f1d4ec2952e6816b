package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"

	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
)

// auditLinesOf reads the audit lines of a log in JSON.
func auditLinesOf(t *testing.T, log []byte) (lines []map[string]any) {
	t.Helper()
	for _, text := range bytes.Split(log, []byte("\n")) {
		var line map[string]any
		if json.Unmarshal(text, &line) == nil && line["audit"] == true {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestAnActionThatIsNotDoneLeavesALineInClosedWords(t *testing.T) {
	status := func(code int) error {
		return &peer.Error{Peer: "tampuuri", Kind: peer.KindStatus, Status: code}
	}
	for _, row := range []struct {
		err  error
		want string
	}{
		{nil, "sent"},
		{notHere("notice-x"), "refused"},
		{refused(errors.New("it is open")), "refused"},
		{unknown(context.DeadlineExceeded), "unknown"},
		{failedAs(wordSettings, errors.New("no key")), "failed: settings"},
		{fmt.Errorf("read notice 7: %w", status(404)), "failed: tampuuri-refused"},
		{status(401), "failed: credentials-refused"},
		{status(503), "failed: peer-unavailable"},
		{&peer.Error{Peer: "tampuuri", Kind: peer.KindTransport}, "failed: peer-unavailable"},
		{&peer.Error{Peer: "tampuuri", Kind: peer.KindMalformed}, "failed: unreadable-answer"},
		{fmt.Errorf("list: %w", serviceerror.NewUnavailable("away")), "failed: temporal-unavailable"},
		{fmt.Errorf("list: %w", context.DeadlineExceeded), "failed: temporal-unavailable"},
		{errors.New("Testi Henkilö"), "failed: unexpected"},
	} {
		var log bytes.Buffer
		auditAction(t.Context(), telemetry.NewLogger(&log, "error", "json"), telemetry.AuditEvent{Who: "toimisto", What: "notice.resend", Result: "sent"}, row.err)
		lines := auditLinesOf(t, log.Bytes())
		require.Len(t, lines, 1)
		require.Equal(t, row.want, lines[0]["result"])
	}
}

func TestTheRulesOfAnActionAreRefusalsInTheAuditTrail(t *testing.T) {
	resend := action{name: noticeName{workflowID: "notice-" + testID}, signal: runs.SignalResend}
	workflowID, err := sendAction(t.Context(), &fakeNotices{record: record(t, runs.PhaseInvoiced, completed), signalErr: errNoNotice}, resend)
	require.Equal(t, "refused", resultOf(err))
	require.Equal(t, "notice-"+testID, workflowID, "there is such a notice")
	workflowID, err = sendAction(t.Context(), &fakeNotices{signalErr: errNoNotice}, resend)
	require.Equal(t, "refused", resultOf(err))
	require.Empty(t, workflowID)
	_, err = sendAction(t.Context(), &fakeNotices{signalErr: context.DeadlineExceeded}, resend)
	require.Equal(t, "unknown", resultOf(err), "it may have arrived")
	_, err = erase(t.Context(), &runsFake{listed: 1, all: []*workflowpb.WorkflowExecutionInfo{aRun("a", running)}}, "notice-x")
	require.Equal(t, "refused", resultOf(err))
	_, err = erase(t.Context(), &runsFake{failure: errors.New("broken"), listed: 1, all: []*workflowpb.WorkflowExecutionInfo{aRun("a", completed)}}, "notice-x")
	require.Equal(t, "unknown", resultOf(err), "it may be erased")
}

func TestANoticeThatMayNotExistIsNamedByIDsOnly(t *testing.T) {
	for text, want := range map[string][2]string{
		testID: {"", testID}, "notice-" + testID: {"", testID}, "esimerkki/7": {"esimerkki", "esimerkki/7"}, "Testi.Henkilo": {"", "[not a UUID]"},
	} {
		name, err := readNoticeName(text)
		require.NoError(t, err)
		customer, notice := name.audited()
		require.Equal(t, want, [2]string{customer, notice}, text)
	}
}

func TestAnActionLeavesALineWithoutTemporalToo(t *testing.T) {
	withoutTemporal(t)
	t.Setenv("LOG_FORMAT", "json")
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // or it would wait for Temporal
	var stdout, stderr bytes.Buffer
	require.Equal(t, exitFailed, run(ctx, []string{"notice", "erase", "esimerkki/7", "--by", "toimisto"}, &stdout, &stderr))
	lines := auditLinesOf(t, stderr.Bytes())
	require.Len(t, lines, 1, stderr.String())
	require.Equal(t, []any{"toimisto", "notice.erase", "esimerkki/7", "failed: temporal-unavailable"}, []any{lines[0]["who"], lines[0]["what"], lines[0]["notice"], lines[0]["result"]})
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
	"tampuuri-hillava/internal/terminal"
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
	for _, row := range []struct {
		err  error
		want string
	}{
		{nil, "sent"},
		{notHere("notice-x"), "refused"},
		{refused(errors.New("it is open")), "refused"},
		{unknown(context.DeadlineExceeded), "unknown"},
		{fmt.Errorf("look: %w", runs.ErrNone), "refused"},
		{failedAs("credentials-refused", errors.New("the poll failed")), "failed: credentials-refused"},
		{&runs.Refusal{Reason: "polling was paused"}, "refused"},
		{&runs.Refusal{Reason: "no answer", Word: runs.FaultUnavailable}, "failed: peer-unavailable"},
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

func TestANoticeThatMayNotExistIsNamedByIDsOnly(t *testing.T) {
	for text, want := range map[string][2]string{
		testID: {"", testID}, "notice-" + testID: {"", testID}, "esimerkki/7": {"esimerkki", "esimerkki/7"}, "50026": {"", "50026"}, "Testi.Henkilo": {"", "[not a UUID]"},
	} {
		name, err := readNoticeName(text)
		require.NoError(t, err)
		customer, notice := name.audited()
		require.Equal(t, want, [2]string{customer, notice}, text)
	}
}

func TestAnActionLeavesALineWithoutTemporalToo(t *testing.T) {
	t.Setenv("TEMPORAL_ADDRESS", "127.0.0.1:1") // nothing answers there
	t.Setenv("TEMPORAL_CONFIG_FILE", filepath.Join(t.TempDir(), "none.toml"))
	t.Setenv("LOG_FORMAT", "json")
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // or it would wait for Temporal
	for what, row := range map[string]struct{ arguments, customer, notice string }{
		"notice.erase":     {"notice erase esimerkki/7", "esimerkki", "esimerkki/7"},
		"notice.dismiss":   {"notice dismiss esimerkki/7", "esimerkki", "esimerkki/7"},
		"notice.retry":     {"notice retry esimerkki/7", "esimerkki", "esimerkki/7"},
		"notice.resend":    {"notice resend esimerkki/7", "esimerkki", "esimerkki/7"},
		"notice.import":    {"notice import esimerkki 7", "esimerkki", "esimerkki/7"},
		"customers.sync":   {"customers sync", "", ""},
		"customers.poll":   {"customers poll esimerkki", "esimerkki", ""},
		"customers.pause":  {"customers pause esimerkki --reason loma", "esimerkki", ""},
		"customers.resume": {"customers resume esimerkki", "esimerkki", ""},
	} {
		var stdout, stderr bytes.Buffer
		require.Equal(t, exitFailed, run(ctx, append(strings.Fields(row.arguments), "--by", "toimisto"), terminal.Output{Stdout: &stdout, Stderr: &stderr}))
		lines := auditLinesOf(t, stderr.Bytes())
		require.Len(t, lines, 1, stderr.String())
		require.Equal(t, []any{"toimisto", what, row.customer, row.notice, "failed: temporal-unavailable"},
			[]any{lines[0]["who"], lines[0]["what"], lines[0]["customer"], lines[0]["notice"], lines[0]["result"]})
	}
}

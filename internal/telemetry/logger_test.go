package telemetry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const marker = "Testi-Henkilo-0401234567"

func TestAttributesNamedLikePersonalDataOrCredentialsAreRedacted(t *testing.T) {
	for _, key := range []string{
		"name", "Name", "customerName", "customer_name", "contact-name", "phone", "Phone2", "TilaajanPuhelin", "TilaajanSähköposti",
		"email", "street", "postalCode", "postal_code", "city", "flat", "Huoneisto", "space", "title", "TyötehtävänOtsikko",
		"description", "summary", "orderer", "payer", "token", "HILLAVA_TOKEN", "webhookSecret", "password", "Salasana",
		"Authorization", "apiKey", "X-TampuuriAvain.avain", "cookie", "resource", "note.text",
	} {
		for _, format := range []string{"json", "text"} {
			var out bytes.Buffer
			NewLogger(&out, "info", format).Info("m", key, marker)
			require.NotContains(t, out.String(), marker, key)
			require.Contains(t, out.String(), redacted, key)
		}
	}
}

func TestAttributesOfProgramsAreKept(t *testing.T) {
	for _, key := range []string{
		"Namespace", "TaskQueue", "WorkflowID", "ActivityType", "workflowName", "notice", "noticeId", "externalId", "eventId",
		"customer", "task", "fields", "result", "who", "what", "requestId", "secretNumber", "type", "status",
	} {
		var out bytes.Buffer
		NewLogger(&out, "info", "json").Info("m", key, "kept-value")
		require.Contains(t, out.String(), "kept-value", key)
	}
}

func TestGroupsAndStructsHideWhatIsInThem(t *testing.T) {
	type person struct{ Name string }
	var out bytes.Buffer
	logger := NewLogger(&out, "debug", "json")
	logger.Info("m", slog.Group("orderer", slog.String("id", marker)))
	logger.WithGroup("contact").Info("m", "value", marker)
	logger.With("phone", marker).Info("m")
	logger.Info("m", "value", person{marker}, "pointer", &person{marker}, "list", []person{{marker}}, "map", map[string]string{"a": marker})
	require.NotContains(t, out.String(), marker)
	require.Contains(t, out.String(), "not logged")
}

func TestErrorsLoseTheirURLs(t *testing.T) {
	cause := &url.Error{Op: "Get", URL: "https://user:" + marker + "@host/ilmoitukset/1?x=" + marker, Err: errors.New("refused")}
	for _, format := range []string{"json", "text"} {
		var out bytes.Buffer
		logger := NewLogger(&out, "info", format)
		logger.Error("m", "error", fmt.Errorf("wrapped: %w", cause))
		logger.Error("m", "Error", cause.Error())
		logger.Error("m", "anything", error(cause))
		require.NotContains(t, out.String(), marker)
		require.Contains(t, out.String(), "refused")
	}
}

func TestLevelAndFormat(t *testing.T) {
	var out bytes.Buffer
	NewLogger(&out, "warn", "text").Info("hidden")
	require.Empty(t, out.String())
	NewLogger(&out, "nonsense", "nonsense").Info("shown")
	require.Contains(t, out.String(), `"msg":"shown"`)
}

func TestAnAuditLineAlwaysHasTheSameAttributes(t *testing.T) {
	var out bytes.Buffer
	Audit(context.Background(), NewLogger(&out, "info", "json"), AuditEvent{What: "signal.accept", Who: "hillava"})
	for _, attribute := range []string{`"audit":true`, `"who":"hillava"`, `"what":"signal.accept"`, `"customer":""`, `"notice":""`, `"task":""`, `"fields":[]`, `"result":""`} {
		require.Contains(t, out.String(), attribute)
	}
}

func TestAuditLinesAreWrittenAtEveryLevel(t *testing.T) {
	for _, level := range []string{"debug", "info", "warn", "error"} {
		for _, format := range []string{"json", "text"} {
			var out bytes.Buffer
			logger := NewLogger(&out, level, format)
			Audit(t.Context(), logger, AuditEvent{What: "task.create", Who: "worker"})
			Audit(t.Context(), logger.With("requestId", "r-1").WithGroup("g"), AuditEvent{What: "signal.accept", Who: "hillava"})
			logger.Info("notice.close", "audit", true, "phone", marker) // as a workflow writes it
			logger.With("audit", true).Info("of.logger")
			require.Equal(t, 4, strings.Count(out.String(), "\n"), out.String())
			require.NotContains(t, out.String(), marker, "they are redacted like all others")

			out.Reset()
			logger.Debug("no audit line")
			logger.Info("no audit line", "audit", false)
			logger.With("audit", "true").Info("no audit line")
			logger.Warn("no audit line")
			logger.Error("an error")
			want := map[string]int{"debug": 5, "info": 4, "warn": 2, "error": 1}[level]
			require.Equal(t, want, strings.Count(out.String(), "\n"), level+out.String())
		}
	}
}

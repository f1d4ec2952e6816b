package e2e

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/telemetry"
	"tampuuri-hillava/internal/telemetry/telemetrytest"
	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/stack"
)

// collecting is the environment of a program that sends its traces there.
func collecting(collector *telemetrytest.Collector) []string {
	return []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + collector.URL, "OTEL_BSP_SCHEDULE_DELAY=50", "OTEL_EXPORTER_OTLP_HEADERS=x-team=huolto"}
}

// TestFromWebhookToTampuuriIsOneTrace: two programs and two attempts, with the first write refused for now.
func TestFromWebhookToTampuuriIsOneTrace(t *testing.T) {
	t.Parallel()
	collector := telemetrytest.Start(t)
	w := start(t, stack.Options{WorkerEnvironment: collecting(collector), ServeEnvironment: collecting(collector)})
	n := w.importOne()
	w.Faults.Add(fault.Fault{System: "tampuuri", Op: "tila", Kind: fault.Status503})
	n.press("Työ valmis")
	n.waitState("Tehty")

	id := telemetry.TraceID(n.workflowID, "tyo-valmis").String()
	var spans []telemetrytest.Span
	require.NoError(t, stack.WaitFor(w.context(), "all spans of the trace", func(context.Context) error {
		spans = slices.DeleteFunc(collector.Spans(), func(span telemetrytest.Span) bool { return span.Trace != id })
		for name, count := range map[string]int{"webhook": 1, "signal tyo-valmis": 1, "SetState": 2, "tampuuri: set state": 2} {
			if found := len(named(spans, name)); found < count {
				return fmt.Errorf("%d of %s", found, name)
			}
		}
		return nil
	}))
	webhook, sent := named(spans, "webhook")[0], named(spans, "signal tyo-valmis")[0]
	require.Equal(t, "starter", webhook.Service)
	require.Equal(t, webhook.ID, sent.Parent)
	require.Equal(t, "accepted", sent.Attributes["result"])
	require.Equal(t, int64(202), webhook.Attributes["http.response.status_code"])
	steps, writes := named(spans, "SetState"), named(spans, "tampuuri: set state")
	for i, status := range []int64{503, 200} {
		require.Equal(t, "worker", steps[i].Service)
		require.Equal(t, int64(i+1), steps[i].Attributes["attempt"])
		require.Equal(t, status != 200, steps[i].Failed)
		require.Equal(t, status, writes[i].Attributes["http.response.status_code"])
		require.Equal(t, steps[i].ID, writes[i].Parent)
	}
	imported := named(collector.Spans(), "hillava: create task")
	require.Len(t, imported, 1)
	require.Equal(t, telemetry.TraceID(n.workflowID, "created").String(), imported[0].Trace)

	require.NotContains(t, w.plainHistory(n.workflowID), id, "nothing of it is in the history")
	for _, path := range []string{w.Worker.LogPath, w.Serve.LogPath} {
		log, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Contains(t, string(log), "trace="+id, "the audit line leads to the trace")
	}
}

func named(spans []telemetrytest.Span, name string) []telemetrytest.Span {
	return slices.DeleteFunc(slices.Clone(spans), func(span telemetrytest.Span) bool { return span.Name != name })
}

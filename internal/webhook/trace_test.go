package webhook

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
	"tampuuri-hillava/internal/telemetry/telemetrytest"
)

// newTracedReceiver gives a receiver and what ends it and tells its spans by name.
func newTracedReceiver(t *testing.T) (*receiver, func() map[string]telemetrytest.Span) {
	t.Helper()
	collector := telemetrytest.Start(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	traces, err := telemetry.NewTraces(t.Context(), true, "starter", slog.Default())
	require.NoError(t, err)
	r := newReceiver(t)
	r.Handler.(*handler).Traces = traces
	return r, func() map[string]telemetrytest.Span {
		traces.Shutdown(t.Context())
		spans := map[string]telemetrytest.Span{}
		for _, span := range collector.Spans() {
			spans[span.Name] = span
		}
		return spans
	}
}

func TestAWebhookIsTracedWithItsSignalAndTheSendersTraceIsNotBelieved(t *testing.T) {
	for eventType, signal := range map[string]string{"task.done": "tyo-valmis", "task.invoiced": "laskutettu"} {
		receiver, ended := newTracedReceiver(t)
		body := strings.ReplaceAll(strings.Replace(goodBody, "task.done", eventType, 1), testExternalID, strings.ToUpper(testExternalID))
		request := signedRequest(body)
		request.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
		require.Equal(t, http.StatusAccepted, receiver.answer(request).Code)
		spans := ended()
		require.Len(t, spans, 2)
		want := telemetry.TraceID("notice-"+testExternalID, signal).String()
		webhook, sent := spans["webhook"], spans["signal "+signal]
		require.Equal(t, want, webhook.Trace)
		require.Equal(t, want, sent.Trace)
		require.Empty(t, webhook.Parent)
		require.Equal(t, webhook.ID, sent.Parent)
		require.Equal(t, map[string]any{"type": eventType, "notice": strings.ToUpper(testExternalID), "http.response.status_code": int64(202)}, webhook.Attributes)
		require.Equal(t, map[string]any{"result": "accepted"}, sent.Attributes)
		require.False(t, sent.Failed)
		require.Contains(t, receiver.log.String(), `"trace":"`+want+`"`)
	}
}

func TestASignalThatTemporalDoesNotTakeShowsInItsTrace(t *testing.T) {
	receiver, ended := newTracedReceiver(t)
	receiver.signaler.reply = reply{err: errors.New("unavailable")}
	require.Equal(t, http.StatusServiceUnavailable, receiver.answer(signedRequest(goodBody)).Code)
	spans := ended()
	require.True(t, spans["signal tyo-valmis"].Failed)
	require.Equal(t, int64(503), spans["webhook"].Attributes["http.response.status_code"])
}

// TestWhatIsNotProvenToBeHillavasMakesNoSpans: whoever may send anything could fill the collector with it.
func TestWhatIsNotProvenToBeHillavasMakesNoSpans(t *testing.T) {
	receiver, ended := newTracedReceiver(t)
	forged := signedRequest(goodBody)
	forged.Header.Set(headerSignature, sign(strangeKey, testEventID, forged.Header.Get(headerTimestamp), []byte(goodBody)))
	require.Equal(t, http.StatusUnauthorized, receiver.answer(forged).Code)
	require.Equal(t, http.StatusBadRequest, receiver.answer(signedRequest("{}")).Code)
	require.Equal(t, http.StatusNotFound, receiver.answer(signedRequest(strings.Replace(goodBody, testExternalID, "", 1))).Code)
	require.Empty(t, ended())
}

// TestACollectorThatHangsHoldsNoWebhook looks at many, which are more than the queue takes.
func TestACollectorThatHangsHoldsNoWebhook(t *testing.T) {
	t.Setenv("OTEL_BSP_MAX_QUEUE_SIZE", "8")
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "1")
	collector := telemetrytest.Start(t)
	hang := make(chan struct{})
	defer close(hang)
	collector.Answer(func(http.ResponseWriter, *http.Request) { <-hang })
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	traces, err := telemetry.NewTraces(t.Context(), true, "starter", slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	receiver := newReceiver(t)
	receiver.Handler.(*handler).Traces = traces
	require.Equal(t, http.StatusAccepted, receiver.answer(signedRequest(goodBody)).Code)
	require.Eventually(t, func() bool { return collector.Calls() > 0 }, 10*time.Second, time.Millisecond)
	began := time.Now()
	for range 100 {
		require.Equal(t, http.StatusAccepted, receiver.answer(signedRequest(goodBody)).Code)
	}
	require.Less(t, time.Since(began), 5*time.Second, "less than one export may take")
	require.Equal(t, 1, collector.Calls(), "it hangs still")
	require.Len(t, receiver.signaler.given, 101)
	require.Equal(t, runs.Accepted, receiver.signaler.outcome)
}

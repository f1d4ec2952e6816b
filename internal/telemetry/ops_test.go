package telemetry

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/metric"
)

func get(t *testing.T, handler http.Handler, path string) (int, string) {
	t.Helper()
	response := httptest.NewRecorder()
	handler.ServeHTTP(response, httptest.NewRequest(http.MethodGet, path, nil))
	return response.Code, response.Body.String()
}

func TestAProgramIsReadyWhenEveryPartIs(t *testing.T) {
	health := NewHealth()
	handler := OpsHandler(health, nil)
	status, _ := get(t, handler, "/healthz")
	require.Equal(t, 200, status)
	status, _ = get(t, handler, "/readyz")
	require.Equal(t, 503, status, "nothing has reported yet")

	health.SetReady("worker", true, "")
	health.SetReady("temporal", false, "connecting")
	status, body := get(t, handler, "/readyz")
	require.Equal(t, 503, status)
	require.JSONEq(t, `{"ready":false,"parts":{"worker":{"ok":true},"temporal":{"ok":false,"detail":"connecting"}}}`, body)

	health.SetReady("temporal", true, "")
	status, _ = get(t, handler, "/readyz")
	require.Equal(t, 200, status)

	health.SetReady("x", false, "")
	health.Forget("x")
	status, _ = get(t, handler, "/readyz")
	require.Equal(t, 200, status)
	status, _ = get(t, handler, "/metrics")
	require.Equal(t, 404, status, "without metrics there is no such page")
}

func TestMetricsShowGoTheProcessAndOurOwnInSeconds(t *testing.T) {
	metrics, err := NewMetrics()
	require.NoError(t, err)
	histogram, err := metrics.Provider.Meter("test").Float64Histogram("some_latency", metric.WithUnit("s"))
	require.NoError(t, err)
	histogram.Record(t.Context(), 0.02)
	_, page := get(t, OpsHandler(NewHealth(), metrics.Handler), "/metrics")
	for _, part := range []string{"go_goroutines", "process_start_time_seconds", `some_latency_seconds_bucket{le="0.025"} 1`} {
		require.Contains(t, page, part)
	}
}

func TestTwoSetsOfMetricsDoNotMeet(t *testing.T) {
	_, err := NewMetrics()
	require.NoError(t, err)
	_, err = NewMetrics()
	require.NoError(t, err)
}

func TestTheOpsServerServesUntilItIsStopped(t *testing.T) {
	health := NewHealth()
	stop, address, err := ServeOps(t.Context(), "127.0.0.1:0", OpsHandler(health, nil))
	require.NoError(t, err)
	client := &http.Client{Timeout: 5 * time.Second}
	response, err := client.Get("http://" + address + "/healthz")
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.JSONEq(t, `{"status":"ok"}`, string(body))

	_, _, err = ServeOps(t.Context(), address, OpsHandler(health, nil))
	require.ErrorContains(t, err, "OPS_ADDR")

	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	client.CloseIdleConnections()
	require.NoError(t, stop(ctx))
	_, err = client.Get("http://" + address + "/healthz")
	require.Error(t, err)
}

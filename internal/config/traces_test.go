package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTracesAreCollectedWhereAnAddressIsGiven(t *testing.T) {
	for name, row := range map[string]struct {
		set       map[string]string
		collected bool
	}{
		"nothing is set":             {nil, false},
		"an empty address":           {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, false},
		"headers alone":              {map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "no pair"}, false},
		"for all telemetry":          {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, true},
		"for traces":                 {map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://collector.example/v1/traces"}, true},
		"with headers":               {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://c.example/", "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20abc==, x-team=a"}, true},
		"with other standard things": {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://c.example/", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "x", "OTEL_TRACES_SAMPLER": "always_on"}, true},
	} {
		variables := workerVariables(t)
		for key, value := range row.set {
			variables[key] = value
		}
		worker, err := loadWorker(variables)
		require.NoError(t, err, name)
		require.Equal(t, row.collected, worker.Traces.Collected(), name)

		variables = map[string]string{"HILLAVA_WEBHOOK_SECRET": "x"}
		for key, value := range row.set {
			variables[key] = value
		}
		serve, err := loadServe(variables)
		require.NoError(t, err, name)
		require.Equal(t, row.collected, serve.Traces.Collected(), name)
	}
}

func TestWhatTheExporterWouldQuoteInTheLogIsRefusedBefore(t *testing.T) {
	const secret = "s3cret-that-must-not-be-shown"
	for name, row := range map[string]struct{ variable, value, want string }{
		"no scheme":       {"OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "is not a URL"},
		"a password":      {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://u:" + secret + "@c.example/", "must hold no user"},
		"a query":         {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://c.example/?key=" + secret, "must hold no user, query"},
		"no pair":         {"OTEL_EXPORTER_OTLP_HEADERS", "authorization=x," + secret, "cannot be read"},
		"no header":       {"OTEL_EXPORTER_OTLP_HEADERS", "päivä=" + secret, "cannot be read"},
		"a bad escape":    {"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "authorization=" + secret + "%zz", "cannot be read"},
		"a line break":    {"OTEL_EXPORTER_OTLP_HEADERS", "authorization=" + secret + "%0a" + secret, "cannot be read"},
		"a slip of a key": {"OTEL_EXPORTER_OTLP_ENDPOIN", "https://c.example/" + secret, "did you mean OTEL_EXPORTER_OTLP_ENDPOINT?"},
	} {
		variables := workerVariables(t)
		variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = "https://c.example/"
		variables[row.variable] = row.value
		_, err := loadWorker(variables)
		require.ErrorContains(t, err, row.variable+": ", name)
		require.ErrorContains(t, err, row.want, name)
		require.NotContains(t, err.Error(), secret, name)
		require.Len(t, strings.Split(err.Error(), "\n"), 1, name)
	}
}

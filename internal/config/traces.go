package config

import (
	"errors"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpguts"

	"tampuuri-hillava/internal/credential"
)

// Traces are the variables of OpenTelemetry that switch traces on. Its exporter reads them itself, and all others of its own.
type Traces struct {
	Endpoint       string `env:"OTEL_EXPORTER_OTLP_ENDPOINT"`        // of any telemetry; traces go to /v1/traces below it
	TracesEndpoint string `env:"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"` // of traces, as it stands
}

// Collected reports whether somebody collects traces.
func (t Traces) Collected() bool { return t.Endpoint != "" || t.TracesEndpoint != "" }

// traces checks what the exporter would pass over with a word in the log, and what it would quote there: addresses and
// headers may hold passwords. http:// is allowed, as spans hold nobody's data and mostly go to a collector next door.
func (p *problems) traces(t Traces) {
	if !t.Collected() {
		return
	}
	p.base("OTEL_EXPORTER_OTLP_ENDPOINT", t.Endpoint, true)
	p.base("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", t.TracesEndpoint, true)
	for _, variable := range []string{"OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"} {
		if headers := strings.TrimSpace(p.variables[variable]); headers != "" && !arePairs(headers) {
			p.add(errors.New(variable + ": cannot be read; it must be like authorization=Bearer%20…,other=…"))
		}
	}
}

// arePairs tells headers that are written as OpenTelemetry wants them.
func arePairs(headers string) bool {
	for pair := range strings.SplitSeq(headers, ",") {
		name, value, found := strings.Cut(pair, "=")
		plain, err := url.PathUnescape(value)
		if !found || err != nil || !httpguts.ValidHeaderFieldName(strings.TrimSpace(name)) || credential.Check(strings.TrimSpace(plain)) != nil {
			return false
		}
	}
	return true
}

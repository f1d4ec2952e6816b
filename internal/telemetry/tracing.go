package telemetry

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/url"
	"regexp"
	"syscall"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Traces sends spans to an OTLP collector. Its methods do nothing on nil, which is what there is while nobody collects.
//
// No header, no interceptor of Temporal's and no byte of history carries a trace on: its id is derived from what each
// side knows by itself, see Start.
type Traces struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
	logger   *slog.Logger
}

// NewTraces takes address, headers, sampler, queue and the like from the standard OTEL_* variables; service is the name
// that the program has without OTEL_SERVICE_NAME. It calls nobody: a collector need not be there.
func NewTraces(ctx context.Context, collected bool, service string, logger *slog.Logger) (*Traces, error) {
	if !collected {
		return nil, nil //nolint:nilnil // nil is what makes no spans, see Traces
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("prepare the export of traces (check the OTEL_EXPORTER_OTLP_* variables): %w", err)
	}
	named, err := resource.Merge(resource.NewSchemaless(attribute.String("service.name", service)), resource.Environment())
	if err != nil {
		return nil, fmt.Errorf("name this program in traces (check OTEL_RESOURCE_ATTRIBUTES): %w", err)
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(&told{SpanExporter: exporter, logger: logger, now: time.Now, causes: map[string]bool{}}),
		sdktrace.WithIDGenerator(derivedIDs{}),
		sdktrace.WithResource(named),
	)
	return &Traces{provider: provider, tracer: provider.Tracer("tampuuri-hillava"), logger: logger}, nil
}

// Start begins a span. Without another one in ctx, its trace is that of everything which one signal to one workflow sets
// off: a webhook, its redelivery, each attempt at a step because of it, on whatever worker. Attributes are ids and closed
// sets of words, never what is in a record.
func (t *Traces) Start(ctx context.Context, workflowID, signal, name string, kind trace.SpanKind, attributes ...attribute.KeyValue) (context.Context, trace.Span) {
	if t == nil {
		return ctx, trace.SpanFromContext(ctx)
	}
	ctx = context.WithValue(ctx, traceKey{}, TraceID(workflowID, signal))
	return t.tracer.Start(ctx, name, trace.WithSpanKind(kind), trace.WithAttributes(attributes...))
}

// Shutdown sends what is left, for as long as ctx lasts. What cannot be sent is lost, which is no failure of the program.
func (t *Traces) Shutdown(ctx context.Context) {
	if t == nil {
		return
	}
	if err := t.provider.Shutdown(ctx); err != nil {
		t.logger.Warn("The last traces were not delivered.", "cause", causeOf(err))
	}
}

// TraceID is the id of the trace of everything that one signal to one workflow sets off.
func TraceID(workflowID, signal string) trace.TraceID {
	sum := sha256.Sum256([]byte(workflowID + "|" + signal))
	return trace.TraceID(sum[:16])
}

type traceKey struct{}

// derivedIDs gives a trace the id that Start has derived.
type derivedIDs struct{}

func (d derivedIDs) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	id, _ := ctx.Value(traceKey{}).(trace.TraceID) // always there: spans come of Start, or have a parent
	return id, d.NewSpanID(ctx, id)
}

func (derivedIDs) NewSpanID(context.Context, trace.TraceID) (id trace.SpanID) {
	binary.BigEndian.PutUint64(id[:], rand.Uint64()|1) // zero would be none
	return id
}

// told logs why spans are not delivered, instead of handing it to OpenTelemetry's global handler: each cause once, until
// deliveries have gone well for an hour. The queue before it is bounded and drops what does not fit, so nobody waits.
type told struct {
	sdktrace.SpanExporter
	logger *slog.Logger
	now    func() time.Time
	causes map[string]bool
	failed time.Time
}

const wellAgain = time.Hour

// ExportSpans is called by one goroutine.
func (t *told) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := t.SpanExporter.ExportSpans(ctx, spans)
	if err == nil {
		if t.now().Sub(t.failed) > wellAgain {
			clear(t.causes)
		}
		return nil
	}
	t.failed = t.now()
	if ctx.Err() != nil { // the exporter then has a text that is no deadline's
		err = ctx.Err()
	}
	if cause := causeOf(err); !t.causes[cause] {
		t.causes[cause] = true
		t.logger.Warn("Traces are not delivered and are dropped; work goes on. This cause is told once.", "cause", cause)
	}
	return nil
}

var httpStatus = regexp.MustCompile(`: ([1-5]\d\d) `)

// causeOf says in words of our own why spans were not delivered: the exporter's texts hold addresses and answers.
func causeOf(err error) string {
	var (
		network net.Error
		errno   syscall.Errno
		address *url.Error
	)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "no answer in time"
	case errors.As(err, &errno):
		return errno.Error()
	case errors.As(err, &address):
		return "no connection, or it broke"
	}
	if status := httpStatus.FindStringSubmatch(err.Error()); status != nil {
		return "the collector answers with status " + status[1]
	}
	return "the collector does not take them"
}

package telemetry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"tampuuri-hillava/internal/telemetry/telemetrytest"
)

const workflowID = "notice-40ef2650-c7cc-5462-86ff-a6b97bfd425b"

// log is a log that several goroutines write.
type log struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (l *log) Write(line []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(line)
}

func (l *log) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.String()
}

// collectedAt gives traces that are sent there at once, and their log.
func collectedAt(t *testing.T, address string) (*Traces, *log) {
	t.Helper()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
	said := &log{}
	traces, err := NewTraces(t.Context(), true, "worker", slog.New(slog.NewTextHandler(said, nil)))
	require.NoError(t, err)
	t.Cleanup(func() { traces.Shutdown(t.Context()) })
	return traces, said
}

func (t *Traces) one(ctx context.Context) {
	_, span := t.Start(ctx, workflowID, "tyo-valmis", "SetState", trace.SpanKindConsumer, attribute.Int("attempt", 1))
	span.End()
}

func TestWhatOneSignalSetsOffIsOneTraceInEveryProgram(t *testing.T) {
	collector := telemetrytest.Start(t)
	receiver, _ := collectedAt(t, collector.URL)
	worker, _ := collectedAt(t, collector.URL)
	ctx, span := receiver.Start(t.Context(), workflowID, "tyo-valmis", "webhook", trace.SpanKindServer)
	_, inner := receiver.Start(ctx, workflowID, "tyo-valmis", "signal", trace.SpanKindClient)
	inner.End()
	span.End()
	worker.one(t.Context())
	worker.one(t.Context())
	_, other := worker.Start(t.Context(), workflowID, "laskutettu", "ReportInvoiced", trace.SpanKindConsumer)
	other.End()
	receiver.Shutdown(t.Context())
	worker.Shutdown(t.Context())

	spans, ids := map[string][]telemetrytest.Span{}, map[string]bool{}
	for _, span := range collector.Spans() {
		spans[span.Name] = append(spans[span.Name], span)
		require.False(t, ids[span.ID], "each span is one")
		ids[span.ID] = true
		want := TraceID(workflowID, "tyo-valmis").String()
		if span.Name == "ReportInvoiced" {
			want = TraceID(workflowID, "laskutettu").String()
		}
		require.Equal(t, want, span.Trace, span.Name)
		require.Equal(t, "worker", span.Service)
	}
	require.Len(t, ids, 5)
	require.Len(t, spans["SetState"], 2)
	require.Equal(t, spans["webhook"][0].ID, spans["signal"][0].Parent)
	require.Empty(t, spans["webhook"][0].Parent)
	require.Empty(t, spans["SetState"][0].Parent)
	require.Equal(t, int64(1), spans["SetState"][0].Attributes["attempt"])
}

// TestATracesIDIsForEver: a person who knows workflow and signal finds the trace, in an old backup of a collector too.
func TestATracesIDIsForEver(t *testing.T) {
	require.Equal(t, "8cf9f4062bd82c39998136b5aba30f5f", TraceID(workflowID, "tyo-valmis").String())
}

func TestWithoutACollectorThereAreNoSpans(t *testing.T) {
	traces, err := NewTraces(t.Context(), false, "worker", slog.Default())
	require.NoError(t, err)
	ctx, span := traces.Start(t.Context(), workflowID, "tyo-valmis", "SetState", trace.SpanKindConsumer)
	require.Equal(t, t.Context(), ctx, "nothing is added")
	require.False(t, span.IsRecording())
	span.End()
	traces.Shutdown(t.Context())
}

func TestTheProgramsNameAndTheSamplerAreTheStandardVariables(t *testing.T) {
	collector := telemetrytest.Start(t)
	t.Setenv("OTEL_SERVICE_NAME", "own-name")
	named, _ := collectedAt(t, collector.URL)
	named.one(t.Context())
	named.Shutdown(t.Context())
	require.Equal(t, "own-name", collector.Spans()[0].Service)

	t.Setenv("OTEL_TRACES_SAMPLER", "always_off")
	silent, _ := collectedAt(t, collector.URL)
	silent.one(t.Context())
	silent.Shutdown(t.Context())
	require.Len(t, collector.Spans(), 1)
}

// TestASamplerTakesATraceWhole: what goes by the trace's id decides the same on every machine.
func TestASamplerTakesATraceWhole(t *testing.T) {
	collector := telemetrytest.Start(t)
	t.Setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
	t.Setenv("OTEL_TRACES_SAMPLER_ARG", "0.5")
	one, _ := collectedAt(t, collector.URL)
	other, _ := collectedAt(t, collector.URL)
	const traced = 100
	for i := range traced {
		for _, traces := range []*Traces{one, other} {
			_, span := traces.Start(t.Context(), fmt.Sprint("notice-", i), "tyo-valmis", "SetState", trace.SpanKindConsumer)
			span.End()
		}
	}
	one.Shutdown(t.Context())
	other.Shutdown(t.Context())
	count := map[string]int{}
	for _, span := range collector.Spans() {
		count[span.Trace]++
	}
	require.Greater(t, len(count), traced/4)
	require.Less(t, len(count), traced*3/4)
	for id, spans := range count {
		require.Equal(t, 2, spans, id)
	}
}

// TestACollectorThatFailsIsToldOnceAndHoldsNobody: with its queue full of what it does not take, a span costs no more.
func TestACollectorThatFailsIsToldOnceAndHoldsNobody(t *testing.T) {
	hang := make(chan struct{})
	refused, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, refused.Close())
	hanging := func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	}
	for _, row := range []struct {
		what, cause string
		address     string
		patience    string // ms; the others have all the time that a busy machine needs
		answer      http.HandlerFunc
	}{
		{what: "answers 500", cause: "status 500", answer: func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "person: "+marker, http.StatusInternalServerError)
		}},
		{what: "hangs", cause: "no answer in time", patience: "50", answer: hanging},
		{what: "hangs for longer than an export may take", cause: "no answer in time", patience: "200", answer: hanging},
		{what: "is down", cause: "connection refused", address: "http://" + refused.Addr().String()},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Setenv("OTEL_BSP_MAX_QUEUE_SIZE", "16")
			t.Setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4")
			if row.patience != "" {
				t.Setenv("OTEL_EXPORTER_OTLP_TIMEOUT", row.patience)
				t.Setenv("OTEL_BSP_EXPORT_TIMEOUT", "100")
			}
			collector := telemetrytest.Start(t)
			collector.Answer(row.answer)
			address := row.address
			if address == "" {
				address = collector.URL
			}
			traces, said := collectedAt(t, address)
			require.Eventually(t, func() bool {
				for range 100 {
					traces.one(t.Context())
				}
				return collector.Calls() > 3 || row.address != "" && strings.Contains(said.String(), row.cause)
			}, 20*time.Second, time.Millisecond)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			began := time.Now()
			traces.Shutdown(ctx)
			require.Less(t, time.Since(began), 5*time.Second, "a stop is bound")
			require.Equal(t, 1, strings.Count(said.String(), "Traces are not delivered"), said.String())
			require.Contains(t, said.String(), row.cause)
			require.NotContains(t, said.String(), marker)
			require.NotContains(t, said.String(), "127.0.0.1")
		})
	}
	close(hang)
}

// exports is an exporter that fails as it is told.
type exports struct{ err error }

func (e *exports) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error { return e.err }
func (e *exports) Shutdown(context.Context) error                             { return nil }

func TestACauseIsToldAgainOnceDeliveriesHaveGoneWellForAnHour(t *testing.T) {
	said, failing, now := &log{}, &exports{}, time.Unix(1_800_000_000, 0)
	watched := &told{SpanExporter: failing, logger: slog.New(slog.NewTextHandler(said, nil)), now: func() time.Time { return now }, causes: map[string]bool{}}
	lines := func(after time.Duration, err error) int {
		now = now.Add(after)
		failing.err = err
		require.NoError(t, watched.ExportSpans(t.Context(), nil), "nobody else is told")
		return strings.Count(said.String(), "\n")
	}
	refused, gone := errors.New("failed to send to http://x/: 401 Unauthorized (body: x)"), errors.New("gone")
	require.Equal(t, 0, lines(0, nil))
	require.Equal(t, 1, lines(time.Minute, refused))
	require.Equal(t, 1, lines(time.Minute, refused))
	require.Equal(t, 2, lines(time.Minute, gone), "another cause")
	require.Equal(t, 2, lines(24*time.Hour, gone))
	require.Equal(t, 2, lines(time.Minute, nil))
	require.Equal(t, 2, lines(time.Minute, refused), "it comes and goes")
	require.Equal(t, 2, lines(2*time.Hour, nil))
	require.Equal(t, 3, lines(time.Minute, refused))
	require.Contains(t, said.String(), "status 401")
}

func TestAnAuditLineNamesItsTraceWhereThereIsOne(t *testing.T) {
	collector := telemetrytest.Start(t)
	traces, said := collectedAt(t, collector.URL)
	audit := func(ctx context.Context) string {
		before := len(said.String())
		Audit(ctx, traces.logger, AuditEvent{Who: "worker", What: "state.set"})
		return said.String()[before:]
	}
	require.NotContains(t, audit(t.Context()), "trace")
	ctx, span := traces.Start(t.Context(), workflowID, "tyo-valmis", "SetState", trace.SpanKindConsumer)
	require.Contains(t, audit(ctx), "trace="+TraceID(workflowID, "tyo-valmis").String())
	span.End()

	t.Setenv("OTEL_TRACES_SAMPLER", "always_off")
	unsampled, _ := collectedAt(t, collector.URL)
	ctx, _ = unsampled.Start(t.Context(), workflowID, "tyo-valmis", "SetState", trace.SpanKindConsumer)
	require.NotContains(t, audit(ctx), "trace", "one that nobody has leads nowhere")
}

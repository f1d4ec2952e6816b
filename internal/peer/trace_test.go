package peer

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

// traced makes a call below a span and gives the call's own span.
func traced(t *testing.T, client *Client, call Call) tracetest.SpanStub {
	t.Helper()
	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	ctx, above := provider.Tracer("test").Start(t.Context(), "above")
	_, _ = client.Do(ctx, call) // what comes of it is in the span
	above.End()
	spans := exporter.GetSpans()
	require.Len(t, spans, 2)
	require.Equal(t, above.SpanContext().SpanID(), spans[0].Parent.SpanID())
	require.Equal(t, trace.SpanKindClient, spans[0].SpanKind)
	return spans[0]
}

func TestACallIsASpanWithItsTemplateAndNothingOfWhatIsSent(t *testing.T) {
	for name, row := range map[string]struct {
		answer http.HandlerFunc
		want   map[string]any
		failed bool
	}{
		"done":    {answer(200, "application/json", `{"text":"`+secretBody+`"}`), map[string]any{"http.response.status_code": int64(200)}, false},
		"refused": {answer(409, "application/json", `{"Message":"`+secretBody+`"}`), map[string]any{"http.response.status_code": int64(409), "error.type": "status"}, true},
		"a page":  {answer(200, "text/html", secretBody), map[string]any{"http.response.status_code": int64(200), "error.type": "not_json"}, true},
		"cut off": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, map[string]any{"error.type": "transport"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			traceparent := make(chan string, 1)
			client := newClient(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
				traceparent <- r.Header.Get("Traceparent")
				row.answer(w, r)
			}), 5*time.Second)
			call := post()
			call.Template, call.ID, call.Query = "ilmoitukset/{Id}/tila", secretPath, url.Values{"nimi": {secretBody}}
			call.Header = http.Header{"X-Salasana": {secretBody}}
			span := traced(t, client, call)
			require.Equal(t, "testi: write", span.Name)
			row.want["peer.service"], row.want["http.request.method"], row.want["url.template"] = "testi", "POST", "ilmoitukset/{Id}/tila"
			require.Equal(t, row.want, values(span.Attributes))
			require.Equal(t, row.failed, span.Status.Code == codes.Error)
			require.Empty(t, span.Events)
			for _, secret := range []string{secretPath, secretBody, "127.0.0.1"} {
				require.NotContains(t, fmt.Sprintf("%+v", span), secret)
			}
			require.Empty(t, <-traceparent, "a peer is told of no trace")
		})
	}
}

func values(attributes []attribute.KeyValue) map[string]any {
	all := map[string]any{}
	for _, one := range attributes {
		all[string(one.Key)] = one.Value.AsInterface()
	}
	return all
}

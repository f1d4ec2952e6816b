// Package telemetrytest is a collector of traces for tests: OTLP over HTTP, as programs send it.
package telemetrytest

import (
	"compress/gzip"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Span is what a collector was sent of one.
type Span struct {
	Service, Name, Trace, ID, Parent string
	Failed                           bool
	Attributes                       map[string]any // strings and numbers
}

// Collector takes spans and answers as it is told to.
type Collector struct {
	URL string

	mutex  sync.Mutex
	answer http.HandlerFunc
	calls  int
	spans  []Span
	raw    []byte
}

// Start serves a collector until the test ends.
func Start(t *testing.T) *Collector {
	t.Helper()
	c := &Collector{}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

// Answer has the collector refuse, or hang; nil: it takes what comes.
func (c *Collector) Answer(answer http.HandlerFunc) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.answer = answer
}

// Spans are those that were taken.
func (c *Collector) Spans() []Span {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return append([]Span(nil), c.spans...)
}

// Calls counts the requests, whatever became of them.
func (c *Collector) Calls() int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.calls
}

// Everything is all that ever came, in JSON, with the requests' headers.
func (c *Collector) Everything() []byte {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return append([]byte(nil), c.raw...)
}

// ServeHTTP takes one export.
func (c *Collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sent, err := decode(r)
	c.mutex.Lock()
	answer := c.answer
	c.calls++
	if err == nil && answer == nil {
		c.keep(r, sent)
	}
	c.mutex.Unlock()
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	case answer != nil:
		answer(w, r)
	default:
		w.Header().Set("Content-Type", "application/x-protobuf") // an empty answer: all were taken
	}
}

func decode(r *http.Request) (*collector.ExportTraceServiceRequest, error) {
	if r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
		return nil, fmt.Errorf("%s %s is no export of traces", r.URL.Path, r.Header.Get("Content-Type"))
	}
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		body = unpacked
	}
	content, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	sent := &collector.ExportTraceServiceRequest{}
	return sent, proto.Unmarshal(content, sent)
}

func (c *Collector) keep(r *http.Request, sent *collector.ExportTraceServiceRequest) {
	text, _ := protojson.Marshal(sent) // of a message that was just decoded
	c.raw = append(append(c.raw, text...), fmt.Sprintln(r.Header)...)
	for _, of := range sent.GetResourceSpans() {
		service, _ := attributes(of.GetResource().GetAttributes())["service.name"].(string)
		for _, scope := range of.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				c.spans = append(c.spans, Span{
					Service: service, Name: span.GetName(), Trace: hex.EncodeToString(span.GetTraceId()),
					ID: hex.EncodeToString(span.GetSpanId()), Parent: hex.EncodeToString(span.GetParentSpanId()),
					Failed: span.GetStatus().GetCode() == 2, Attributes: attributes(span.GetAttributes()),
				})
			}
		}
	}
}

func attributes(pairs []*common.KeyValue) map[string]any {
	all := map[string]any{}
	for _, pair := range pairs {
		switch value := pair.GetValue().GetValue().(type) {
		case *common.AnyValue_StringValue:
			all[pair.GetKey()] = value.StringValue
		case *common.AnyValue_IntValue:
			all[pair.GetKey()] = value.IntValue
		default:
			all[pair.GetKey()] = fmt.Sprint(pair.GetValue())
		}
	}
	return all
}

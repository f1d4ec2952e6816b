package webhook

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/netutil"
)

// heapPerConnection is what a connection may hold of the receiver's memory at its worst: a header and a body at their
// limits, the room that the body's buffer has grown, and what net/http keeps.
const heapPerConnection = 160 << 10

// TestMemoryStaysBoundedUnderLoad fills every connection with the largest header and body that are accepted, but for the
// last byte, so that the receiver has to keep all of them at once.
func TestMemoryStaysBoundedUnderLoad(t *testing.T) {
	receiver := newReceiver(t)
	var arrived atomic.Int64
	counting := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = &countedBody{r.Body, &arrived}
		receiver.ServeHTTP(w, r)
	})
	server := httptest.NewUnstartedServer(nil)
	server.Config = NewServer(counting, slog.New(slog.DiscardHandler))
	server.Config.ReadHeaderTimeout, server.Config.ReadTimeout = time.Minute, time.Minute // a busy machine needs it
	server.Listener = netutil.LimitListener(server.Listener, MaxConnections)
	server.Start()
	defer server.Close()

	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\nX-Long: %s\r\n\r\n",
		Path, maxBody, strings.Repeat("a", 15<<10))
	request := append([]byte(head), bytes.Repeat([]byte(" "), maxBody-1)...)
	before := heap()
	connections := make([]net.Conn, MaxConnections)
	for i := range connections {
		connection, err := net.Dial("tcp", server.Listener.Addr().String())
		require.NoError(t, err)
		defer connection.Close()
		connections[i] = connection
		_, err = connection.Write(request)
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool { return arrived.Load() == MaxConnections*(maxBody-1) }, time.Minute, 20*time.Millisecond, "every body is there")
	full := heap() - before
	t.Logf("%d connections with %d bytes each hold %d MiB, %d KiB each", MaxConnections, len(request), full>>20, full/MaxConnections>>10)
	require.Less(t, full, int64(MaxConnections*heapPerConnection))

	for _, connection := range connections {
		require.NoError(t, connection.Close())
	}
	require.Eventually(t, func() bool { return heap()-before < full/4 }, time.Minute, 100*time.Millisecond, "the memory is given back")
	require.Empty(t, receiver.signaler.given)
}

// heap is the live memory, after what is not used any more was given back.
func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc + stats.StackInuse)
}

type countedBody struct {
	io.ReadCloser
	arrived *atomic.Int64
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.arrived.Add(int64(n))
	return n, err
}

// TestTheSameIDWithAnotherBody: validly signed, which only Hillava can, each body is handed on under that id. Temporal
// keeps the first one of a type (TestAThousandDeliveriesAtOnceAreOneSignal in e2e).
func TestTheSameIDWithAnotherBody(t *testing.T) {
	receiver := newReceiver(t)
	other := "6c1d2f2f-7b1f-4b69-8d1c-3a7f6b1e8f22"
	for _, body := range []string{
		goodBody, strings.Replace(goodBody, "12:00:00", "13:00:00", 1), strings.Replace(goodBody, "task.done", "task.invoiced", 1), strings.Replace(goodBody, testExternalID, other, 1),
	} {
		require.Equal(t, 202, receiver.answer(signedRequest(body)).Code)
	}
	require.Len(t, receiver.signaler.given, 4)
	for i, want := range []signalled{
		{externalID: testExternalID, signal: "tyo-valmis"}, {externalID: testExternalID, signal: "tyo-valmis"},
		{externalID: testExternalID, signal: "laskutettu"}, {externalID: other, signal: "tyo-valmis"},
	} {
		given := receiver.signaler.given[i]
		require.Equal(t, testEventID, given.payload.EventID)
		require.Equal(t, want, signalled{externalID: given.externalID, signal: given.signal})
	}
}

func TestEveryAnswerHasTheSecurityHeaders(t *testing.T) {
	receiver := newReceiver(t)
	refused := signedRequest(goodBody)
	refused.Header.Del(headerSignature)
	for _, request := range []*http.Request{signedRequest(goodBody), refused, httptest.NewRequest(http.MethodGet, "/", nil)} {
		header := receiver.answer(request).Header()
		require.Equal(t, "nosniff", header.Get("X-Content-Type-Options"))
		require.Equal(t, "no-store", header.Get("Cache-Control"))
		require.Equal(t, "default-src 'none'; frame-ancestors 'none'", header.Get("Content-Security-Policy"))
		require.Equal(t, "no-referrer", header.Get("Referrer-Policy"))
		require.NotEmpty(t, header.Get("X-Request-Id"))
	}
}

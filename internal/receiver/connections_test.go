package receiver

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/webhook"
)

// TestOneConnectionTooManyWaitsForAFreePlace fills the receiver's port and knocks once more.
func TestOneConnectionTooManyWaitsForAFreePlace(t *testing.T) {
	listener, err := listen(t.Context(), config.Serve{WebhookAddr: "127.0.0.1:0"}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	var inside, most atomic.Int64
	leave := make(chan struct{})
	server := webhook.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		now := inside.Add(1)
		defer inside.Add(-1)
		for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
		}
		<-leave
		w.WriteHeader(http.StatusAccepted)
	}), slog.New(slog.DiscardHandler))
	server.WriteTimeout = time.Minute // a busy machine needs it
	go func() { _ = server.Serve(listener) }()
	defer server.Close()

	knock := func() net.Conn {
		connection, err := net.Dial("tcp", listener.Addr().String())
		require.NoError(t, err)
		t.Cleanup(func() { _ = connection.Close() })
		_, err = io.WriteString(connection, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		require.NoError(t, err)
		return connection
	}
	var connections []net.Conn
	for range webhook.MaxConnections {
		connections = append(connections, knock())
	}
	require.Eventually(t, func() bool { return inside.Load() == webhook.MaxConnections }, time.Minute, 10*time.Millisecond, "all are served at once")
	late := knock()
	require.NoError(t, late.SetReadDeadline(time.Now().Add(300*time.Millisecond)))
	_, err = late.Read(make([]byte, 1))
	require.ErrorAs(t, err, new(net.Error), "it is neither served nor refused")
	require.EqualValues(t, webhook.MaxConnections, inside.Load())

	close(leave)
	for _, connection := range append(connections, late) {
		require.NoError(t, connection.SetReadDeadline(time.Now().Add(time.Minute)))
		answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, http.StatusAccepted, answer.StatusCode)
	}
	require.EqualValues(t, webhook.MaxConnections, most.Load())
}

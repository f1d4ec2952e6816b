package webhook

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/netutil"
)

// port is a receiver behind a real listener that holds MaxConnections.
func port(t *testing.T, configure func(*http.Server)) (address string) {
	t.Helper()
	receiver := newReceiver(t)
	server := httptest.NewUnstartedServer(nil)
	server.Config = NewServer(receiver, slog.New(slog.DiscardHandler))
	configure(server.Config)
	server.Listener = netutil.LimitListener(server.Listener, MaxConnections)
	server.Start()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	connection, err := net.Dial("tcp", address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = connection.Close() })
	require.NoError(t, connection.SetDeadline(time.Now().Add(time.Minute)))
	return connection
}

// delivery is a request as it goes over the wire.
func delivery(signed bool) string {
	signature := sign(strangeKey, testEventID, seconds(0), []byte(goodBody))
	if signed {
		signature = sign(currentKey, testEventID, seconds(0), []byte(goodBody))
	}
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nWebhook-Id: %s\r\nWebhook-Timestamp: %s\r\nWebhook-Signature: %s\r\nContent-Length: %d\r\n\r\n%s",
		Path, testEventID, seconds(0), signature, len(goodBody), goodBody)
}

// deliver sends a request and gives the status of the answer, and whether the connection stays open after it.
func deliver(t *testing.T, connection net.Conn, signed bool) (status int, open bool) {
	t.Helper()
	_, err := io.WriteString(connection, delivery(signed))
	require.NoError(t, err)
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode, !response.Close
}

// Each of as many senders as there are places makes one request that is not signed and keeps its connection. That would
// hold every place for IdleTimeout.
func TestSendersThatCannotSignKeepNoConnection(t *testing.T) {
	address := port(t, func(*http.Server) {})
	began := time.Now()
	for range MaxConnections {
		connection := dial(t, address)
		status, open := deliver(t, connection, false)
		require.Equal(t, 401, status)
		require.False(t, open)
	}
	status, open := deliver(t, dial(t, address), true)
	require.Equal(t, 202, status)
	require.True(t, open)
	require.Less(t, time.Since(began), NewServer(nil, slog.Default()).IdleTimeout/2, "no place was waited for")
}

func TestOnlyASenderThatHasSignedMayKeepItsConnectionIdle(t *testing.T) {
	const short = 200 * time.Millisecond
	address := port(t, func(s *http.Server) { s.ReadHeaderTimeout, s.IdleTimeout = short, time.Minute })
	trusted := dial(t, address)
	status, open := deliver(t, trusted, true)
	require.Equal(t, 202, status)
	require.True(t, open)

	began := time.Now()
	_, err := dial(t, address).Read(make([]byte, 1)) // it never asks for anything
	require.ErrorIs(t, err, io.EOF)
	require.Less(t, time.Since(began), 30*time.Second, "and is closed soon")

	status, open = deliver(t, trusted, true) // by now longer idle than the other was allowed to be
	require.Equal(t, 202, status)
	require.True(t, open)
	status, open = deliver(t, trusted, false)
	require.Equal(t, 401, status)
	require.False(t, open, "not even after signed requests")
	_, err = trusted.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
}

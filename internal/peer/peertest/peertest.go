// Package peertest has what the tests of both systems' clients share: answers, and the search for secrets in what is printed.
package peertest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Personal is what a peer may say and nobody may print.
const Personal = "Matti Meikalainen +358401234567"

// Respond gives one answer to everything, with a Location elsewhere.
func Respond(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Location", "https://evil.example/"+Personal)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// Reset breaks the connection within the body of an answer.
func Reset(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{\"id\":")
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

// RequireClean fails when any way of printing shows an address, what Respond says, or one of those secrets.
func RequireClean(t *testing.T, secrets []string, values ...any) {
	t.Helper()
	secrets = append([]string{"127.0.0.1", "http", "evil.example", "Matti", "358401234567"}, secrets...)
	for _, value := range values {
		var texts []string
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			texts = append(texts, fmt.Sprintf(verb, value))
		}
		if err, ok := value.(error); ok {
			for cause := errors.Unwrap(err); cause != nil; cause = errors.Unwrap(cause) {
				texts = append(texts, fmt.Sprintf("%v %+v %#v", cause, cause, cause))
			}
		}
		texts = append(texts, slog.AnyValue(value).Resolve().String())
		encoded, _ := json.Marshal(value)
		var logged strings.Builder
		slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "value", value)
		slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "value", value)
		for _, text := range append(texts, string(encoded), logged.String()) {
			for _, secret := range secrets {
				require.NotContains(t, text, secret)
				require.NotContains(t, text, fmt.Sprintf("%x", secret))
			}
		}
	}
}

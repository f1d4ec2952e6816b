package peer

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What must never show in an error: the path, the query, and the peers' bodies.
const (
	secretPath = "salainen-polku"
	secretBody = "Matti Meikalainen"
)

func newClient(t *testing.T, address string, timeout time.Duration) *Client {
	t.Helper()
	c, err := New(Options{Peer: "testi", BaseURL: address, Timeout: timeout, KnownFields: []string{"Tila", "Limit"}})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func post() Call {
	return Call{Route: Route{"write", http.MethodPost, secretPath}, Body: map[string]string{"text": secretBody}}
}

func asError(t *testing.T, err error) *Error {
	t.Helper()
	var e *Error
	require.ErrorAs(t, err, &e)
	requireClean(t, e)
	return e
}

// requireClean fails when any way of printing the error shows an address or a body.
func requireClean(t *testing.T, e *Error) {
	t.Helper()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		text := fmt.Sprintf(verb, e)
		for cause := error(e); cause != nil; cause = errors.Unwrap(cause) {
			text += fmt.Sprintf(verb, cause)
		}
		for _, secret := range []string{secretPath, secretBody, "127.0.0.1", "localhost", "http:", "https:"} {
			require.NotContains(t, text, secret, verb)
		}
	}
}

func answer(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func gzipped(size int) http.HandlerFunc {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(`"` + strings.Repeat("a", size-2) + `"`))
	_ = z.Close()
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed.Bytes())
	}
}

func TestAGoodAnswerIsGivenBack(t *testing.T) {
	const asJSON = "application/json"
	tests := []struct {
		name    string
		handler http.HandlerFunc
		want    string
	}{
		{"plain", answer(200, asJSON, `{"Id":1}`), `{"Id":1}`},
		{"created", answer(201, asJSON, `{"Id":1}`), `{"Id":1}`},
		{"with a charset", answer(200, "application/json; charset=utf-8", `[]`), `[]`},
		{"with a charset in another spelling", answer(200, "Application/JSON;charset=\"UTF8\"", `[]`), `[]`},
		{"with a charset twice", answer(200, "application/json; charset=utf-8; charset=UTF-8", `[]`), `[]`},
		{"with odd parameters", answer(200, "application/json; charset; odata.metadata=minimal;;", `[]`), `[]`},
		{"problem json", answer(200, "application/vnd.tampuuri+json", `[]`), `[]`},
		{"without a type", answer(200, "", `{"Id":1}`), `{"Id":1}`},
		{"as a framework types it when nobody else does", answer(200, "text/plain; charset=utf-8", `{"Id":1}`), `{"Id":1}`},
		{"byte order mark and white space", answer(200, asJSON, "\xef\xbb\xbf {\"Id\":1}\r\n"), `{"Id":1}`},
		{"just within the limit", answer(200, asJSON, `"`+strings.Repeat("a", ResponseLimit-2)+`"`), `"` + strings.Repeat("a", ResponseLimit-2) + `"`},
		{"gzip within the limit", gzipped(ResponseLimit), `"` + strings.Repeat("a", ResponseLimit-2) + `"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := newClient(t, serve(t, tt.handler), 10*time.Second).Do(context.Background(), post())
			require.NoError(t, err)
			require.True(t, tt.want == string(got), "the body comes back whole")
		})
	}
}

func TestEveryBadAnswerHasItsKind(t *testing.T) {
	const asJSON = "application/json"
	html := "<html>" + secretBody
	tests := []struct {
		name    string
		handler http.HandlerFunc
		kind    Kind
		status  int
	}{
		{"HTML with 200", answer(200, "text/html", html), KindNotJSON, 200},
		{"text without a type", answer(200, "", secretBody), KindNotJSON, 200},
		{"plain text", answer(200, "text/plain", secretBody), KindNotJSON, 200},
		{"plain text in UTF-16", answer(200, "text/plain; charset=utf-16", `{}`), KindNotJSON, 200},
		{"JSON in Latin-1", answer(200, "application/json; charset='ISO-8859-1'", `{}`), KindNotJSON, 200},
		{"JSON in UTF-16", answer(200, "application/json; charset=utf-16", `{}`), KindNotJSON, 200},
		{"empty", answer(200, asJSON, ""), KindNotJSON, 200},
		{"no content", answer(204, asJSON, ""), KindNotJSON, 204},
		{"null", answer(200, asJSON, " null "), KindNotJSON, 200},
		{"trailing object", answer(200, asJSON, `{"Id":1}{"Id":2}`), KindNotJSON, 200},
		{"trailing text", answer(200, asJSON, `{"Id":1} `+secretBody), KindNotJSON, 200},
		{"cut off", answer(200, asJSON, `{"Id":`), KindNotJSON, 200},
		{"deep nesting", answer(200, asJSON, strings.Repeat("[", 100_000)), KindNotJSON, 200},
		{"over the limit", answer(200, asJSON, `"`+strings.Repeat("a", ResponseLimit)+`"`), KindTooLarge, 200},
		{"gzip bomb", gzipped(64 << 20), KindTooLarge, 200},
		{"HTML over the limit", answer(200, "text/html", strings.Repeat("a", ResponseLimit+1)), KindTooLarge, 200},
		{"refusal over the limit", answer(409, asJSON, strings.Repeat("a", ResponseLimit+1)), KindStatus, 409},
		{"bad request", answer(400, asJSON, `{"Message":"`+secretBody+`"}`), KindStatus, 400},
		{"401 as a page", answer(401, "text/html", html), KindStatus, 401},
		{"404 in JSON", answer(404, asJSON, `{"Message":"`+secretBody+`"}`), KindStatus, 404},
		{"404 with nothing", answer(404, "", ""), KindStatus, 404},
		{"404 as a page says nothing about the notice", answer(404, "text/html; charset=utf-8", html), KindNotJSON, 404},
		{"409 as a page", answer(409, "text/html", html), KindNotJSON, 409},
		{"413 as a page", answer(413, "text/html", html), KindStatus, 413},
		{"429 as a page", answer(429, "text/html", html), KindStatus, 429},
		{"500", answer(500, asJSON, `{`), KindStatus, 500},
		{"502 as a page", answer(502, "text/html", html), KindStatus, 502},
		{"599", answer(599, "", ""), KindStatus, 599},
		{"304", answer(304, "", ""), KindRedirect, 304},
		{"301 without an address", answer(301, "", ""), KindRedirect, 301},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newClient(t, serve(t, tt.handler), 20*time.Second).Do(context.Background(), post())
			e := asError(t, err)
			require.Equal(t, tt.kind, e.Kind)
			require.Equal(t, tt.status, e.Status)
			require.True(t, e.Sent)
			require.Equal(t, "testi", e.Peer)
			require.Equal(t, "write", e.Op)
		})
	}
}

func TestNoRedirectIsFollowed(t *testing.T) {
	var followed atomic.Int32
	elsewhere := serve(t, func(http.ResponseWriter, *http.Request) { followed.Add(1) })
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, target := range []string{elsewhere + "/" + secretPath, "http://169.254.169.254/latest", "/other", "::not a url::"} {
			address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", target)
				w.WriteHeader(status)
			})
			_, err := newClient(t, address, 5*time.Second).Do(context.Background(), post())
			e := asError(t, err)
			if target != "::not a url::" { // net/http gives up on it before the answer can be seen
				require.Equal(t, KindRedirect, e.Kind, "%d to %s", status, target)
				require.Equal(t, status, e.Status)
			}
			require.True(t, e.Sent)
		}
	}
	require.Zero(t, followed.Load())
}

// hang answers the header and then one sign at a time until the client goes away.
func drip(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-ticker.C:
			_, _ = io.WriteString(w, " ")
			w.(http.Flusher).Flush()
		}
	}
}

func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.ReadAll(r.Body) // the server notices a client that goes away only after that
	<-r.Context().Done()
}

// breakAfter sends part of an answer and resets the connection.
func breakAfter(part string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(conn, part)
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
	}
}

func TestEveryBrokenConnectionHasItsCause(t *testing.T) {
	old := httptest.NewUnstartedServer(answer(200, "application/json", `{}`))
	old.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	old.Config.ErrorLog = quiet()
	old.StartTLS()
	t.Cleanup(old.Close)
	untrusted := httptest.NewUnstartedServer(answer(200, "application/json", `{}`))
	untrusted.Config.ErrorLog = quiet()
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	refusing := serve(t, hang)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	refused := "http://" + listener.Addr().String()
	require.NoError(t, listener.Close())

	tests := []struct {
		name    string
		address string
		sent    bool
		cause   error
	}{
		{"refused", refused, false, syscall.ECONNREFUSED},
		{"untrusted certificate", untrusted.URL, false, ErrCertificate},
		{"only old TLS", old.URL, false, ErrTLS},
		{"TLS towards a plain port", strings.Replace(refusing, "http://", "https://", 1), false, ErrTLS},
		{"unknown host", "https://tampuuri.invalid", false, nil},
		{"hang", refusing, true, ErrTimeout},
		{"drip feed", serve(t, drip), true, ErrTimeout},
		{"closed without a word", serve(t, breakAfter("")), true, nil},
		{"reset in the header", serve(t, breakAfter("HTTP/1.1 200 OK\r\nContent-")), true, nil},
		{"reset in the body", serve(t, breakAfter("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"Id\"")), true, nil},
		{"body shorter than said", serve(t, func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := http.NewResponseController(w).Hijack()
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{}")
			_ = conn.Close()
		}), true, ErrBroken},
		{"not HTTP", serve(t, breakAfter(secretBody+"\r\n\r\n")), true, nil},
		{"header without end", serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Big", strings.Repeat("a", 300<<10))
		}), true, nil},
		{"gzip that is none", serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, secretBody)
		}), true, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			patience := 30 * time.Second // a busy machine must not turn another cause into a time-out
			if errors.Is(tt.cause, ErrTimeout) {
				patience = 900 * time.Millisecond
			}
			_, err := newClient(t, tt.address, patience).Do(context.Background(), post())
			e := asError(t, err)
			require.Equal(t, KindTransport, e.Kind)
			require.Equal(t, tt.sent, e.Sent, "sent")
			if tt.cause != nil {
				require.ErrorIs(t, e, tt.cause)
			}
		})
	}
}

func TestACancelledCallSaysSo(t *testing.T) {
	t.Run("before it is sent", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		var calls atomic.Int32
		address := serve(t, func(http.ResponseWriter, *http.Request) { calls.Add(1) })
		_, err := newClient(t, address, 5*time.Second).Do(ctx, post())
		require.ErrorIs(t, err, context.Canceled)
		require.False(t, asError(t, err).Sent)
		require.Zero(t, calls.Load())
	})
	t.Run("while the peer works", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		address := serve(t, func(w http.ResponseWriter, r *http.Request) { cancel(); hang(w, r) })
		_, err := newClient(t, address, 5*time.Second).Do(ctx, post())
		require.ErrorIs(t, err, context.Canceled)
		require.True(t, asError(t, err).Sent)
	})
	t.Run("by the caller's deadline", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		_, err := newClient(t, serve(t, hang), 5*time.Second).Do(ctx, post())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.True(t, asError(t, err).Sent)
	})
}

func TestAWriteIsNeverRepeatedOnAReusedConnection(t *testing.T) {
	var calls atomic.Int32
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) == 1 {
			answer(200, "application/json", `{}`)(w, r)
			return
		}
		breakAfter("")(w, r)
	})
	c := newClient(t, address, 5*time.Second)
	_, err := c.Do(context.Background(), post())
	require.NoError(t, err)
	_, err = c.Do(context.Background(), post())
	require.True(t, asError(t, err).Sent)
	require.EqualValues(t, 2, calls.Load())
}

func TestTheRequestOnTheWire(t *testing.T) {
	var got *http.Request
	var body string
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		got, body = r, string(raw)
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "1"})
		answer(200, "application/json", `{}`)(w, r)
	})
	c := newClient(t, address+"/v10/api///", 5*time.Second)
	call := post()
	call.Header = http.Header{"X-Name": {"Käyttäjä"}}
	call.Query = map[string][]string{"At": {"2026-02-03T10:00:00+02:00"}}
	call.Body = map[string]string{"text": "a<b>&ä"}
	for range 2 {
		_, err := c.Do(context.Background(), call)
		require.NoError(t, err)
	}
	require.Equal(t, "/v10/api/"+secretPath, got.URL.Path)
	require.Equal(t, "At=2026-02-03T10%3A00%3A00%2B02%3A00", got.URL.RawQuery)
	require.Equal(t, "Käyttäjä", got.Header.Get("X-Name"))
	require.Equal(t, "application/json", got.Header.Get("Content-Type"))
	require.Equal(t, "application/json", got.Header.Get("Accept"))
	require.Equal(t, `{"text":"a<b>&ä"}`, body)
	require.EqualValues(t, len(body), got.ContentLength, "the length is sent, not chunks")
	require.Empty(t, got.Cookies(), "no cookie comes back")

	_, err := c.Do(context.Background(), Call{Route: Route{"read", http.MethodGet, "x"}})
	require.NoError(t, err)
	require.Empty(t, got.Header.Get("Content-Type"))
	require.Empty(t, body)

	call.Body = func() {}
	_, err = c.Do(context.Background(), call)
	require.Equal(t, KindInput, asError(t, err).Kind)
}

package peer

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/certtest"
)

func TestOnlyAGoodCertificateAndModernTLSAreAccepted(t *testing.T) {
	ca := certtest.NewAuthority(t)
	same := func(*x509.Certificate) {}
	otherHost := func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"api.tampuuri.fi"} }
	expired := func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }
	future := func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) }
	forClients := func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }
	nameOnly := func(c *x509.Certificate) { c.IPAddresses, c.Subject.CommonName = nil, "127.0.0.1" }
	for name, row := range map[string]struct {
		change  func(*x509.Certificate)
		issue   func(*testing.T, func(*x509.Certificate)) tls.Certificate
		version uint16
		cause   error
	}{
		"a good one":                  {same, ca.Issue, tls.VersionTLS13, nil},
		"a good one over TLS 1.2":     {same, ca.Issue, tls.VersionTLS12, nil},
		"TLS 1.1":                     {same, ca.Issue, tls.VersionTLS11, ErrTLS},
		"TLS 1.0":                     {same, ca.Issue, tls.VersionTLS10, ErrTLS},
		"self-signed":                 {same, certtest.SelfSigned, tls.VersionTLS13, ErrCertificate},
		"of another host":             {otherHost, ca.Issue, tls.VersionTLS13, ErrCertificate},
		"host as common name only":    {nameOnly, ca.Issue, tls.VersionTLS13, ErrCertificate},
		"expired":                     {expired, ca.Issue, tls.VersionTLS13, ErrCertificate},
		"not valid yet":               {future, ca.Issue, tls.VersionTLS13, ErrCertificate},
		"for clients and not servers": {forClients, ca.Issue, tls.VersionTLS13, ErrCertificate},
	} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int32
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				answer(200, "application/json", `{"Id":1}`)(w, r)
			}))
			server.Config.ErrorLog = quiet()
			server.TLS = &tls.Config{Certificates: []tls.Certificate{row.issue(t, row.change)}, MinVersion: tls.VersionTLS10, MaxVersion: row.version}
			server.StartTLS()
			t.Cleanup(server.Close)
			c := newClient(t, server.URL, 5*time.Second)
			c.transport.TLSClientConfig.RootCAs = x509.NewCertPool()
			c.transport.TLSClientConfig.RootCAs.AddCert(ca.Certificate)
			_, err := c.Do(t.Context(), post())
			if row.cause == nil {
				require.NoError(t, err)
				return
			}
			e := asError(t, err)
			require.ErrorIs(t, e, row.cause)
			require.False(t, e.Sent, "not one byte of a request goes to a stranger")
			require.Zero(t, calls.Load())
		})
	}
}

// Wherever an answer points, only the base address is ever dialled: the credentials go nowhere else.
func TestNoAnswerMakesTheClientCallAnybodyElse(t *testing.T) {
	targets := []string{
		"http://169.254.169.254/latest/meta-data/", "http://[fe80::1]/", "http://metadata.google.internal/", "http://localhost:22/", "//evil.example/",
		"https://evil.example/", "http://10.0.0.1/", "http://0.0.0.0/", "file:///etc/passwd", "gopher://evil.example:70/1", "javascript:alert(1)", "/v10/api/other", "?q=1", "",
	}
	for _, status := range []int{300, 301, 302, 303, 305, 307, 308} {
		for _, target := range targets {
			address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Location"] = []string{target}
				w.Header().Set("Refresh", "0; url="+target)
				w.Header().Set("Alt-Svc", `h3="evil.example:443"`)
				w.Header().Set("Link", "<"+target+">; rel=preload")
				w.WriteHeader(status)
			})
			c := newClient(t, address, 5*time.Second)
			dialled := map[string]bool{}
			dial := c.transport.DialContext
			c.transport.DialContext = func(ctx context.Context, network, to string) (net.Conn, error) {
				dialled[to] = true
				return dial(ctx, network, to)
			}
			_, err := c.Do(t.Context(), post())
			_ = asError(t, err)
			require.Equal(t, map[string]bool{strings.TrimPrefix(address, "http://"): true}, dialled, "%d to %q", status, target)
		}
	}
}

func TestNoAnswerIsKeptBeyondTheLimit(t *testing.T) {
	bombs := map[string]http.HandlerFunc{
		"gzip": gzipped(256 << 20),
		"gzip in gzip": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "gzip, gzip")
			z := gzip.NewWriter(w)
			_, _ = io.CopyN(z, zeros{}, 256<<20)
			_ = z.Close()
		},
		"chunks without end": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.Copy(w, zeros{})
		},
		"an error without end": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = io.Copy(w, zeros{})
		},
	}
	for name, bomb := range bombs {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, serve(t, bomb), 20*time.Second)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			_, err := c.Do(t.Context(), post())
			_ = asError(t, err)
			runtime.ReadMemStats(&after)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(96<<20), "allocated in all, the server of this test included")
		})
	}
}

// zeros reads as white space without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// Answers in pieces, in advance or too many at once are no answers to another call.
func TestOneAnswerIsNeverTakenForAnothers(t *testing.T) {
	var calls atomic.Int32
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		number := calls.Add(1)
		one := func(id string) string {
			body := fmt.Sprintf(`{"Id":%q}`, id)
			return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		}
		_, _ = io.WriteString(connection, strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 3)+one(fmt.Sprint("asked ", number))+one("forged")+one("forged"))
		_ = connection.Close()
	})
	c := newClient(t, address, 5*time.Second)
	for number := 1; number <= 3; number++ {
		body, err := c.Do(t.Context(), post())
		require.NoError(t, err)
		require.JSONEq(t, fmt.Sprintf(`{"Id":"asked %d"}`, number), string(body))
	}
}

func TestACompressionThatWasNotAskedForIsNotRead(t *testing.T) {
	for _, encoding := range []string{"br", "deflate", "compress", "zstd", "identity, gzip"} {
		_, err := newClient(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", encoding)
			_, _ = w.Write([]byte{0x1f, 0x8b, 0xff, 0, 1, 2, 3})
		}), 5*time.Second).Do(t.Context(), post())
		_ = asError(t, err)
	}
}

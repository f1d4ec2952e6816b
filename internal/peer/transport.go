package peer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// newTransport gives every client its own connections, so that one slow peer
// or customer cannot use up another's.
//
// Environment proxies are not honoured: personal data would pass through
// whatever host a stray HTTP_PROXY names. HTTP/1.1 only, so that each connection
// is one call under way and a broken one takes down one call.
func newTransport(timeout time.Duration, connections int) *http.Transport {
	dialer := &net.Dialer{Timeout: timeout / 3, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                  nil,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    timeout / 3,
		ResponseHeaderTimeout:  timeout * 9 / 10,
		MaxIdleConnsPerHost:    connections,
		MaxConnsPerHost:        connections,
		IdleConnTimeout:        60 * time.Second,
		MaxResponseHeaderBytes: 256 << 10,
		TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{},
	}
}

// checkBase checks the address and gives it with a slash at the end.
func checkBase(o Options) (string, error) {
	parsed, err := url.Parse(strings.TrimSpace(o.BaseURL))
	switch {
	case err != nil || parsed.Host == "" || parsed.Hostname() == "" || parsed.Opaque != "":
		// The parser's text would repeat the address.
		return "", fmt.Errorf("%s: the base address is not a URL with a host; give https://host/path", o.Peer)
	case parsed.User != nil || parsed.RawQuery != "" || parsed.ForceQuery || parsed.Fragment != "":
		return "", fmt.Errorf("%s: the base address has a user, a query or a fragment; give https://host/path only", o.Peer)
	case parsed.Scheme == "https":
	case parsed.Scheme == "http" && (o.AllowInsecureHTTP || isLoopback(parsed.Hostname())):
	case parsed.Scheme == "http":
		return "", fmt.Errorf("%s: the base address is http:// towards another host than loopback; use https:// or allow it with ALLOW_INSECURE_HTTP=true", o.Peer)
	default:
		return "", fmt.Errorf("%s: the base address is neither https:// nor http://", o.Peer)
	}
	return strings.TrimRight(parsed.String(), "/") + "/", nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Causes that an Error of KindTransport may wrap, beside context.Canceled and
// context.DeadlineExceeded of the caller and a syscall.Errno.
var (
	// ErrTimeout says that no complete answer came within the HTTP timeout.
	ErrTimeout = errors.New("no complete answer within the HTTP timeout")
	// ErrName says that the peer's host name was not found.
	ErrName = errors.New("host name not found; check the base address and DNS")
	// ErrCertificate says that the peer's certificate is not trusted.
	ErrCertificate = errors.New("certificate not trusted; check the base address and the trusted roots")
	// ErrTLS says that no TLS connection came about.
	ErrTLS = errors.New("TLS handshake failed (TLS 1.2 or newer is needed)")
	// ErrBroken says that the connection broke before the answer was complete.
	ErrBroken = errors.New("connection broke before the answer was complete")
	// ErrConnection is every other failure of a connection.
	ErrConnection = errors.New("connection failed")
)

// cause puts a transport failure into safe words: the texts of *url.Error,
// *net.OpError and *net.DNSError hold addresses.
func (c *Client) cause(ctx context.Context, err error) error {
	network, ofNetwork := errors.AsType[net.Error](err)
	errno, ofSystem := errors.AsType[syscall.Errno](err)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case is[*tls.CertificateVerificationError](err), is[x509.UnknownAuthorityError](err):
		return ErrCertificate
	case is[tls.AlertError](err), is[tls.RecordHeaderError](err), errors.Is(err, http.ErrSchemeMismatch):
		return ErrTLS
	case ofNetwork && network.Timeout():
		return fmt.Errorf("%w (%s)", ErrTimeout, c.timeout)
	case is[*net.DNSError](err):
		return ErrName
	case ofSystem:
		return errno
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ErrBroken
	case err != nil && strings.Contains(err.Error(), "tls:"):
		return ErrTLS // crypto/tls has no type for most of its handshake failures
	}
	return ErrConnection
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

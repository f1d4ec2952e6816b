package temporalclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"

	"tampuuri-hillava/internal/certtest"
)

// authority issues certificates for one test, as files.
type authority struct {
	certtest.Authority
	t    *testing.T
	file string // its certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{certtest.NewAuthority(t), t, filepath.Join(t.TempDir(), "ca.pem")}
	require.NoError(t, os.WriteFile(a.file, certtest.CertificatePEM(a.Certificate), 0o600))
	return a
}

// client makes a certificate for a client.
func (a *authority) client() (certFile, keyFile string) {
	a.t.Helper()
	pair := a.Issue(a.t, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })
	folder := a.t.TempDir()
	certFile, keyFile = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	require.NoError(a.t, os.WriteFile(certFile, certtest.CertificatePEM(pair.Leaf), 0o600))
	require.NoError(a.t, os.WriteFile(keyFile, certtest.KeyPEM(a.t, pair), 0o600))
	return certFile, keyFile
}

// guard is a Temporal that remembers who called: the authorization headers and the clients' certificates.
type guard struct {
	mutex sync.Mutex
	keys  []string
}

func (g *guard) remember(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	given, _ := metadata.FromIncomingContext(ctx)
	g.mutex.Lock()
	g.keys = append(g.keys, given.Get("authorization")...)
	g.mutex.Unlock()
	return handle(ctx, req)
}

func (g *guard) given() []string {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return slices.Clone(g.keys)
}

// guarded starts a Temporal behind TLS, or without when settings are nil, and points TEMPORAL_ADDRESS at it.
func guarded(t *testing.T, settings *tls.Config) *guard {
	t.Helper()
	g := &guard{}
	options := []grpc.ServerOption{grpc.UnaryInterceptor(g.remember)}
	if settings != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(settings)))
	}
	server := grpc.NewServer(options...)
	workflowservice.RegisterWorkflowServiceServer(server, &frontend{})
	listener := listen(t)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return g
}

// serverTLS are a server's settings with a certificate of that authority.
func (a *authority) serverTLS() *tls.Config {
	a.t.Helper()
	return &tls.Config{Certificates: []tls.Certificate{a.Issue(a.t, func(*x509.Certificate) {})}}
}

// connects dials, makes a call and tells how it went.
func connects(t *testing.T) error {
	t.Helper()
	temporal, err := Dial(t.Context(), Options{Logger: quiet, Patience: time.Millisecond})
	if err != nil {
		return err
	}
	defer temporal.Close()
	return temporal.SignalWorkflow(t.Context(), "notice-x", "", "resend", nil)
}

func TestAServerThatWantsACertificateIsShownOurs(t *testing.T) {
	ours, strange := newAuthority(t), newAuthority(t)
	settings := ours.serverTLS()
	settings.ClientAuth, settings.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
	settings.ClientCAs.AddCert(ours.Certificate)
	guarded(t, settings)
	certificate := func(from *authority) {
		certFile, keyFile := from.client()
		t.Setenv("TEMPORAL_TLS_CLIENT_CERT_PATH", certFile)
		t.Setenv("TEMPORAL_TLS_CLIENT_KEY_PATH", keyFile)
	}
	require.Error(t, connects(t), "without TLS")
	t.Setenv("TEMPORAL_TLS", "true")
	t.Setenv("TEMPORAL_TLS_SERVER_CA_CERT_PATH", ours.file)
	require.Error(t, connects(t), "without a certificate")
	certificate(strange)
	require.Error(t, connects(t), "with somebody else's")
	certificate(ours)
	require.NoError(t, connects(t))
}

func TestTheServersCertificateIsChecked(t *testing.T) {
	ours, strange := newAuthority(t), newAuthority(t)
	guarded(t, ours.serverTLS())
	t.Setenv("TEMPORAL_TLS", "true")
	require.Error(t, connects(t), "an authority that this machine does not know")
	t.Setenv("TEMPORAL_TLS_SERVER_CA_CERT_PATH", strange.file)
	require.Error(t, connects(t), "another authority")
	t.Setenv("TEMPORAL_TLS_SERVER_CA_CERT_PATH", ours.file)
	require.NoError(t, connects(t))
	t.Setenv("TEMPORAL_TLS_SERVER_NAME", "temporal.example.com")
	require.Error(t, connects(t), "another server's name")
}

func TestAServerWithOldTLSIsRefused(t *testing.T) {
	ours := newAuthority(t)
	settings := ours.serverTLS()
	settings.MinVersion, settings.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	guarded(t, settings)
	t.Setenv("TEMPORAL_TLS_SERVER_CA_CERT_PATH", ours.file)
	require.ErrorContains(t, connects(t), "protocol version")
}

func TestTheAPIKeyArrivesWithEveryCall(t *testing.T) {
	ours := newAuthority(t)
	g := guarded(t, ours.serverTLS())
	t.Setenv("TEMPORAL_TLS_SERVER_CA_CERT_PATH", ours.file)
	t.Setenv("TEMPORAL_API_KEY", "api-key-of-this-test")
	require.NoError(t, connects(t))
	require.GreaterOrEqual(t, len(g.given()), 2, "the connection's first call, and the signal")
	for _, key := range g.given() {
		require.Equal(t, "Bearer api-key-of-this-test", key)
	}
}

func TestTheAPIKeyIsNotSentInTheClear(t *testing.T) {
	g := guarded(t, nil)
	t.Setenv("TEMPORAL_API_KEY", "api-key-of-this-test")
	err := connects(t)
	require.Error(t, err, "a key turns TLS on by itself")
	require.NotContains(t, err.Error(), "api-key-of-this-test")
	require.Empty(t, g.given())
}

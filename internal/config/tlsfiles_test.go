package config

import (
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/certtest"
)

// writeCertificate writes a certificate with that serial number and its key.
func writeCertificate(t *testing.T, files TLSFiles, serial int64) {
	t.Helper()
	pair := certtest.SelfSigned(t, func(c *x509.Certificate) { c.SerialNumber = big.NewInt(serial) })
	require.NoError(t, os.WriteFile(files.CertFile, certtest.CertificatePEM(pair.Leaf), 0o600))
	require.NoError(t, os.WriteFile(files.KeyFile, certtest.KeyPEM(t, pair), 0o600))
}

func someTLSFiles(t *testing.T) TLSFiles {
	t.Helper()
	folder := t.TempDir()
	files := TLSFiles{CertFile: filepath.Join(folder, "tls.crt"), KeyFile: filepath.Join(folder, "tls.key")}
	writeCertificate(t, files, 1)
	return files
}

func serialOf(t *testing.T, certificate *tls.Certificate) int64 {
	t.Helper()
	parsed, err := x509.ParseCertificate(certificate.Certificate[0])
	require.NoError(t, err)
	return parsed.SerialNumber.Int64()
}

func TestARenewedCertificateIsTakenAndABadOneIsNot(t *testing.T) {
	files := someTLSFiles(t)
	now := time.Now()
	var told []error
	first, err := files.certificate()
	require.NoError(t, err)
	follower := &follower[*tls.Certificate]{
		read: files.certificate, failed: func(err error) { told = append(told, err) }, now: func() time.Time { return now }, value: first, checked: now,
	}
	writeCertificate(t, files, 2)
	require.EqualValues(t, 1, serialOf(t, follower.current()), "within a second the files are not looked at again")
	now = now.Add(checkEvery)
	require.EqualValues(t, 2, serialOf(t, follower.current()))

	key, err := os.ReadFile(files.KeyFile)
	require.NoError(t, err)
	writeCertificate(t, files, 3)
	require.NoError(t, os.WriteFile(files.KeyFile, key, 0o600)) // the former key: only one of the two is written yet
	now = now.Add(checkEvery)
	require.EqualValues(t, 2, serialOf(t, follower.current()))
	require.Len(t, told, 1)
	require.NotContains(t, told[0].Error(), "BEGIN")

	require.NoError(t, os.Remove(files.CertFile))
	now = now.Add(checkEvery)
	require.EqualValues(t, 2, serialOf(t, follower.current()))

	writeCertificate(t, files, 4)
	now = now.Add(checkEvery)
	require.EqualValues(t, 4, serialOf(t, follower.current()))
}

func TestOurServerSpeaksModernTLSOnly(t *testing.T) {
	files := someTLSFiles(t)
	settings, err := files.ServerTLS(func(err error) { t.Error(err) })
	require.NoError(t, err)
	for version, welcome := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		client, server := net.Pipe()
		go func() { _ = tls.Server(server, settings).Handshake(); _ = server.Close() }()
		// The certificate is not what is looked at here, so it is not checked.
		connection := tls.Client(client, &tls.Config{InsecureSkipVerify: true, MinVersion: version, MaxVersion: version})
		require.NoError(t, client.SetDeadline(time.Now().Add(10*time.Second)))
		err := connection.Handshake()
		require.Equal(t, welcome, err == nil, "%s: %v", tls.VersionName(version), err)
		_ = client.Close()
	}
}

func TestServeTakesACertificateWithItsKeyOrNeither(t *testing.T) {
	files, other := someTLSFiles(t), someTLSFiles(t)
	load := func(certFile, keyFile string) (Serve, error) {
		return loadServe(map[string]string{"HILLAVA_WEBHOOK_SECRET": "whsec_x", "WEBHOOK_TLS_CERT_FILE": certFile, "WEBHOOK_TLS_KEY_FILE": keyFile})
	}
	serve, err := load(files.CertFile, files.KeyFile)
	require.NoError(t, err)
	require.True(t, serve.TLS.Enabled())
	serve, err = load("", "")
	require.NoError(t, err)
	require.False(t, serve.TLS.Enabled())
	for _, wrong := range [][2]string{{files.CertFile, ""}, {"", files.KeyFile}} {
		_, err = load(wrong[0], wrong[1])
		require.ErrorContains(t, err, "only one is set")
	}
	_, err = load(files.CertFile, other.KeyFile)
	require.ErrorContains(t, err, "not a certificate and its key")
	_, err = load(files.KeyFile, files.CertFile)
	require.ErrorContains(t, err, "not a certificate and its key")
	require.NotContains(t, err.Error(), "BEGIN")
	_, err = load(files.CertFile+"x", files.KeyFile)
	require.ErrorContains(t, err, "WEBHOOK_TLS_CERT_FILE")
}

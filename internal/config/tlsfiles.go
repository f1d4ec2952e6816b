package config

import (
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"time"
)

// maxCertificateFile bounds what is read as a certificate with its chain.
const maxCertificateFile = 1 << 20

// TLSFiles name a certificate with its key, both in PEM. The zero value means no TLS.
type TLSFiles struct{ CertFile, KeyFile string }

// Enabled tells whether TLS is wanted.
func (f TLSFiles) Enabled() bool { return f.CertFile != "" && f.KeyFile != "" }

// load reads both files. Like every secret, a key that others may read is refused unless it is on a read-only mount.
// Errors name the files and never quote them.
func (f TLSFiles) load() (*tls.Certificate, error) {
	key, err := readSecretFile(f.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("WEBHOOK_TLS_KEY_FILE: %w", err)
	}
	certificate, err := readRegular(f.CertFile, maxCertificateFile, nil)
	switch {
	case errors.Is(err, errNotRegular), errors.Is(err, errTooLong):
		return nil, fmt.Errorf("WEBHOOK_TLS_CERT_FILE: %s %w; name a file that holds the certificate", f.CertFile, err)
	case err != nil:
		return nil, fmt.Errorf("WEBHOOK_TLS_CERT_FILE: %w; create the file or correct the path", err)
	}
	pair, err := tls.X509KeyPair(certificate, []byte(key.Reveal()))
	if err != nil {
		return nil, errors.New("WEBHOOK_TLS_CERT_FILE, WEBHOOK_TLS_KEY_FILE: they are not a certificate and its key in PEM; give the chain (own certificate first) and the key that belongs to it")
	}
	return &pair, nil
}

// ServerTLS gives the settings of a TLS server: TLS 1.2 or newer, HTTP/1.1, and the certificate from the files as they
// are at each handshake, looked at once a second, so that a renewed certificate needs no restart. Files that cannot be
// read, or do not belong together, keep the last good certificate; failed is told each time that happens.
func (f TLSFiles) ServerTLS(failed func(error)) (*tls.Config, error) {
	first, err := f.load()
	if err != nil {
		return nil, err
	}
	follower := &certificateFollower{files: f, failed: failed, now: time.Now, certificate: first, read: f.stamp()}
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return follower.current(), nil
		},
	}, nil
}

func (f TLSFiles) stamp() [2]fileStamp { return [2]fileStamp{stampOf(f.CertFile), stampOf(f.KeyFile)} }

type certificateFollower struct {
	files  TLSFiles
	failed func(error)
	now    func() time.Time

	mutex       sync.Mutex
	certificate *tls.Certificate
	read        [2]fileStamp // of the files as they were last read
	checked     time.Time
}

func (f *certificateFollower) current() *tls.Certificate {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	now := f.now()
	if now.Sub(f.checked) < checkEvery {
		return f.certificate
	}
	f.checked = now
	stamp := f.files.stamp()
	if stamp == f.read {
		return f.certificate
	}
	renewed, err := f.files.load()
	if err != nil { // perhaps only one of the two is written yet: look again in a second
		f.failed(err)
		return f.certificate
	}
	f.certificate, f.read = renewed, stamp
	return f.certificate
}

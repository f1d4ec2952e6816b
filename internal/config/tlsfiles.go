package config

import (
	"crypto/tls"
	"errors"
	"fmt"
	"time"
)

// maxCertificateFile bounds what is read as a certificate with its chain.
const maxCertificateFile = 1 << 20

// TLSFiles name a certificate with its key, both in PEM. The zero value means no TLS.
type TLSFiles struct {
	CertFile string `env:"WEBHOOK_TLS_CERT_FILE"`
	KeyFile  string `env:"WEBHOOK_TLS_KEY_FILE"`
}

// Enabled tells whether TLS is wanted.
func (f TLSFiles) Enabled() bool { return f.CertFile != "" && f.KeyFile != "" }

// load reads both files, and tells when strangers may read the key too. Errors name the files and never quote them.
func (f TLSFiles) load() (*tls.Certificate, *Exposed, error) {
	key, exposed, err := readSecretFile(f.KeyFile)
	if err != nil {
		return nil, nil, fmt.Errorf("WEBHOOK_TLS_KEY_FILE: %w", err)
	}
	certificate, _, err := readRegular(f.CertFile, "the certificate", maxCertificateFile)
	if err != nil {
		return nil, nil, fmt.Errorf("WEBHOOK_TLS_CERT_FILE: %w", err)
	}
	pair, err := tls.X509KeyPair(certificate, []byte(key.Reveal()))
	if err != nil {
		return nil, nil, errors.New("WEBHOOK_TLS_CERT_FILE, WEBHOOK_TLS_KEY_FILE: they are not a certificate and its key in PEM; give the chain (own certificate first) and the key that belongs to it")
	}
	return &pair, exposed, nil
}

func (f TLSFiles) certificate() (*tls.Certificate, error) {
	certificate, _, err := f.load()
	return certificate, err
}

// ServerTLS gives the settings of a TLS server: TLS 1.2 or newer, HTTP/1.1, and the certificate from the files as they
// are at each handshake, looked at once a second, so that a renewed certificate needs no restart. Files that cannot be
// read, or do not belong together as only one of them is written yet, keep the last good certificate; failed is told each
// time that happens.
func (f TLSFiles) ServerTLS(failed func(error)) (*tls.Config, error) {
	first, err := f.certificate()
	if err != nil {
		return nil, err
	}
	certificate := follower[*tls.Certificate]{value: first, read: f.certificate, failed: failed, now: time.Now}
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return certificate.current(), nil
		},
	}, nil
}

package tampuuri

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"tampuuri-hillava/internal/credential"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
)

const redacted = "[redacted]"

// Credentials are the five values that together select and open one customer's
// Tampuuri. They print as [redacted] everywhere.
type Credentials struct {
	Avain, Asiakas, Tili, Kayttajatunnus, Salasana string
}

// Format writes [redacted] for every verb of package fmt.
func (Credentials) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText gives [redacted], for JSON, YAML and anything else that encodes.
func (Credentials) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue gives [redacted] to slog.
func (Credentials) LogValue() slog.Value { return slog.StringValue(redacted) }

// Headers are the names of the five authentication headers.
type Headers struct {
	Avain, Asiakas, Tili, Kayttajatunnus, Salasana string
}

// DefaultHeaders gives the names of api/tampuuri.yaml. Tampuuri documents
// X-Käyttäjätunnus, which net/http refuses for its ä, so the ASCII form is the
// default (ASSUMED to be accepted).
func DefaultHeaders() Headers {
	return Headers{
		Avain:          "X-TampuuriAvain",
		Asiakas:        "X-AsiakasNimi",
		Tili:           "X-TilinNimi",
		Kayttajatunnus: "X-Kayttajatunnus",
		Salasana:       "X-Salasana",
	}
}

// Config is what a client is made from. It prints as [redacted], since it holds
// the credentials and the address.
type Config struct {
	BaseURL           string        // e.g. https://api.tampuuri.fi/v10/api/, with or without the last slash
	Headers           Headers       // zero value: DefaultHeaders
	Credentials       Credentials   // all five are needed
	Timeout           time.Duration // of a whole call
	AllowInsecureHTTP bool          // http:// also towards other hosts than loopback
}

// Format writes [redacted] for every verb of package fmt.
func (Config) Format(f fmt.State, _ rune) {
	_, _ = f.Write([]byte("tampuuri.Config{" + redacted + "}"))
}

// MarshalText gives [redacted], for JSON, YAML and anything else that encodes.
func (Config) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue gives [redacted] to slog.
func (Config) LogValue() slog.Value { return slog.StringValue(redacted) }

// authHeaders checks names and values of the five headers and puts them together.
func (c Config) authHeaders() (http.Header, error) {
	names := c.Headers
	if names == (Headers{}) {
		names = DefaultHeaders()
	}
	pairs := []struct{ what, name, value string }{
		{"avain", names.Avain, c.Credentials.Avain},
		{"asiakas", names.Asiakas, c.Credentials.Asiakas},
		{"tili", names.Tili, c.Credentials.Tili},
		{"kayttajatunnus", names.Kayttajatunnus, c.Credentials.Kayttajatunnus},
		{"salasana", names.Salasana, c.Credentials.Salasana},
	}
	var problems []error
	header, used := http.Header{}, map[string]bool{}
	for _, p := range pairs {
		lower := strings.ToLower(p.name)
		if err := credential.CheckHeader(p.name); err != nil {
			problems = append(problems, fmt.Errorf("tampuuri: the header of %s %w", p.what, err))
		} else if used[lower] {
			problems = append(problems, fmt.Errorf("tampuuri: the header name of %s is used for something else too", p.what))
		}
		used[lower] = true
		if p.value == "" {
			problems = append(problems, fmt.Errorf("tampuuri: the credential %s is empty", p.what))
		} else if err := credential.Check(p.value); err != nil {
			problems = append(problems, fmt.Errorf("tampuuri: the credential %s %w", p.what, err))
		}
		header[p.name] = []string{p.value}
	}
	return header, errors.Join(problems...)
}

// Page is one page of notices, in the order of Muokattu, then Id. The next one starts at
// offset + len(Items) + len(Unreadable).
type Page = peer.Page[notice.Notice, int64]

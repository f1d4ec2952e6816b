package tampuuri

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"tampuuri-hillava/internal/credential"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
)

// Credentials are the five values that together select and open one customer's
// Tampuuri. They print as [redacted] everywhere.
type Credentials struct {
	peer.Redacted
	Avain, Asiakas, Tili, Kayttajatunnus, Salasana string
}

// Headers are the names of the five authentication headers.
type Headers struct {
	Avain, Asiakas, Tili, Kayttajatunnus, Salasana string
}

// defaultHeaders gives the names of api/tampuuri.yaml. Tampuuri documents
// X-Käyttäjätunnus, which net/http refuses for its ä, so the ASCII form is the
// default (ASSUMED to be accepted).
func defaultHeaders() Headers {
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
	peer.Redacted
	Connections       int           // calls under way at once; 0: 64
	BaseURL           string        // e.g. https://api.tampuuri.fi/v10/api/, with or without the last slash
	Headers           Headers       // zero value: defaultHeaders
	Credentials       Credentials   // all five are needed
	Timeout           time.Duration // of a whole call
	AllowInsecureHTTP bool          // http:// also towards other hosts than loopback
}

// authHeaders checks names and values of the five headers and puts them together.
func (c Config) authHeaders() (http.Header, error) {
	names := c.Headers
	if names == (Headers{}) {
		names = defaultHeaders()
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

package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"tampuuri-hillava/internal/credential"
)

// minFingerprintKey is the least length of FINGERPRINT_KEY in bytes: that of the hash it keys.
const minFingerprintKey = 32

// problems reads the environment and collects everything that is wrong with it, so that a person corrects it in one go.
// A variable that is asked for is thereby known, see unknown.go; an empty one counts as not set.
type problems struct {
	variables map[string]string
	asked     map[string]bool
	found     []error
	reported  map[string]bool // variables that already have a problem; a second one would only follow from the first
}

// reading begins to read an environment. Without one (nil) only what is asked for is of interest.
func reading(variables map[string]string) *problems {
	return &problems{variables: variables, asked: map[string]bool{}, reported: map[string]bool{}}
}

func (p *problems) add(err error) {
	if err != nil {
		p.found = append(p.found, err)
	}
}

func (p *problems) addf(format string, args ...any) { p.add(fmt.Errorf(format, args...)) }

// of adds a problem of one variable, unless it has one already.
func (p *problems) of(variable, format string, args ...any) {
	if !p.reported[variable] {
		p.reported[variable] = true
		p.addf(variable+": "+format, args...)
	}
}

// err joins what was found, and the variables that nobody knows; nil when there is nothing.
func (p *problems) err() error {
	unknown, _ := unknownVariables(p.variables)
	return errors.Join(append(p.found, unknown...)...)
}

func (p *problems) text(variable, unset string) string {
	p.asked[variable] = true
	if value := p.variables[variable]; value != "" {
		return value
	}
	return unset
}

func (p *problems) flag(variable string) bool {
	value, err := typed(p.text(variable, ""), false)
	if err != nil {
		p.of(variable, "cannot be read; it must be true or false")
	}
	return value
}

// typed reads a variable's text as its type; the error quotes the text, so it is for nobody's eyes.
func typed[T any](text string, unset T) (T, error) {
	if text == "" {
		return unset, nil
	}
	read, err := env.ParseAsWithOptions[struct {
		Value T `env:"VALUE"`
	}](env.Options{Environment: map[string]string{"VALUE": text}})
	return read.Value, err
}

func (p *problems) duration(variable string, unset time.Duration) time.Duration {
	text := p.text(variable, "")
	if text == "" {
		return unset
	}
	value, err := typed(text, unset)
	switch {
	case err != nil:
		p.of(variable, "cannot be read; it must be a duration such as 30s or 5m")
	case value <= 0:
		p.of(variable, "must be more than zero, for example 30s or 5m")
	}
	return value
}

// secret takes a secret from its variable or its _FILE variant.
func (p *problems) secret(variable string, required bool) Secret {
	value, file := p.text(variable, ""), p.text(variable+"_FILE", "")
	switch {
	case value != "" && file != "":
		p.of(variable, "%s_FILE is set too; set only one of them", variable)
	case file != "":
		secret, err := readSecretFile(file)
		if err != nil {
			p.of(variable, "%s_FILE: %w", variable, err)
		}
		return secret
	case value != "":
		return NewSecret(plainSecret(value))
	case required:
		p.of(variable, "is not set; set it, or %s_FILE to a file that holds it", variable)
	}
	return Secret{}
}

// credential is secret for what is sent to somebody, or compared with what somebody sends; from is where it was set.
func (p *problems) credential(variable string, required bool) (secret Secret, from string) {
	secret, from = p.secret(variable, required), variable
	if p.text(variable+"_FILE", "") != "" {
		from += "_FILE"
	}
	if err := credential.Check(secret.Reveal()); err != nil {
		p.of(from, "%w", err)
		return Secret{}, from
	}
	return secret, from
}

// pair gives both values or none: half of a pair is a mistake.
func (p *problems) pair(first, second, advice string) (string, string) {
	one, other := p.text(first, ""), p.text(second, "")
	if (one == "") != (other == "") {
		p.addf("%s, %s: only one is set; %s", first, second, advice)
	}
	return one, other
}

// notifyURLs takes addresses with white space between them; a file has one on each line.
func (p *problems) notifyURLs() []Secret {
	const variable = "NOTIFY_URLS"
	var urls []Secret
	for i, one := range strings.Fields(p.secret(variable, false).Reveal()) {
		parsed, err := url.Parse(one)
		if err != nil || parsed.Scheme == "" || !strings.Contains(one, "://") || credential.Check(one) != nil {
			p.of(variable, "number %d of them is not an address; write each like smtp://user:password@host:587/?from=…&to=…, with a space or a new line between two", i+1)
			return nil
		}
		urls = append(urls, NewSecret(one))
	}
	return urls
}

func (p *problems) notifyQuiet() *Hours {
	hours, err := ParseHours(p.text("NOTIFY_QUIET", ""))
	switch {
	case err != nil:
		p.of("NOTIFY_QUIET", "%w", err)
		return nil
	case hours == Hours{}: // the whole day in other places
		return nil
	}
	return &hours
}

// base checks the base URL of a peer and gives it with a trailing slash. The value is not shown: it could hold a password.
func (p *problems) base(variable, unset string, allowInsecure bool) string {
	value := p.text(variable, unset)
	if value == "" {
		return ""
	}
	parsed, err := url.Parse(strings.TrimSpace(value))
	switch {
	case err != nil || parsed.Host == "" || (parsed.Scheme != "https" && parsed.Scheme != "http"):
		p.of(variable, "is not a URL; it must be like https://host/path/")
		return ""
	case parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "":
		p.of(variable, "must hold no user, query or fragment; leave those out")
		return ""
	case parsed.Scheme == "http" && !allowInsecure && !loopback(parsed.Hostname()):
		p.of(variable, "is http:// to another machine, which would send credentials and residents' data readable; use https://, or set ALLOW_INSECURE_HTTP=true where the network is trusted")
		return ""
	}
	if !strings.HasSuffix(parsed.Path, "/") {
		parsed.Path += "/"
	}
	return parsed.String()
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// link checks a link template for people.
func (p *problems) link(variable string) string {
	value := p.text(variable, "")
	if value == "" {
		return ""
	}
	parsed, err := url.Parse(strings.ReplaceAll(value, "{id}", "1"))
	if err != nil || parsed.Host == "" || (parsed.Scheme != "https" && parsed.Scheme != "http") || !strings.Contains(value, "{id}") {
		p.of(variable, "must be a link with {id} in it, like https://host/notices/{id}")
		return ""
	}
	return value
}

// headers checks that the five names can be sent and are five.
func (p *problems) headers() Headers {
	seen := map[string]string{}
	name := func(variable, unset string) string {
		name := p.text(variable, unset)
		lower := strings.ToLower(name)
		if err := credential.CheckHeader(name); err != nil {
			p.of(variable, "%w", err)
		} else if other, taken := seen[lower]; taken {
			p.of(variable, "is the same as %s; the five names must differ", other)
		}
		seen[lower] = variable
		return name
	}
	return Headers{
		Avain: name("TAMPUURI_HEADER_AVAIN", "X-TampuuriAvain"), Asiakas: name("TAMPUURI_HEADER_ASIAKAS", "X-AsiakasNimi"),
		Tili: name("TAMPUURI_HEADER_TILI", "X-TilinNimi"), Kayttajatunnus: name("TAMPUURI_HEADER_KAYTTAJATUNNUS", "X-Kayttajatunnus"),
		Salasana: name("TAMPUURI_HEADER_SALASANA", "X-Salasana"),
	}
}

// address checks an address to listen on.
func (p *problems) address(variable, unset string) string {
	value := p.text(variable, unset)
	_, port, err := net.SplitHostPort(value)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		p.of(variable, "is not an address to listen on; it must be like %s", unset)
		return ""
	}
	return value
}

// anyPort reports whether the system chooses the port, so that equal addresses do not collide.
func anyPort(address string) bool {
	_, port, err := net.SplitHostPort(address)
	return err == nil && port == "0"
}

func (p *problems) log(format string) Log {
	log := Log{Level: strings.ToLower(p.text("LOG_LEVEL", "info")), Format: strings.ToLower(p.text("LOG_FORMAT", format))}
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, log.Level) {
		p.of("LOG_LEVEL", "must be debug, info, warn or error")
	}
	if !slices.Contains([]string{"json", "text"}, log.Format) {
		p.of("LOG_FORMAT", "must be json or text")
	}
	return log
}

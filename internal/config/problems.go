package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
	"golang.org/x/net/http/httpguts"
)

// minFingerprintKey is the least length of FINGERPRINT_KEY in bytes: that of the hash it keys.
const minFingerprintKey = 32

// problems collects everything that is wrong with an environment, so that a person corrects it in one go.
type problems struct {
	found    []error
	reported map[string]bool // variables that already have a problem; a second one would only follow from the first
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

// parse fills raw, a pointer to one of the environment structs, and checks for unknown variables.
func parse(raw any, variables map[string]string) *problems {
	p := &problems{reported: map[string]bool{}}
	if err := env.ParseWithOptions(raw, env.Options{Environment: variables}); err != nil {
		var all env.AggregateError
		if !errors.As(err, &all) {
			all.Errors = []error{err}
		}
		names := variablesOf(reflect.TypeOf(raw).Elem())
		for _, one := range all.Errors {
			p.translate(one, names)
		}
	}
	for _, unknown := range unknownVariables(variables) {
		p.add(unknown)
	}
	return p
}

// translate says in our words what the library found. Its own texts quote values and Go field names.
func (p *problems) translate(err error, names map[string]string) {
	var missing env.VarIsNotSetError
	var empty env.EmptyVarError
	var bad env.ParseError
	switch {
	case errors.As(err, &missing):
		p.of(missing.Key, "is not set; set it")
	case errors.As(err, &empty):
		p.of(empty.Key, "is empty; give it a value")
	case errors.As(err, &bad):
		want := "a value of type " + bad.Type.String()
		switch bad.Type {
		case reflect.TypeFor[time.Duration]():
			want = "a duration such as 30s or 5m"
		case reflect.TypeFor[bool]():
			want = "true or false"
		}
		p.of(names[bad.Name], "cannot be read; it must be %s", want)
	default:
		p.addf("read the environment: %w", err)
	}
}

// secret takes a secret from its variable or its _FILE variant.
func (p *problems) secret(variable, value, file string, required bool) Secret {
	switch {
	case value != "" && file != "":
		p.of(variable, "%s_FILE is set too; set only one of them", variable)
		return Secret{}
	case file != "":
		secret, err := readSecretFile(file)
		if err != nil {
			p.of(variable, "%s_FILE: %w", variable, err)
		}
		return secret
	case value != "":
		return NewSecret(trimNewline(value))
	case required:
		p.of(variable, "is not set; set it, or %s_FILE to a file that holds it", variable)
	}
	return Secret{}
}

func (p *problems) duration(variable string, value time.Duration) time.Duration {
	if value <= 0 {
		p.of(variable, "must be more than zero, for example 30s or 5m")
	}
	return value
}

// base checks the base URL of a peer and gives it with a trailing slash. The value is not shown: it could hold a password.
func (p *problems) base(variable, value string, allowInsecure bool) string {
	if value == "" {
		return "" // reported as missing or empty
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
func (p *problems) link(variable, value string) string {
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

// headers checks that the five names can be sent and are five: net/http refuses names with ä, which Tampuuri's own help
// page shows.
func (p *problems) headers(headers Headers) {
	seen := map[string]string{}
	for _, header := range []struct{ variable, name string }{
		{"TAMPUURI_HEADER_AVAIN", headers.Avain}, {"TAMPUURI_HEADER_ASIAKAS", headers.Asiakas},
		{"TAMPUURI_HEADER_TILI", headers.Tili}, {"TAMPUURI_HEADER_KAYTTAJATUNNUS", headers.Kayttajatunnus},
		{"TAMPUURI_HEADER_SALASANA", headers.Salasana},
	} {
		if header.name == "" {
			continue // reported as empty
		}
		if !httpguts.ValidHeaderFieldName(header.name) {
			p.of(header.variable, "is not a name that HTTP allows (letters a-z, digits and dashes; no ä)")
			continue
		}
		if other, taken := seen[strings.ToLower(header.name)]; taken {
			p.of(header.variable, "is the same as %s; the five names must differ", other)
		}
		seen[strings.ToLower(header.name)] = header.variable
	}
}

// address checks an address to listen on; like is one that works, the variable's default.
func (p *problems) address(variable, value, like string) string {
	if value == "" {
		return "" // reported as empty
	}
	_, port, err := net.SplitHostPort(value)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		p.of(variable, "is not an address to listen on; it must be like %s", like)
		return ""
	}
	return value
}

// anyPort reports whether the system chooses the port, so that equal addresses do not collide.
func anyPort(address string) bool {
	_, port, err := net.SplitHostPort(address)
	return err == nil && port == "0"
}

func (p *problems) log(level, format string) Log {
	log := Log{Level: strings.ToLower(level), Format: strings.ToLower(format)}
	if level != "" && !slices.Contains([]string{"debug", "info", "warn", "error"}, log.Level) {
		p.of("LOG_LEVEL", "must be debug, info, warn or error")
	}
	if format != "" && !slices.Contains([]string{"json", "text"}, log.Format) {
		p.of("LOG_FORMAT", "must be json or text")
	}
	return log
}

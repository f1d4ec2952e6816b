package config

import (
	"cmp"
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

	"tampuuri-hillava/internal/credential"
	"tampuuri-hillava/internal/speech"
)

// minFingerprintKey is the least length of FINGERPRINT_KEY in bytes: that of the hash it keys.
const minFingerprintKey = 32

// secrets can each be given as the path of a file too, in NAME_FILE.
var secrets = []string{"HILLAVA_TOKEN", "FINGERPRINT_KEY", "NOTIFY_URLS", "HILLAVA_WEBHOOK_SECRET", "HILLAVA_WEBHOOK_SECRET_PREVIOUS"}

// problems reads an environment and collects everything that is wrong with it, so that a person corrects it in one go. An
// empty variable counts as not set.
type problems struct {
	variables map[string]string
	found     []error
	reported  []string // variables that already have a problem; a second one would only follow from the first
	exposed   []Exposed
}

func (p *problems) add(err error) {
	if err != nil {
		p.found = append(p.found, err)
	}
}

// of adds a problem of one variable, unless it has one already.
func (p *problems) of(variable, format string, args ...any) {
	if !slices.Contains(p.reported, variable) {
		p.reported = append(p.reported, variable)
		p.add(fmt.Errorf(variable+": "+format, args...))
	}
}

// err joins what was found, and the variables that nobody knows; nil when there is nothing.
func (p *problems) err() error {
	unknown, _ := unknownVariables(p.variables)
	return errors.Join(append(p.found, unknown...)...)
}

// variablesOf lists the variables that the tags of a struct name.
func variablesOf(settings any) (names []string) {
	fields, _ := env.GetFieldParams(settings) // it fails for what is no pointer to a struct
	for _, field := range fields {
		names = append(names, field.Key)
	}
	return names
}

// parse sets a struct's fields by their tags. Errors of the library would quote values and name fields, so whatever takes
// a value reports itself what is wrong with it, of the variable that the library has announced to OnSet.
func (p *problems) parse(settings any) {
	given, current := map[string]string{}, ""
	for _, variable := range variablesOf(settings) {
		given[variable] = p.value(variable)
	}
	reports := func(err error) {
		if err != nil {
			p.of(current, "%w", err)
		}
	}
	p.add(env.ParseWithOptions(settings, env.Options{
		Environment: given,
		OnSet:       func(variable string, _ any, _ bool) { current = variable },
		FuncMap: map[reflect.Type]env.ParserFunc{
			reflect.TypeFor[bool]():            reporting(reports, truth),
			reflect.TypeFor[time.Duration]():   reporting(reports, timeSpan),
			reflect.TypeFor[int]():             reporting(reports, count),
			reflect.TypeFor[Hours]():           reporting(reports, ParseHours),
			reflect.TypeFor[Daily]():           reporting(reports, ParseDaily),
			reflect.TypeFor[[]Secret]():        reporting(reports, addresses),
			reflect.TypeFor[speech.Language](): reporting(reports, speech.Parse),
			reflect.TypeFor[Secret]():          func(text string) (any, error) { return NewSecret(text), nil },
		},
	}))
}

func reporting[T any](report func(error), read func(string) (T, error)) env.ParserFunc {
	return func(text string) (any, error) {
		value, err := read(text)
		report(err)
		return value, nil
	}
}

func truth(text string) (bool, error) {
	value, err := strconv.ParseBool(text)
	if err != nil {
		return false, errors.New("cannot be read; it must be true or false")
	}
	return value, nil
}

func timeSpan(text string) (time.Duration, error) {
	value, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return 0, errors.New("cannot be read; it must be a duration such as 30s or 5m")
	case value <= 0:
		return 0, errors.New("must be more than zero, for example 30s or 5m")
	}
	return value, nil
}

func count(text string) (int, error) {
	value, err := strconv.Atoi(text)
	if err != nil || value <= 0 {
		return 0, errors.New("must be a whole number above zero, for example 1500")
	}
	return value, nil
}

// addresses takes addresses with white space between them; a file has one on each line.
func addresses(text string) (urls []Secret, err error) {
	var wrong []string
	for i, one := range strings.Fields(text) {
		parsed, err := url.Parse(one)
		if err != nil || parsed.Scheme == "" || !strings.Contains(one, "://") || credential.Check(one) != nil {
			wrong = append(wrong, strconv.Itoa(i+1))
		}
		urls = append(urls, NewSecret(one))
	}
	if wrong != nil {
		return nil, fmt.Errorf("number %s of them is not an address; write each like smtp://user:password@host:587/?from=…&to=…, with a space or a new line between two", strings.Join(wrong, " and number "))
	}
	return urls, nil
}

// value gives what a variable is set to, or what the file of a secret holds.
func (p *problems) value(variable string) string {
	value, file := p.variables[variable], p.variables[variable+"_FILE"]
	switch {
	case !slices.Contains(secrets, variable):
		return value
	case file == "":
		return plainSecret(value)
	case value != "":
		p.of(variable, "%s_FILE is set too; set only one of them", variable)
		return ""
	}
	secret, exposed, err := readSecretFile(file)
	p.exposes(exposed)
	if err != nil {
		p.of(variable, "%s_FILE: %w", variable, err)
	}
	return secret.Reveal()
}

// exposes notes a file that strangers may read, nil for none.
func (p *problems) exposes(file *Exposed) {
	if file != nil {
		p.exposed = append(p.exposed, *file)
	}
}

// require reports what is not set.
func (p *problems) require(variables ...string) {
	for _, variable := range variables {
		advice := "set it"
		if slices.Contains(secrets, variable) {
			advice += ", or " + variable + "_FILE to a file that holds it"
		}
		if p.variables[variable] == "" && p.variables[variable+"_FILE"] == "" {
			p.of(variable, "is not set; %s", advice)
		}
	}
}

// credential checks a secret that is sent to somebody, or compared with what somebody sends, and gives where it was set.
func (p *problems) credential(variable string, secret *Secret) (from string) {
	if p.variables[variable+"_FILE"] != "" {
		variable += "_FILE"
	}
	if err := credential.Check(secret.Reveal()); err != nil {
		p.of(variable, "%w", err)
		*secret = Secret{}
	}
	return variable
}

// twins gives what either of two names of one setting is set to.
func (p *problems) twins(first, second string) string {
	one, other := p.variables[first], p.variables[second]
	if one != "" && other != "" && one != other {
		p.add(fmt.Errorf("%s, %s: they mean the same and are set to different values; set only one of them", first, second))
	}
	return cmp.Or(one, other)
}

// pair wants both or none: half of a pair is a mistake.
func (p *problems) pair(variables, first, second, advice string) {
	if (first == "") != (second == "") {
		p.add(fmt.Errorf("%s: only one is set; %s", variables, advice))
	}
}

// base checks the base URL of a peer and gives it with a trailing slash. The value is not shown: it could hold a password.
func (p *problems) base(variable, value string, allowInsecure bool) string {
	if value == "" {
		return ""
	}
	value = strings.TrimSpace(value)
	parsed, err := url.Parse(value)
	switch {
	case err != nil || !isSite(parsed) || credential.Check(value) != nil:
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

// isSite tells an address that HTTP can reach.
func isSite(address *url.URL) bool {
	_, err := strconv.ParseUint(cmp.Or(address.Port(), "443"), 10, 16)
	return (address.Scheme == "https" || address.Scheme == "http") && address.Hostname() != "" && err == nil
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// link checks a link template for people, which a problem leaves empty.
func (p *problems) link(variable string, link *string) {
	parsed, err := url.Parse(strings.ReplaceAll(*link, "{id}", "1"))
	if *link != "" && (err != nil || !isSite(parsed) || !strings.Contains(*link, "{id}")) {
		p.of(variable, "must be a link with {id} in it, like https://host/notices/{id}")
		*link = ""
	}
}

// headers checks that the five names can be sent and are five.
func (p *problems) headers(headers Headers) {
	variables := variablesOf(&headers)
	var seen []string
	for i, name := range []string{headers.Avain, headers.Asiakas, headers.Tili, headers.Kayttajatunnus, headers.Salasana} {
		lower := strings.ToLower(name)
		if err := credential.CheckHeader(name); err != nil {
			p.of(variables[i], "%w", err)
		} else if same := slices.Index(seen, lower); same >= 0 {
			p.of(variables[i], "is the same as %s; the five names must differ", variables[same])
		}
		seen = append(seen, lower)
	}
}

// address checks an address to listen on.
func (p *problems) address(variable, address, example string) {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		p.of(variable, "is not an address to listen on; it must be like %s", example)
	}
}

// anyPort reports whether the system chooses the port, so that equal addresses do not collide.
func anyPort(address string) bool {
	_, port, err := net.SplitHostPort(address)
	return err == nil && port == "0"
}

func (p *problems) log(log *Log, format string) {
	log.Level, log.Format = strings.ToLower(log.Level), strings.ToLower(cmp.Or(log.Format, format))
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, log.Level) {
		p.of("LOG_LEVEL", "must be debug, info, warn or error")
	}
	if !slices.Contains([]string{"json", "text"}, log.Format) {
		p.of("LOG_FORMAT", "must be json or text")
	}
}

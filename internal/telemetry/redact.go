package telemetry

import (
	"fmt"
	"log/slog"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
)

const redacted = "[redacted]"

// personal are words that, as a whole word in an attribute's name, say that its value is about a person, a home, or is a
// credential. Both languages, as field names of either peer may end up as attribute names.
var personal = wordSet(`name names person phone puhelin mobile gsm email mail sahkoposti address osoite katuosoite street
	postinumero postalcode postal city postitoimipaikka flat huoneisto apartment space spacename title otsikko description
	kuvaus summary yhteenveto additional additionalinfo lisatiedot lisatieto text teksti body contact contacts orderer
	reporter payer registrar tilaaja tilaajan ilmoittaja ilmoittajan maksaja maksajan kirjaaja resource resurssi access
	sisaanpaasy pets kotielaimet note notes token secret password passwd salasana avain authorization apikey credential
	credentials cookie signature kayttajatunnus username userid headers header`)

// notPersonal are names with a word of the set above that are about programs.
var notPersonal = wordSet(`workflowname activityname signalname queryname updatename taskqueuename schedulename
	metricname checkname secretnumber filename fieldname deploymentname hostname operationname`)

// urls matches what an error text of net/http or net/url may quote.
var urls = regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://[^\s"'<>]+`)

func wordSet(text string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(text) {
		set[word] = true
	}
	return set
}

// redact is the ReplaceAttr of every handler. The built-in attributes (time, level, msg) pass.
func redact(groups []string, attr slog.Attr) slog.Attr {
	if len(groups) == 0 && (attr.Key == slog.TimeKey || attr.Key == slog.LevelKey || attr.Key == slog.MessageKey || attr.Key == slog.SourceKey) {
		return attr
	}
	if isPersonal(attr.Key) || slices.ContainsFunc(groups, isPersonal) {
		return slog.String(attr.Key, redacted)
	}
	attr.Value = safeValue(attr.Key, attr.Value)
	return attr
}

// isPersonal looks at the words of a name in camelCase, snake_case or with dashes and dots.
func isPersonal(key string) bool {
	words := keyWords(key)
	if notPersonal[strings.Join(words, "")] {
		return false
	}
	for i, word := range words {
		word = strings.TrimRight(word, "0123456789") // phone2
		if personal[word] || (i+1 < len(words) && personal[word+words[i+1]]) {
			return true
		}
	}
	return false
}

// wordsOf matches a word of a name: in camelCase, each capital that follows something else begins one.
var wordsOf = regexp.MustCompile(`\p{Lu}+[\p{Ll}\p{Lt}\p{Lm}\p{Lo}\p{Nd}]*|[\p{Ll}\p{Lt}\p{Lm}\p{Lo}\p{Nd}]+`)

var withoutUmlauts = strings.NewReplacer("ä", "a", "å", "a", "ö", "o")

// keyWords splits a name into lower-case words without umlauts.
func keyWords(key string) []string {
	words := wordsOf.FindAllString(key, -1)
	for i, word := range words {
		words[i] = withoutUmlauts.Replace(strings.ToLower(word))
	}
	return words
}

// safeValue makes a value printable: errors without URLs, and no struct or map, as their fields would be printed
// whatever their names.
func safeValue(key string, value slog.Value) slog.Value {
	content := value.Any()
	switch v := content.(type) {
	case error:
		return slog.StringValue(withoutURLs(v.Error()))
	case string:
		if slices.ContainsFunc(keyWords(key), func(word string) bool { return errorWords[word] }) {
			return slog.StringValue(withoutURLs(v))
		}
		return value
	case nil, time.Time:
		return value
	}
	kind := reflect.TypeOf(content)
	for kind.Kind() == reflect.Pointer || kind.Kind() == reflect.Slice || kind.Kind() == reflect.Array {
		kind = kind.Elem()
	}
	switch kind.Kind() {
	case reflect.Struct, reflect.Map, reflect.Interface, reflect.Func, reflect.Chan:
		return slog.StringValue(fmt.Sprintf("[%T not logged]", content))
	default:
		return value
	}
}

// errorWords say, in an attribute's name, that its text is an error's.
var errorWords = wordSet("error err cause reason failure panic stack trace detail")

// withoutURLs cuts URLs out: they can carry ids of homes and, in user info, passwords.
func withoutURLs(text string) string { return urls.ReplaceAllString(text, "[url]") }

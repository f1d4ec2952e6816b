package peer

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// jsonValue gives back the one JSON value of a body. An empty body, null, a
// second value or anything that is not JSON is an error without any of its text.
// A leading byte order mark, which .NET writes at times, is dropped.
func jsonValue(body []byte) ([]byte, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	switch {
	case len(body) == 0:
		return nil, errors.New("the body is empty")
	case bytes.Equal(body, []byte("null")):
		return nil, errors.New("the body is null")
	case !json.Valid(body):
		return nil, errors.New("the body is not one JSON value")
	}
	return body, nil
}

// isJSON tells whether a content type is JSON in UTF-8.
func isJSON(contentType string) bool {
	media, inUTF8 := mediaType(contentType)
	return inUTF8 && (media == "application/json" || media == "text/json" || strings.HasSuffix(media, "+json"))
}

// mayBeJSON tells whether a good answer's body is worth reading as JSON: also one without a type, or of plain text, which
// some frameworks write when nobody sets it.
func mayBeJSON(contentType string) bool {
	media, inUTF8 := mediaType(contentType)
	return contentType == "" || isJSON(contentType) || inUTF8 && media == "text/plain"
}

func isHTML(contentType string) bool {
	media, _ := mediaType(contentType)
	return media == "text/html" || media == "application/xhtml+xml"
}

// mediaType reads what decides of a content type, however odd its other parameters are.
func mediaType(contentType string) (media string, inUTF8 bool) {
	parts := strings.Split(strings.ToLower(contentType), ";")
	inUTF8 = true
	for _, parameter := range parts[1:] {
		if name, charset, _ := strings.Cut(parameter, "="); strings.TrimSpace(name) == "charset" {
			switch strings.Trim(charset, " \t\"'") {
			case "", "utf-8", "utf8", "us-ascii", "ascii":
			default:
				inUTF8 = false
			}
		}
	}
	return strings.TrimSpace(parts[0]), inUTF8
}

// aboutTheSubject tells whether a status speaks about the notice or task that
// was asked for. The others (credentials, load, size, servers) mean the same
// whoever says them, and often come from a server in front.
func aboutTheSubject(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusProxyAuthRequired, http.StatusRequestTimeout,
		http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong, http.StatusTooEarly,
		http.StatusTooManyRequests, http.StatusRequestHeaderFieldsTooLarge:
		return false
	}
	return status >= 400 && status < 500
}

func knownFields(names []string) map[string]string {
	known := make(map[string]string, len(names))
	for _, name := range names {
		known[strings.ToLower(name)] = name
	}
	return known
}

// fieldsIn lists the known field names that an error body names, as a key or as
// a word of a text, sorted. Nothing else of the body is kept.
func (c *Client) fieldsIn(body []byte) []string {
	found := map[string]bool{}
	isSign := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }
	decoder := json.NewDecoder(bytes.NewReader(body))
	for token, err := decoder.Token(); err == nil; token, err = decoder.Token() {
		text, _ := token.(string)
		for _, word := range strings.FieldsFunc(text, isSign) {
			if name, ok := c.known[strings.ToLower(word)]; ok {
				found[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// maxRetryAfter is the longest wait that a peer's Retry-After may cause: a
// wrong one must not park a notice for a day.
const maxRetryAfter = time.Hour

// parseRetryAfter reads the Retry-After header in both of its forms (seconds, or
// an HTTP date) and gives 0 for what is missing, past or unreadable. A date is
// taken relative to the answer's own Date header when there is one, so that
// clocks that differ do no harm; else relative to now.
func parseRetryAfter(header http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if value == "" {
		return 0
	}
	if strings.Trim(value, "0123456789") == "" {
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds > int64(maxRetryAfter/time.Second) {
			return maxRetryAfter
		}
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if sent, err := http.ParseTime(header.Get("Date")); err == nil {
		now = sent
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}

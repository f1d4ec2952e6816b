// Package strict reads what a client sends to the letter: names in exact case, nothing unknown, nothing twice. A lenient
// stand-in would hide mistakes that the real system, or its next version, refuses.
package strict

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// LongestBody is the size limit of a request body in bytes.
const LongestBody = 1 << 20

// Problems are complaints by field name. Values are never quoted in them.
type Problems map[string][]string

// Add notes a complaint about a field.
func (p Problems) Add(field, complaint string) { p[field] = append(p[field], complaint) }

// ReadBody reads the whole body and leaves a copy in the request for a later reader.
func ReadBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, LongestBody+1))
	if err != nil {
		return nil, fmt.Errorf("read the request body: %w", err)
	}
	if len(body) > LongestBody {
		return nil, fmt.Errorf("the request body is over %d bytes", LongestBody)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, nil
}

// IsJSON reports whether a content type is application/json in UTF-8.
func IsJSON(contentType string) bool {
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "application/json" {
		return false
	}
	for name, value := range parameters {
		if name != "charset" || !strings.EqualFold(value, "utf-8") {
			return false
		}
	}
	return true
}

// Object splits a JSON object into its fields. It fails on anything else, on a field that comes twice and on anything
// behind the object.
func Object(text []byte) (map[string]json.RawMessage, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("the body is no JSON object")
	}
	fields := map[string]json.RawMessage{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, errors.New("the body is no valid JSON")
		}
		field, ok := name.(string)
		if !ok {
			return nil, errors.New("the body is no valid JSON")
		}
		if _, twice := fields[field]; twice {
			return nil, errors.New("a field comes twice in the body")
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, errors.New("the body is no valid JSON")
		}
		fields[field] = value
	}
	if _, err := decoder.Token(); err != nil {
		return nil, errors.New("the body is no valid JSON")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object")
	}
	return fields, nil
}

// IsNull reports whether a field is JSON null.
func IsNull(value json.RawMessage) bool { return string(bytes.TrimSpace(value)) == "null" }

// Text reads a JSON string.
func Text(value json.RawMessage) (string, bool) {
	var text string
	if IsNull(value) || json.Unmarshal(value, &text) != nil {
		return "", false
	}
	return text, true
}

// Query reads a query in which every parameter is known, comes once and has a value. Unlike net/url it does not take a
// bare plus for a space: a time whose offset was not encoded is the commonest mistake there is.
func Query(raw string, known ...string) (map[string]string, Problems) {
	problems := Problems{}
	values, err := url.ParseQuery(raw)
	if err != nil {
		problems.Add("query", "The query cannot be read.")
		return nil, problems
	}
	query := map[string]string{}
	for name, all := range values {
		switch {
		case !slices.Contains(known, name):
			problems.Add(name, "The parameter is unknown.")
		case len(all) != 1:
			problems.Add(name, "The parameter comes more than once.")
		case all[0] == "":
			problems.Add(name, "The parameter has no value.")
		case strings.Contains(all[0], " "):
			problems.Add(name, "The value has a space in it; a plus sign is sent as %2B.")
		default:
			query[name] = all[0]
		}
	}
	return query, problems
}

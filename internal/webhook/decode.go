package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

const maxDepth = 16 // of nested objects and lists; Hillava's events have two

// event is what a body says.
type event struct {
	Type string
	// The rest is of a known type only.
	OccurredAt string // RFC 3339 UTC
	ExternalID string
}

// decodeEvent reads a body strictly: one JSON object in UTF-8, no key twice, nothing after it. encoding/json alone would
// take the last of two keys, keys in any case, and bytes that are not UTF-8, so that what was signed and what is read
// could differ. Fields that we do not know are ignored. Errors name fields, never values.
func decodeEvent(body []byte) (event, error) {
	content, err := decodeObject(body)
	if err != nil {
		return event{}, err
	}
	var decoded event
	if decoded.Type, err = text(content, "type"); err != nil {
		return event{}, err
	}
	if _, known := signals[decoded.Type]; !known {
		return decoded, nil // other events may have another time and other data, or none
	}
	timestamp, err := text(content, "timestamp")
	if err != nil {
		return event{}, err
	}
	occurred, err := time.Parse(time.RFC3339, strings.ToUpper(timestamp)) // its letters may be small
	if err != nil {
		return event{}, errors.New("timestamp is not RFC 3339")
	}
	if year := occurred.UTC().Year(); year < 0 || year > 9999 { // at the edges another zone is a year that RFC 3339 cannot write
		return event{}, errors.New("timestamp is not RFC 3339")
	}
	decoded.OccurredAt = occurred.UTC().Format(time.RFC3339Nano)
	data, ok := content["data"].(map[string]any)
	if !ok {
		return event{}, errors.New("data is not an object")
	}
	if _, err := text(data, "taskId"); err != nil { // of no use here, but an event without it breaks the contract
		return event{}, err
	}
	if id, given := data["externalId"]; given && id == nil {
		return decoded, nil // a task without one, made in Hillava by hand: no notice, like an empty one
	}
	decoded.ExternalID, err = text(data, "externalId")
	return decoded, err
}

// text gives a field that must be a string; it may be empty.
func text(object map[string]any, field string) (string, error) {
	value, ok := object[field].(string)
	if !ok {
		return "", fmt.Errorf("%s is not a string", field)
	}
	return value, nil
}

func decodeObject(body []byte) (map[string]any, error) {
	if !utf8.Valid(body) {
		return nil, errors.New("not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	value, err := decodeValue(decoder, 0)
	if err != nil {
		return nil, err
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("not a JSON object")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object")
	}
	return object, nil
}

// decodeValue reads one value. Objects keep their keys as written; lists are read but not kept, as no field of ours is one.
func decodeValue(decoder *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errors.New("nested too deep")
	}
	token, err := decoder.Token()
	if err != nil {
		return nil, errors.New("not JSON") // the decoder's text could quote the body
	}
	switch token {
	case json.Delim('{'):
		return decodeMembers(decoder, depth)
	case json.Delim('['):
		for decoder.More() {
			if _, err := decodeValue(decoder, depth+1); err != nil {
				return nil, err
			}
		}
		if _, err := decoder.Token(); err != nil {
			return nil, errors.New("not JSON")
		}
		return []any{}, nil
	default:
		return token, nil
	}
}

func decodeMembers(decoder *json.Decoder, depth int) (map[string]any, error) {
	object := map[string]any{}
	for decoder.More() {
		token, err := decoder.Token()
		key, ok := token.(string)
		if err != nil || !ok {
			return nil, errors.New("not JSON")
		}
		if _, doubled := object[key]; doubled {
			return nil, errors.New("a key stands twice")
		}
		if object[key], err = decodeValue(decoder, depth+1); err != nil {
			return nil, err
		}
	}
	if _, err := decoder.Token(); err != nil {
		return nil, errors.New("not JSON")
	}
	return object, nil
}

var eventIDForm = regexp.MustCompile(`^[!-~]{1,255}$`) // visible ASCII, as it goes into histories and logs

// validEventID reports whether a webhook-id can be an event id.
func validEventID(id string) bool { return eventIDForm.MatchString(id) }

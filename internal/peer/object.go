package peer

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Ways in which an answer does not follow the contract. They name fields, never what is in them.
var (
	// ErrOtherID says that an answer is about another record than the one asked for.
	ErrOtherID   = errors.New("it is about another id than the one asked for")
	errNotObject = errors.New("not a JSON object")
	errNotList   = errors.New("not a JSON list")
)

// FieldError says that a required field is missing or of the wrong type.
type FieldError string

func (e FieldError) Error() string { return string(e) + " is missing or not usable" }

// Object is a JSON object with folded keys; per key the values in the order in which they came.
type Object map[string][]json.RawMessage

// fold gives the form in which keys are compared: ä and å become a, ö becomes o, composed or not, and case is dropped.
// Tampuuri's read and write models spell the same field differently, and one answer mixes both.
func fold(key string) string {
	const diaeresis, ring = '\u0308', '\u030a'
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r == diaeresis || r == ring {
			return -1
		}
		return r
	}, norm.NFD.String(key)))
}

// ParseObject reads an object in order. A Go map would lose the order of two spellings, and with it which one wins.
func ParseObject(raw []byte) (Object, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, errNotObject
	}
	fields := Object{}
	for decoder.More() {
		token, err := decoder.Token()
		key, ok := token.(string)
		if err != nil || !ok {
			return nil, errNotObject
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, errNotObject
		}
		key = fold(key)
		fields[key] = append(fields[key], value)
	}
	if token, err := decoder.Token(); err != nil || token != json.Delim('}') {
		return nil, errNotObject
	}
	return fields, nil
}

// ParseList reads a JSON array into its elements.
func ParseList(raw []byte) ([]json.RawMessage, error) {
	var rows []json.RawMessage
	if len(raw) == 0 || raw[0] != '[' || json.Unmarshal(raw, &rows) != nil {
		return nil, errNotList
	}
	return rows, nil
}

// Values gives all values of a field that are not null; present tells a field that is there at all.
func (o Object) Values(key string) (values []json.RawMessage, present bool) {
	all, present := o[fold(key)]
	for _, raw := range all {
		if string(raw) != "null" {
			values = append(values, raw)
		}
	}
	return values, present
}

// Get gives the first value of a field that says something, else the first that is not null, nil when there is none: a
// field that comes in two spellings may be filled in either.
func (o Object) Get(key string) json.RawMessage {
	values, _ := o.Values(key)
	for _, raw := range values {
		if !isBlank(raw) {
			return raw
		}
	}
	if len(values) > 0 {
		return values[0]
	}
	return nil
}

// isBlank tells an empty text.
func isBlank(raw json.RawMessage) bool {
	var text string
	return json.Unmarshal(raw, &text) == nil && strings.TrimSpace(text) == ""
}

// Says tells whether a field holds anything: neither null nor an empty text.
func (o Object) Says(key string) bool {
	raw := o.Get(key)
	return raw != nil && !isBlank(raw)
}

// List is Get for a list, of which some writers make null when it is empty. One that is not there at all stays missing.
func (o Object) List(key string) json.RawMessage {
	raw := o.Get(key)
	if _, present := o.Values(key); raw == nil && present {
		return json.RawMessage("[]")
	}
	return raw
}

// Verbatim gives a text as it came. A number counts as its digits; anything else is absent.
func (o Object) Verbatim(key string) string {
	text, _ := parseText(o.Get(key))
	return text
}

// Text is Verbatim in NFC, so that ä is one sign whoever typed it.
func (o Object) Text(key string) string { return norm.NFC.String(o.Verbatim(key)) }

// Said is Text, but of a field that holds neither text nor number what is written there.
func (o Object) Said(key string) string {
	if text := o.Text(key); text != "" || !o.Says(key) {
		return text
	}
	return string(o.Get(key))
}

// String is Verbatim of a field whose contract allows no number.
func (o Object) String(key string) string {
	if raw := o.Get(key); raw == nil || raw[0] != '"' {
		return ""
	}
	return o.Verbatim(key)
}

// IsTrue tells a field that is true; one that cannot be read is not.
func (o Object) IsTrue(key string) bool { return string(o.Get(key)) == "true" }

// ID gives an integer above zero; 0 for everything else.
func (o Object) ID(key string) int64 {
	n, _ := parseInteger(o.Get(key))
	return max(n, 0)
}

// Count gives an integer, nil when there is none that can be read.
func (o Object) Count(key string) *int64 {
	if n, ok := parseInteger(o.Get(key)); ok {
		return &n
	}
	return nil
}

// Rows gives a list's rows and what it says of their total, nil for nothing that can be read. The rows may be null where
// the total is 0, and nowhere else.
func (o Object) Rows(items, total string) (rows []json.RawMessage, said *int64, err error) {
	list := o.Get(items)
	if said = o.Count(total); said != nil && *said == 0 {
		list = o.List(items)
	}
	if rows, err = ParseList(list); err != nil {
		return nil, nil, FieldError(items)
	}
	return rows, said, nil
}

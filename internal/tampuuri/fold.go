package tampuuri

import (
	"bytes"
	"encoding/json"
	"strings"

	"golang.org/x/text/unicode/norm"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
)

// fold gives the form in which keys are compared: ä and å become a, ö becomes o,
// composed or not, and case is dropped. Tampuuri's read and write models spell
// the same field differently, and one answer mixes both.
func fold(key string) string {
	const diaeresis, ring = '\u0308', '\u030a'
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r == diaeresis || r == ring {
			return -1
		}
		return r
	}, norm.NFD.String(key)))
}

// object is a JSON object with folded keys; per key the values in the order in
// which they came.
type object map[string][]json.RawMessage

// decodeObject reads an object in order. A Go map would lose the order of two
// spellings, and with it which one wins.
func decodeObject(raw []byte) (object, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, errNotObject
	}
	fields := object{}
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

// decodeList reads a JSON array into its elements.
func decodeList(raw []byte) ([]json.RawMessage, error) {
	var rows []json.RawMessage
	if len(raw) == 0 || raw[0] != '[' || json.Unmarshal(raw, &rows) != nil {
		return nil, errNotList
	}
	return rows, nil
}

func isNull(raw json.RawMessage) bool { return bytes.Equal(raw, []byte("null")) }

// get gives the first value of a field that says something, else the first that is not null, nil when there is none: a
// field that comes in two spellings may be filled in either.
func (o object) get(key string) json.RawMessage {
	var blank json.RawMessage
	for _, raw := range o[fold(key)] {
		switch {
		case isNull(raw):
		case !isBlank(raw):
			return raw
		case blank == nil:
			blank = raw
		}
	}
	return blank
}

// isBlank tells an empty text.
func isBlank(raw json.RawMessage) bool {
	var text string
	return json.Unmarshal(raw, &text) == nil && strings.TrimSpace(text) == ""
}

// list is get for a list, of which some writers make null when it is empty. One that is not there at all stays missing.
func (o object) list(key string) json.RawMessage {
	raw := o.get(key)
	if raw == nil && len(o[fold(key)]) > 0 {
		return json.RawMessage("[]")
	}
	return raw
}

// verbatim gives a text as it came. A number counts as its digits; anything else is absent.
func (o object) verbatim(key string) string {
	text, _ := peer.ParseText(o.get(key))
	return text
}

// text gives a text in NFC, so that ä is one sign whoever typed it.
func (o object) text(key string) string { return norm.NFC.String(o.verbatim(key)) }

// id gives an integer above zero; 0 for everything else.
func (o object) id(key string) int64 {
	n, _ := peer.ParseInteger(o.get(key))
	return max(n, 0)
}

// count gives an integer, nil when there is none that can be read.
func (o object) count(key string) *peer.Integer {
	n, ok := peer.ParseInteger(o.get(key))
	if !ok {
		return nil
	}
	return (*peer.Integer)(&n)
}

// moment gives a date or time. What is missing, null or blank is absent.
func (o object) moment(key string) notice.Moment {
	raw := o.get(key)
	if raw == nil || isBlank(raw) {
		return notice.Moment{}
	}
	text, ok := peer.ParseText(raw)
	m, err := notice.ParseMoment(text)
	if !ok || err != nil {
		return notice.Moment{Unreadable: true}
	}
	return m
}

// turvakielto reads the flag. Among several spellings the ones that are not null
// count, and one that is set, or else one that cannot be read, wins: the flag fails closed.
func (o object) turvakielto(key string) notice.Turvakielto {
	values, present := o[fold(key)]
	decided, unknown := false, false
	for _, raw := range values {
		if isNull(raw) {
			continue
		}
		// As it is written: 1e-400 is not zero, but the nearest float64 is.
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		var value any
		if decoder.Decode(&value) != nil {
			value = nil
		}
		switch notice.ParseTurvakielto(value, true) {
		case notice.TurvakieltoSet:
			return notice.TurvakieltoSet
		case notice.TurvakieltoUnknown:
			unknown = true
		case notice.TurvakieltoNotSet:
		}
		decided = true
	}
	if decided && !unknown {
		return notice.TurvakieltoNotSet
	}
	return notice.ParseTurvakielto(nil, present)
}

// Package speech says what a person reads in English or in Finnish. A sentence is written in English where it is said;
// phrases.go has the Finnish of all of them, and quotations.go that of sentences which other packages write.
package speech

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Language is one that people are spoken to in.
type Language int

// The languages.
const (
	English Language = iota
	Finnish
)

// Languages are what they are called.
var Languages = []string{English: "en", Finnish: "fi"}

// Parse reads what a language is called.
func Parse(text string) (Language, error) {
	at := slices.Index(Languages, text)
	if at < 0 {
		return English, errors.New("takes one of " + strings.Join(Languages, ", "))
	}
	return Language(at), nil
}

// Said is written in English. What is put into it may be Said too; the zero value says nothing.
type Said struct {
	format string
	args   []any
}

// Say is for a sentence that phrases.go has.
func Say(format string, args ...any) Said { return Said{format, args} }

// Quote is for a sentence of somebody else's, an error or a fault in customers.yaml. Where the office reads it quotations.go
// has it; any other stays English.
func Quote(sentence string) Said { return Said{format: sentence} }

// Empty tells that nothing is said.
func (s Said) Empty() bool { return s.format == "" }

// Join puts something between those that say anything.
func Join(by string, all ...Said) Said {
	all = slices.DeleteFunc(slices.Clone(all), Said.Empty)
	if len(all) == 1 {
		return all[0]
	}
	args := make([]any, len(all))
	for i, one := range all {
		args[i] = one
	}
	return Said{strings.TrimSuffix(strings.Repeat("%s"+by, len(all)), by), args}
}

// In says it.
func (s Said) In(language Language) string {
	format, values := s.format, s.args
	if language == Finnish {
		if finnish, known := inFinnish()[format]; known {
			format = finnish
		} else if len(values) == 0 {
			format, values = quotedInFinnish(format)
		}
	}
	if len(values) == 0 { // an error may have a % in it
		return format
	}
	args := make([]any, len(values))
	for i, arg := range values {
		args[i] = arg
		if inner, ok := arg.(Said); ok {
			args[i] = inner.In(language)
		}
	}
	return fmt.Sprintf(format, args...)
}

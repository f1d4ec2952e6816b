package doctor

import (
	"fmt"
	"slices"
	"strings"
)

// Language is one that an answer can be printed in.
type Language int

// The languages.
const (
	English Language = iota
	Finnish
)

// Languages are what they are called.
var Languages = []string{English: "en", Finnish: "fi"}

// LanguageOf is the one that is asked for, or else the reader's.
func LanguageOf(asked string, readsFinnish bool) (language Language, known bool) {
	switch {
	case asked != "":
		at := slices.Index(Languages, asked)
		return Language(max(at, 0)), at >= 0
	case readsFinnish:
		return Finnish, true
	default:
		return English, true
	}
}

// said is what a row says, written in English where it is said; phrases.go has the Finnish of it. What is put into it may be
// said too.
type said struct {
	format string
	args   []any
}

// say is for what a check has found and what to do, named for its name.
func say(format string, args ...any) said { return said{format, args} }

func named(format string, args ...any) said { return said{format, args} }

// quoted is a sentence of somebody else's, an error or a fault in customers.yaml. Where the office reads it phrases.go
// has it as well; any other stays English.
func quoted(sentence string) said { return said{format: sentence} }

// quotedError puts several problems on the one line that a check has.
func quotedError(err error) said { return quoted(strings.ReplaceAll(err.Error(), "\n", "; ")) }

// failure says why something could not be done.
func failure(err error) said { return say("%s", err.Error()) }

func (s said) in(language Language) string {
	format := s.format
	if language == Finnish {
		if finnish, known := inFinnish()[format]; known {
			format = finnish
		}
	}
	if len(s.args) == 0 { // an error may have a % in it
		return format
	}
	args := make([]any, len(s.args))
	for i, arg := range s.args {
		args[i] = arg
		if inner, ok := arg.(said); ok {
			args[i] = inner.in(language)
		}
	}
	return fmt.Sprintf(format, args...)
}

// joined are several with something between them.
func joined(by string, all []said) said {
	if len(all) == 1 {
		return all[0]
	}
	args := make([]any, len(all))
	for i, one := range all {
		args[i] = one
	}
	return said{strings.TrimSuffix(strings.Repeat("%s"+by, len(all)), by), args}
}

func quotedAll(sentences []string) said {
	var all []said
	for _, sentence := range sentences {
		all = append(all, quoted(sentence))
	}
	return joined("; ", all)
}

package doctor

import (
	"errors"
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

// text is what a row says, in either language.
type text interface{ in(Language) string }

// said is written in English where it is said; phrases.go has the Finnish of it. What is put into it may be a text too.
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
		if inner, ok := arg.(text); ok {
			args[i] = inner.in(language)
		}
	}
	return fmt.Sprintf(format, args...)
}

// joined are several texts with something between them.
type joined struct {
	by  string
	all []said
}

func quotedAll(sentences []string) joined {
	all := joined{by: "; "}
	for _, sentence := range sentences {
		all.all = append(all.all, quoted(sentence))
	}
	return all
}

func (j joined) in(language Language) string {
	parts := make([]string, len(j.all))
	for i, one := range j.all {
		parts[i] = one.in(language)
	}
	return strings.Join(parts, j.by)
}

// Unwell is the error of an answer in which something has failed; nil when nothing has.
func (d Diagnosis) Unwell(language Language) error {
	if d.OK {
		return nil
	}
	return errors.New(say("at least one check failed; what to do stands beside each").in(language))
}

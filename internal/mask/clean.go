package mask

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Clean is the one form in which texts are compared and a task's are sent: in valid UTF-8 and NFC, without invisible and control
// characters (which could hide a protected name from the search, and which other systems refuse), with plain spaces, "\n" as the
// only line break, and trimmed.
func Clean(s string) string {
	text := []rune(s) // what is no UTF-8 becomes U+FFFD
	kept := make([]rune, 0, len(text))
	for i := range text {
		if r := cleanRune(text, i); r >= 0 {
			kept = append(kept, r)
		}
	}
	return strings.TrimSpace(norm.NFC.String(string(kept)))
}

// cleanRune is what the rune at a place becomes, -1 when nothing.
func cleanRune(text []rune, at int) rune {
	switch r := text[at]; {
	case r == '\r' && at+1 < len(text) && text[at+1] == '\n':
		return -1
	case r == '\n', r == '\r', r == '\u0085', r == '\u2028', r == '\u2029':
		return '\n'
	case r == '\t', unicode.Is(unicode.Zs, r):
		return ' '
	case unicode.In(r, unicode.Cf, unicode.Cc, unicode.Noncharacter_Code_Point, unicode.Other_Default_Ignorable_Code_Point):
		return -1
	default:
		return r
	}
}

// SingleLine is Clean with every run of white space made one space.
func SingleLine(s string) string {
	return strings.Join(strings.Fields(Clean(s)), " ")
}

package mask

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Clean is the one form in which texts are compared and sent: valid UTF-8 in NFC, without invisible characters (which
// could hide a protected name from the search), with plain spaces, "\n" as the only line break, and trimmed.
func Clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\r', r == '\u0085', r == '\u2028', r == '\u2029':
			return '\n'
		case r == '\t', unicode.Is(unicode.Zs, r):
			return ' '
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Cc, r):
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(norm.NFC.String(s))
}

// SingleLine is Clean with every run of white space made one space.
func SingleLine(s string) string {
	return strings.Join(strings.Fields(Clean(s)), " ")
}

// Package credential is the one rule of which values can be credentials, and which headers can carry them: the settings
// refuse what no client could send, and the clients refuse nothing else.
package credential

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/http/httpguts"
)

// Check tells what keeps a value from being sent in a header as it is, nil when nothing does. HTTP drops spaces at the
// edges, net/http sends no control characters, and an invisible character is never meant: it comes along when a value is
// copied from a page or a document, and the peer then refuses a credential that looks right. The error never holds more
// of the value than that character.
func Check(value string) error {
	if !utf8.ValidString(value) {
		return errors.New("is not UTF-8 text; save it as UTF-8")
	}
	for _, r := range value {
		switch {
		case unicode.IsControl(r):
			return errors.New("has a line break or another control character in it; remove it")
		case invisible(r):
			return fmt.Errorf("has an invisible character (%U) in it; type it anew instead of copying it", r)
		}
	}
	if strings.Trim(value, " ") != value {
		return errors.New("starts or ends with a space; remove it")
	}
	return nil
}

// CheckASCII is Check for what gRPC carries: its metadata holds printable ASCII only.
func CheckASCII(value string) error {
	if err := Check(value); err != nil {
		return err
	}
	for _, r := range value {
		if r > unicode.MaxASCII {
			return fmt.Errorf("has a character in it that Temporal cannot be sent (%U); use A-Z, digits and ASCII signs", r)
		}
	}
	return nil
}

// reserved are the headers that HTTP or our clients set themselves, or that change how an answer comes.
var reserved = strings.Fields(`host content-type content-length transfer-encoding accept connection user-agent trailer te upgrade keep-alive
	proxy-connection expect range accept-encoding authorization cookie idempotency-key`)

// CheckHeader tells what keeps a name from being that of a header with a credential. Tampuuri documents one with ä, which
// net/http refuses.
func CheckHeader(name string) error {
	switch {
	case !httpguts.ValidHeaderFieldName(name):
		return errors.New("is not a header name that is legal in HTTP; use ASCII letters, digits and hyphens (no ä)")
	case slices.Contains(reserved, strings.ToLower(name)):
		return errors.New("is a header that is used for something else; choose another name")
	}
	return nil
}

// invisible reports whether a character leaves no mark of its own, the plain space apart. Unicode counts some of them as
// letters (Hangul fillers), marks (variation selectors) or symbols (the empty Braille pattern).
func invisible(r rune) bool {
	return !unicode.IsPrint(r) || r == '\u2800' ||
		unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

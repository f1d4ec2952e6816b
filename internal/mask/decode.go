package mask

import (
	"html"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// entity decodes an HTML entity: &auml; &#228; &#xe4; also without its semicolon, and in capitals.
func entity(text []rune) (string, int) {
	if text[0] != '&' {
		return "", 0
	}
	const longest = 33
	end := 1
	for end < min(longest, len(text)) && (text[end] == '#' || isASCIIAlphanumeric(text[end])) {
		end++
	}
	if end < len(text) && text[end] == ';' {
		whole := string(text[:end+1])
		for _, spelling := range []string{whole, strings.ToLower(whole), "&" + strings.ToUpper(whole[1:2]) + strings.ToLower(whole[2:])} {
			if plain := html.UnescapeString(spelling); plain != spelling {
				return plain, end + 1
			}
		}
	}
	const shortest, mostRunes = 3, 1
	for ; end >= shortest; end-- {
		whole := string(text[:end])
		if plain := html.UnescapeString(whole); plain != whole && utf8.RuneCountInString(plain) == mostRunes {
			return plain, end
		}
	}
	return "", 0
}

// percentEscape decodes %C3%A4 (UTF-8), %E4 (Latin-1) and %u00E4.
func percentEscape(text []rune) (string, int) {
	if text[0] != '%' {
		return "", 0
	}
	for _, prefix := range []string{"%u", "%U"} {
		if r, length := hexRune(text, prefix, 4); length > 0 {
			return r, length
		}
	}
	return escapedBytes(text, "%", 16, 2)
}

// quotedPrintable decodes the =C3=A4 and =E4 of e-mails, and their soft line breaks.
func quotedPrintable(text []rune) (string, int) {
	if text[0] != '=' {
		return "", 0
	}
	for _, lineBreak := range []string{"=\r\n", "=\n"} {
		if strings.HasPrefix(string(text[:min(len(lineBreak), len(text))]), lineBreak) {
			return "", len(lineBreak)
		}
	}
	return escapedBytes(text, "=", 16, 2)
}

// backslashEscape decodes \u00e4, \U000000e4, \u{e4}, \xc3\xa4, \303\244, \'e4 and \n, of JSON, programs and RTF; and u00e4,
// of which the backslash was lost.
func backslashEscape(text []rune) (string, int) {
	if r, length := hexRune(text, string(text[0])+"00", 2); length > 0 && strings.ContainsRune("uU", text[0]) {
		return r, length
	}
	if text[0] != '\\' || len(text) == 1 {
		return "", 0
	}
	for _, number := range []struct {
		prefix string
		digits int
	}{{`\U`, 8}, {`\u`, 4}, {`\U`, 4}} {
		if r, length := hexRune(text, number.prefix, number.digits); length > 0 {
			return r, length
		}
	}
	const longestBraced = len(`\u{10ffff}`)
	if end := slices.Index(text[:min(longestBraced, len(text))], '}'); end > 0 {
		if r, length := hexRune(text[:end], `\u{`, end-len(`\u{`)); length == end {
			return r, length + 1
		}
	}
	for _, prefix := range []string{`\x`, `\X`, `\'`} {
		if plain, length := escapedBytes(text, prefix, 16, 2); length > 0 {
			return plain, length
		}
	}
	if plain, length := escapedBytes(text, `\`, 8, 3); length > 0 {
		return plain, length
	}
	switch next := text[1]; {
	case strings.ContainsRune("nrtfv", next):
		return " ", 2
	case strings.ContainsRune(`\/"'`, next), next > unicode.MaxASCII: // its own escape is decoded already
		return string(next), 2
	}
	return "", 0
}

// hexRune reads a character that is written as its number after prefix.
func hexRune(text []rune, prefix string, digits int) (string, int) {
	length := len(prefix) + digits
	if digits <= 0 || len(text) < length || string(text[:len(prefix)]) != prefix {
		return "", 0
	}
	number, err := strconv.ParseUint(string(text[len(prefix):length]), 16, 32)
	if err != nil || number == 0 || number > unicode.MaxRune {
		return "", 0
	}
	return string(rune(number)), length
}

// escapedBytes reads a character whose bytes are written as numbers, each after prefix: in UTF-8, or else in Windows-1252.
func escapedBytes(text []rune, prefix string, base, digits int) (string, int) {
	unit := len(prefix) + digits
	var bytes []byte
	for at := 0; at+unit <= len(text) && len(bytes) < utf8.UTFMax && string(text[at:at+len(prefix)]) == prefix; at += unit {
		number, err := strconv.ParseUint(string(text[at+len(prefix):at+unit]), base, 8)
		if err != nil {
			break
		}
		bytes = append(bytes, byte(number))
	}
	if len(bytes) == 0 || bytes[0] < ' ' && !strings.ContainsRune("\t\r\n", rune(bytes[0])) {
		return "", 0
	}
	if r, size := utf8.DecodeRune(bytes); r != utf8.RuneError || size > 1 {
		return string(r), size * unit
	}
	return string(charmap.Windows1252.DecodeByte(bytes[0])), unit
}

// misread are the code pages as which UTF-8 is read by mistake.
var misread = []*charmap.Charmap{charmap.Windows1252, charmap.CodePage437, charmap.CodePage850, charmap.Macintosh}

// mojibake decodes UTF-8 that was read in another code page: Ã¤, also in lower case, and ├ñ.
func mojibake(text []rune) (string, int) {
	if text[0] < utf8.RuneSelf {
		return "", 0
	}
	for _, page := range misread {
		for _, first := range []rune{text[0], unicode.ToUpper(text[0])} {
			var bytes []byte
			for i, r := range text[:min(utf8.UTFMax, len(text))] {
				if i == 0 {
					r = first
				}
				b, known := page.EncodeRune(r)
				if !known && r < 0x100 {
					b, known = byte(r), true // Latin-1's control characters
				}
				if !known || b < utf8.RuneSelf {
					break
				}
				bytes = append(bytes, b)
			}
			if r, size := utf8.DecodeRune(bytes); size > 1 {
				return string(r), size
			}
		}
	}
	return "", 0
}

// invisible leaves out what no reader sees, and what may part the signs of another encoding. Control characters stay: they are
// letters of mojibake.
func invisible(text []rune) (string, int) {
	if unicode.In(text[0], unicode.Cf, unicode.Other_Default_Ignorable_Code_Point) {
		return "", 1
	}
	return "", 0
}

// blocks are the tags that part words.
var blocks = setOf(strings.Fields(`address article aside blockquote body br caption dd div dl dt fieldset figure footer form h1 h2 h3
	h4 h5 h6 head header hr html li main nav ol option p pre section select table tbody td tfoot th thead title tr ul`))

// markup leaves out tags, comments, [b] and the like, and the signs of emphasis within words; parts says which of them
// become a space.
func markup(parts func(isBlock bool) bool) decoder {
	return func(text []rune) (string, int) {
		name, length := tagAt(text)
		if length == 0 {
			return "", 0
		}
		if parts(blocks[name]) {
			return " ", length
		}
		return "", length
	}
}

// tagAt reads a tag's name in lower case and its length.
func tagAt(text []rune) (name string, length int) {
	switch text[0] {
	case '*', '_', '~', '`':
		return "", 1
	case '<', '[':
	default:
		return "", 0
	}
	const comment, longestComment = "<!--", 4_000
	if string(text[:min(len(comment), len(text))]) == comment {
		inner, _, ends := strings.Cut(string(text[:min(longestComment, len(text))]), "-->")
		if !ends {
			return "", 0
		}
		return "", utf8.RuneCountInString(inner) + len("-->")
	}
	end := 1 + slices.IndexFunc(text[1:], func(r rune) bool { return strings.ContainsRune("<>[]", r) })
	if end == 0 || text[end] != map[rune]rune{'<': '>', '[': ']'}[text[0]] {
		return "", 0
	}
	inner := strings.TrimLeft(string(text[1:end]), "/!?")
	name = inner
	if other := strings.IndexFunc(inner, func(r rune) bool { return !isASCIIAlphanumeric(r) }); other >= 0 {
		name = inner[:other]
	}
	const longestCode = 6 // of [color=red]; what is longer in brackets is somebody's text
	if name == "" || !unicode.IsLetter(rune(name[0])) || text[0] == '[' && len(name) > longestCode {
		return "", 0
	}
	return strings.ToLower(name), end + 1
}

func isASCIIAlphanumeric(r rune) bool {
	return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

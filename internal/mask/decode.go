package mask

import (
	"html"
	"mime"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
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

// encodedWord decodes a word of an e-mail's header: =?utf-8?B?TcOka2luZW4=?=.
func encodedWord(text []rune) (string, int) {
	const longest = 200
	if !hasPrefix(text, "=?") {
		return "", 0
	}
	word := wordForm.FindString(string(text[:min(longest, len(text))]))
	plain, err := new(mime.WordDecoder).Decode(word)
	if err != nil {
		return "", 0
	}
	return plain, utf8.RuneCountInString(word)
}

var wordForm = regexp.MustCompile(`^=\?[\w-]+\?[bBqQ]\?[^? ]*\?=`)

// escape is a way to write a character as a number after a sign.
type escape struct {
	prefix       string
	base, digits int
	bytes        bool // the number is a byte of the character
}

var (
	percentEscapes   = []escape{{"%u", 16, 4, false}, {"%U", 16, 4, false}, {"%", 16, 2, true}} // %C3%A4 (UTF-8), %E4 (Latin-1), %u00E4
	equalsEscapes    = []escape{{"=", 16, 2, true}}                                             // the =C3=A4 and =E4 of e-mails
	bareEscapes      = []escape{{"u00", 16, 2, false}, {"U00", 16, 2, false}}                   // u00e4, of which the backslash was lost
	backslashEscapes = []escape{                                                                // \u00e4, \xc3\xa4, \303\244 and \'e4, of JSON, programs and RTF
		{`\U`, 16, 8, false}, {`\u`, 16, 4, false}, {`\U`, 16, 4, false}, {`\x`, 16, 2, true}, {`\X`, 16, 2, true}, {`\'`, 16, 2, true}, {`\`, 8, 3, true},
	}
)

// escaped decodes the first of the escapes that fits.
func escaped(escapes []escape) decoder {
	return func(text []rune) (plain string, length int) {
		for _, e := range escapes {
			if e.bytes {
				plain, length = e.decodeBytes(text)
			} else {
				plain, length = e.decodeRune(text)
			}
			if length > 0 {
				break
			}
		}
		return plain, length
	}
}

// softBreak leaves out the line breaks of quoted-printable.
func softBreak(text []rune) (string, int) {
	for _, lineBreak := range []string{"=\r\n", "=\n"} {
		if hasPrefix(text, lineBreak) {
			return "", len(lineBreak)
		}
	}
	return "", 0
}

// hasPrefix tells whether a text begins with that ASCII.
func hasPrefix(text []rune, ascii string) bool {
	return len(text) >= len(ascii) && string(text[:len(ascii)]) == ascii
}

// backslash decodes what is not a number after one: \n, \" and \u{e4}.
func backslash(text []rune) (string, int) {
	if text[0] != '\\' || len(text) == 1 {
		return "", 0
	}
	const longestBraced = len(`\u{10ffff}`)
	if end := slices.Index(text[:min(longestBraced, len(text))], '}'); end > 0 {
		if r, length := (escape{`\u{`, 16, end - len(`\u{`), false}).decodeRune(text[:end]); length == end {
			return r, length + 1
		}
	}
	switch next := text[1]; {
	case strings.ContainsRune("nrtfv", next):
		return " ", 2
	case strings.ContainsRune(`\/"'`, next):
		return string(next), 2
	}
	return "", 0
}

// decodeRune reads the number of a character.
func (e escape) decodeRune(text []rune) (string, int) {
	length := len(e.prefix) + e.digits
	if e.digits <= 0 || len(text) < length || !hasPrefix(text, e.prefix) {
		return "", 0
	}
	number, err := strconv.ParseUint(string(text[len(e.prefix):length]), e.base, 32)
	if err != nil || number == 0 || number > unicode.MaxRune {
		return "", 0
	}
	return string(rune(number)), length
}

// decodeBytes reads a character whose bytes are written as numbers, each after the sign: in UTF-8, or else in Windows-1252.
func (e escape) decodeBytes(text []rune) (string, int) {
	unit := len(e.prefix) + e.digits
	var bytes []byte
	for at := 0; at+unit <= len(text) && len(bytes) < utf8.UTFMax && hasPrefix(text[at:], e.prefix); at += unit {
		number, err := strconv.ParseUint(string(text[at+len(e.prefix):at+unit]), e.base, 8)
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

// mojibake decodes UTF-8 that was read in another code page: Ã¤ and ├ñ, also in other letters' case, of which the longest counts.
func mojibake(text []rune) (plain string, length int) {
	if text[0] < utf8.RuneSelf {
		return "", 0
	}
	for _, page := range misread {
		for _, first := range []rune{text[0], unicode.ToUpper(text[0]), unicode.ToLower(text[0])} {
			bytes := bytesOf(page, first, text[1:min(utf8.UTFMax, len(text))])
			if r, size := utf8.DecodeRune(bytes); size > max(1, length) {
				plain, length = string(r), size
			}
		}
		if length > 0 {
			break
		}
	}
	return plain, length
}

// bytesOf are the bytes that a code page shows as first and rest, up to ASCII.
func bytesOf(page *charmap.Charmap, first rune, rest []rune) []byte {
	bytes := make([]byte, 0, utf8.UTFMax)
	for _, r := range append([]rune{first}, rest...) {
		b, known := page.EncodeRune(r)
		if !known {
			b, known = page.EncodeRune(unicode.ToLower(r))
		}
		if isControl := r >= 0x80 && r < 0xA0; isControl && page == charmap.Windows1252 { // Latin-1's
			b, known = byte(r), true
		}
		if !known || b < utf8.RuneSelf {
			break
		}
		bytes = append(bytes, b)
	}
	return bytes
}

// dropping leaves out the characters that are so.
func dropping(is func(r rune) bool) decoder {
	return func(text []rune) (string, int) {
		if is(text[0]) {
			return "", 1
		}
		return "", 0
	}
}

// isInvisible tells what no reader sees, and what may part the signs of another encoding. Control characters are not among
// them, nor soft hyphens: they are letters of mojibake.
func isInvisible(r rune) bool {
	return !isSoftHyphen(r) && unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point)
}

func isSoftHyphen(r rune) bool { return r == '\u00AD' }

// isEmphasis tells the signs of it, which stand within words too.
func isEmphasis(r rune) bool { return strings.ContainsRune("*_~`", r) }

// composed makes one letter of a letter and its mark, which may both be signs of another encoding; or which stand apart, in
// either order, in what is copied out of a PDF: M¨akinen.
func composed(text []rune) (string, int) {
	const pair = 2
	if len(text) < pair {
		return "", 0
	}
	base, mark := text[0], text[1]
	if standalone[base] != 0 {
		base, mark = mark, base
	}
	if combining := standalone[mark]; combining != 0 {
		mark = combining
	}
	letter := norm.NFC.String(string([]rune{base, mark}))
	if !unicode.IsMark(mark) || utf8.RuneCountInString(letter) != 1 {
		return "", 0
	}
	return letter, pair
}

// standalone are the marks of ä, ö and å as characters of their own.
var standalone = map[rune]rune{'¨': '\u0308', '˚': '\u030a'}

// blocks are the tags that part words.
var blocks = setOf(strings.Fields(`address article aside blockquote body br caption dd div dl dt fieldset figure footer form h1 h2 h3
	h4 h5 h6 head header hr html li main nav ol option p pre section select table tbody td tfoot th thead title tr ul`))

// markup leaves out tags, comments, [b] and the like; parts says which of them become a space.
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
	if hasPrefix(text, "]]>") { // of CDATA
		return "", 3
	}
	if text[0] != '<' && text[0] != '[' {
		return "", 0
	}
	const longestComment = 4_000
	if hasPrefix(text, "<!--") {
		inner, _, ends := strings.Cut(string(text[:min(longestComment, len(text))]), "-->")
		if !ends {
			return "", 0
		}
		return "", utf8.RuneCountInString(inner) + len("-->")
	}
	if data := "<![CDATA["; hasPrefix(text, data) {
		return "", len(data)
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

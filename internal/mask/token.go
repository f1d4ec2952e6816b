package mask

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// token is one word or one number of a text.
type token struct {
	span
	key     []rune // lower case and compatibility form, with diacritics
	plain   string // key without diacritics, by which it is looked up
	capital bool
	tag     bool // a plus stands before it, as before an e-mail's tag
}

// lost stands in a text for a letter that an encoding lost, see withoutLosses; it is private use, and no text's own.
const lost = '\uE000'

// tokensOf splits a text into words and numbers; digits end a word, as in "Testipolku4".
func tokensOf(text []rune) []token {
	var tokens []token
	for i := 0; i < len(text); {
		kind := kindOf(text[i])
		end := i + 1
		for end < len(text) && kindOf(text[end]) == kind {
			end++
		}
		if kind != separator {
			if key := keyOf(string(text[i:end])); len(key) > 0 {
				tokens = append(tokens, token{
					span: span{i, end}, key: key, plain: plainOf(key), capital: unicode.IsUpper(text[i]), tag: i > 0 && text[i-1] == '+',
				})
			}
		}
		i = end
	}
	return tokens
}

// keysOf are the words and numbers of a field, in lower case and with diacritics.
func keysOf(s string) []string {
	var keys []string
	for _, t := range tokensOf([]rune(Clean(s))) {
		keys = append(keys, string(t.key))
	}
	return keys
}

type runeKind int

const (
	separator runeKind = iota
	letter
	number
)

func kindOf(r rune) runeKind {
	switch {
	case r == lost:
		return letter
	case isApostrophe(r):
		return separator
	case unicode.IsLetter(r), unicode.IsMark(r):
		return letter
	case unicode.IsNumber(r):
		return number
	}
	return separator
}

// isApostrophe tells the letters of Unicode that people take for an apostrophe, as in OʼBrien: they end a word like it.
func isApostrophe(r rune) bool {
	return slices.Contains([]rune{0x2b9, 0x2bb, 0x2bc, 0x2bd, 0x2be, 0x2bf, 0x2c8, 0xa78b, 0xa78c}, r)
}

var ligatures = strings.NewReplacer("æ", "ae", "œ", "oe", "þ", "th")

// keyOf is a word in lower case and compatibility form; what cannot be one letter with its marks loses the marks.
func keyOf(word string) []rune {
	ascii := true
	for i := range len(word) {
		ascii = ascii && word[i] < unicode.MaxASCII
	}
	if ascii {
		return []rune(strings.ToLower(word))
	}
	fold := cases.Fold()
	key := []rune(norm.NFC.String(ligatures.Replace(fold.String(norm.NFKC.String(word)))))
	return slices.DeleteFunc(key, unicode.IsMark)
}

// withoutStroke are letters that have no decomposition, by what they are replaced with where a keyboard lacks them.
var withoutStroke = map[rune]rune{'ł': 'l', 'ø': 'o', 'đ': 'd', 'ð': 'd', 'ħ': 'h', 'ı': 'i', 'ŧ': 't'}

// plainRune is a letter of a key without its diacritics, as the two spellings "Mäki" and "Maki" are both in use.
func plainRune(r rune) rune {
	if r <= unicode.MaxASCII {
		return r
	}
	if plain, has := withoutStroke[r]; has {
		return plain
	}
	for _, base := range norm.NFD.String(string(r)) {
		return base
	}
	return r
}

func plainOf(key []rune) string {
	plain := make([]rune, len(key))
	for i, r := range key {
		plain[i] = plainRune(r)
	}
	return string(plain)
}

// plain is a word of keysOf without diacritics.
func plain(key string) string { return plainOf([]rune(key)) }

// openA and openO stand in a stem for a vowel whose dots depend on the word around it.
const (
	openA = 'A'
	openO = 'O'
)

// isLetterOf tells whether a text's letter can be a name's. Diacritics may be missing in the text, but ä and ö are never written
// for a and o: "lähti" is no Lahti. A lost letter was none of ASCII.
func isLetterOf(inText, inName rune) bool {
	switch {
	case inText == inName:
		return true
	case inName == openA || inName == openO:
		return inText == lost || unicode.ToUpper(plainRune(inText)) == inName
	case inText == lost:
		return inName > unicode.MaxASCII
	case inText == 'ä', inText == 'ö':
		return inText == 'ö' && inName == 'ø'
	}
	return plainRune(inText) == plainRune(inName)
}

// isWordOf tells whether a text's word can be a name's word or stem.
func isWordOf(inText, inName []rune) bool {
	if len(inText) != len(inName) {
		return false
	}
	for i, r := range inText {
		if !isLetterOf(r, inName[i]) {
			return false
		}
	}
	return true
}

// foldRunes folds case and compatibility forms one rune at a time, so that positions stay.
func foldRunes(text []rune) string {
	folded := make([]rune, len(text))
	for i, r := range text {
		if form := []rune(norm.NFKC.String(string(r))); len(form) == 1 {
			r = form[0]
		}
		folded[i] = unicode.ToLower(unicode.ToUpper(r))
	}
	return string(folded)
}

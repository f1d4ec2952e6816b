package mask

import (
	"html"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// letters that have no decomposition, by what they are replaced with where a keyboard lacks them.
var letters = strings.NewReplacer("ł", "l", "Ł", "l", "ø", "o", "Ø", "o", "đ", "d", "Đ", "d", "ð", "d", "Ð", "d", "ħ", "h",
	"Ħ", "h", "ı", "i", "þ", "th", "Þ", "th", "æ", "ae", "Æ", "ae", "œ", "oe", "Œ", "oe", "ŧ", "t", "Ŧ", "t")

// umlauts are written as digraphs where a keyboard lacks them: Mueller, Maekelae.
var (
	umlauts  = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "å", "aa", "ø", "oe", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue", "Å", "Aa", "Ø", "Oe")
	digraphs = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u")
)

// spellingsOf gives a name as it is, with its umlauts as digraphs, and with its digraphs as umlauts.
func spellingsOf(name string) []string {
	name = Clean(unescaped(name))
	spellings := []string{name, umlauts.Replace(name)}
	const shortest = 4 // letters; of "Moe" hardly anything would be left
	var words []string
	for _, word := range strings.Fields(name) {
		if folded := digraphs.Replace(strings.ToLower(word)); len(folded) >= shortest {
			word = folded
		}
		words = append(words, word)
	}
	if digraph := strings.Join(words, " "); !strings.EqualFold(digraph, strings.Join(strings.Fields(name), " ")) {
		spellings = append(spellings, digraph)
	}
	return distinct(spellings)
}

// unescaped decodes HTML entities, also ones that were escaped again, as "V&auml;is&auml;nen" in a text from a web form.
func unescaped(s string) string {
	const deepest = 3
	for range deepest {
		plain := html.UnescapeString(s)
		if plain == s {
			break
		}
		s = plain
	}
	return s
}

// dropMarks gives the compatibility form without diacritics, as the two spellings "Mäki" and "Maki" are both in use.
func dropMarks(s string) string {
	return letters.Replace(strings.Map(func(r rune) rune {
		if unicode.IsMark(r) {
			return -1
		}
		return r
	}, norm.NFKD.String(s)))
}

// isApostrophe tells the letters of Unicode that people take for an apostrophe, as in OʼBrien: they end a word like it.
func isApostrophe(r rune) bool {
	return slices.Contains([]rune{0x2b9, 0x2bb, 0x2bc, 0x2bd, 0x2be, 0x2bf, 0x2c8, 0xa78b, 0xa78c}, r)
}

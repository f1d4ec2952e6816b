package mask

import (
	"strings"
	"unicode"
)

// umlauts are written as digraphs where a keyboard lacks them: Mueller, Maekelae.
var (
	umlauts  = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "å", "aa", "ø", "oe", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue", "Å", "Aa", "Ø", "Oe")
	undone   = strings.NewReplacer("ae", "ä", "oe", "ö", "ue", "ü", "Ae", "Ä", "Oe", "Ö", "Ue", "Ü", "AE", "Ä", "OE", "Ö", "UE", "Ü")
	digraphs = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u") // of a word without diacritics
)

// spellingsOf gives a name as it is, with its umlauts as digraphs, with its digraphs as umlauts, and with ä or ö for letters
// that an encoding lost.
func spellingsOf(name string) []string {
	spellings := []string{name, umlauts.Replace(name)}
	const shortest = 4 // letters; of "Moe" hardly anything would be left
	var words []string
	for _, word := range strings.Fields(name) {
		if umlaut := undone.Replace(word); len([]rune(umlaut)) >= shortest && !isCompany(word) {
			word = umlaut
		}
		words = append(words, word)
	}
	spellings = append(spellings, strings.Join(words, " "))
	for _, reading := range (form{text: []rune(name), from: make([]span, len([]rune(name)))}).withoutLosses() {
		for _, letter := range []string{"ä", "ö"} {
			spellings = append(spellings, strings.ReplaceAll(string(reading.text), string(lost), letter))
		}
	}
	return distinct(spellings)
}

// onlyASCII is what a program leaves of a word that drops all other letters: Mkinen.
func onlyASCII(word string) string {
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return -1
		}
		return r
	}, word)
}

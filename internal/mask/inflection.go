package mask

import (
	"strings"
	"unicode"

	"tampuuri-hillava/internal/finnish"
)

// Finnish bends names: "Salainen Asukas" is in a text as "Salaiselle Asukkaalle", "Matti" as "Matin". The rules here and in
// finnish.Stems are wider than the language: a word too many cut from a protected person's notice is a lesser harm than a
// name left in. Stems and endings are made of words without diacritics.

// stem is what case endings are added to.
type stem struct {
	letters []rune // with the name's diacritics
	word    string // the name's word of which it is
	alone   bool   // it is a word without an ending, too
	plural  bool   // only the plural's i and j follow
}

// stemsByPlain gives the stems of a name's word, each with its letters without diacritics.
func stemsByPlain(word string) map[string]stem {
	stems := map[string]stem{}
	whole := plain(word)
	for _, s := range finnish.Stems(whole) {
		if _, known := stems[s]; known {
			continue
		}
		stems[s] = stem{
			letters: lettersOf(s, whole, []rune(word)), word: word,
			alone:  s == whole || strings.HasSuffix(whole, "nen") && strings.HasSuffix(s, "s"), // colloquially, "Virtas Maija"
			plural: strings.HasSuffix(whole, "a") && strings.HasSuffix(s, "o"),                 // Ranta: Ranno-ille, but no ranno-n
		}
	}
	return stems
}

// lettersOf gives a stem the diacritics of its word for as long as the two are alike. After that its vowels may have dots or not.
func lettersOf(s, whole string, word []rune) []rune {
	letters, plainWord := []rune(s), []rune(whole)
	alike := true
	for i, r := range letters {
		alike = alike && i < len(plainWord) && plainWord[i] == r
		switch {
		case alike:
			letters[i] = word[i]
		case r == 'a', r == 'o':
			letters[i] = unicode.ToUpper(r)
		}
	}
	return letters
}

// caseEndings are the endings that may follow a stem, each also with a particle.
var caseEndings = func() map[string]bool {
	plain := strings.Fields(`n a ta ten tta ssa sta lla lta lle na ksi t s ja ia ita jen ien iden itten ille illa ilta issa
		ista ihin iksi ina in an en on un yn aan een iin oon uun yyn han hen hin hon hun hyn seen ni si nsa mme nne`)
	particles := []string{"", "kin", "kaan", "ko", "han", "nsa"}
	endings := map[string]bool{}
	for _, ending := range plain {
		for _, particle := range particles {
			endings[ending+particle] = true
		}
	}
	for _, particle := range particles {
		endings[particle] = true
	}
	return endings
}()

// longestEnding bounds the search for a stem, in letters.
const longestEnding = 9

// takes tells whether the ending can follow the stem. Vowels follow vowels, and a vowel before n is the stem's own: "koska" is
// no form of Koski, nor "katon" of Kati. A consonant stem takes the i of the plural only, a name that ends in a consonant
// whatever there is.
func (s stem) takes(ending string) bool {
	if ending == "" {
		return s.alone
	}
	if !caseEndings[ending] {
		return false
	}
	const vowels = "aeiouy"
	first, last := ending[:1], string(plainRune(unicode.ToLower(s.letters[len(s.letters)-1])))
	switch {
	case s.plural:
		return first == "i" || first == "j"
	case first == "i" || !strings.Contains(vowels, first):
		return true
	case !strings.Contains(vowels, last):
		return s.alone && string(s.letters) == s.word
	case ending == "en":
		return last == "e" || last == "i" // Koske-en, Koski-en
	case strings.HasPrefix(strings.TrimLeft(ending, first), "n") && !strings.HasPrefix(ending, "ansa"):
		return first == last // Salo-on
	}
	return true
}

package notice

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// companyWords make a name a company's, whose single words are common ones and stay in texts. Tmi is not among them: a
// sole trader is a person.
var companyWords = map[string]bool{
	"oy": true, "oyj": true, "ab": true, "abp": true, "ky": true, "ry": true, "rf": true, "as": true, "koy": true,
	"asunto": true, "bostads": true, "kiinteisto": true, "kiint": true, "taloyhtio": true, "isannointi": true,
	"osk": true, "osuuskunta": true, "saatio": true, "kaupunki": true, "kunta": true, "seurakunta": true,
}

// soleTrader are the words before a sole trader's own name.
var soleTrader = []string{"tmi", "toiminimi"}

// Name words of at least wordLength letters are cut out on their own; shorter ones, down to capitalLength, only where
// written with a capital, as most of them are common words too.
const (
	wordLength    = 4
	capitalLength = 3
)

// protectName adds a name: as it is, in other orders, written as one word and, of a person, word by word.
func (r *redactor) protectName(name string) {
	keys := keysOf(name)
	if len(keys) == 0 {
		return
	}
	if !isPersonal(keys) {
		r.add(sequence{keys: keys, reach: inText | inContact})
		return
	}
	r.addPersonal(keys)
	for _, part := range splitPeople(name) {
		r.addPersonal(slices.DeleteFunc(keysOf(part), func(key string) bool { return slices.Contains(soleTrader, key) }))
	}
	for _, word := range strings.Fields(clean(name)) {
		keys = append(keys, strings.Join(keysOf(word), "")) // O'Brien is written OBrien too
	}
	for _, key := range keys {
		if key == "" || slices.Contains(soleTrader, key) {
			continue
		}
		for _, stem := range stemsOf(key) {
			if !slices.Contains(r.stems[stem], key) {
				r.stems[stem] = append(r.stems[stem], key)
			}
		}
		if utf8.RuneCountInString(key) >= capitalLength {
			r.words[key] = true
		}
	}
}

// addPersonal adds one person's name in the orders in which names are written.
func (r *redactor) addPersonal(keys []string) {
	count := len(keys)
	switch count {
	case 0:
		return
	case 1:
		r.add(sequence{keys: keys, bends: true, reach: everywhere})
		return
	}
	const mostNames = 6 // a longer text is no name; its words are still found one by one
	orders := [][]string{keys}
	if count <= mostNames {
		for i := 1; i < count; i++ {
			orders = append(orders, slices.Concat(keys[i:], keys[:i]))
		}
		orders = append(orders, []string{keys[0], keys[count-1]}, []string{keys[count-1], keys[0]})
	}
	for _, order := range orders {
		r.add(sequence{keys: order, bends: true, reach: everywhere})
		r.add(sequence{keys: []string{strings.Join(order, "")}, reach: everywhere})
	}
}

// isPersonal tells whether a name looks like a person's: words only, none of them a company's.
func isPersonal(keys []string) bool {
	return !slices.ContainsFunc(keys, func(key string) bool {
		return companyWords[key] || strings.ContainsFunc(key, unicode.IsNumber)
	})
}

// splitPeople gives the names in a field with more than one, or with an addition in parentheses.
func splitPeople(name string) []string {
	for _, and := range []string{" ja ", " och ", " and "} {
		name = strings.ReplaceAll(clean(name), and, "/")
	}
	return strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("/,;&+()\n", r) })
}

// namesOf gives the protected name words of which key is a form.
func (r *redactor) namesOf(key string) []string {
	var names []string
	if slices.Contains(r.stems[key], key) {
		names = append(names, key)
	}
	for i := max(1, len(key)-longestEnding); i < len(key); i++ {
		if caseEndings[key[i:]] {
			names = append(names, r.stems[key[:i]]...)
		}
	}
	return names
}

// isNameWord tells whether the token is, in a free text, a protected name's word on its own.
func (r *redactor) isNameWord(t token, names []string) bool {
	return slices.ContainsFunc(append(names, t.key), func(name string) bool {
		return r.words[name] && (t.capital || utf8.RuneCountInString(name) >= wordLength)
	})
}

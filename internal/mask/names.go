package mask

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Name words of at least wordLength letters are cut out on their own. So are ones of shortLength, unless they are common
// words, and ones of capitalLength where written with a capital.
const (
	wordLength    = 4
	shortLength   = 3
	capitalLength = 2
)

// protectName adds all that a name field holds: names as they are, in other orders, written as one word, with an initial,
// and word by word; a company's name as a whole only, as its words are common ones.
func (r *Redactor) protectName(field string) {
	for _, phone := range phonesIn(field) {
		if len(phone.core) >= surePhone {
			r.protectPhone(phone)
		}
	}
	for _, word := range strings.Fields(field) {
		if isEmail(word) {
			r.protectEmails(word)
		}
	}
	if isNameless(field) {
		return
	}
	for _, spelling := range spellingsOf(field) {
		r.protectSpelling(spelling)
	}
}

func (r *Redactor) protectSpelling(field string) {
	people, companies := peopleIn(field)
	// The whole as it is written is nobody else's, and in texts whatever it is.
	r.add(keysOf(field), sequence{bends: len(companies) == 0, reach: inText | inContact})
	for _, company := range companies {
		isSite := slices.ContainsFunc(r.workSite, func(site []string) bool { return containsRun(site, plainKeys(company)) })
		if !isSite {
			r.add(company, sequence{reach: inText})
		}
	}
	var all []string
	for _, who := range people {
		all = append(all, who.words...)
		r.addPersonal(who.words)
		r.addPersonal(slices.DeleteFunc(slices.Clone(who.words), func(word string) bool { return utf8.RuneCountInString(word) == 1 }))
		for _, word := range slices.Concat(who.words, who.joined) {
			if !services[plain(word)] {
				r.addWord(word)
			}
		}
	}
	if len(people) > 1 {
		r.addPersonal(all)
	}
	for _, name := range namedTogether(people) {
		r.addPersonal(name)
	}
}

// addWord adds a word of a person's name, with its case forms.
func (r *Redactor) addWord(word string) {
	r.addStems(word)
	if utf8.RuneCountInString(word) >= capitalLength {
		r.words[word] = true
	}
	if ascii := onlyASCII(word); ascii != word && len(ascii) >= wordLength {
		r.addWord(ascii)
	}
}

func (r *Redactor) addStems(word string) {
	if r.known[word] {
		return
	}
	r.known[word] = true
	for letters, stem := range stemsByPlain(word) {
		r.stems[letters] = append(r.stems[letters], stem)
	}
}

// addPersonal adds one person's name in the orders in which names are written.
func (r *Redactor) addPersonal(words []string) {
	count := len(words)
	switch count {
	case 0:
		return
	case 1:
		r.add(words, sequence{bends: true, reach: everywhere})
		return
	}
	const mostNames = 6 // a longer text is no name; its words are still found one by one
	orders := [][]string{words}
	if count <= mostNames {
		for i := 1; i < count; i++ {
			orders = append(orders, slices.Concat(words[i:], words[:i]))
		}
		orders = append(orders, []string{words[0], words[count-1]}, []string{words[count-1], words[0]})
	}
	for _, order := range orders {
		r.add(order, sequence{bends: true, reach: everywhere})
		if count <= mostNames {
			r.addJoined(strings.Join(order, ""))
		}
	}
	if count > mostNames {
		r.addInitials(words[0], words[count-1])
		return
	}
	for i, first := range words { // which of them is the last name, and which first name is used, nobody tells
		for j, other := range words {
			if i != j {
				r.addJoined(first + other)
			}
			if i < j {
				r.addInitials(first, other)
			}
		}
	}
}

// addJoined adds words written as one, of which the last one carries the case ending.
func (r *Redactor) addJoined(word string) {
	r.add([]string{word}, sequence{bends: true, reach: everywhere})
}

// addInitials adds an initial written to the other name, as in e-mails: mvirtanen. A short name with a letter more or less
// is another word.
func (r *Redactor) addInitials(first, last string) {
	for _, name := range [][2]string{{first, last}, {last, first}} {
		const shortest = 5
		initial, _ := utf8.DecodeRuneInString(name[0])
		if utf8.RuneCountInString(name[1]) >= shortest {
			r.addJoined(string(initial) + name[1])
			r.addJoined(name[1] + string(initial))
		}
	}
}

// namesOf gives the protected name words of which a text's word is a form.
func (r *Redactor) namesOf(t token) []string {
	var names []string
	add := func(stems []stem, ending string) {
		for _, stem := range stems {
			start := t.key[:min(len(stem.letters), len(t.key))]
			if isWordOf(start, stem.letters) && stem.takes(ending) && !slices.Contains(names, stem.word) {
				names = append(names, stem.word)
			}
		}
	}
	if slices.Contains(t.key, lost) { // the letter is not known by which the stem is looked up
		for _, stems := range r.stems {
			if rest := len(t.key) - len(stems[0].letters); rest >= 0 && rest <= longestEnding {
				add(stems, strings.ReplaceAll(plainOf(t.key[len(t.key)-rest:]), string(lost), "a"))
			}
		}
		return names
	}
	end := len(t.plain)
	for i := range t.plain {
		if i > 0 && end-i <= longestEnding {
			add(r.stems[t.plain[:i]], t.plain[i:])
		}
	}
	add(r.stems[t.plain], "")
	return names
}

// isNameWord tells whether the token is, in a free text, a protected name's word on its own.
func (r *Redactor) isNameWord(t token, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		switch length := utf8.RuneCountInString(name); {
		case !r.words[name]:
			return false
		case length >= wordLength:
			return !isOtherWord(t.plain, name)
		case length < shortLength:
			return t.capital && !commonWords[plain(name)] && !commonWords[t.plain]
		case t.capital:
			return true
		default:
			return !commonWords[plain(name)] && !commonWords[t.plain] && isShortForm(t.plain, plain(name))
		}
	})
}

// isOtherWord tells whether a form of a name is also a common word, which it is where it stands alone.
func isOtherWord(form, name string) bool { return commonWords[form] && form != plain(name) }

// isShortForm tells whether a word in lower case can be a form of a short name. A name that ends in a consonant takes an i
// before its endings (Kim: Kimin), without which half of the language would be forms of Tan and Sam.
func isShortForm(key, name string) bool {
	ending, isPrefix := strings.CutPrefix(key, name)
	last := name[len(name)-1]
	return isPrefix && (ending == "" || ending[0] == 'i' || strings.IndexByte("aeiouy", last) >= 0)
}

// commonWords are words of every other notice that are also short names, or look like forms of them. Those of three
// letters are names where written with a capital, those of two never are, except beside the other name. Those of four look
// like colloquial stems.
var commonWords = setOf(strings.Fields(`oja iso ala yla yli ali ole oli olin eli ove ovi oven ovet ovea ovessa ovesta ovelle
	ovella ovelta oveen kai kun jos sen han pian akun akut isan suo maa puu kuu tie syy saa jaa paa tai tuo vie ota hae tee
	asu lue sun mun ilo ero iho von van alas ylos ulos kauas
	ei on ja se me te he jo ne ma ti ke to pe la su as oy ab ky ry nyt en et no voi`))

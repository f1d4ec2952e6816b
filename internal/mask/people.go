package mask

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// companyForms are the words that only an organisation's name has. Its other words are common ones and stay in texts.
// Tmi is not among them: a sole trader is a person.
var companyForms = setOf(strings.Fields(`oy oyj ab abp ky ry rf sr koy osk osuuskunta osuuskunnan saatio saation kaupunki kaupungin kunta kunnan
	seurakunta seurakunnan kuntayhtyma kuntayhtyman hyvinvointialue hyvinvointialueen valtio valtion osakeyhtio osakeyhtion yhdistys
	yhdistyksen liitto virasto asunnot kiinteistot vuokratalot kodit palvelut tilapalvelut bostadsaktiebolag aktiebolag ltd gmbh inc llc`))

// companyEndings end such words.
var companyEndings = strings.Fields(`saatio saation yhdistys yhdistyksen osuuskunta seurakunta kaupunki kuntayhtyma virasto asunnot kiinteistot`)

// companyWords stand beside organisations' names and beside people's, as in "Kiinteistö Matti Virtanen".
var companyWords = setOf(strings.Fields(`as asunto bostads kiinteisto kiint taloyhtio isannointi`))

// flatWords stand before or after a number, as in "2. krs" and "s. 1975".
var flatWords = setOf(strings.Fields(`huoneisto huon hto krs kerros kerr rapp lgh bst synt syntynyt
	hetu vuotta liiketila toimisto varasto autopaikka ap puh puhelin gsm tel matkapuh`))

// titles are nobody's names.
var titles = setOf(strings.Fields("hr hra rva perhe kuolinpesa kp"))

// places are flats that are last names too: flats only where they stand alone, or with a number or
// letter after a full name.
var places = setOf(strings.Fields("huolto rappu porras talo koti ovi"))

// streetEndings end the names of streets.
var streetEndings = strings.Fields(`katu tie polku kuja kaari raitti gatan vagen stigen granden`)

// soleTrader are the words before a sole trader's own name.
var soleTrader = []string{"tmi", "toiminimi"}

// person is one person's name in a name field.
type person struct {
	words  []string // in the order in which they are written
	joined []string // words with punctuation in them, as one: O'Brien is written OBrien too
}

// peopleIn gives the people in a name field and the organisations. Offices write flats, floors, years of birth, phones and
// companies beside names, so a field is a company's only where nothing else is in it.
func peopleIn(field string) (people []person, companies [][]string) {
	for i, piece := range namePieces(field) {
		name, company := splitCompany(piece)
		if len(company) > 0 {
			companies = append(companies, company)
		}
		if who := personIn(name, i == 0); len(who.words) > 0 {
			people = append(people, who)
		}
	}
	return people, companies
}

// partners part names within a field.
var partners = strings.NewReplacer(" ja ", "&", " och ", "&", " and ", "&", "+", "&", " - ", "/", " – ", "/", " — ", "/",
	"c/o", "/", "C/O", "/", "C/o", "/")

// namePieces cuts a name field where another name, a company, or an addition in parentheses begins. A company's name with
// "ja" or "&" in it stays whole, as "Virtanen & Pojat Oy".
func namePieces(field string) []string {
	field = strings.Join(slices.DeleteFunc(strings.Fields(Clean(field)), isEmail), " ")
	var pieces []string
	for _, part := range strings.FieldsFunc(partners.Replace(field), func(r rune) bool {
		return strings.ContainsRune("/,;()[]{}<>|:=\"\\\n", r)
	}) {
		people := strings.Split(part, "&")
		if last := keysOf(people[len(people)-1]); slices.ContainsFunc(last, isCompanyForm) &&
			!slices.ContainsFunc(people[:len(people)-1], func(name string) bool { return len(keysOf(name)) > 1 }) {
			people = []string{part}
		}
		pieces = append(pieces, people...)
	}
	return pieces
}

func isCompanyForm(key string) bool {
	key = plain(key)
	isEnding := func(ending string) bool { return strings.HasSuffix(key, ending) }
	return isIn(companyForms, key) || slices.ContainsFunc(companyEndings, isEnding)
}

func isCompanyWord(key string) bool { return isIn(companyWords, plain(key)) }

// isIn tells whether a set has the word, which has no diacritics, or umlauts that are written as digraphs.
func isIn(set map[string]bool, key string) bool { return set[key] || set[digraphs.Replace(key)] }

// splitCompany parts the person from the company in "Virtanen Matti As Oy Testipolku 4" and in "Testi Oy Matti Virtanen".
// Any other name with a company's form in it is the company's.
func splitCompany(piece string) (name string, company []string) {
	piece = Clean(piece)
	text, keys := []rune(piece), keysOf(piece)
	tokens := tokensOf(text)
	form := slices.IndexFunc(keys, isCompanyForm)
	if form < 0 {
		return piece, nil
	}
	const shortestName = 2 // words
	if form > shortestName && isCompanyWord(keys[form-1]) {
		return string(text[:tokens[form-1].start]), keys[form-1:]
	}
	place := func(key string) bool { return isNumber(key) || isCompanyForm(key) || isCompanyWord(key) }
	if after := keys[form+1:]; form > 0 && !isCompanyWord(keys[form-1]) && len(after) >= shortestName && !slices.ContainsFunc(after, place) {
		return string(text[tokens[form+1].start:]), keys[:form+1]
	}
	return "", keys
}

// personIn gives the person in a piece of a name field, without what is no name in it. first tells the field's first
// piece, in which a street's name is a person's.
func personIn(piece string, first bool) person {
	if isNameless(piece) {
		return person{}
	}
	keys := keysOf(piece)
	ofCompany := slices.ContainsFunc(keys, isCompanyWord)
	var names []token
	var who person
	var aside []string // words that are no names here, but nothing else is there
	for i, t := range tokensOf([]rune(piece)) {
		isAddress := (!first || ofCompany) && isStreet(t.plain) && i+1 < len(keys) && isNumber(keys[i+1])
		switch {
		case isNumber(t.plain), isCompanyWord(t.plain), slices.Contains(soleTrader, t.plain), isAddress:
		case isAside(keys, i, first, len(names)):
			aside = append(aside, string(t.key))
		default:
			names = append(names, t)
		}
	}
	for _, t := range withoutRole(names) {
		who.words = append(who.words, string(t.key))
	}
	if len(who.words) == 0 && first && !ofCompany {
		who.words = aside
	}
	for _, word := range strings.Fields(piece) {
		parts := keysOf(word)
		if len(parts) > 1 && !slices.ContainsFunc(parts, func(part string) bool { return !slices.Contains(who.words, part) }) {
			who.joined = append(who.joined, strings.Join(parts, ""))
		}
	}
	return who
}

// isAside tells whether a piece's word says something of the person, or of where she lives, after so many of her names.
func isAside(keys []string, i int, first bool, names int) bool {
	key, single := plain(keys[i]), utf8.RuneCountInString(keys[i]) == 1
	besideNumber := i > 0 && isNumber(keys[i-1]) || i+1 < len(keys) && isNumber(keys[i+1])
	afterLetter := i > 0 && utf8.RuneCountInString(keys[i-1]) == 1 // "A-rappu"
	const fullName = 2
	switch {
	case titles[key], !first && isIn(roleWords, key), besideNumber && (single || flatWords[key]):
		return true
	case places[key]:
		return !first && len(keys) == 1 || names >= fullName && (besideNumber || afterLetter)
	}
	return false
}

func isNumber(key string) bool { return strings.ContainsFunc(key, unicode.IsNumber) }

func isStreet(key string) bool {
	return slices.ContainsFunc(streetEndings, func(ending string) bool { return strings.HasSuffix(plain(key), ending) })
}

// namedTogether gives the full names that people share words of: "Virtanen, Matti" is one person's name in two pieces, and
// "Matti ja Maija Virtanen" have one last name.
func namedTogether(people []person) [][]string {
	const most = 6 // a field with more pieces is a list of people, who have names of their own
	if len(people) > most {
		return nil
	}
	var names [][]string
	for i, a := range people {
		for j, b := range people {
			if i == j || len(a.words) != 1 {
				continue
			}
			for _, other := range []string{b.words[0], b.words[len(b.words)-1]} {
				names = append(names, []string{a.words[0], other})
			}
		}
	}
	return names
}

// nameKeys are the names that tell a person in another role, each without case, spacing, punctuation, diacritics and order,
// and without what offices write beside a name. Whoever stands in parentheses or after c/o is somebody else.
func nameKeys(name string) []string {
	if isNameless(name) {
		return nil
	}
	own := Clean(name)
	if label, rest, found := strings.Cut(own, ":"); found && isNameless(label) && !slices.ContainsFunc(plainKeys(keysOf(label)), func(key string) bool { return services[key] }) {
		own = rest // "Maksaja: Matti Virtanen"; of "Huolto: Matti Virtanen" the company is meant
	}
	if end := strings.IndexAny(own, "([{<:"); end >= 0 {
		own = own[:end]
	}
	for _, careOf := range []string{"c/o", "C/O", "C/o"} {
		own, _, _ = strings.Cut(own, careOf)
	}
	people, _ := peopleIn(own)
	names := [][]string{keysOf(name)}
	var all []string
	for _, who := range people {
		if len(people) == 1 || len(who.words) > 1 {
			names = append(names, who.words)
		}
		all = append(all, who.words...)
	}
	names = append(append(names, all), namedTogether(people)...)
	var keys []string
	for _, words := range names {
		if len(words) > 0 {
			keys = append(keys, digraphs.Replace(nameKey(words)))
		}
	}
	return keys
}

func nameKey(words []string) string {
	return strings.Join(slices.Sorted(slices.Values(plainKeys(words))), " ")
}

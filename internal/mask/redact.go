package mask

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// reach says in which texts a piece of a protected person's data is cut out.
type reach uint8

// The reaches, each wider than the next.
const (
	inText     reach = 1 << iota // free texts: title, description, additional text, access, pets
	inContact                    // another person's contact line: not single name words, as relatives share them
	inSite                       // a company's property: not addresses or company names, as the worker needs the work site
	inSpace                      // space or other property: as inSite, and a person's single name words, which a door sign has
	everywhere = inText | inContact | inSite | inSpace
)

// span is a range of runes in a text.
type span struct{ start, end int }

// sequence is a run of tokens to be cut out, whatever stands between them.
type sequence struct {
	keys   [][]rune
	bends  bool // a name: each word may carry a case ending
	street bool // a street without its number: not where a number follows, which is another house's
	local  int  // of an e-mail: how many keys stand before its @
	reach  reach
}

// Redactor cuts the data of protected people out of texts. It finds names in any case, spacing and order of first and
// last name, bent as Finnish does, and the single words of a person's name; numbers with anything but letters between
// their digits, with +358, 00358 or 0; e-mails; and street addresses other than the work site's: each also where a text is
// encoded or has markup in it, see formsOf.
type Redactor struct {
	sequences map[string][]sequence // by first key, without diacritics
	known     map[string]bool       // sequences that are in already, as fields may repeat a name many times
	stems     map[string][]stem     // by their letters without diacritics
	words     map[string]bool       // name words that are cut out on their own
	phones    []phoneNumber
	emails    []string   // folded
	workSite  [][]string // addresses that stay, as words without diacritics
	protects  bool       // anybody at all
	overlong  bool       // somebody with more data than can be searched for
}

func newRedactor(workSite []string) *Redactor {
	r := &Redactor{
		sequences: map[string][]sequence{}, known: map[string]bool{}, stems: map[string][]stem{}, words: map[string]bool{},
	}
	for _, place := range workSite {
		if tooLong(place, fieldLimit) {
			continue
		}
		if keys := keysOf(place); len(keys) > 0 {
			r.workSite = append(r.workSite, plainKeys(keys))
		}
	}
	return r
}

// protect adds everything of one person, in each form of the field that holds it.
func (r *Redactor) protect(p Person) {
	r.protects = true
	if p.overlong() {
		r.overlong = true
		return
	}
	for _, name := range textsOf(p.Name) {
		r.protectName(name)
	}
	for _, phone := range slices.Concat(textsOf(p.Phone), textsOf(p.Phone2)) {
		for _, number := range phonesIn(phone) {
			r.protectPhone(number)
		}
	}
	r.protectEmails(p.Email)
	for _, street := range textsOf(p.Street) {
		r.protectStreet(street)
	}
	for _, city := range textsOf(p.PostalCode + " " + p.City) {
		r.protectPlace(keysOf(city))
	}
}

// distinct drops repeated values, of which a field may hold any number.
func distinct(values []string) []string {
	slices.Sort(values)
	return slices.Compact(values)
}

func (r *Redactor) protectPhone(phone phoneNumber) {
	if len(phone.core) >= longPhone {
		r.phones = append(r.phones, phone)
		return
	}
	const shortest, grouped = 3, 4 // below three every house number would be one; from four on people write "12 345"
	if len(phone.core) < shortest {
		return
	}
	for _, number := range []string{phone.core, "0" + phone.core} {
		r.add([]string{number}, sequence{reach: inText | inContact})
		for cut := 2; cut <= len(number)-2 && len(phone.core) >= grouped; cut++ {
			r.add([]string{number[:cut], number[cut:]}, sequence{reach: inText | inContact})
		}
	}
}

// add adds a sequence of those keys.
func (r *Redactor) add(keys []string, s sequence) {
	// Where all of a longer text occurs its beginning does, and the search stays linear.
	const longest = 12
	keys = keys[:min(longest, len(keys))]
	id := fmt.Sprint(keys, s)
	if len(keys) == 0 || r.known[id] {
		return
	}
	r.known[id] = true
	for _, key := range keys {
		s.keys = append(s.keys, []rune(key))
		if s.bends {
			r.addStems(key)
		}
	}
	first := plain(keys[0])
	r.sequences[first] = append(r.sequences[first], s)
}

func isCompany(s string) bool {
	return slices.ContainsFunc(keysOf(s), func(key string) bool { return isCompanyForm(key) || plain(key) == "taloyhtio" })
}

func placeOf(s, kept string) string {
	if strings.Contains(kept, Mark) && kept != Clean(s) && len(keysOf(strings.ReplaceAll(kept, Mark, ""))) == 0 {
		return ""
	}
	return kept
}

// cut is the text in Clean's form without what is found in any of its forms.
func (r *Redactor) cut(s string, where reach) string {
	if s == "" || !r.protects {
		return Clean(s)
	}
	if !r.searches(s) {
		return Mark
	}
	forms, complete := formsOf(s)
	if !complete {
		return Mark
	}
	var spans []span
	for _, f := range forms {
		for _, reading := range append(f.withoutLosses(), f) {
			for _, found := range r.search(reading.text, where) {
				spans = append(spans, reading.source(found))
			}
		}
	}
	return Clean(replace([]rune(s), spans))
}

// searches tells whether a text can be searched; see textLimit.
func (r *Redactor) searches(s string) bool {
	return r.protects && !r.overlong && !tooLong(s, textLimit)
}

// search finds all protected data in one form of a text.
func (r *Redactor) search(text []rune, where reach) []span {
	tokens := tokensOf(text)
	spans := r.nameSpans(tokens, where)
	if whole, broken := joinBroken(text, tokens); broken {
		spans = append(spans, r.nameSpans(whole, where)...)
	}
	for _, s := range slices.Concat(phoneSpans(text, r.phones), emailSpans(text, r.emails)) {
		spans = append(spans, wholeTokens(s, tokens))
	}
	return spans
}

// nameSpans finds name words and sequences.
func (r *Redactor) nameSpans(tokens []token, where reach) []span {
	names := make([][]string, len(tokens))
	for i, t := range tokens {
		names[i] = r.namesOf(t)
	}
	var spans []span
	for i, t := range tokens {
		if where&(inText|inSpace) != 0 && r.isNameWord(t, names[i]) {
			spans = append(spans, t.span)
		}
		starts := []string{t.plain}
		for _, name := range names[i] {
			if first := plain(name); !slices.Contains(starts, first) {
				starts = append(starts, first)
			}
		}
		for _, first := range starts {
			for _, seq := range r.sequences[first] {
				if seq.reach&where == 0 {
					continue
				}
				if count := seq.matches(tokens[i:], names[i:]); count > 0 {
					spans = append(spans, span{t.start, tokens[i+count-1].end})
				}
			}
		}
	}
	return spans
}

// joinBroken joins the words that a hyphen breaks at a line's end, of which a title has only the space, and the letters of a
// word that is written l e t t e r by letter.
func joinBroken(text []rune, tokens []token) (whole []token, broken bool) {
	isLetter := func(t token) bool { return len(t.key) == 1 && unicode.IsLetter(t.key[0]) }
	isSpaced := func(x, y token) bool { return y.start == x.end+1 && isLetter(x) && isLetter(y) }
	for i, t := range tokens {
		if last := len(whole) - 1; last >= 0 && len(whole[last].key) < fieldLimit && (isSpaced(tokens[i-1], t) || isBreak(text[whole[last].end:t.start])) {
			whole[last].key = slices.Concat(whole[last].key, t.key)
			whole[last].plain += t.plain
			whole[last].end = t.end
			broken = true
			continue
		}
		whole = append(whole, t)
	}
	return whole, broken
}

func isBreak(gap []rune) bool {
	const shortest = 2 // a hyphen and a space
	return len(gap) >= shortest && strings.ContainsRune("-‐¬", gap[0]) && strings.TrimSpace(string(gap[1:])) == "" &&
		unicode.IsSpace(gap[1])
}

// wholeTokens widens a span to the tokens at its ends: what is left of a word that was cut in two could be a name.
func wholeTokens(s span, tokens []token) span {
	ends := func(t token, at int) int { return t.end - at - 1 }
	first, _ := slices.BinarySearchFunc(tokens, s.start, ends)
	last, _ := slices.BinarySearchFunc(tokens, s.end-1, ends)
	if first < len(tokens) {
		s.start = min(s.start, tokens[first].start)
	}
	if last < len(tokens) && tokens[last].start < s.end {
		s.end = tokens[last].end
	}
	return s
}

// matches tells how many tokens the sequence takes at the start of tokens, 0 when it is not there.
func (s sequence) matches(tokens []token, names [][]string) int {
	if len(s.keys) == 1 && isOtherWord(tokens[0].plain, string(s.keys[0])) {
		return 0
	}
	at := 0
	for i, key := range s.keys {
		if s.local > 0 && i > 0 {
			at += mailGap(tokens[at:], key, i == s.local)
		}
		if at >= len(tokens) || !isWordOf(tokens[at].key, key) && !(s.bends && slices.Contains(names[at], string(key))) {
			return 0
		}
		at++
	}
	if s.street && isHouseNumber(tokens[at-1:]) {
		return 0
	}
	return at
}

// isHouseNumber tells whether the number of a house follows the first token: not a postal code's or a phone's.
func isHouseNumber(tokens []token) bool {
	const postalCode, phoneGap = 5, 3 // digits, characters
	if len(tokens) == 1 || tokens[1].start-tokens[0].end > 1 || !isNumber(tokens[1].plain) {
		return false
	}
	digits := tokens[1].plain
	ofPhone := len(tokens) > 2 && isNumber(tokens[2].plain) && tokens[2].start-tokens[1].end <= phoneGap
	return len(digits) < postalCode && digits[0] != '0' && !ofPhone
}

// replace puts one mark in place of each span; spans that overlap, touch, or are parted by spaces or hyphens share one.
func replace(text []rune, spans []span) string {
	slices.SortFunc(spans, func(a, b span) int { return a.start - b.start })
	var out strings.Builder
	end := 0
	for i, s := range spans {
		if s.end <= end {
			continue
		}
		gap := text[min(end, s.start):s.start]
		if i == 0 || !isJoint(gap) {
			out.WriteString(string(gap))
			out.WriteString(Mark)
		}
		end = s.end
	}
	out.WriteString(string(text[end:]))
	return out.String()
}

func isJoint(gap []rune) bool {
	for i := range gap {
		if r := cleanRune(gap, i); r >= 0 && r != ' ' && r != '-' {
			return false
		}
	}
	return true
}

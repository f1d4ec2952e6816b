package mask

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
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

// token is one word or one number of a text.
type token struct {
	span
	key     string // folded: compatibility form, no diacritics, no case
	capital bool
	tag     bool // a plus stands before it, as before an e-mail's tag
}

// sequence is a run of tokens to be cut out, whatever stands between them.
type sequence struct {
	keys  []string
	bends bool // a person's name: each word may carry a case ending
	local int  // of an e-mail: how many keys stand before its @
	reach reach
}

// Redactor cuts the data of protected people out of texts. It finds names in any case, spacing and order of first and
// last name, bent as Finnish does, and the single words of a person's name; numbers with anything but letters between
// their digits, with +358, 00358 or 0; e-mails; and street addresses other than the work site's.
type Redactor struct {
	sequences map[string][]sequence // by first key
	known     map[string]bool       // sequences that are in already, as fields may repeat a name many times
	stems     map[string][]string   // stem → the name words that have it
	words     map[string]bool       // name words that are cut out on their own
	phones    []phoneNumber
	emails    []string   // folded
	workSite  [][]string // addresses that stay, as token keys
	protects  bool       // anybody at all
	overlong  bool       // somebody with more data than can be searched for
}

func newRedactor(workSite []string) *Redactor {
	r := &Redactor{
		sequences: map[string][]sequence{}, known: map[string]bool{}, stems: map[string][]string{}, words: map[string]bool{},
	}
	for _, place := range workSite {
		if tooLong(place, fieldLimit) {
			continue
		}
		if keys := keysOf(place); len(keys) > 0 {
			r.workSite = append(r.workSite, keys)
		}
	}
	return r
}

// protect adds everything of one person.
func (r *Redactor) protect(p Person) {
	r.protects = true
	if p.overlong() {
		r.overlong = true
		return
	}
	r.protectName(p.Name)
	for _, phone := range append(phonesIn(p.Phone), phonesIn(p.Phone2)...) {
		r.protectPhone(phone)
	}
	r.protectEmails(p.Email)
	r.protectAddress(p)
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
		r.add(sequence{keys: []string{number}, reach: inText | inContact})
		for cut := 2; cut <= len(number)-2 && len(phone.core) >= grouped; cut++ {
			r.add(sequence{keys: []string{number[:cut], number[cut:]}, reach: inText | inContact})
		}
	}
}

// protectAddress adds the street with and without the flat, and postal code with city; what is the work site stays.
func (r *Redactor) protectAddress(p Person) {
	street := keysOf(p.Street)
	for _, keys := range [][]string{street, baseOf(street), append(keysOf(p.PostalCode), keysOf(p.City)...)} {
		isSite := slices.ContainsFunc(r.workSite, func(site []string) bool { return containsRun(site, keys) })
		const shortest = 4 // characters; anything shorter is no address
		if !isSite && len(strings.Join(keys, " ")) >= shortest {
			r.add(sequence{keys: keys, reach: inText | inContact})
		}
	}
}

// baseOf is the street with its house number, without stair and flat.
func baseOf(street []string) []string {
	for i, key := range street {
		if i > 0 && key[0] >= '0' && key[0] <= '9' {
			return street[:i+1]
		}
	}
	return nil
}

func containsRun(all, run []string) bool {
	for i := range all {
		if len(run) > 0 && len(all)-i >= len(run) && slices.Equal(all[i:i+len(run)], run) {
			return true
		}
	}
	return false
}

func (r *Redactor) add(s sequence) {
	// Where all of a longer text occurs its beginning does, and the search stays linear.
	const longest = 12
	s.keys = s.keys[:min(longest, len(s.keys))]
	id := fmt.Sprint(s)
	if len(s.keys) == 0 || r.known[id] {
		return
	}
	r.known[id] = true
	r.sequences[s.keys[0]] = append(r.sequences[s.keys[0]], s)
}

func isCompany(s string) bool {
	return slices.ContainsFunc(keysOf(s), func(key string) bool { return isCompanyForm(key) || key == "taloyhtio" })
}

func placeOf(s, kept string) string {
	if kept != s && len(keysOf(strings.ReplaceAll(kept, Mark, ""))) == 0 {
		return ""
	}
	return kept
}

func (r *Redactor) cut(s string, where reach) string {
	if s == "" || !r.protects {
		return s
	}
	if !r.searches(s) {
		return Mark
	}
	text := []rune(readable(s))
	tokens := tokensOf(text)
	spans := r.nameSpans(tokens, where)
	if whole, broken := joinBroken(text, tokens); broken {
		spans = append(spans, r.nameSpans(whole, where)...)
	}
	for _, s := range slices.Concat(phoneSpans(text, r.phones), emailSpans(text, r.emails)) {
		spans = append(spans, wholeTokens(s, tokens))
	}
	return replace(text, spans)
}

// readable is a clean text with its HTML entities decoded, in clean form and in as many lines as before.
func readable(s string) string {
	plain := unescaped(s)
	switch {
	case plain == s:
		return s
	case strings.Contains(s, "\n"):
		return Clean(plain)
	}
	return SingleLine(plain)
}

// searches tells whether a text can be searched; see textLimit.
func (r *Redactor) searches(s string) bool {
	return r.protects && !r.overlong && !tooLong(s, textLimit)
}

// nameSpans finds name words and sequences.
func (r *Redactor) nameSpans(tokens []token, where reach) []span {
	names := make([][]string, len(tokens))
	for i, t := range tokens {
		names[i] = r.namesOf(t.key)
	}
	var spans []span
	for i, t := range tokens {
		if where&(inText|inSpace) != 0 && r.isNameWord(t, names[i]) {
			spans = append(spans, t.span)
		}
		starts := names[i]
		if !slices.Contains(starts, t.key) {
			starts = append(slices.Clone(starts), t.key)
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

// joinBroken joins the words that a hyphen breaks at a line's end, of which a title has only the space.
func joinBroken(text []rune, tokens []token) (whole []token, broken bool) {
	for _, t := range tokens {
		if last := len(whole) - 1; last >= 0 && isBreak(text[whole[last].end:t.start]) {
			whole[last].key += t.key
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
	first, _ := slices.BinarySearchFunc(tokens, s.start, func(t token, at int) int { return t.end - at - 1 })
	last, _ := slices.BinarySearchFunc(tokens, s.end-1, func(t token, at int) int { return t.end - at - 1 })
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
	at := 0
	for i, key := range s.keys {
		if s.local > 0 && i > 0 {
			at += mailGap(tokens[at:], key, i == s.local)
		}
		if at >= len(tokens) || tokens[at].key != key && !(s.bends && slices.Contains(names[at], key)) {
			return 0
		}
		at++
	}
	return at
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
		if i == 0 || strings.Trim(string(gap), " -") != "" {
			out.WriteString(string(gap))
			out.WriteString(Mark)
		}
		end = s.end
	}
	out.WriteString(string(text[end:]))
	return out.String()
}

// tokensOf splits a text into words and numbers; digits end a word, as in "Testipolku4".
func tokensOf(text []rune) []token {
	var tokens []token
	fold := cases.Fold()
	for i := 0; i < len(text); {
		kind := kindOf(text[i])
		end := i + 1
		for end < len(text) && kindOf(text[end]) == kind {
			end++
		}
		if kind != separator {
			word := fold.String(dropMarks(string(text[i:end])))
			if word != "" {
				tokens = append(tokens, token{
					span: span{i, end}, key: word, capital: unicode.IsUpper(text[i]), tag: i > 0 && text[i-1] == '+',
				})
			}
		}
		i = end
	}
	return tokens
}

func keysOf(s string) []string {
	var keys []string
	for _, t := range tokensOf([]rune(Clean(s))) {
		keys = append(keys, t.key)
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
	case isApostrophe(r):
		return separator
	case unicode.IsLetter(r), unicode.IsMark(r):
		return letter
	case unicode.IsNumber(r):
		return number
	}
	return separator
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

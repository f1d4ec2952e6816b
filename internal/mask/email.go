package mask

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// spelledAt and spelledDot are what people and web forms write in an e-mail to keep it from machines.
var (
	spelledAt  = regexp.MustCompile(`(?i)\s*[(\[{<]\s*(?:at|a|ät|et)\s*[)\]}>]\s*|\s*(?:miukumauku|miuku mauku)\s*`)
	spelledDot = regexp.MustCompile(`(?i)\s*[(\[{<]\s*(?:dot|piste|punkt)\s*[)\]}>]\s*|\s+(?:dot|piste|punkt)\s+`)
)

// mailFillers are the words that stand for @ and the dots of an e-mail in a text, without diacritics.
var mailFillers = setOf(strings.Fields("at a et dot piste punkt miukumauku miuku mauku snabela"))

// mailGap tells how many tokens stand before key for the @ or a dot of an e-mail. Before its domain there may be a tag, as
// in name+tag@example.com.
func mailGap(tokens []token, key []rune, beforeDomain bool) int {
	const longestGap = 4
	tagged := beforeDomain && len(tokens) > 0 && tokens[0].tag
	for gap := range min(longestGap+1, len(tokens)) {
		if isWordOf(tokens[gap].key, key) {
			return gap
		}
		if !tagged && !mailFillers[tokens[gap].plain] {
			break
		}
	}
	return 0
}

func isEmail(word string) bool {
	_, domain, found := strings.Cut(word, "@")
	return found && strings.Contains(domain, ".")
}

// emailsIn gives every e-mail of a field, in lower case. The field may also hold words and spell the e-mail out: "mailto:", "koti:",
// "(at)".
func emailsIn(field string) []string {
	var emails []string
	for _, text := range textsOf(field) {
		spelledOut := spelledDot.ReplaceAllString(spelledAt.ReplaceAllString(strings.ToLower(text), "@"), ".")
		for _, piece := range slices.Concat(EmailKeys(spelledOut), EmailKeys(text)) {
			emails = append(append(emails, piece), strings.FieldsFunc(piece, func(r rune) bool { return strings.ContainsRune(":=\"'?&/\\[]{}*", r) })...)
		}
	}
	return distinct(slices.DeleteFunc(emails, func(email string) bool { return !strings.Contains(email, "@") }))
}

// displayName is what stands before an e-mail in angle brackets.
var displayName = regexp.MustCompile(`^\s*"?([^"<@]+?)"?\s*<[^<]*@`)

// protectEmails adds the e-mails of a field, and the name of whose they are.
func (r *Redactor) protectEmails(field string) {
	for _, email := range emailsIn(field) {
		r.protectEmail(email)
		if local, domain, found := strings.Cut(email, "@"); found {
			if untagged, _, tagged := strings.Cut(local, "+"); tagged && untagged != "" {
				r.protectEmail(untagged + "@" + domain)
			}
		}
	}
	if name := displayName.FindStringSubmatch(Clean(field)); name != nil {
		r.protectName(name[1])
	}
}

func (r *Redactor) protectEmail(email string) {
	keys := keysOf(email)
	if len(keys) == 0 {
		return
	}
	r.add(keys, sequence{local: len(keysOf(email[:strings.LastIndex(email, "@")])), reach: everywhere})
	r.emails = append(r.emails, foldRunes([]rune(email)))
}

// emailSpans finds e-mails as they are written, also inside a longer word.
func emailSpans(text []rune, emails []string) []span {
	if len(emails) == 0 {
		return nil
	}
	var spans []span
	folded := foldRunes(text)
	for _, email := range emails {
		end := 0 // runes of text that are searched
		before, rest, found := strings.Cut(folded, email)
		for ; found; before, rest, found = strings.Cut(rest, email) {
			start := end + utf8.RuneCountInString(before)
			end = start + utf8.RuneCountInString(email)
			spans = append(spans, span{start, end})
		}
	}
	return spans
}

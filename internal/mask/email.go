package mask

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// spelledAt and spelledDot are what people and web forms write in an e-mail to keep it from machines.
var (
	spelledAt  = regexp.MustCompile(`(?i)\s*[(\[{<]\s*(?:at|a|ät|et)\s*[)\]}>]\s*|\s*(?:miukumauku|miuku mauku)\s*|%40`)
	spelledDot = regexp.MustCompile(`(?i)\s*[(\[{<]\s*(?:dot|piste|punkt)\s*[)\]}>]\s*|\s+(?:dot|piste|punkt)\s+`)
)

// mailFillers are the words that stand for @ and the dots of an e-mail in a text, as they are folded; 40 and 64 are from
// "%40" and "&#64;".
var mailFillers = setOf(strings.Fields("at a et dot piste punkt miukumauku miuku mauku snabela commat period 40 x 64"))

// mailGap tells how many tokens stand before key for the @ or a dot of an e-mail. Before its domain there may be a tag, as
// in name+tag@example.com.
func mailGap(tokens []token, key string, beforeDomain bool) int {
	const longestGap = 4
	tagged := beforeDomain && len(tokens) > 0 && tokens[0].tag
	for gap := range min(longestGap+1, len(tokens)) {
		if tokens[gap].key == key {
			return gap
		}
		if !tagged && !mailFillers[tokens[gap].key] {
			break
		}
	}
	return 0
}

func isEmail(word string) bool {
	_, domain, found := strings.Cut(word, "@")
	return found && strings.Contains(domain, ".")
}

// emailsIn gives every e-mail of a field, which may also hold words and spell the e-mail out: "mailto:", "koti:", "(at)".
func emailsIn(field string) []string {
	return slices.DeleteFunc(emailPieces(field), func(piece string) bool { return !strings.Contains(piece, "@") })
}

// emailPieces are a field's e-mails and its other words, in lower case.
func emailPieces(field string) []string {
	plain := strings.ToLower(Clean(unescaped(Clean(field))))
	plain = spelledDot.ReplaceAllString(spelledAt.ReplaceAllString(plain, "@"), ".")
	var pieces []string
	for _, piece := range append(EmailKeys(plain), EmailKeys(field)...) {
		parts := strings.FieldsFunc(piece, func(r rune) bool { return strings.ContainsRune(":=\"'?&/\\[]{}*", r) })
		isMail := func(part string) bool { return strings.Contains(part, "@") }
		if slices.ContainsFunc(parts, isMail) { // the others are labels
			parts = slices.DeleteFunc(parts, func(part string) bool { return !isMail(part) })
		}
		if !strings.HasSuffix(piece, ":") { // else a label, too
			pieces = append(pieces, append(parts, piece)...)
		}
	}
	return distinct(pieces)
}

// protectEmails adds the e-mails of a field.
func (r *Redactor) protectEmails(field string) {
	for _, piece := range emailPieces(field) {
		r.protectEmail(piece)
		if local, domain, found := strings.Cut(piece, "@"); found {
			if untagged, _, tagged := strings.Cut(local, "+"); tagged && untagged != "" {
				r.protectEmail(untagged + "@" + domain)
			}
		}
	}
}

func (r *Redactor) protectEmail(email string) {
	keys := keysOf(email)
	at := strings.LastIndex(email, "@")
	const shortest = 5 // letters of what is no e-mail; fewer only fill the field, like "-" or "ei ole"
	switch {
	case at < 0 && utf8.RuneCountInString(email) < shortest:
		return
	case at < 0: // no e-mail, but somebody wrote it there
		r.add(sequence{keys: keys, reach: inText | inContact})
		return
	}
	r.add(sequence{keys: keys, local: len(keysOf(email[:at])), reach: everywhere})
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
		from, runes := 0, 0 // bytes of folded and runes of text that are searched
		for {
			i := strings.Index(folded[from:], email)
			if i < 0 {
				break
			}
			start := runes + utf8.RuneCountInString(folded[from:from+i])
			runes = start + utf8.RuneCountInString(email)
			spans = append(spans, span{start, runes})
			from += i + len(email)
		}
	}
	return spans
}

package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// textStart begins every marker made of letters, phoneStart every phone number without its prefix, so that a place that
// holds none of them is known to be clean after a few searches.
const (
	textStart  = "kanarix"
	phoneStart = "405550"
)

// canary is one unique text in one personal field. core is the part of it that a search looks for: letters, or the
// digits of a phone number.
type canary struct {
	notice, field string
	core          string
	protected     bool // of a person under turvakielto
	phone         bool
	secret        bool // a credential of ours
}

// canaries are all markers that have been given out.
type canaries struct{ all []canary }

// unique gives so many letters or digits that follow from notice and field alone.
func unique(notice, field, alphabet string, length int) string {
	sum := sha256.Sum256([]byte(notice + "/" + field))
	var text strings.Builder
	for i := range length {
		text.WriteByte(alphabet[int(sum[i])%len(alphabet)])
	}
	return text.String()
}

const letters = "abcdefghijklmnopqrstuvwxyz"

// word gives out a marker for a text; it ends in a letter that encodings treat differently.
func (c *canaries) word(notice, field string, protected bool) string {
	core := textStart + unique(notice, field, letters, 10)
	c.all = append(c.all, canary{notice: notice, field: field, core: core, protected: protected})
	return strings.ToUpper(core[:1]) + core[1:] + "ä"
}

// mail gives out a marker for an e-mail address.
func (c *canaries) mail(notice, field string, protected bool) string {
	core := textStart + unique(notice, field, letters, 10)
	c.all = append(c.all, canary{notice: notice, field: field, core: core, protected: protected})
	return core + "@example.com"
}

// phoneNumber gives out a marker for a phone number, written with spaces.
func (c *canaries) phoneNumber(notice, field string, protected bool) string {
	digits := unique(notice, field, "123456789", 6)
	c.all = append(c.all, canary{notice: notice, field: field, core: phoneStart + digits, protected: protected, phone: true})
	return "+358 40 5550 " + digits[:3] + " " + digits[3:]
}

// person gives the fields of one role of a notice.
func (c *canaries) person(notice, name, genitive string, protected bool) map[string]any {
	return map[string]any{
		name:                          c.word(notice, name+" first name", protected) + " " + c.word(notice, name+" last name", protected),
		genitive + "Katuosoite":       c.word(notice, genitive+"Katuosoite", protected) + "katu 7 B 14",
		genitive + "Postinumero":      c.word(notice, genitive+"Postinumero", protected),
		genitive + "Postitoimipaikka": c.word(notice, genitive+"Postitoimipaikka", protected),
		genitive + "Puhelin":          c.phoneNumber(notice, genitive+"Puhelin", protected),
		genitive + "Puhelin2":         c.phoneNumber(notice, genitive+"Puhelin2", protected),
		genitive + "Sähköposti":       c.mail(notice, genitive+"Sähköposti", protected),
	}
}

// everything is the fields' values in one text, for a peer that echoes what it was sent.
func everything(fields map[string]any) string {
	var text strings.Builder
	for name, value := range fields {
		if value, ok := value.(string); ok {
			fmt.Fprintf(&text, "%s: %s\n", name, value)
		}
	}
	return text.String()
}

// finding is one marker in one place where it must not be.
type finding struct {
	place, form string
	canary
}

func (f finding) String() string {
	return fmt.Sprintf("%s holds %s of notice %q, %s", f.place, f.field, f.notice, f.form)
}

// search looks for the markers that pick chooses, in every form in which they could stand in content.
func (c *canaries) search(place string, content []byte, pick func(canary) bool) []finding {
	var found []finding
	lower := bytes.ToLower(content)
	digits := withoutSpacing(content)
	texts, phones := holdsForm(content, lower, textStart), holdsForm(digits, digits, phoneStart) || holdsForm(content, lower, phoneStart)
	for _, one := range c.all {
		if !pick(one) || one.phone && !phones || !one.phone && !one.secret && !texts {
			continue
		}
		form := formIn(content, lower, one.core)
		if form == "" && one.phone && bytes.Contains(digits, []byte(one.core)) {
			form = "as digits"
		}
		if form != "" {
			found = append(found, finding{place, form, one})
		}
	}
	return found
}

// formIn names the form in which a core is in content; lower is content in lower case, which covers every case of the
// plain, URL-encoded and JSON-escaped forms, as cores are ASCII letters and digits.
func formIn(content, lower []byte, core string) string {
	if bytes.Contains(lower, []byte(strings.ToLower(core))) {
		return "plain"
	}
	for _, spelt := range []string{core, strings.ToLower(core), strings.ToUpper(core), strings.ToUpper(core[:1]) + core[1:]} {
		if bytes.Contains(lower, []byte(hex.EncodeToString([]byte(spelt)))) {
			return "as hex"
		}
		for _, part := range base64Parts(spelt) {
			if bytes.Contains(content, []byte(part)) {
				return "as base64"
			}
		}
		if bytes.Contains(lower, []byte(percentEncoded(spelt))) {
			return "percent-encoded"
		}
	}
	return ""
}

func holdsForm(content, lower []byte, start string) bool { return formIn(content, lower, start) != "" }

// base64Parts are the characters that a text has in base64 wherever it begins: at each of the three alignments, without
// those that depend on what stands before and after.
func base64Parts(text string) []string {
	var parts []string
	for before := range 3 {
		encoded := base64.StdEncoding.EncodeToString(append(make([]byte, before), text...))
		first, last := (before*8+5)/6, (before+len(text))*8/6
		parts = append(parts, encoded[first:last])
	}
	return parts
}

// percentEncoded is a text with each byte escaped, in lower case.
func percentEncoded(text string) string {
	var encoded strings.Builder
	for _, b := range []byte(text) {
		fmt.Fprintf(&encoded, "%%%02x", b)
	}
	return encoded.String()
}

// withoutSpacing leaves out what people write between the digits of a phone number.
func withoutSpacing(content []byte) []byte {
	return bytes.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '(', ')', '/', '.', '\u00a0', '+':
			return -1
		}
		return r
	}, content)
}

func TestTheCanarySearchFindsAMarkerInEveryForm(t *testing.T) {
	var c canaries
	word := c.word("n", "title", false)
	phone := c.phoneNumber("n", "phone", false)
	digits := c.all[1].core
	forms := map[string]string{
		"plain": word, "upper case": strings.ToUpper(word), "hex": hex.EncodeToString([]byte(word)), "hex, upper": strings.ToUpper(hex.EncodeToString([]byte(word))),
		"base64 at 0": base64.StdEncoding.EncodeToString([]byte(word)), "base64 at 1": base64.StdEncoding.EncodeToString([]byte("x" + word + "yz")),
		"base64 at 2": base64.RawURLEncoding.EncodeToString([]byte("xy" + word)), "base64 of lower case": base64.StdEncoding.EncodeToString([]byte("{" + strings.ToLower(word))),
		"percent": percentEncoded(word), "in a URL": "https://host/?q=" + word, "escaped": strings.ReplaceAll(word, "ä", `\u00e4`),
		"phone": phone, "phone in digits": digits, "national": "0" + digits, "with dashes": "+358-40-5550-" + digits[6:9] + "-" + digits[9:],
		"phone in base64": base64.StdEncoding.EncodeToString([]byte("0" + digits)), "phone in hex": hex.EncodeToString([]byte(digits)),
	}
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			content := append(bytes.Repeat([]byte{0xff, 0}, 100), "before"+form+"after"...)
			require.Len(t, c.search("a place", content, func(canary) bool { return true }), 1)
		})
	}
	require.Empty(t, c.search("a place", []byte("nothing of it; kanari, 4055"), func(canary) bool { return true }))
}

package notice_test

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"tampuuri-hillava/internal/notice"
)

var (
	firstNames = rapid.SampledFrom([]string{"Äijö", "Matti", "Li", "Ulla-Maija", "Eve", "Jörg", "O'Neil"})
	lastNames  = rapid.SampledFrom([]string{"Mäki", "Virtanen", "Bo", "Aho", "von Essen", "Asukas", "Lahti"})
	junk       = rapid.SampledFrom([]string{" ", "", ".", ", ", "\n", " - ", "x", "7", " avain ", "(", ")", "@", "\u200b", "\u00a0", "+", "ja"})
	gaps       = rapid.SampledFrom([]string{" ", "  ", "\u00a0", "\n", "\u200b ", ", ", "-", " / "})
	phoneGaps  = rapid.SampledFrom([]string{"", " ", "-", ".", "\u00a0", " (", ") ", "\u2011", "/"})
)

const street = "Piilotie"

// spellings are ways in which people write one person's data into a text.
func spellings(t *rapid.T, first, last, subscriber, email string) string {
	text := ""
	switch rapid.IntRange(0, 4).Draw(t, "what") {
	case 0:
		text = first + gaps.Draw(t, "gap") + last
	case 1:
		text = last + gaps.Draw(t, "gap") + first
	case 2:
		text = rapid.SampledFrom([]string{"0", "+358 ", "00358", "+358 (0)", "358", "0358 "}).Draw(t, "prefix")
		for _, digit := range subscriber {
			text += string(digit) + phoneGaps.Draw(t, "gap")
		}
	case 3:
		text = street + rapid.SampledFrom([]string{"", "n", "llä", "lle", "ltä", " 3", "llä 3 B 5", "n 3:ssa"}).Draw(t, "form")
	default:
		text = email
	}
	switch rapid.IntRange(0, 3).Draw(t, "case") {
	case 0:
		text = strings.ToUpper(text)
	case 1:
		text = strings.ToLower(text)
	case 2:
		text = norm.NFD.String(text)
	}
	return text
}

func TestNoSpellingOfAProtectedPersonsDataStays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first, last := firstNames.Draw(t, "first"), lastNames.Draw(t, "last")
		subscriber := rapid.StringMatching(`[1-9][0-9]{7,8}`).Draw(t, "subscriber")
		email := rapid.StringMatching(`[a-z]{1,6}[.]?[a-z0-9]{1,4}@[a-z]{2,5}[.]fi`).Draw(t, "email")
		secret := notice.Person{Name: first + " " + last, Phone: "0" + subscriber, Email: email, Street: street + " 3 B 5", Turvakielto: notice.TurvakieltoSet}
		text := func(label string) string {
			var out strings.Builder
			for range rapid.IntRange(0, 6).Draw(t, label) {
				out.WriteString(spellings(t, first, last, subscriber, email))
				out.WriteString(junk.Draw(t, "junk"))
			}
			return out.String()
		}
		n := notice.Notice{
			ID: 1, Title: text("title"), Description: text("description"), Additional: text("additional"), Space: text("space"),
			Orderer: notice.Person{Name: "Muu " + text("other"), Phone2: "09", Email: text("e-mail")}, Payer: secret,
		}
		task := notice.BuildTask(n, nil, plainOptions())
		reversed := secret
		reversed.Name = last + " " + first
		for _, p := range []notice.Person{secret, reversed} {
			if strings.Contains(simple(n.Space), "piilotie") {
				p.Street = "" // the work site's own
			}
			if leak := leaks(p, "", task.Title, task.Description, task.AdditionalInfo, strings.TrimPrefix(task.BillingReference, "1")); leak != "" {
				t.Fatalf("leaked: %s", leak)
			}
		}
	})
}

package config

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// companyForms are the Finnish and Swedish company forms that names are written with or without. All count as the same:
// a manager that turns from Oy to Oyj, or writes its Swedish form, is still the company that its Tunniste selects.
var companyForms = map[string]bool{
	"oy": true, "ab": true, "oyj": true, "abp": true, "osakeyhtiö": true, "aktiebolag": true, "aktiebolaget": true,
}

// namesMatch reports whether two company names are the same after trimming, case, inner white space, Unicode form,
// a dot or comma after a word, and Oy/Ab forms at the start and the end. An empty name matches nothing.
func namesMatch(a, b string) bool {
	left, right := nameWords(a), nameWords(b)
	return left != "" && left == right
}

// nameWords gives the comparable form of a name. A form in the middle stays: "Asunto Oy Testipolku 4" is not
// "Asunto Testipolku 4". With dots in it, it is a form as the last word only: elsewhere A.B. is somebody's initials.
func nameWords(name string) string {
	var words []string
	for _, word := range strings.Fields(strings.ToLower(norm.NFC.String(name))) {
		if word = strings.TrimRight(strings.TrimLeft(word, ","), ",."); word != "" {
			words = append(words, word)
		}
	}
	first, last := 0, len(words)
	if last > 0 {
		if bare := strings.ReplaceAll(words[last-1], ".", ""); companyForms[bare] {
			words[last-1] = bare
		}
	}
	for last-first > 1 && companyForms[words[first]] {
		first++
	}
	for last-first > 1 && companyForms[words[last-1]] {
		last--
	}
	return strings.Join(words[first:last], " ")
}

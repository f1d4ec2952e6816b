package mask

import (
	"slices"
	"strings"
)

// identity is what tells that two records are one person, each value in a form that its spellings share.
type identity struct {
	id                    int64
	names, phones, emails []string
	overlong              bool // too much to compare
}

func identityOf(p Person) identity {
	if p.overlong() {
		return identity{id: p.ID, overlong: true}
	}
	who := identity{id: p.ID, emails: emailsIn(p.Email)}
	for _, name := range textsOf(p.Name) {
		who.names = append(who.names, nameKeys(name)...)
	}
	for _, field := range slices.Concat(textsOf(p.Phone), textsOf(p.Phone2)) {
		for _, phone := range phonesIn(field) {
			who.phones = append(who.phones, phone.key())
		}
	}
	return who
}

// isAlso tells whether the two are one person. Whoever has too much data to compare could be anybody.
func (a identity) isAlso(b identity) bool {
	return a.overlong || b.overlong || a.id != 0 && a.id == b.id ||
		overlap(a.names, b.names) || overlap(a.phones, b.phones) || overlap(a.emails, b.emails)
}

// Same tells whether two records are one person: by a shared name, phone, e-mail or id.
func Same(a, b Person) bool { return identityOf(a).isAlso(identityOf(b)) }

func overlap(a, b []string) bool {
	in := setOf(b)
	return slices.ContainsFunc(a, func(s string) bool { return in[s] })
}

func setOf(values []string) map[string]bool {
	set := make(map[string]bool, len(values))
	for _, value := range values {
		set[value] = true
	}
	return set
}

// NameKey is a name field without case, spacing, punctuation and order; "" when there is no letter or digit in it.
func NameKey(name string) string { return nameKey(keysOf(name)) }

// PhoneKeys are the numbers of a phone field as a reader would take them, in a form that spellings of one number share. For
// telling whether two fields say the same: what is to be hidden is more, see phonesIn.
func PhoneKeys(field string) []string {
	var keys []string
	for _, number := range splitPhones(field) {
		if phone, ok := parsePhone(number); ok {
			keys = append(keys, phone.key())
		}
	}
	return keys
}

// EmailKeys are the e-mails of a field as a reader would take them, in lower case. For telling whether two fields say the
// same: what is to be hidden is more, see emailsIn.
func EmailKeys(field string) []string {
	return strings.FieldsFunc(strings.ToLower(Clean(field)), func(r rune) bool {
		return strings.ContainsRune(" ,;|<>()\n", r)
	})
}

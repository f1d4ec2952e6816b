package notice

import (
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// maskedLine is all that is said of a person under turvakielto.
const maskedLine = "TURVAKIELTO – katso Tampuuri"

// openWords are the texts that say that there is no turvakielto, in the spellings that are known.
var openWords = []string{"ei", "e", "epätosi", "false", "f", "no", "n", "nej", "off"}

// ParseTurvakielto reads the flag in any form in which Tampuuri sends it: a bool, a number (any Go number or
// json.Number), or a text. Only false, zero and a clear "no" mean that there is no turvakielto; a flag that is missing
// (present false), null or anything else counts as set.
func ParseTurvakielto(v any, present bool) bool {
	if !present || v == nil {
		return true
	}
	switch flag := v.(type) {
	case bool:
		return flag
	case json.Number:
		return !zero.MatchString(flag.String())
	case string:
		word := strings.ToLower(singleLine(flag))
		return !slices.Contains(openWords, word) && !zero.MatchString(word)
	}
	if number := reflect.ValueOf(v); number.CanInt() || number.CanUint() || number.CanFloat() {
		return !number.IsZero()
	}
	return true
}

// zero is zero as people and JSON write it; a number that merely rounds to zero is not.
var zero = regexp.MustCompile(`^[+-]?0+(\.0*)?$`)

// role is the part that a person has in a notice.
type role int

const (
	orderer role = iota
	reporter
	payer
	roleCount
)

// roles are the people of a notice by role.
func (n Notice) roles() [roleCount]Person {
	return [roleCount]Person{orderer: n.Orderer, reporter: n.Reporter, payer: n.Payer}
}

// hasData tells whether there is anything to mask.
func (p Person) hasData() bool {
	return clean(p.Name+p.Street+p.PostalCode+p.City+p.Phone+p.Phone2+p.Email) != ""
}

// protectedRoles tells whose data goes nowhere. Roles that share a name, phone or e-mail are one person, also through a
// third role, and set for one is set for all. A role without data has nothing to mask.
func protectedRoles(n Notice) [roleCount]bool {
	people := n.roles()
	var protected [roleCount]bool
	for i, p := range people {
		protected[i] = p.Turvakielto && p.hasData()
	}
	for range people { // a chain of three needs two rounds
		for i := range people {
			for j := range people {
				if protected[i] && !protected[j] && samePerson(people[i], people[j]) {
					protected[j] = true
				}
			}
		}
	}
	return protected
}

func samePerson(a, b Person) bool {
	return overlap(a.nameKeys(), b.nameKeys()) || overlap(a.phoneKeys(), b.phoneKeys()) ||
		overlap(splitEmails(a.Email), splitEmails(b.Email))
}

func overlap(a, b []string) bool {
	in := setOf(b)
	return slices.ContainsFunc(a, func(s string) bool { return in[s] })
}

func subset(a, b []string) bool {
	in := setOf(b)
	return !slices.ContainsFunc(a, func(s string) bool { return !in[s] })
}

func setOf(values []string) map[string]bool {
	set := make(map[string]bool, len(values))
	for _, value := range values {
		set[value] = true
	}
	return set
}

// nameKeys is the name without case, spacing, punctuation and order; none when there is no letter or digit in it.
func (p Person) nameKeys() []string {
	keys := keysOf(p.Name)
	if len(keys) == 0 {
		return nil
	}
	slices.Sort(keys)
	return []string{strings.Join(keys, " ")}
}

func (p Person) phoneKeys() []string {
	var keys []string
	for _, field := range []string{p.Phone, p.Phone2} {
		for _, number := range splitPhones(field) {
			if phone, ok := parsePhone(number); ok {
				keys = append(keys, phone.key())
			}
		}
	}
	return keys
}

// splitEmails gives the e-mails of one field in lower case.
func splitEmails(field string) []string {
	return strings.FieldsFunc(strings.ToLower(clean(field)), func(r rune) bool {
		return strings.ContainsRune(" ,;|<>()\n", r)
	})
}

// disclosed is what of a notice may leave Tampuuri: masked and in clean form.
type disclosed struct {
	title, description, additional, access, pets string
	space, property                              string

	ordererName       string // "" when protected
	orderer, reporter string // contact lines; the mark when protected
	protected         [roleCount]bool
}

// disclose masks a notice. What is the work site's own address stays in texts, as the worker needs it.
func disclose(n Notice, property *Property) disclosed {
	workSite := []string{n.Property, n.Space}
	if property != nil {
		workSite = append(workSite, property.Name, property.Street, property.PostalCode+" "+property.City)
	}
	r := newRedactor(workSite)
	d := disclosed{protected: protectedRoles(n)}
	contact := Person{Name: n.ContactName, Phone: n.ContactPhone}
	for i, p := range n.roles() {
		if d.protected[i] {
			r.protect(p)
			if samePerson(p, contact) {
				r.protect(contact)
			}
		}
	}
	d.title, d.description = r.text(singleLine(n.Title)), r.text(clean(n.Description))
	d.additional, d.access, d.pets = r.text(clean(n.Additional)), r.text(clean(n.Access)), r.text(clean(n.Pets))
	d.space, d.property = r.site(singleLine(n.Space)), singleLine(n.Property)
	if kept := r.site(d.property); kept != "" {
		d.property = kept // a property called after its owner keeps its name, or the work site would have none
	}
	if !d.protected[orderer] {
		d.ordererName = r.contact(singleLine(n.Orderer.Name))
	}
	d.orderer = contactLine(n.Orderer, d.protected[orderer], r)
	d.reporter = contactLine(n.Reporter, d.protected[reporter], r)
	if d.reporter != "" && addsNothing(n.Reporter, n.Orderer) {
		d.reporter = ""
	}
	return d
}

// contactLine is a person's name, phones and e-mail joined by commas.
func contactLine(p Person, protected bool, r *redactor) string {
	if protected {
		return maskedLine
	}
	parts := []string{singleLine(p.Name), singleLine(p.Phone), singleLine(p.Phone2), singleLine(p.Email)}
	if phone := digitsOf(p.Phone); phone != "" && phone == digitsOf(p.Phone2) {
		parts[2] = ""
	}
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	return r.contact(strings.Join(parts, ", "))
}

// addsNothing tells whether p is the same person as other, of whom it says nothing more: equal names, and no phone or
// e-mail that other has not.
func addsNothing(p, other Person) bool {
	return samePerson(p, other) && strings.EqualFold(singleLine(p.Name), singleLine(other.Name)) &&
		subset(p.phoneKeys(), other.phoneKeys()) && subset(splitEmails(p.Email), splitEmails(other.Email))
}

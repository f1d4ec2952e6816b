package notice

import (
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
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
		// Not clean: what has an invisible character in it is no clear "no".
		word := strings.ToLower(norm.NFC.String(strings.Join(strings.Fields(flag), " ")))
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

// protectedRoles tells whose data goes nowhere. Roles that share a name, phone, e-mail or party id are one person, also
// through a third role, and set for one is set for all. A role without data has nothing to mask.
func protectedRoles(n Notice) [roleCount]bool {
	people := n.roles()
	var protected [roleCount]bool
	for i, p := range people {
		protected[i] = p.Turvakielto && p.hasData()
	}
	var identities [roleCount]identity
	for i, p := range people {
		identities[i] = identityOf(p)
	}
	for range people { // a chain of three needs two rounds
		for i := range people {
			for j := range people {
				if protected[i] && !protected[j] && identities[i].isAlso(identities[j]) {
					protected[j] = true
				}
			}
		}
	}
	return protected
}

// identity is what tells that two roles are one person, each value in a form that its spellings share.
type identity struct {
	id                    int64
	names, phones, emails []string
	overlong              bool // too much to compare
}

func identityOf(p Person) identity {
	if p.overlong() {
		return identity{id: p.ID, overlong: true}
	}
	who := identity{id: p.ID, names: p.nameKeys(), emails: emailsIn(p.Email)}
	for _, field := range []string{p.Phone, p.Phone2} {
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

func samePerson(a, b Person) bool { return identityOf(a).isAlso(identityOf(b)) }

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

// phoneKeys are the numbers as a reader would take them; see splitPhones.
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

// splitEmails gives the e-mails of one field in lower case, as a reader would take them, for telling whether two fields say
// the same. What is to be hidden is emailsIn.
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
	redactor          *redactor // what cut it, for what is shortened afterwards
}

// disclose masks a notice. What is the work site's own address stays in texts, as the worker needs it.
func disclose(n Notice, property *Property) disclosed {
	// A resident's own address is mostly the work site's: street and flat together, too.
	workSite := []string{n.Property + " " + n.Space}
	if property != nil {
		workSite = append(workSite, property.Name, property.Street+" "+n.Space, property.PostalCode+" "+property.City)
	}
	r := newRedactor(workSite)
	d := disclosed{protected: protectedRoles(n), redactor: r}
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
	d.space, d.property = r.space(singleLine(n.Space)), r.site(singleLine(n.Property))
	if !d.protected[orderer] {
		d.ordererName = r.contact(singleLine(n.Orderer.Name))
	}
	d.orderer, d.reporter = contactLines(n, d.protected, r)
	return d
}

// contactLines are the lines of orderer and reporter. When both roles are one person the orderer's line has all that is
// said of the two, and the reporter has none.
func contactLines(n Notice, protected [roleCount]bool, r *redactor) (ordererLine, reporterLine string) {
	once := inBothRoles(n.Orderer, n.Reporter)
	switch {
	case protected[orderer]:
		ordererLine = maskedLine
	case once:
		ordererLine = r.contact(contactLine(n.Orderer, n.Reporter))
	default:
		ordererLine = r.contact(contactLine(n.Orderer))
	}
	switch {
	case once:
	case protected[reporter]:
		reporterLine = maskedLine
	default:
		reporterLine = r.contact(contactLine(n.Reporter))
	}
	return ordererLine, reporterLine
}

// inBothRoles tells whether orderer and reporter are one person. A shared phone or e-mail alone is no proof where both
// have names: a household shares a phone, and both its names are worth knowing.
func inBothRoles(a, b Person) bool {
	if !a.hasData() || !b.hasData() {
		return false
	}
	nameless := len(a.wholeName()) == 0 || len(b.wholeName()) == 0
	return a.ID != 0 && a.ID == b.ID || overlap(a.wholeName(), b.wholeName()) || nameless && samePerson(a, b)
}

// contactLine is one person's name, phones and e-mails joined by commas, each once however it is spelled. More than one
// record is the same person in several roles; the first name counts.
func contactLine(records ...Person) string {
	var name string
	var phones, emails distinctTexts
	for _, p := range records {
		if name == "" {
			name = singleLine(p.Name)
		}
		for _, field := range []string{p.Phone, p.Phone2} {
			phones.add(singleLine(field), Person{Phone: field}.phoneKeys())
		}
		emails.add(singleLine(p.Email), splitEmails(p.Email))
	}
	parts := slices.Concat([]string{name}, phones.texts, emails.texts)
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), ", ")
}

// distinctTexts collects texts, leaving out those that say nothing new.
type distinctTexts struct{ texts, keys []string }

func (d *distinctTexts) add(text string, keys []string) {
	if len(keys) == 0 {
		keys = []string{text}
	}
	if text == "" || subset(keys, d.keys) {
		return
	}
	d.texts, d.keys = append(d.texts, text), append(d.keys, keys...)
}

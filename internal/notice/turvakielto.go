package notice

import (
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"tampuuri-hillava/internal/mask"
)

// maskedLine is all that is said of a person under turvakielto.
const maskedLine = "TURVAKIELTO – katso Tampuuri"

// Turvakielto is a person's non-disclosure for personal safety: set, not set, or not to be told.
type Turvakielto uint8

// The closed set of answers.
const (
	TurvakieltoNotSet  Turvakielto = iota // a clear "no"
	TurvakieltoSet                        // a clear "yes"
	TurvakieltoUnknown                    // missing or unreadable: counts as set
)

// Set tells whether the person's data goes nowhere.
func (t Turvakielto) Set() bool { return t != TurvakieltoNotSet }

// openWords are the texts that say that there is no turvakielto, setWords those that say that there is, in the spellings that
// are known.
var (
	openWords = []string{"ei", "e", "epätosi", "false", "f", "no", "n", "nej", "off"}
	setWords  = []string{"kyllä", "kylla", "k", "tosi", "true", "t", "yes", "y", "ja", "on"}
)

// ParseTurvakielto reads the flag in any form in which Tampuuri sends it: a bool, a number (any Go number or
// json.Number), or a text. Only false, zero and a clear "no" mean that there is no turvakielto; a flag that is missing
// (present false), null or anything else counts as set.
func ParseTurvakielto(v any, present bool) Turvakielto {
	if !present || v == nil {
		return TurvakieltoUnknown
	}
	switch flag := v.(type) {
	case bool:
		return setIf(flag)
	case json.Number:
		return textFlag(flag.String())
	case string:
		// Not clean: what has an invisible character in it is no clear "no".
		return textFlag(strings.ToLower(norm.NFC.String(strings.Join(strings.Fields(flag), " "))))
	}
	if number := reflect.ValueOf(v); number.CanInt() || number.CanUint() || number.CanFloat() {
		return setIf(!number.IsZero())
	}
	return TurvakieltoUnknown
}

func setIf(set bool) Turvakielto {
	if set {
		return TurvakieltoSet
	}
	return TurvakieltoNotSet
}

func textFlag(word string) Turvakielto {
	switch {
	case slices.Contains(openWords, word), zero.MatchString(word):
		return TurvakieltoNotSet
	case slices.Contains(setWords, word), anyNumber.MatchString(word):
		return TurvakieltoSet
	}
	return TurvakieltoUnknown
}

// zero is zero as people and JSON write it; a number that merely rounds to zero is not.
var (
	zero      = regexp.MustCompile(`^[+-]?0+(\.0*)?$`)
	anyNumber = regexp.MustCompile(`^[+-]?\d+(\.\d*)?(e[+-]?\d+)?$`)
)

// FlagsMissing tells whether the flag of anybody in the notice is missing or unreadable, so that she is masked for want of an
// answer. The flag of a role that nobody has does not matter.
func (n Notice) FlagsMissing() bool {
	return slices.ContainsFunc(n.roles(), func(p Person) bool { return p.Turvakielto == TurvakieltoUnknown && p.hasData() })
}

// role is the part that a person has in a notice.
type role int

const (
	orderer role = iota
	reporter
	payer
	roleCount
)

// roles are the people of a notice by role.
func (n Notice) roles() []Person {
	return []Person{orderer: n.Orderer, reporter: n.Reporter, payer: n.Payer}
}

// contact is the contact person, who has no flag of her own.
func (n Notice) contact() Person { return Person{Name: n.ContactName, Phone: n.ContactPhone} }

func (p Person) mask() mask.Person {
	return mask.Person{
		ID: p.ID, Name: p.Name, Street: p.Street, PostalCode: p.PostalCode, City: p.City, Phone: p.Phone, Phone2: p.Phone2, Email: p.Email,
		Protected: p.Turvakielto.Set(),
	}
}

func (p Person) hasData() bool { return p.mask().HasData() }

// protectedRoles tells whose data goes nowhere; see mask.Protected.
func protectedRoles(n Notice) [roleCount]bool {
	protected, _ := protectedPeople(n)
	return [roleCount]bool(protected)
}

// protectedPeople tells it of the roles and, last, of the contact person, and gives all who are protected.
func protectedPeople(n Notice) (protected []bool, people []mask.Person) {
	var all []mask.Person
	for _, p := range append(n.roles(), n.contact()) {
		all = append(all, p.mask())
	}
	protected = mask.Protected(all...)
	for i, p := range all {
		if protected[i] {
			people = append(people, p)
		}
	}
	return protected, people
}

// disclosed is what of a notice may leave Tampuuri: masked and in clean form.
type disclosed struct {
	texts       map[string]string // by the fields of fieldLabels; of people their contact lines, the mark when protected
	ordererName string            // "" when protected
	protected   [roleCount]bool
	redactor    *mask.Redactor // what cut it, for what is shortened afterwards
}

// disclose masks a notice. What is the work site's own address stays in texts, as the worker needs it.
func disclose(n Notice, property *Property) disclosed {
	// A resident's own address is mostly the work site's: street and flat together, too.
	workSite := []string{n.Property + " " + n.Space}
	if property != nil {
		workSite = append(workSite, property.Name, property.Street+" "+n.Space, property.PostalCode+" "+property.City)
	}
	protected, people := protectedPeople(n)
	r := mask.New(workSite, people...)
	d := disclosed{protected: [roleCount]bool(protected), redactor: r, texts: map[string]string{
		"title": mask.SingleLine(r.Text(n.Title)), "description": r.Text(n.Description),
		"additional": r.Text(n.Additional), "access": r.Text(n.Access), "pets": r.Text(n.Pets),
		"urgency": mask.SingleLine(r.Text(n.Urgency)), "faultClass": mask.SingleLine(r.Text(n.FaultClass)),
		"space": mask.SingleLine(r.Space(n.Space)), "property": mask.SingleLine(r.Property(n.Property)),
		"propertyId": number(n.PropertyID), "parent": number(n.ParentID), "contact": maskedLine,
	}}
	if !d.protected[orderer] {
		d.ordererName = mask.SingleLine(r.Contact(n.Orderer.Name))
	}
	if !protected[roleCount] {
		d.texts["contact"] = r.Contact(contactLine(n.contact()))
	}
	d.texts["orderer"], d.texts["reporter"] = contactLines(n, d.protected, r)
	return d
}

// contactLines are the lines of orderer and reporter. When both roles are one person the orderer's line has all that is
// said of the two, and the reporter has none.
func contactLines(n Notice, protected [roleCount]bool, r *mask.Redactor) (ordererLine, reporterLine string) {
	once := inBothRoles(n.Orderer, n.Reporter)
	switch {
	case protected[orderer]:
		ordererLine = maskedLine
	case once:
		ordererLine = r.Contact(contactLine(n.Orderer, n.Reporter))
	default:
		ordererLine = r.Contact(contactLine(n.Orderer))
	}
	switch {
	case once:
	case protected[reporter]:
		reporterLine = maskedLine
	default:
		reporterLine = r.Contact(contactLine(n.Reporter))
	}
	return ordererLine, reporterLine
}

// inBothRoles tells whether orderer and reporter are one person. A shared phone or e-mail alone is no proof where both
// have names: a household shares a phone, and both its names are worth knowing.
func inBothRoles(a, b Person) bool {
	if !a.hasData() || !b.hasData() {
		return false
	}
	nameA, nameB := mask.NameKey(a.Name), mask.NameKey(b.Name)
	if nameA == "" || nameB == "" {
		return mask.Same(a.mask(), b.mask())
	}
	return a.ID != 0 && a.ID == b.ID || nameA == nameB
}

// contactLine is one person's name, phones and e-mails joined by commas, each once however it is spelled. More than one
// record is the same person in several roles; the first name counts.
func contactLine(records ...Person) string {
	var name string
	var phones, emails distinctTexts
	for _, p := range records {
		if name == "" {
			name = mask.SingleLine(p.Name)
		}
		for _, field := range []string{p.Phone, p.Phone2} {
			phones.add(mask.SingleLine(field), mask.PhoneKeys(field))
		}
		emails.add(mask.SingleLine(p.Email), mask.EmailKeys(p.Email))
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
	isKnown := func(key string) bool { return slices.Contains(d.keys, key) }
	if text == "" || !slices.ContainsFunc(keys, func(key string) bool { return !isKnown(key) }) {
		return
	}
	d.texts, d.keys = append(d.texts, text), append(d.keys, keys...)
}

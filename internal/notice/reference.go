package notice

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"tampuuri-hillava/internal/mask"
)

// DefaultReferenceTemplate is the billing reference (Laskutusviite) of a customer without a template of its own.
const DefaultReferenceTemplate = "{number} / {orderer}"

// referenceLimit is Hillava's limit of billingReference in characters (assumed, see api/hillava.yaml).
const referenceLimit = 35

// The placeholders of a reference template.
const (
	placeNumber   = "{number}"   // the notice's number (Id)
	placeOrderer  = "{orderer}"  // the orderer's name
	placeCustomer = "{customer}" // the customer's Tunniste
	placeProperty = "{property}" // Kiinteistö
	placeParent   = "{parent}"   // the number of the notice from which this one was chained
)

// cutOrder is the order in which parts give way when a reference is too long; the number never does.
var cutOrder = []string{placeOrderer, placeProperty, placeCustomer, placeParent, ""}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// ValidateReferenceTemplate tells what is wrong with a template of billing references: an unknown placeholder, a single
// brace, or a line break or other control character. Its own text may be too long: it is cut beside the number. A template
// without placeholders is allowed, as collective invoices (koontilasku) need identical references. "" means
// DefaultReferenceTemplate.
func ValidateReferenceTemplate(template string) error {
	known := []string{placeNumber, placeOrderer, placeCustomer, placeProperty, placeParent}
	for _, name := range placeholder.FindAllString(template, -1) {
		if !slices.Contains(known, name) {
			return fmt.Errorf("billing reference template: unknown placeholder %s; use %s", name, strings.Join(known, ", "))
		}
	}
	own := placeholder.ReplaceAllString(template, "")
	if strings.ContainsAny(own, "{}") {
		return fmt.Errorf("billing reference template: a brace without its pair; placeholders look like %s", placeNumber)
	}
	if !utf8.ValidString(template) || strings.ContainsFunc(own, unicode.IsControl) {
		return fmt.Errorf("billing reference template: control characters or invalid UTF-8; write it on one line")
	}
	return nil
}

// referencePart is a placeholder with its value, or text of the template.
type referencePart struct {
	place string // "" = text of the template
	text  string
}

// billingReference fills a customer's template. A placeholder without a value goes together with the separators around
// it. When the orderer is protected the reference is the number alone, whatever the template: a property may be called
// after its owner. A reference that would be empty is the number.
func billingReference(n Notice, d disclosed, o TaskOptions) string {
	template := mask.SingleLine(o.BillingReference)
	if template == "" {
		template = DefaultReferenceTemplate
	}
	id := strconv.FormatInt(n.ID, 10)
	if d.protected[orderer] {
		return id
	}
	values := map[string]string{
		placeNumber: id, placeOrderer: d.ordererName, placeCustomer: mask.SingleLine(o.Tunniste), placeProperty: d.texts["property"],
		placeParent: d.texts["parent"],
	}
	reference := joinReference(shrinkReference(splitReference(template, values)))
	isCut := d.redactor.Contact(reference) != reference // a word cut short can be a name that was not there to be cut out
	if isCut || reference == "" || utf8.RuneCountInString(reference) > referenceLimit {
		return id
	}
	return reference
}

func splitReference(template string, values map[string]string) []referencePart {
	var parts []referencePart
	end := 0
	for _, at := range placeholder.FindAllStringIndex(template, -1) {
		if at[0] > end {
			parts = append(parts, referencePart{text: template[end:at[0]]})
		}
		name := template[at[0]:at[1]]
		parts = append(parts, referencePart{place: name, text: values[name]})
		end = at[1]
	}
	if end < len(template) {
		parts = append(parts, referencePart{text: template[end:]})
	}
	return parts
}

// shrinkReference cuts parts, by cutOrder and from the last, until the joined reference fits.
func shrinkReference(parts []referencePart) []referencePart {
	for _, place := range cutOrder {
		for i := len(parts) - 1; i >= 0; i-- {
			over := utf8.RuneCountInString(joinReference(parts)) - referenceLimit
			if over <= 0 {
				return parts
			}
			if parts[i].place != place {
				continue
			}
			// Without a mark: a reference is matched and printed by machines, some of which know Latin-1 only.
			text, gap := []rune(parts[i].text), ""
			if place == "" && i+1 < len(parts) {
				gap, over = " ", over+1 // the template's own words must not run into the number
			}
			parts[i].text = strings.TrimRight(string(text[:max(0, len(text)-over)]), " ") + gap
		}
	}
	return parts
}

// joinReference joins the parts. Text without letters and digits separates: beside a placeholder without a value it
// goes too, but between two values the last separator stays.
func joinReference(parts []referencePart) string {
	var out strings.Builder
	pending := ""                   // separators since the last value
	dangling, empty := false, false // a placeholder without a value since the last value, or anywhere
	for _, part := range parts {
		switch {
		case part.place != "" && part.text == "":
			dangling, empty = true, true
		case part.place == "" && !strings.ContainsFunc(part.text, isAlphanumeric):
			if dangling {
				pending = ""
			}
			pending += part.text
		default:
			if !dangling || out.Len() > 0 {
				out.WriteString(pending)
			}
			out.WriteString(part.text)
			pending, dangling = "", false
		}
	}
	if !dangling {
		out.WriteString(pending)
	}
	reference := out.String()
	if empty {
		reference = dropUnpaired(reference)
	}
	return strings.Join(strings.Fields(reference), " ")
}

// dropUnpaired drops parentheses whose other half went with an empty placeholder.
func dropUnpaired(s string) string {
	var kept []rune
	var open []int
	for _, r := range s {
		switch {
		case r == '(':
			open = append(open, len(kept))
		case r == ')' && len(open) == 0:
			continue
		case r == ')':
			open = open[:len(open)-1]
		}
		kept = append(kept, r)
	}
	for _, at := range slices.Backward(open) {
		kept = slices.Delete(kept, at, at+1)
	}
	return string(kept)
}

func isAlphanumeric(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

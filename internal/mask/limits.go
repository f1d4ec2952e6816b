package mask

import "unicode/utf8"

// What is longer is no notice that people wrote (Tampuuri's own limits are 255 and 20,000 characters), and searching it
// would take a worker's time without end. Where somebody is protected, such a text is left out as a whole, and the data of
// a person beyond the limits hides all texts of the notice: it could be anywhere in them.
const (
	textLimit  = 40_000 // characters of a text that is searched
	fieldLimit = 1_000  // characters of one field of a person or of the work site, and of a word that is joined
	wordLimit  = 50     // words of a name field
)

func tooLong(s string, limit int) bool { return len(s) > limit && utf8.RuneCountInString(s) > limit }

// overlong tells whether any field has more data than is searched for.
func (p Person) overlong() bool {
	for _, field := range []string{p.Name, p.Street, p.PostalCode, p.City, p.Phone, p.Phone2, p.Email} {
		if tooLong(field, fieldLimit) {
			return true
		}
		if _, complete := formsOf(field); !complete {
			return true
		}
	}
	return len(keysOf(p.Name)) > wordLimit
}

// Package mask cuts a protected person's data out of texts, and tells whether two records are one person. It is pure: no
// HTTP, no clock, no environment, and nothing else of ours.
package mask

import "slices"

// Mark stands where a protected person's data was cut out of a text.
const Mark = "[poistettu]"

// Person is somebody whose data may have to be hidden. Every field may be empty, and may hold more than it should.
type Person struct {
	ID         int64 // equal ids are one person; 0 = unknown
	Name       string
	Street     string
	PostalCode string
	City       string
	Phone      string
	Phone2     string
	Email      string

	// Protected says that this record forbids that the person's data goes anywhere; see Protected.
	Protected bool
}

// HasData tells whether there is anything to mask. A word that stands where data is missing, as "Tyhjä asunto" or "ei tiedossa",
// is nobody's, and so is punctuation.
func (p Person) HasData() bool {
	hasData := func(field string) bool { return !isPlaceholder(field) }
	return !isNameless(p.Name) || slices.ContainsFunc([]string{p.Street, p.PostalCode, p.City, p.Phone, p.Phone2, p.Email}, hasData)
}

// Protected tells whose data goes nowhere, in the order of people. Records that share a name, phone, e-mail or id are one
// person, also through a third record, and protection of one is protection of all. A record without data has nothing to mask.
func Protected(people ...Person) []bool {
	protected := make([]bool, len(people))
	identities := make([]identity, len(people))
	for i, p := range people {
		protected[i] = p.Protected && p.HasData()
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

// New makes a redactor that cuts out the data of people, whom the caller knows to be protected. Names and addresses in
// workSite stay in texts, as the worker needs them.
func New(workSite []string, people ...Person) *Redactor {
	r := newRedactor(workSite)
	for _, p := range people {
		r.protect(p)
	}
	return r
}

// Text cuts protected data out of a free text: title, description, additional text, access, pets.
func (r *Redactor) Text(s string) string { return r.cut(s, inText) }

// Contact cuts protected data out of an unprotected person's line.
func (r *Redactor) Contact(s string) string { return r.cut(s, inContact) }

// Space cuts protected people out of the name of a space, leaving the place itself. What names nothing but a protected
// person is no place, so it is empty.
func (r *Redactor) Space(s string) string { return placeOf(s, r.cut(s, inSpace)) }

// Property is Space for a property. In the name of a company a name's word is a place or a thing, as in "Asunto Oy Meri";
// elsewhere it is the resident.
func (r *Redactor) Property(s string) string {
	where := inSpace
	if r.searches(s) && isCompany(s) {
		where = inSite
	}
	return placeOf(s, r.cut(s, where))
}

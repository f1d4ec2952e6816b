package mask

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// streetWords are the words of a street's name that are any street's.
var streetWords = setOf(strings.Fields(`katu tie polku kuja kaari raitti tori aukio ranta rinne maki silta penger portti kulma
	gatan vagen stigen granden torget vanha uusi iso pikku pohjoinen etelainen itainen lantinen`))

// abbreviations are what people write of a street's name before its number: "Piilot. 3".
var abbreviations = map[string]string{"katu": "k", "tie": "t", "polku": "p", "kuja": "kj"}

// shortestPlace is in characters; anything shorter is no address.
const shortestPlace = 4

// protectStreet adds all that a street field holds: each address with and without its flat, and the street's name alone; names
// bend. What is the work site's stays.
func (r *Redactor) protectStreet(field string) {
	whole := keysOf(field)
	if slices.ContainsFunc(whole, isNumber) {
		r.protectPlace(whole)
	}
	for i, piece := range strings.FieldsFunc(field, func(r rune) bool { return strings.ContainsRune(",;/()\n", r) }) {
		keys := keysOf(piece)
		number := slices.IndexFunc(keys, isNumber)
		switch {
		case number >= 0:
			r.protectPlace(keys)
			r.protectHouse(keys[:number+1])
			r.protectStreetName(keys[:number])
		case i == 0 || slices.ContainsFunc(keys, isStreet): // else a city, a name
			r.protectStreetName(keys)
		}
	}
}

// protectHouse adds a street with its number, without stair and flat, also with the street's ending abbreviated.
func (r *Redactor) protectHouse(keys []string) {
	r.protectPlace(keys)
	name := len(keys) - 2
	for ending, short := range abbreviations {
		if name >= 0 && strings.HasSuffix(keys[name], ending) && keys[name] != ending {
			abbreviated := slices.Clone(keys)
			abbreviated[name] = strings.TrimSuffix(keys[name], ending) + short
			r.protectPlace(abbreviated)
		}
	}
}

// protectStreetName adds a street without its number, unless it is any street's name.
func (r *Redactor) protectStreetName(keys []string) {
	isOwn := func(key string) bool { return !streetWords[plain(key)] && utf8.RuneCountInString(key) >= shortestPlace }
	if slices.ContainsFunc(keys, isOwn) {
		r.addPlace(keys, sequence{bends: true, street: true, reach: inText | inContact})
	}
}

// protectPlace adds an address, or a part of one.
func (r *Redactor) protectPlace(keys []string) {
	r.addPlace(keys, sequence{bends: true, reach: inText | inContact})
}

func (r *Redactor) addPlace(keys []string, s sequence) {
	place := plainKeys(keys)
	isSite := slices.ContainsFunc(r.workSite, func(site []string) bool { return containsRun(site, place) })
	if joined := strings.Join(keys, " "); isSite || utf8.RuneCountInString(joined) < shortestPlace || isPlaceholder(joined) {
		return
	}
	r.add(keys, s)
	for i, key := range keys { // Piilotie is written as two words, too
		for _, ending := range streetEndings {
			if name, found := strings.CutSuffix(key, ending); found && name != "" {
				r.add(slices.Concat(keys[:i], []string{name, ending}, keys[i+1:]), s)
			}
		}
	}
}

// plainKeys are keys without diacritics.
func plainKeys(keys []string) []string {
	all := make([]string, len(keys))
	for i, key := range keys {
		all[i] = plain(key)
	}
	return all
}

func containsRun(all, run []string) bool {
	for i := range all {
		if len(run) > 0 && len(all)-i >= len(run) && slices.Equal(all[i:i+len(run)], run) {
			return true
		}
	}
	return false
}

package mask

import (
	"strings"
	"unicode"
)

const (
	// surePhone is the fewest digits, without country code and trunk zero, of a part of a field that is taken for a number
	// of its own: a beginning with fewer is that of many people's numbers.
	surePhone = 7
	// longestPart is the most digits of such a part. A number with more of them is two, written as one.
	longestPart = 11
	// longestRun is the most digits that are tried as one number where several may begin.
	longestRun = 20
	// longestExtension is the most digits that may follow a number as its extension.
	longestExtension = 5
)

// phonesIn gives every number that a phone field may hold: its numbers as a reader would take them, and the ones that
// come out when it is cut where another number or an extension may begin. A number too many hides a little more of a
// protected person's notice; one too few gives her away.
func phonesIn(field string) []phoneNumber {
	found := phoneSet{known: map[string]bool{}}
	for _, number := range splitPhones(field) {
		found.add(number, 0)
	}
	for _, part := range strings.FieldsFunc(Clean(field), func(r rune) bool {
		return unicode.IsLetter(r) || strings.ContainsRune(",;|\n&=:#*_\\'’", r)
	}) {
		if strings.HasPrefix(digitsOf(part), "0") {
			found.add(part, longPhone)
		}
		found.addRuns([]rune(part))
	}
	return found.phones
}

// phoneSet collects numbers, each once.
type phoneSet struct {
	phones []phoneNumber
	known  map[string]bool
}

// add adds a number that has at least shortest digits without country code and trunk zero.
func (f *phoneSet) add(number string, shortest int) {
	phone, ok := parsePhone(number)
	if !ok || len(phone.core) < shortest || f.known[phone.key()] {
		return
	}
	f.known[phone.key()] = true
	f.phones = append(f.phones, phone)
}

// addRuns adds what stands between any two places at which a number may begin.
func (f *phoneSet) addRuns(part []rune) {
	starts := phoneStarts(part)
	for i, start := range starts {
		for _, end := range append(starts[i+1:len(starts):len(starts)], len(part)) {
			run := part[start:end]
			length := len(digitsOf(string(run)))
			if length > longestRun {
				break
			}
			f.add(string(run), surePhone)
			f.addBeginnings(run, length)
		}
	}
	if len(digitsOf(string(part))) > longestPart+1 {
		f.addEnds(part)
	}
}

// phoneStarts are the places at which a number may begin: the field's start, each plus, and a trunk zero after a separator
// once there were enough digits for a number.
func phoneStarts(part []rune) []int {
	starts := []int{0}
	digits := 0
	for i, r := range part {
		d, is := digit(r)
		if is {
			digits++
		}
		if i == 0 || i+1 == len(part) {
			continue
		}
		trunk := is && d == '0' && digits > longPhone && !isDigit(part[i-1]) && isDigit(part[i+1])
		// A plus before a trunk zero is no country code's, but joins two numbers.
		if next, _ := digit(part[i+1]); trunk || r == '+' && next != '0' {
			starts = append(starts, i)
		}
	}
	return starts
}

// addBeginnings adds the number without what may be its extension: "040 1234567 / 12", "040 1234567 8-16".
func (f *phoneSet) addBeginnings(run []rune, length int) {
	before := 0
	for i, r := range run {
		if !isDigit(r) && before > 0 && before < length && length-before <= longestExtension {
			shortest := surePhone
			if r == '(' || r == '/' { // hardly within a number, after that many digits
				shortest = longPhone
			}
			f.add(string(run[:i]), shortest)
		}
		if isDigit(r) {
			before++
		}
	}
}

// addEnds adds the beginnings and the ends of what is too long for one number, cut between groups of digits or, without
// groups, anywhere.
func (f *phoneSet) addEnds(part []rune) {
	isGap := func(r rune) bool { return !isDigit(r) }
	grouped := strings.ContainsFunc(strings.TrimFunc(string(part), isGap), isGap)
	for end := 1; end < len(part); end++ {
		if core := f.addEnd(part[:end], grouped && isDigit(part[end])); core > longestPart {
			break
		}
	}
	for start := len(part) - 1; start > 0; start-- {
		if core := f.addEnd(part[start:], grouped && isDigit(part[start-1])); core > longestPart {
			break
		}
	}
}

// addEnd adds one of them, unless the cut is within a group, and gives the number of its digits.
func (f *phoneSet) addEnd(end []rune, withinGroup bool) int {
	phone, _ := parsePhone(string(end))
	if !withinGroup && len(phone.core) <= longestPart {
		f.add(string(end), surePhone)
	}
	return len(phone.core)
}

func isDigit(r rune) bool {
	_, ok := digit(r)
	return ok
}

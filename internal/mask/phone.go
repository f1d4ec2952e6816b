package mask

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Numbers with fewer digits than this occur in texts by chance; they are only cut out where they stand alone.
const longPhone = 6

// digit gives the ASCII digit of r, also of full-width and other compatibility forms.
func digit(r rune) (byte, bool) {
	if r > unicode.MaxASCII && unicode.IsNumber(r) {
		if folded := norm.NFKC.String(string(r)); len(folded) == 1 {
			r = rune(folded[0])
		}
	}
	if r >= '0' && r <= '9' {
		return byte(r), true
	}
	if !unicode.IsDigit(r) {
		return 0, false
	}
	zero := r // of another script (Arabic-Indic, Devanagari): Unicode has each script's ten in a row
	for unicode.IsDigit(zero - 1) {
		zero--
	}
	return '0' + byte((r-zero)%10), true
}

func digitsOf(s string) string {
	var digits strings.Builder
	for _, r := range s {
		if d, ok := digit(r); ok {
			digits.WriteByte(d)
		}
	}
	return digits.String()
}

// splitPhones gives the numbers of one phone field, which people also fill with two of them ("040 … / 09 …", "… tai …"),
// as a reader would take them: for telling whether two fields say the same. What is to be hidden is phonesIn.
func splitPhones(field string) []string {
	var numbers []string
	for _, part := range strings.FieldsFunc(Clean(field), func(r rune) bool {
		return unicode.IsLetter(r) || strings.ContainsRune(",;|\n", r)
	}) {
		numbers = append(numbers, splitLong(splitLong([]string{part}, "/", longPhone), " ", longPhone+1)...)
	}
	return slices.DeleteFunc(numbers, func(number string) bool { return digitsOf(number) == "" })
}

// splitLong splits numbers at separator where every piece is a whole number of at least size digits, as separators
// also stand within numbers.
func splitLong(numbers []string, separator string, size int) []string {
	var pieces []string
	for _, number := range numbers {
		parts := strings.Split(number, separator)
		if slices.ContainsFunc(parts, func(part string) bool { return len(digitsOf(part)) < size }) {
			parts = []string{number}
		}
		pieces = append(pieces, parts...)
	}
	return pieces
}

// phoneNumber is a number in the form in which two spellings of it are equal.
type phoneNumber struct {
	core string   // digits without trunk zero and without Finland's country code
	ways []string // digits that may stand before core, longest first
}

// parsePhone reads one number: +358, 00358, 0358 and a trunk 0 are the same. ok is false without any digit but zeros.
func parsePhone(number string) (phone phoneNumber, ok bool) {
	digits := digitsOf(number)
	bare := strings.TrimLeft(digits, "0")
	international := strings.Contains(number, "+") || strings.HasPrefix(digits, "00")
	// Area code 03 makes "0358…" a Tampere number; with a country code the number is longer than any of those.
	const shortestWithCode = 11
	if strings.HasPrefix(bare, "358") && (international || len(bare) >= shortestWithCode) {
		bare = strings.TrimLeft(strings.TrimPrefix(bare, "358"), "0")
		international = false
	}
	if bare == "" {
		return phoneNumber{}, false
	}
	const longestCode = 3
	if international && len(bare) >= longPhone+longestCode {
		// How long the country code is depends on the country; within it the number is written without the code.
		code, core := bare[:longestCode], bare[longestCode:]
		return phoneNumber{core: core, ways: []string{
			"00" + code, code, "0" + code[1:], code[1:], "0" + code[2:], code[2:], "0",
		}}, true
	}
	return phoneNumber{core: bare, ways: []string{"003580", "00358", "3580", "0358", "358", "0"}}, true
}

// key is equal for two spellings of one number.
func (p phoneNumber) key() string {
	if strings.HasPrefix(p.ways[0], "00358") {
		return p.core
	}
	return p.ways[1] + p.core
}

// phoneSpans finds the numbers in text, whatever stands between their digits but letters.
func phoneSpans(text []rune, phones []phoneNumber) []span {
	var spans []span
	var digits []byte
	var at []int
	search := func() {
		if len(digits) == 0 {
			return // after each letter of a text without numbers
		}
		run := string(digits)
		for _, phone := range phones {
			for from := 0; from < len(run); {
				i := strings.Index(run[from:], phone.core)
				if i < 0 {
					break
				}
				i += from
				from = i + len(phone.core)
				start := i
				for _, way := range phone.ways {
					if strings.HasSuffix(run[:i], way) {
						start = i - len(way)
						break
					}
				}
				spans = append(spans, span{openPhone(text, at[start], at[from-1]), at[from-1] + 1})
			}
		}
		digits, at = digits[:0], at[:0]
	}
	for i, r := range text {
		if d, ok := digit(r); ok {
			digits, at = append(digits, d), append(at, i)
		} else if unicode.IsLetter(r) {
			search()
		}
	}
	search()
	return spans
}

// openPhone moves the start of a number over "+" and over a parenthesis that closes within it.
func openPhone(text []rune, start, end int) int {
	closes := slices.Contains(text[start:end], ')') && !slices.Contains(text[start:end], '(')
	for start > 0 && (text[start-1] == '+' || closes && text[start-1] == '(') {
		start--
	}
	return start
}

package peer

import (
	"encoding/json"
	"strconv"
	"strings"
)

// parseInteger reads one JSON value as an integer. JSON has one type of number, so 4711, 4711.0 and 4.711e3 are the same;
// digits in a text count too, as some writers quote their ids. What has a fraction or does not fit is none (0 and false),
// never another number.
func parseInteger(raw []byte) (value int64, ok bool) {
	text := string(raw)
	if strings.HasPrefix(text, `"`) {
		if json.Unmarshal(raw, &text) != nil {
			return 0, false
		}
		text = strings.TrimSpace(text)
	}
	mantissa, exponent, hasExponent := strings.Cut(strings.ToLower(text), "e")
	power := 0
	if hasExponent {
		var err error
		if power, err = strconv.Atoi(exponent); err != nil {
			return 0, false
		}
	}
	digits, negative := strings.CutPrefix(mantissa, "-")
	whole, fraction, hasFraction := strings.Cut(digits, ".")
	if whole == "" || hasFraction && fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return 0, false
	}
	power -= len(fraction)
	significant := strings.TrimRight(whole+fraction, "0")
	power += len(whole+fraction) - len(significant)
	significant = strings.TrimLeft(significant, "0")
	const longest = 19 // digits of an int64
	switch {
	case significant == "":
		return 0, true
	case power < 0 || power > longest || len(significant)+power > longest:
		return 0, false
	}
	if digits = significant + strings.Repeat("0", power); negative {
		digits = "-" + digits
	}
	value, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, false
	}
	return value, true
}

// parseText reads one JSON value as a text: a number counts as its digits, in full where it is an integer (phones and post
// codes come as numbers at times). Anything else, null too, is none.
func parseText(raw []byte) (text string, ok bool) {
	switch {
	case len(raw) == 0:
		return "", false
	case raw[0] == '"':
		return text, json.Unmarshal(raw, &text) == nil
	case raw[0] != '-' && (raw[0] < '0' || raw[0] > '9'):
		return "", false
	}
	if n, ok := parseInteger(raw); ok {
		return strconv.FormatInt(n, 10), true
	}
	return string(raw), true
}

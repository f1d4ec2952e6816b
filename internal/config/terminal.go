package config

import (
	"cmp"
	"os"
	"strings"
)

// ColourWanted tells whether a terminal is to be written to in colour: NO_COLOR, whatever its value, says no, and so does a
// terminal without.
func ColourWanted() bool { return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" }

// FinnishWanted tells whether whoever sits there reads Finnish, by the first of the locale's variables that is set.
func FinnishWanted() bool {
	locale := cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG"))
	language, _, _ := strings.Cut(strings.ReplaceAll(locale, ".", "_"), "_")
	return strings.EqualFold(language, "fi")
}

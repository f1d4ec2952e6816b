package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// syntaxError says which line of a file that is no YAML is the first that does not fit, and what belongs there. The
// library names a line that may be far before it, and quotes values.
func syntaxError(content []byte, err error) error {
	lines := strings.Split(strings.TrimPrefix(string(content), byteOrderMark), "\n")
	number, problem := firstThatFails(lines, err)
	line := strings.TrimRight(lines[number-1], "\r")
	indent := len(line) - len(strings.TrimLeft(line, " \t"))
	margin := len(fmt.Sprint(number))
	return fmt.Errorf("line %d: is not valid YAML; correct it, as customers.example.yaml shows:\n  %d | %s\n  %*s | %*s^ %s",
		number, number, withoutValue(line), margin, "", indent, "", expected(problem, lines[:number-1], indent))
}

// firstThatFails finds, counting from 1, the line up to which the file can be read no more, and what is said of it.
func firstThatFails(lines []string, err error) (number int, problem string) {
	parses := func(count int) bool {
		failed := yaml.Unmarshal([]byte(strings.Join(lines[:count], "\n")+"\n"), new(yaml.Node))
		if failed != nil {
			err = failed
		}
		return failed == nil
	}
	// A few lines on, it may do again: a list in brackets or a text in quotes is whole only then.
	const farther = 40
	good, bad := 0, len(lines)
	for bad-good > 1 {
		middle := (good + bad) / 2
		from := middle
		for middle < min(bad, from+farther) && !parses(middle) {
			middle++
		}
		if middle < min(bad, from+farther) {
			good = middle
		} else {
			bad = from
		}
	}
	parses(bad)
	return bad, err.Error()
}

// withoutValue shows of a line its place and, where there is one, the key that we know: what follows may be a secret.
func withoutValue(line string) string {
	parts := keyOfLine.FindStringSubmatch(line)
	if parts == nil {
		return ""
	}
	place, key, rest := strings.ReplaceAll(parts[1], "\t", "⇥"), parts[2], strings.TrimSpace(parts[3])
	switch known := slices.Contains(knownKeys(), key); {
	case known && rest != "":
		return place + key + ": …"
	case known:
		return place + key + ":"
	case key != "" || rest != "":
		return place + "…"
	default:
		return place
	}
}

var keyOfLine = regexp.MustCompile(`^([ \t]*(?:- +)*)(?:([a-z_]+):(?: |$))?(.*)$`)

// knownKeys are those that an entry may have: those that are asked for when one is read.
var knownKeys = sync.OnceValue(func() []string {
	reading := entryReading{}
	reading.entry(&yaml.Node{Kind: yaml.MappingNode})
	keys := []string{"customers"}
	for _, g := range reading.groups {
		for key := range g.asked {
			keys = append(keys, key)
		}
	}
	return keys
})

// expected says in our words what belongs where the library stopped.
func expected(problem string, before []string, indent int) string {
	for _, slip := range slips {
		if strings.Contains(problem, slip.says) {
			return slip.expected
		}
	}
	text := fmt.Sprintf("it begins in column %d", indent+1)
	for i, line := range before {
		if dash := entryStart.FindString(line); dash != "" {
			text += fmt.Sprintf("; an entry begins with a dash in column %d and its keys stand in column %d, as from line %d on", strings.Index(dash, "-")+1, len(dash), i+1)
			break
		}
	}
	if strings.Contains(problem, "mapping values") {
		text += `; a value with ": " in it needs quotes`
	}
	return text
}

// slips are what the library says of everything but a wrong indentation, and what we say.
var slips = []struct{ says, expected string }{
	{"tab", "indent with spaces, not with tabs"},
	{"cannot start any token", "indent with spaces, not with tabs, and put quotes around a value that begins with a sign such as @, % or a backquote"},
	{"could not find expected ':'", "a key belongs here, with a colon and a space after it"},
	{"',' or", notClosed}, {"end of stream", notClosed}, {"node content", notClosed},
	{"escape", `a backslash between double quotes is written \\; or use single quotes`},
	{"UTF-8", "save the file as UTF-8, without control characters"}, {"control characters", "save the file as UTF-8, without control characters"},
	{"anchor", "put quotes around a value that begins with * or &"}, {"alphabetic", "put quotes around a value that begins with * or &"},
}

const notClosed = "what is opened here, a bracket, a brace or a quote, is not closed"

var entryStart = regexp.MustCompile(`^ *- +\S`)

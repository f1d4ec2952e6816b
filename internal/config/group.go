package config

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// group is a mapping of customers.yaml, read key by key. Whoever asks for a key makes it known; a key that nobody asks
// for refuses the file.
type group struct {
	reading *entryReading
	path    string // before a key's name: "task."
	keys    map[string]yaml.Node
	asked   map[string]bool
	misread bool // nothing can be read of it, which is told already
}

// group makes a group of a mapping, an empty one of nil. The library merges (<<).
func (r *entryReading) group(path string, mapping *yaml.Node) *group {
	g := &group{reading: r, path: path, asked: map[string]bool{}}
	r.groups = append(r.groups, g)
	if mapping == nil {
		return g
	}
	once := *mapping
	once.Content = r.withoutDoubled(mapping.Content)
	var wrong *yaml.TypeError
	if err := once.Decode(&g.keys); errors.As(err, &wrong) {
		for _, one := range wrong.Errors {
			r.refuse("%s; correct it", one)
		}
	} else if err != nil {
		r.refuse("line %d: is not valid YAML: %s", mapping.Line, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	return g
}

// withoutDoubled refuses each key that stands twice, and leaves out all but the first: the library reads nothing of a mapping
// with such a key, which would hide whatever else is wrong in it.
func (r *entryReading) withoutDoubled(pairs []*yaml.Node) (once []*yaml.Node) {
	type written struct {
		kind yaml.Kind
		text string
	}
	lines := map[written]int{}
	for pair := range slices.Chunk(pairs, 2) {
		key := written{pair[0].Kind, pair[0].Value}
		if first, there := lines[key]; there {
			r.refuse("line %d: mapping key %q already defined at line %d; correct it", pair[0].Line, key.text, first)
			continue
		}
		lines[key] = pair[0].Line
		once = append(once, pair...)
	}
	return once
}

// value gives what stands at a key, nil when that is left out, null or an empty text.
func (g *group) value(key string) *yaml.Node {
	g.asked[key] = true
	value, there := g.keys[key]
	if node := follow(&value); !there || node.ShortTag() == "!!null" || node.Kind == yaml.ScalarNode && node.Value == "" {
		return nil
	}
	return &value
}

// group gives the group at a key, an empty one when it is left out.
func (g *group) group(key string) *group {
	value := g.value(key)
	if value == nil || follow(value).Kind == yaml.MappingNode {
		return g.reading.group(g.path+key+".", value)
	}
	g.fault(key, unfit(value, "a group of keys", "correct the value"))
	misread := g.reading.group(g.path+key+".", nil)
	misread.misread = true
	return misread
}

func (g *group) fault(key string, m *misfit) {
	g.reading.fault("line %d: %s%s %s", m.line, g.path, key, m.text)
}

// read puts what stands at a key into target, which stays as it is when the key is left out. What cannot be read is a
// fault, and leaves it as it is too; readable is false then, and nothing that only follows from it is to be told.
func read[T any](g *group, key string, target *T, as form[T]) (readable bool) {
	value := g.value(key)
	if value == nil {
		return !g.misread
	}
	found, wrong := as(value)
	if wrong != nil {
		g.fault(key, wrong)
		return false
	}
	*target = found
	return true
}

// readEach is read for a list, without repetitions. What cannot be read of it is a fault; the rest is kept.
func readEach[T comparable](g *group, key string, target *[]T, as form[T]) (readable bool) {
	value := g.value(key)
	switch {
	case value == nil:
		return !g.misread
	case follow(value).Kind != yaml.SequenceNode:
		g.fault(key, unfit(value, "a list", "correct the value"))
		return false
	}
	readable = true
	for _, item := range follow(value).Content {
		one, wrong := as(item)
		if wrong != nil {
			g.fault(key, wrong)
			readable = false
		} else if !slices.Contains(*target, one) {
			*target = append(*target, one)
		}
	}
	return readable
}

// form takes a value as something, or says how it does not fit. Forms take scalars as they are written and never as YAML
// 1.1 has them, where 04711 is 2505, 1_000 is 1000 and 1:30 may be 90. They never quote a value, which may be a secret.
type form[T any] func(*yaml.Node) (T, *misfit)

type misfit struct {
	line int
	text string // after the key's name
}

// unfit says that a value is of another kind than belongs there.
func unfit(value *yaml.Node, want, advice string) *misfit {
	return &misfit{value.Line, fmt.Sprintf("has %s where %s belongs; %s", kindOf(follow(value)), want, advice)}
}

// follow gives what an alias stands for.
func follow(node *yaml.Node) *yaml.Node {
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return node
}

func text(value *yaml.Node) (string, *misfit) {
	node := follow(value)
	if kind := kindOf(node); node.Kind != yaml.ScalarNode || kind == nothing || kind == anotherKind {
		return "", unfit(value, "text", "correct the value")
	}
	return node.Value, nil
}

// parsed is a text that means something; without is said of one that does not.
func parsed[T any](parse func(string) (T, error), without string) form[T] {
	return func(value *yaml.Node) (T, *misfit) {
		var none T
		written, wrong := text(value)
		if wrong != nil {
			return none, wrong
		}
		found, err := parse(written)
		if err != nil {
			return none, &misfit{value.Line, strings.Replace(without, "%v", err.Error(), 1)}
		}
		return found, nil
	}
}

// oneOf is a text out of a closed set.
func oneOf[T ~string](allowed ...T) form[T] {
	names := strings.ReplaceAll(strings.Trim(fmt.Sprint(allowed), "[]"), " ", ", ")
	return parsed(func(written string) (T, error) {
		if slices.Contains(allowed, T(written)) {
			return T(written), nil
		}
		return "", errors.New("another")
	}, "must be one of "+names+"; correct it, or leave it out")
}

// flag is true or false, by the words that YAML has for them.
func flag(value *yaml.Node) (bool, *misfit) {
	switch strings.ToLower(follow(value).Value) {
	case "true", "yes", "on", "y":
		return true, nil
	case "false", "no", "off", "n":
		return false, nil
	}
	return false, unfit(value, "true or false", "correct the value")
}

func whole(value *yaml.Node) (int64, *misfit) {
	number, err := strconv.ParseInt(digits(value), 10, 64)
	return aboveZero(value, number, err, "a whole number", "write it in plain digits, like 50")
}

func number(value *yaml.Node) (float64, *misfit) {
	number, err := strconv.ParseFloat(digits(value), 64)
	return aboveZero(value, number, err, "a number in plain digits", "write it like 1.5")
}

func aboveZero[T int64 | float64](value *yaml.Node, number T, err error, want, advice string) (T, *misfit) {
	switch {
	case err != nil:
		return 0, unfit(value, want, advice)
	case number <= 0:
		return 0, &misfit{value.Line, "must be above zero; correct it"}
	}
	return number, nil
}

var decimal = regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$`)

// digits gives a number as it is written in decimal digits, "" for any other value and for text in quotes.
func digits(value *yaml.Node) string {
	if node := follow(value); node.Kind == yaml.ScalarNode && node.Style == 0 && decimal.MatchString(node.Value) {
		return node.Value
	}
	return ""
}

func duration(written string) (time.Duration, error) {
	value, err := time.ParseDuration(written)
	if err == nil && value <= 0 {
		err = errors.New("not above zero")
	}
	return value, err
}

// maxDays keeps days within what a duration can hold; nobody means more.
const maxDays = 3650

// period is a duration that may also be a number of days.
func period(written string) (time.Duration, error) {
	number, inDays := strings.CutSuffix(written, "d")
	if !inDays {
		return duration(written)
	}
	days, err := strconv.ParseUint(number, 10, 16)
	if err == nil && (days == 0 || days > maxDays) {
		err = errors.New("too few or too many")
	}
	return time.Duration(days) * 24 * time.Hour, err
}

const (
	nothing     = "nothing"
	anotherKind = "a value of another kind" // with a tag that is not YAML's own, or binary
)

var kinds = map[string]string{
	"!!map": "a group of keys", "!!seq": "a list", "!!str": "text", "!!timestamp": "text", "!!merge": "text", "!!int": "a number", "!!float": "a number",
	"!!bool": "true or false", "!!null": nothing,
}

func kindOf(node *yaml.Node) string {
	if kind, known := kinds[node.ShortTag()]; known {
		return kind
	}
	return anotherKind
}

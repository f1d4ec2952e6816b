package customersfile

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Value is a value of an entry: a text, a whole number, a time.Time for its day, a list of whole numbers, one more text of a
// list (Also), or nil, which takes the key out.
type Value struct {
	Key string // "name", or "consent.reference" within a group
	Is  any
}

// Also is one more text of a list, which keeps what it has.
type Also string

// errByHand is for a file that is written so that no program can change an entry and leave the rest alone.
var errByHand = errors.New("the customers file cannot be changed by a program as it is written (aliases or merged keys perhaps); change it by hand")

// Set gives the content with these values in the entry of a Tunniste, which is added at the end when there is none. The
// order of the values is the order of new keys. All else stays to the byte, comments too, unless list or entry is written in
// braces: then the whole file is written anew, with its comments.
func Set(content []byte, tunniste string, values []Value) ([]byte, error) {
	file, err := read(content)
	if err != nil {
		return nil, err
	}
	at := file.find(tunniste)
	var changed []byte
	switch {
	case at < 0 && len(file.list.Content) == 0, file.list.Style&yaml.FlowStyle != 0, at >= 0 && file.list.Content[at].Style&yaml.FlowStyle != 0:
		changed, err = file.rewritten(tunniste, values)
	case at < 0:
		changed, err = file.added(tunniste, values)
	default:
		changed, err = keyByKey(content, at, values)
	}
	if err != nil {
		return nil, err
	}
	return changed, file.checked(changed, tunniste, func(now *yaml.Node) bool { return now != nil && holds(now, values) })
}

// keyByKey puts the values into an entry of block style, and reads the file again after each key, as lines move.
func keyByKey(content []byte, at int, values []Value) ([]byte, error) {
	for _, key := range keysOf(values) {
		file, err := read(content)
		if err != nil {
			return nil, errByHand
		}
		if content, err = file.changed(at, key, values); err != nil {
			return nil, err
		}
	}
	return content, nil
}

// Remove gives the content without the entry of a Tunniste, and without the comments in it.
func Remove(content []byte, tunniste string) ([]byte, error) {
	file, err := read(content)
	if err != nil {
		return nil, err
	}
	at := file.find(tunniste)
	if at < 0 {
		return content, nil
	}
	var changed []byte
	if file.list.Style&yaml.FlowStyle != 0 || len(file.list.Content) == 1 {
		if file.list.Content = slices.Delete(file.list.Content, at, at+1); len(file.list.Content) == 0 {
			file.list.Style = yaml.FlowStyle // customers: []
		}
		changed, err = encoded(file.document)
	} else {
		from, to := file.linesOf(at)
		changed = slices.Concat(joined(file.lines[:from]), joined(file.lines[to:]))
	}
	if err != nil {
		return nil, err
	}
	return changed, file.checked(changed, tunniste, func(now *yaml.Node) bool { return now == nil })
}

// written is the file as it was read.
type written struct {
	lines    [][]byte // each with its line break
	document *yaml.Node
	list     *yaml.Node
}

func read(content []byte) (*written, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		return nil, errors.New("the customers file is not valid YAML; starter doctor shows where")
	}
	if len(document.Content) != 1 || document.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New(`the customers file has no list "customers:"; begin with a copy of customers.example.yaml, or write "customers: []"`)
	}
	top := document.Content[0]
	list := valueOf(top, "customers")
	if list != nil && list.ShortTag() == "!!null" {
		*list = yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle, HeadComment: list.HeadComment, LineComment: list.LineComment, FootComment: list.FootComment}
	}
	if list == nil || list.Kind != yaml.SequenceNode {
		return nil, errByHand
	}
	return &written{slices.Collect(bytes.Lines(content)), &document, list}, nil
}

func (w *written) find(tunniste string) int {
	return slices.IndexFunc(w.list.Content, func(entry *yaml.Node) bool {
		value := valueOf(entry, "tunniste")
		return value != nil && value.Value == tunniste
	})
}

// checked refuses a change by which any other entry would be another one, or this one not what is wanted.
func (w *written) checked(changed []byte, tunniste string, wanted func(entry *yaml.Node) bool) error {
	before, err := read(joined(w.lines))
	if err != nil {
		return err
	}
	after, err := read(changed)
	if err != nil {
		return errByHand
	}
	var now *yaml.Node
	if at := after.find(tunniste); at >= 0 {
		now = after.list.Content[at]
	}
	if !wanted(now) || !slices.Equal(before.others(tunniste), after.others(tunniste)) {
		return errByHand
	}
	return nil
}

// others are the other entries as they mean, whatever their comments and quotes.
func (w *written) others(tunniste string) []string {
	var texts []string
	for _, entry := range w.list.Content {
		if value := valueOf(entry, "tunniste"); value == nil || value.Value != tunniste {
			texts = append(texts, meaning(entry))
		}
	}
	return texts
}

func meaning(node *yaml.Node) string {
	if node.Kind == yaml.AliasNode {
		return meaning(node.Alias)
	}
	text := fmt.Sprintf("%d%s%q", node.Kind, node.ShortTag(), node.Value)
	for _, inner := range node.Content {
		text += "[" + meaning(inner) + "]"
	}
	return text
}

// linesOf are the lines of an entry, from its dash up to, without it, what belongs to the next one: comments and blank lines
// before a dash are of the entry that it begins.
func (w *written) linesOf(at int) (from, to int) {
	entry, margin := w.list.Content[at], w.list.Column-1
	for from = entry.Line - 1; from > 0 && !dashed(w.lines[from], margin); from-- {
	}
	return from, w.endOf(from+1, margin, false)
}

// endOf is the line after the last one that stands deeper than a margin, from a line on; dashes at the margin may belong to
// it too.
func (w *written) endOf(from, margin int, dashes bool) (to int) {
	to = from
	for i := from; i < len(w.lines); i++ {
		text := strings.TrimLeft(string(w.lines[i]), " ")
		deep := len(w.lines[i])-len(text) > margin || dashes && dashed(w.lines[i], margin)
		switch {
		case strings.TrimSpace(text) == "", !deep && strings.HasPrefix(text, "#"):
		case deep:
			to = i + 1
		default:
			return to
		}
	}
	return to
}

func dashed(line []byte, margin int) bool {
	text := string(line)
	return len(text) > margin && strings.TrimLeft(text[:margin], " ") == "" && text[margin] == '-'
}

func joined(lines [][]byte) []byte { return bytes.Join(lines, nil) }

package customersfile

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"tampuuri-hillava/internal/notice"
)

// changed puts the values of one key into an entry of block style: it is written anew where it stands, or goes last.
func (w *written) changed(at int, key string, values []Value) ([]byte, error) {
	entry := w.list.Content[at]
	margin := entry.Column - 1 // of its keys
	from, to := w.linesOf(at)
	stood := valueOf(entry, key)
	begin, end := to, to
	if line := lineOf(entry, key); line > 0 {
		begin, end = line-1, w.endOf(line, margin, stood.Kind == yaml.SequenceNode)
	}
	text, err := w.keyText(key, put(stood, key, values), margin)
	switch {
	case err != nil:
		return nil, err
	case begin == from && len(text) == 0: // the dash is there
		return nil, errByHand
	case begin == from:
		text[0] = slices.Concat(w.lines[begin][:margin], text[0][margin:])
	case begin == to && len(text) > 0: // the last line of the file may be without its end
		w.lines[to-1] = ended(w.lines[to-1], w.lineBreak())
	}
	return joined(slices.Concat(w.lines[:begin], text, w.lines[end:])), nil
}

// added puts an entry behind the last one.
func (w *written) added(tunniste string, values []Value) ([]byte, error) {
	_, to := w.linesOf(len(w.list.Content) - 1)
	text, err := encoded(&yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{newEntry(tunniste, values)}})
	if err != nil {
		return nil, err
	}
	before := slices.Clone(w.lines[:to])
	before[to-1] = ended(before[to-1], w.lineBreak())
	if w.spaced() {
		before = append(before, []byte(w.lineBreak()))
	}
	return joined(slices.Concat(before, w.indented(text, w.list.Column-1), w.lines[to:])), nil
}

// spaced tells whether the entries have blank lines between them.
func (w *written) spaced() bool {
	if len(w.list.Content) < 2 {
		return false
	}
	_, end := w.linesOf(len(w.list.Content) - 2)
	return len(bytes.TrimSpace(w.lines[end])) == 0
}

// rewritten is the whole file, written anew.
func (w *written) rewritten(tunniste string, values []Value) ([]byte, error) {
	if at := w.find(tunniste); at < 0 {
		w.list.Style &^= yaml.FlowStyle
		w.list.Content = append(w.list.Content, newEntry(tunniste, values))
	} else {
		for _, key := range keysOf(values) {
			setKey(w.list.Content[at], key, put(valueOf(w.list.Content[at], key), key, values))
		}
	}
	return encoded(w.document)
}

func newEntry(tunniste string, values []Value) *yaml.Node {
	entry := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{scalar("tunniste"), nodeOf(tunniste)}}
	for _, key := range keysOf(values) {
		setKey(entry, key, put(nil, key, values))
	}
	return entry
}

// keysOf are the keys of the entry that the values are about, each once.
func keysOf(values []Value) []string {
	var keys []string
	for _, value := range values {
		if key, _, _ := strings.Cut(value.Key, "."); !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// put gives what stands at a key of the entry once the values are in it; nil for nothing.
func put(node *yaml.Node, key string, values []Value) *yaml.Node {
	for _, value := range values {
		group, inner, nested := strings.Cut(value.Key, ".")
		switch {
		case group != key:
		case !nested && isAlso(value.Is):
			node = withAlso(node, value.Is)
		case !nested:
			node = like(nodeOf(value.Is), node)
		default:
			if node == nil || node.Kind != yaml.MappingNode {
				if value.Is == nil {
					continue
				}
				node = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
				if group != "credentials" { // the longest one, a line each
					node.Style = yaml.FlowStyle
				}
			}
			setKey(node, inner, like(nodeOf(value.Is), valueOf(node, inner)))
		}
	}
	if node != nil && node.Kind == yaml.MappingNode && len(node.Content) == 0 {
		return nil
	}
	return node
}

// like keeps the comments of what a value replaces.
func like(node, replaced *yaml.Node) *yaml.Node {
	if node != nil && replaced != nil {
		node.HeadComment, node.LineComment, node.FootComment = replaced.HeadComment, replaced.LineComment, replaced.FootComment
	}
	return node
}

// keyText are the lines of one key of an entry.
func (w *written) keyText(key string, value *yaml.Node, margin int) ([][]byte, error) {
	if value == nil {
		return nil, nil
	}
	value.HeadComment, value.FootComment = "", "" // they stand outside these lines, and stay there
	text, err := encoded(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{scalar(key), value}})
	return w.indented(text, margin), err
}

func (w *written) indented(text []byte, margin int) [][]byte {
	var lines [][]byte
	for line := range bytes.Lines(text) {
		if len(bytes.TrimSpace(line)) > 0 {
			line = slices.Concat(bytes.Repeat([]byte(" "), margin), line)
		}
		lines = append(lines, ended(line, w.lineBreak()))
	}
	return lines
}

func (w *written) lineBreak() string {
	if len(w.lines) > 0 && bytes.HasSuffix(w.lines[0], []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

func ended(line []byte, lineBreak string) []byte {
	return append(bytes.TrimRight(bytes.Clone(line), "\r\n"), lineBreak...)
}

func encoded(node *yaml.Node) ([]byte, error) {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(node); err != nil {
		return nil, fmt.Errorf("write the customers file: %w", err)
	}
	return text.Bytes(), encoder.Close()
}

// holds tells whether an entry has these values.
func holds(entry *yaml.Node, values []Value) bool {
	return !slices.ContainsFunc(values, func(value Value) bool {
		node := entry
		for _, key := range strings.Split(value.Key, ".") {
			if node != nil {
				node = valueOf(node, key)
			}
		}
		want := nodeOf(value.Is)
		if isAlso(value.Is) {
			return node == nil || !has(node, want.Content[0])
		}
		return (node == nil) != (want == nil) || node != nil && meaning(node) != meaning(want)
	})
}

// nodeOf is a value as it is written; nil of nil.
func nodeOf(value any) *yaml.Node {
	switch value := value.(type) {
	case nil:
		return nil
	case string:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
	case time.Time:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!timestamp", Value: value.In(notice.Helsinki()).Format(time.DateOnly)}
	case []int64:
		return listOf(value)
	case Also:
		return listOf([]string{string(value)})
	default:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: fmt.Sprint(value)}
	}
}

func isAlso(value any) bool {
	_, is := value.(Also)
	return is
}

func has(list, item *yaml.Node) bool {
	return slices.ContainsFunc(list.Content, func(one *yaml.Node) bool { return meaning(one) == meaning(item) })
}

// withAlso is the list with one more text, unless it has that already.
func withAlso(list *yaml.Node, value any) *yaml.Node {
	more := nodeOf(value)
	switch {
	case list == nil || list.Kind != yaml.SequenceNode:
		return like(more, list)
	case !has(list, more.Content[0]):
		list.Content = append(list.Content, more.Content...)
	}
	return list
}

func listOf[T any](values []T) *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle}
	for _, value := range values {
		list.Content = append(list.Content, nodeOf(value))
	}
	return list
}

func scalar(text string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: text} }

func valueOf(mapping *yaml.Node, key string) *yaml.Node {
	if at := keyOf(mapping, key); at >= 0 {
		return mapping.Content[at+1]
	}
	return nil
}

// lineOf is where a key stands, counting from 1; 0 where it is not.
func lineOf(mapping *yaml.Node, key string) int {
	if at := keyOf(mapping, key); at >= 0 {
		return mapping.Content[at].Line
	}
	return 0
}

func keyOf(mapping *yaml.Node, key string) int {
	for i := 0; mapping.Kind == yaml.MappingNode && i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return i
		}
	}
	return -1
}

func setKey(mapping *yaml.Node, key string, value *yaml.Node) {
	at := keyOf(mapping, key)
	switch {
	case at >= 0 && value == nil:
		mapping.Content = slices.Delete(mapping.Content, at, at+2)
	case at >= 0:
		mapping.Content[at+1] = value
	case value != nil:
		mapping.Content = append(mapping.Content, scalar(key), value)
	}
}

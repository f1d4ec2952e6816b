// Package terminal prints for people and for programs, on a terminal and in a pipe, and asks a person who is there.
package terminal

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"

	"tampuuri-hillava/internal/config"
)

// Output is where a command prints: results on stdout, everything else on stderr.
type Output struct {
	Stdout, Stderr io.Writer
	Stdin          io.Reader // a person at a terminal, who can be asked; nil: nobody
	Width          int       // of the terminal on stdout; 0: it is none, and lines are as long as they are
	Colour         bool
	Progress       bool // stderr is a terminal
	// Size is how wide and high the terminal on stdout is now; nil: it is none.
	Size func() (width, height int)
}

// OfProcess is this process's own.
func OfProcess() Output {
	out := Output{Stdout: os.Stdout, Stderr: os.Stderr, Progress: term.IsTerminal(int(os.Stderr.Fd()))}
	if width, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil && width > 0 {
		out.Width, out.Colour = width, config.ColourWanted()
		out.Size = func() (int, int) {
			if now, height, err := term.GetSize(int(os.Stdout.Fd())); err == nil && now > 0 {
				return now, height
			}
			return width, 0
		}
	}
	if out.Progress && term.IsTerminal(int(os.Stdin.Fd())) {
		out.Stdin = os.Stdin
	}
	return out
}

// JSON prints a result for programs. A list without anything in it is [], never null.
func (o Output) JSON(value any) error {
	if list := reflect.ValueOf(value); list.Kind() == reflect.Slice && list.IsNil() {
		value = []any{}
	}
	encoder := json.NewEncoder(o.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return printed(encoder.Encode(value))
}

// Line prints a result that is one sentence, for people.
func (o Output) Line(text string) error {
	_, err := fmt.Fprintln(o.Stdout, printable(text))
	return printed(err)
}

func printed(err error) error {
	if err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

// Note tells a person something beside the result.
func (o Output) Note(format string, args ...any) {
	fmt.Fprintf(o.Stderr, "starter: %s\n", PrintableLines(fmt.Sprintf(format, args...)))
}

// Tell overwrites the one line that says how far a long command is, on a terminal only; an empty text takes it away.
func (o Output) Tell(format string, args ...any) {
	if o.Progress {
		fmt.Fprintf(o.Stderr, "\r\x1b[K%s", printable(fmt.Sprintf(format, args...)))
	}
}

// Colour is one that a row may have.
type Colour string

// The colours.
const (
	Plain  Colour = ""
	Red    Colour = "31"
	Yellow Colour = "33"
	Green  Colour = "32"
)

// Row is one line of a table; its last cell is the longest and goes on below itself where a terminal is too narrow.
type Row struct {
	Cells  []string
	Colour Colour   // of the whole row
	Under  []string // lines of their own below it
}

// Table prints rows for people.
func (o Output) Table(rows []Row) error {
	var widths []int
	for _, r := range rows {
		for i, cell := range r.Cells {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			if i < len(r.Cells)-1 {
				widths[i] = max(widths[i], utf8.RuneCountInString(printable(cell)))
			}
		}
	}
	var text strings.Builder
	for _, r := range rows {
		o.writeRow(&text, r, widths)
	}
	_, err := io.WriteString(o.Stdout, text.String())
	return printed(err)
}

// underIndent is before the lines below a row.
const underIndent = 4

func (o Output) writeRow(text *strings.Builder, r Row, widths []int) {
	first, last := "", ""
	for i, cell := range r.Cells {
		first, last = first+last, printable(cell)
		if i < len(r.Cells)-1 {
			last += strings.Repeat(" ", widths[i]+2-utf8.RuneCountInString(last))
		}
	}
	indent := utf8.RuneCountInString(first)
	room := o.Width - indent
	if room < max(indent, leastFold) && o.Width > 0 && utf8.RuneCountInString(last) > room && indent > 0 { // too narrow a column: below
		r.Under = append([]string{last}, r.Under...)
		first, last, indent = "", strings.TrimRight(first, " "), 0
		if utf8.RuneCountInString(last) > o.Width { // and the others too wide a line
			indent = underIndent
		}
	}
	for i, part := range o.folded(last, indent) {
		line := strings.Repeat(" ", indent) + part
		if i == 0 {
			line = first + part
		}
		o.writeLine(text, line, r.Colour)
	}
	for _, under := range r.Under {
		for i, part := range o.folded(printable(under), underIndent+2) {
			o.writeLine(text, strings.Repeat(" ", underIndent+2*min(i, 1))+part, r.Colour)
		}
	}
}

func (o Output) writeLine(text *strings.Builder, line string, c Colour) {
	if line = strings.TrimRight(line, " "); line == "" {
		return // of cells that are empty, or of a column that went below
	}
	if o.Colour && c != Plain {
		line = "\x1b[" + string(c) + "m" + line + "\x1b[0m"
	}
	text.WriteString(line + "\n")
}

// leastFold is the narrowest column that text is folded into.
const leastFold = 20

// folded breaks a text at its spaces to fit beside indent; off a terminal it stays whole.
func (o Output) folded(text string, indent int) []string {
	width := max(o.Width-indent, leastFold)
	if o.Width == 0 || utf8.RuneCountInString(text) <= width {
		return []string{text}
	}
	var parts []string
	line := ""
	for _, word := range strings.Split(text, " ") {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			parts, line = append(parts, line), word
			continue
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(parts, line)
}

// OrDash is a text, or a dash where there is none.
func OrDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// printable shows what a terminal would obey as an escape sequence of letters: names come from Hillava and notes from the
// Temporal Web UI, and one with a line break would be a line of its own in a table. JSON needs none of it.
func printable(text string) string {
	var shown strings.Builder
	for _, r := range text {
		if unicode.IsGraphic(r) {
			shown.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRune(r)
		shown.WriteString(quoted[1 : len(quoted)-1])
	}
	return shown.String()
}

// PrintableLines is printable for messages, which may be several problems with a line each.
func PrintableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = printable(line)
	}
	return strings.Join(lines, "\n")
}

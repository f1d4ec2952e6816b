package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

// defaultWait is how long a command waits for what it asked a worker to do.
const defaultWait = 10 * time.Minute

// flagSet begins the flags of a command; errors are reported by run, not by the package.
func flagSet(name string) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	return flags
}

// parse reads flags before, between and after the positional arguments, of which there must be as many as there are
// names. After "--" everything is positional.
func parse(flags *flag.FlagSet, args []string, names ...string) ([]string, error) {
	var positional []string
	for {
		if err := flags.Parse(args); err != nil {
			if strings.Contains(err.Error(), "help requested") {
				return nil, flag.ErrHelp
			}
			return nil, usageError{fmt.Sprintf("%s: %v", flags.Name(), err)}
		}
		rest := flags.Args()
		ended := len(rest) < len(args) && args[len(args)-len(rest)-1] == "--"
		if len(rest) == 0 || ended {
			positional = append(positional, rest...)
			break
		}
		positional, args = append(positional, rest[0]), rest[1:]
	}
	if len(positional) != len(names) {
		wanted := "no arguments"
		if len(names) > 0 {
			wanted = "<" + strings.Join(names, "> <") + ">"
		}
		return nil, usageError{fmt.Sprintf("%s takes %s, not %d arguments", flags.Name(), wanted, len(positional))}
	}
	return positional, nil
}

// output is where a command prints: results on stdout, everything else on stderr.
type output struct {
	stdout, stderr io.Writer
}

// json prints a result for programs.
func (o output) json(value any) error {
	encoder := json.NewEncoder(o.stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

// line prints a result that is one sentence, for people.
func (o output) line(text string) error {
	if _, err := fmt.Fprintln(o.stdout, printable(text)); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

// table prints rows for people, the first one being the heads of the columns.
func (o output) table(rows [][]string) error {
	writer := tabwriter.NewWriter(o.stdout, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = printable(cell)
		}
		fmt.Fprintln(writer, strings.TrimRight(strings.Join(cells, "\t"), "\t"))
	}
	if err := writer.Flush(); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

// note tells a person something beside the result.
func (o output) note(format string, args ...any) {
	fmt.Fprintf(o.stderr, "starter: %s\n", printableLines(fmt.Sprintf(format, args...)))
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

// printableLines is printable for messages, which may be several problems with a line each.
func printableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = printable(line)
	}
	return strings.Join(lines, "\n")
}

// moment prints a time for people, in their own zone; "-" for none.
func moment(t *time.Time) string {
	if t == nil || t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// defaultWait is how long sync and poll wait for the round that they started.
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

// table prints rows for people, the first one being the heads of the columns.
func (o output) table(rows [][]string) error {
	writer := tabwriter.NewWriter(o.stdout, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(writer, strings.TrimRight(strings.Join(row, "\t"), "\t"))
	}
	if err := writer.Flush(); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

// note tells a person something beside the result.
func (o output) note(format string, args ...any) {
	fmt.Fprintf(o.stderr, "starter: "+format+"\n", args...)
}

// moment prints a time for people, in their own zone; "-" for none.
func moment(t *time.Time) string {
	if t == nil || t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

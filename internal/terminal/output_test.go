package terminal

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestNothingThatIsPrintedMovesTheTerminal(t *testing.T) {
	const name = "Oy\x1b[2J\x1b]0;title\a\nesimerkki\tyes\r\u009b31m\u202egro\u2028Käyttäjä – 1\u00a0kpl\xff"
	const shown = `Oy\x1b[2J\x1b]0;title\a\nesimerkki\tyes\r\u009b31m\u202egro\u2028Käyttäjä – 1` + "\u00a0kpl\ufffd"
	var stdout, stderr bytes.Buffer
	out := Output{Stdout: &stdout, Stderr: &stderr}
	require.NoError(t, out.Table([]Row{{Cells: []string{"NAME", "POLLED"}}, {Cells: []string{name, "no"}}}))
	lines := strings.Split(strings.TrimSuffix(stdout.String(), "\n"), "\n")
	require.Len(t, lines, 2, "one row is one line")
	require.Equal(t, shown+"  no", lines[1])

	out.Note("first\n%s", "second\x1b[2J")
	require.Equal(t, "starter: first\nsecond\\x1b[2J\n", stderr.String(), "a message may have lines")

	stdout.Reset()
	require.NoError(t, out.JSON(name[:len(name)-1]))
	var read string
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &read))
	require.Equal(t, name[:len(name)-1], read, "JSON says it as it is")
}

func TestALongLastColumnGoesOnBelowItself(t *testing.T) {
	rows := []Row{{Cells: []string{"A", "WHY"}}, {Cells: []string{"50026", "one two three four five six"}, Colour: Red, Under: []string{"and this below it, also folded"}}}
	for width, want := range map[int]string{
		0:  "A      WHY\n50026  one two three four five six\n    and this below it, also folded\n",
		27: "A      WHY\n50026  one two three four\n       five six\n    and this below it,\n      also folded\n",
	} {
		var stdout bytes.Buffer
		require.NoError(t, Output{Stdout: &stdout, Width: width}.Table(rows))
		require.Equal(t, want, stdout.String())
	}
	var stdout bytes.Buffer
	require.NoError(t, Output{Stdout: &stdout, Width: 80, Colour: true}.Table(rows[1:]))
	require.Equal(t, "\x1b[31m50026  one two three four five six\x1b[0m\n\x1b[31m    and this below it, also folded\x1b[0m\n", stdout.String())
}

func TestAColumnThatIsTooNarrowGoesBelow(t *testing.T) {
	var stdout bytes.Buffer
	long := strings.Repeat("word ", 9) + "end"
	require.NoError(t, Output{Stdout: &stdout, Width: 60}.Table([]Row{{Cells: []string{strings.Repeat("x", 40), long}}, {Cells: []string{"y", "short"}}}))
	require.Equal(t, strings.Repeat("x", 40)+"\n    "+long+"\ny"+strings.Repeat(" ", 41)+"short\n", stdout.String())
}

func TestATableFitsEveryTerminal(t *testing.T) {
	rows := []Row{
		{Cells: []string{"2 wait: 1 hillava-refused (1 × 422 name+street), 1 two-tasks; 1 trying again; 3 others"}},
		{Cells: []string{"NOTICE", "CUSTOMER", "PHASE", "SINCE", "WHY"}},
		{Cells: []string{"50026", "isannointi", "attention", "02-05 12:00", "hillava-refused 422 (fields: name, street)"}, Under: []string{"what to do: mend it, then resend"}},
		{Cells: []string{"50027", "esimerkki", "importing", "02-05 12:00", ""}},
		{Cells: []string{"", "waited", "3", "two-tasks: 2 resent and went on, 1 dismissed"}},
		{Cells: []string{"", "", "the place in the file, which is a long line"}},
		{Cells: []string{"-", "-"}},
	}
	var piped bytes.Buffer
	require.NoError(t, Output{Stdout: &piped}.Table(rows))
	for width := 24; width <= 120; width++ {
		var stdout bytes.Buffer
		require.NoError(t, Output{Stdout: &stdout, Width: width}.Table(rows))
		for line := range strings.Lines(stdout.String()) {
			require.NotEmpty(t, strings.TrimSpace(line), "%d columns:\n%s", width, stdout.String())
			require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), width, "%d columns:\n%s", width, stdout.String())
		}
		require.Equal(t, strings.Fields(piped.String()), strings.Fields(stdout.String()), "%d columns: all of it, in its order", width)
	}
}

func TestProgressIsForATerminal(t *testing.T) {
	var stderr bytes.Buffer
	Output{Stderr: &stderr}.Tell("1 of 2")
	require.Empty(t, stderr.String())
	Output{Stderr: &stderr, Progress: true}.Tell("1 of 2")
	require.Equal(t, "\r\x1b[K1 of 2", stderr.String())
}

func TestAnEmptyListIsNeverNull(t *testing.T) {
	for _, value := range []any{[]string(nil), []string{}} {
		var printed bytes.Buffer
		require.NoError(t, Output{Stdout: &printed}.JSON(value))
		require.Equal(t, "[]\n", printed.String())
	}
}

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tampuuri-hillava/internal/terminal"

	"github.com/stretchr/testify/require"
)

func TestExitCodes(t *testing.T) {
	t.Setenv("HILLAVA_TOKN", "misspelt, so that every command fails before it does anything")
	for _, row := range []struct {
		args []string
		want int
		says string
	}{
		{nil, exitUsage, "which command?"},
		{[]string{"customer"}, exitUsage, `no command "customer"`},
		{[]string{"customers"}, exitUsage, "starter customers: which command?"},
		{[]string{"notice", "delete"}, exitUsage, `starter notice: there is no command "delete"`},
		{[]string{"notice", "show"}, exitUsage, "starter notice show: takes <notice>"},
		{[]string{"notice", "import", "a", "b"}, exitUsage, "notice's number"},
		{[]string{"notice", "dismiss", "50026", "--code", "bored"}, exitUsage, "--code takes one of done-by-hand, not-ours, other, and \"bored\" is none\n"},
		{[]string{"notice", "list", "--phase", "odd"}, exitUsage, "--phase takes one of"},
		{[]string{"notice", "list", "--customer", "a' OR 'b"}, exitUsage, "--customer takes a Tunniste, and \"a' OR 'b\" is none\n"},
		{[]string{"customers", "poll", "ä x"}, exitUsage, "starter customers poll: takes a Tunniste, 1 to 64 of the characters A-Z a-z 0-9 . _ -, and \"ä x\" is none\n"},
		{[]string{"customers", "open", "ä x"}, exitUsage, "starter customers open: takes a Tunniste"},
		{[]string{"customers", "pause"}, exitUsage, "starter customers pause: takes <tunniste>"},
		{[]string{"customers", "resume", "ä x"}, exitUsage, "starter customers resume: takes a Tunniste"},
		{[]string{"serve", "now"}, exitUsage, "starter serve: takes no arguments"},
		{[]string{"customers", "list"}, exitFailed, "did you mean HILLAVA_TOKEN?"},
		{[]string{"serve"}, exitFailed, "HILLAVA_WEBHOOK_SECRET: is not set"},
		{[]string{"notice", "show", "a b"}, exitUsage, "A notice is named by"},
		{[]string{"notice", "resend", "esimerkki/x"}, exitUsage, `"esimerkki/x": tunniste/Id needs`},
		{[]string{"health", "abc"}, exitUsage, `and "abc" is none`},
		{[]string{"health", "ftp://127.0.0.1/"}, exitUsage, "takes the address of a health endpoint, like http"},
		{[]string{"health", ":"}, exitUsage, "takes the address of a health endpoint"},
		{[]string{"notice", "dismiss", "ä/1"}, exitUsage, "tunniste/Id needs"},
		{[]string{"notice", "erase", "/1"}, exitUsage, "tunniste/Id needs"},
		{[]string{"notice", "import", "ä x", "1"}, exitUsage, "tunniste/Id needs"},
		{[]string{"notice", "import", "50026"}, exitUsage, "takes a customer's Tunniste"},
		{[]string{"notice", "resend"}, exitUsage, "takes notices, or --all"},
		{[]string{"notice", "resend", "50026", "--all"}, exitUsage, "takes notices, or --all"},
		{[]string{"notice", "list", "--reason", "hillava-refusd"}, exitUsage, "did you mean hillava-refused?"},
		{[]string{"notice", "list", "--watch", "--json"}, exitUsage, "take one"},
		{[]string{"notice", "list", "--watch"}, exitUsage, "this is none"},
		{[]string{"report"}, exitUsage, "--month is missing: the month to count, like --month 2026-10\n"},
		{[]string{"report", "--month", "2026-13"}, exitUsage, "write it like 2026-10"},
		{[]string{"report", "--month", "2026-01", "--format", "xml"}, exitUsage, "--format takes one of table, csv, json, and \"xml\" is none\n"},
		{[]string{"report", "--month", "2026-01", "--customer", "a' OR 'b"}, exitUsage, "--customer takes a Tunniste, and \"a' OR 'b\" is none\n"},
		{[]string{"notice", "list", "-o", "narrow"}, exitUsage, "--output takes wide (JSON is --json), and \"narrow\" is none\n"},
		{[]string{"notice", "lst"}, exitUsage, "did you mean list?"},
		{[]string{"notic", "list"}, exitUsage, "did you mean notice?"},
		{[]string{"notice", "list", "--jsn"}, exitUsage, "did you mean --json?"},
		{[]string{"help", "nosuch"}, exitUsage, `no command "nosuch"`},
		{[]string{"help", "notice", "lst"}, exitUsage, "did you mean list?"},
		{[]string{"help", "notice"}, exitDone, ""},
		{[]string{"help"}, exitDone, ""},
		{[]string{"customers", "--help"}, exitDone, ""},
		{[]string{"notice", "-h"}, exitDone, ""},
		{[]string{"notice", "show", "--help"}, exitDone, ""},
		{[]string{"doctor", "-h"}, exitDone, ""},
		{[]string{"notice", "resend", "--reason", "two-tasks", "--customer", ""}, exitUsage, "--customer is empty; give it a value or leave it out"},
		{[]string{"doctor", "--lang", "sv"}, exitUsage, "--lang takes en or fi, and \"sv\" is none\n"},
	} {
		var stdout, stderr bytes.Buffer
		require.Equal(t, row.want, run(t.Context(), row.args, terminal.Output{Stdout: &stdout, Stderr: &stderr}), row.args)
		require.Contains(t, stderr.String(), row.says)
		if row.want == exitDone {
			require.Contains(t, stdout.String(), "Usage:")
		} else {
			require.Empty(t, stdout.String(), "what is wrong stands on stderr")
			require.Less(t, strings.Count(stderr.String(), "\n"), 22, "not everything there is")
		}
	}
}

func TestMessagesOfACommandDoNotMoveTheTerminal(t *testing.T) {
	t.Setenv("CUSTOMERS_FILE", "nowhere\x1b[2J")
	t.Setenv("HILLAVA_TOKN", "\x1b[2J")
	for _, args := range [][]string{{"notice\x1b[2J"}, {"customers", "list"}, {"notice", "show", "--\x1b[2J"}} {
		var stderr bytes.Buffer
		require.NotZero(t, run(t.Context(), args, terminal.Output{Stdout: &bytes.Buffer{}, Stderr: &stderr}))
		require.NotContains(t, stderr.String(), "\x1b", args)
	}
}

func TestAnOpeningThatLacksFlagsIsUsedWrongly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "customers.yaml")
	require.NoError(t, os.WriteFile(path, []byte("customers: []\n"), 0o600))
	t.Setenv("CUSTOMERS_FILE", path)
	t.Setenv("HILLAVA_URL", "")
	out, stdout, stderr := printed(0)
	require.Equal(t, exitUsage, run(t.Context(), []string{"customers", "open", "toinen", "--by", "toimisto", "--json"}, out))
	require.Contains(t, stderr.String(), "--name is missing")
	require.Contains(t, stderr.String(), "--salasana-file is missing")
	require.Contains(t, stderr.String(), "what=customers.open customer=toinen")
	require.Contains(t, stderr.String(), "result=refused")
	require.Empty(t, stdout.String())
}

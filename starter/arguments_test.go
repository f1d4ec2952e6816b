package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFlagsStandAnywhere(t *testing.T) {
	for _, args := range [][]string{
		{"--json", "--code", "other", "a", "b"}, {"a", "--json", "b", "--code=other"}, {"a", "b", "-code", "other", "-json"}, {"--json", "--code", "other", "--", "a", "b"},
	} {
		flags := flagSet("test")
		asJSON := flags.Bool("json", false, "")
		code := flags.String("code", "", "")
		positional, err := parse(flags, args, "first", "second")
		require.NoError(t, err, args)
		require.Equal(t, []string{"a", "b"}, positional)
		require.True(t, *asJSON)
		require.Equal(t, "other", *code)
	}
}

func TestAfterTwoDashesEverythingIsPositional(t *testing.T) {
	positional, err := parse(flagSet("test"), []string{"a", "--", "--json"}, "first", "second")
	require.NoError(t, err)
	require.Equal(t, []string{"a", "--json"}, positional)
}

func TestACommandLineThatCannotBeUnderstoodIsAUsageError(t *testing.T) {
	var wrong usageError
	for _, args := range [][]string{{}, {"a"}, {"a", "b", "c"}, {"a", "b", "--colour"}} {
		_, err := parse(flagSet("test"), args, "first", "second")
		require.ErrorAs(t, err, &wrong, args)
	}
	_, err := parse(flagSet("test"), []string{"-h"})
	require.ErrorIs(t, err, flag.ErrHelp)
}

func TestExitCodes(t *testing.T) {
	t.Setenv("HILLAVA_TOKN", "misspelt, so that every command fails before it does anything")
	for _, row := range []struct {
		args []string
		want int
		says string
	}{
		{nil, exitUsage, "which command?"},
		{[]string{"customer"}, exitUsage, `no command "customer"`},
		{[]string{"customers"}, exitUsage, `no command "customers"`},
		{[]string{"notice", "delete"}, exitUsage, `no command "notice delete"`},
		{[]string{"notice", "show"}, exitUsage, "takes <externalId or tunniste/Id>"},
		{[]string{"notice", "import", "a", "b"}, exitUsage, "notice's number"},
		{[]string{"notice", "dismiss", "a", "--code", "bored"}, exitUsage, "--code takes one of"},
		{[]string{"notice", "list", "--phase", "odd"}, exitUsage, "--phase takes one of"},
		{[]string{"notice", "list", "--customer", "a' OR 'b"}, exitUsage, "--customer takes a Tunniste"},
		{[]string{"customers", "poll", "ä x"}, exitUsage, "customers poll takes a Tunniste"},
		{[]string{"customers", "pause"}, exitUsage, "customers pause takes <tunniste>"},
		{[]string{"customers", "resume", "ä x"}, exitUsage, "customers resume takes a Tunniste"},
		{[]string{"serve", "now"}, exitUsage, "serve takes no arguments"},
		{[]string{"customers", "list"}, exitFailed, "did you mean HILLAVA_TOKEN?"},
		{[]string{"serve"}, exitFailed, "HILLAVA_WEBHOOK_SECRET: is not set"},
		{[]string{"notice", "show", "a b"}, exitUsage, "a notice is named by"},
		{[]string{"notice", "resend", "esimerkki/x"}, exitUsage, "tunniste/Id needs"},
		{[]string{"notice", "dismiss", "ä/1"}, exitUsage, "tunniste/Id needs"},
		{[]string{"notice", "erase", "/1"}, exitUsage, "tunniste/Id needs"},
		{[]string{"notice", "import", "ä x", "1"}, exitUsage, "takes a Tunniste"},
		{[]string{"help"}, exitDone, ""},
		{[]string{"customers", "--help"}, exitDone, ""},
		{[]string{"notice", "-h"}, exitDone, ""},
		{[]string{"notice", "show", "--help"}, exitDone, ""},
		{[]string{"doctor", "-h"}, exitDone, ""},
	} {
		var stdout, stderr bytes.Buffer
		require.Equal(t, row.want, run(t.Context(), row.args, &stdout, &stderr), row.args)
		require.Contains(t, stderr.String(), row.says)
		if row.want == exitDone {
			require.Contains(t, stdout.String(), "usage:")
		} else {
			require.Empty(t, stdout.String(), "what is wrong stands on stderr")
		}
	}
}

func TestNothingThatIsPrintedMovesTheTerminal(t *testing.T) {
	const name = "Oy\x1b[2J\x1b]0;title\a\nesimerkki\tyes\r\u009b31m\u202egro\u2028Käyttäjä – 1\u00a0kpl\xff"
	const shown = `Oy\x1b[2J\x1b]0;title\a\nesimerkki\tyes\r\u009b31m\u202egro\u2028Käyttäjä – 1` + "\u00a0kpl\ufffd"
	var stdout, stderr bytes.Buffer
	out := output{stdout: &stdout, stderr: &stderr}
	require.NoError(t, out.table([][]string{{"NAME", "POLLED"}, {name, "no"}}))
	lines := strings.Split(strings.TrimSuffix(stdout.String(), "\n"), "\n")
	require.Len(t, lines, 2, "one row is one line")
	require.Equal(t, shown+"  no", lines[1])

	out.note("first\n%s", "second\x1b[2J")
	require.Equal(t, "starter: first\nsecond\\x1b[2J\n", stderr.String(), "a message may have lines")

	stdout.Reset()
	require.NoError(t, out.json(name[:len(name)-1]))
	var read string
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &read))
	require.Equal(t, name[:len(name)-1], read, "JSON says it as it is")
}

func TestMessagesOfACommandDoNotMoveTheTerminal(t *testing.T) {
	t.Setenv("CUSTOMERS_FILE", "nowhere\x1b[2J")
	t.Setenv("HILLAVA_TOKN", "\x1b[2J")
	for _, args := range [][]string{{"notice\x1b[2J"}, {"customers", "list"}, {"notice", "show", "--\x1b[2J"}} {
		var stderr bytes.Buffer
		require.NotZero(t, run(t.Context(), args, &bytes.Buffer{}, &stderr))
		require.NotContains(t, stderr.String(), "\x1b", args)
	}
}

func TestServeTellsEverythingThatIsWrongAtOnce(t *testing.T) {
	previous := filepath.Join(t.TempDir(), "previous")
	require.NoError(t, os.WriteFile(previous, []byte("whsec_!!secret!!\n"), 0o600))
	t.Setenv("HILLAVA_WEBHOOK_SECRET", "whsec_c2hvcnQ=")
	t.Setenv("HILLAVA_WEBHOOK_SECRET_PREVIOUS_FILE", previous)
	t.Setenv("WEBHOOK_ADDR", "nowhere")
	_, err := loadServe()
	require.ErrorContains(t, err, "WEBHOOK_ADDR")
	require.ErrorContains(t, err, "HILLAVA_WEBHOOK_SECRET: has 5 bytes; it needs at least 24")
	require.ErrorContains(t, err, "HILLAVA_WEBHOOK_SECRET_PREVIOUS_FILE: is not whsec_ followed by base64")
	require.NotContains(t, err.Error(), "c2hvcnQ")
	require.NotContains(t, err.Error(), "!!secret!!")

	t.Setenv("HILLAVA_WEBHOOK_SECRET", "")
	_, err = loadServe()
	require.ErrorContains(t, err, "HILLAVA_WEBHOOK_SECRET: is not set")
	require.ErrorContains(t, err, "HILLAVA_WEBHOOK_SECRET_PREVIOUS_FILE: is not whsec_", "the other one is told as well")
}

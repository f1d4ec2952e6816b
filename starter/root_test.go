package main

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/commandline"
	"tampuuri-hillava/internal/terminal"
)

// everyCommand calls each for each command, groups too.
func everyCommand(command *cobra.Command, each func(*cobra.Command)) {
	each(command)
	for _, one := range command.Commands() {
		everyCommand(one, each)
	}
}

func TestEveryCommandHasHelpThatFitsATerminal(t *testing.T) {
	out, _, _ := printed(0)
	var paths []string
	everyCommand(newRoot(out), func(command *cobra.Command) {
		if strings.HasPrefix(command.CommandPath(), "starter completion ") { // the library's own
			return
		}
		paths = append(paths, command.CommandPath())
		for _, way := range [][]string{append(strings.Fields(command.CommandPath())[1:], "--help"), append([]string{"help"}, strings.Fields(command.CommandPath())[1:]...)} {
			out, stdout, stderr := printed(0)
			require.Equal(t, exitDone, run(t.Context(), way, out), way)
			require.Empty(t, stderr.String())
			require.Contains(t, stdout.String(), "Usage:\n  "+command.CommandPath(), way)
			for line := range strings.Lines(stdout.String()) {
				require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimRight(line, "\n")), commandline.HelpWidth, "%v: %s", way, line)
			}
		}
		if !command.HasSubCommands() && command.Flags().Lookup("by") != nil {
			require.True(t, command.HasExample() || command.Name() == "sync", command.CommandPath())
		}
	})
	require.Contains(t, paths, "starter notice retry")
}

func TestAGroupAloneListsItsCommands(t *testing.T) {
	out, stdout, stderr := printed(0)
	require.Equal(t, exitUsage, run(t.Context(), []string{"notice"}, out))
	require.Empty(t, stdout.String())
	for _, name := range []string{"list", "show", "resend", "retry", "dismiss", "import", "erase"} {
		require.Regexp(t, `(?m)^  `+name+` +\w`, stderr.String())
	}
}

func TestWrongUsageShowsThatCommandsUsageOnly(t *testing.T) {
	out, _, stderr := printed(0)
	require.Equal(t, exitUsage, run(t.Context(), []string{"notice", "show"}, out))
	require.Equal(t, `starter notice show: takes <notice>, and 0 were given
usage: starter notice show <notice> [flags]
  -h, --help   help for show
      --json   print JSON; errors stay text, on stderr
starter notice show --help tells more
`, stderr.String())
}

func TestShellsCanCompleteCommandsAndValues(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		out, stdout, _ := printed(0)
		require.Equal(t, exitDone, run(t.Context(), []string{"completion", shell}, out))
		require.Contains(t, stdout.String(), "__complete")
	}
	for typed, want := range map[string]string{"notice re": "resend", "notice list --phase ": "attention", "notice dismiss 1 --code ": "done-by-hand", "notice resend --reason ": "hillava-refused"} {
		out, stdout, _ := printed(0)
		words := strings.Split(typed, " ")
		require.Equal(t, exitDone, run(t.Context(), append([]string{"__complete"}, words...), out))
		require.Contains(t, stdout.String(), want, typed)
	}
}

func TestTheVersionIsAskedForAsACommandOrAFlag(t *testing.T) {
	for _, asked := range []string{"version", "--version"} {
		out, stdout, stderr := printed(0)
		require.Equal(t, exitDone, run(t.Context(), []string{asked}, out), stderr)
		require.Regexp(t, `^starter .*go1\.\S+\n$`, stdout.String())
	}
}

// TestABadValueOfAFlagIsSaidInOurWords tries each flag of each command that does not take any text.
func TestABadValueOfAFlagIsSaidInOurWords(t *testing.T) {
	root, tried := newRoot(terminal.Output{}), map[string]bool{}
	everyCommand(root, func(command *cobra.Command) {
		command.LocalFlags().VisitAll(func(flag *pflag.Flag) {
			kind := flag.Value.Type()
			tried[kind] = true
			if kind == "string" || strings.HasPrefix(command.CommandPath(), "starter completion") {
				return
			}
			bad := []string{"abc def"}
			if kind == "duration" {
				bad = append(bad, "0", "-5s")
			}
			for _, value := range bad {
				out, stdout, stderr := printed(0)
				args := append(strings.Fields(command.CommandPath())[1:], "--"+flag.Name+"="+value)
				for range strings.Count(command.Use, "<") { // its arguments are right
					args = append(args, "50026")
				}
				require.Equal(t, exitUsage, run(t.Context(), args, out), args)
				first, _, _ := strings.Cut(stderr.String(), "\n")
				require.Regexp(t, `: --`+flag.Name+` takes (true or false|a whole number, like 5|a time above zero, like 90s, 10m or 1h30m|a user name: .*), and "[^"]+" is none$`, first, args)
				require.Empty(t, stdout.String())
			}
		})
	})
	for _, kind := range []string{"bool", "int64", "duration", "func", "string"} {
		require.True(t, tried[kind], kind)
	}
}

func TestTheFirstInterruptStopsAndTheSecondEndsAtOnce(t *testing.T) {
	for first, says := range map[os.Signal]string{os.Interrupt: "starter: stopping; press again to end at once\n", os.Kill: ""} {
		signals, steps := make(chan os.Signal), make(chan string)
		_, _, stderr := printed(0)
		go stopOn(signals, func() { steps <- "cancelled" }, stderr, func(code int) {
			require.Equal(t, exitFailed, code)
			steps <- "ended"
		})
		signals <- first
		require.Equal(t, "cancelled", <-steps)
		require.Equal(t, says, stderr.String())
		signals <- os.Interrupt
		require.Equal(t, "ended", <-steps)
	}
}

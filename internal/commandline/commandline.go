// Package commandline is what every command line of ours does alike: groups, help of one width, and a word about what is
// wrong with what was typed.
package commandline

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tampuuri-hillava/internal/nearest"
)

// Wrong is a command line that cannot be understood. Its text says what is wrong with it.
type Wrong string

func (w Wrong) Error() string { return string(w) }

// HelpWidth is how wide help is: every terminal has that.
const HelpWidth = 80

// usageTemplate is cobra's own, but for a group, which is never called alone, and for the width.
const usageTemplate = `Usage:
  {{if .HasAvailableSubCommands}}{{.CommandPath}} <command>{{else}}{{.UseLine}}{{end}}{{if .HasExample}}

Examples:
{{.Example}}{{end}}{{if .HasAvailableSubCommands}}

Commands:{{range .Commands}}{{if or .IsAvailableCommand (eq .Name "help")}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsagesWrapped 80 | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableSubCommands}}

{{.CommandPath}} <command> --help tells more about one.{{end}}
`

// Root is a program's whole command line.
func Root(use, short, long string, stdout, stderr io.Writer, commands ...*cobra.Command) *cobra.Command {
	root := Group(use, short, long, commands...)
	root.SetUsageTemplate(usageTemplate)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SilenceErrors, root.SilenceUsage = true, true
	root.PersistentPreRunE = func(command *cobra.Command, _ []string) error { return refuseOdd(command.Flags()) }
	root.SetFlagErrorFunc(func(command *cobra.Command, err error) error { return wrongFlag(command.Flags(), err) })
	root.SetHelpCommand(helpCommand(root))
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	completion, _, _ := root.Find([]string{"completion"}) // it is there, as it was just made
	completion.Short = "Print a shell's completion script (bash, zsh, fish, powershell)"
	completion.Args, completion.RunE = cobra.ArbitraryArgs, noSuchCommand
	bash, _, _ := completion.Find([]string{"bash"})
	completesAlone(bash)
	return root
}

// refuseOdd refuses a flag that is given and says nothing, as a script's unset variable makes it: left out, it may well
// mean all. No time of ours is none at all, or before now.
func refuseOdd(flags *pflag.FlagSet) (err error) {
	flags.Visit(func(flag *pflag.Flag) {
		value := flag.Value.String()
		switch kind := flag.Value.Type(); {
		case err != nil:
		case kind == "string" && value == "":
			err = Wrong("--" + flag.Name + " is empty; give it a value or leave it out")
		case kind == "duration" && (value == "0s" || value[0] == '-'):
			err = NoValue(flag.Name, value, accepted[kind])
		}
	})
	return err
}

// Group is a command that only has others.
func Group(use, short, long string, commands ...*cobra.Command) *cobra.Command {
	group := &cobra.Command{Use: use, Short: short, Long: strings.TrimSpace(short + "\n\n" + long), Args: cobra.ArbitraryArgs, RunE: noSuchCommand}
	group.AddCommand(commands...)
	return group
}

// noSuchCommand is reached when a group is called with none of its commands.
func noSuchCommand(command *cobra.Command, args []string) error {
	if len(args) == 0 {
		return Wrong("which command?")
	}
	var names []string
	for _, one := range command.Commands() {
		names = append(names, one.Name())
	}
	return Wrong(fmt.Sprintf("there is no command %q%s", args[0], nearest.DidYouMean(args[0], names, "")))
}

// accepted is what the kinds of flags take whose errors are the language's own.
var accepted = map[string]string{
	"bool": "true or false", "int": "a whole number, like 5", "int64": "a whole number, like 5", "duration": "a time above zero, like 90s, 10m or 1h30m",
}

// wrongFlag says what is wrong with a flag, and which one an unknown one may have been meant to be.
func wrongFlag(flags *pflag.FlagSet, err error) Wrong {
	if refused := new(pflag.InvalidValueError); errors.As(err, &refused) {
		flag := refused.GetFlag()
		takes := accepted[flag.Value.Type()]
		if takes == "" { // a flag of a kind of its own says itself what it takes
			takes = errors.Unwrap(refused).Error()
		}
		return NoValue(flag.Name, refused.GetValue(), takes)
	}
	_, typed, unknown := strings.Cut(err.Error(), "unknown flag: --")
	if !unknown {
		return Wrong(err.Error())
	}
	var names []string
	flags.VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
	return Wrong(err.Error() + nearest.DidYouMean(typed, names, "--"))
}

// NoValue says that a flag does not take that value, and what it takes.
func NoValue(flag, value, takes string) Wrong {
	return Wrong(fmt.Sprintf("--%s takes %s, and %q is none", flag, takes, value))
}

// OneOf refuses a value of a flag that is none of those that it takes; "" is a flag that is left out.
func OneOf(flag, value string, takes ...string) error {
	if value == "" || slices.Contains(takes, value) {
		return nil
	}
	return NoValue(flag, value, "one of "+strings.Join(takes, ", ")) + Wrong(nearest.DidYouMean(value, takes, ""))
}

// Flags reads the command line of a program that has flags only, and says what is wrong with it.
func Flags(flags *pflag.FlagSet, args []string, messages io.Writer) error {
	flags.SetOutput(messages)
	err := flags.Parse(args)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return err
	case err != nil:
		err = wrongFlag(flags, err)
	case flags.NArg() > 0:
		err = Wrong(fmt.Sprintf("takes flags only, and %q is none", flags.Arg(0)))
	default:
		err = refuseOdd(flags)
	}
	if err != nil {
		fmt.Fprintf(messages, "%s: %v\n%s --help tells more\n", flags.Name(), err, flags.Name())
	}
	return err
}

func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "help [command]", Short: "Tell more about a command", Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			found, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return noSuchCommand(found, rest)
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}

// Takes checks that there is one argument for each name; "name..." takes one or more.
func Takes(names ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		last := len(names) - 1
		if len(args) == len(names) || last >= 0 && strings.HasSuffix(names[last], "...") && len(args) > len(names) {
			return nil
		}
		wanted := "no arguments"
		if len(names) > 0 {
			wanted = "<" + strings.Join(names, "> <") + ">"
		}
		return Wrong(fmt.Sprintf("takes %s, and %d were given", wanted, len(args)))
	}
}

// mostFlags is how many lines of flags are shown below what is wrong.
const mostFlags = 15

// ShortUsage is what stands below the line that says what is wrong: how the command is called, and where more stands.
func ShortUsage(command *cobra.Command, args []string) string {
	path := command.CommandPath()
	switch {
	case !command.HasAvailableSubCommands():
		flags := command.LocalFlags().FlagUsagesWrapped(HelpWidth)
		if strings.Count(flags, "\n") > mostFlags {
			flags = "" // or what is wrong would be out of sight
		}
		return fmt.Sprintf("usage: %s\n%s%s --help tells more\n", command.UseLine(), flags, path)
	case len(command.Flags().Args()) == 0 && len(args) < 2: // only its name
		return command.UsageString()
	default:
		return path + " --help lists its commands\n"
	}
}

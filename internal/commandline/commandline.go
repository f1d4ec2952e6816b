// Package commandline is what every command line of ours does alike: groups, help of one width, and a word about what is
// wrong with what was typed.
package commandline

import (
	"fmt"
	"io"
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
	root.PersistentPreRunE = func(command *cobra.Command, _ []string) error { return refuseEmpty(command) }
	root.SetFlagErrorFunc(func(command *cobra.Command, err error) error {
		return Wrong(err.Error() + nearestFlag(command, err))
	})
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

// refuseEmpty refuses a flag that is given and says nothing, as a script's unset variable makes it: left out, it may well
// mean all.
func refuseEmpty(command *cobra.Command) (err error) {
	command.Flags().Visit(func(flag *pflag.Flag) {
		if flag.Value.Type() == "string" && flag.Value.String() == "" && err == nil {
			err = Wrong("--" + flag.Name + " is empty; give it a value or leave it out")
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

// nearestFlag names the flag that an unknown one may have been meant to be.
func nearestFlag(command *cobra.Command, err error) string {
	_, typed, unknown := strings.Cut(err.Error(), "unknown flag: --")
	if !unknown {
		return ""
	}
	var names []string
	command.Flags().VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
	return nearest.DidYouMean(typed, names, "--")
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

package main

import (
	"fmt"
	"runtime/debug"
	"strings"

	"tampuuri-hillava/internal/nearest"
	"tampuuri-hillava/internal/terminal"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpWidth is how wide help is: every terminal has that.
const helpWidth = 80

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

// newRoot builds the whole command line. It holds no state: each call builds another one.
func newRoot(out terminal.Output) *cobra.Command {
	root := group("starter", "Receive Hillava's webhooks, and look after the integration.", `Settings come from the environment; see docs/settings.md. --json prints JSON;
messages go to stderr. Times are Finnish time (Europe/Helsinki).
Exit code 0: done, 1: failed, 2: used wrongly.`)
	root.SetUsageTemplate(usageTemplate)
	root.SetOut(out.Stdout)
	root.SetErr(out.Stderr)
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetFlagErrorFunc(func(command *cobra.Command, err error) error {
		return usageError{err.Error() + nearestFlag(command, err)}
	})
	root.AddCommand(serveCommand(out), doctorCommand(out), healthCommand(), versionCommand(out), customersCommand(out), noticeCommand(out))
	root.SetHelpCommand(helpCommand(root))
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, command := range root.Commands() {
		if command.Name() == "completion" {
			command.Short = "Print a shell's completion script (bash, zsh, fish, powershell)"
			command.Args, command.RunE = cobra.ArbitraryArgs, noSuchCommand
		}
	}
	return root
}

// group is a command that only has others.
func group(use, short, long string) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Long: strings.TrimSpace(short + "\n\n" + long), Args: cobra.ArbitraryArgs, RunE: noSuchCommand}
}

// noSuchCommand is reached when a group is called with none of its commands.
func noSuchCommand(command *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usageError{"which command?"}
	}
	var names []string
	for _, one := range command.Commands() {
		names = append(names, one.Name())
	}
	return usageError{fmt.Sprintf("there is no command %q%s", args[0], didYouMean(args[0], names))}
}

// nearestFlag names the flag that an unknown one may have been meant to be.
func nearestFlag(command *cobra.Command, err error) string {
	_, typed, unknown := strings.Cut(err.Error(), "unknown flag: --")
	if !unknown {
		return ""
	}
	var names []string
	command.Flags().VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
	if near := nearest.Names(typed, names, 1); len(near) > 0 {
		return "; did you mean --" + near[0] + "?"
	}
	return ""
}

// didYouMean proposes the nearest of the names.
func didYouMean(typed string, names []string) string {
	if near := nearest.Names(typed, names, 1); len(near) > 0 {
		return "; did you mean " + near[0] + "?"
	}
	return ""
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

func versionCommand(out terminal.Output) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Say which build this is", Args: takes(),
		RunE: func(*cobra.Command, []string) error {
			info, ok := debug.ReadBuildInfo()
			if !ok {
				return out.Line("starter, built without build information")
			}
			return out.Line(versionOf(info))
		},
	}
}

// versionOf names a build by its version, or by its commit where it has none.
func versionOf(info *debug.BuildInfo) string {
	settings := map[string]string{}
	for _, setting := range info.Settings {
		settings[setting.Key] = setting.Value
	}
	text := "starter " + info.Main.Version
	if revision := settings["vcs.revision"]; revision != "" {
		text += ", commit " + revision + " of " + settings["vcs.time"]
	}
	if settings["vcs.modified"] == "true" {
		text += ", changed since"
	}
	return text + ", " + info.GoVersion
}

// takes checks that there is one argument for each name; "name..." takes one or more.
func takes(names ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		last := len(names) - 1
		if len(args) == len(names) || last >= 0 && strings.HasSuffix(names[last], "...") && len(args) > len(names) {
			return nil
		}
		wanted := "no arguments"
		if len(names) > 0 {
			wanted = "<" + strings.Join(names, "> <") + ">"
		}
		return usageError{fmt.Sprintf("takes %s, not %d arguments", wanted, len(args))}
	}
}

func jsonFlag(command *cobra.Command) *bool { return command.Flags().Bool("json", false, "print JSON") }

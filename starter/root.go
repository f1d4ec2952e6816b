package main

import (
	"runtime/debug"

	"github.com/spf13/cobra"

	"tampuuri-hillava/internal/commandline"
	"tampuuri-hillava/internal/receiver"
	"tampuuri-hillava/internal/terminal"
)

// newRoot builds the whole command line. It holds no state: each call builds another one.
func newRoot(out terminal.Output) *cobra.Command {
	return commandline.Root("starter", "Receive Hillava's webhooks, and look after the integration.", `Settings come from the environment; see docs/settings.md. --json prints JSON;
messages go to stderr. Times are Finnish time (Europe/Helsinki).
Exit code 0: done, 1: failed, 2: used wrongly.`, out.Stdout, out.Stderr,
		serveCommand(out), doctorCommand(out), healthCommand(), versionCommand(out), customersCommand(out), noticeCommand(out), reportCommand(out))
}

func serveCommand(out terminal.Output) *cobra.Command {
	return &cobra.Command{
		Use: "serve", Short: "Receive Hillava's webhooks, until it is stopped", Args: commandline.Takes(),
		RunE: func(command *cobra.Command, _ []string) error { return receiver.Serve(command.Context(), out.Stderr) },
	}
}

func versionCommand(out terminal.Output) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Say which build this is", Args: commandline.Takes(),
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

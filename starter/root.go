package main

import (
	"github.com/spf13/cobra"

	"tampuuri-hillava/internal/commandline"
	"tampuuri-hillava/internal/receiver"
	"tampuuri-hillava/internal/telemetry"
	"tampuuri-hillava/internal/terminal"
)

// newRoot builds the whole command line. It holds no state: each call builds another one.
func newRoot(out terminal.Output) *cobra.Command {
	root := commandline.Root("starter", "Receive Hillava's webhooks, and look after the integration.", `Settings come from the environment; see docs/settings.md. --json prints JSON;
messages go to stderr. Times are Finnish time (Europe/Helsinki).
Exit code 0: done, 1: failed, 2: used wrongly.`, out.Stdout, out.Stderr,
		serveCommand(out), doctorCommand(out), healthCommand(), versionCommand(out), customersCommand(out), noticeCommand(out), reportCommand(out))
	root.Version = telemetry.Version("starter") // gives it --version
	root.SetVersionTemplate("{{.Version}}\n")
	return root
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
		RunE: func(command *cobra.Command, _ []string) error { return out.Line(command.Root().Version) },
	}
}

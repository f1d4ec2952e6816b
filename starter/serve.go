package main

import (
	"github.com/spf13/cobra"

	"tampuuri-hillava/internal/commandline"
	"tampuuri-hillava/internal/receiver"
	"tampuuri-hillava/internal/terminal"
)

func serveCommand(out terminal.Output) *cobra.Command {
	return &cobra.Command{
		Use: "serve", Short: "Receive Hillava's webhooks, until it is stopped", Args: commandline.Takes(),
		RunE: func(command *cobra.Command, _ []string) error { return receiver.Serve(command.Context(), out.Stderr) },
	}
}

package main

import (
	"github.com/spf13/cobra"

	"tampuuri-hillava/internal/opening"
	"tampuuri-hillava/internal/terminal"
)

func customersCloseCommand(out terminal.Output) *cobra.Command {
	command := entryCommand("close", "Stop new imports of a customer for good")
	command.Long = `Stop new imports of a customer for good. It is recorded in its entry in
CUSTOMERS_FILE, which stays, with the credentials, as long as notices are open:
they are still written back. Run again once none is, it takes the entry out.`
	yes := command.Flags().Bool("yes", false, "without asking: close it, or take its entry out once no notice is open")
	runOnEntry(command, out, func(c *opening.Command) (worded, error) {
		c.Yes = *yes
		return c.Close(command.Context())
	})
	return command
}

func customersConfirmNameCommand(out terminal.Output) *cobra.Command {
	command := entryCommand("confirm-name", "Take a customer's new name in Hillava for the same customer's")
	yes := yesFlag(command)
	runOnEntry(command, out, func(c *opening.Command) (worded, error) {
		c.Yes = *yes
		return c.ConfirmName(command.Context())
	})
	return command
}

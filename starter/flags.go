package main

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"tampuuri-hillava/internal/terminal"
)

// byFlag defines --by: who runs the command, unless it says otherwise.
func byFlag(command *cobra.Command) *string {
	by := terminal.User()
	command.Flags().Func("by", "`who` does it, a user name; you, unless given", func(given string) error {
		if !terminal.IsUserName(given) {
			return errors.New("a user name: 1 to 64 letters, digits and . _ @ -")
		}
		by = given
		return nil
	})
	return &by
}

func jsonFlag(command *cobra.Command) *bool {
	return command.Flags().Bool("json", false, "print JSON; errors stay text, on stderr")
}

// yesFlag defines --yes: what would be asked is answered.
func yesFlag(command *cobra.Command) *bool {
	return command.Flags().Bool("yes", false, "do not ask; for scripts")
}

// timeoutFlag defines --timeout of what a worker has to do.
func timeoutFlag(command *cobra.Command) *time.Duration {
	return command.Flags().Duration("timeout", defaultWait, "how long to wait for a worker")
}

// defaultWait is how long a command waits for what it asked a worker to do.
const defaultWait = 10 * time.Minute

// proposes has a shell propose these values of a flag.
func proposes(command *cobra.Command, flag string, values ...string) {
	_ = command.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)) // fails only without that flag
}

// proposesCustomers has a shell propose the customers for --customer.
func proposesCustomers(command *cobra.Command) {
	_ = command.RegisterFlagCompletionFunc("customer", completeTunniste) // fails only without that flag
}

// answer prints what a command did: as JSON, or in words.
func answer(out terminal.Output, asJSON bool, done any, words string) error {
	if asJSON {
		return out.JSON(done)
	}
	return out.Line(words)
}

package main

import (
	"errors"

	"github.com/spf13/cobra"

	"tampuuri-hillava/internal/terminal"
)

// byFlag defines --by: who runs the command, unless it says otherwise.
func byFlag(command *cobra.Command) *string {
	by := terminal.User()
	command.Flags().Func("by", "`who` does it, a user name; you, unless given", func(given string) error {
		if !terminal.IsUserName(given) {
			return errors.New("it takes a user name: 1 to 64 letters, digits and . _ @ -")
		}
		by = given
		return nil
	})
	return &by
}

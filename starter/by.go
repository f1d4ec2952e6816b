package main

import (
	"errors"
	"os/user"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

// longestBy bounds, in characters, who an action is said to be by.
const longestBy = 64

// byPattern is what --by takes. It goes into Temporal's history and into the audit trail, which hold no free text.
var byPattern = regexp.MustCompile(`^[\p{L}\p{N}._@-]{1,64}$`)

// byFlag defines --by: who runs the command, unless it says otherwise.
func byFlag(command *cobra.Command) *string {
	by := operator(systemUser())
	command.Flags().Func("by", "`who` does it, a user name; you, unless given", func(given string) error {
		if !byPattern.MatchString(given) {
			return errors.New("it takes a user name: 1 to 64 letters, digits and . _ @ -")
		}
		by = given
		return nil
	})
	return &by
}

// systemUser is who runs the program; "" where the system does not tell.
func systemUser() string {
	current, err := user.Current()
	if err != nil {
		return ""
	}
	return current.Username
}

// operator makes of a user name of the system, which on Windows begins with a domain and a backslash, one that --by would
// take; "operator" of none.
func operator(username string) string {
	allowed := []rune(strings.Map(func(r rune) rune {
		if !byPattern.MatchString(string(r)) {
			return '-'
		}
		return r
	}, username))
	if len(allowed) == 0 {
		return "operator"
	}
	return string(allowed[:min(len(allowed), longestBy)])
}

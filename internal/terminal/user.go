package terminal

import (
	"os/user"
	"regexp"
	"strings"
)

// byPattern is what a user name is made of. It goes into Temporal's history and into the audit trail, which hold no free text.
var byPattern = regexp.MustCompile(`^[\p{L}\p{N}._@-]{1,64}$`)

// IsUserName tells whether an action may be said to be by that.
func IsUserName(by string) bool { return byPattern.MatchString(by) }

// User is who runs the program, as IsUserName takes it.
func User() string {
	if current, err := user.Current(); err == nil {
		return operator(current.Username)
	}
	return operator("")
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
	return string(allowed[:min(len(allowed), 64)])
}

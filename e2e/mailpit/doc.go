// Package mailpit names the mail server that the tests build: github.com/axllent/mailpit, the tool of this module.
package mailpit

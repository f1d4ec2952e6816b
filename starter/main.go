// Starter is every role that is a client of Temporal: the webhook receiver and the commands of an operator.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes: done, failed, used wrongly.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

const usage = `usage:
  starter serve                                   receive Hillava's webhooks
  starter customers list                          who is polled, and why not
  starter customers sync                          bring the customers in line with Hillava and customers.yaml now
  starter customers poll <tunniste>               poll one customer now
  starter customers pause <tunniste> [--reason <text>] [--by <who>]
                                                  stop polling one customer; its open notices are still written back
  starter customers resume <tunniste> [--by <who>]
  starter notice list [--customer <tunniste>] [--phase <phase>] [--open]
  starter notice show <externalId or tunniste/Id>
  starter notice resend <externalId or tunniste/Id>
  starter notice dismiss <externalId or tunniste/Id> [--code done-by-hand|not-ours|other] [--by <who>]
                                                  close it by a person's decision; the code is "other" unless given
  starter notice import <tunniste> <Id>           import a notice that the poll leaves alone
  starter notice erase <externalId or tunniste/Id> [--by <who>]
                                                  remove a closed notice's runs from Temporal
  starter doctor                                  check the whole set-up
  starter health <url>                            exit 0 when that health endpoint answers 200; for containers

--json prints JSON. What a worker has to do (sync, poll, pause, resume, import) takes --timeout (10m). Every action takes --by, a
user name. Temporal keeps a pause's --reason: write no personal data in it. Settings come from the environment; see docs/settings.md.
Exit code 0: done, 1: failed, 2: used wrongly.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// usageError is a command line that cannot be understood. Its text says what is wrong with it.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

// command runs one command with the arguments after its name.
type command func(ctx context.Context, out output, args []string) error

// find gives the command that the arguments name, and what is left of them.
func find(args []string) (name string, run command, rest []string, err error) {
	commands := map[string]command{
		"serve":            serve,
		"doctor":           doctor,
		"health":           health,
		"customers list":   customersList,
		"customers sync":   customersSync,
		"customers poll":   customersPoll,
		"customers pause":  customersPause,
		"customers resume": customersResume,
		"notice list":      noticeList,
		"notice show":      noticeShow,
		"notice resend":    noticeResend,
		"notice dismiss":   noticeDismiss,
		"notice import":    noticeImport,
		"notice erase":     noticeErase,
	}
	for words := 1; words <= 2 && words <= len(args); words++ {
		name = args[0]
		if words == 2 {
			name += " " + args[1]
		}
		if run, ok := commands[name]; ok {
			return name, run, args[words:], nil
		}
	}
	if len(args) == 0 {
		return "", nil, nil, usageError{"which command?"}
	}
	return "", nil, nil, usageError{fmt.Sprintf("there is no command %q", name)}
}

func asksForHelp(word string) bool {
	return word == "help" || word == "-h" || word == "-help" || word == "--help"
}

// run is main without the process: it gives the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	group := len(args) > 1 && (args[0] == "customers" || args[0] == "notice")
	if len(args) > 0 && asksForHelp(args[0]) || group && asksForHelp(args[1]) {
		fmt.Fprint(stdout, usage)
		return exitDone
	}
	name, runs, rest, err := find(args)
	if err == nil {
		err = runs(ctx, output{stdout: stdout, stderr: stderr}, rest)
	}
	var wrong usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return exitDone
	case errors.As(err, &wrong):
		fmt.Fprintf(stderr, "starter: %s\n\n%s", printableLines(wrong.text), usage)
		return exitUsage
	default:
		fmt.Fprintf(stderr, "starter %s: %s\n", name, printableLines(err.Error()))
		return exitFailed
	}
}

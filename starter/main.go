// Starter is every role that is a client of Temporal: the webhook receiver and the commands of an operator.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"tampuuri-hillava/internal/terminal"

	"github.com/spf13/cobra"
)

// Exit codes: done, failed, used wrongly.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go stopOn(signals, cancel, os.Stderr, os.Exit)
	os.Exit(run(ctx, os.Args[1:], terminal.OfProcess()))
}

// stopOn ends the program gracefully at the first signal, and at once at the second.
func stopOn(signals <-chan os.Signal, cancel func(), stderr io.Writer, exit func(code int)) {
	if <-signals == os.Interrupt { // a person's Ctrl-C; a supervisor needs no advice
		fmt.Fprintln(stderr, "starter: stopping; press again to end at once")
	}
	cancel()
	<-signals
	exit(exitFailed)
}

// usageError is a command line that cannot be understood. Its text says what is wrong with it.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

// run is main without the process: it gives the exit code.
func run(ctx context.Context, args []string, out terminal.Output) int {
	root := newRoot(out)
	root.SetArgs(args)
	ran, err := root.ExecuteContextC(ctx)
	var wrong usageError
	if nobody := terminal.NobodyToAsk(""); errors.As(err, &nobody) {
		err = usageError{nobody.Error()}
	}
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &wrong):
		fmt.Fprintf(out.Stderr, "%s: %s\n%s", ran.CommandPath(), terminal.PrintableLines(wrong.text), shortUsage(ran, args))
		return exitUsage
	default:
		fmt.Fprintf(out.Stderr, "%s: %s\n", ran.CommandPath(), terminal.PrintableLines(err.Error()))
		return exitFailed
	}
}

// shortUsage is what stands below the line that says what is wrong: how the command is called, and where more stands.
func shortUsage(command *cobra.Command, args []string) string {
	path := command.CommandPath()
	switch {
	case !command.HasAvailableSubCommands():
		return fmt.Sprintf("usage: %s\n%s%s --help tells more\n", command.UseLine(), command.LocalFlags().FlagUsagesWrapped(helpWidth), path)
	case len(command.Flags().Args()) == 0 && len(args) < 2: // only its name
		return command.UsageString()
	default:
		return path + " --help lists its commands\n"
	}
}

// Starter is every role that is a client of Temporal: the webhook receiver and the commands of an operator.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"tampuuri-hillava/internal/commandline"
	"tampuuri-hillava/internal/terminal"
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

// run is main without the process: it gives the exit code.
func run(ctx context.Context, args []string, out terminal.Output) int {
	root := newRoot(out)
	root.SetArgs(args)
	ran, err := root.ExecuteContextC(ctx)
	if cut := interrupted(ctx, ran, err); cut != nil {
		err = cut
	}
	var wrong commandline.Wrong
	if nobody := terminal.NobodyToAsk(""); errors.As(err, &nobody) {
		err = commandline.Wrong(nobody.Error())
	}
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &wrong):
		fmt.Fprintf(out.Stderr, "%s: %s\n%s", ran.CommandPath(), terminal.PrintableLines(wrong.Error()), commandline.ShortUsage(ran, args))
		return exitUsage
	default:
		text := strings.ReplaceAll(err.Error(), context.DeadlineExceeded.Error(), "no answer in time") // as the libraries call it
		fmt.Fprintf(out.Stderr, "%s: %s\n", ran.CommandPath(), terminal.PrintableLines(text))
		return exitFailed
	}
}

// interrupted says, for a command that was ended before it was done, what goes on without it; nil for any other. Whatever
// broke off then says so in words of a library's.
func interrupted(ctx context.Context, ran *cobra.Command, err error) error {
	watch := ran.Flags().Lookup("watch")
	endsSo := ran.Name() == "serve" || watch != nil && watch.Changed
	switch {
	case ctx.Err() == nil, err == nil && endsSo, err != nil && !strings.Contains(err.Error(), context.Canceled.Error()):
		return nil
	case ran.Flags().Lookup("by") == nil: // it only looks
		return errors.New("interrupted before it was done")
	default:
		return errors.New("interrupted; what it had asked for by then goes on without it: starter notice list and starter customers list tell what came of it")
	}
}

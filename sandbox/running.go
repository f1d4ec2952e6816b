package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"tampuuri-hillava/sandbox/stack"
)

// restartAfter is how long a program that ended by itself stays down, as with a supervisor.
const restartAfter = 2 * time.Second

func welcome(messages io.Writer, running *stack.Stack) {
	webUI := running.Temporal.UIURL
	if webUI == "" {
		webUI = "not known (say where it is with --temporal-ui)"
	}
	fmt.Fprintf(messages, `
Everything runs.

  The page           %s
  Temporal Web UI    %s
  Tampuuri           %s
  Hillava            %s
  Webhook receiver   %s
  Temporal server    %s (%s)
  Logs               %s

What to do first:
  1. Open the page, press "New notice", then "Create". It is assigned to our company at once.
  2. Within seconds its task appears on the right, in Hillava. Press "Add time entry" there, then "Työ valmis":
     on the left the notice becomes Tehty.
  3. Press "Laskutettu": the time entry becomes a toimenpide, and the notice Valmis.
  4. The link "Workflow" on the notice shows its whole history in the Temporal Web UI.

The starter's commands work against this sandbox too:
  . %s
  go run ./starter notice list

Ctrl-C ends everything.
`, running.PageURL, webUI, running.TampuuriURL, running.HillavaURL, running.WebhookURL, running.Temporal.Address, running.Temporal.Source,
		filepath.Join(running.Dir, "logs"), running.EnvironmentFile)
}

// keepRunning starts programs again that end by themselves, until ctx ends.
func keepRunning(ctx context.Context, running *stack.Stack, messages io.Writer) {
	for _, program := range []*stack.Program{running.Worker, running.Serve} {
		go func() {
			for {
				select {
				case <-ctx.Done():
					return
				case <-program.Ended():
				}
				if ctx.Err() != nil {
					return
				}
				fmt.Fprintf(messages, "%s ended by itself and is started again in %s. The end of its log:\n%s\n", program.Name, restartAfter, program.LogTail(8))
				select {
				case <-ctx.Done():
					return
				case <-time.After(restartAfter):
				}
				if err := program.Start(); err != nil {
					fmt.Fprintln(messages, "sandbox:", err)
					return
				}
			}
		}()
	}
	<-ctx.Done()
}

// Command standins runs the stand-ins of Tampuuri and Hillava and the page on which a person plays them, and nothing else:
// the profile sandbox of docker-compose.yml runs it beside the service. On one machine, without containers, use
// go run ./sandbox instead.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/pflag"

	"tampuuri-hillava/internal/commandline"
	"tampuuri-hillava/sandbox/stack"
)

func main() {
	options, err := parse(os.Args[1:], os.Stderr)
	if errors.Is(err, pflag.ErrHelp) {
		os.Exit(0)
	}
	if err != nil {
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, options, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "standins:", err)
		os.Exit(1)
	}
}

func parse(args []string, messages io.Writer) (stack.Options, error) {
	options := stack.Options{Seed: true, Page: true, Progress: messages}
	flags := pflag.NewFlagSet("standins", pflag.ContinueOnError)
	flags.StringVar(&options.IP, "ip", "", "address to listen on; another than loopback only in a container")
	flags.StringVar(&options.Dir, "dir", "", "folder for customers.yaml and the secrets that worker and receiver share (default a temporary one)")
	flags.StringVar(&options.WebhookURL, "webhook-url", "http://127.0.0.1:8088/webhooks/hillava", "where Hillava sends its events")
	flags.StringVar(&options.TemporalUI, "temporal-ui", "", "address of the Temporal Web UI, for the page's links")
	flags.IntVar(&options.Ports.Page, "port", 8090, "port of the page")
	flags.IntVar(&options.Ports.Tampuuri, "tampuuri-port", 8091, "port of the Tampuuri stand-in")
	flags.IntVar(&options.Ports.Hillava, "hillava-port", 8092, "port of the Hillava stand-in")
	return options, commandline.Flags(flags, args, messages)
}

func run(ctx context.Context, options stack.Options, messages io.Writer) (failed error) {
	running, err := stack.NewStandIns(ctx, options)
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, running.Close()) }()
	if len(running.Moved) > 0 { // others look for them where they were asked for
		return fmt.Errorf("%v: choose other ports", running.Moved)
	}
	fmt.Fprintf(messages, "The page is on %s, Tampuuri on %s, Hillava on %s; customers and secrets are in %s.\n",
		running.PageURL, running.TampuuriURL, running.HillavaURL, running.Dir)
	<-ctx.Done()
	return nil
}

// Command sandbox runs the whole integration on one machine: a real Temporal server with its Web UI, stand-ins of
// Tampuuri and Hillava, the worker and the webhook receiver, and a page from which a person plays both systems.
//
//	go run ./sandbox                 stays up until Ctrl-C
//	go run ./sandbox --once --json   takes one notice through everything and prints what each system holds
//
// It exits with 0 when all went well, 1 when not, 2 for wrong arguments.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"tampuuri-hillava/internal/commandline"
	"tampuuri-hillava/sandbox/stack"
)

type settings struct {
	once, json, empty, verbose bool
	db                         string
	ledger                     string
	temporalUI                 string
	ports                      stack.Ports
	pollEvery, timeout         time.Duration
	startTimeout               time.Duration
}

func main() {
	s, err := parse(os.Args[1:], os.Stderr)
	if errors.Is(err, pflag.ErrHelp) {
		os.Exit(0)
	}
	if err != nil {
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends at once
	if err := run(ctx, s, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(1)
	}
}

func parse(args []string, messages io.Writer) (settings, error) {
	var s settings
	flags := pflag.NewFlagSet("sandbox", pflag.ContinueOnError)
	flags.BoolVar(&s.once, "once", false, "take one notice through the whole flow, check the result and exit")
	flags.BoolVar(&s.json, "json", false, "print what each system holds at the end as JSON, and nothing else, to stdout")
	flags.BoolVar(&s.empty, "empty", false, "start without the example notices (--once always does)")
	flags.BoolVar(&s.verbose, "verbose", false, "show the logs of worker and webhook receiver too")
	flags.StringVar(&s.db, "db", "", "file that keeps Temporal's state from run to run; the stand-ins always start anew")
	flags.StringVar(&s.ledger, "ledger", "", "file for the ledger of every effect in both systems")
	flags.StringVar(&s.temporalUI, "temporal-ui", "", "address of the Web UI when TEMPORAL_ADDRESS names a server of yours")
	flags.DurationVar(&s.pollEvery, "poll-every", 0, "how often notices are fetched (default 2s)")
	flags.DurationVar(&s.timeout, "timeout", 2*time.Minute, "how long --once waits for each step")
	flags.DurationVar(&s.startTimeout, "start-timeout", 30*time.Minute, "how long the start may take, the first build included")
	flags.IntVar(&s.ports.Page, "port", 8090, "port of the page")
	flags.IntVar(&s.ports.Tampuuri, "tampuuri-port", 8091, "port of the Tampuuri stand-in")
	flags.IntVar(&s.ports.Hillava, "hillava-port", 8092, "port of the Hillava stand-in")
	flags.IntVar(&s.ports.Webhook, "webhook-port", 8088, "port of the webhook receiver")
	flags.IntVar(&s.ports.WorkerOps, "worker-ops-port", 9091, "port of the worker's health and metrics")
	flags.IntVar(&s.ports.ServeOps, "serve-ops-port", 9092, "port of the webhook receiver's health and metrics")
	flags.IntVar(&s.ports.Temporal, "temporal-port", 7233, "port of the Temporal server")
	flags.IntVar(&s.ports.TemporalUI, "temporal-ui-port", 8233, "port of the Temporal Web UI")
	return s, commandline.Flags(flags, args, messages)
}

// run starts everything, does what is asked, and ends everything again. Only results go to out.
func run(ctx context.Context, s settings, out, messages io.Writer) (failed error) {
	started := time.Now()
	running, err := start(ctx, s, messages)
	if err != nil {
		if ctx.Err() != nil {
			return errors.New("stopped while starting")
		}
		return fmt.Errorf("cannot start: %w", err)
	}
	defer func() { failed = errors.Join(failed, running.Close()) }()
	for _, moved := range running.Moved {
		fmt.Fprintln(messages, "Note:", moved)
	}
	if s.once {
		err = once(ctx, running, s.timeout, messages)
	} else {
		welcome(messages, running)
		keepRunning(ctx, running, messages)
		fmt.Fprintln(messages, "\nStopping.")
	}
	return errors.Join(err, report(running, s, started, out))
}

func start(ctx context.Context, s settings, messages io.Writer) (*stack.Stack, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.startTimeout, fmt.Errorf("the start took longer than %s (--start-timeout)", s.startTimeout))
	defer cancel()
	keyFile, err := stateFile("fingerprint-key")
	if err != nil {
		return nil, err
	}
	environmentFile, err := stateFile("starter.env")
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(s.db); s.db != "" && err == nil {
		fmt.Fprintln(messages, "Note: Temporal remembers the notices of earlier runs, but both stand-ins start anew and know none of them.")
	}
	fmt.Fprintln(messages, "Starting Temporal, both stand-ins, the worker and the webhook receiver.")
	options := stack.Options{
		Seed: !s.empty && !s.once, Ports: s.ports, Page: !s.once, TemporalDB: s.db, TemporalUI: s.temporalUI, LedgerFile: s.ledger,
		FingerprintKeyFile: keyFile, EnvironmentFile: environmentFile, PollEvery: s.pollEvery, Progress: messages,
	}
	if s.verbose {
		options.Tee = messages
	}
	for _, variable := range os.Environ() {
		if strings.HasPrefix(variable, "NOTIFY_") { // who is told is no matter of the sandbox's, so that it can be tried
			options.NotifyEnvironment = append(options.NotifyEnvironment, variable)
		}
	}
	return stack.New(ctx, options)
}

// stateFile is where something is kept from run to run.
func stateFile(name string) (string, error) {
	base, err := os.UserCacheDir()
	if err != nil { // no home directory, as in some containers
		base = os.TempDir()
	}
	folder := filepath.Join(base, "tampuuri-hillava")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("make the folder of the sandbox's state: %w", err)
	}
	return filepath.Join(folder, name), nil
}

// report prints the state of all systems with --json. It does not use the run's context, which Ctrl-C has ended.
func report(running *stack.Stack, s settings, started time.Time, out io.Writer) error {
	if !s.json {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	snapshot, err := running.Snapshot(ctx)
	snapshot.Seconds = time.Since(started).Round(time.Millisecond).Seconds()
	text, problem := json.MarshalIndent(snapshot, "", "  ")
	if problem != nil {
		return errors.Join(err, fmt.Errorf("write the state as JSON: %w", problem))
	}
	_, problem = fmt.Fprintf(out, "%s\n", text)
	return errors.Join(err, problem)
}

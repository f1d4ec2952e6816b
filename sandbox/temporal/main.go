// Command temporal is the sandbox's Temporal: the real server with all four services and the real Web UI in one
// process, over SQLite. It is its own module, so that the server's dependencies never reach worker and starter.
//
// When everything answers it prints one JSON line to stdout ({"address","ui","namespace","db"}); its log goes to
// stderr. SIGINT and SIGTERM stop it cleanly. With --db the state survives even a SIGKILL.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

// startTimeout bounds a start. A cold start on two busy cores takes a few seconds; a minute means that it hangs.
const startTimeout = time.Minute

type settings struct {
	ip        string
	port      int // 0 = any free one
	uiPort    int // 0 = any free one
	headless  bool
	db        string // "" = in memory
	namespace string
	logLevel  string
	// runEvents is after how many events of its history a run is told to continue as new; 0 = the server's default.
	runEvents int
}

// addresses is the line that is printed when everything answers.
type addresses struct {
	Address   string `json:"address"`
	UI        string `json:"ui"` // "" when headless
	Namespace string `json:"namespace"`
	DB        string `json:"db"` // "" = in memory
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s, err := parse(os.Args[1:], os.Stderr)
	if err != nil {
		os.Exit(2)
	}
	if err := run(ctx, s, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "temporal:", err)
		os.Exit(1)
	}
}

func parse(args []string, messages io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("temporal", flag.ContinueOnError)
	flags.SetOutput(messages)
	flags.StringVar(&s.ip, "ip", "127.0.0.1", "address to listen on")
	flags.IntVar(&s.port, "port", 7233, "gRPC port, 0 = any free one")
	flags.IntVar(&s.uiPort, "ui-port", 8233, "Web UI port, 0 = any free one")
	flags.BoolVar(&s.headless, "headless", false, "run without the Web UI")
	flags.StringVar(&s.db, "db", "", "SQLite file that keeps the state, empty = in memory")
	flags.StringVar(&s.namespace, "namespace", "default", "namespace to create when it is not there")
	flags.StringVar(&s.logLevel, "log-level", "warn", "debug, info, warn or error")
	flags.IntVar(&s.runEvents, "run-events", 0, "events after which a run is told to continue as new, 0 = the server's default")
	if err := flags.Parse(args); err != nil {
		return settings{}, err
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(messages, "temporal: unexpected argument %q\n", flags.Arg(0))
		return settings{}, flag.ErrHelp
	}
	if net.ParseIP(s.ip) == nil {
		fmt.Fprintf(messages, "temporal: --ip %q is not an IP address\n", s.ip)
		return settings{}, flag.ErrHelp
	}
	return s, nil
}

// run serves until ctx ends.
func run(ctx context.Context, s settings, out io.Writer) error {
	var err error
	if s.port, err = choosePort(s.ip, s.port, "--port"); err != nil {
		return err
	}
	if !s.headless {
		if s.uiPort, err = choosePort(s.ip, s.uiPort, "--ui-port"); err != nil {
			return err
		}
	}
	server, err := newServer(s)
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return fmt.Errorf("start the Temporal server: %w", err)
	}
	defer server.Stop()

	frontend := net.JoinHostPort(s.ip, strconv.Itoa(s.port))
	ready := addresses{Address: frontend, Namespace: s.namespace, DB: s.db}
	if !s.headless {
		ready.UI = "http://" + net.JoinHostPort(s.ip, strconv.Itoa(s.uiPort))
		ui := newUI(s)
		go func() { _ = ui.Start() }() // ends the process by itself when it cannot listen
		defer ui.Stop()
	}
	waiting, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := awaitReady(waiting, ready); err != nil {
		if ctx.Err() != nil {
			return nil // asked to stop while starting
		}
		return err
	}
	if err := json.NewEncoder(out).Encode(ready); err != nil {
		return fmt.Errorf("print the addresses: %w", err)
	}
	<-ctx.Done()
	return nil
}

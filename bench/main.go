// Command bench measures what a notice costs, and compares its pace with the floor: a bare workflow with the same
// activities, signals and upserts, on the same server, in rounds that take turns with ours.
//
//	go run ./bench            # a table
//	go run ./bench --json     # every figure, for a program
//	go run ./bench --short    # one notice's counts; exit code 1 when they are not what counts.go expects
//
// It uses the server at TEMPORAL_ADDRESS, or starts one as the sandbox does. Times depend on the machine and on what else
// it does, so only their ratios mean something, and --short looks at no time.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

type settings struct {
	short, json     bool
	rounds, notices int
}

// Report is what --json prints.
type Report struct {
	Go      string  `json:"go"`
	CPUs    int     `json:"cpus"`
	Server  string  `json:"server"`
	Cost    Cost    `json:"cost"`
	Notices int     `json:"noticesPerRound,omitempty"`
	Ours    []Round `json:"ours,omitempty"`
	Floor   []Round `json:"floor,omitempty"`
}

func main() {
	var s settings
	flag.BoolVar(&s.short, "short", false, "check one notice's counts only")
	flag.BoolVar(&s.json, "json", false, "print every figure as JSON")
	flag.IntVar(&s.rounds, "rounds", 3, "rounds of each")
	flag.IntVar(&s.notices, "notices", 60, "notices in a round")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, s, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s settings, out io.Writer) (err error) {
	if s.rounds < 1 || s.notices < 1 || flag.NArg() > 0 {
		return errors.New("--rounds and --notices are at least 1, and nothing else is expected")
	}
	b, err := open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	report := Report{Go: runtime.Version(), CPUs: runtime.NumCPU(), Server: string(b.Temporal.Source)}
	var steps []string
	if report.Cost, steps, err = b.cost(ctx); err != nil {
		return err
	}
	if !s.short {
		report.Notices = s.notices
		if err := b.compare(ctx, s, steps, &report); err != nil {
			return err
		}
	}
	if s.json {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(report)
	} else {
		err = report.table(out)
	}
	if s.short {
		err = errors.Join(err, report.Cost.check())
	}
	return err
}

// compare lets ours and the floor take turns, so that whatever else the machine does meets both.
func (b *bench) compare(ctx context.Context, s settings, steps []string, report *Report) error {
	floor, err := newFloor(b.client, steps)
	if err != nil {
		return err
	}
	defer floor.worker.Stop()
	for round := range s.rounds {
		fmt.Fprintf(os.Stderr, "Round %d of %d: ours\n", round+1, s.rounds)
		ours, err := b.round(ctx, s.notices)
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "Round %d of %d: the floor\n", round+1, s.rounds)
		bare, err := floor.round(ctx, s.notices)
		if err != nil {
			return err
		}
		report.Ours, report.Floor = append(report.Ours, ours), append(report.Floor, bare)
	}
	return nil
}

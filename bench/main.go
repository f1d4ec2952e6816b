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
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/spf13/pflag"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/commandline"
)

type settings struct {
	short, json                              bool
	rounds, notices, open                    int
	backlog, neighbourNotices, manyCustomers int
	plots                                    string
}

// Report is what --json prints.
type Report struct {
	Machine Machine  `json:"machine"`
	Cost    Cost     `json:"cost"`
	Notices int      `json:"noticesPerRound,omitempty"`
	Ours    []Round  `json:"ours,omitempty"`
	Floor   []Round  `json:"floor,omitempty"`
	Killed  []Killed `json:"workerKilled,omitempty"`

	Backlogs   []Backlog   `json:"backlog,omitempty"`
	Neighbours []Neighbour `json:"neighbours,omitempty"`
	Growth     []Growth    `json:"growth,omitempty"`
	Many       []Many      `json:"manyCustomers,omitempty"`
}

// Machine is what all the figures were measured on.
type Machine struct {
	CPUs      int    `json:"cpus"`
	Processor string `json:"processor,omitempty"`
	System    string `json:"system"`
	Go        string `json:"go"`
	SDK       string `json:"temporalSDK"`
	Server    string `json:"temporalServer"`
	Source    string `json:"temporalSource"`
}

func main() {
	var s settings
	flags := pflag.NewFlagSet("bench", pflag.ContinueOnError)
	flags.BoolVar(&s.short, "short", false, "check one notice's counts only")
	flags.BoolVar(&s.json, "json", false, "print every figure as JSON")
	flags.IntVar(&s.rounds, "rounds", 3, "rounds of each")
	flags.IntVar(&s.notices, "notices", 60, "notices in a round")
	flags.IntVar(&s.open, "open", 1000, "open notices at which memory and polls are measured, beside a tenth of them; 0 = not at all")
	flags.IntVar(&s.backlog, "backlog", 2000, "webhooks that come while no worker runs, two of each notice; 0 = not at all")
	flags.IntVar(&s.neighbourNotices, "neighbour", 5000, "notices that another customer imports while a webhook's latency is measured; 0 = not at all")
	flags.IntVar(&s.manyCustomers, "customers", 1000, "customers at which the worker's memory is measured; 0 = not at all")
	flags.StringVar(&s.plots, "plots", "", "folder to write plots into (docs/images)")
	if err := commandline.Flags(flags, os.Args[1:], os.Stderr); errors.Is(err, pflag.ErrHelp) {
		os.Exit(0)
	} else if err != nil {
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, s, os.Stdout); err != nil {
		if ctx.Err() != nil {
			err = errors.New("stopped before it was done")
		}
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s settings, out io.Writer) (err error) {
	if s.rounds < 1 || s.notices < 1 || min(s.open, s.backlog, s.neighbourNotices, s.manyCustomers) < 0 {
		return errors.New("--rounds and --notices are at least 1, the other numbers at least 0")
	}
	b, err := open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	report, err := b.measure(ctx, s)
	if err != nil {
		return err
	}
	if s.json {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(report)
	} else {
		err = report.table(out)
	}
	if s.plots != "" && !s.short {
		err = errors.Join(err, report.plot(s.plots))
	}
	if s.short {
		err = errors.Join(err, report.Cost.check())
	}
	return err
}

func (b *bench) measure(ctx context.Context, s settings) (report Report, err error) {
	if report.Machine, err = b.machine(ctx); err != nil {
		return report, err
	}
	var steps []string
	if report.Cost, steps, err = b.cost(ctx); err != nil || s.short {
		return report, err
	}
	report.Notices = s.notices
	floor, err := newFloor(b.client, steps)
	if err != nil {
		return report, err
	}
	defer floor.worker.Stop()
	rows := b.rows(s, floor, &report)
	p := newProgress(len(rows))
	defer p.end()
	for _, row := range rows {
		p.step(row.name)
		if err := row.measure(ctx); err != nil {
			return report, fmt.Errorf("%s: %w", row.name, err)
		}
	}
	return report, nil
}

func (b *bench) machine(ctx context.Context) (Machine, error) {
	server, err := b.client.WorkflowService().GetSystemInfo(ctx, &workflowservice.GetSystemInfoRequest{})
	if err != nil {
		return Machine{}, fmt.Errorf("ask Temporal for its version: %w", err)
	}
	return Machine{
		CPUs: runtime.NumCPU(), Processor: processor(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(),
		SDK: temporal.SDKVersion, Server: server.GetServerVersion(), Source: string(b.Temporal.Source),
	}, nil
}

package main

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/customers"
	"tampuuri-hillava/internal/opening"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
	"tampuuri-hillava/internal/terminal"
)

func customersOpenCommand(out terminal.Output) *cobra.Command {
	command := entryCommand("open", "Open a customer: its entry, checks, a dry run, the first import")
	command.Long = `Open a customer. Asks for what its entry in CUSTOMERS_FILE lacks, or takes it
from flags; writes it with the consent, checks it as doctor does, and shows what
would be imported. Nothing is imported before somebody has said so. Run again,
it goes on where it stopped. Secrets are never given on the command line.`
	answers := opening.Flags(command.Flags())
	runOnEntry(command, out, func(c *opening.Command) (worded, error) { return c.Open(command.Context(), answers) })
	return command
}

func customersCloseCommand(out terminal.Output) *cobra.Command {
	command := entryCommand("close", "Stop new imports of a customer for good")
	command.Long = `Stop new imports of a customer for good. It is recorded in its entry in
CUSTOMERS_FILE, which stays, with the credentials, as long as notices are open:
they are still written back. Run again once none is, it takes the entry out.`
	yes := command.Flags().Bool("yes", false, "without asking: close it, or take its entry out once no notice is open")
	runOnEntry(command, out, func(c *opening.Command) (worded, error) {
		c.Yes = *yes
		return c.Close(command.Context())
	})
	return command
}

func customersConfirmNameCommand(out terminal.Output) *cobra.Command {
	command := entryCommand("confirm-name", "Take a customer's new name in Hillava for the same customer's")
	yes := yesFlag(command)
	runOnEntry(command, out, func(c *opening.Command) (worded, error) {
		c.Yes = *yes
		return c.ConfirmName(command.Context())
	})
	return command
}

func entryCommand(verb, short string) *cobra.Command {
	return &cobra.Command{Use: verb + " <tunniste>", Short: short, Args: takesTunniste, Example: "  starter customers " + verb + " esimerkki", ValidArgsFunction: completeTunniste}
}

// worded is a result that the audit trail has a word for.
type worded interface{ Word() string }

// runOnEntry has a command change a customer's entry, each change with an audit line, and print what it came to.
func runOnEntry(command *cobra.Command, out terminal.Output, do func(*opening.Command) (result worded, err error)) {
	asJSON, by, timeout := jsonFlag(command), byFlag(command), timeoutFlag(command)
	command.RunE = func(_ *cobra.Command, args []string) error {
		settings, err := config.LoadTools()
		if err != nil {
			return err
		}
		log := out.Stderr
		if out.Stdin != nil { // audit lines come after the questions
			held := &bytes.Buffer{}
			defer func() { _, _ = held.WriteTo(out.Stderr) }()
			log = held
		}
		logger := telemetry.NewLogger(log, settings.Log.Level, settings.Log.Format)
		event := telemetry.AuditEvent{Who: *by, What: "customers.entry", Customer: args[0]}
		w := &workers{out: out, timeout: *timeout}
		defer w.close()
		result, err := do(&opening.Command{
			Out: out, Settings: settings, Tunniste: args[0], By: *by, JSON: *asJSON, Connect: w.connect,
			Wrote: func(result string, keys []string) {
				event.Result, event.Fields = result, keys
				auditAction(command.Context(), logger, event, nil)
			},
			OpenTampuuri: customers.OpenTampuuri(settings), OpenOffice: opening.OpenHillava,
		})
		event.What, event.Result, event.Fields = "customers."+command.Name(), result.Word(), nil
		auditAction(command.Context(), logger, event, err)
		if *asJSON && !errors.As(err, new(terminal.NobodyToAsk)) {
			err = errors.Join(err, out.JSON(result))
		}
		return err
	}
}

// workers is Temporal, and a worker behind it, as opening asks them.
type workers struct {
	*runs.Client
	tools   *tools
	out     terminal.Output
	timeout time.Duration
}

func (w *workers) connect(ctx context.Context) (opening.Temporal, error) {
	if w.tools == nil {
		t, err := openTools(ctx, w.out)
		if err != nil {
			return nil, err
		}
		w.tools, w.Client = t, t.runs
	}
	return w, nil
}

func (w *workers) close() {
	if w.tools != nil {
		w.tools.close()
	}
}

// Sync is customers sync.
func (w *workers) Sync(ctx context.Context) error {
	waiting, stop := waitForWorker(ctx, w.out, w.timeout)
	defer stop()
	return syncError(w.SyncNow(waiting))
}

// Poll is customers poll.
func (w *workers) Poll(ctx context.Context, tunniste string) (runs.PollCounts, error) {
	waiting, stop := waitForWorker(ctx, w.out, w.timeout)
	defer stop()
	counts, err := w.PollNow(waiting, tunniste)
	if err == nil {
		_, err = pollInWords(tunniste, counts)
	}
	return counts, asked(ctx, w, tunniste, err)
}

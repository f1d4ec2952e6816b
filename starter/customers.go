package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tampuuri-hillava/internal/commandline"
	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/customers"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
	"tampuuri-hillava/internal/terminal"
)

func customersCommand(out terminal.Output) *cobra.Command {
	return commandline.Group("customers", "Open and close customers; see who is polled, and why not", "A customer is named by its Tunniste.",
		customersListCommand(out), customersSyncCommand(out),
		customerActCommand(out, "poll", "Poll one customer now, and say what came of it", poll),
		pauseCommand(out),
		customerActCommand(out, "resume", "End a pause", resume),
		customersOpenCommand(out), customersCloseCommand(out), customersConfirmNameCommand(out))
}

func customersListCommand(out terminal.Output) *cobra.Command {
	command := &cobra.Command{Use: "list", Short: "List the customers: who is polled, and why not", Args: commandline.Takes()}
	asJSON := jsonFlag(command)
	command.RunE = func(*cobra.Command, []string) error {
		t, err := openTools(command.Context(), out)
		if err != nil {
			return err
		}
		defer t.close()
		return customers.Print(command.Context(), out, t.runs, t.settings, *asJSON)
	}
	return command
}

func customersSyncCommand(out terminal.Output) *cobra.Command {
	command := &cobra.Command{Use: "sync", Short: "Bring the customers in line with Hillava and customers.yaml now", Args: commandline.Takes()}
	asJSON, by, timeout := jsonFlag(command), byFlag(command), timeoutFlag(command)
	command.RunE = func(*cobra.Command, []string) error {
		ctx, event := command.Context(), telemetry.AuditEvent{Who: *by, What: "customers.sync", Result: "done"}
		t, err := openForAction(ctx, out, event)
		if err != nil {
			return err
		}
		defer t.close()
		waiting, stop := waitForWorker(ctx, out, *timeout)
		defer stop()
		err = syncError(t.runs.SyncNow(waiting))
		auditAction(ctx, t.logger, event, err)
		if err != nil {
			return err
		}
		return customers.Print(ctx, out, t.runs, t.settings, *asJSON)
	}
	return command
}

// syncError is why a sync did not go through; nil when it did.
func syncError(result runs.SyncResult, err error) error {
	switch {
	case errors.Is(err, runs.ErrNone):
		return fmt.Errorf("there is no schedule %s; a worker makes it when it starts: start one: %w", runs.ScheduleSyncCustomers, err)
	case err != nil:
		return unknown(err) // the round may be running still
	case result.Failure != "":
		return failedAs(result.Failure, fmt.Errorf("the sync failed: %s", customers.FailureAdvice(result.Failure)))
	default:
		return nil
	}
}

func poll(ctx context.Context, temporal *runs.Client, tunniste, _ string) (any, string, error) {
	counts, err := temporal.PollNow(ctx, tunniste)
	if err != nil {
		return nil, "", err
	}
	words, err := pollInWords(tunniste, counts)
	return polledNow{tunniste, counts}, words, err
}

// polledNow is the answer of customers poll.
type polledNow struct {
	Tunniste string `json:"tunniste"`
	runs.PollCounts
}

// pollInWords says what a poll did, or why it failed.
func pollInWords(tunniste string, counts runs.PollCounts) (string, error) {
	if counts.Failure != "" {
		return "", failedAs(counts.Failure, fmt.Errorf("the poll of %s failed: %s", tunniste, customers.FailureAdvice(counts.Failure)))
	}
	return tunniste + ": " + customers.PollInWords(counts), nil
}

// pauseCommand stops a customer's polling until somebody resumes it; its open notices are still written back.
func pauseCommand(out terminal.Output) *cobra.Command {
	reason := ""
	command := customerActCommand(out, "pause", "Stop polling a customer; open notices are still written back",
		func(ctx context.Context, temporal *runs.Client, tunniste, by string) (any, string, error) {
			asked := runs.PauseInput{By: by, Reason: reason}
			status, err := temporal.Pause(ctx, tunniste, asked)
			done, words, err := statusAnswer(ctx, temporal, status, err)
			return done, words + keptPause(asked, status.Paused), err
		})
	command.Flags().StringVar(&reason, "reason", "no reason given", "why; Temporal keeps it, so write no personal data in it")
	return command
}

// keptPause says that a pause was there before the one that was asked for; it keeps its reason.
func keptPause(asked runs.PauseInput, paused *runs.Paused) string {
	if paused == nil || paused.By == asked.By && paused.Reason == asked.Reason {
		return ""
	}
	return "; it was paused already, so the reason given now is not kept: resume it first to give another"
}

func resume(ctx context.Context, temporal *runs.Client, tunniste, by string) (any, string, error) {
	status, err := temporal.Resume(ctx, tunniste, runs.ResumeInput{By: by})
	return statusAnswer(ctx, temporal, status, err)
}

func statusAnswer(ctx context.Context, temporal *runs.Client, status runs.CustomerStatus, err error) (any, string, error) {
	if err != nil {
		return nil, "", err
	}
	return customers.WithLaterRounds(ctx, temporal, status), statusInWords(status), nil
}

// statusInWords says whether a customer is polled.
func statusInWords(status runs.CustomerStatus) string {
	switch {
	case status.Paused != nil:
		return status.Tunniste + ": " + customers.PauseInWords(status.Tunniste, *status.Paused)
	case len(status.Reasons) > 0:
		return status.Tunniste + ": not paused, and yet not polled: " + strings.Join(status.Reasons, "; ")
	default:
		return status.Tunniste + ": polled"
	}
}

// customerAct has a customer's workflow do something and gives its answer, for JSON and in words; nil when it gave none. It
// may come with an error.
type customerAct func(ctx context.Context, temporal *runs.Client, tunniste, by string) (answer any, words string, err error)

func customerActCommand(out terminal.Output, verb, short string, do customerAct) *cobra.Command {
	command := &cobra.Command{
		Use: verb + " <tunniste>", Short: short, Args: takesTunniste, Example: "  starter customers " + verb + " esimerkki", ValidArgsFunction: completeTunniste,
	}
	asJSON, by, timeout := jsonFlag(command), byFlag(command), timeoutFlag(command)
	command.RunE = func(_ *cobra.Command, args []string) error {
		ctx, event := command.Context(), telemetry.AuditEvent{Who: *by, What: "customers." + verb, Customer: args[0], Result: "done"}
		var done any
		var words string
		err := act(ctx, out, &event, func(t *tools) (err error) {
			waiting, stop := waitForWorker(ctx, out, *timeout)
			defer stop()
			done, words, err = do(waiting, t.runs, args[0], *by)
			return asked(ctx, t.runs, args[0], err)
		})
		if done != nil && *asJSON || words != "" {
			err = errors.Join(err, answer(out, *asJSON, done, words))
		}
		return err
	}
	return command
}

// takesTunniste checks that there is one, of the form that it may have.
func takesTunniste(command *cobra.Command, args []string) error {
	if err := commandline.Takes("tunniste")(command, args); err != nil {
		return err
	}
	if !config.ValidTunniste(args[0]) {
		return commandline.Wrong(fmt.Sprintf("takes a Tunniste, 1 to 64 of the characters A-Z a-z 0-9 . _ -, and %q is none", args[0]))
	}
	return nil
}

// longWait is after what time a person is told what may be wrong.
const longWait = 10 * time.Second

// waitForWorker bounds the wait for what a worker has to do.
func waitForWorker(ctx context.Context, out terminal.Output, timeout time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("no answer within %s (--timeout)", timeout))
	tell := time.AfterFunc(longWait, func() {
		out.Note("waiting for a worker, for up to %s (--timeout); starter doctor tells whether one runs", timeout)
	})
	return ctx, func() {
		tell.Stop()
		cancel()
	}
}

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
)

// customersList prints every customer of either list, whether it is polled, and why not.
func customersList(ctx context.Context, out output, args []string) error {
	flags := flagSet("customers list")
	asJSON := flags.Bool("json", false, "")
	if _, err := parse(flags, args); err != nil {
		return err
	}
	t, err := openTools(ctx, out)
	if err != nil {
		return err
	}
	defer t.close()
	return printCustomers(ctx, out, t.runs, t.settings, *asJSON)
}

// customersSync runs one round of SyncCustomers and prints what came of it.
func customersSync(ctx context.Context, out output, args []string) error {
	flags := flagSet("customers sync")
	asJSON := flags.Bool("json", false, "")
	by := byFlag(flags)
	timeout := flags.Duration("timeout", defaultWait, "")
	if _, err := parse(flags, args); err != nil {
		return err
	}
	event := telemetry.AuditEvent{Who: *by, What: "customers.sync", Result: "done"}
	t, err := openForAction(ctx, out, event)
	if err != nil {
		return err
	}
	defer t.close()
	waiting, stop := waitForWorker(ctx, out, *timeout)
	defer stop()
	result, err := t.runs.SyncNow(waiting)
	err = syncError(result, err)
	auditAction(ctx, t.logger, event, err)
	if err != nil {
		return err
	}
	return printCustomers(ctx, out, t.runs, t.settings, *asJSON)
}

// syncError is why a sync did not go through; nil when it did.
func syncError(result runs.SyncResult, err error) error {
	switch {
	case errors.Is(err, runs.ErrNone):
		return fmt.Errorf("there is no schedule %s; a worker makes it when it starts: start one: %w", runs.ScheduleSyncCustomers, err)
	case err != nil:
		return unknown(err) // the round may be running still
	case result.Failure != "":
		return failedAs(result.Failure, fmt.Errorf("the sync failed: %s", failureAdvice(result.Failure)))
	default:
		return nil
	}
}

// customersPoll has a customer polled now and prints what came of it.
func customersPoll(ctx context.Context, out output, args []string) error {
	poll := func(ctx context.Context, temporal *runs.Client, tunniste, _ string) (any, string, error) {
		counts, err := temporal.PollNow(ctx, tunniste)
		if err != nil {
			return nil, "", err
		}
		words, err := pollInWords(tunniste, counts)
		return polledNow{tunniste, counts}, words, err
	}
	return actOnCustomer(ctx, out, flagSet("customers poll"), args, poll)
}

// polledNow is the answer of customers poll.
type polledNow struct {
	Tunniste string `json:"tunniste"`
	runs.PollCounts
}

// pollInWords says what a poll did, or why it failed.
func pollInWords(tunniste string, counts runs.PollCounts) (string, error) {
	if counts.Failure != "" {
		return "", failedAs(counts.Failure, fmt.Errorf("the poll of %s failed: %s", tunniste, failureAdvice(counts.Failure)))
	}
	words := fmt.Sprintf("%s: %d new, %d known, %d told of a change", tunniste, counts.Started, counts.Known, counts.Signalled)
	if counts.Left {
		words += "; more waits for the next round"
	}
	return words, nil
}

// customersPause stops a customer's polling until somebody resumes it; its open notices are still written back.
func customersPause(ctx context.Context, out output, args []string) error {
	flags := flagSet("customers pause")
	reason := flags.String("reason", "no reason given", "")
	pause := func(ctx context.Context, temporal *runs.Client, tunniste, by string) (any, string, error) {
		status, err := temporal.Pause(ctx, tunniste, runs.PauseInput{By: by, Reason: *reason})
		if err != nil {
			return nil, "", err
		}
		return status, statusInWords(status), nil
	}
	return actOnCustomer(ctx, out, flags, args, pause)
}

// customersResume ends a pause.
func customersResume(ctx context.Context, out output, args []string) error {
	resume := func(ctx context.Context, temporal *runs.Client, tunniste, by string) (any, string, error) {
		status, err := temporal.Resume(ctx, tunniste, runs.ResumeInput{By: by})
		if err != nil {
			return nil, "", err
		}
		return status, statusInWords(status), nil
	}
	return actOnCustomer(ctx, out, flagSet("customers resume"), args, resume)
}

// statusInWords says whether a customer is polled. One that was paused before keeps that pause.
func statusInWords(status runs.CustomerStatus) string {
	switch {
	case status.Paused != nil:
		return status.Tunniste + ": " + pauseInWords(status.Tunniste, *status.Paused)
	case len(status.Reasons) > 0:
		return status.Tunniste + ": not paused, and yet not polled: " + strings.Join(status.Reasons, "; ")
	default:
		return status.Tunniste + ": polled"
	}
}

// customerAct has a customer's workflow do something and gives its answer, for JSON and in words; nil when it gave none.
type customerAct func(ctx context.Context, temporal *runs.Client, tunniste, by string) (answer any, words string, err error)

// actOnCustomer does something to one customer and prints the answer, also one that comes with an error.
func actOnCustomer(ctx context.Context, out output, flags *flag.FlagSet, args []string, do customerAct) error {
	asJSON := flags.Bool("json", false, "")
	by := byFlag(flags)
	timeout := flags.Duration("timeout", defaultWait, "")
	positional, err := parse(flags, args, "tunniste")
	if err != nil {
		return err
	}
	tunniste := positional[0]
	if !config.ValidTunniste(tunniste) {
		return usageError{flags.Name() + " takes a Tunniste: 1 to 64 of the characters A-Z a-z 0-9 . _ -"}
	}
	event := telemetry.AuditEvent{Who: *by, What: strings.ReplaceAll(flags.Name(), " ", "."), Customer: tunniste, Result: "done"}
	t, err := openForAction(ctx, out, event)
	if err != nil {
		return err
	}
	defer t.close()
	waiting, stop := waitForWorker(ctx, out, *timeout)
	defer stop()
	answer, words, err := do(waiting, t.runs, tunniste, *by)
	if errors.Is(err, runs.ErrNone) {
		err = noWorkflow(ctx, t.runs, tunniste)
	}
	err = asked(err)
	auditAction(ctx, t.logger, event, err)
	switch {
	case answer == nil:
	case *asJSON:
		err = errors.Join(err, out.json(answer))
	case words != "":
		err = errors.Join(err, out.line(words))
	}
	return err
}

// noWorkflow says why a customer may have no workflow that could be asked: the reasons of the last sync.
func noWorkflow(ctx context.Context, from syncReader, tunniste string) error {
	if last, found, err := from.LastSync(ctx); err == nil && found {
		for _, customer := range last.Customers {
			if customer.Tunniste == tunniste && len(customer.Reasons) > 0 {
				return refused(fmt.Errorf("customer %s has no workflow: %s", tunniste, strings.Join(customer.Reasons, "; ")))
			}
		}
	}
	return refused(fmt.Errorf("customer %s has no workflow; run starter customers sync, and see starter customers list", tunniste))
}

// longWait is after what time a person is told what may be wrong.
const longWait = 10 * time.Second

// waitForWorker bounds the wait for what a worker has to do.
func waitForWorker(ctx context.Context, out output, timeout time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	tell := time.AfterFunc(longWait, func() {
		out.note("waiting for a worker, for up to %s (--timeout); starter doctor tells whether one runs", timeout)
	})
	return ctx, func() {
		tell.Stop()
		cancel()
	}
}

// failureAdvice says in words what the closed-set word of a failed round means.
func failureAdvice(failure string) string {
	switch failure {
	case runs.FaultUnavailable:
		return "the other system does not answer; look whether it is up and its address is right (starter doctor)"
	case runs.FaultCredentialsRefused:
		return "the credentials are refused; correct them in customers.yaml, or the token for Hillava (starter doctor)"
	case runs.FaultCustomerStopped:
		return "the customer's settings stop it; correct customers.yaml (starter customers list)"
	case runs.FaultTemporal:
		return "Temporal did not take it; look whether the server is well (starter doctor)"
	case runs.FaultCustomersFile:
		return "customers.yaml cannot be read, and the last good one goes on being used; correct the file (starter doctor)"
	case runs.FaultTimeout:
		return "the round took longer than its interval; raise the interval, or look whether the other system is slow"
	case runs.ReasonUnreadable:
		return "an answer does not follow the contract; tell whoever runs that system"
	default:
		return failure + "; the round's workflow in the Temporal Web UI tells more"
	}
}

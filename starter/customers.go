package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/hillava"
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
	return printCustomers(ctx, out, temporalRounds{t.temporal}, t.settings, *asJSON)
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
	event := telemetry.AuditEvent{Who: *by, What: "customers.sync"}
	t, err := openForAction(ctx, out, event)
	if err != nil {
		return err
	}
	defer t.close()
	waiting, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	var result runs.SyncResult
	err = temporalRounds{t.temporal}.trigger(waiting, runs.ScheduleSyncCustomers, &result)
	auditRound(ctx, t.logger, event, result.Failure, err)
	switch {
	case errors.Is(err, errNoSchedule):
		return fmt.Errorf("%w %s; a worker makes it when it starts: start one", err, runs.ScheduleSyncCustomers)
	case err != nil:
		return err
	case result.Failure != "":
		return fmt.Errorf("the sync failed: %s", failureAdvice(result.Failure))
	}
	return printCustomers(ctx, out, temporalRounds{t.temporal}, t.settings, *asJSON)
}

// customersPoll runs one round of a customer's poll.
func customersPoll(ctx context.Context, out output, args []string) error {
	flags := flagSet("customers poll")
	asJSON := flags.Bool("json", false, "")
	by := byFlag(flags)
	timeout := flags.Duration("timeout", defaultWait, "")
	positional, err := parse(flags, args, "tunniste")
	if err != nil {
		return err
	}
	tunniste := positional[0]
	if !config.ValidTunniste(tunniste) {
		return usageError{"customers poll takes a Tunniste: 1 to 64 of the characters A-Z a-z 0-9 . _ -"}
	}
	event := telemetry.AuditEvent{Who: *by, What: "customers.poll", Customer: tunniste}
	t, err := openForAction(ctx, out, event)
	if err != nil {
		return err
	}
	defer t.close()
	waiting, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	polls := temporalRounds{t.temporal}
	var result runs.PollResult
	err = polls.trigger(waiting, runs.PollScheduleID(tunniste), &result)
	auditRound(ctx, t.logger, event, result.Failure, err)
	switch {
	case errors.Is(err, errNoSchedule):
		return fmt.Errorf("customer %s has no poll: %s", tunniste, whyNotPolled(ctx, polls, tunniste))
	case err != nil:
		return err
	}
	if err := printPoll(out, tunniste, result, *asJSON); err != nil {
		return err
	}
	switch result.Failure {
	case "":
		return nil
	case runs.FaultCustomerStopped:
		return fmt.Errorf("the poll of %s failed: %s", tunniste, whyNotPolled(ctx, polls, tunniste))
	default:
		return fmt.Errorf("the poll of %s failed: %s", tunniste, failureAdvice(result.Failure))
	}
}

// auditRound writes down that a person had a round run, and how it ended. Without a schedule nothing was run.
func auditRound(ctx context.Context, logger *slog.Logger, event telemetry.AuditEvent, failure string, err error) {
	switch {
	case errors.Is(err, errNoSchedule):
		event.Result = resultRefused
	case err != nil:
		event.Result = resultUnknown // the round may be running still
	case failure != "":
		event.Result = "failed: " + failure
	default:
		event.Result = "done"
	}
	telemetry.Audit(ctx, logger, event)
}

// polledNow is the answer of customers poll.
type polledNow struct {
	Tunniste     string               `json:"tunniste"`
	Started      int                  `json:"started"`
	Known        int                  `json:"known"`
	Signalled    int                  `json:"signalled"`
	Left         bool                 `json:"left"` // max_new stopped the round before the end
	Skipped      []runs.SkippedNotice `json:"skipped"`
	Idle         string               `json:"idle"`
	Failure      string               `json:"failure"`
	LastGoodPoll *time.Time           `json:"lastGoodPoll"`
}

func printPoll(out output, tunniste string, result runs.PollResult, asJSON bool) error {
	polled := polledNow{
		Tunniste: tunniste, Started: result.Started, Known: result.Known, Signalled: result.Signalled, Left: result.Left,
		Skipped: append([]runs.SkippedNotice{}, result.Skipped...), Idle: result.Idle, Failure: result.Failure,
		LastGoodPoll: timeOrNil(result.LastGood),
	}
	if asJSON {
		return out.json(polled)
	}
	if result.Failure != "" {
		return nil // the error says it
	}
	if result.Idle != "" {
		out.note("nothing was fetched: %s", result.Idle)
	}
	_, err := fmt.Fprintf(out.stdout, "%s: %d new, %d known, %d told of a change\n", tunniste, result.Started, result.Known, result.Signalled)
	if err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	if result.Left {
		out.note("max_new stopped the round before the end; poll again for the rest")
	}
	for _, skipped := range result.Skipped {
		out.note("%s", skippedReason(tunniste, skipped))
	}
	return nil
}

// whyNotPolled gives the reasons of the last sync for one customer.
func whyNotPolled(ctx context.Context, polls rounds, tunniste string) string {
	var last runs.SyncResult
	if found, err := polls.last(ctx, runs.ScheduleSyncCustomers, &last); err == nil && found {
		for _, customer := range last.Customers {
			if customer.Tunniste == tunniste && len(customer.Reasons) > 0 {
				return strings.Join(customer.Reasons, "; ")
			}
		}
	}
	return "neither Hillava nor customers.yaml is known to have it, or its settings stop it; run starter customers sync and see starter customers list"
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
	case wordCustomersFile:
		return "customers.yaml cannot be read, and the last good one goes on being used; correct the file (starter doctor)"
	case "timeout":
		return "the round took longer than its interval; raise the interval, or look whether the other system is slow"
	case runs.ReasonUnreadable:
		return "an answer does not follow the contract; tell whoever runs that system"
	default:
		return failure + "; the round's workflow in the Temporal Web UI tells more"
	}
}

// openCustomers gives what the customer list is made of beside Temporal. A Hillava that cannot be asked is no fault of
// the list: names then come from customers.yaml. The error is for a customers.yaml that cannot be read; names are given
// with it.
func openCustomers(ctx context.Context, out output, settings config.Tools) ([]config.Customer, []hillava.Customer, error) {
	entries, unreadable := config.LoadCustomers(settings.CustomersFile, settings.CustomerDefaults())
	client, err := openHillava(settings)
	if err != nil {
		return entries, nil, unreadable // not set here: that is usual on an operator's machine
	}
	defer client.Close()
	names, err := client.Customers(ctx)
	if err != nil {
		out.note("names are from customers.yaml, as Hillava could not be asked: %v", err)
		return entries, nil, unreadable
	}
	return entries, names, unreadable
}

package main

import (
	"context"
	"errors"
	"log/slog"

	"tampuuri-hillava/internal/customers"
	"tampuuri-hillava/internal/opening"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
	"tampuuri-hillava/internal/terminal"
)

// Results of an operator's action that did not do what it was asked for. Any other begins with "failed: ".
const (
	resultRefused = "refused" // by a rule of ours, or there is no such thing: nothing was done
	resultUnknown = "unknown" // Temporal did not say: it may have been done
)

// outcome is an error with what the audit trail calls it.
type outcome struct {
	error
	result string
}

func (o outcome) Unwrap() error { return o.error }

func refused(err error) error { return outcome{err, resultRefused} }

func unknown(err error) error { return outcome{err, resultUnknown} }

// failedAs gives an error the closed-set word by which the audit trail knows it.
func failedAs(word string, err error) error { return outcome{err, "failed: " + word} }

// asked gives the error of what a customer's workflow was asked to do: what was refused was not begun, what was not
// answered may be done.
func asked(ctx context.Context, from customers.Source, tunniste string, err error) error {
	switch {
	case err == nil, errors.As(err, new(outcome)), errors.As(err, new(*runs.Refusal)):
		return err
	case errors.Is(err, runs.ErrNone):
		return customers.NoWorkflow(ctx, from, tunniste)
	default:
		return unknown(err)
	}
}

// resultOf is what the audit trail says of an action that ended in err: closed words, as a text could hold anything.
func resultOf(err error) string {
	var known outcome
	var refusal *runs.Refusal
	switch {
	case errors.As(err, &known):
		return known.result
	case errors.As(err, &refusal) && refusal.Word != "":
		return "failed: " + refusal.Word
	case refusal != nil, errors.As(err, new(opening.Refused)), errors.As(err, new(terminal.NobodyToAsk)), errors.Is(err, errNoNotice), errors.Is(err, runs.ErrNone):
		return resultRefused
	case runs.OfTemporal(err):
		return "failed: " + runs.FaultTemporal
	default:
		return "failed: " + runs.ReasonUnexpected
	}
}

// auditAction writes down what a person wanted done and what came of it; event's Result is what it is called when err
// is nil. A refused action leaves a line too: that somebody tried is as much part of the trail.
func auditAction(ctx context.Context, logger *slog.Logger, event telemetry.AuditEvent, err error) {
	if err != nil {
		event.Result = resultOf(err)
	}
	telemetry.Audit(ctx, logger, event)
}

// openForAction is openTools for a command that leaves an audit line: without Temporal it leaves one as well.
func openForAction(ctx context.Context, out terminal.Output, event telemetry.AuditEvent) (*tools, error) {
	t, err := openTools(ctx, out)
	if err != nil && t != nil {
		auditAction(ctx, t.logger, event, failedAs(runs.FaultTemporal, err))
	}
	return t, err
}

// act does what a person wants done, and leaves an audit line of it, whatever comes of it.
func act(ctx context.Context, out terminal.Output, event *telemetry.AuditEvent, do func(*tools) error) error {
	t, err := openForAction(ctx, out, *event)
	if err != nil {
		return err
	}
	defer t.close()
	err = do(t)
	auditAction(ctx, t.logger, *event, err)
	return err
}

// about says in an audit line which notice it is and whose.
func about(life *runs.Life, event *telemetry.AuditEvent) {
	event.Notice, event.Customer, event.Task = runs.ExternalIDOf(life.WorkflowID), life.Ref.Customer, life.TaskID
}

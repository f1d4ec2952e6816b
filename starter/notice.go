package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
)

// phases are what --phase takes.
var phases = []runs.Phase{
	runs.PhaseImporting, runs.PhaseWorking, runs.PhaseDone, runs.PhaseInvoiced,
	runs.PhaseAttention, runs.PhaseWithdrawn, runs.PhaseDismissed,
}

// noticeList prints the notices that Temporal keeps, closed ones of the last 90 days too.
func noticeList(ctx context.Context, out output, args []string) error {
	flags := flagSet("notice list")
	asJSON := flags.Bool("json", false, "")
	customer := flags.String("customer", "", "")
	phase := flags.String("phase", "", "")
	open := flags.Bool("open", false, "")
	if _, err := parse(flags, args); err != nil {
		return err
	}
	filter, err := listFilter(*customer, *phase, *open)
	if err != nil {
		return err
	}
	t, err := openTools(ctx, out)
	if err != nil {
		return err
	}
	defer t.close()
	lives, err := t.runs.Notices(ctx, filter)
	if err != nil {
		return err
	}
	listed, note := listNotices(ctx, t.runs, lives)
	marked := make([]*listedNotice, len(listed))
	for i := range listed {
		marked[i] = &listed[i]
	}
	for _, note := range []string{note, markChanged(ctx, t.runs, marked)} {
		if note != "" {
			out.note("%s", note)
		}
	}
	if *asJSON {
		return out.json(listed)
	}
	return printNotices(ctx, out, t.runs, listed, time.Now())
}

func listFilter(customer, phase string, open bool) (runs.Filter, error) {
	filter := runs.Filter{Phase: runs.Phase(phase), Open: open}
	if customer != "" {
		if !idPattern.MatchString(customer) {
			return filter, usageError{"--customer takes a Tunniste"}
		}
		filter.Customers = []string{customer}
	}
	if phase != "" && !slices.Contains(phases, filter.Phase) {
		return filter, usageError{fmt.Sprintf("--phase takes one of %v", phases)}
	}
	return filter, nil
}

// noticeResend lets what a notice waits with go again.
func noticeResend(ctx context.Context, out output, args []string) error {
	flags := flagSet("notice resend")
	asJSON := flags.Bool("json", false, "")
	by := byFlag(flags)
	name, err := parseNoticeName(flags, args)
	if err != nil {
		return err
	}
	return act(ctx, out, action{name: name, signal: runs.Resend.Name(), by: *by, asJSON: *asJSON})
}

// noticeDismiss closes a notice by a person's decision.
func noticeDismiss(ctx context.Context, out output, args []string) error {
	flags := flagSet("notice dismiss")
	asJSON := flags.Bool("json", false, "")
	by := byFlag(flags)
	code := flags.String("code", "other", "")
	name, err := parseNoticeName(flags, args)
	if err != nil {
		return err
	}
	if !slices.Contains(runs.DismissCodes, *code) {
		return usageError{"--code takes one of " + strings.Join(runs.DismissCodes, ", ")}
	}
	return act(ctx, out, action{name: name, signal: runs.Dismiss.Name(), by: *by, code: *code, asJSON: *asJSON})
}

// action is one signal that a person sends.
type action struct {
	name             noticeName
	signal, by, code string
	asJSON           bool
}

// acted is the answer of resend and dismiss.
type acted struct {
	WorkflowID string `json:"workflowId"`
	Signal     string `json:"signal"`
	By         string `json:"by"`
	Code       string `json:"code,omitempty"`
}

func act(ctx context.Context, out output, a action) error {
	event := telemetry.AuditEvent{Who: a.by, What: "notice." + a.signal, Result: "sent"}
	event.Customer, event.Notice = a.name.audited()
	t, err := openForAction(ctx, out, event)
	if err != nil {
		return err
	}
	defer t.close()
	workflowID, err := sendAction(ctx, t.runs, a)
	if workflowID != "" {
		event.Notice, _ = runs.ExternalIDOf(workflowID)
		t.about(ctx, workflowID, &event)
	}
	auditAction(ctx, t.logger, event, err)
	if err != nil {
		return err
	}
	if a.asJSON {
		return out.json(acted{WorkflowID: workflowID, Signal: a.signal, By: a.by, Code: a.code})
	}
	return out.line(fmt.Sprintf("%s: %s sent; starter notice show tells what came of it", workflowID, a.signal))
}

// signaler is what an action asks of Temporal; a signal to a notice that does not run is runs.ErrNone.
type signaler interface {
	lister
	describer
	SendResend(ctx context.Context, workflowID string) error
	SendDismiss(ctx context.Context, workflowID string, dismissal runs.DismissSignal) error
}

// sendAction resolves the notice and signals it; workflowID is given with an error too, when there is such a notice. A
// closed notice takes no signal: that is told apart from one that never was.
func sendAction(ctx context.Context, to signaler, a action) (workflowID string, err error) {
	if workflowID, err = resolve(ctx, to, a.name); err != nil {
		return "", err
	}
	if a.signal == runs.Dismiss.Name() {
		err = to.SendDismiss(ctx, workflowID, runs.DismissSignal{By: a.by, Code: a.code})
	} else {
		err = to.SendResend(ctx, workflowID)
	}
	switch {
	case err == nil:
		return workflowID, nil
	case !errors.Is(err, runs.ErrNone):
		return workflowID, unknown(err)
	}
	if _, describeErr := to.Describe(ctx, workflowID); describeErr == nil {
		return workflowID, refused(fmt.Errorf("%s is closed and takes no %s; starter notice show tells how it ended", workflowID, a.signal))
	}
	return "", notHere(workflowID)
}

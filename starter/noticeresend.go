package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tampuuri-hillava/internal/commandline"
	"tampuuri-hillava/internal/customers"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
	"tampuuri-hillava/internal/terminal"
)

// What became of a notice that was to be resent.
const (
	resentSent    = "sent" // and nobody waited for what came of it
	resentOn      = "went on"
	resentAgain   = "stopped again"
	resentTrying  = "tries again" // a peer does not answer: it goes on by itself
	resentNothing = "not waiting for a person"
	resentWould   = "would be resent"
	resentUnknown = "not known yet"
	resentFailed  = "failed"
)

// resent is one notice of notice resend.
type resent struct {
	acted
	Notice  string `json:"notice"` // as it was typed, or customer and number
	Outcome string `json:"outcome"`
	Why     string `json:"why"` // it waited; after --wait, why it stopped again

	life   *runs.Life
	before int // resends in its own history
}

// resending is what a person asked for.
type resending struct {
	names   []noticeName
	s       selection
	by      string
	dryRun  bool
	wait    bool
	timeout time.Duration
	gone    int // of the list, which lags, that no longer waited when they were looked at
}

func noticeResendCommand(out terminal.Output) *cobra.Command {
	command := &cobra.Command{
		Use: "resend [notice...]", Short: "Let what was refused go again, of some notices or of all", Args: cobra.ArbitraryArgs,
		Long: `Let what was refused go again, once its cause is mended. Without a notice,
--all, --reason or --customer says which of those that wait for a person.
It is safe to repeat.

` + namesHelp,
		Example: `  starter notice resend 50026 T-1011
  starter notice resend --reason hillava-refused --dry-run
  starter notice resend --reason hillava-refused --customer esimerkki --wait`,
	}
	var r resending
	asJSON, by, flags := jsonFlag(command), byFlag(command), command.Flags()
	flags.StringVar(&r.s.reason, "reason", "", "all that wait for this `reason`")
	flags.StringVar(&r.s.customer, "customer", "", "all that wait of this customer, by its `tunniste`")
	flags.BoolVar(&r.s.all, "all", false, "all that wait")
	flags.BoolVar(&r.dryRun, "dry-run", false, "only show which")
	flags.BoolVar(&r.wait, "wait", false, "wait until each has gone on or stopped again")
	flags.DurationVar(&r.timeout, "timeout", defaultWait, "how long to wait")
	proposesCustomers(command)
	proposes(command, "reason", runs.Reasons()...)
	command.ValidArgsFunction = completeNotices(runs.Filter{Open: true, Phase: runs.PhaseAttention})
	command.RunE = func(_ *cobra.Command, args []string) (err error) {
		r.by = *by
		if r.names, err = readNoticeNames(args); err != nil {
			return err
		}
		chosen := r.s.all || r.s.reason != "" || r.s.customer != ""
		if chosen == (len(args) > 0) {
			return commandline.Wrong("takes notices, or --all, --reason or --customer for those that wait")
		}
		if _, err = r.s.filter(); err != nil {
			return err
		}
		return r.run(command.Context(), out, *asJSON)
	}
	return command
}

func (r resending) run(ctx context.Context, out terminal.Output, asJSON bool) error {
	customer, notice := r.s.customer, "all that wait"
	if len(r.names) == 1 {
		customer, notice = r.names[0].audited()
	}
	t, err := openForAction(ctx, out, telemetry.AuditEvent{Who: r.by, What: "notice.resend", Customer: customer, Notice: notice})
	if err != nil {
		return err
	}
	defer t.close()
	audit, audited := forAPerson(out, func(event telemetry.AuditEvent, err error) { auditAction(ctx, t.logger, event, err) })
	results, failures := r.send(ctx, out, t.runs, audit)
	audited()
	if r.wait && !r.dryRun {
		r.await(ctx, out, t.runs, results)
	}
	if asJSON {
		err = out.JSON(results)
	} else {
		err = printResent(out, results, failures, r)
	}
	return errors.Join(append(failures, err, stoppedAgain(results))...)
}

// fewLines is how many audit lines a person reads beside an answer.
const fewLines = 3

// forAPerson holds the lines of what was sent back at a terminal, where many would bury the answer: done counts them then, as
// each notice writes a line of its own when it takes the resend. Anything but sent is always written.
func forAPerson(out terminal.Output, write func(telemetry.AuditEvent, error)) (audit func(telemetry.AuditEvent, error), done func()) {
	var held []telemetry.AuditEvent
	audit = func(event telemetry.AuditEvent, err error) {
		if err != nil || !out.Progress {
			write(event, err)
			return
		}
		held = append(held, event)
	}
	return audit, func() {
		if len(held) > fewLines {
			out.Note("%d audit lines are not shown on a terminal: 2>>FILE keeps them, and each notice leaves its own in the worker's log (signal.take)", len(held))
			return
		}
		for _, event := range held {
			write(event, nil)
		}
	}
}

// send resends each notice, and gives the errors of those that it could not; audit is told of each.
func (r *resending) send(ctx context.Context, out terminal.Output, to temporal, audit func(telemetry.AuditEvent, error)) (results []*resent, failures []error) {
	results, failures = r.choose(ctx, to, audit)
	if r.dryRun {
		return results, failures
	}
	var sent []*resent
	for i, one := range results {
		out.Tell("%d of %d", i+1, len(results))
		if r.wait {
			status, _ := to.Status(ctx, one.WorkflowID) // one that does not answer counts as without any
			one.before = resends(status)
		}
		event := telemetry.AuditEvent{Who: r.by, What: "notice.resend", Result: "sent"}
		about(one.life, &event)
		err := signalled(noticeName{typed: one.Notice}, runs.Resend.Name(), to.SendResend(ctx, one.WorkflowID, runs.ResendSignal{By: r.by, Reason: cmp.Or(one.life.Reason, string(one.life.Phase))}))
		out.Tell("")
		audit(event, err)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		sent = append(sent, one)
	}
	return sent, failures
}

// choose finds the notices that are meant.
func (r *resending) choose(ctx context.Context, from temporal, audit func(telemetry.AuditEvent, error)) (chosen []*resent, failures []error) {
	add := func(typed string, life *runs.Life) {
		if slices.ContainsFunc(chosen, func(one *resent) bool { return one.WorkflowID == life.WorkflowID }) {
			return // named twice
		}
		one := &resent{acted: acted{WorkflowID: life.WorkflowID, Signal: runs.Resend.Name(), By: r.by}, Notice: typed, Outcome: resentSent, life: life}
		if r.dryRun {
			one.Outcome = resentWould
		}
		if life.Phase != runs.PhaseAttention {
			one.Outcome, one.Why = resentNothing, fmt.Sprintf("it is %s, so a resend does nothing; a step that tries again goes now by starter notice retry", life.Phase)
		} else if listed := readNotice(life); r.dryRun && listed.ask(ctx, from) == nil {
			one.Why = listed.why()
		} else {
			one.Why = life.Reason
		}
		chosen = append(chosen, one)
	}
	for _, name := range r.names {
		life, err := resolve(ctx, from, name)
		if err == nil { // what was found by its number may lag
			if now, lost := from.Describe(ctx, life.WorkflowID); lost == nil {
				life = now.Life
			}
		}
		if err != nil {
			event := telemetry.AuditEvent{Who: r.by, What: "notice.resend"}
			event.Customer, event.Notice = name.audited()
			audit(event, err)
			failures = append(failures, err)
			continue
		}
		add(name.typed, life)
	}
	if len(r.names) > 0 {
		return chosen, failures
	}
	filter, _ := r.s.filter() // it was looked at before
	filter.Phase, filter.Open = runs.PhaseAttention, true
	lives, err := from.Notices(ctx, filter)
	if err == nil && len(lives) == 0 && r.s.customer != "" {
		if err = customers.Unknown(ctx, from, r.s.customer); err != nil {
			err = refused(err)
		}
	}
	if err != nil {
		return nil, []error{err}
	}
	slices.Reverse(lives)        // the oldest first
	for _, life := range lives { // the index lags, and may have one that was resent just now
		description, err := from.Describe(ctx, life.WorkflowID)
		switch {
		case errors.Is(err, runs.ErrNone), err == nil && (description.Phase != runs.PhaseAttention || filter.Reason != "" && description.Reason != filter.Reason):
			r.gone++
		case err != nil:
			failures = append(failures, err)
		default:
			add(numbered(life.Ref.Customer, life.Ref.NoticeID), description.Life)
		}
	}
	return chosen, failures
}

// settleLook is how often a notice is looked at that was resent.
const settleLook = 200 * time.Millisecond

// await looks at the notices until each has gone on or stopped again.
func (r resending) await(ctx context.Context, out terminal.Output, from temporal, results []*resent) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	ticker := time.NewTicker(settleLook)
	defer ticker.Stop()
	for left := 1; left > 0; {
		left = 0
		for _, one := range results {
			if one.Outcome == resentSent || one.Outcome == resentUnknown {
				one.settle(ctx, from)
			}
			if one.Outcome == resentUnknown {
				left++
			}
		}
		out.Tell("%d of %d have gone on or stopped again", len(results)-left, len(results))
		select {
		case <-ctx.Done():
			left = 0
		case <-ticker.C:
		}
	}
	out.Tell("")
}

// settle says what has become of a notice, as far as it has. The resend counts once the notice's own history has it.
func (one *resent) settle(ctx context.Context, from temporal) {
	one.Outcome = resentUnknown
	status, err := from.Status(ctx, one.WorkflowID)
	if err != nil {
		return
	}
	found, err := from.Describe(ctx, one.WorkflowID)
	if err != nil || resends(status) <= one.before {
		return
	}
	now := listedNotice{Attention: status.Attention, Pending: found.Pending}
	switch {
	case status.Attention != nil:
		one.Outcome = resentAgain
	case now.trying() != nil:
		one.Outcome = resentTrying
	case len(now.Pending) > 0: // under way
		return
	default:
		one.Outcome = resentOn
	}
	one.Why = now.why()
}

// resends counts those that a notice's own history has.
func resends(status runs.Status) (count int) {
	for _, entry := range status.History {
		if entry.What == runs.HappenedResend {
			count++
		}
	}
	return count
}

// stoppedAgain is the error of a resend that did not help; nil when none stopped.
func stoppedAgain(results []*resent) error {
	count := 0
	for _, one := range results {
		if one.Outcome == resentAgain {
			count++
		}
	}
	if count == 0 {
		return nil
	}
	return fmt.Errorf("%d stopped again; mend the cause, then resend", count)
}

// printResent prints a line per notice that is worth one, and one that sums it up.
func printResent(out terminal.Output, results []*resent, failures []error, r resending) error {
	counts := map[string]int{}
	var rows []terminal.Row
	for _, one := range results {
		counts[one.Outcome]++
		if one.Outcome == resentOn && len(results) > 1 {
			continue // the sum has it
		}
		rows = append(rows, terminal.Row{Cells: []string{one.Notice + ": " + one.Outcome, one.Why}})
	}
	if err := out.Table(rows); err != nil {
		return err
	}
	return out.Line(resentSummary(counts, len(results), len(failures), r))
}

func resentSummary(counts map[string]int, all, failures int, r resending) string {
	gone := ""
	if r.gone > 0 {
		gone = fmt.Sprintf("; %d that the list still had went on or ended meanwhile", r.gone)
	}
	switch {
	case all+failures == 0:
		return "nothing to resend: no such notice waits for a person" + gone
	case r.dryRun:
		return fmt.Sprintf("%d would be resent; nothing was done", counts[resentWould]) + gone
	}
	text := fmt.Sprintf("%d resent", all-counts[resentNothing])
	var parts []string
	for _, outcome := range []string{resentOn, resentAgain, resentTrying, resentUnknown, resentNothing} {
		if counts[outcome] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[outcome], outcome))
		}
	}
	if failures > 0 {
		parts = append(parts, fmt.Sprintf("%d %s", failures, resentFailed))
	}
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	if counts[resentSent] > 0 {
		text += "; starter notice list tells what came of it, or --wait"
	}
	return text + gone
}

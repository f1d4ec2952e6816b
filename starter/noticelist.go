package main

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tampuuri-hillava/internal/commandline"
	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/customers"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/terminal"
)

// phases are what --phase takes.
var phases = []string{
	string(runs.PhaseImporting), string(runs.PhaseWorking), string(runs.PhaseDone), string(runs.PhaseInvoiced),
	string(runs.PhaseAttention), string(runs.PhaseWithdrawn), string(runs.PhaseDismissed),
}

// watchEvery is how often --watch looks.
const watchEvery = 2 * time.Second

// selection is which notices a person wants to see.
type selection struct {
	customer, phase, reason string
	all                     bool // closed ones too
}

func noticeListCommand(out terminal.Output) *cobra.Command {
	command := &cobra.Command{
		Use: "list", Short: "List the open notices, and why some of them wait", Args: commandline.Takes(),
		Long: `List the open notices, and closed ones that somebody should look at. First come
those that wait for a person, the longest first; then those that try something
again, the most often first; then the rest. SINCE is since when a notice waits,
else when it was imported.`,
		Example: `  starter notice list
  starter notice list --reason hillava-refused --customer esimerkki
  starter notice list --all --phase invoiced -o wide
  starter notice list --json | jq -r '.[] | select(.attention) | .noticeId'`,
	}
	var s selection
	asJSON, flags := jsonFlag(command), command.Flags()
	flags.StringVar(&s.customer, "customer", "", "only this customer's, by its `tunniste`")
	flags.StringVar(&s.phase, "phase", "", "only those in this `phase`: "+strings.Join(phases, ", "))
	flags.StringVar(&s.reason, "reason", "", "only those that wait for this `reason`, like hillava-refused")
	flags.BoolVar(&s.all, "all", false, "closed ones too, as long as Temporal keeps them")
	format := flags.StringP("output", "o", "", "`wide`: also task, what is reported and the workflow id")
	watch := flags.Bool("watch", false, "look again every 2 seconds, until Ctrl-C")
	proposesCustomers(command)
	proposes(command, "phase", phases...)
	proposes(command, "reason", runs.Reasons()...)
	proposes(command, "output", "wide")
	command.RunE = func(*cobra.Command, []string) error {
		filter, err := s.filter()
		switch {
		case err != nil:
			return err
		case *format != "" && *format != "wide":
			return commandline.NoValue("output", *format, "wide (JSON is --json)")
		case *watch && *asJSON:
			return commandline.Wrong("--watch is for people, --json for programs: take one")
		case *watch && out.Width == 0:
			return commandline.Wrong("--watch draws on a terminal, and this is none: take --json as often as you want to look")
		}
		ctx := command.Context()
		t, err := openTools(ctx, out)
		if err != nil {
			return err
		}
		defer t.close()
		show := func(out terminal.Output) error {
			return showNotices(ctx, out, t.runs, s, filter, *asJSON, *format == "wide")
		}
		if !*watch {
			return show(out)
		}
		return out.Watch(ctx, watchEvery, show)
	}
	return command
}

func (s selection) filter() (runs.Filter, error) {
	filter := runs.Filter{Phase: runs.Phase(s.phase), Reason: s.reason, Open: !s.all && !closedPhase(runs.Phase(s.phase))}
	if s.customer != "" {
		if !config.ValidTunniste(s.customer) {
			return filter, commandline.NoValue("customer", s.customer, "a Tunniste")
		}
		filter.Customers = []string{s.customer}
	}
	return filter, cmp.Or(commandline.OneOf("phase", s.phase, phases...), commandline.OneOf("reason", s.reason, runs.Reasons()...))
}

// showNotices prints the list, in the same order for people and for programs.
func showNotices(ctx context.Context, out terminal.Output, from temporal, s selection, filter runs.Filter, asJSON, wide bool) error {
	listed, notes, err := listNotices(ctx, from, s, filter)
	if err != nil {
		return err
	}
	for _, note := range notes {
		out.Note("%s", note)
	}
	if asJSON {
		return out.JSON(listed)
	}
	narrow := out.Width > 0 && !wide
	if wide {
		out.Width = 0 // its lines are as long as they are
	}
	return out.Table(tableOf(listed, wide, narrow, time.Now()))
}

// listNotices puts the list together. notes tell a person what could not be found out.
func listNotices(ctx context.Context, from temporal, s selection, filter runs.Filter) (listed []listedNotice, notes []string, err error) {
	lives, err := from.Notices(ctx, filter)
	if err != nil {
		return nil, nil, err
	}
	if len(lives) == 0 && s.customer != "" {
		if err := customers.Unknown(ctx, from, s.customer); err != nil {
			return nil, nil, refused(err)
		}
	}
	listed = []listedNotice{}
	for _, life := range lives {
		listed = append(listed, readNotice(life))
	}
	notes = findOut(ctx, from, listed)
	changed, note := customers.ChangedAfterSending(ctx, from)
	if note != "" {
		notes = append(notes, note)
	}
	if listed, err = withChanged(ctx, from, s, listed, changed); err != nil {
		return nil, nil, err
	}
	slices.SortStableFunc(listed, stuckFirst)
	for i := range listed {
		listed[i].Why = listed[i].why()
	}
	return listed, notes, nil
}

// withChanged marks the notices whose time entries were changed after sending, and adds those that only a list of all would have.
func withChanged(ctx context.Context, from temporal, s selection, listed []listedNotice, changed map[string]runs.ChangedAfter) ([]listedNotice, error) {
	for i := range listed {
		one := &listed[i]
		if found, ok := changed[one.WorkflowID]; ok && one.Phase == runs.PhaseInvoiced && one.Attention == nil {
			one.Attention = changedAttention(found)
		}
		delete(changed, one.WorkflowID)
	}
	if s.all || s.phase != "" || s.reason != "" && s.reason != runs.ReasonChangedAfterSending {
		return listed, nil
	}
	for _, workflowID := range slices.Sorted(maps.Keys(changed)) {
		description, err := from.Describe(ctx, workflowID)
		if errors.Is(err, runs.ErrNone) {
			continue // erased, or over 90 days ago
		}
		if err != nil {
			return nil, err
		}
		one := readNotice(description.Life)
		if one.Phase == runs.PhaseInvoiced && (s.customer == "" || s.customer == one.Customer) {
			one.Attention = changedAttention(changed[workflowID])
			listed = append(listed, one)
		}
	}
	return listed, nil
}

// changedAttention is of an invoiced notice whose time entries were changed after sending.
func changedAttention(one runs.ChangedAfter) *runs.Attention {
	since, _ := time.Parse(time.RFC3339, one.Since) // the zero time where it cannot be read
	return &runs.Attention{Reason: runs.ReasonChangedAfterSending, Since: since, What: runs.Advice(runs.ReasonChangedAfterSending)}
}

package customers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tampuuri-hillava/internal/nearest"
	"tampuuri-hillava/internal/runs"
)

// Unknown says that nobody has that Tunniste, and who there is; nil when somebody has it, or when Temporal does not say.
func Unknown(ctx context.Context, from Source, tunniste string) error {
	known, err := from.Customers(ctx)
	last, synced, syncErr := from.LastSync(ctx)
	if readable := errors.Join(err, syncErr) == nil; !readable || !synced && len(known) == 0 {
		return nil
	}
	for _, customer := range last.Customers {
		if customer.Tunniste != "" && !slices.Contains(known, customer.Tunniste) {
			known = append(known, customer.Tunniste)
		}
	}
	if slices.Contains(known, tunniste) {
		return nil
	}
	slices.Sort(known)
	return fmt.Errorf("there is no customer %s; there are: %s%s", tunniste, strings.Join(known, ", "), nearest.DidYouMean(tunniste, known, ""))
}

// noWorkflow is runs.ErrNone of a customer, in words.
type noWorkflow struct{ error }

func (noWorkflow) Is(target error) bool { return target == runs.ErrNone }

// NoWorkflow says why a customer may have no workflow that could be asked: the reasons of the last sync. It is a
// runs.ErrNone.
func NoWorkflow(ctx context.Context, from Source, tunniste string) error {
	return noWorkflow{whyNoWorkflow(ctx, from, tunniste)}
}

func whyNoWorkflow(ctx context.Context, from Source, tunniste string) error {
	if last, found, err := from.LastSync(ctx); err == nil && found {
		for _, customer := range last.Customers {
			if customer.Tunniste == tunniste && len(customer.Reasons) > 0 {
				return fmt.Errorf("customer %s has no workflow: %s", tunniste, strings.Join(customer.Reasons, "; "))
			}
		}
	}
	if err := Unknown(ctx, from, tunniste); err != nil {
		return err
	}
	return fmt.Errorf("customer %s has no workflow; run starter customers sync, and see starter customers list", tunniste)
}

// PollInWords says what a poll did that went through.
func PollInWords(counts runs.PollCounts) string {
	words := fmt.Sprintf("%d new, %d known, %d told of a change", counts.Started, counts.Known, counts.Signalled)
	if counts.Left {
		words += "; more waits for the next round"
	}
	return words
}

// ChangedAfterSending gives, by workflow id, the invoiced notices whose time entries were changed after sending. Their runs
// are closed, so their customers' workflows say it; those of a Tunniste that nobody has any more go on under any other. note
// tells a person of those that did not answer.
func ChangedAfterSending(ctx context.Context, from Source) (changed map[string]runs.ChangedAfter, note string) {
	changed = map[string]runs.ChangedAfter{}
	running, err := from.Customers(ctx)
	var views map[string]View
	if err == nil {
		views, _, err = Views(ctx, from, running)
	}
	if err != nil {
		return changed, fmt.Sprintf("whether time entries were changed after sending could not be asked: %v", err)
	}
	var silent []string
	slices.Sort(running)
	for _, tunniste := range running {
		switch view := views[tunniste]; {
		case view.Answered:
			for _, one := range view.Status.Changed {
				changed[one.WorkflowID] = one
			}
		case view.Run != nil:
			silent = append(silent, tunniste)
		}
	}
	if len(silent) > 0 {
		note = fmt.Sprintf("whether time entries were changed after sending is not known of %s, which did not answer; is a worker running? starter doctor tells", strings.Join(silent, ", "))
	}
	return changed, note
}

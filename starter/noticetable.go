package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tampuuri-hillava/internal/runs"

	"golang.org/x/sync/errgroup"
)

const (
	mostLookedAt = 1000 // notices that one list looks at for steps that are tried again
	lookedAtOnce = 20
	triedAgain   = 2 // from this attempt on a step is shown: the first one may just be under way
)

// noticeLine is one line of the table: a notice, and the steps that it tries again.
type noticeLine struct {
	listedNotice
	trying []runs.PendingStep
}

// printNotices prints the list for a person: first what waits for somebody, then what is being tried again, then the
// rest. The second is in no record, so that each open notice is looked at; JSON, whose shape is fixed, goes without.
func printNotices(ctx context.Context, out output, from describer, listed []listedNotice, now time.Time) error {
	lines, complete := look(ctx, from, listed)
	if !complete {
		out.note("not every open notice could be looked at (at most %d are), so that one that is tried again may stand among the others; starter notice show tells about one", mostLookedAt)
	}
	slices.SortStableFunc(lines, stuckFirst)
	rows := [][]string{{"CUSTOMER", "NOTICE", "PHASE", "REPORTED", "TASK", "STARTED", "WORKFLOW", "WAITS FOR"}}
	for _, l := range lines {
		rows = append(rows, []string{
			orDash(l.Customer), strconv.FormatInt(l.NoticeID, 10), orDash(string(l.Phase)), orDash(string(l.Reported)),
			orDash(l.TaskID), moment(l.StartedAt), l.WorkflowID, l.waitsFor(now),
		})
	}
	return out.table(rows)
}

// look asks Temporal what each open notice is trying. One that cannot be looked at is listed all the same.
func look(ctx context.Context, from describer, listed []listedNotice) (lines []noticeLine, complete bool) {
	lines, failed := make([]noticeLine, len(listed)), make([]bool, len(listed))
	var group errgroup.Group
	group.SetLimit(lookedAtOnce)
	looked := 0
	for i, one := range listed {
		lines[i].listedNotice = one
		if one.Phase == runs.PhaseInvoiced || one.Phase == runs.PhaseDismissed {
			continue
		}
		if looked++; looked > mostLookedAt {
			failed[i] = true
			continue
		}
		group.Go(func() error {
			found, err := from.Describe(ctx, one.WorkflowID)
			if failed[i] = err != nil; failed[i] {
				return nil
			}
			for _, step := range found.Pending {
				if step.Attempt >= triedAgain {
					lines[i].trying = append(lines[i].trying, step)
				}
			}
			return nil
		})
	}
	_ = group.Wait() // what failed stands in failed
	return lines, !slices.Contains(failed, true)
}

// stuckFirst: those that wait for a person, the longest first; those that try again, the most attempts first.
func stuckFirst(a, b noticeLine) int {
	if rank := a.rank() - b.rank(); rank != 0 {
		return rank
	}
	switch a.rank() {
	case waitsForPerson:
		return a.Attention.Since.Compare(b.Attention.Since)
	case triesAgain:
		return int(b.trying[0].Attempt) - int(a.trying[0].Attempt)
	default:
		return 0
	}
}

const (
	waitsForPerson = iota
	triesAgain
	goesOn
)

func (l noticeLine) rank() int {
	switch {
	case l.Attention != nil:
		return waitsForPerson
	case len(l.trying) > 0:
		return triesAgain
	default:
		return goesOn
	}
}

// waitsFor says why nothing goes on; "" when nothing is wrong.
func (l noticeLine) waitsFor(now time.Time) string {
	var reasons []string
	if l.Attention != nil {
		reason := "a person: " + l.Attention.Reason
		if !l.Attention.Since.IsZero() {
			reason += ", for " + age(now.Sub(l.Attention.Since))
		}
		reasons = append(reasons, reason)
	}
	for _, step := range l.trying {
		kind, _, _ := strings.Cut(step.LastFailure, ": ")
		reasons = append(reasons, fmt.Sprintf("%s, attempt %d: %s", step.Activity, step.Attempt, orDash(kind)))
	}
	return strings.Join(reasons, "; ")
}

// age is a duration as people say it: its largest unit.
func age(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(max(d, 0).Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 2*day:
		return fmt.Sprintf("%d h", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days", int(d/day))
	}
}

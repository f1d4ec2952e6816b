package main

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"tampuuri-hillava/internal/runs"
)

// listedNotice is one line of notice list.
type listedNotice struct {
	WorkflowID string             `json:"workflowId"`
	Customer   string             `json:"customer"`
	NoticeID   int64              `json:"noticeId"`
	TaskID     string             `json:"taskId"`
	Phase      runs.Phase         `json:"phase"`
	Reported   runs.Reported      `json:"reported"`
	Attention  *runs.Attention    `json:"attention"`
	StartedAt  *time.Time         `json:"startedAt"`
	Why        string             `json:"why"`     // nothing goes on; "" when nothing is wrong
	Pending    []runs.PendingStep `json:"pending"` // what it is trying now
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	utc := t.UTC()
	return &utc
}

// readNotice takes from a life what stands there.
func readNotice(life *runs.Life) listedNotice {
	reported, _ := reportedIn(life.Phase)
	listed := listedNotice{
		WorkflowID: life.WorkflowID, Customer: life.Ref.Customer, NoticeID: life.Ref.NoticeID, TaskID: life.TaskID,
		Phase: life.Phase, Reported: reported, StartedAt: timeOrNil(life.Started), Pending: []runs.PendingStep{},
	}
	if life.Phase == runs.PhaseAttention {
		// Since when is known to the workflow alone; it cannot be longer than the notice is here.
		listed.Attention = &runs.Attention{Reason: life.Reason, Since: life.Started, What: runs.Advice(life.Reason)}
	}
	return listed
}

// reportedIn tells what is reported from the phase alone. Where that leaves it open it is the least, and not certain.
func reportedIn(phase runs.Phase) (reported runs.Reported, certain bool) {
	switch phase {
	case runs.PhaseImporting, runs.PhaseWorking:
		return runs.ReportedNone, true
	case runs.PhaseDone:
		return runs.ReportedTehty, true
	case runs.PhaseInvoiced:
		return runs.ReportedValmis, true
	default: // attention, withdrawn, dismissed
		return runs.ReportedNone, false
	}
}

func closedPhase(phase runs.Phase) bool {
	return phase == runs.PhaseInvoiced || phase == runs.PhaseDismissed
}

const (
	mostLookedAt = 1000 // notices that one list looks at for steps that are tried again
	lookedAtOnce = 20
	triedAgain   = 2 // from this attempt on a step is worth a word: the first one may just be under way
	// silentInARow is after how many notices that did not answer no more are asked: without a worker every question would
	// wait for its whole timeout. One that does not answer may be its own trouble.
	silentInARow = 3
)

// findOut adds what no record has: of each open notice what it is trying, and of those whose record leaves something open
// what their workflows say. One that cannot be looked at is listed all the same; notes tell a person.
func findOut(ctx context.Context, from temporal, listed []listedNotice) (notes []string) {
	var silent, answered, inARow, unseen atomic.Int32
	var group errgroup.Group
	group.SetLimit(lookedAtOnce)
	looked := 0
	for i := range listed {
		one := &listed[i]
		_, certain := reportedIn(one.Phase)
		open := !closedPhase(one.Phase)
		if open {
			looked++
		}
		look := open && looked <= mostLookedAt
		group.Go(func() error {
			if open && (!look || one.look(ctx, from) != nil) {
				unseen.Add(1)
			}
			switch {
			case certain:
			case inARow.Load() < silentInARow && one.ask(ctx, from) == nil:
				answered.Add(1)
				inARow.Store(0)
			default:
				silent.Add(1)
				inARow.Add(1)
			}
			return nil
		})
	}
	_ = group.Wait() // what failed is counted
	if unseen.Load() > 0 {
		notes = append(notes, fmt.Sprintf("not every open notice could be looked at (at most %d are), so that one that is tried again may stand among the others; starter notice show tells about one", mostLookedAt))
	}
	if silent.Load() > 0 {
		advice := "is a worker running? starter doctor tells"
		if answered.Load() > 0 {
			advice = "others did: starter notice show tells about one"
		}
		notes = append(notes, fmt.Sprintf("notices that did not answer: %d, so what they have reported, since when and why they wait may not be right; %s", silent.Load(), advice))
	}
	return notes
}

func (l *listedNotice) look(ctx context.Context, from temporal) error {
	found, err := from.Describe(ctx, l.WorkflowID)
	if err == nil {
		l.Pending = append(l.Pending, found.Pending...)
	}
	return err
}

// ask asks the workflow itself for what the record leaves open.
func (l *listedNotice) ask(ctx context.Context, from temporal) error {
	status, err := from.Status(ctx, l.WorkflowID)
	if err == nil {
		l.take(status)
	}
	return err
}

// take prefers what the workflow itself says to its record.
func (l *listedNotice) take(status runs.Status) {
	l.Phase, l.Reported, l.Attention = status.Phase, status.Reported, status.Attention
	if l.TaskID == "" {
		l.TaskID = status.HillavaTaskID
	}
	if l.NoticeID == 0 {
		l.NoticeID = status.TampuuriNoticeID
	}
}

// trying is the step that is tried again the most often; nil when none is.
func (l *listedNotice) trying() *runs.PendingStep {
	var most *runs.PendingStep
	for i, step := range l.Pending {
		if step.Attempt >= triedAgain && (most == nil || step.Attempt > most.Attempt) {
			most = &l.Pending[i]
		}
	}
	return most
}

// stuckFirst: those that wait for a person, the longest first; those that try again, the most attempts first.
func stuckFirst(a, b listedNotice) int {
	if rank := a.rank() - b.rank(); rank != 0 {
		return rank
	}
	switch a.rank() {
	case waitsForPerson:
		return a.Attention.Since.Compare(b.Attention.Since)
	case triesAgain:
		return int(b.trying().Attempt) - int(a.trying().Attempt)
	default:
		return 0
	}
}

const (
	waitsForPerson = iota
	triesAgain
	goesOn
)

func (l *listedNotice) rank() int {
	switch {
	case l.Attention != nil:
		return waitsForPerson
	case l.trying() != nil:
		return triesAgain
	default:
		return goesOn
	}
}

// why says why nothing goes on; "" when nothing is wrong.
func (l *listedNotice) why() string {
	var reasons []string
	if l.Attention != nil {
		reasons = append(reasons, strings.TrimSuffix(l.Attention.Reason+": "+briefly(l.Attention.Failure), ": "))
	}
	for _, step := range l.Pending {
		if step.Attempt < triedAgain {
			continue
		}
		text := fmt.Sprintf("%s, attempt %d", step.Activity, step.Attempt)
		if step.NextRetry != nil {
			text += " at " + moment(step.NextRetry)[len("2006-01-02 "):]
		}
		reasons = append(reasons, strings.TrimSuffix(text+": "+briefly(step.LastFailure), ": "))
	}
	return strings.Join(reasons, "; ")
}

// briefly leaves out of a failure's words what the list has no room for.
func briefly(failure string) string { return strings.ReplaceAll(failure, "refused with status ", "") }

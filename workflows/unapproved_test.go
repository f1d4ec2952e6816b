package workflows

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/runs"
)

func TestUnapprovedTimeEntriesHoldLaskutettuAndRemind(t *testing.T) {
	rounds := 0
	w := &world{}
	w.plan = func(runs.PlanInput) (runs.Plan, error) {
		if rounds++; rounds <= 10*24*4 { // ten days of looking each quarter of an hour
			return runs.Plan{Unapproved: 2, RecheckAfter: 15 * time.Minute}, nil
		}
		return runs.Plan{}, nil
	}
	p := newPlay(t, w).at(time.Minute, runs.Laskutettu.Name(), event("e2"))
	p.RegisterDelayedCallback(func() { require.Equal(t, runs.PhaseDone, p.status().Phase, "the phase stays, and Tehty may still go") }, 2*24*time.Hour)
	p.at(24*time.Hour, runs.TyoValmis.Name(), event("e1")).run()
	reminders := 0
	for _, call := range w.calls {
		if call == "remind" {
			reminders++
		}
	}
	require.Equal(t, 1, reminders, "one reminder in ten days")
	require.Less(t, slices.Index(w.calls, "Tehty"), slices.Index(w.calls, "invoice"))
}

// TestAReminderOfUnapprovedTimeEntriesIsTriedForLessThanADay: for so long Hillava is sure to know the note's key.
func TestAReminderOfUnapprovedTimeEntriesIsTriedForLessThanADay(t *testing.T) {
	approved := false
	w := &world{remind: hillavaIsAway}
	w.plan = func(runs.PlanInput) (runs.Plan, error) {
		if approved {
			return runs.Plan{}, nil
		}
		return runs.Plan{Unapproved: 1, RecheckAfter: time.Hour}, nil
	}
	p := newPlay(t, w).at(time.Minute, runs.Laskutettu.Name(), event("e2"))
	p.RegisterDelayedCallback(func() { approved = true }, 9*24*time.Hour)
	_, status := p.run()
	require.Equal(t, runs.ReportedValmis, status.Reported, "it held up nothing")
	require.NotZero(t, w.remindedFor)
	require.Less(t, w.remindedFor, 24*time.Hour)
	require.Contains(t, fmt.Sprint(status.History), "could not be noted on the task")
}

func hillavaIsAway(runs.ReminderInput) (runs.ApprovalReminder, error) {
	return runs.ApprovalReminder{}, errors.New("Hillava is away")
}

// unapproved is a plan as long as entries wait for approval.
func unapproved(runs.PlanInput) (runs.Plan, error) {
	return runs.Plan{Unapproved: 1, RecheckAfter: 36 * time.Hour}, nil
}

func TestTimeEntriesFoundApprovedByTheReminderAreReportedAtOnce(t *testing.T) {
	w := &world{plan: unapproved}
	p := newPlay(t, w).at(time.Hour, runs.Laskutettu.Name(), event("e2"))
	began := p.Now()
	w.remind = func(runs.ReminderInput) (runs.ApprovalReminder, error) {
		w.plan = nil
		return runs.ApprovalReminder{}, nil
	}
	_, status := p.run()
	require.Equal(t, []string{"remind", "plan", "invoice"}, w.calls[len(w.calls)-3:])
	require.NotContains(t, fmt.Sprint(status.History), "reminded")
	require.Less(t, p.Now().Sub(began), remindAfter+2*time.Hour, "not with the next look, hours later")
}

func TestAReminderOfUnapprovedTimeEntriesGivesWayToTehtyAndIsMadeUpFor(t *testing.T) {
	var rounds []int
	w := &world{plan: unapproved}
	p := newPlay(t, w).at(time.Hour, runs.Laskutettu.Name(), event("e2"))
	w.remind = func(in runs.ReminderInput) (runs.ApprovalReminder, error) {
		if rounds = append(rounds, in.Round); len(rounds) < 8 {
			return hillavaIsAway(in)
		}
		w.plan = nil
		return runs.ApprovalReminder{Unapproved: 1}, nil
	}
	p.at(remindAfter+inThePause-aMonth, runs.TyoValmis.Name(), event("e1")).run()
	var calls []string
	for _, call := range w.calls {
		if call != "plan" {
			calls = append(calls, call)
		}
	}
	require.Equal(t, []string{"remind", "Tehty", "remind", "invoice"}, calls[len(calls)-4:])
	require.Equal(t, []int{1, 1, 1, 1, 1, 1, 1, 1}, rounds, "it is the same reminder, with the same key")
}

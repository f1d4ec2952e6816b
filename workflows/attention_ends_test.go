package workflows

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/runs"
)

const day = 24 * time.Hour

// accepted makes a task whose notice is to be set to an accept state.
func accepted() (runs.CreatedTask, error) {
	return runs.CreatedTask{TaskID: "T-1", AcceptState: "Vastaanotettu", Snapshot: runs.Snapshot{Standing: runs.StandingOpen}}, nil
}

// A life that ended in attention would be started again by no poll.
func TestAWithdrawnNoticeEndsOnceNobodyIsAskedAnything(t *testing.T) {
	away := func(runs.FollowInput) (runs.Followed, error) {
		return runs.Followed{Snapshot: runs.Snapshot{Standing: runs.StandingReassigned}}, nil
	}
	refusing := func(reason string) func(runs.SetStateInput) (runs.StateSet, error) {
		return func(runs.SetStateInput) (runs.StateSet, error) { return runs.StateSet{}, refused(reason) }
	}
	for name, one := range map[string]struct {
		world *world
		asks  string // the reason for which a person is asked
	}{
		"taken away before the accept state":    {&world{create: accepted, follow: away, setState: refusing(runs.ReasonReassigned)}, ""},
		"accept state refused, then taken away": {&world{create: accepted, follow: away, setState: refusing(runs.ReasonTampuuriRefused)}, ""},
		"the note that it was taken away is refused": {&world{follow: func(in runs.FollowInput) (runs.Followed, error) {
			followed, err := away(in)
			followed.StandingUntold = in.Round < 3
			return followed, err
		}}, runs.ReasonHillavaRefused},
		"turvakielto, then taken away": {&world{follow: func(in runs.FollowInput) (runs.Followed, error) {
			if in.Round == 1 {
				return runs.Followed{Snapshot: in.Snapshot, Changed: []string{"reporterTurvakielto"}, Protected: true}, nil
			}
			return away(in)
		}}, runs.ReasonTurvakielto},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlay(t, one.world).at(time.Hour, runs.NoticeChanged.Name(), nil).at(2*time.Hour, runs.NoticeChanged.Name(), nil)
			asked := runs.Attention{}
			look := func() {
				if now := p.status().Attention; now != nil {
					asked = *now
				}
			}
			p.RegisterDelayedCallback(look, 3*time.Hour)
			if one.asks != "" {
				p.RegisterDelayedCallback(look, 39*day)
				p.at(40*day, runs.Resend.Name(), nil)
			}
			result, status := p.run()
			require.Equal(t, one.asks, asked.Reason)
			require.Equal(t, closedAsWithdrawn, status.ClosedBy)
			require.Equal(t, runs.PhaseWithdrawn, result.Phase)
			require.EqualValues(t, runs.PhaseWithdrawn, p.shown["NoticePhase"])
		})
	}
}

func TestARefusedNoteOfStandingIsMadeAgain(t *testing.T) {
	var asked []runs.Standing // what the look was told that the task knows
	w := &world{follow: func(in runs.FollowInput) (runs.Followed, error) {
		asked = append(asked, in.Snapshot.Standing)
		return runs.Followed{Snapshot: runs.Snapshot{Standing: runs.StandingCancelled}, StandingUntold: len(asked) < 3}, nil
	}}
	p := newPlay(t, w).at(time.Hour, runs.NoticeChanged.Name(), nil).at(2*time.Hour, runs.Resend.Name(), nil)
	p.RegisterDelayedCallback(func() { require.Equal(t, runs.ReasonHillavaRefused, p.status().Attention.Reason) }, 3*time.Hour)
	p.at(4*time.Hour, runs.NoticeChanged.Name(), nil)
	p.RegisterDelayedCallback(func() { require.Nil(t, p.status().Attention) }, 5*time.Hour)
	p.at(6*time.Hour, runs.NoticeChanged.Name(), nil)
	p.at(7*time.Hour, runs.Dismiss.Name(), nil).run()
	require.Equal(t, []runs.Standing{runs.StandingOpen, runs.StandingOpen, runs.StandingOpen, runs.StandingCancelled}, asked)
}

func TestTyoValmisOverAValmisByHandGoesOnceItIsReopened(t *testing.T) {
	standing := runs.StandingValmis
	w := &world{
		setState: func(in runs.SetStateInput) (runs.StateSet, error) {
			if standing == runs.StandingValmis {
				return runs.StateSet{Already: true, Standing: standing}, nil
			}
			return runs.StateSet{Standing: runs.Standing(in.State)}, nil
		},
		follow: func(runs.FollowInput) (runs.Followed, error) {
			followed := runs.Followed{Snapshot: runs.Snapshot{Standing: standing}, WorkBegun: true}
			if standing == runs.StandingValmis {
				followed.Unsent = 1
			}
			return followed, nil
		},
	}
	p := newPlay(t, w).at(time.Hour, runs.TyoValmis.Name(), event("e1"))
	p.RegisterDelayedCallback(func() {
		require.Equal(t, runs.ReasonClosedByHand, p.status().Attention.Reason)
		standing = runs.StandingOpen
	}, 2*time.Hour)
	p.at(3*time.Hour, runs.Resend.Name(), nil)
	p.RegisterDelayedCallback(func() { require.Equal(t, runs.PhaseDone, p.status().Phase) }, 10*day)
	p.at(20*day, runs.Dismiss.Name(), nil).run()
}

func TestTurvakieltoIsShownToWhoeverAcknowledgesIt(t *testing.T) {
	w := &world{follow: func(in runs.FollowInput) (runs.Followed, error) {
		if in.Round == 1 {
			return runs.Followed{Snapshot: in.Snapshot, Changed: []string{"reporterTurvakielto"}, Protected: true, WorkBegun: true}, nil
		}
		return runs.Followed{Snapshot: in.Snapshot, Changed: []string{"title"}, WorkBegun: true}, nil
	}}
	p := newPlay(t, w).at(time.Hour, runs.NoticeChanged.Name(), nil).at(time.Hour+5*time.Minute, runs.NoticeChanged.Name(), nil)
	p.RegisterDelayedCallback(func() {
		require.Equal(t, runs.ReasonTurvakielto, p.status().Attention.Reason)
		require.EqualValues(t, runs.ReasonTurvakielto, p.shown["AttentionReason"])
	}, 2*time.Hour)
	p.at(3*time.Hour, runs.Resend.Name(), nil)
	p.RegisterDelayedCallback(func() { require.Nil(t, p.status().Attention) }, 4*time.Hour)
	p.at(20*day, runs.Dismiss.Name(), nil).run()
}

// The signal was taken while the run was open, so its change reaches the task before the run closes.
func TestAChangeToldDuringTheInvoiceIsNoted(t *testing.T) {
	tries := 0
	var looked []runs.Reported
	w := &world{
		invoice: func(runs.InvoicedInput) (runs.InvoicedReport, error) {
			if tries++; tries < 4 {
				return runs.InvoicedReport{}, temporal.NewApplicationErrorWithOptions("away", runs.FaultUnavailable, temporal.ApplicationErrorOptions{NextRetryDelay: 5 * time.Minute})
			}
			return runs.InvoicedReport{Present: 1}, nil
		},
		follow: func(in runs.FollowInput) (runs.Followed, error) {
			looked = append(looked, in.Reported)
			return runs.Followed{Snapshot: runs.Snapshot{Standing: runs.StandingValmis}, Changed: []string{"title"}, WorkBegun: true, Unsent: 1}, nil
		},
	}
	p := newPlay(t, w).at(time.Hour, runs.Laskutettu.Name(), event("e1"))
	p.at(time.Hour+6*time.Minute, runs.NoticeChanged.Name(), nil)
	result, status := p.run()
	require.Equal(t, []runs.Reported{runs.ReportedValmis}, looked)
	require.Equal(t, runs.PhaseInvoiced, result.Phase)
	require.Equal(t, closedByHillava, status.ClosedBy)
	require.Equal(t, "noted on the task: title", status.History[len(status.History)-1].Result)
}

// Valmis is reported, so a run that cannot look is not kept open for ever.
func TestALifeThatIsOverWaitsForALastLookForAnHourOnly(t *testing.T) {
	tries := 0
	w := &world{
		invoice: func(runs.InvoicedInput) (runs.InvoicedReport, error) {
			if tries++; tries == 1 {
				return runs.InvoicedReport{}, temporal.NewApplicationErrorWithOptions("away", runs.FaultUnavailable, temporal.ApplicationErrorOptions{NextRetryDelay: 5 * time.Minute})
			}
			return runs.InvoicedReport{Present: 1}, nil
		},
		follow: func(runs.FollowInput) (runs.Followed, error) {
			return runs.Followed{}, temporal.NewApplicationErrorWithOptions("away", runs.FaultUnavailable, temporal.ApplicationErrorOptions{NextRetryDelay: 20 * time.Minute})
		},
	}
	p := newPlay(t, w).at(time.Hour, runs.Laskutettu.Name(), event("e1"))
	p.at(time.Hour+time.Minute, runs.NoticeChanged.Name(), nil)
	began := p.Now()
	result, status := p.run()
	require.Equal(t, runs.PhaseInvoiced, result.Phase)
	require.Contains(t, status.History[len(status.History)-1].Result, "could not be looked at before the end")
	require.Less(t, p.Now().Sub(began), 150*time.Minute)
}

func TestADismissedLifeDoesNotLookAgainWhoeverDismissedIt(t *testing.T) {
	for _, by := range []string{"matti", closedByHillava, closedByTampuuri} {
		dismissed := noticeState{TaskID: "T-1", Reported: runs.ReportedTehty, Dismissed: true, ClosedBy: by, FollowRequested: true}
		do, _ := dismissed.next(time.Now())
		require.Equal(t, stepFinish, do, by)
	}
}

func tehtyWithReminders(runs.SetStateInput) (runs.StateSet, error) {
	return runs.StateSet{Standing: runs.StandingTehty, RemindAfter: 7 * day}, nil
}

// refusedThen refuses the first reminder, and answers so to the next ones.
func refusedThen(next runs.Reminded) func(runs.UninvoicedInput) (runs.Reminded, error) {
	return func(in runs.UninvoicedInput) (runs.Reminded, error) {
		if in.Round == 1 {
			return runs.Reminded{}, refused(runs.ReasonUnreadable)
		}
		return next, nil
	}
}

func TestAttentionEndsWithItsCause(t *testing.T) {
	for name, one := range map[string]struct {
		world *world
		begin func(*play)
		after time.Duration
		phase runs.Phase
	}{
		"the accept state is refused, then Tehty reported": {
			&world{create: accepted, setState: func(in runs.SetStateInput) (runs.StateSet, error) {
				if in.State != string(runs.ReportedTehty) {
					return runs.StateSet{}, refused(runs.ReasonTampuuriRefused)
				}
				return runs.StateSet{Standing: runs.StandingTehty}, nil
			}},
			func(p *play) { p.at(time.Hour, runs.TyoValmis.Name(), event("e1")) }, 2 * time.Hour, runs.PhaseDone,
		},
		"a reminder of Laskutettu fails, the next one is noted": {
			&world{
				setState: tehtyWithReminders,
				nudge:    refusedThen(runs.Reminded{Noted: true, Every: 7 * day}),
			},
			func(p *play) { p.at(time.Hour, runs.TyoValmis.Name(), event("e1")) }, 15 * day, runs.PhaseDone,
		},
		"a reminder of Laskutettu fails, and nobody wants another": {
			&world{
				setState: tehtyWithReminders,
				nudge:    refusedThen(runs.Reminded{}),
			},
			func(p *play) { p.at(time.Hour, runs.TyoValmis.Name(), event("e1")) }, 15 * day, runs.PhaseDone,
		},
		"a reminder of approvals fails, the next one is noted": {
			&world{
				plan: func(runs.PlanInput) (runs.Plan, error) { return runs.Plan{Unapproved: 1, RecheckAfter: day}, nil },
				remind: func(in runs.ReminderInput) (runs.ApprovalReminder, error) {
					if in.Round == 1 {
						return runs.ApprovalReminder{}, refused(runs.ReasonUnreadable)
					}
					return runs.ApprovalReminder{Unapproved: 1}, nil
				},
			},
			func(p *play) { p.at(time.Hour, runs.Laskutettu.Name(), event("e1")) }, 15 * day, runs.PhaseWorking,
		},
		"a look fails, the next one finds the notice taken away": {
			&world{follow: func(in runs.FollowInput) (runs.Followed, error) {
				if in.Round == 1 {
					return runs.Followed{}, refused(runs.ReasonUnreadable)
				}
				return runs.Followed{Snapshot: runs.Snapshot{Standing: runs.StandingReassigned}}, nil
			}},
			func(p *play) {
				p.at(time.Hour, runs.NoticeChanged.Name(), nil).at(2*time.Hour, runs.NoticeChanged.Name(), nil)
			}, 3 * time.Hour, runs.PhaseWithdrawn,
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlay(t, one.world)
			one.begin(p)
			p.RegisterDelayedCallback(func() { require.Equal(t, one.phase, p.status().Phase) }, one.after)
			p.at(20*day, runs.Dismiss.Name(), nil).run()
		})
	}
}

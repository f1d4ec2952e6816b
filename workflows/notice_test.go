package workflows

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

func TestNoticeGoesFromImportToInvoiced(t *testing.T) {
	w := &world{}
	result, status := newPlay(t, w).at(time.Hour, runs.TyoValmis.Name(), event("e1")).at(48*time.Hour, runs.Laskutettu.Name(), event("e2")).run()

	require.Equal(t, []string{"create", "Tehty", "plan", "invoice"}, w.calls, "four activities, in this order")
	require.Equal(t, runs.NoticeResult{Phase: runs.PhaseInvoiced, Reported: runs.ReportedValmis, ClosedBy: "hillava", TaskID: "T-1",
		Entries: []notice.Planned{{EntryID: "E-1", Fingerprints: []string{"aa"}}}}, result)
	require.Equal(t, []string{"created", "signal", "tehty", "signal", "toimenpide", "valmis"}, happenings(status))
	require.Nil(t, status.Attention)
}

func TestOrderOfSignals(t *testing.T) {
	type signal struct {
		after time.Duration
		name  string
		id    string
	}
	cases := []struct {
		name    string
		signals []signal
		calls   []string
		ignored int
	}{
		{"both before the task exists: Tehty goes first", []signal{{0, runs.Laskutettu.Name(), "e2"}, {0, runs.TyoValmis.Name(), "e1"}},
			[]string{"create", "Tehty", "plan", "invoice"}, 0},
		{"Laskutettu alone: no Tehty", []signal{{time.Hour, runs.Laskutettu.Name(), "e2"}}, []string{"create", "plan", "invoice"}, 0},
		{"Työ valmis twice with one event id: once", []signal{{1, runs.TyoValmis.Name(), "e1"}, {2, runs.TyoValmis.Name(), "e1"}, {time.Hour, runs.Laskutettu.Name(), "e2"}},
			[]string{"create", "Tehty", "plan", "invoice"}, 1},
		{"Työ valmis twice with two event ids: once", []signal{{time.Minute, runs.TyoValmis.Name(), "e1"}, {time.Hour, runs.TyoValmis.Name(), "e3"}, {2 * time.Hour, runs.Laskutettu.Name(), "e2"}},
			[]string{"create", "Tehty", "plan", "invoice"}, 1},
		{"one event id for both types counts for both", []signal{{time.Minute, runs.TyoValmis.Name(), "e1"}, {time.Hour, runs.Laskutettu.Name(), "e1"}},
			[]string{"create", "Tehty", "plan", "invoice"}, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := &world{}
			p := newPlay(t, w)
			for _, s := range c.signals {
				p.at(s.after, s.name, event(s.id))
			}
			_, status := p.run()
			require.Equal(t, c.calls, w.calls)
			ignored := 0
			for _, happening := range happenings(status) {
				if happening == string(runs.HappenedIgnored) {
					ignored++
				}
			}
			require.Equal(t, c.ignored, ignored)
		})
	}
}

func TestSignalsSentByHandCount(t *testing.T) {
	for name, payload := range map[string]any{"without payload": nil, "text": "valmis", "a list": []int{1}, "no event id": map[string]string{"x": "y"}} {
		t.Run(name, func(t *testing.T) {
			w := &world{}
			_, status := newPlay(t, w).at(time.Minute, runs.TyoValmis.Name(), payload).at(time.Hour, runs.Laskutettu.Name(), payload).run()
			require.Equal(t, []string{"create", "Tehty", "plan", "invoice"}, w.calls)
			require.Equal(t, "tyo-valmis, by hand", status.History[1].Result)
		})
	}
}

func TestRefusedCreateWaitsForResend(t *testing.T) {
	refusals := 1
	w := &world{}
	w.create = func() (runs.CreatedTask, error) {
		if refusals--; refusals >= 0 {
			return runs.CreatedTask{}, refused(runs.ReasonHillavaRefused)
		}
		return runs.CreatedTask{TaskID: "T-1", Snapshot: runs.Snapshot{Standing: runs.StandingOpen}}, nil
	}
	p := newPlay(t, w).at(time.Minute, runs.TyoValmis.Name(), event("e1"))
	p.RegisterDelayedCallback(func() {
		status := p.status()
		require.Equal(t, runs.PhaseAttention, status.Phase)
		require.Equal(t, runs.ReasonHillavaRefused, status.Attention.Reason)
		require.NotEmpty(t, status.Attention.What)
	}, time.Hour)
	p.at(2*time.Hour, runs.Resend.Name(), nil)
	p.RegisterDelayedCallback(func() {
		status := p.status()
		require.Equal(t, runs.PhaseDone, status.Phase, "it returns to where it was, and what came meanwhile counts")
		require.Nil(t, status.Attention)
	}, 3*time.Hour)
	p.at(4*time.Hour, runs.Laskutettu.Name(), event("e2")).run()
	require.Equal(t, []string{"create", "create", "Tehty", "plan", "invoice"}, w.calls)
}

func TestLaskutettuSkipsARefusedTehty(t *testing.T) {
	w := &world{setState: func(runs.SetStateInput) (runs.StateSet, error) {
		return runs.StateSet{}, refused(runs.ReasonTampuuriRefused)
	}}
	_, status := newPlay(t, w).at(time.Minute, runs.TyoValmis.Name(), event("e1")).at(time.Hour, runs.Laskutettu.Name(), event("e2")).run()
	require.Equal(t, []string{"create", "Tehty", "plan", "invoice"}, w.calls)
	require.Equal(t, runs.ReportedValmis, status.Reported)
	require.Nil(t, status.Attention, "attention is over when the notice goes through")
}

// An entry is no longer approved as its toimenpide would be sent: nothing has begun, and Tehty goes first again.
func TestTyoValmisGoesFirstWhileAPlanThatSentNothingIsMadeAnew(t *testing.T) {
	for name, row := range map[string]struct {
		untouched bool
		want      []string
	}{
		"nothing was sent":   {true, []string{"create", "plan", "invoice", "plan", "Tehty", "plan", "invoice"}},
		"something was sent": {false, []string{"create", "plan", "invoice", "plan", "plan", "invoice"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{}
			plans, invoices := 0, 0
			w.plan = func(runs.PlanInput) (runs.Plan, error) {
				if plans++; plans == 2 {
					return runs.Plan{Unapproved: 1, RecheckAfter: 24 * time.Hour}, nil
				}
				return runs.Plan{Entries: []notice.Planned{{EntryID: "E-1", Fingerprints: []string{"aa"}}}}, nil
			}
			w.invoice = func(runs.InvoicedInput) (runs.InvoicedReport, error) {
				if invoices++; invoices == 1 {
					return runs.InvoicedReport{Replan: true, Untouched: row.untouched}, nil
				}
				return runs.InvoicedReport{Added: 1, Present: 1}, nil
			}
			newPlay(t, w).at(time.Hour, runs.Laskutettu.Name(), event("e2")).at(2*time.Hour, runs.TyoValmis.Name(), event("e1")).run()
			require.Equal(t, row.want, w.calls)
		})
	}
}

func TestTyoValmisAfterTheToimenpiteetHaveBegunIsIgnored(t *testing.T) {
	refusals := 1
	w := &world{}
	w.invoice = func(in runs.InvoicedInput) (runs.InvoicedReport, error) {
		if refusals--; refusals >= 0 {
			return runs.InvoicedReport{}, refused(runs.ReasonTampuuriRefused)
		}
		return runs.InvoicedReport{Present: len(in.Entries)}, nil
	}
	_, status := newPlay(t, w).at(time.Minute, runs.Laskutettu.Name(), event("e2")).at(time.Hour, runs.TyoValmis.Name(), event("e1")).
		at(2*time.Hour, runs.Resend.Name(), nil).run()
	require.Equal(t, []string{"create", "plan", "invoice", "plan", "invoice"}, w.calls, "resend plans anew")
	require.Contains(t, happenings(status), "ignored")
}

// TestTyoValmisGoesBeforeToimenpiteetOfWhichNoneIsInTampuuri though they were under way as it came, or were refused by a look.
func TestTyoValmisGoesBeforeToimenpiteetOfWhichNoneIsInTampuuri(t *testing.T) {
	untouched := runs.InvoicedReport{Replan: true, Untouched: true}
	away := temporal.NewApplicationErrorWithOptions("away", runs.FaultUnavailable, temporal.ApplicationErrorOptions{NextRetryDelay: 5 * time.Minute})
	standing := runs.StandingReassigned
	for name, row := range map[string]struct {
		invoice func(p *play, attempt int, in runs.InvoicedInput) (runs.InvoicedReport, error)
		doneAt  time.Duration // 0: as the first attempt is under way
		given   bool          // away from us until hour 3
		calls   []string
	}{
		"it comes between two attempts": {
			func(_ *play, attempt int, in runs.InvoicedInput) (runs.InvoicedReport, error) {
				if attempt < 4 {
					return runs.InvoicedReport{}, away
				}
				return runs.InvoicedReport{Replan: in.TyoValmisWaits, Untouched: in.TyoValmisWaits}, nil
			}, time.Hour + 7*time.Minute, false, []string{"create", "plan", "invoice", "invoice", "invoice", "invoice", "Tehty", "plan", "invoice"},
		},
		"it comes in an attempt that fails": {
			func(p *play, attempt int, in runs.InvoicedInput) (runs.InvoicedReport, error) {
				if attempt == 1 {
					p.SignalWorkflow(runs.TyoValmis.Name(), event("e1"))
					return runs.InvoicedReport{}, away
				}
				return runs.InvoicedReport{Replan: in.TyoValmisWaits, Untouched: in.TyoValmisWaits}, nil
			}, 0, false, []string{"create", "plan", "invoice", "invoice", "Tehty", "plan", "invoice"},
		},
		"it comes in an attempt that plans anew": {
			func(p *play, attempt int, in runs.InvoicedInput) (runs.InvoicedReport, error) {
				if attempt == 1 {
					p.SignalWorkflow(runs.TyoValmis.Name(), event("e1"))
					return untouched, nil
				}
				return runs.InvoicedReport{Present: len(in.Entries)}, nil
			}, 0, false, []string{"create", "plan", "invoice", "Tehty", "plan", "invoice"},
		},
		"it comes once a look has refused": {
			func(_ *play, attempt int, in runs.InvoicedInput) (runs.InvoicedReport, error) {
				if attempt == 1 {
					return runs.InvoicedReport{}, temporal.NewApplicationErrorWithOptions("no", runs.ReasonReassigned,
						temporal.ApplicationErrorOptions{NonRetryable: true, Details: []any{runs.InvoicedReport{Untouched: true}}})
				}
				return runs.InvoicedReport{Present: len(in.Entries)}, nil
			}, 2 * time.Hour, true, []string{"create", "plan", "invoice", "follow", "follow", "Tehty", "invoice"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, attempts := &world{}, 0
			p := newPlay(t, w)
			w.invoice = func(in runs.InvoicedInput) (runs.InvoicedReport, error) {
				attempts++
				return row.invoice(p, attempts, in)
			}
			p.at(time.Hour, runs.Laskutettu.Name(), event("e2"))
			if row.doneAt != 0 {
				p.at(row.doneAt, runs.TyoValmis.Name(), event("e1"))
			}
			if row.given {
				standing = runs.StandingReassigned
				w.follow = func(runs.FollowInput) (runs.Followed, error) {
					return runs.Followed{Snapshot: runs.Snapshot{Standing: standing}}, nil
				}
				p.RegisterDelayedCallback(func() { standing = runs.StandingOpen }, 3*time.Hour)
				p.at(4*time.Hour, runs.NoticeChanged.Name(), nil)
			}
			p.run()
			require.Equal(t, row.calls, w.calls)
		})
	}
}

// TestTyoValmisThatComesWhileToimenpiteetAreSentIsIgnored: what is on its way may land until the window is over.
func TestTyoValmisThatComesWhileToimenpiteetAreSentIsIgnored(t *testing.T) {
	w, attempts := &world{}, []time.Time{}
	p := newPlay(t, w)
	w.invoice = func(in runs.InvoicedInput) (runs.InvoicedReport, error) {
		if attempts = append(attempts, p.Now()); len(attempts) == 1 {
			p.SignalWorkflow(runs.TyoValmis.Name(), event("e1"))
			return runs.InvoicedReport{}, errors.New("the answer was lost")
		}
		return runs.InvoicedReport{Replan: in.TyoValmisWaits, Present: 1}, nil
	}
	_, status := p.at(time.Hour, runs.Laskutettu.Name(), event("e2")).run()
	require.Equal(t, []string{"create", "plan", "invoice", "invoice", "plan", "invoice"}, w.calls)
	require.Equal(t, runs.ReportedValmis, status.Reported)
	require.Contains(t, happenings(status), "ignored")
	require.GreaterOrEqual(t, attempts[1].Sub(attempts[0]), runs.Timing{HTTPTimeout: time.Second}.InFlightWindow())
}

func TestDismissEndsWhateverIsUnderWay(t *testing.T) {
	retrying := func() (runs.CreatedTask, error) { return runs.CreatedTask{}, errors.New("Hillava is away") }
	for name, c := range map[string]struct {
		act      func(*play)
		closedBy string
		code     string
	}{
		"by signal": {func(p *play) {
			p.SignalWorkflow(runs.Dismiss.Name(), runs.DismissSignal{By: "maija", Code: "not-ours"})
		}, "maija", "not-ours"},
		"by cancel": {func(p *play) { p.CancelWorkflow() }, "cancel", "other"},
		"by hand":   {func(p *play) { p.SignalWorkflow(runs.Dismiss.Name(), nil) }, "dismissed", "other"},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{create: retrying}
			p := newPlay(t, w)
			p.RegisterDelayedCallback(func() { c.act(p) }, 24*time.Hour)
			result, status := p.run()
			require.Equal(t, runs.PhaseDismissed, result.Phase)
			require.Equal(t, c.closedBy, status.ClosedBy)
			last := status.History[len(status.History)-1]
			require.Equal(t, runs.HappenedDismissed, last.What)
			require.Equal(t, c.code, last.Result)
		})
	}
}

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

func TestReplanBeforeSendingAChangedEntry(t *testing.T) {
	reports := 0
	w := &world{}
	w.invoice = func(in runs.InvoicedInput) (runs.InvoicedReport, error) {
		if reports++; reports == 1 {
			return runs.InvoicedReport{Replan: true}, nil
		}
		return runs.InvoicedReport{Present: len(in.Entries)}, nil
	}
	var previous []notice.Planned
	w.plan = func(in runs.PlanInput) (runs.Plan, error) {
		previous = in.Previous
		return runs.Plan{Entries: append(in.Previous, notice.Planned{EntryID: "E-2"})}, nil
	}
	newPlay(t, w).at(time.Minute, runs.Laskutettu.Name(), event("e2")).run()
	require.Equal(t, []string{"create", "plan", "invoice", "plan", "invoice"}, w.calls)
	require.Len(t, previous, 1, "the second plan knows the first")
}

func TestTakenAwayBeforeTheTask(t *testing.T) {
	w := &world{create: func() (runs.CreatedTask, error) {
		return runs.CreatedTask{Snapshot: runs.Snapshot{Standing: runs.StandingReassigned}}, nil
	}}
	p := newPlay(t, w)
	p.RegisterDelayedCallback(func() { require.Equal(t, runs.PhaseWithdrawn, p.status().Phase) }, 29*24*time.Hour)
	result, _ := p.run()
	require.Equal(t, "withdrawn", result.ClosedBy)
	require.Equal(t, []string{"create"}, w.calls)
}

func TestTakenAwayAndGivenBack(t *testing.T) {
	standing := runs.StandingReassigned
	w := &world{follow: func(in runs.FollowInput) (runs.Followed, error) {
		return runs.Followed{Snapshot: runs.Snapshot{Standing: standing}}, nil
	}}
	p := newPlay(t, w).at(time.Hour, runs.NoticeChanged.Name(), nil)
	p.RegisterDelayedCallback(func() {
		require.Equal(t, runs.PhaseWithdrawn, p.status().Phase)
		standing = runs.StandingOpen
	}, 2*time.Hour)
	p.at(3*time.Hour, runs.NoticeChanged.Name(), nil)
	p.RegisterDelayedCallback(func() { require.Equal(t, runs.PhaseWorking, p.status().Phase) }, 4*time.Hour)
	p.at(40*24*time.Hour, runs.Laskutettu.Name(), event("e2"))
	result, _ := p.run()
	require.Equal(t, runs.PhaseInvoiced, result.Phase, "the same workflow goes on")
}

func TestTakenAwayWithWorkBegunNeedsAttention(t *testing.T) {
	for standing, reason := range map[runs.Standing]string{
		runs.StandingReassigned: runs.ReasonReassigned, runs.StandingCancelled: runs.ReasonCancelled, runs.StandingGone: runs.ReasonGone,
	} {
		t.Run(string(standing), func(t *testing.T) {
			w := &world{follow: func(runs.FollowInput) (runs.Followed, error) {
				return runs.Followed{Snapshot: runs.Snapshot{Standing: standing}, WorkBegun: true}, nil
			}}
			p := newPlay(t, w).at(time.Hour, runs.NoticeChanged.Name(), nil)
			p.RegisterDelayedCallback(func() { require.Equal(t, reason, p.status().Attention.Reason) }, 2*time.Hour)
			p.at(3*time.Hour, runs.TyoValmis.Name(), event("e1"))
			p.at(4*time.Hour, runs.Dismiss.Name(), runs.DismissSignal{By: "maija", Code: "not-ours"}).run()
			require.NotContains(t, w.calls, "Tehty", "nothing is reported on a notice that is not ours")
		})
	}
}

func TestSetToValmisByHand(t *testing.T) {
	cases := []struct {
		name   string
		unsent int
		phase  runs.Phase
	}{{"with nothing unsent we stop cleanly", 0, runs.PhaseInvoiced}, {"with time entries unsent a person decides", 2, runs.PhaseAttention}}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := &world{follow: func(runs.FollowInput) (runs.Followed, error) {
				return runs.Followed{Snapshot: runs.Snapshot{Standing: runs.StandingValmis}, Unsent: c.unsent}, nil
			}}
			p := newPlay(t, w).at(time.Hour, runs.NoticeChanged.Name(), nil)
			seen := runs.Phase("")
			p.RegisterDelayedCallback(func() { seen = p.status().Phase }, 2*time.Hour)
			p.at(3*time.Hour, runs.Dismiss.Name(), runs.DismissSignal{By: "maija", Code: "done-by-hand"})
			_, status := p.run()
			if c.phase == runs.PhaseInvoiced {
				require.Equal(t, "tampuuri", status.ClosedBy)
				return
			}
			require.Equal(t, c.phase, seen)
		})
	}
}

func TestTurvakieltoSetAfterImportStopsNothing(t *testing.T) {
	w := &world{follow: func(in runs.FollowInput) (runs.Followed, error) {
		return runs.Followed{Snapshot: in.Snapshot, Changed: []string{"reporterTurvakielto"}, Protected: true}, nil
	}}
	p := newPlay(t, w).at(time.Hour, runs.NoticeChanged.Name(), nil)
	p.RegisterDelayedCallback(func() { require.Equal(t, runs.ReasonTurvakielto, p.status().Attention.Reason) }, 2*time.Hour)
	p.at(3*time.Hour, runs.TyoValmis.Name(), event("e1")).at(4*time.Hour, runs.Laskutettu.Name(), event("e2"))
	result, _ := p.run()
	require.Equal(t, runs.PhaseInvoiced, result.Phase)
	require.Equal(t, []string{"create", "follow", "Tehty", "plan", "invoice"}, w.calls)
}

// The steps of a notice are told of it without its external id, which the workflow's id has; and a snapshot that is known
// comes back empty and stays as the memo has it.
func TestWhatIsKnownIsNotHeldAgainByEachStep(t *testing.T) {
	known := runs.Snapshot{Standing: runs.StandingOpen, Prints: map[string]string{"title": "aa"}}
	w := &world{create: func() (runs.CreatedTask, error) { return runs.CreatedTask{TaskID: "T-1"}, nil }}
	p := newPlay(t, w).at(time.Hour, runs.NoticeChanged.Name(), nil).at(2*time.Hour, runs.Dismiss.Name(), runs.DismissSignal{})
	require.NoError(t, p.SetMemoOnStart(runs.MemoSnapshot(known)))
	inputs := map[string]string{}
	p.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, args converter.EncodedValues) {
		var raw converter.RawValue
		require.NoError(t, args.Get(&raw))
		inputs[info.ActivityType.Name] = string(raw.Payload().GetData())
	})
	w.follow = func(in runs.FollowInput) (runs.Followed, error) {
		require.Equal(t, known, in.Snapshot)
		require.Equal(t, aNotice, in.NoticeRef, "the activity is given it all the same")
		return runs.Followed{Snapshot: in.Snapshot}, nil
	}

	p.run()

	require.Len(t, inputs, 3)
	for name, input := range inputs {
		require.NotContains(t, input, aNotice.ExternalID, name)
	}
	require.Contains(t, inputs["CreateTask"], known.Digest())
}

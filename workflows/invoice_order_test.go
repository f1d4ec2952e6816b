package workflows

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

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

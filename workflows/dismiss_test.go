package workflows

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/runs"
)

// dismissals are the two ways in which a person closes a notice.
var dismissals = map[string]func(*play){
	"by signal": func(p *play) {
		p.SignalWorkflow(runs.Dismiss.Name(), runs.DismissSignal{By: "maija", Code: "not-ours"})
	},
	"by cancel": func(p *play) { p.CancelWorkflow() },
}

// What our own step is writing as a person dismisses the notice must not look like somebody's edit afterwards, so the
// notice is looked at once the step is over.
func TestADismissalWaitsForTheStepUnderWay(t *testing.T) {
	for name, dismiss := range dismissals {
		t.Run(name, func(t *testing.T) {
			w := &world{}
			p := newPlay(t, w)
			written := false
			w.during = func(ctx context.Context, call string) {
				switch call {
				case "Tehty":
					dismiss(p)
					<-ctx.Done()
					written = true
				case "look":
					require.True(t, written)
				}
			}
			w.look = func(ref runs.NoticeRef) (runs.Left, error) {
				require.Equal(t, aNotice, ref)
				return runs.Left{Modified: "2026-02-03T10:00:00+02:00"}, nil
			}
			result, status := p.at(time.Hour, runs.TyoValmis.Name(), event("e1")).run()
			require.Equal(t, []string{"create", "Tehty", "look"}, w.calls)
			require.Equal(t, runs.PhaseDismissed, result.Phase)
			require.Equal(t, runs.ReportedTehty, status.Reported, "what was written is known")
			require.Equal(t, "2026-02-03T10:00:00+02:00", p.memo["left"])
		})
	}
}

func TestWhatTheStepUnderWayFailsWithIsNoMatterOnceDismissed(t *testing.T) {
	for name, failure := range map[string]error{
		"for now":  temporal.NewApplicationError("away", runs.FaultUnavailable),
		"for good": refused(runs.ReasonHillavaRefused),
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{create: func() (runs.CreatedTask, error) { return runs.CreatedTask{}, failure }}
			p := newPlay(t, w)
			w.during = func(ctx context.Context, call string) {
				if call == "create" {
					dismissals["by signal"](p)
					<-ctx.Done()
				}
			}
			_, status := p.run()
			require.Equal(t, []string{"create", "look"}, w.calls)
			require.Equal(t, []string{"dismissed"}, happenings(status))
			require.Equal(t, string(runs.PhaseDismissed), p.shown[runs.AttributePhase.GetName()])
			require.NotContains(t, p.shown, runs.AttributeAttentionReason.GetName())
		})
	}
}

func TestATampuuriThatDoesNotAnswerHoldsNoDismissal(t *testing.T) {
	for name, failure := range map[string]error{
		"away":                  errors.New("Tampuuri is away"),
		"its gate is shut":      temporal.NewApplicationErrorWithOptions("refused", runs.FaultCredentialsRefused, temporal.ApplicationErrorOptions{NextRetryDelay: 10 * time.Minute}),
		"it has no such notice": refused(runs.ReasonGone),
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{look: func(runs.NoticeRef) (runs.Left, error) { return runs.Left{}, failure }}
			p := newPlay(t, w)
			started := p.Now()
			p.RegisterDelayedCallback(func() { dismissals["by signal"](p) }, time.Hour)
			result, _ := p.run()
			require.Equal(t, runs.PhaseDismissed, result.Phase)
			require.Equal(t, "maija", result.ClosedBy)
			require.NotContains(t, p.memo, "left")
			require.WithinDuration(t, started.Add(time.Hour), p.Now(), time.Minute)
		})
	}
}

func TestWhatComesWhileADismissedNoticeIsLookedAtIsRecorded(t *testing.T) {
	w := &world{}
	p := newPlay(t, w)
	w.during = func(_ context.Context, call string) {
		if call == "look" {
			p.CancelWorkflow()
			p.SignalWorkflowSkippingWorkflowTask(runs.Laskutettu.Name(), event("e2")) // in the moment in which the look is over
		}
	}
	p.RegisterDelayedCallback(func() { dismissals["by signal"](p) }, time.Hour)
	result, status := p.run()
	require.Equal(t, "maija", result.ClosedBy, "a later dismissal changes nothing")
	require.Equal(t, []string{"created", "dismissed", "signal"}, happenings(status))
	require.Equal(t, []string{"create", "look"}, w.calls)
}

func TestAnInvoicedNoticeCannotBeDismissedAnyMore(t *testing.T) {
	moments := map[string]func(context.Context, *play){
		"in the moment in which Valmis is set": func(_ context.Context, p *play) {
			p.SignalWorkflowSkippingWorkflowTask(runs.Dismiss.Name(), runs.DismissSignal{By: "maija", Code: "other"})
		},
	}
	for name, dismiss := range dismissals {
		moments["while Valmis is set, "+name] = func(ctx context.Context, p *play) { dismiss(p); <-ctx.Done() }
	}
	for name, dismiss := range moments {
		t.Run(name, func(t *testing.T) {
			w := &world{}
			p := newPlay(t, w)
			w.during = func(ctx context.Context, call string) {
				if call == "invoice" {
					dismiss(ctx, p)
				}
			}
			result, _ := p.at(time.Hour, runs.Laskutettu.Name(), event("e2")).run()
			require.Equal(t, runs.PhaseInvoiced, result.Phase)
			require.Equal(t, "hillava", result.ClosedBy)
			require.NotContains(t, w.calls, "look")
		})
	}
}

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

// chained is a world whose notice was chained from notice 7.
func chained(parent func(runs.ParentInput) error) *world {
	return &world{parent: parent, create: func() (runs.CreatedTask, error) {
		return runs.CreatedTask{TaskID: "T-1", Snapshot: runs.Snapshot{Standing: runs.StandingOpen}, ParentID: 7}, nil
	}}
}

func away(runs.ParentInput) error {
	return temporal.NewApplicationErrorWithOptions("away", runs.FaultUnavailable, temporal.ApplicationErrorOptions{NextRetryDelay: 2 * aDay})
}

func TestTheParentsTaskIsToldOnce(t *testing.T) {
	var told []runs.ParentInput
	p := newPlay(t, chained(func(in runs.ParentInput) error { told = append(told, in); return nil }))
	next := p.tooLongAt(time.Hour).runUntilContinued(aRun)
	second := newPlay(t, &world{}).at(time.Hour, runs.Laskutettu.Name(), event("e2"))
	second.ExecuteWorkflow(runs.TypeNotice, next)
	require.NoError(t, second.GetWorkflowError())
	require.Equal(t, []runs.ParentInput{{NoticeRef: aNotice, ParentID: 7}}, told)
}

func TestAParentHoldsNothing(t *testing.T) {
	t.Run("that fails", func(t *testing.T) {
		w := chained(away)
		_, status := newPlay(t, w).at(time.Hour, runs.TyoValmis.Name(), event("e1")).at(2*time.Hour, runs.Laskutettu.Name(), event("e2")).run()
		require.Equal(t, []string{"create", "Tehty", "plan", "invoice"}, w.calls)
		require.Equal(t, []string{"created", "signal", "tehty", "signal", "toimenpide", "valmis"}, happenings(status))
	})
	t.Run("that hangs", func(t *testing.T) {
		hangs := make(chan struct{})
		w := chained(func(runs.ParentInput) error { <-hangs; return nil })
		p := newPlay(t, w)
		w.during = func(_ context.Context, call string) {
			if call == "create" {
				p.SignalWorkflow(runs.Laskutettu.Name(), event("e2"))
			}
		}
		defer close(hangs)
		p.run()
		require.Equal(t, []string{"create", "plan", "invoice"}, w.calls)
	})
	t.Run("that refuses", func(t *testing.T) {
		w := chained(func(runs.ParentInput) error { return refused(runs.ReasonHillavaRefused) })
		_, status := newPlay(t, w).at(time.Hour, runs.Laskutettu.Name(), event("e2")).run()
		require.Contains(t, told(status), "ignored: the parent's task was not told: hillava-refused")
		require.NotContains(t, happenings(status), "attention")
	})
	t.Run("when the notice is dismissed", func(t *testing.T) {
		result, _ := newPlay(t, chained(away)).at(time.Hour, runs.Dismiss.Name(), nil).run()
		require.Equal(t, runs.PhaseDismissed, result.Phase)
	})
}

func TestTheNextRunTellsTheParent(t *testing.T) {
	next := newPlay(t, chained(away)).tooLongAt(time.Hour).runUntilContinued(aRun)
	var told []runs.ParentInput
	w := &world{parent: func(in runs.ParentInput) error {
		if told = append(told, in); len(told) < 3 {
			return errors.New("Hillava is away")
		}
		return nil
	}}
	second := newPlay(t, w).tooLongAt(time.Hour)
	third := second.runUntilContinued(next)
	require.Len(t, told, 3)
	require.Equal(t, runs.ParentInput{NoticeRef: aNotice, ParentID: 7}, told[2])
	require.Zero(t, third.Carried.UntoldParent)
}

// formerly in customers.yaml: the customer was made anew in Hillava under another Tunniste.
func TestANoticeGoesOnUnderAnotherTunniste(t *testing.T) {
	adopted := aNotice
	adopted.Customer = "uusi"
	w := &world{}
	w.follow = func(in runs.FollowInput) (runs.Followed, error) {
		return runs.Followed{Snapshot: in.Snapshot, Customer: "uusi"}, nil
	}
	var refs []runs.NoticeRef
	w.setState = func(in runs.SetStateInput) (runs.StateSet, error) {
		refs = append(refs, in.NoticeRef)
		return runs.StateSet{Standing: runs.Standing(in.State)}, nil
	}
	w.plan = func(in runs.PlanInput) (runs.Plan, error) { refs = append(refs, in.NoticeRef); return runs.Plan{}, nil }
	w.invoice = func(in runs.InvoicedInput) (runs.InvoicedReport, error) {
		refs = append(refs, in.NoticeRef)
		return runs.InvoicedReport{}, nil
	}
	p := newPlay(t, w).at(time.Hour, runs.NoticeChanged.Name(), nil).at(2*time.Hour, runs.NoticeChanged.Name(), nil)
	p.at(3*time.Hour, runs.TyoValmis.Name(), event("e1")).tooLongAt(4 * time.Hour)
	next := p.runUntilContinued(aRun)
	require.Equal(t, adopted, next.NoticeRef)
	require.Equal(t, "uusi", p.shown[runs.AttributeCustomer.GetName()])
	require.Equal(t, runs.MemoRef(adopted)["notice"], p.memo["notice"])
	require.Equal(t, []string{"created", "changed", "signal", "tehty"}, happenings(p.status()), "it is said once")

	second := newPlay(t, w).at(time.Hour, runs.Laskutettu.Name(), event("e2"))
	second.ExecuteWorkflow(runs.TypeNotice, next)
	require.NoError(t, second.GetWorkflowError())
	require.Equal(t, []runs.NoticeRef{adopted, adopted, adopted}, refs)
	require.NotContains(t, second.shown, runs.AttributeCustomer.GetName(), "the next run has the attribute already")
}

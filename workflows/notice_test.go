package workflows

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"

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

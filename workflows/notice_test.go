package workflows

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

var aNotice = runs.NoticeRef{Customer: "esimerkki", NoticeID: 48213, ExternalID: "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11"}

var aRun = noticeRun{NoticeInput: runs.NoticeInput{NoticeRef: aNotice}}

// world answers the activities of a test's notice. A nil function answers as if all went well.
type world struct {
	Activities                                        // what no notice asks for
	during     func(ctx context.Context, call string) // each activity; may be nil
	calls      []string
	create     func() (runs.CreatedTask, error)
	setState   func(runs.SetStateInput) (runs.StateSet, error)
	plan       func(runs.PlanInput) (runs.Plan, error)
	invoice    func(runs.InvoicedInput) (runs.InvoicedReport, error)
	follow     func(runs.FollowInput) (runs.Followed, error)
	parent     func(runs.ParentInput) error
	look       func(runs.NoticeRef) (runs.Left, error)
}

func (w *world) called(ctx context.Context, call string) {
	w.calls = append(w.calls, call)
	if w.during != nil {
		w.during(ctx, call)
	}
}

func (w *world) CreateTask(ctx context.Context, _ runs.NoticeRef) (runs.CreatedTask, error) {
	w.called(ctx, "create")
	if w.create != nil {
		return w.create()
	}
	return runs.CreatedTask{TaskID: "T-1", Snapshot: runs.Snapshot{Standing: runs.StandingOpen}}, nil
}

func (w *world) SetState(ctx context.Context, in runs.SetStateInput) (runs.StateSet, error) {
	w.called(ctx, in.State)
	if w.setState != nil {
		return w.setState(in)
	}
	return runs.StateSet{Standing: runs.Standing(in.State)}, nil
}

func (w *world) PlanToimenpiteet(ctx context.Context, in runs.PlanInput) (runs.Plan, error) {
	w.called(ctx, "plan")
	if w.plan != nil {
		return w.plan(in)
	}
	return runs.Plan{Entries: []notice.Planned{{EntryID: "E-1", Fingerprints: []string{"aa"}}}}, nil
}

func (w *world) ReportInvoiced(ctx context.Context, in runs.InvoicedInput) (runs.InvoicedReport, error) {
	w.called(ctx, "invoice")
	if w.invoice != nil {
		return w.invoice(in)
	}
	return runs.InvoicedReport{Added: len(in.Entries), Present: len(in.Entries)}, nil
}

func (w *world) FollowNotice(ctx context.Context, in runs.FollowInput) (runs.Followed, error) {
	w.called(ctx, "follow")
	if w.follow != nil {
		return w.follow(in)
	}
	return runs.Followed{Snapshot: in.Snapshot}, nil
}

func (w *world) RemindUnapproved(ctx context.Context, _ runs.ReminderInput) (struct{}, error) {
	w.called(ctx, "remind")
	return struct{}{}, nil
}

func (w *world) NoteOnParent(_ context.Context, in runs.ParentInput) (struct{}, error) {
	if w.parent != nil {
		return struct{}{}, w.parent(in)
	}
	return struct{}{}, nil
}

func (w *world) LookAtDismissed(ctx context.Context, in runs.NoticeRef) (runs.Left, error) {
	w.called(ctx, "look")
	if w.look != nil {
		return w.look(in)
	}
	return runs.Left{Modified: "2026-02-03T10:00:00+02:00"}, nil
}

// play is one notice's life in the SDK's test environment, which skips time.
type play struct {
	*testsuite.TestWorkflowEnvironment
	t      *testing.T
	memo   map[string]any // as the workflow has set it
	shown  map[string]any // the search attributes that it has set
	server *asServer
}

func newPlay(t *testing.T, w *world) *play {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	p := &play{env, t, map[string]any{}, map[string]any{}, newServer(t)}
	env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{p.server}})
	Register(env, Options{Timing: runs.Timing{HTTPTimeout: time.Second}}, w)
	env.OnUpsertTypedSearchAttributes(mock.Anything).Run(func(args mock.Arguments) {
		for key, value := range args.Get(0).(temporal.SearchAttributes).GetUntypedValues() {
			p.shown[key.GetName()] = value
		}
	}).Return(nil).Maybe()
	env.OnUpsertMemo(mock.Anything).Run(func(args mock.Arguments) {
		maps.Copy(p.memo, args.Get(0).(map[string]any))
	}).Return(nil).Maybe()
	return p
}

// at sends a signal so long after the start.
func (p *play) at(after time.Duration, signal string, payload any) *play {
	p.RegisterDelayedCallback(func() { p.SignalWorkflow(signal, payload) }, after)
	return p
}

func (p *play) run() (runs.NoticeResult, runs.Status) {
	p.t.Helper()
	p.ExecuteWorkflow(runs.TypeNotice, aRun)
	require.True(p.t, p.IsWorkflowCompleted())
	require.NoError(p.t, p.GetWorkflowError(), "runs complete, they never fail")
	var result runs.NoticeResult
	require.NoError(p.t, p.GetWorkflowResult(&result))
	return result, p.status()
}

func (p *play) status() runs.Status {
	p.t.Helper()
	value, err := p.QueryWorkflow(runs.QueryStatus)
	require.NoError(p.t, err)
	var status runs.Status
	require.NoError(p.t, value.Get(&status))
	return status
}

func event(id string) runs.EventSignal {
	return runs.EventSignal{EventID: id, OccurredAt: "2026-02-03T08:00:00Z"}
}

func happenings(s runs.Status) []string {
	var all []string
	for _, entry := range s.History {
		all = append(all, string(entry.What))
	}
	return all
}

func refused(reason string) error {
	return temporal.NewNonRetryableApplicationError("refused", reason, nil)
}

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

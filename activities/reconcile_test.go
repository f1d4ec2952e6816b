package activities

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

// taskWith is the changed task of a notice, with its events.
func taskWith(s *scene, id int64, events ...hillava.Event) hillava.Task {
	return hillava.Task{
		ID: s.ref(id).ExternalID, ExternalID: s.ref(id).ExternalID, BillingCustomerID: "C-1", Modified: s.clock.Add(-time.Minute), Events: events,
	}
}

func (s *scene) event(kind string, age time.Duration) hillava.Event {
	return hillava.Event{ID: "evt-" + kind, Type: kind, OccurredAt: s.clock.Add(-age)}
}

// reconcileScene has running notices 101 and 102.
func reconcileScene(t *testing.T) *scene {
	s := newScene(t)
	s.tampuuri().put(101)
	s.tampuuri().put(102)
	s.poll(runs.PollResult{})
	return s
}

func TestAnEventWhoseWebhookNeverCameIsSentAsTheWebhookWould(t *testing.T) {
	s := reconcileScene(t)
	done, invoiced := s.event(hillava.EventDone, time.Hour), s.event(hillava.EventInvoiced, 30*time.Minute)
	s.hillava.tasks = []hillava.Task{taskWith(s, 101, done, invoiced, hillava.Event{ID: "x", Type: "task.other", OccurredAt: s.clock.Add(-time.Hour)})}
	result := good(s, s.ReconcileHillava, runs.ReconcileInput{})
	at := func(e hillava.Event) string { return e.OccurredAt.UTC().Format(time.RFC3339) }
	require.Equal(t, []string{
		runs.SignalTyoValmis + " evt-task.done " + at(done), runs.SignalLaskutettu + " evt-task.invoiced " + at(invoiced),
	}, s.life(101).signals)
	require.Equal(t, 2, result.Signalled)
	require.Equal(t, s.hillava.tasks[0].Modified.UTC().Format(time.RFC3339Nano), result.Mark)

	good(s, s.ReconcileHillava, runs.ReconcileInput{})
	require.Len(t, s.life(101).signals, 2, "the request ids are the events' own, so a second time adds nothing")
}

// A notice that people reopen long after Valmis is a new one to Temporal, while its task still has the events of before.
func TestEventsOlderThanTemporalsMemoryAreOfALifeBefore(t *testing.T) {
	s := newScene(t)
	s.tampuuri().put(101)
	s.poll(runs.PollResult{})
	s.life(101).began = s.clock
	old, fresh := s.event(hillava.EventInvoiced, runs.KeptFor+time.Hour), s.event(hillava.EventDone, time.Hour)
	s.hillava.tasks = []hillava.Task{taskWith(s, 101, old, fresh)}
	require.Equal(t, 1, good(s, s.ReconcileHillava, runs.ReconcileInput{}).Signalled)
	require.Len(t, s.life(101).signals, 1)
	require.Contains(t, s.life(101).signals[0], runs.SignalTyoValmis)
}

func TestOnlyMissingEventsAreSent(t *testing.T) {
	for name, row := range map[string]struct {
		arrange func(*scene)
		kind    string
		sent    bool
	}{
		"done, while working":          {func(*scene) {}, hillava.EventDone, true},
		"done, when Tehty is reported": {func(s *scene) { s.life(101).phase = runs.PhaseDone }, hillava.EventDone, false},
		"invoiced, after Tehty":        {func(s *scene) { s.life(101).phase = runs.PhaseDone }, hillava.EventInvoiced, true},
		"in attention":                 {func(s *scene) { s.life(101).phase = runs.PhaseAttention }, hillava.EventInvoiced, true},
		"the notice is closed":         {func(s *scene) { s.end(101, runs.PhaseInvoiced, completed) }, hillava.EventInvoiced, false},
		"a notice that we do not know": {func(s *scene) { delete(s.temporal.runs, runs.NoticeWorkflowID(s.ref(101).ExternalID)) }, hillava.EventDone, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := reconcileScene(t)
			row.arrange(s)
			s.hillava.tasks = []hillava.Task{taskWith(s, 101, s.event(row.kind, time.Hour)), {ID: "T-x", Modified: s.clock, Events: []hillava.Event{s.event(row.kind, time.Hour)}}}
			result := good(s, s.ReconcileHillava, runs.ReconcileInput{})
			require.Equal(t, row.sent, result.Signalled == 1)
			require.Equal(t, 2, result.Tasks)
			require.Equal(t, s.clock.UTC().Format(time.RFC3339Nano), result.Mark)
		})
	}
}

func TestAYoungEventWaitsAndHoldsTheMark(t *testing.T) {
	s := reconcileScene(t)
	s.hillava.tasks = []hillava.Task{taskWith(s, 101, s.event(hillava.EventDone, webhookPatience-time.Second)), taskWith(s, 102, s.event(hillava.EventDone, time.Hour))}
	s.hillava.tasks[0].Modified, s.hillava.tasks[1].Modified = s.clock.Add(-time.Minute), s.clock
	before := runs.ReconcileInput{}
	before.Last.Hillava.Mark = s.clock.Add(-time.Hour).UTC().Format(time.RFC3339Nano)
	result := good(s, s.ReconcileHillava, before)
	require.Empty(t, s.life(101).signals, "its webhook may be on its way")
	require.Len(t, s.life(102).signals, 1, "the others do not wait")
	require.Equal(t, before.Last.Hillava.Mark, result.Mark)

	s.clock = s.clock.Add(time.Hour)
	before.Last.Hillava = result
	result = good(s, s.ReconcileHillava, before)
	require.Len(t, s.life(101).signals, 1)
	require.Equal(t, s.hillava.tasks[1].Modified.UTC().Format(time.RFC3339Nano), result.Mark)
}

func TestUnreadableTasksHideNoOthers(t *testing.T) {
	s := reconcileScene(t)
	for range 250 {
		s.hillava.tasks = append(s.hillava.tasks, hillava.Task{ID: "A", State: "unreadable", Modified: s.clock.Add(-time.Hour)})
	}
	s.hillava.tasks = append(s.hillava.tasks, taskWith(s, 101, s.event(hillava.EventDone, time.Hour)))
	good(s, s.ReconcileHillava, runs.ReconcileInput{})
	require.Len(t, s.life(101).signals, 1)
}

func TestAFailedReconciliationKeepsTheMark(t *testing.T) {
	s := reconcileScene(t)
	s.hillava.goes = func(string, func() error) error { return refusal(peerHillava, http.StatusBadGateway) }
	_, failure := run(s, s.ReconcileHillava, runs.ReconcileInput{})
	require.Equal(t, runs.FaultUnavailable, failure.Type())
	s.hillava.goes = nil
	s.hillava.tasks = []hillava.Task{taskWith(s, 101, s.event(hillava.EventDone, time.Hour))}
	s.temporal.down = serviceerror.NewUnavailable("away")
	_, failure = run(s, s.ReconcileHillava, runs.ReconcileInput{})
	require.Equal(t, runs.FaultTemporal, failure.Type())
	_, failure = run(s, s.ReconcileTampuuri, runs.ReconcileInput{})
	require.Equal(t, runs.FaultTemporal, failure.Type())
}

func TestAnOpenNoticeThatStandsOtherwiseInTampuuriIsTold(t *testing.T) {
	for name, row := range map[string]struct {
		edit func(*tampuuriFake)
		told bool
	}{
		"nothing":          {func(*tampuuriFake) {}, false},
		"given to another": {func(f *tampuuriFake) { f.edit(101, func(n *notice.Notice) { n.PerformerID = 9 }) }, true},
		"deleted":          {func(f *tampuuriFake) { delete(f.notices, 101) }, true},
		"cancelled":        {func(f *tampuuriFake) { f.edit(101, func(n *notice.Notice) { n.State = notice.Peruttu }) }, true},
		"edited":           {func(f *tampuuriFake) { f.edit(101, func(n *notice.Notice) { n.Title = "uusi" }) }, true},
		"unreadable":       {func(f *tampuuriFake) { f.unreadable[101] = true }, false},
		"edited, while another one is unreadable": {func(f *tampuuriFake) {
			f.unreadable[102] = true
			f.edit(101, func(n *notice.Notice) { n.Title = "uusi" })
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := reconcileScene(t)
			row.edit(s.tampuuri())
			for range 2 {
				result := good(s, s.ReconcileTampuuri, runs.ReconcileInput{})
				require.Equal(t, 2, result.Open)
				require.Equal(t, row.told, result.Signalled == 1)
				if len(s.tampuuri().unreadable) > 0 {
					require.Equal(t, map[string]string{"esimerkki": runs.ReasonUnreadable}, result.Failures)
				}
			}
			require.Equal(t, row.told, len(s.life(101).signals) == 1, "once, however often it is seen")
			require.Empty(t, s.life(102).signals)
		})
	}
}

func TestOpenNoticesAreReadAHundredAtATime(t *testing.T) {
	s := newScene(t)
	for id := range int64(250) {
		s.tampuuri().put(id + 1)
	}
	s.poll(runs.PollResult{})
	delete(s.tampuuri().notices, 250)
	s.tampuuri().calls = nil
	result := good(s, s.ReconcileTampuuri, runs.ReconcileInput{})
	require.Equal(t, 250, result.Open)
	require.Equal(t, 1, result.Signalled)
	require.Equal(t, []string{"hae 100", "hae 100", "hae 50"}, s.tampuuri().calls)
}

func TestVisibilityOnlyProposes(t *testing.T) {
	s := reconcileScene(t)
	s.end(101, runs.PhaseInvoiced, completed)
	s.temporal.stale[runs.NoticeWorkflowID(s.ref(101).ExternalID)] = runs.PhaseDone // listed as running still
	s.tampuuri().edit(101, func(n *notice.Notice) { n.Title = "uusi" })
	require.Zero(t, good(s, s.ReconcileTampuuri, runs.ReconcileInput{}).Signalled)
	require.Empty(t, s.life(101).signals)
}

func TestOneCustomersFailureHidesNoOthers(t *testing.T) {
	s := reconcileScene(t)
	s.customer("toinen", 4711)
	s.hillava.customers = append(s.hillava.customers, hillava.Customer{ID: "C-2", Name: "Esimerkki Isännöinti", ExternalID: "toinen", IntegrationsActive: true})
	s.clock = s.clock.Add(time.Hour)
	s.peers["toinen"].put(7)
	good(s, s.PollNotices, runs.PollInput{Customer: "toinen"})
	s.tampuuri().goes = func(string, func() error) error { return refusal(peerTampuuri, http.StatusUnauthorized) }
	delete(s.peers["toinen"].notices, 7)
	result := good(s, s.ReconcileTampuuri, runs.ReconcileInput{})
	require.Equal(t, map[string]string{"esimerkki": runs.FaultCredentialsRefused}, result.Failures)
	require.Equal(t, 1, result.Signalled)

	s.settings.list = s.settings.list[1:]
	result = good(s, s.ReconcileTampuuri, runs.ReconcileInput{})
	require.Equal(t, map[string]string{"esimerkki": runs.FaultCustomerStopped}, result.Failures)
}

package notify

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"tampuuri-hillava/internal/figures"
	"tampuuri-hillava/internal/runs"
)

// world is what a Teller finds, and whom it tells.
type world struct {
	*Teller
	t         *testing.T
	waiting   []*runs.Life
	sync      runs.SyncResult
	reconcile runs.ReconcileResult
	customers map[string]figures.Customer
	unknown   []string
	down      error
	failing   map[string]bool // channels by id
	sending   sync.Mutex      // channels are served side by side
	sent      map[string][]string
	at        time.Time
	marks     runs.NotifyMarks
	details   *runs.NotifyMarks // of the attempts since, for attempt
	log       bytes.Buffer
	counts    runs.DayCounts
	counted   [][2]time.Time // from when to when
	uncounted error
}

func newWorld(t *testing.T, channels ...string) *world {
	w := &world{t: t, at: noon, failing: map[string]bool{}, sent: map[string][]string{}, customers: map[string]figures.Customer{}}
	var open []Channel
	for _, id := range channels {
		server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
			if w.failing[id] {
				answer.WriteHeader(http.StatusBadGateway)
				return
			}
			var body bytes.Buffer
			_, _ = body.ReadFrom(r.Body)
			w.sending.Lock()
			defer w.sending.Unlock()
			w.sent[id] = append(w.sent[id], body.String())
		}))
		t.Cleanup(server.Close)
		channel := openOne(t, generic(server))
		channel.ID = id
		open = append(open, channel)
	}
	w.Teller = New(Options{
		Channels: open, Temporal: w, LookEvery: 5 * time.Minute, Logger: slog.New(slog.NewTextHandler(&w.log, nil)),
		Customer: func(tunniste string) (figures.Customer, bool) { now, known := w.customers[tunniste]; return now, known },
	})
	w.now = func() time.Time { return w.at }
	return w
}

func (w *world) Notices(_ context.Context, filter runs.Filter) ([]*runs.Life, error) {
	require.Equal(w.t, runs.Filter{Phase: runs.PhaseAttention, Open: true}, filter)
	return w.waiting, w.down
}

func (w *world) Customers(context.Context) (all []string, err error) {
	for tunniste := range w.customers {
		all = append(all, tunniste)
	}
	return append(all, w.unknown...), nil
}

func (w *world) LastSync(context.Context) (runs.SyncResult, bool, error) { return w.sync, true, nil }

func (w *world) LastReconcile(context.Context) (runs.ReconcileResult, bool, error) {
	return w.reconcile, true, nil
}

func (w *world) CountDay(_ context.Context, from, to time.Time) (runs.DayCounts, error) {
	w.counted = append(w.counted, [2]time.Time{from.UTC(), to.UTC()})
	return w.counts, w.uncounted
}

// round does one, and gives the pause that it wants; 0 when it returned with news.
func (w *world) round() time.Duration {
	w.t.Helper()
	var suite testsuite.WorkflowTestSuite
	environment := suite.NewTestActivityEnvironment()
	environment.RegisterActivity(w.NotifyRound)
	value, err := environment.ExecuteActivity(w.NotifyRound, runs.NotifyInput{Marks: w.marks})
	if err == nil {
		var round runs.NotifyRound
		require.NoError(w.t, value.Get(&round))
		w.marks = round.Marks
		return 0
	}
	var failure *temporal.ApplicationError
	require.ErrorAs(w.t, err, &failure)
	require.NotContains(w.t, err.Error(), secret)
	require.Equal(w.t, failure.Type() == runs.FaultNothingNew, failure.Category() == temporal.ApplicationErrorCategoryBenign)
	if failure.HasDetails() {
		require.NoError(w.t, failure.Details(&w.marks))
	}
	return failure.NextRetryDelay()
}

// attempt does the next round as the server has it begin: with the input of the last one that returned, and the details of
// the attempts since.
func (w *world) attempt() {
	w.t.Helper()
	var suite testsuite.WorkflowTestSuite
	environment := suite.NewTestActivityEnvironment()
	environment.RegisterActivity(w.NotifyRound)
	if w.details != nil {
		environment.SetHeartbeatDetails(*w.details)
	}
	value, err := environment.ExecuteActivity(w.NotifyRound, runs.NotifyInput{Marks: w.marks})
	if err == nil {
		var round runs.NotifyRound
		require.NoError(w.t, value.Get(&round))
		w.marks, w.details = round.Marks, nil
		return
	}
	var failure *temporal.ApplicationError
	require.ErrorAs(w.t, err, &failure)
	w.details = &runs.NotifyMarks{}
	require.NoError(w.t, failure.Details(w.details))
}

func waiting(reason string, count int) (lives []*runs.Life) {
	for range count {
		lives = append(lives, &runs.Life{Reason: reason, Ref: runs.NoticeRef{Customer: "esimerkki"}})
	}
	return lives
}

func TestARoundSendsOneMessageToEachChannelAndReturns(t *testing.T) {
	w := newWorld(t, "a", "b")
	w.waiting = append(waiting("two-tasks", 3), waiting("task-gone", 1)...)
	require.Equal(t, time.Minute, w.round(), "what has just begun settles first")
	w.at = w.at.Add(time.Minute)
	for i := range 2 {
		require.Zero(t, w.round(), "what was told must be in history before the next message")
		require.Len(t, w.sent["a"], i+1)
		require.Len(t, w.sent["b"], i+1)
	}
	require.Equal(t, 5*time.Minute, w.round())
	require.Contains(t, w.sent["a"][1], "3 notices wait for a person: two-tasks")
}

func TestAChannelThatFailsIsTriedAgainAndHoldsNobodyBack(t *testing.T) {
	w := newWorld(t, "a", "b")
	w.failing["a"] = true
	w.waiting = waiting("two-tasks", 3)
	w.round()
	w.at = w.at.Add(time.Minute)
	require.Zero(t, w.round())
	require.Len(t, w.sent["b"], 1)
	for _, pause := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 5 * time.Minute} {
		require.Equal(t, pause, w.round(), "no news, and the next try")
		require.Equal(t, min(pause, 5*time.Minute), w.round(), "not before its time")
		w.at = w.at.Add(pause)
	}
	require.Contains(t, w.log.String(), "why=\"it answered 502 Bad Gateway\"")
	require.NotContains(t, w.log.String(), secret)

	w.failing["a"] = false
	w.at = w.at.Add(15 * time.Minute)
	require.Zero(t, w.round())
	require.Len(t, w.sent["a"], 1)
	require.Len(t, w.sent["b"], 1)
	require.Equal(t, 5*time.Minute, w.round())
}

func TestQuietHoursHoldEverythingBack(t *testing.T) {
	w := newWorld(t, "a")
	w.Quiet = func(at time.Time) bool { return at.Before(noon.Add(time.Hour)) }
	w.waiting = waiting("two-tasks", 3)
	for range 3 {
		require.NotZero(t, w.round())
		w.at = w.at.Add(5 * time.Minute)
	}
	require.Empty(t, w.sent["a"])
	w.at = noon.Add(time.Hour)
	require.Zero(t, w.round())
	require.Len(t, w.sent["a"], 1)
}

func TestEveryCauseIsFound(t *testing.T) {
	w := newWorld(t)
	w.waiting = waiting("two-tasks", 2)
	w.customers = map[string]figures.Customer{
		"esimerkki": {NotPolled: true, Unflagged: 4, Changed: 2, Failure: runs.FaultUnavailable},
		"toinen":    {NotPolled: true, Failure: runs.FaultCredentialsRefused},
	}
	w.unknown = []string{"kolmas"}
	w.sync = runs.SyncResult{Failure: runs.FaultCredentialsRefused}
	w.reconcile = runs.ReconcileResult{Unreadable: []string{"T-1"}}
	look, err := w.look(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[runs.Cause]int{
		{Kind: "two-tasks", Customer: "esimerkki"}:   2,
		{Kind: KindNotPolled, Customer: "esimerkki"}: 1,
		{Kind: KindUnflagged, Customer: "esimerkki"}: 4,
		{Kind: KindChanged, Customer: "esimerkki"}:   2,
		{Kind: KindCredentials, Customer: "toinen"}:  1,
		{Kind: KindToken}:      1,
		{Kind: KindUnreadable}: 1,
	}, look.Wrong)
	require.True(t, look.Unknown(runs.Cause{Kind: KindNotPolled, Customer: "kolmas"}))
	require.False(t, look.Unknown(runs.Cause{Kind: "two-tasks", Customer: "kolmas"}), "Temporal's list knows it")
	require.False(t, look.Unknown(runs.Cause{Kind: KindNotPolled, Customer: "esimerkki"}))
	require.False(t, look.Unknown(runs.Cause{Kind: KindNotPolled, Customer: "gone"}), "it has no workflow any more")
}

func TestALookThatTemporalDoesNotAnswerChangesNothing(t *testing.T) {
	w := newWorld(t, "a")
	w.waiting = waiting("two-tasks", 3)
	w.round()
	before := w.marks
	w.down = errors.New("away")
	require.Equal(t, lookAgain, w.round())
	require.Equal(t, before, w.marks)
}

func TestAWorkerWithoutChannelsLeavesWhatOthersHaveTold(t *testing.T) {
	w := newWorld(t)
	w.marks.Channels = map[string]runs.ToldChannel{"a": {Told: []runs.ToldCause{{Cause: tila, Count: 1}}}}
	before := w.marks.Channels
	require.NotZero(t, w.round())
	require.Equal(t, before, w.marks.Channels)
}

// A worker whose clock was a year ahead for a while must not keep people from being told for a year.
func TestAClockThatWasAheadKeepsNothingFromBeingTold(t *testing.T) {
	ahead := func(w *world, during func()) {
		right := w.at
		w.at = w.at.AddDate(1, 0, 0)
		during()
		w.at = right
	}
	later := func(w *world) {
		for range 3 {
			w.at = w.at.Add(time.Minute)
			w.round()
		}
	}
	t.Run("what it saw first", func(t *testing.T) {
		w := newWorld(t, "a")
		w.waiting = waiting("two-tasks", 3)
		ahead(w, func() { w.round() })
		later(w)
		require.Len(t, w.sent["a"], 1)
	})
	t.Run("what it saw gone", func(t *testing.T) {
		w := newWorld(t, "a")
		w.waiting = waiting("two-tasks", 3)
		w.round()
		later(w)
		w.waiting = nil
		ahead(w, func() { w.round() })
		later(w)
		require.Len(t, w.sent["a"], 2)
	})
	t.Run("what begins after it has told something", func(t *testing.T) {
		w := newWorld(t, "a")
		w.waiting = waiting("two-tasks", 3)
		w.round()
		ahead(w, func() { require.Zero(t, w.round()) })
		w.waiting = append(w.waiting, waiting("task-gone", 1)...)
		for range 3 {
			w.at = w.at.Add(time.Minute)
			w.attempt()
		}
		require.Len(t, w.sent["a"], 2)
	})
	t.Run("a channel that failed then", func(t *testing.T) {
		w := newWorld(t, "a")
		w.waiting = waiting("two-tasks", 3)
		w.round()
		w.failing["a"] = true
		ahead(w, func() { w.round() })
		w.failing["a"] = false
		later(w)
		require.Len(t, w.sent["a"], 1)
	})
	t.Run("a daily summary that it sent", func(t *testing.T) {
		w := newWorld(t, "a")
		w.Daily = func(now time.Time) (last, next time.Time) {
			last = now.Truncate(24 * time.Hour)
			return last, last.Add(24 * time.Hour)
		}
		w.round()
		ahead(w, func() { w.round() })
		sent := len(w.sent["a"])
		for range 3 {
			w.at = w.at.Add(24 * time.Hour)
			w.round()
		}
		require.Greater(t, len(w.sent["a"]), sent)
	})
}

// Somebody's data has to be removed at once, so an earlier turvakielto that still waits must not hide the next one.
func TestEachFurtherTurvakieltoIsTold(t *testing.T) {
	w := newWorld(t, "a")
	for i, count := range []int{1, 2, 1, 2} {
		w.waiting = waiting(runs.ReasonTurvakielto, count)
		for range 3 {
			w.at = w.at.Add(time.Minute)
			w.round()
		}
		require.Len(t, w.sent["a"], []int{1, 2, 2, 3}[i])
	}
}

package figures

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
)

// observedFake is Temporal as an Observer sees it.
type observedFake struct {
	mutex     sync.Mutex
	open      map[runs.Phase]int64
	marks     map[string]*runs.Marks // of running workflows; nil: they have taken them in
	status    map[string]runs.CustomerStatus
	sync      runs.SyncResult
	reconcile runs.ReconcileResult
	failure   map[string]error // by what is asked, or by Tunniste
	asked     map[string]int   // the same
	hang      chan struct{}    // closed: goes on
}

func (f *observedFake) ask(what string) error {
	if f.hang != nil {
		<-f.hang // whatever its context says
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.asked == nil {
		f.asked = map[string]int{}
	}
	f.asked[what]++
	return f.failure[what]
}

func (f *observedFake) OpenByPhase(context.Context) (map[runs.Phase]int64, error) {
	return f.open, f.ask("open")
}

func (f *observedFake) Customers(context.Context) ([]string, error) {
	err := f.ask("customers")
	f.mutex.Lock()
	defer f.mutex.Unlock()
	var tunnisteet []string
	for tunniste := range f.marks {
		tunnisteet = append(tunnisteet, tunniste)
	}
	slices.Sort(tunnisteet)
	return tunnisteet, err
}

func (f *observedFake) CustomerRun(_ context.Context, tunniste string) (*runs.CustomerRun, error) {
	if err := f.ask(tunniste); err != nil {
		return nil, err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	marks, running := f.marks[tunniste]
	if !running {
		return nil, nil
	}
	return &runs.CustomerRun{Tunniste: tunniste, Marks: marks}, nil
}

func (f *observedFake) CustomerStatus(_ context.Context, tunniste string) (runs.CustomerStatus, error) {
	return f.status[tunniste], f.ask("status of " + tunniste)
}

func (f *observedFake) LastSync(context.Context) (runs.SyncResult, bool, error) {
	return f.sync, true, f.ask("sync")
}

func (f *observedFake) LastReconcile(context.Context) (runs.ReconcileResult, bool, error) {
	return f.reconcile, true, f.ask("reconcile")
}

// observed is an Observer with its clock and what it exports.
type observed struct {
	*Observer
	at   time.Time
	page func() string
}

// ours are the lines of the page with a figure of ours.
var ours = regexp.MustCompile(`(?m)^tampuuri_hillava_.*`)

func observer(t *testing.T, f *observedFake) *observed {
	t.Helper()
	o := &observed{at: time.Unix(1_770_000_000, 0)}
	o.Observer = newObserver(f, runs.Rounds{Sync: 15 * time.Minute, Reconcile: 10 * time.Minute}, slog.New(slog.DiscardHandler), func() time.Time { return o.at })
	metrics, err := telemetry.NewMetrics()
	require.NoError(t, err)
	require.NoError(t, o.Observe(metrics.Provider.Meter("test")))
	o.page = func() string {
		response := httptest.NewRecorder()
		metrics.Handler.ServeHTTP(response, httptest.NewRequest("GET", "/metrics", nil))
		return strings.Join(ours.FindAllString(response.Body.String(), -1), "\n") + "\n"
	}
	return o
}

func (o *observed) pass(t *testing.T) {
	o.observe(t.Context(), func() []string { return nil })
}

// ago is a time so long before now, as marks hold it.
func (o *observed) ago(since time.Duration) *time.Time {
	at := o.at.Add(-since)
	return &at
}

// polled are the marks of a customer that was polled well so long ago.
func (o *observed) polled(since time.Duration) runs.Marks {
	return runs.Marks{At: *o.ago(since), LastGood: o.ago(since), NextPoll: o.ago(since - 5*time.Minute), Every: 5 * time.Minute}
}

func (o *observed) shows(t *testing.T, name string, at time.Time) {
	t.Helper()
	require.Contains(t, o.page(), fmt.Sprintf("%s %s\n", name, floatOf(at)))
}

func floatOf(at time.Time) string {
	if at.IsZero() {
		return "0"
	}
	return fmt.Sprintf("%.9ge+09", float64(at.Unix())/1e9)
}

const lastGoodOfEsimerkki = `tampuuri_hillava_last_good_poll_seconds{customer="esimerkki"}`

func TestAScrapeAnswersWhileTemporalHangs(t *testing.T) {
	f := &observedFake{hang: make(chan struct{})}
	o := observer(t, f)
	o.Note("esimerkki", o.polled(time.Minute))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	hangs := make(chan struct{})
	go func() {
		defer close(ended)
		o.Run(ctx, func() []string { close(hangs); return nil })
	}()
	<-hangs
	answered := make(chan string)
	go func() { answered <- o.page() }()
	select {
	case page := <-answered:
		require.Contains(t, page, lastGoodOfEsimerkki)
		require.Contains(t, page, `tampuuri_hillava_figures_age_seconds{figures="notices"} 0`)
	case <-time.After(10 * time.Second):
		t.Fatal("the scrape waits for Temporal")
	}
	stop()
	close(f.hang)
	<-ended
}

func TestAfterARestartTheLastGoodPollIsKnownWithoutARound(t *testing.T) {
	f := &observedFake{}
	o := observer(t, f)
	marks := o.polled(time.Minute)
	marks.Unflagged = 3
	f.marks = map[string]*runs.Marks{"esimerkki": &marks}
	o.pass(t)
	o.shows(t, lastGoodOfEsimerkki, *marks.LastGood)
	require.Contains(t, o.page(), `tampuuri_hillava_poll_interval_seconds{customer="esimerkki"} 300`)
	require.Contains(t, o.page(), `tampuuri_hillava_unflagged_notices{customer="esimerkki"} 3`)
	require.Zero(t, f.asked["status of esimerkki"], "a query is billed")
	learnt, found := o.Marks("esimerkki")
	require.True(t, found)
	require.Equal(t, marks, learnt)
}

func TestMarksThatTheWorkflowHasTakenInAreAskedForByAQuery(t *testing.T) {
	f := &observedFake{marks: map[string]*runs.Marks{"esimerkki": nil}}
	o := observer(t, f)
	f.status = map[string]runs.CustomerStatus{"esimerkki": {
		Polled: true, LastGoodPoll: o.ago(time.Minute), NextPoll: o.ago(-4 * time.Minute), Unflagged: 2,
		LastRound: &runs.LastRound{PollCounts: runs.PollCounts{Failure: runs.FaultUnavailable}},
	}}
	o.pass(t)
	o.shows(t, lastGoodOfEsimerkki, *o.ago(time.Minute))
	require.Contains(t, o.page(), `tampuuri_hillava_round_failed{customer="esimerkki",failure="peer-unavailable",round="poll"} 1`)
	_, found := o.Marks("esimerkki")
	require.False(t, found, "the workflow knows its own best")
	o.at = o.at.Add(3 * time.Minute)
	o.pass(t)
	require.Equal(t, 1, f.asked["status of esimerkki"], "not before its next poll is due")
}

func TestOnlyPolledCustomersHaveALastGoodPoll(t *testing.T) {
	for name, row := range map[string]struct {
		edit  func(*runs.Marks)
		shown bool
	}{
		"polled":            {func(*runs.Marks) {}, true},
		"its polls fail":    {func(m *runs.Marks) { m.Last.Failure, m.Faults = runs.FaultUnavailable, 9 }, true},
		"paused":            {func(m *runs.Marks) { m.NextPoll = nil }, false},
		"stopped by itself": {func(m *runs.Marks) { m.NextPoll, m.Reasons = nil, []string{"consent is missing"} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			o := observer(t, &observedFake{})
			marks := o.polled(time.Hour)
			row.edit(&marks)
			o.Note("esimerkki", marks)
			require.Equal(t, row.shown, strings.Contains(o.page(), lastGoodOfEsimerkki))
			require.Equal(t, row.shown, strings.Contains(o.page(), `poll_interval_seconds{customer="esimerkki"}`))
			require.Contains(t, o.page(), `unflagged_notices{customer="esimerkki"} 0`, "its notices are open all the same")
		})
	}
}

func TestACustomerThatWasNeverPolledWellShowsIt(t *testing.T) {
	o := observer(t, &observedFake{})
	marks := o.polled(time.Minute)
	marks.LastGood = nil
	o.Note("esimerkki", marks)
	o.shows(t, lastGoodOfEsimerkki, time.Time{})
}

// While no poll is due none is missing: an alert on the age must neither fire at night, nor as soon as the day begins.
func TestAPollThatIsNotDueCountsAsGood(t *testing.T) {
	good := func(o *observed) time.Time { return o.customers["esimerkki"].good(o.at) }
	night := func(o *observed) runs.Marks { // from now on, for eight hours
		marks := o.polled(0)
		marks.NextPoll = o.ago(-8 * time.Hour)
		return marks
	}
	t.Run("outside poll.hours", func(t *testing.T) {
		o := observer(t, &observedFake{})
		evening := o.at
		o.Note("esimerkki", night(o))
		o.at = o.at.Add(7 * time.Hour)
		require.Equal(t, o.at, good(o))
		o.at = evening.Add(9 * time.Hour)
		require.Equal(t, evening.Add(8*time.Hour), good(o), "an hour of the day without a poll is missing")
		morning := runs.Marks{At: o.at, LastGood: &evening, NextPoll: o.ago(-5 * time.Minute), Every: 5 * time.Minute}
		morning.Last.Failure = runs.FaultUnavailable
		o.Note("esimerkki", morning)
		require.Equal(t, evening.Add(8*time.Hour), good(o), "and no more than that")
	})
	t.Run("a failed poll of the evening does not go on all night", func(t *testing.T) {
		o := observer(t, &observedFake{})
		marks := night(o)
		marks.Last.Failure = runs.FaultUnavailable
		o.Note("esimerkki", marks)
		require.NotContains(t, o.page(), "tampuuri_hillava_round_failed{")
	})
	t.Run("paused", func(t *testing.T) {
		o := observer(t, &observedFake{})
		long := o.polled(0)
		paused := long
		paused.NextPoll = nil
		o.Note("esimerkki", paused)
		o.at = o.at.Add(72 * time.Hour)
		resumed := long
		resumed.At, resumed.NextPoll, resumed.Last.Failure = o.at, o.ago(-5*time.Minute), runs.FaultUnavailable
		o.Note("esimerkki", resumed)
		require.Equal(t, o.at, good(o))
	})
	t.Run("a failed poll that comes sooner", func(t *testing.T) {
		o := observer(t, &observedFake{})
		marks := o.polled(time.Hour)
		marks.At, marks.NextPoll = o.at, o.ago(-time.Minute)
		o.Note("esimerkki", marks)
		require.Equal(t, *o.ago(time.Hour), good(o))
	})
}

func TestOlderMarksDoNotReplaceNewerOnes(t *testing.T) {
	o := observer(t, &observedFake{})
	newer, older := o.polled(time.Minute), o.polled(time.Hour)
	o.Note("esimerkki", newer)
	o.Note("esimerkki", older)
	learnt, _ := o.Marks("esimerkki")
	require.Equal(t, newer, learnt)
	o.shows(t, lastGoodOfEsimerkki, *newer.LastGood)
}

func TestWhoWasToldOfIsNotLookedAtBeforeTheNextPollIsDue(t *testing.T) {
	f := &observedFake{}
	o := observer(t, f)
	marks := o.polled(0)
	f.marks = map[string]*runs.Marks{"esimerkki": &marks}
	o.Note("esimerkki", marks)
	o.at = o.at.Add(4 * time.Minute)
	o.pass(t)
	require.Zero(t, f.asked["esimerkki"])
	o.at = o.at.Add(2 * time.Minute)
	o.pass(t)
	o.at = o.at.Add(observeEvery)
	o.pass(t)
	require.Equal(t, 1, f.asked["esimerkki"], "and then once a minute")
}

func TestARestartWithManyCustomersIsNoBurst(t *testing.T) {
	f := &observedFake{marks: map[string]*runs.Marks{}}
	o := observer(t, f)
	for i := range 250 {
		marks := o.polled(time.Minute)
		f.marks[fmt.Sprint("c", i)] = &marks
	}
	for pass, learnt := range []int{100, 200, 250, 250} {
		o.pass(t)
		require.Len(t, o.customers, learnt, "pass %d", pass)
	}
	require.Len(t, f.asked, 250+4, "each of them once")
}

func TestACustomerWhoseWorkflowHasEndedIsShownNoMore(t *testing.T) {
	f := &observedFake{}
	o := observer(t, f)
	o.Note("esimerkki", o.polled(0))
	o.pass(t)
	require.Contains(t, o.page(), lastGoodOfEsimerkki, "the list lags")
	o.at = o.at.Add(restBetweenLooks)
	o.pass(t)
	require.NotContains(t, o.page(), "esimerkki")
	_, found := o.Marks("esimerkki")
	require.False(t, found)
}

func TestOneCustomerThatCannotBeLookedAtHidesNoOther(t *testing.T) {
	f := &observedFake{failure: map[string]error{"a": errors.New("away")}}
	o := observer(t, f)
	marks := o.polled(time.Minute)
	f.marks = map[string]*runs.Marks{"a": &marks, "esimerkki": &marks}
	o.at = o.at.Add(time.Minute)
	o.pass(t)
	page := o.page()
	require.Contains(t, page, lastGoodOfEsimerkki)
	require.Contains(t, page, `tampuuri_hillava_figures_age_seconds{figures="customers"} 60`)
	require.Contains(t, page, `tampuuri_hillava_figures_age_seconds{figures="notices"} 0`)
}

func TestOpenNoticesStayAsTheyWereCountedAndTheirAgeTells(t *testing.T) {
	f := &observedFake{open: map[runs.Phase]int64{runs.PhaseAttention: 2, runs.PhaseDone: 0}, failure: map[string]error{}}
	o := observer(t, f)
	o.pass(t)
	f.failure["open"] = errors.New("away")
	o.at = o.at.Add(2 * time.Minute)
	o.pass(t)
	page := o.page()
	require.Contains(t, page, `tampuuri_hillava_open_notices{phase="attention"} 2`)
	require.Contains(t, page, `tampuuri_hillava_open_notices{phase="done"} 0`, "so that a graph comes down again")
	require.Contains(t, page, `tampuuri_hillava_figures_age_seconds{figures="notices"} 120`)
}

func TestTheRoundsOfTheSchedulesAreShown(t *testing.T) {
	f := &observedFake{}
	o := observer(t, f)
	require.NotContains(t, o.page(), "last_good_round_seconds{", "nothing is known yet")
	f.sync = runs.SyncResult{LastGood: o.ago(time.Hour), Failure: runs.FaultCustomersFile}
	o.pass(t)
	o.shows(t, `tampuuri_hillava_last_good_round_seconds{round="sync-customers"}`, *o.ago(time.Hour))
	o.shows(t, `tampuuri_hillava_last_good_round_seconds{round="reconcile"}`, time.Time{})
	page := o.page()
	require.Contains(t, page, `tampuuri_hillava_round_interval_seconds{round="sync-customers"} 900`)
	require.Contains(t, page, `tampuuri_hillava_round_interval_seconds{round="reconcile"} 600`)
	require.Contains(t, page, `tampuuri_hillava_round_failed{failure="customers-file",round="sync-customers"} 1`)
	o.pass(t)
	require.Equal(t, 1, f.asked["sync"], "once a minute is enough")
}

func TestWhoRefusesOurCredentialsIsShown(t *testing.T) {
	o := observer(t, &observedFake{})
	o.observe(t.Context(), func() []string { return []string{"esimerkki", "hillava"} })
	require.Contains(t, o.page(), `tampuuri_hillava_credentials_refused{customer="esimerkki"} 1`)
	require.Contains(t, o.page(), `tampuuri_hillava_credentials_refused{customer="hillava"} 1`)
	o.pass(t)
	require.NotContains(t, o.page(), "credentials_refused{")
}

func TestLabelsAreOfAClosedSet(t *testing.T) {
	f := &observedFake{open: map[runs.Phase]int64{runs.PhaseAttention: 1}}
	o := observer(t, f)
	marks := o.polled(time.Minute)
	marks.Skipped = []runs.SkippedNotice{{NoticeID: 48213, Reason: runs.SkippedReopened}}
	marks.Last.Failure, f.sync.Failure = runs.FaultUnavailable, runs.FaultTemporal
	o.Note("esimerkki", marks)
	o.pass(t)
	require.NotContains(t, o.page(), "48213")
	for _, label := range regexp.MustCompile(`(\w+)="`).FindAllStringSubmatch(o.page(), -1) {
		require.Contains(t, []string{"customer", "phase", "round", "failure", "figures", "activity"}, label[1])
	}
}

func TestTheObserverLearnsUntilItIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &observedFake{}
		o := NewObserver(f, runs.Rounds{}, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			o.Run(ctx, func() []string { return nil })
		}()
		time.Sleep(4*observeEvery + time.Second) // fake time
		synctest.Wait()
		require.Equal(t, 5, f.asked["open"])
		require.Equal(t, 2, f.asked["reconcile"], "once a minute is enough")
		stop()
		<-ended
	})
}

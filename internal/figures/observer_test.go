package figures

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/runs"
)

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
		o := NewObserver(f, runs.Rounds{}, slog.New(slog.DiscardHandler), time.Now)
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

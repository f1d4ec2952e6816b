package activities

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/walk"
	"tampuuri-hillava/sandbox/fault"
)

// settled is a world whose first round is over: marks are there, and nothing is new.
func settled(t testingT) *world {
	w := newWorld(t)
	w.put(101)
	require.False(w.t, w.round().Idle)
	w.life(101).Phase = runs.PhaseWorking
	w.forgetCalls()
	return w
}

// until lets the time go by that the last round asked for.
func (w *world) until(r round) { w.pass(r.Pause) }

func TestTheFirstRoundReturnsWithItsMarks(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	first := w.round()
	require.False(t, first.Idle)
	require.Equal(t, 1, first.Marks.Last.Started)
	require.Equal(t, w.clock.UTC(), first.Marks.At)
	require.Equal(t, w.clock.Add(5*time.Minute).UTC(), *first.Marks.NextPoll)
	require.Equal(t, 5*time.Minute, first.Marks.Every)
	require.Equal(t, 1, first.Marks.Open)
}

func TestARoundWithoutNewsFailsBenignlyUntilTheNextOneIsDue(t *testing.T) {
	w := settled(t)
	w.pass(time.Minute)
	early := w.round()
	require.True(t, early.Idle)
	require.Equal(t, 4*time.Minute, early.Pause)
	require.Empty(t, w.asked(), "nothing is due yet")

	w.until(early)
	idle := w.round()
	require.True(t, idle.Idle)
	require.Equal(t, 5*time.Minute, idle.Pause)
	require.Equal(t, []string{"GET ilmoitukset/selaa"}, w.asked(), "an idle poll is one request")
	require.Empty(t, w.callsTo(hillavasCalls), "and none of Hillava, whose outage stops no poll")
	require.Equal(t, 1, idle.Marks.Last.Known)
	require.Equal(t, w.clock.UTC(), *idle.Marks.LastGood, "the marks are in the failure's details")
	require.Contains(t, idle.Sentence, "nothing new at "+w.clock.UTC().Format(time.RFC3339))
	require.Contains(t, idle.Sentence, "1 known")
	require.Contains(t, idle.Sentence, w.clock.Add(5*time.Minute).UTC().Format(time.RFC3339))
	require.Empty(t, w.heartbeats, "each heartbeat would be billed")

	for range 20 { // polls, and a comparison every third
		w.until(idle)
		idle = w.round()
		require.True(t, idle.Idle)
		require.LessOrEqual(t, idle.Pause, 5*time.Minute)
		require.Empty(t, w.heartbeats)
	}
}

// Temporal's clock is not ours: an attempt that comes a little early must not be followed by another one at once.
func TestAnAttemptThatComesALittleEarlyPolls(t *testing.T) {
	w := settled(t)
	w.pass(5*time.Minute - 500*time.Millisecond)
	r := w.round()
	require.Equal(t, []string{"GET ilmoitukset/selaa"}, w.asked())
	require.Equal(t, 5*time.Minute, r.Pause)
}

// Each attempt goes on with what the one before it left, though that has not returned.
func TestTheMarksOfRoundsWithoutNewsAreKept(t *testing.T) {
	w := settled(t)
	w.edit(101, fields{}) // its mark moves, nothing is new
	w.pass(5 * time.Minute)
	moved := w.round()
	require.True(t, moved.Idle)
	require.NotEqual(t, w.states["esimerkki"].Marks.Lists, moved.Marks.Lists)
	w.until(moved)
	require.Equal(t, moved.Marks.Lists, w.round().Marks.Lists)
}

func TestARoundWithNewsReturns(t *testing.T) {
	for name, news := range map[string]func(*world){
		"a new notice":                        func(w *world) { w.put(102) },
		"an edit":                             func(w *world) { w.edit(101, fields{"TyötehtävänOtsikko": "Hana rikki"}) },
		"a poll that fails":                   func(w *world) { w.always("list", fault.Status500) },
		"a notice that cannot be read":        func(w *world) { w.put(102); w.unreadable(102) },
		"a fault in the entry":                func(w *world) { w.entry().Faults = []string{"no consent"} },
		"a reason of Hillava's":               func(w *world) { w.states["esimerkki"].Served.Reasons = []string{"gone"} },
		"a customer that is nowhere any more": func(w *world) { w.end(101, runs.PhaseWithdrawn, completed); w.settings.list = nil },
	} {
		t.Run(name, func(t *testing.T) {
			w := settled(t)
			news(w)
			w.pass(5 * time.Minute)
			require.False(t, w.round().Idle)
			w.deals(101)
			w.pass(5 * time.Minute)
			require.True(t, name == "a customer that is nowhere any more" || w.round().Idle, "once")
		})
	}
}

// While Hillava is away, a notice's workflow cannot deal with an edit. Each round sees it again, and tells nothing new.
func TestADifferenceThatItsWorkflowHasNotDealtWithIsNewsOnce(t *testing.T) {
	w := settled(t)
	w.edit(101, fields{"TyötehtävänOtsikko": "Hana rikki"})
	w.pass(5 * time.Minute)
	require.Equal(t, 1, w.round().Marks.Last.Signalled)
	w.pass(5 * time.Minute)
	r := w.round()
	require.True(t, r.Idle)
	require.Equal(t, runs.PollCounts{Known: 1}, r.Marks.Last)

	w.edit(101, fields{"TyötehtävänOtsikko": "Hana irti"})
	w.pass(5 * time.Minute)
	require.Equal(t, 1, w.round().Marks.Last.Signalled, "another difference is news")
	w.deals(101)
	w.edit(101, fields{"TyötehtävänOtsikko": "Hana rikki"})
	w.pass(5 * time.Minute)
	require.Equal(t, 1, w.round().Marks.Last.Signalled, "and so is one that was there before")
	require.Len(t, w.life(101).told, 3)
}

func TestAFailureThatEndsIsNewsToo(t *testing.T) {
	w := settled(t)
	w.always("list", fault.Status500)
	w.pass(5 * time.Minute)
	failed := w.round()
	require.Equal(t, runs.FaultUnavailable, failed.Marks.Last.Failure)
	require.Equal(t, 1, failed.Marks.Faults)
	require.NotEqual(t, w.clock.UTC(), *failed.Marks.LastGood)
	second := w.round(byPerson)
	require.Equal(t, 2, second.Marks.Faults)
	w.mended()
	w.pass(5 * time.Minute)
	mended := w.round()
	require.False(t, mended.Idle)
	require.Zero(t, mended.Marks.Faults)
	require.Equal(t, w.clock.UTC(), *mended.Marks.LastGood)
}

// A hiccup need not cost an interval, and a long outage is asked at the interval.
func TestAfterAFailedPollTheNextComesSoonAndThenAtTheInterval(t *testing.T) {
	w := settled(t)
	w.always("list", fault.Status500)
	w.pass(5 * time.Minute)
	w.round()
	pauses := []time.Duration{}
	for range 12 {
		pause := w.marks().NextPoll.Sub(w.clock)
		pauses = append(pauses, pause)
		w.pass(pause)
		w.round()
	}
	require.Equal(t, 2*time.Second, pauses[0])
	require.Equal(t, 5*time.Minute, pauses[11])
	require.Contains(t, w.round().Sentence, "the last poll failed (peer-unavailable)")
}

func TestAPersonsRoundPollsAndReturnsWhateverItFinds(t *testing.T) {
	w := settled(t)
	w.pass(time.Second)
	asked := w.round(byPerson)
	require.False(t, asked.Idle)
	require.Empty(t, asked.Refused)
	require.Equal(t, runs.PollCounts{Known: 1}, asked.Marks.Last)
	require.Equal(t, w.clock.UTC(), *asked.Marks.LastAt)
}

func TestWhatStopsPollingIsSaidAndNothingIsAsked(t *testing.T) {
	for name, row := range map[string]struct {
		arrange  func(*world)
		expected string
	}{
		"a fault of its own":           {func(w *world) { w.entry().Faults = []string{"the consent is missing"} }, "the consent is missing"},
		"what Hillava's list makes":    {func(w *world) { w.states["esimerkki"].Served.Reasons = []string{"another name"} }, "another name"},
		"a credential no header takes": {func(w *world) { w.entry().Credentials.Tili = config.NewSecret("two\nlines") }, "tili"},
	} {
		t.Run(name, func(t *testing.T) {
			w := settled(t)
			row.arrange(w)
			w.put(102)
			w.pass(time.Hour)
			stopped := w.round()
			require.Len(t, stopped.Marks.Reasons, 1)
			require.Contains(t, stopped.Marks.Reasons[0], row.expected)
			require.Nil(t, stopped.Marks.NextPoll)
			require.Zero(t, w.count("GET ilmoitukset/selaa"))

			require.Contains(t, w.round(byPerson).Refused, row.expected)
			w.pass(time.Hour)
			idle := w.round()
			require.True(t, idle.Idle)
			require.Contains(t, idle.Sentence, "not polled: "+stopped.Marks.Reasons[0])
			require.NotContains(t, idle.Sentence, "lines")
			require.LessOrEqual(t, idle.Pause, w.Activities.Rounds.Reconcile, "open notices are compared all the same")
		})
	}
}

func TestWhatIsMendedIsPolledAtOnce(t *testing.T) {
	w := settled(t)
	w.entry().Faults = []string{"no consent"}
	w.round()
	w.entry().Faults = nil
	w.put(102)
	require.Equal(t, 1, w.round().Marks.Last.Started)
}

// Refused credentials that were mended in the entry need not wait for the interval: the sync tells that the entry has changed.
func TestAnEditOfTheEntryIsPolledAtOnce(t *testing.T) {
	w := settled(t)
	w.put(102)
	w.states["esimerkki"].Served.Entry = "another digest"
	require.Equal(t, 1, w.round().Marks.Last.Started)
	require.True(t, w.round().Idle)
}

func TestAPauseStopsThePollAndNothingElse(t *testing.T) {
	w := settled(t)
	w.states["esimerkki"].Paused = true
	w.put(102)
	w.give(101, 9)
	w.pass(time.Hour)
	paused := w.round()
	require.True(t, paused.Idle)
	require.Nil(t, paused.Marks.NextPoll)
	require.Contains(t, paused.Sentence, "paused")
	require.Equal(t, []string{"POST ilmoitukset/hae"}, w.asked())
	require.Len(t, w.life(101).told, 1, "its open notices are compared")
	require.Equal(t, w.Activities.Rounds.Reconcile, paused.Pause)

	w.states["esimerkki"].Paused = false
	resumed := w.round()
	require.Equal(t, 1, resumed.Marks.Last.Started)
}

// A shorter interval must not wait for the end of a long one.
func TestAShortenedIntervalCountsAtOnce(t *testing.T) {
	w := newWorld(t)
	w.entry().Poll.Every = 24 * time.Hour
	w.round()
	w.entry().Poll.Every = 5 * time.Minute
	w.put(101)
	w.pass(time.Minute)
	require.Equal(t, 1, w.round().Marks.Last.Started)
}

// More rows than a page are read again in each round after a quiet hour began with many changes at once. That is no news.
func TestManyRowsInTheWindowAreNewsOnce(t *testing.T) {
	w := newWorld(t)
	for id := int64(1); id <= walk.PageSize+20; id++ {
		w.putAt(id, helsinki("2026-03-02 11:59"))
	}
	w.round()
	for id := int64(1); id <= walk.PageSize+20; id++ {
		w.must(w.tampuuri.EditNotice("esimerkki", id, fields{}))
	}
	w.pass(5 * time.Minute)
	require.False(t, w.round().Idle, "a mark that is far ahead is worth keeping")
	w.pass(5 * time.Minute)
	require.True(t, w.round().Idle)
}

// One who writes very much must not keep the customer's other notices from us.
func TestNoticesTooLargeForOneAnswerAreReadInParts(t *testing.T) {
	w := newWorld(t)
	for id := int64(1); id <= 10; id++ {
		w.put(id, fields{"Kuvaus": strings.Repeat("x", 1<<20)})
	}
	w.put(11, fields{"Kuvaus": strings.Repeat("x", peer.ResponseLimit)})
	w.put(12)
	r := w.round()
	require.Equal(t, 11, r.Marks.Last.Started, "%+v", r.Marks.Last)
	require.Len(t, r.Marks.Skipped, 1, "the one that no answer can show")

	for id := int64(1); id <= 12; id++ {
		w.give(id, 99) // only a comparison finds it
	}
	w.pass(time.Hour)
	w.round()
	require.Equal(t, 11, w.toldInAll())
}

func TestMaxNewIsNewsAndGoesOnInTheNextRound(t *testing.T) {
	w := settled(t)
	w.entry().Poll.MaxNew = 2
	for id := int64(201); id <= 205; id++ {
		w.put(id)
	}
	for _, expected := range []runs.PollCounts{{Started: 2, Known: 1, Left: true}, {Started: 2, Left: true}, {Started: 1}} {
		w.pass(5 * time.Minute)
		r := w.round()
		require.False(t, r.Idle)
		expected.Known = r.Marks.Last.Known
		require.Equal(t, expected, r.Marks.Last)
	}
}

func TestACustomerThatNothingNamesIsOverOnceItHasNoOpenNotices(t *testing.T) {
	w := settled(t)
	w.settings.list = nil
	open := w.round()
	require.False(t, open.Over)
	require.Len(t, open.Marks.Reasons, 2)
	require.Contains(t, open.Marks.Reasons[0], "no entry")
	require.Contains(t, open.Marks.Reasons[1], "1 open notice")
	require.Empty(t, w.asked())
	require.Contains(t, w.round(byPerson).Refused, "no entry")
	w.pass(time.Hour)
	require.True(t, w.round().Idle, "told once")
	w.end(101, runs.PhaseWithdrawn, completed)
	require.True(t, w.round().Over)
}

func TestAPausedCustomerThatNothingNamesKeepsItsPause(t *testing.T) {
	w := settled(t)
	w.end(101, runs.PhaseWithdrawn, completed)
	w.settings.list = nil
	w.states["esimerkki"].Paused = true
	require.False(t, w.round().Over, "should it come back, the pause still holds")
}

func TestACustomerThatAnotherEntryHasTakenOverIsOver(t *testing.T) {
	w := settled(t)
	w.serve("uusi", 4711)
	w.entryOf("uusi").Formerly = []string{"esimerkki"}
	w.settings.list = w.settings.list[1:]
	r := w.round()
	require.True(t, r.Over)
	require.Contains(t, r.Marks.Reasons[0], "uusi")
}

// A worker whose clock was ahead must not vouch for polls that have not been: whoever is told that a customer is not polled
// goes by the last good one.
func TestALastGoodPollThatHasNotComeYetCountsForNothing(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	w.round()
	right := w.clock
	w.pass(365 * 24 * time.Hour)
	w.round(byPerson)
	w.clock = right
	w.always("list", fault.Status503)
	w.pass(5 * time.Minute)
	w.round()
	w.pass(5 * time.Minute)
	r := w.round()
	require.NotEmpty(t, r.Marks.Last.Failure)
	require.Nil(t, r.Marks.LastGood)
	w.mended()
	w.pass(5 * time.Minute)
	r = w.round()
	require.Equal(t, w.clock.UTC(), *r.Marks.LastGood)
	w.always("list", fault.Status503)
	good := w.clock
	w.pass(5 * time.Minute)
	require.Equal(t, good.UTC(), *w.round().Marks.LastGood)
}

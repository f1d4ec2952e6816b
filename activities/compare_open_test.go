package activities

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/sandbox/fault"
)

// comparing has the running notices 101 and 102, and a comparison that is due. Nothing is polled meanwhile, so that what is
// told is the comparison's doing.
func comparing(t testingT) *world {
	w := newWorld(t)
	w.put(101)
	w.put(102)
	w.round()
	w.pass(w.Activities.Rounds.Reconcile)
	w.states["esimerkki"].Paused = true
	w.forgetCalls()
	return w
}

func TestAnOpenNoticeThatStandsOtherwiseInTampuuriIsTold(t *testing.T) {
	rename := func(w *world) { w.edit(101, fields{"TyötehtävänOtsikko": "uusi"}) }
	for name, row := range map[string]struct {
		edit func(*world)
		told bool
	}{
		"nothing":          {func(*world) {}, false},
		"only Muokattu":    {func(w *world) { w.edit(101, fields{}) }, false},
		"given to another": {func(w *world) { w.give(101, 9) }, true},
		"deleted":          {func(w *world) { w.remove(101) }, true},
		"cancelled":        {func(w *world) { w.state(101, notice.Peruttu) }, true},
		"edited":           {rename, true},
		"unreadable":       {func(w *world) { w.unreadable(101) }, false},
		"edited, while another one is unreadable":  {func(w *world) { w.unreadable(102); rename(w) }, true},
		"deleted, while another one is unreadable": {func(w *world) { w.unreadable(102); w.remove(101) }, false}, // it may be the one that cannot be read
	} {
		t.Run(name, func(t *testing.T) {
			w := comparing(t)
			row.edit(w)
			w.round()
			require.Equal(t, row.told, len(w.life(101).told) == 1)
			require.Empty(t, w.life(102).told)
			w.pass(w.Activities.Rounds.Reconcile)
			w.round()
			require.LessOrEqual(t, len(w.life(101).told), 1, "the same difference told again adds no event")
		})
	}
}

func TestACompleteComparisonSaysWhenItBegan(t *testing.T) {
	w := comparing(t)
	r := w.round()
	require.Equal(t, w.clock.UTC(), *r.Marks.Compared)
	require.Equal(t, 2, r.Marks.Open)
	require.Equal(t, w.Activities.Rounds.Reconcile, r.Pause)
	require.Equal(t, []string{"POST ilmoitukset/hae"}, w.asked())
}

// A worker whose clock was a year ahead for one round must not put the comparisons off by a year, as nothing else finds a
// notice that was given to somebody else.
func TestAClockThatWasAheadPutsNoComparisonOff(t *testing.T) {
	for name, during := range map[string]func(*world){
		"in a good comparison":        func(w *world) { w.round() },
		"in a failed one":             func(w *world) { w.always("hae", fault.Status503); w.round() },
		"in a round that was told of": func(w *world) { w.round(byPerson) },
	} {
		t.Run(name, func(t *testing.T) {
			w := comparing(t)
			right := w.clock
			w.pass(365 * 24 * time.Hour)
			during(w)
			w.mended()
			w.clock = right
			w.give(101, 9)
			w.pass(w.Activities.Rounds.Reconcile)
			require.LessOrEqual(t, w.round().Pause, w.Activities.Rounds.Reconcile)
			require.Len(t, w.life(101).told, 1)
			w.forgetCalls()
			w.pass(5 * time.Minute)
			w.round()
			require.Empty(t, w.asked(), "nor is each round a comparison from then on")
		})
	}
}

// The index lags: what it lists as running may have ended.
func TestTheListOfOpenNoticesOnlyProposes(t *testing.T) {
	w := comparing(t)
	w.end(101, runs.PhaseInvoiced, completed)
	ended := *w.life(101)
	w.temporal.lists = func(found []*runs.Life) []*runs.Life {
		stale := ended.Life
		stale.Running, stale.Phase = true, runs.PhaseDone
		return append(found, &stale)
	}
	w.edit(101, fields{"TyötehtävänOtsikko": "uusi"})
	w.round()
	require.Contains(t, w.asked(), "POST ilmoitukset/hae")
	require.Empty(t, w.life(101).told)
}

// A mistake in performer_ids takes every notice away and its correction gives it back, while Muokattu stays.
func TestAChangeOfOurOwnSettingsIsToldBothWays(t *testing.T) {
	w := comparing(t)
	compare := func() {
		w.round()
		w.pass(w.Activities.Rounds.Reconcile)
	}
	w.entry().PerformerIDs = []int64{9}
	compare()
	require.Len(t, w.life(101).told, 1)
	w.deals(101)
	compare()
	require.Len(t, w.life(101).told, 1)
	w.entry().PerformerIDs = []int64{4711}
	compare()
	require.Len(t, w.life(101).told, 2)
	w.deals(101)
	w.entry().PerformerIDs = []int64{9}
	w.pass(24 * time.Hour)
	compare()
	require.Len(t, w.life(101).told, 3, "the same mistake another day")
}

// An answer that leaves a notice out for a moment must not keep its deletion from being told later.
func TestADeletionIsToldThoughTheNoticeWasMissedBefore(t *testing.T) {
	w := comparing(t)
	compare := func() {
		w.round()
		w.pass(w.Activities.Rounds.Reconcile)
	}
	w.front = func(call string, rw http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
		if call != "POST ilmoitukset/hae" {
			serve(rw, r)
			return
		}
		rw.Header().Set("Content-Type", "application/json")
		_, _ = rw.Write([]byte("[]"))
	}
	compare()
	require.Len(t, w.life(101).told, 1)
	w.deals(101) // it looks: the notice is there
	w.front = nil
	w.pass(24 * time.Hour)
	compare()
	require.Len(t, w.life(101).told, 1)
	w.remove(101)
	compare()
	require.Len(t, w.life(101).told, 2)
	compare()
	require.Len(t, w.life(101).told, 2, "once")
}

// many has so many open notices, all of which have been given to another.
func many(t testingT, count int64) *world {
	w := newWorld(t)
	for id := int64(1); id <= count; id++ {
		w.putAt(id, helsinki("2026-03-01 08:00").Add(time.Duration(id)*time.Second))
	}
	w.round()
	w.pass(w.Activities.Rounds.Reconcile)
	w.states["esimerkki"].Paused = true
	w.row = func(n fields) { n["TyonsuorittajaYritysId"] = 9 }
	w.forgetCalls()
	return w
}

// told says how many notices were told of something.
func (w *world) toldInAll() (count int) {
	for _, l := range w.temporal.lives {
		count += len(l.told)
	}
	return count
}

func TestManyOpenNoticesAreComparedAHundredAtATime(t *testing.T) {
	w := many(t, 250)
	w.round()
	require.Equal(t, 3, w.countOf("POST ilmoitukset/hae"))
	require.Equal(t, 250, w.toldInAll())
}

func TestAComparisonThatIsCutShortGoesOnWhereItEnded(t *testing.T) {
	w := many(t, 250)
	before := w.marks().Compared
	w.faults.Add(fault.Fault{Op: "hae", After: 2, Kind: fault.CallAfter, Call: func() { w.pass(time.Hour) }})
	cut := w.round()
	require.False(t, cut.Idle)
	require.EqualValues(t, 200, cut.Marks.ComparedUpTo)
	require.Equal(t, before, cut.Marks.Compared, "it has not gone through")
	require.Equal(t, 200, w.toldInAll())
	w.round()
	require.Equal(t, 250, w.toldInAll())
	require.Equal(t, 3, w.countOf("POST ilmoitukset/hae"), "none was asked for twice")
	require.Zero(t, w.marks().ComparedUpTo)
	require.Equal(t, w.clock.UTC(), *w.marks().Compared)
}

func TestAHundredThatAreRefusedStopNoneOfTheOthers(t *testing.T) {
	w := many(t, 350)
	before := w.marks().Compared
	w.faults.Add(fault.Fault{Op: "hae", After: 2, Kind: fault.Status500})
	w.round()
	require.Equal(t, 250, w.toldInAll())
	require.Equal(t, before, w.marks().Compared, "not all of them were compared")
	w.forgetCalls()
	w.pass(5 * time.Minute)
	require.True(t, w.round().Idle)
	require.Empty(t, w.asked(), "put off by its interval")
	w.pass(w.Activities.Rounds.Reconcile)
	w.round()
	require.Equal(t, 350, w.toldInAll())
	require.Equal(t, w.clock.UTC(), *w.marks().Compared)
}

func TestATampuuriThatIsAwayIsNotAskedForAllOfThem(t *testing.T) {
	w := many(t, 900)
	w.always("hae", fault.Status503)
	w.round()
	require.Equal(t, comparedInARow, w.countOf("POST ilmoitukset/hae"))
	w.mended()
	w.pass(w.Activities.Rounds.Reconcile)
	w.round()
	require.Equal(t, 900, w.toldInAll())
}

func TestTemporalsOutageIsNoComparison(t *testing.T) {
	w := comparing(t)
	before := w.marks().Compared
	w.give(101, 9)
	w.temporal.down = serviceerror.NewUnavailable("away")
	w.round()
	require.Equal(t, before, w.marks().Compared)
	w.temporal.down = nil
	w.pass(w.Activities.Rounds.Reconcile)
	w.round()
	require.Len(t, w.life(101).told, 1)
}

// Told to look, a notice of a former Tunniste goes on under this one, though nothing else of it has changed.
func TestOpenNoticesOfAFormerTunnisteAreComparedAndToldToGoOn(t *testing.T) {
	w := newWorld(t)
	w.putAt(101, helsinki("2026-01-15 12:00")) // its row is before what is polled
	old := refIn("vanha", 101)
	w.must(w.temporal.StartNotice(t.Context(), runs.NoticeStart{Ref: old, Snapshot: runs.Snapshot{Standing: runs.StandingOpen}}))
	w.entry().Formerly = []string{"vanha"}
	w.round()
	l := w.temporal.lives[old.ExternalID]
	require.Equal(t, []string{"notice-changed"}, l.told)
	l.Ref.Customer = "esimerkki" // it has looked
	w.pass(w.Activities.Rounds.Reconcile)
	w.round()
	require.Len(t, l.told, 1)
}

func TestWithoutCredentialsNothingIsCompared(t *testing.T) {
	w := comparing(t)
	w.entry().Credentials.Salasana = config.Secret{}
	w.round()
	require.Empty(t, w.asked())
}

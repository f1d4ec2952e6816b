package activities

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/walk"
	"tampuuri-hillava/sandbox/fault"
)

func TestANewNoticeStartsAWorkflowOnce(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	require.Equal(t, runs.PollCounts{Started: 1}, w.poll())
	require.Equal(t, w.clock.UTC(), *w.marks().LastGood)
	start := w.life(101).start
	require.Equal(t, w.ref(101), start.Ref)
	require.Equal(t, runs.StandingOpen, start.Snapshot.Standing)
	require.EqualValues(t, property, start.PropertyID)
	require.Contains(t, start.Link, "https://tampuuri.example/101")
	require.False(t, start.Restart)
	require.Empty(t, start.HandledEvents)
	written, err := json.Marshal(start)
	require.NoError(t, err)
	require.NotContains(t, string(written), "Hana", "nothing of the texts may enter Temporal")

	lists := w.marks().Lists
	require.Equal(t, runs.PollCounts{Known: 1}, w.poll())
	require.Equal(t, lists, w.marks().Lists)
	require.Empty(t, w.life(101).told)
}

// Pages overlap: what this poll has started is met again on the next one, and is new all the same.
func TestWhatAPollHasStartedIsNotKnown(t *testing.T) {
	w := newWorld(t)
	for id := int64(1); id <= walk.PageSize+1; id++ {
		w.put(id)
	}
	require.Equal(t, runs.PollCounts{Started: walk.PageSize + 1}, w.poll())
	require.Equal(t, runs.PollCounts{Known: walk.PageSize + 1}, w.poll())
}

func TestAPollTellsAnEditThatIsMadeASecondTime(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	w.poll()
	w.deals(101)
	for i, title := range []string{"uusi", "Hana vuotaa", "uusi"} {
		w.edit(101, fields{"TyötehtävänOtsikko": title})
		w.poll()
		require.Len(t, w.life(101).told, i+1)
		w.deals(101)
	}
}

func TestWhichNoticesAreOurs(t *testing.T) {
	for name, row := range map[string]struct {
		has     fields
		started bool
	}{
		"open":                                 {nil, true},
		"in an open state that we do not know": {fields{"Tila": "Odottaa osia"}, true},
		"another performer's":                  {fields{"TyonsuorittajaYritysId": 9}, false},
		"nobody's":                             {fields{"TyonsuorittajaYritysId": nil}, false},
		"Tehty":                                {fields{"Tila": "Tehty"}, false},
		"Valmis":                               {fields{"Tila": "Valmis"}, false},
		"Peruttu":                              {fields{"Tila": "Peruttu"}, false},
		"made at midnight of the start date here":    {fields{"IlmoitusTehty": "2026-02-01T00:00:00+02:00"}, true},
		"made a second before it":                    {fields{"IlmoitusTehty": "2026-01-31T23:59:59+02:00"}, false},
		"made on the start date, without a time":     {fields{"IlmoitusTehty": "2026-02-01"}, true},
		"without a time of creation, moved after it": {fields{"IlmoitusTehty": nil}, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put(101, row.has)
			require.Equal(t, row.started, w.poll().Started == 1)
			require.Equal(t, row.started, w.life(101) != nil)
		})
	}
}

// listsEverything lets the list answer whatever performer it is asked for, as if there were but one.
func (w *world) listsEverything(performer int64) {
	w.row = func(n fields) {
		if n["TyonsuorittajaYritysId"] == json.Number("4711") {
			n["TyonsuorittajaYritysId"] = performer
		}
	}
}

// A list that ignores the performer must not import what is somebody else's, nor move one performer's mark by another's.
func TestANoticeThatIsListedThoughAnotherPerformersIsSkipped(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	w.listsEverything(9)
	require.Equal(t, runs.PollCounts{}, w.poll())
	require.Empty(t, w.marks().Skipped)
}

// A row need not say whose it is. The notice itself may; where not even that does, a person has to know.
func TestARowThatNamesNoPerformerIsNotPassedSilently(t *testing.T) {
	listed := []runs.SkippedNotice{{NoticeID: 101, Reason: runs.SkippedNoPerformer}}
	nameless := func(alone any) func(fields) {
		return func(n fields) {
			if _, whole := n["Toimenpiteet"]; whole {
				n["TyonsuorittajaYritysId"] = alone
			} else {
				n["TyonsuorittajaYritysId"] = nil
			}
		}
	}
	w := newWorld(t)
	w.put(101)
	w.row = nameless(4711)
	require.Equal(t, 1, w.poll().Started, "read alone it says that it is ours")
	require.Empty(t, w.marks().Skipped)

	w = newWorld(t)
	w.put(101)
	w.row = nameless(nil)
	require.Zero(t, w.poll().Started)
	require.Equal(t, listed, w.marks().Skipped)
	w.row = nil
	require.Equal(t, 1, w.poll().Started, "looked at again in each round")
	require.Empty(t, w.marks().Skipped)

	w = newWorld(t)
	w.put(101)
	w.row = nameless(9)
	require.Zero(t, w.poll().Started)
	require.Empty(t, w.marks().Skipped, "the notice itself says that it is another's")
}

func TestOneNoticesTimeOutStopsNoOther(t *testing.T) {
	for name, arrange := range map[string]func(*world){
		"whose row names no performer": func(w *world) {
			w.row = func(n fields) {
				if n["Id"] == json.Number("101") {
					n["TyonsuorittajaYritysId"] = nil
				}
			}
		},
		"that was terminated": func(w *world) {
			w.poll()
			w.end(101, runs.PhaseWorking, terminated)
		},
		"that cannot be read": func(w *world) {
			w.unreadable(101)
			w.poll()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorldWith(t, time.Second)
			w.put(101)
			arrange(w)
			w.put(102)
			w.faults.Add(fault.Fault{Op: "read", Key: "101", Kind: fault.ApplyThenHang, Times: -1})
			counts := w.poll()
			require.Empty(t, counts.Failure)
			require.Equal(t, 1, counts.Started)
			require.NotNil(t, w.life(102))
		})
	}
}

func TestEachPerformerHasItsOwnMark(t *testing.T) {
	w := newWorld(t)
	w.entry().PerformerIDs = []int64{4711, 4712}
	w.put(101)
	w.put(102, fields{"TyonsuorittajaYritysId": 4712})
	w.put(103, fields{"TyonsuorittajaYritysId": 4713})
	w.poll()
	mark := func(performer int64) time.Time {
		at, err := time.Parse(time.RFC3339Nano, w.marks().Lists[performer].Mark)
		require.NoError(t, err)
		return at
	}
	require.True(t, mark(4711).Equal(w.modifiedOf(101)))
	require.True(t, mark(4712).Equal(w.modifiedOf(102)))
	require.Equal(t, []int64{101, 102}, w.temporal.started())

	w.pass(24 * time.Hour)
	w.put(104)
	w.poll() // the others' marks are a day ahead of 103 then
	w.entry().PerformerIDs = []int64{4711, 4713}
	w.poll()
	require.Equal(t, ids(101, 104), w.temporal.started(), "a new performer id is read from the start date")
	require.NotContains(t, w.marks().Lists, int64(4712))
}

func TestMaxNewStopsTheRoundAndTheMarkStaysBeforeWhatIsNotStarted(t *testing.T) {
	w := newWorld(t)
	w.entry().Poll.MaxNew = 2
	for id := range int64(5) {
		w.putAt(101+id, helsinki("2026-03-01 09:00").Add(time.Duration(id)*time.Hour)) // beyond what is read again behind the mark
	}
	counts := w.poll()
	require.Equal(t, runs.PollCounts{Started: 2, Left: true}, counts)
	mark, err := time.Parse(time.RFC3339Nano, w.marks().Lists[4711].Mark)
	require.NoError(t, err)
	require.True(t, mark.Equal(w.modifiedOf(102)))
	require.Equal(t, 2, w.poll().Started)
	require.Equal(t, ids(101, 104), w.temporal.started())
	counts = w.poll()
	require.Equal(t, ids(101, 105), w.temporal.started())
	require.False(t, counts.Left)
}

func TestAnImportWaitsForItsTasksButNotForLong(t *testing.T) {
	w := newWorld(t)
	for id := range int64(4) {
		w.put(101 + id)
	}
	var asked []int // how many were started
	w.temporal.importing = func() int64 {
		asked = append(asked, len(w.temporal.started()))
		return int64(len(asked) % 2)
	}
	require.Equal(t, 4, w.poll().Started)
	require.Equal(t, []int{2, 2, 4, 4}, asked)

	w.temporal.importing = func() int64 { return 1 }
	w.put(105)
	w.put(106)
	require.Equal(t, 2, w.poll().Started, "a task that cannot be made holds no other one up")
}

func TestMaxNewCountsOverPerformers(t *testing.T) {
	w := newWorld(t)
	w.entry().Poll.MaxNew, w.entry().PerformerIDs = 1, []int64{4711, 4712}
	w.put(101)
	w.put(102, fields{"TyonsuorittajaYritysId": 4712})
	require.Equal(t, runs.PollCounts{Started: 1, Left: true}, w.poll())
	require.Equal(t, 1, w.poll().Started)
}

func TestAFailureLosesNoNotice(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	w.temporal.down = serviceerror.NewUnavailable("away")
	require.Equal(t, runs.FaultTemporal, w.poll().Failure)
	w.temporal.down = nil
	w.always("list", fault.Status401)
	require.Equal(t, runs.FaultCredentialsRefused, w.poll().Failure)
	w.mended()
	w.pass(time.Hour)
	require.Equal(t, runs.PollCounts{Started: 1}, w.poll())
}

// What lies before a mark that was made for another start date, or another Tampuuri, has never been read.
func TestAMarkForAnotherStartDateOrTampuuriIsNone(t *testing.T) {
	for name, row := range map[string]struct {
		edit func(*world)
		anew bool
	}{
		"an earlier start date": {func(w *world) { w.entry().StartDate = helsinki("2026-01-01 00:00") }, true},
		"another account": {func(w *world) {
			w.serve("uusi", 4711)
			w.entry().Credentials = w.entryOf("uusi").Credentials
			w.putIn("uusi", 90, fields{"TyonsuorittajaYritysId": 4711, "IlmoitusTehty": "2026-02-01T12:00:00+02:00", "Muokattu": "2026-02-01T12:00:00+02:00"})
		}, true},
		"another interval": {func(w *world) { w.entry().Poll.Every = time.Hour }, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.putAt(90, helsinki("2026-01-15 12:00"), fields{"IlmoitusTehty": "2026-01-15T12:00:00+02:00"})
			w.put(101)
			w.poll()
			require.Equal(t, []int64{101}, w.temporal.started())
			row.edit(w)
			w.forgetCalls()
			w.poll()
			require.Equal(t, row.anew, w.life(90) != nil)
		})
	}
}

func TestTheReReadWindowFindsRowsThatAreCommittedLate(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	w.poll()
	w.putAt(102, w.modifiedOf(101).Add(-rereadWindow+time.Second))
	require.Equal(t, 1, w.poll().Started)
}

// In the autumn night 03:00–04:00 comes twice. To a Tampuuri that keeps its times without an offset, 03:10 of the second
// hour lies before 03:50 of the first one, up to which everything is read.
func TestTheWindowCoversTheHourThatComesTwice(t *testing.T) {
	w := newWorld(t)
	w.at(time.Date(2026, 10, 25, 0, 55, 0, 0, time.UTC))
	w.put(101, fields{"Muokattu": "2026-10-25T03:50:00+03:00"})
	w.poll()
	w.at(time.Date(2026, 10, 25, 1, 10, 0, 0, time.UTC))
	w.put(102, fields{"Muokattu": "2026-10-25T03:10:00+03:00"}) // as it is sorted, and as we read it
	require.Equal(t, 1, w.poll().Started)
}

// A clock that is off must neither lose a notice nor import one twice.
func TestAPeersClockThatIsOffLosesNoNotice(t *testing.T) {
	for _, off := range []time.Duration{-10 * time.Minute, 10 * time.Minute, 24 * 365 * 70 * time.Hour} {
		t.Run(off.String(), func(t *testing.T) {
			w := newWorld(t)
			w.ahead = off
			w.put(101)
			require.Equal(t, 1, w.poll().Started)
			w.ahead = 0 // it is set right, or the next notice is written by a server whose clock is
			w.putAt(102, w.clock)
			require.Equal(t, 1, w.poll().Started)
		})
	}
}

func TestANoticeFromTheFutureHidesNoLaterOne(t *testing.T) {
	w := newWorld(t)
	w.putAt(101, helsinki("2126-01-01 00:00"))
	require.Equal(t, 1, w.poll().Started)
	for id := int64(102); id < 105; id++ {
		w.pass(time.Hour)
		w.putAt(id, w.clock)
		require.Equal(t, 1, w.poll().Started, "notice %d", id)
	}
}

func TestNothingIsImportedTwiceThoughItsRowComesAgain(t *testing.T) {
	w := newWorld(t)
	for id := int64(1); id <= 250; id++ {
		w.putAt(id, helsinki("2026-03-02 09:00"))
	}
	require.Equal(t, 250, w.poll().Started)
	looks := w.temporal.looks
	require.Equal(t, runs.PollCounts{Known: 250}, w.poll())
	require.Equal(t, looks, w.temporal.looks, "what was dealt with as it is now is not looked at again")
	require.Equal(t, notice.State("Uusi"), w.stateOf(250))
}

package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/sandbox/fault"
	hillavastandin "tampuuri-hillava/sandbox/hillava"
)

// forgotten is notice 101, open again after Temporal has forgotten that it was invoiced. Laskutettu was pressed once more
// while its life was over.
func forgotten(t testingT) *job {
	j := newJob(t, "vanha")
	j.poll()
	j.report(j.plan(nil))
	j.press(j.taskID, "Laskutettu")
	j.end(101, runs.PhaseInvoiced, completed)
	j.pass(10 * 24 * time.Hour)
	j.press(j.taskID, "Laskutettu")
	j.reword(j.taskID, j.entries[0], "vanha, korjattu")
	j.pass(85 * 24 * time.Hour)
	delete(j.temporal.lives, j.ref(101).ExternalID)
	j.state(101, "Avoin")
	j.forgetCalls()
	return j
}

var listedAsReopened = []runs.SkippedNotice{{NoticeID: 101, Reason: runs.SkippedReopened}}

func TestANoticeThatTemporalForgotAsInvoicedIsLeftToAPerson(t *testing.T) {
	j := forgotten(t)
	for range 3 {
		j.poll()
		require.Nil(t, j.life(101))
		require.Equal(t, listedAsReopened, j.marks().Skipped)
		require.Equal(t, 1, j.countOf("GET tasks"), "one that is listed is not asked about in each round")
	}
	good(j.world, j.ImportNotice, j.importing(101))
	require.Len(t, j.life(101).start.HandledEvents, 2, "every event that the task has by now")
	j.poll()
	require.Empty(t, j.marks().Skipped)
}

func TestAnOldNoticeWithoutSuchALifeStartsByItself(t *testing.T) {
	for name, arrange := range map[string]func(*world){
		"there is no task": func(*world) {},
		"its task is not touched": func(w *world) {
			w.addTask(101)
		},
		"Työ valmis only": func(w *world) {
			w.press(w.addTask(101), "Työ valmis")
			w.pass(95 * 24 * time.Hour)
		},
		"Laskutettu, which Temporal would still know": func(w *world) {
			taskID := w.addTask(101)
			w.pass(95 * 24 * time.Hour)
			w.press(taskID, "Laskutettu")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put(101, fields{"IlmoitusTehty": "2026-02-01T12:00:00+02:00"})
			w.pass(95 * 24 * time.Hour)
			arrange(w)
			w.forgetCalls()
			require.Equal(t, 1, w.poll().Started)
			require.False(t, w.life(101).start.Restart)
			require.Equal(t, 1, w.countOf("GET tasks"))
		})
	}
}

func TestANewNoticeCostsNoLookAtHillava(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	w.poll()
	require.NotNil(t, w.life(101))
	require.Zero(t, w.countOf("GET tasks"))
}

func TestANoticeThatDoesNotSayWhenItWasMadeMayBeOld(t *testing.T) {
	j := forgotten(t)
	j.edit(101, fields{"IlmoitusTehty": nil})
	j.poll()
	require.Equal(t, listedAsReopened, j.marks().Skipped)
}

// Listed while Temporal knew it, it is so when Temporal does not, whatever the two clocks say; until it is over.
func TestAReopenedNoticeIsListedUntilItIsClosedAgain(t *testing.T) {
	w := reopened(t)
	w.poll()
	require.Equal(t, listedAsReopened, w.marks().Skipped)
	delete(w.temporal.lives, w.ref(101).ExternalID)
	w.poll()
	require.Equal(t, listedAsReopened, w.marks().Skipped)
	w.state(101, notice.Valmis)
	w.poll()
	require.Empty(t, w.marks().Skipped)
}

// A Hillava that is away keeps no old notice from us. That it was invoiced before is then seen when its task is found: what
// came before is dealt with, and only what comes later acts.
func TestAnOldNoticeStartsThoughHillavaDoesNotAnswer(t *testing.T) {
	j := forgotten(t)
	j.put(103)
	j.always("find-task", fault.Status503)
	require.Empty(t, j.poll().Failure)
	require.Equal(t, 1, j.countOf("GET tasks"), "it is not asked for each of them")
	require.NotNil(t, j.life(103))
	require.NotNil(t, j.life(101))

	j.mended()
	created := good(j.world, j.CreateTask, toCreate(j.ref(101)))
	require.Len(t, created.Events, 2)
	for _, event := range created.Events {
		require.True(t, event.Old, "%+v", event)
	}
}

func TestOneEventThatCanBeReadSaysThatANoticeWasInvoiced(t *testing.T) {
	j := forgotten(t)
	j.front = j.oddEvents
	j.poll()
	require.Equal(t, listedAsReopened, j.marks().Skipped)
}

func TestAForgottenNoticeOfAFormerTunnisteKeepsItsTask(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	former := notice.ExternalID("vanha", 101, "")
	w.press(w.addTask(101, func(t *hillavastandin.Task) { t.ExternalID = former }), "Laskutettu")
	w.entry().Formerly = []string{"vanha"}
	w.pass(95 * 24 * time.Hour)
	w.poll()
	require.Equal(t, listedAsReopened, w.marks().Skipped)
	require.Equal(t, former, good(w, w.ImportNotice, w.importing(101)).ExternalID)
}

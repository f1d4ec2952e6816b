package activities

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/sandbox/fault"
)

func (w *world) importing(id int64) runs.ImportInput {
	return runs.ImportInput{Tunniste: "esimerkki", Served: runs.Served{CustomerID: "C-1"}, NoticeID: id}
}

// reopened is notice 101, which was invoiced and is open again.
func reopened(t testingT) *world {
	w := newWorld(t)
	w.put(101)
	w.poll()
	w.press(w.addTask(101), "Laskutettu")
	w.end(101, runs.PhaseInvoiced, completed)
	w.edit(101, fields{"TyötehtävänOtsikko": "Vuotaa taas"})
	return w
}

func TestAReopenedNoticeIsImportedByAPersonsWish(t *testing.T) {
	w := reopened(t)
	w.poll()
	require.False(t, w.life(101).Running, "the poll leaves it to a person")
	told := w.life(101).Snapshot
	imported := good(w, w.ImportNotice, w.importing(101))
	require.Equal(t, w.ref(101).ExternalID, imported.ExternalID)
	start := w.life(101).start
	require.True(t, start.Restart)
	require.Len(t, start.HandledEvents, 1, "the events that its task has belong to the life before")
	require.Equal(t, told.Prints, start.Snapshot.Prints, "its task is told of what has changed since")
	require.Contains(t, w.log.String(), "notice.import")
}

func TestWhatTemporalHasForgottenOrErasedIsImportedToo(t *testing.T) {
	t.Run("forgotten", func(t *testing.T) {
		w := reopened(t)
		delete(w.temporal.lives, w.ref(101).ExternalID)
		good(w, w.ImportNotice, w.importing(101))
		require.False(t, w.life(101).start.Restart, "nothing is known of a life before: CreateTask looks at its events")
	})
	t.Run("erased", func(t *testing.T) {
		w := reopened(t)
		delete(w.temporal.lives, w.ref(101).ExternalID)
		w.temporal.erased[w.ref(101).ExternalID] = runs.PhaseInvoiced
		good(w, w.ImportNotice, w.importing(101))
		require.Len(t, w.life(101).start.HandledEvents, 1)
	})
	t.Run("Tehty, as it may have been ours before Temporal lost it", func(t *testing.T) {
		w := newWorld(t)
		w.put(101, fields{"Tila": "Tehty"})
		good(w, w.ImportNotice, w.importing(101))
		require.Equal(t, runs.StandingTehty, w.life(101).start.Snapshot.Standing)
	})
	t.Run("under a former Tunniste", func(t *testing.T) {
		w := newWorld(t)
		w.put(101)
		old := w.endedAsFormerly(101, runs.PhaseInvoiced)
		require.Equal(t, old.ExternalID, good(w, w.ImportNotice, w.importing(101)).ExternalID)
		require.Len(t, w.temporal.lives, 1)
	})
}

func TestAnImportThatIsNotPossibleSaysWhy(t *testing.T) {
	const guid = "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11"
	for name, row := range map[string]struct {
		arrange  func(*world)
		expected string
	}{
		"no entry":              {func(w *world) { w.settings.list = nil }, "no entry"},
		"a fault of the entry":  {func(w *world) { w.entry().Faults = []string{"no consent"} }, "no consent"},
		"no such notice":        {func(w *world) { w.remove(101) }, "no notice 101"},
		"another performer's":   {func(w *world) { w.give(101, 9) }, "not ours"},
		"nobody's":              {func(w *world) { w.give(101, 0) }, "not ours"},
		"Valmis":                {func(w *world) { w.state(101, notice.Valmis) }, "is Valmis"},
		"Peruttu":               {func(w *world) { w.state(101, notice.Peruttu) }, "is Peruttu"},
		"before the start date": {func(w *world) { w.edit(101, fields{"IlmoitusTehty": "2026-01-01T12:00:00+02:00"}) }, "before the customer's start date"},
		"it runs":               {func(w *world) { w.poll() }, "runs already"},
		"its id is another one's": {func(w *world) {
			w.edit(101, fields{"Guid": guid})
			other := runs.NoticeRef{Customer: "toinen", NoticeID: 5, ExternalID: guid}
			w.must(w.temporal.StartNotice(w.t.(*testing.T).Context(), runs.NoticeStart{Ref: other}))
		}, "another notice"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put(101)
			row.arrange(w)
			before := len(w.temporal.lives)
			_, failure := run(w, w.ImportNotice, w.importing(101))
			require.NotNil(t, failure)
			require.True(t, failure.NonRetryable())
			require.Contains(t, failure.Error(), row.expected)
			require.Len(t, w.temporal.lives, before)
		})
	}
	w := newWorld(t)
	w.put(101)
	in := w.importing(101)
	in.Served.Reasons = []string{"the customer's name in Hillava differs"}
	_, failure := run(w, w.ImportNotice, in)
	require.Contains(t, failure.Error(), "name in Hillava differs")
}

func TestAnImportThatIsNotPossibleNowIsTriedAgain(t *testing.T) {
	for name, row := range map[string]struct {
		arrange func(*world)
		kind    string
	}{
		"Tampuuri is away": {func(w *world) { w.always("read", fault.Status503) }, runs.FaultUnavailable},
		"Hillava is away":  {func(w *world) { w.always("find-task", fault.Status503) }, runs.FaultUnavailable},
		"Temporal is away": {func(w *world) { w.temporal.down = serviceerror.NewUnavailable("away") }, runs.FaultTemporal},
	} {
		t.Run(name, func(t *testing.T) {
			w := reopened(t)
			row.arrange(w)
			_, failure := run(w, w.ImportNotice, w.importing(101))
			requireRetryable(t, row.kind, failure)
		})
	}
}

// lostAnswer is a Temporal whose first start of a notice is done, and its answer lost.
type lostAnswer struct {
	*temporalInMemory
	lost bool
}

func (l *lostAnswer) StartNotice(ctx context.Context, start runs.NoticeStart) error {
	err := l.temporalInMemory.StartNotice(ctx, start)
	if err == nil && !l.lost {
		l.lost = true
		return serviceerror.NewUnavailable("away")
	}
	return err
}

func TestAnImportWhoseStartWasNotAnsweredIsDone(t *testing.T) {
	w := reopened(t)
	w.Rounds.Runs = &lostAnswer{temporalInMemory: w.temporal}
	w.scheduled = w.clock
	_, failure := run(w, w.ImportNotice, w.importing(101))
	requireRetryable(t, runs.FaultTemporal, failure)
	w.pass(time.Second)
	w.number = 2
	require.Equal(t, w.ref(101).ExternalID, good(w, w.ImportNotice, w.importing(101)).ExternalID)

	w.pass(time.Second)
	w.scheduled = w.clock
	_, failure = run(w, w.ImportNotice, w.importing(101))
	require.ErrorContains(t, failure, "runs already", "of another import it is none")
}

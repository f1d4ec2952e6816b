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

// chain has notice 101 with its task, and 102 that was chained from it an hour later.
type chain struct {
	*world
	taskID string
}

func newChain(t testingT) *chain {
	c := &chain{world: newWorld(t)}
	c.put(101)
	c.poll()
	c.taskID = c.addTask(101)
	c.pass(time.Hour)
	c.put(102, fields{"ParentId": 101, "IlmoitusTehty": c.clock.Format(time.RFC3339)})
	return c
}

// restarted lets the life of the child end, and the next one begin a while later. By then Hillava knows no key any more.
func (c *chain) restarted(after time.Duration) {
	c.end(102, runs.PhaseWithdrawn, completed)
	c.pass(after)
	c.hillava.ForgetKeys()
	c.edit(102, fields{})
	require.Equal(c.t, 1, c.poll().Started)
}

func (c *chain) in() runs.ParentInput { return runs.ParentInput{NoticeRef: c.ref(102), ParentID: 101} }

func TestAChainedNoticeIsNotedOnceOnTheTaskOfItsParent(t *testing.T) {
	c := newChain(t)
	require.EqualValues(t, 101, good(c.world, c.CreateTask, toCreate(c.ref(102))).ParentID, "so the workflow knows whom to tell")
	c.once("note", fault.ApplyThen500)
	_, failure := run(c.world, c.NoteOnParent, c.in())
	requireRetryable(t, runs.FaultUnavailable, failure)
	good(c.world, c.NoteOnParent, c.in())
	require.Len(t, c.notes(c.taskID), 1)
	require.Contains(t, c.notes(c.taskID)[0], "ketjutettu uusi ilmoitus 102")
	require.Contains(t, c.notes(c.taskID)[0], "2.3.2026")
}

// A long life goes on in a new run, and so does one whose step is tried now: neither was imported then.
func TestAParentWhoseRunIsANewOneIsToldOfItsChild(t *testing.T) {
	c := newChain(t)
	c.pass(time.Hour)
	c.life(101).Started = c.clock
	good(c.world, c.NoteOnParent, c.in())
	require.Len(t, c.notes(c.taskID), 1)
}

func TestAParentThatStartedAgainIsToldOfAChildOfBetween(t *testing.T) {
	c := newChain(t)
	c.end(101, runs.PhaseWithdrawn, completed)
	c.pass(time.Hour)
	c.edit(101, fields{})
	c.poll()
	require.True(t, c.life(101).Running)
	good(c.world, c.NoteOnParent, c.in())
	require.Len(t, c.notes(c.taskID), 1)
}

func TestAParentIsToldOnceThoughItsChildStartsAgain(t *testing.T) {
	c := newChain(t)
	c.poll()
	good(c.world, c.NoteOnParent, c.in())
	c.restarted(40 * 24 * time.Hour)
	good(c.world, c.NoteOnParent, c.in())
	require.Len(t, c.notes(c.taskID), 1)
	c.restarted(time.Hour)
	good(c.world, c.NoteOnParent, c.in())
	require.Len(t, c.notes(c.taskID), 1, "however often")
}

// A Hillava that was away over a weekend makes no child an old one.
func TestAParentIsToldOfAChildWhoseTaskTookLong(t *testing.T) {
	c := newChain(t)
	c.poll()
	c.pass(60 * time.Hour)
	good(c.world, c.NoteOnParent, c.in())
	require.Len(t, c.notes(c.taskID), 1)
}

func TestWhatIsNoNewsForTheParentIsNotNoted(t *testing.T) {
	for name, arrange := range map[string]func(*chain){
		"chained before the parent was imported": func(c *chain) { c.life(101).Imported = c.clock.Add(time.Hour) },
		"the parent is not ours":                 func(c *chain) { delete(c.temporal.lives, c.ref(101).ExternalID) },
		"the parent has no task":                 func(c *chain) { c.must(c.hillava.DeleteTask(c.taskID)) },
	} {
		t.Run(name, func(t *testing.T) {
			c := newChain(t)
			arrange(c)
			good(c.world, c.NoteOnParent, c.in())
			require.Zero(t, c.count("POST tasks/"))
		})
	}
}

// The child has its task already: whatever befalls the note holds nothing of it back, and says why it is not there.
func TestAParentThatCannotBeNotedSaysWhy(t *testing.T) {
	for name, row := range map[string]struct {
		arrange func(*chain)
		kind    string
		retried bool
	}{
		"the parent answers 500": {func(c *chain) {
			c.faults.Add(fault.Fault{Op: "read", Key: "101", Kind: fault.Status500, Times: -1})
		}, runs.FaultUnavailable, true},
		"the parent cannot be read": {func(c *chain) { c.unreadable(101) }, runs.ReasonUnreadable, false},
		"the parent is gone":        {func(c *chain) { c.remove(101) }, runs.ReasonTampuuriRefused, false},
		"its task is another customer's": {func(c *chain) {
			c.serve("toinen", 12)
			c.must(c.hillava.DeleteTask(c.taskID))
			c.taskID = c.addTask(101, payer("C-2"))
		}, runs.ReasonForeignTask, false},
		"Hillava refuses the note": {func(c *chain) { c.always("note", fault.Status422) }, runs.ReasonHillavaRefused, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := newChain(t)
			row.arrange(c)
			_, failure := run(c.world, c.NoteOnParent, c.in())
			require.NotNil(t, failure)
			require.Equal(t, row.kind, failure.Type())
			require.Equal(t, row.retried, !failure.NonRetryable())
			require.NotEmpty(t, good(c.world, c.CreateTask, toCreate(c.ref(102))).TaskID, "the child gets its task all the same")
		})
	}
}

func TestTheTaskOfAParentUnderAFormerTunnisteIsTold(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	old := runs.NoticeRef{Customer: "vanha", NoticeID: 101, ExternalID: notice.ExternalID("vanha", 101, "")}
	w.must(w.temporal.StartNotice(t.Context(), runs.NoticeStart{Ref: old, Snapshot: runs.Snapshot{Standing: runs.StandingOpen}}))
	w.entry().Formerly = []string{"vanha"}
	taskID := w.addTask(101, func(t *hillavastandin.Task) { t.ExternalID = old.ExternalID })
	w.pass(time.Hour)
	w.put(102, fields{"ParentId": 101, "IlmoitusTehty": w.clock.Format(time.RFC3339)})
	good(w, w.NoteOnParent, runs.ParentInput{NoticeRef: w.ref(102), ParentID: 101})
	require.Len(t, w.notes(taskID), 1)
}

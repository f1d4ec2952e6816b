package e2e

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
)

func TestEditedAfterImport(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	n := w.importOne()
	before := n.task().Task

	n.edit(map[string]any{"TyötehtävänKuvaus": "Hana vuotaa jo lattialle."})
	notes := n.waitNotes(1)
	require.Regexp(t, `^Muutettu Tampuurissa \d+\.\d+\.\d{4}`, notes[0], "a dated note")
	require.Contains(t, notes[0], "Kuvaus: Hana vuotaa jo lattialle.")
	n.edit(map[string]any{"Sisäänpääsy": "Avain huoltomiehellä", "Kotieläimet": "Kissa"})
	notes = n.waitNotes(2)
	require.Contains(t, notes[1], "Sisäänpääsy: Avain huoltomiehellä")
	require.Contains(t, notes[1], "Kotieläimet: Kissa")
	require.NotContains(t, notes[1], "Kuvaus", "the earlier change is noted once")

	after := n.task().Task
	after.ModifiedAt = before.ModifiedAt
	require.Equal(t, before, after, "nothing on the task is overwritten")
	n.finish(1, 2)
	w.polled("esimerkki")
	require.Len(t, n.notes(), 2, "what we wrote ourselves is no edit")
	status := n.status()
	require.Equal(t, 2, status.count("changed"))
	// A poll may see Tehty in the moment before the workflow knows that its own write went through.
	require.LessOrEqual(t, n.ran("FollowNotice"), 3, "one look per change, and at most one for our own Tehty")
}

func TestChainedAfterImport(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	n := w.importOne()
	child, err := w.Tampuuri.Chain("esimerkki", n.id, 4711)
	require.NoError(t, err)
	_, err = w.WaitTask(w.context(), "esimerkki", child)
	require.NoError(t, err)
	notes := n.waitNotes(1) // beside the child's own task: a parent that fails must not hold that
	require.Regexp(t, fmt.Sprintf(`^\d+\.\d+\.\d{4} klo \d+\.\d\d: .*ketjutettu uusi ilmoitus %d`, child), notes[0], "a dated note")
	n.finish(1, 2)
	require.Len(t, n.notes(), 1)
}

func TestOurOwnWritesAreNoEdits(t *testing.T) {
	w := start(t, stack.Options{})
	var notices []imported
	for range 8 {
		notices = append(notices, w.importOne())
	}
	for _, n := range notices {
		n.addEntry("2026-02-03", "Testi Asentaja", "Tehty.")
		n.press("Työ valmis")
	}
	for _, n := range notices {
		n.waitState("Tehty")
	}
	w.polled("esimerkki") // polls and reconciliations look at the notices while they are Tehty by us
	for _, n := range notices {
		n.press("Laskutettu")
	}
	looks := 0
	for _, n := range notices {
		n.waitPhase("Completed", "invoiced")
		require.Empty(t, n.notes())
		require.Zero(t, n.status().count("changed"))
		looks += n.ran("FollowNotice")
	}
	require.LessOrEqual(t, looks, len(notices)/2, "only a poll between our write and the workflow's knowing of it makes it look")
}

func TestTakenAwayFromUs(t *testing.T) {
	t.Parallel()
	const uusi = "Uusi"
	ways := []struct {
		name, reason, note string
		away, back         func(n imported) error
	}{
		{"cancelled", "cancelled-in-tampuuri", "peruttu",
			func(n imported) error { return n.Tampuuri.Cancel(n.tunniste, n.id) },
			func(n imported) error { return n.Tampuuri.SetState(n.tunniste, n.id, uusi) }},
		{"reassigned", "given-to-another", "toiselle suorittajalle",
			func(n imported) error { return n.Tampuuri.Assign(n.tunniste, n.id, 9999) },
			func(n imported) error { return n.Tampuuri.Assign(n.tunniste, n.id, 4711) }},
		{"taken from everybody", "given-to-another", "toiselle suorittajalle",
			func(n imported) error { return n.Tampuuri.Assign(n.tunniste, n.id, 0) },
			func(n imported) error { return n.Tampuuri.Assign(n.tunniste, n.id, 4711) }},
		{"deleted", "deleted-in-tampuuri", "poistettu",
			func(n imported) error { return n.Tampuuri.Delete(n.tunniste, n.id) }, nil},
	}
	w := start(t, stack.Options{})
	for _, way := range ways {
		for _, begun := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, work begun %v", way.name, begun), func(t *testing.T) {
				n := w.within(t).importOne()
				if begun {
					n.addEntry("2026-02-02", "Testi Asentaja", "Käyty katsomassa.")
				}
				run := n.runID()
				require.NoError(t, way.away(n))
				notes := n.waitNotes(1)
				require.Contains(t, notes[0], way.note)
				if begun {
					n.waitAttention(way.reason)
				} else {
					n.waitPhase("Running", "withdrawn")
				}
				if way.back == nil {
					return
				}
				require.NoError(t, way.back(n))
				n.waitPhase("Running", "working")
				notes = n.waitNotes(2)
				require.Contains(t, notes[1], "taas avoinna")
				require.Equal(t, run, n.runID(), "the same workflow goes on")
				toimenpiteet := 1
				if begun {
					toimenpiteet = 2
				}
				n.finish(toimenpiteet, 2)
			})
		}
	}
}

func TestWorkReportedWhileWithdrawn(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	n := w.importOne()
	require.NoError(t, w.Tampuuri.Assign("esimerkki", n.id, 9999))
	n.waitPhase("Running", "withdrawn")
	n.press("Työ valmis")
	n.waitAttention("worked-while-withdrawn")
	require.Equal(t, "Uusi", w.State("esimerkki", n.id), "nothing is written to a notice that is not ours")
	require.NoError(t, w.Tampuuri.Assign("esimerkki", n.id, 4711))
	n.waitState("Tehty", "given back, what was reported goes")
}

func TestValmisByHand(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	t.Run("with nothing unsent it is over", func(t *testing.T) {
		n := w.within(t).importOne()
		require.NoError(t, n.Tampuuri.SetState("esimerkki", n.id, "Valmis"))
		n.waitPhase("Completed", "invoiced")
		require.Equal(t, "tampuuri", n.status().ClosedBy)
		require.Contains(t, n.waitNotes(1)[0], "suljettu käsin")
	})
	t.Run("with an unsent time entry a person decides", func(t *testing.T) {
		n := w.within(t).importOne()
		n.addEntry("2026-02-02", "Testi Asentaja", "Käyty.")
		require.NoError(t, n.Tampuuri.SetState("esimerkki", n.id, "Valmis"))
		n.waitAttention("closed-in-tampuuri")
		require.Contains(t, n.waitNotes(1)[0], "suljettu käsin")
		n.press("Laskutettu")
		n.waitSignals(1)
		require.NoError(t, n.Tampuuri.SetState("esimerkki", n.id, "Uusi"), "reopened, as the advice says")
		n.waitPhase("Completed", "invoiced")
		n.requireEnd(1, 1)
		require.Equal(t, "hillava", n.status().ClosedBy)
	})
	t.Run("Tehty by hand is no obstacle", func(t *testing.T) {
		n := w.within(t).importOne()
		require.NoError(t, n.Tampuuri.SetState("esimerkki", n.id, "Tehty"))
		n.waitNotes(1)
		n.press("Työ valmis")
		n.press("Laskutettu")
		n.waitPhase("Completed", "invoiced")
		n.requireEnd(0, 1)
	})
}

func TestStartsAgainWhenOpenAndOurs(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	t.Run("terminated", func(t *testing.T) {
		n := w.within(t).importOne()
		run := n.runID()
		require.NoError(t, n.client.TerminateWorkflow(n.context(), n.workflowID, "", "by a test"))
		require.NoError(t, stack.WaitFor(n.context(), "another run", func(context.Context) error {
			if n.runID() == run {
				return errors.New("still the terminated one")
			}
			return nil
		}))
		n.waitPhase("Running", "working")
		n.finish(1, 2)
	})
	t.Run("dismissed, then edited", func(t *testing.T) {
		n := w.within(t).importOne()
		run := n.runID()
		n.starter("notice", "dismiss", "--yes", "--code", "other", fmt.Sprintf("esimerkki/%d", n.id))
		n.waitPhase("Completed", "dismissed")
		n.polled("esimerkki")
		require.Equal(t, run, n.runID(), "a dismissal stands until the notice moves")
		n.edit(map[string]any{"TyötehtävänLisätiedot": "Tulkaa sittenkin."})
		n.waitPhase("Running", "working")
		require.NotEqual(t, run, n.runID())
		n.finish(1, 2)
	})
}

func TestReopenedAfterValmis(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	n := w.importOne()
	n.finish(1, 2)
	run := n.runID()
	for _, entry := range n.task().TimeEntries {
		entry.CustomerSummary += " Korjattu jälkeenpäin."
		require.NoError(t, w.Hillava.EditTimeEntry(n.taskID, entry))
	}
	require.NoError(t, w.Tampuuri.SetState("esimerkki", n.id, "Uusi"))
	w.waitListedAsReopened()
	w.polled("esimerkki")
	require.Equal(t, run, n.runID(), "only a person starts it again")

	w.starter("notice", "import", "esimerkki", fmt.Sprint(n.id))
	require.NotContains(t, w.starter("customers", "list", "--json"), "reopened in Tampuuri")
	n.waitPhase("Running", "working")
	require.NotEqual(t, run, n.runID())
	n.press(hillava.TransitionReopen) // moves the task, so that the reconciliation looks at it
	w.polled("esimerkki")
	require.Equal(t, "Uusi", w.State("esimerkki", n.id), "what was reported before it was reopened is no news")
	n.press("Työ valmis")
	n.waitState("Tehty")
	n.press("Laskutettu")
	n.requireEnd(1, 4) // the entry that was corrected between the two lives is not sent a second time
}

func (w *world) waitListedAsReopened() {
	w.t.Helper()
	require.NoError(w.t, stack.WaitFor(w.context(), "the list to name it", func(context.Context) error {
		if list := w.starter("customers", "list", "--json"); !strings.Contains(list, "reopened in Tampuuri") {
			return errors.New(list)
		}
		return nil
	}))
}

// TestReopenedAfterItWasErased: Temporal knows nothing of it any more, and its task still has the events of its first life.
func TestReopenedAfterItWasErased(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	n := w.importOne()
	n.finish(1, 2)
	n.starterAct("erase", "--yes")
	_, err := n.client.DescribeWorkflowExecution(n.context(), n.workflowID, "")
	require.ErrorAs(t, err, new(*serviceerror.NotFound))
	require.NoError(t, w.Tampuuri.SetState("esimerkki", n.id, "Uusi"))
	w.waitListedAsReopened()
	w.polled("esimerkki")
	require.Equal(t, "Uusi", w.State("esimerkki", n.id))
	require.NotContains(t, w.starter("notice", "list", "--all", "-o", "wide"), n.workflowID)

	w.starter("notice", "import", "esimerkki", fmt.Sprint(n.id))
	n.waitPhase("Running", "working")
	n.press(hillava.TransitionReopen) // moves the task, so that the reconciliation looks at it
	w.polled("esimerkki")
	require.Equal(t, "Uusi", w.State("esimerkki", n.id), "what was reported before it was erased is no news")
	n.finish(2, 4)
}

// busyMachine is how much longer something may take when other programs want the cores just then.
const busyMachine = 30 * time.Second

func TestOneCustomersPausedPoll(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	began := time.Now()
	before := w.importOne()
	usual := time.Since(began)
	w.pausePolling("esimerkki")
	w.starter("customers", "sync")

	waiting := w.someNotice("esimerkki", 4711)
	began = time.Now()
	other := w.imported("toinen", w.someNotice("toinen", 120))
	lag := time.Since(began)
	t.Logf("the other customer's notice had its task after %.1f s", lag.Seconds())
	require.Less(t, lag, usual+2*time.Second+busyMachine, "nothing else lags")
	began = time.Now()
	before.edit(map[string]any{"TyötehtävänKuvaus": "Muuttunut."})
	require.Contains(t, before.waitNotes(1)[0], "Muuttunut.", "the reconciliation sees it although nobody polls")
	require.Less(t, time.Since(began), 2*reconcileEvery+busyMachine, "by its next round, or the one after")
	other.finish(1, 2)
	before.finish(1, 2)
	tasks, err := w.Tasks("esimerkki", waiting)
	require.NoError(t, err)
	require.Empty(t, tasks)
	require.Contains(t, w.starter("customers", "list", "--json"), "a person's pause", "a sync keeps it")

	w.resumePolling("esimerkki")
	_, err = w.WaitTask(w.context(), "esimerkki", waiting)
	require.NoError(t, err)
}

func TestTurvakieltoSetAfterImport(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	n := w.importOne()
	n.edit(map[string]any{"TilaajanTurvakielto": true, "TyötehtävänKuvaus": "Testi Tilaaja avaa, numero 0400000001."})
	n.waitAttention("turvakielto-set")
	note := n.waitNotes(1)[0]
	require.Contains(t, note, "TURVAKIELTO")
	require.Contains(t, note, "Kuvaus:", "the other change is told too")
	for _, masked := range []string{"Testi Tilaaja", "0400000001", "000 0001", "tilaaja@example.com"} {
		require.NotContains(t, note, masked)
	}
	n.press("Työ valmis")
	n.waitState("Tehty", "it stops nothing")
	require.Equal(t, "attention", n.status().Phase)
	w.starter("notice", "resend", fmt.Sprintf("esimerkki/%d", n.id))
	n.waitPhase("Running", "done")
	n.press("Laskutettu")
	n.waitPhase("Completed", "invoiced")
	require.Len(t, n.notes(), 1)
}

func TestRefusedForGoodWaitsForAPerson(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	t.Run("the task", func(t *testing.T) {
		w := w.within(t)
		refusal := w.Faults.Add(fault.Fault{System: "hillava", Op: hillava.OpCreateTask, Times: -1, Kind: fault.Status422})
		id := w.someNotice("esimerkki", 4711)
		_, err := w.WaitWorkflow(w.context(), w.client, "esimerkki", id, "Running", "attention")
		require.NoError(t, err)
		require.Equal(t, "hillava-refused", w.known("esimerkki", id).status().Attention.Reason)
		w.Faults.Remove(refusal)
		w.starter("notice", "resend", fmt.Sprintf("esimerkki/%d", id))
		n := w.imported("esimerkki", id)
		n.waitPhase("Running", "working")
		n.finish(1, 2)
	})
	t.Run("the note of an edit", func(t *testing.T) {
		n := w.within(t).importOne()
		refusal := n.Faults.Add(fault.Fault{System: "hillava", Op: hillava.OpNote, Times: -1, Kind: fault.Status422})
		n.edit(map[string]any{"TyötehtävänKuvaus": "Muuttunut."})
		n.waitAttention("hillava-refused")
		n.Faults.Remove(refusal)
		n.starter("notice", "resend", fmt.Sprintf("esimerkki/%d", n.id))
		require.Contains(t, n.waitNotes(1)[0], "Muuttunut.")
		n.waitPhase("Running", "working")
		n.finish(1, 2)
	})
}

func TestApprovedTimeEntriesOnly(t *testing.T) {
	t.Parallel()
	customers := stack.DefaultCustomers()
	customers[0].Entry = map[string]any{"time_entries": map[string]any{"approved_only": true}}
	w := start(t, stack.Options{Customers: customers, ReconcileEvery: 3 * time.Second})
	n := w.importOne()
	first := n.addEntry("2026-02-03", "Testi Asentaja", "Yksi.")
	second := n.addEntry("2026-02-04", "Testi Asentaja", "Kaksi.")
	n.press("Työ valmis")
	n.press("Laskutettu")
	n.waitState("Tehty")
	require.NoError(t, w.Hillava.ApproveTimeEntry(n.taskID, first))
	w.polled("esimerkki")
	n.waitPhase("Running", "done")
	require.Equal(t, "Tehty", w.State("esimerkki", n.id), "it waits for the second entry")
	require.NoError(t, w.Hillava.ApproveTimeEntry(n.taskID, second))
	n.waitPhase("Completed", "invoiced")
	n.requireEnd(2, 2)
}

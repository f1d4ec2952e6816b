package e2e

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

// lifePaths are the ways through a notice's life. Each ends closed in a phase, as a closed history is compared to its end.
var lifePaths = []struct {
	name, ends string
	live       func(*world) imported
}{
	{"happy", "invoiced", liveHappily},
	{"laskutettu-alone", "invoiced", liveWithLaskutettuAlone},
	{"out-of-order-and-doubled", "invoiced", liveOutOfOrder},
	{"tyo-valmis-last-in-an-outage", "invoiced", liveThroughAnOutage},
	{"tyo-valmis-once-the-toimenpiteet-have-begun", "invoiced", liveWithTyoValmisTooLate},
	{"create-refused-and-resent", "invoiced", liveWithCreateRefused},
	{"tehty-refused-and-skipped", "invoiced", liveWithTehtyRefused},
	{"toimenpide-refused-and-resent", "invoiced", liveWithToimenpideRefused},
	{"tehty-refused-for-no-reason-and-resent", "invoiced", liveWithTehtyRefusedForNoReason},
	{"note-refused-and-resent", "invoiced", liveWithNoteRefused},
	{"withdrawn-and-given-back", "invoiced", liveWithdrawn},
	{"cancelled-with-work-begun-and-dismissed", "dismissed", liveCancelled},
	{"valmis-by-hand", "invoiced", liveToValmisByHand},
	{"accepted-and-approved-only", "invoiced", liveWaitingForApproval},
	{"edited-with-turvakielto", "invoiced", liveEdited},
	{"edited-once-work-has-begun", "invoiced", liveEditedOnceWorkHasBegun},
	{"cancel-from-the-web-ui", "dismissed", liveUntilCancel},
	{"dismissed-while-importing", "dismissed", liveUntilDismissed},
	{"dismissed-while-tampuuri-is-away", "dismissed", liveUntilDismissedUnseen},
	{"chained", "invoiced", liveChained},
	{"chained-while-hillava-is-away", "invoiced", liveChainedWhileHillavaIsAway},
	{"chained-and-the-note-refused", "invoiced", liveChainedWithTheNoteRefused},
	{"continued-as-new", "invoiced", liveContinued},
	{"reminded-of-laskutettu", "invoiced", liveReminded},
	{"reminded-until-laskutettu", "invoiced", liveRemindedInVain},
}

func liveHappily(w *world) imported {
	n := w.importOne()
	n.finish(1, 2)
	return n
}

func liveWithLaskutettuAlone(w *world) imported {
	n := w.importOne()
	n.press("Laskutettu")
	return n
}

// liveOutOfOrder: Laskutettu, then Työ valmis, each twice, while Hillava lets no task be made.
func liveOutOfOrder(w *world) imported {
	n, refusal := w.importWith(fault.Fault{System: "hillava", Op: hillava.OpCreateTask, Times: -1, Kind: fault.Status503})
	for _, signal := range []string{runs.Laskutettu.Name(), runs.Laskutettu.Name(), runs.TyoValmis.Name(), runs.TyoValmis.Name()} {
		n.signal(signal, "event-of-"+signal)
	}
	w.Faults.Remove(refusal)
	return n
}

// liveThroughAnOutage: Laskutettu, then Työ valmis, while Tampuuri is away.
func liveThroughAnOutage(w *world) imported {
	return liveWithTyoValmisLast(w, fault.Fault{Op: tampuuri.OpRead, Kind: fault.ResetBefore})
}

// liveWithTyoValmisTooLate: the toimenpide is there and Valmis is not yet, as Työ valmis comes.
func liveWithTyoValmisTooLate(w *world) imported {
	return liveWithTyoValmisLast(w, fault.Fault{Op: tampuuri.OpTila, Kind: fault.Status503})
}

// liveWithTyoValmisLast: Työ valmis comes while Laskutettu meets the fault.
func liveWithTyoValmisLast(w *world, met fault.Fault) imported {
	n := w.importOne()
	n.addEntry("2026-02-03", "Testi Asentaja", "Valmista tuli.")
	met.System, met.Key, met.Times = "tampuuri", fmt.Sprint(n.id), -1
	trouble := w.Faults.Add(met)
	n.press("Laskutettu")
	require.NoError(w.t, w.Faults.AwaitFired(w.context(), trouble, 1))
	n.signal(runs.TyoValmis.Name(), "last")
	n.waitSignals(2)
	w.Faults.Remove(trouble)
	return n
}

func liveWithCreateRefused(w *world) imported {
	n, refusal := w.importWith(fault.Fault{System: "hillava", Op: hillava.OpCreateTask, Times: -1, Kind: fault.Status422})
	n.waitAttention("hillava-refused")
	w.Faults.Remove(refusal)
	n.starterAct("resend")
	n.waitPhase("Running", "working")
	n = w.imported(n.tunniste, n.id)
	n.finish(1, 2)
	return n
}

func liveWithTehtyRefused(w *world) imported {
	n := w.importOne()
	w.Faults.Add(n.faultInTampuuri(tampuuri.OpTila, fault.Status400, 1))
	n.press("Työ valmis")
	n.waitAttention("tampuuri-refused")
	n.press("Laskutettu")
	return n
}

func liveWithToimenpideRefused(w *world) imported {
	n := w.importOne()
	n.addEntry("2026-02-03", "Testi Asentaja", "Valmista tuli.")
	w.Faults.Add(n.faultInTampuuri(tampuuri.OpToimenpide, fault.Status400, 1))
	n.press("Laskutettu")
	n.waitAttention("tampuuri-refused")
	n.signal(runs.TyoValmis.Name(), "too-late")
	n.starterAct("resend")
	return n
}

// liveWithTehtyRefusedForNoReason: Tampuuri says that the notice is not ours, and shows it as ours.
func liveWithTehtyRefusedForNoReason(w *world) imported {
	n := w.importOne()
	w.Faults.Add(n.faultInTampuuri(tampuuri.OpTila, fault.Status403, 1))
	n.press("Työ valmis")
	n.waitAttention(runs.ReasonNotOurs)
	n.starterAct("resend")
	n.waitState("Tehty")
	n.press("Laskutettu")
	return n
}

// liveWithNoteRefused: it stops nothing but the note.
// liveWithNoteRefused: a poll that sees our own Tehty looks again too, so that the note may be there before the resend.
func liveWithNoteRefused(w *world) imported {
	n := w.importOne()
	refused := w.Faults.Add(fault.Fault{System: "hillava", Op: hillava.OpNote, Key: n.taskID, Kind: fault.Status422, Times: -1})
	n.edit(map[string]any{"TyötehtävänKuvaus": "Hana vuotaa jo lattialle."})
	n.waitAttention(runs.ReasonHillavaRefused)
	n.press("Työ valmis")
	n.waitState("Tehty")
	w.Faults.Remove(refused)
	n.starterAct("resend")
	n.waitNotes(1)
	require.NoError(n.t, stack.WaitFor(n.context(), "the edit to be acknowledged", func(context.Context) error {
		status := n.status()
		if status.count("changed") == 1 && status.Attention == nil {
			return nil
		}
		if status.Attention != nil && status.Attention.Reason == runs.ReasonEdited {
			n.starterAct("resend")
		}
		return fmt.Errorf("it is in phase %s", status.Phase)
	}))
	n.press("Laskutettu")
	return n
}

// liveEditedOnceWorkHasBegun: a person should know, and nothing waits for one.
func liveEditedOnceWorkHasBegun(w *world) imported {
	n := w.importOne()
	n.addEntry("2026-02-02", "Testi Asentaja", "Käyty katsomassa.")
	n.edit(map[string]any{"TyötehtävänKuvaus": "Hana vuotaa jo lattialle."})
	n.waitNotes(1)
	n.waitAttention(runs.ReasonEdited)
	n.press("Työ valmis")
	n.waitState("Tehty")
	n.press("Laskutettu")
	return n
}

func liveWithdrawn(w *world) imported {
	n := w.importOne()
	require.NoError(w.t, w.Tampuuri.Assign(n.tunniste, n.id, 9999))
	n.waitPhase("Running", "withdrawn")
	require.NoError(w.t, w.Tampuuri.Assign(n.tunniste, n.id, 4711))
	n.waitPhase("Running", "working")
	n.finish(1, 2)
	return n
}

func liveCancelled(w *world) imported {
	n := w.importOne()
	n.addEntry("2026-02-02", "Testi Asentaja", "Käyty katsomassa.")
	require.NoError(w.t, w.Tampuuri.Cancel(n.tunniste, n.id))
	n.waitAttention("cancelled-in-tampuuri")
	n.starterAct("dismiss", "--yes", "--code", "not-ours")
	return n
}

func liveToValmisByHand(w *world) imported {
	n := w.importOne()
	require.NoError(w.t, w.Tampuuri.SetState(n.tunniste, n.id, "Valmis"))
	return n
}

func liveWaitingForApproval(w *world) imported {
	n := w.imported("toinen", w.someNotice("toinen", 120))
	n.waitState("Vastaanotettu")
	entry := n.addEntry("2026-02-03", "Testi Asentaja", "Odottaa.")
	n.press("Työ valmis")
	n.waitState("Tehty")
	n.press("Laskutettu")
	require.NoError(w.t, stack.WaitFor(w.context(), "the wait for approval", func(context.Context) error {
		if history := n.status().History; !strings.Contains(fmt.Sprint(history), "to be approved") {
			return errors.New("it does not wait yet")
		}
		return nil
	}))
	require.NoError(w.t, w.Hillava.ApproveTimeEntry(n.taskID, entry))
	return n
}

func liveEdited(w *world) imported {
	n := w.importOne()
	n.edit(map[string]any{"TyötehtävänKuvaus": "Hana vuotaa jo lattialle."})
	n.waitNotes(1)
	n.edit(map[string]any{"TilaajanTurvakielto": true})
	n.waitAttention("turvakielto-set")
	n.press("Työ valmis")
	n.waitState("Tehty")
	n.starterAct("resend")
	n.waitPhase("Running", "done")
	n.press("Laskutettu")
	return n
}

func liveUntilCancel(w *world) imported {
	n := w.importOne()
	n.waitPhase("Running", "working")
	require.NoError(w.t, n.client.CancelWorkflow(n.context(), n.workflowID, ""))
	return n
}

// liveUntilDismissed: a person gives up on a notice whose task cannot be made, so a step is abandoned.
func liveUntilDismissed(w *world) imported {
	n, _ := w.importWith(fault.Fault{System: "hillava", Op: hillava.OpCreateTask, Times: -1, Kind: fault.Status503})
	n.starterAct("dismiss", "--yes", "--code", "done-by-hand")
	return n
}

// liveUntilDismissedUnseen: nobody can see how the notice is left.
func liveUntilDismissedUnseen(w *world) imported {
	n := w.importOne()
	n.waitPhase("Running", "working")
	w.Faults.Add(n.faultInTampuuri(tampuuri.OpRead, fault.Status503, -1))
	n.starterAct("dismiss", "--yes", "--code", "not-ours")
	return n
}

func liveChained(w *world) imported { return liveChainedWith(w, nil, 1) }

func liveChainedWhileHillavaIsAway(w *world) imported {
	return liveChainedWith(w, &fault.Fault{Times: 2, Kind: fault.Status503}, 1)
}

func liveChainedWithTheNoteRefused(w *world) imported {
	return liveChainedWith(w, &fault.Fault{Kind: fault.Status422}, 0)
}

// liveChainedWith chains a notice from another one, whose task is told; a fault befalls that note.
func liveChainedWith(w *world, away *fault.Fault, notes int) imported {
	parent := w.importOne()
	if away != nil {
		away.System, away.Op, away.Key = "hillava", hillava.OpNote, parent.taskID
		w.Faults.Add(*away)
	}
	id, err := w.Tampuuri.Chain(parent.tunniste, parent.id, 4711)
	require.NoError(w.t, err)
	n := w.imported(parent.tunniste, id)
	if parent.waitNotes(notes); away != nil && notes == 0 {
		require.NoError(w.t, stack.WaitFor(w.context(), "the refusal", func(context.Context) error {
			if history := n.status().History; !strings.Contains(fmt.Sprint(history), "parent's task was not told") {
				return errors.New("it does not stand in the history yet")
			}
			return nil
		}))
	}
	n.finish(1, 2)
	return n
}

// liveContinued: something waits for a person, and Tampuuri's edits go on until the history is too long.
func liveContinued(w *world) imported {
	n := w.importOne()
	n.edit(map[string]any{"TilaajanTurvakielto": true})
	n.waitAttention("turvakielto-set")
	n.press("Työ valmis")
	n.waitState("Tehty")
	n.continueAsNew()
	n.starterAct("resend")
	n.waitPhase("Running", "done")
	n.addEntry("2026-02-03", "Testi Asentaja", "Valmista tuli.")
	n.press("Laskutettu")
	return n
}

// continueAsNew sends notice-changed until there is another run.
func (n imported) continueAsNew() {
	n.t.Helper()
	first := n.runID()
	require.NoError(n.t, stack.WaitFor(n.context(), "another run", func(ctx context.Context) error {
		if n.runID() != first {
			return nil
		}
		if err := n.client.SignalWorkflow(ctx, n.workflowID, "", runs.NoticeChanged.Name(), nil); err != nil {
			return err
		}
		return errors.New("it is still the first one")
	}))
}

// importWith makes a notice whose calls of one kind have a fault, and waits for its workflow: there may be no task.
func (w *world) importWith(f fault.Fault) (imported, int) {
	w.t.Helper()
	fields := stack.ExampleNotice()
	f.Key = uuid.NewString()
	fields["Guid"], fields["TyonsuorittajaYritysId"] = f.Key, int64(4711)
	faultID := w.Faults.Add(f)
	id, err := w.Tampuuri.AddNotice("esimerkki", fields)
	require.NoError(w.t, err)
	n := imported{world: w, tunniste: "esimerkki", id: id, workflowID: "notice-" + f.Key}
	_, err = w.WaitWorkflow(w.context(), w.client, n.tunniste, id, "Running", "")
	require.NoError(w.t, err)
	return n, faultID
}

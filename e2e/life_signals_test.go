package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

// status asks a notice's workflow how it is.
func (w *world) status(tunniste string, id int64) noticeStatus {
	w.t.Helper()
	workflowID, err := w.WorkflowID(tunniste, id)
	require.NoError(w.t, err)
	value, err := w.client.QueryWorkflow(w.context(), workflowID, "", "status")
	require.NoError(w.t, err)
	var raw json.RawMessage
	require.NoError(w.t, value.Get(&raw))
	var status noticeStatus
	require.NoError(w.t, json.Unmarshal(raw, &status))
	return status
}

// noticeStatus is the query's answer in the words of its contract.
type noticeStatus struct {
	Phase            string `json:"phase"`
	TampuuriNoticeID int64  `json:"tampuuriNoticeId"`
	HillavaTaskID    string `json:"hillavaTaskId"`
	Reported         string `json:"reported"`
	ClosedBy         string `json:"closedBy"`
	Attention        *struct{ Reason, Since, What string }
	History          []struct{ At, What, EventID, Result string } `json:"history"`
}

func (s noticeStatus) count(what string) int {
	count := 0
	for _, entry := range s.History {
		if entry.What == what {
			count++
		}
	}
	return count
}

// happened is what has happened after the last entry of that kind, oldest first.
func (s noticeStatus) happened(after string) []string {
	var happened []string
	for _, entry := range s.History {
		if happened = append(happened, entry.What); entry.What == after {
			happened = nil
		}
	}
	return happened
}

func (w *world) requireEnd(tunniste string, id int64, toimenpiteet, notifications int) noticeStatus {
	w.t.Helper()
	_, err := w.WaitWorkflow(w.context(), w.client, tunniste, id, "Completed", "invoiced")
	require.NoError(w.t, err)
	notice, err := w.Notice(tunniste, id)
	require.NoError(w.t, err)
	require.Equal(w.t, "Valmis", notice["Tila"])
	require.Len(w.t, notice["Toimenpiteet"], toimenpiteet)
	require.Len(w.t, notice["Ilmoitukset"], notifications)
	tasks, err := w.Tasks(tunniste, id)
	require.NoError(w.t, err)
	require.Len(w.t, tasks, 1)
	return w.status(tunniste, id)
}

func TestSignalsBeforeTheTaskIsKnown(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	lost := w.Faults.Add(fault.Fault{System: "hillava", Op: hillava.OpCreateTask, Kind: fault.ApplyThenHang})
	// The look-up that would find the task fails until both transitions have been run.
	away := w.Faults.Add(fault.Fault{System: "hillava", Op: hillava.OpFindTask, After: 2, Times: -1, Kind: fault.Status503})
	id := w.someNotice("esimerkki", 4711)
	task, err := w.WaitTask(w.context(), "esimerkki", id)
	require.NoError(t, err)
	w.addEntry(task.ID, "2026-02-03", "Testi Asentaja", "Tehty.")
	w.press(task.ID, "Työ valmis")
	w.press(task.ID, "Laskutettu")
	w.waitSignals("esimerkki", id, 2)
	require.Equal(t, "importing", w.status("esimerkki", id).Phase)
	w.Faults.Remove(away)
	w.Faults.Remove(lost)
	w.requireEnd("esimerkki", id, 1, 2)
}

// waitSignals waits until the workflow has taken so many events.
func (w *world) waitSignals(tunniste string, id int64, count int) {
	w.t.Helper()
	require.NoError(w.t, stack.WaitFor(w.context(), "the signals", func(_ context.Context) error {
		if have := w.status(tunniste, id).count("signal"); have < count {
			return fmt.Errorf("there are %d", have)
		}
		return nil
	}))
}

func TestLaskutettuAloneIsLegal(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	n := w.importOne()
	w.press(n.taskID, "Laskutettu")
	status := w.requireEnd("esimerkki", n.id, 0, 1)
	require.Equal(t, 1, status.count("toimenpide"), "that there were none is recorded")
	require.Zero(t, status.count("tehty"))
}

// reopenAndPressDone has the office open an invoiced task again and press Työ valmis then.
func (n imported) reopenAndPressDone() {
	n.t.Helper()
	n.press(n.taskID, hillava.TransitionReopen)
	n.press(n.taskID, "Työ valmis")
}

func TestTyoValmisAfterTheToimenpiteetHaveBegunIsIgnored(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	n := w.importOne()
	w.addEntry(n.taskID, "2026-02-03", "Testi Asentaja", "Tehty.")
	refusal := w.Faults.Add(fault.Fault{System: "tampuuri", Op: tampuuri.OpTila, Times: -1, Kind: fault.Status503})
	w.press(n.taskID, "Laskutettu")
	require.NoError(t, w.Faults.AwaitFired(w.context(), refusal, 1), "the toimenpide is there, Valmis is not")
	n.reopenAndPressDone()
	require.NoError(t, stack.WaitFor(w.context(), "Työ valmis to be ignored", func(context.Context) error {
		if have := n.status().count("ignored"); have != 1 {
			return fmt.Errorf("%d signals are", have)
		}
		return nil
	}))
	w.Faults.Remove(refusal)

	status := w.requireEnd("esimerkki", n.id, 1, 1)
	require.Equal(t, []string{"signal", "ignored", "toimenpide", "valmis"}, status.happened("created"))
	ignored := status.History[len(status.History)-3]
	require.Equal(t, "tyo-valmis: the toimenpiteet have begun", ignored.Result)
	require.Equal(t, n.task().Events[1].ID, ignored.EventID)
	w.requireNotified(n.id, "Valmis")
	w.checkLedger()
}

func TestTyoValmisAfterValmisChangesNothing(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	n := w.importOne()
	w.press(n.taskID, "Laskutettu")
	before := w.requireEnd("esimerkki", n.id, 0, 1)
	n.reopenAndPressDone()
	require.NoError(t, w.waitAcknowledged(w.context(), n.taskID, 2), "a closed notice takes its webhook with 202, or Hillava would send it for ever")
	w.polled("esimerkki")
	require.Equal(t, before, w.requireEnd("esimerkki", n.id, 0, 1))
	w.requireNotified(n.id, "Valmis")
	w.checkLedger()
}

func TestWhenBothWaitTehtyGoesFirst(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	n := w.importOne()
	n.waitPhase("Running", "working") // the task is there a moment before its workflow knows
	w.addEntry(n.taskID, "2026-02-03", "Testi Asentaja", "Tehty.")
	require.NoError(t, w.Worker.Kill())
	w.press(n.taskID, "Laskutettu")
	n.waitSignalled(1)
	n.reopenAndPressDone()
	n.waitSignalled(2)
	require.NoError(t, w.Worker.Restart(w.context()))

	status := w.requireEnd("esimerkki", n.id, 1, 2)
	require.Equal(t, []string{"signal", "signal", "tehty", "toimenpide", "valmis"}, status.happened("created"), "although Laskutettu came first")
	w.requireNotified(n.id, "Tehty", "Valmis")
	w.checkLedger()
}

// waitSignalled waits until the server has so many signals of the notice, which takes no worker.
func (n imported) waitSignalled(count int) {
	n.t.Helper()
	require.NoError(n.t, stack.WaitFor(n.context(), "the signals", func(context.Context) error {
		if have := billableActions(n.history(n.workflowID, ""))["signal"]; have != count {
			return fmt.Errorf("there are %d", have)
		}
		return nil
	}))
}

// requireNotified wants the participants to have been notified of these states, in this order.
func (w *world) requireNotified(id int64, states ...string) {
	w.t.Helper()
	notice, err := w.Notice("esimerkki", id)
	require.NoError(w.t, err)
	var told []string
	for _, notification := range notice["Ilmoitukset"].([]tampuuri.Notification) {
		told = append(told, notification.Tila)
	}
	require.Equal(w.t, states, told)
}

func TestEveryWebhookDoubled(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	w.Hillava.SetDelivery(hillava.Delivery{Double: true})
	id := w.someNotice("esimerkki", 4711)
	task, err := w.WaitTask(w.context(), "esimerkki", id)
	require.NoError(t, err)
	w.addEntry(task.ID, "2026-02-03", "Testi Asentaja", "Tehty.")
	w.addEntry(task.ID, "2026-02-03", "Testi Asentaja", "Tehty.") // equal entries count twice
	w.press(task.ID, "Työ valmis")
	require.NoError(t, w.WaitState(w.context(), "esimerkki", id, "Tehty"))
	w.press(task.ID, "Laskutettu")
	status := w.requireEnd("esimerkki", id, 2, 2)
	require.Equal(t, 2, status.count("signal"))
}

func TestSignalsByHandWithoutPayload(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	id := w.someNotice("esimerkki", 4711)
	task, err := w.WaitTask(w.context(), "esimerkki", id)
	require.NoError(t, err)
	w.addEntry(task.ID, "2026-02-03", "Testi Asentaja", "Tehty.")
	workflowID, err := w.WorkflowID("esimerkki", id)
	require.NoError(t, err)
	byHand := func(c client.Client, signal string) {
		require.NoError(t, c.SignalWorkflow(w.context(), workflowID, "", signal, nil))
	}
	byHand(w.client, "tyo-valmis")
	require.NoError(t, w.WaitState(w.context(), "esimerkki", id, "Tehty"))
	byHand(w.client, "laskutettu")
	status := w.requireEnd("esimerkki", id, 1, 2)
	require.Contains(t, status.History[1].Result, "by hand")
}

func TestEveryWebhookLost(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{WithoutServe: true})
	w.Hillava.SetDelivery(hillava.Delivery{Drop: true})
	id := w.someNotice("esimerkki", 4711)
	task, err := w.WaitTask(w.context(), "esimerkki", id)
	require.NoError(t, err)
	w.addEntry(task.ID, "2026-02-03", "Testi Asentaja", "Tehty.")
	w.press(task.ID, "Työ valmis")
	require.NoError(t, w.WaitState(w.context(), "esimerkki", id, "Tehty"), "reconciliation finds it")
	w.press(task.ID, "Laskutettu")
	w.requireEnd("esimerkki", id, 1, 2)
}

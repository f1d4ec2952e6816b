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

func TestLaskutettuBeforeTyoValmis(t *testing.T) {
	w := start(t, stack.Options{})
	id := w.someNotice("esimerkki", 4711)
	task, err := w.WaitTask(w.context(), "esimerkki", id)
	require.NoError(t, err)
	w.press(task.ID, "Laskutettu")
	status := w.requireEnd("esimerkki", id, 0, 1)
	require.Equal(t, 1, status.count("toimenpide"), "that there were none is recorded")
	require.Zero(t, status.count("tehty"))
}

func TestEveryWebhookDoubled(t *testing.T) {
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

package e2e

import (
	"bytes"
	"encoding/base64"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

func TestOneNoticeThroughEverything(t *testing.T) {
	w := start(t, stack.Options{})
	n := w.importOne()
	// With rounds each second, one may see Tehty before the workflow knows of its own write; that costs a signal and a look.
	w.pausePolling("esimerkki")
	w.pauseSchedule("reconcile")
	n.addEntry("2026-02-03", "Testi Asentaja", "Vaihdettu hanan tiiviste.")
	n.press("Työ valmis")
	n.waitState("Tehty")
	n.press("Laskutettu")
	n.requireEnd(1, 2)
	n.requireNotified("Tehty", "Valmis")
	workflow, err := n.look()
	require.NoError(t, err)
	billed := billableActions(w.history(workflow.WorkflowID, ""))
	t.Logf("history events: %d; billable actions: %d: %v", workflow.HistoryEvents, billed.total(), billed)
	require.LessOrEqual(t, workflow.HistoryEvents, int64(46), "the cost of a notice")
	require.LessOrEqual(t, billed.total(), 11, "the cost of a notice")
	require.Equal(t, 1, billed["start"], "the events are read, or the line before would prove nothing")
	require.Equal(t, 2, billed["signal"])

	history := w.plainHistory(workflow.WorkflowID)
	require.Contains(t, history, n.taskID, "the payloads are read, or the next lines would prove nothing")
	for _, personal := range []string{
		"Keittiön", "hana", "Testi", "Tilaaja", "000 0001", "0400000001", "@example", "Testipolku", "A 12", "yleisavain", "Koira", "tiiviste",
	} {
		require.NotContains(t, history, personal, "history holds ids only")
	}
}

// actions counts what Temporal Cloud bills, by kind.
type actions map[string]int

func (a actions) total() int {
	sum := 0
	for _, count := range a {
		sum += count
	}
	return sum
}

// billableActions reads from a history what a life costs: each attempt of an activity is one, so that the figure is the
// happy path's only if nothing was retried. Heartbeats and queries are billed too, and leave no event; a notice has none.
func billableActions(history *historypb.History) actions {
	billed := actions{}
	for _, event := range history.GetEvents() {
		switch event.GetEventType() {
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
			billed["start"]++
		case enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
			billed["activity"]++
		case enums.EVENT_TYPE_ACTIVITY_TASK_STARTED:
			billed["activity"] += int(event.GetActivityTaskStartedEventAttributes().GetAttempt()) - 1
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
			billed["signal"]++
		case enums.EVENT_TYPE_TIMER_STARTED:
			billed["timer"]++
		case enums.EVENT_TYPE_MARKER_RECORDED:
			billed["marker"]++
		case enums.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
			billed["search attributes"]++
		case enums.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED:
			billed["memo"]++
		default:
		}
	}
	return billed
}

// plainHistory is the exported history with every payload decoded.
func (w *world) plainHistory(workflowID string) string {
	w.t.Helper()
	var exported bytes.Buffer
	require.NoError(w.t, stack.ExportHistory(w.context(), w.client, workflowID, &exported))
	return base64Data.ReplaceAllStringFunc(exported.String(), func(field string) string {
		encoded := base64Data.FindStringSubmatch(field)[1]
		decoded, err := base64.StdEncoding.DecodeString(encoded)
		require.NoError(w.t, err)
		return string(decoded)
	})
}

var base64Data = regexp.MustCompile(`"data":\s*"([A-Za-z0-9+/=]*)"`)

func TestTheElevenNotices(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{Seed: true})
	flows := map[string][]int64{
		"esimerkki": {48213, 48214, 101, 48215, 48216, 48217, 48219, 48220},
		"toinen":    {48213},
	}
	for tunniste, ids := range flows {
		for _, id := range ids {
			n := w.imported(tunniste, id)
			n.addEntry("2026-04-01", "Testi Asentaja", "Käyty, "+tunniste)
			n.press("Työ valmis")
			n.press("Laskutettu")
		}
	}
	for tunniste, ids := range flows {
		for _, id := range ids {
			w.known(tunniste, id).waitPhase("Completed", "invoiced")
			notice, err := w.Notice(tunniste, id)
			require.NoError(t, err)
			require.Equal(t, "Valmis", notice["Tila"], "%s/%d", tunniste, id)
			require.Len(t, notice["Toimenpiteet"], 1, "%s/%d", tunniste, id)
			require.Equal(t, "Käyty, "+tunniste, notice["Toimenpiteet"].([]tampuuri.Toimenpide)[0].Yhteenveto, "equal ids of two customers are two notices")
		}
	}
	require.Len(t, w.Hillava.Tasks(), 9, "another company's notice and the one that was Valmis already make no task")
}

func TestOneCustomersOutageIsItsOwn(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	w.Faults.Add(fault.Fault{System: "tampuuri", Customer: "toinen", Times: -1, Kind: fault.ApplyThenHang})
	id := w.someNotice("esimerkki", 4711)
	waiting := w.someNotice("toinen", 120)
	n := w.imported("esimerkki", id)
	n.press("Laskutettu")
	n.waitPhase("Completed", "invoiced")
	tasks, err := w.Tasks("toinen", waiting)
	require.NoError(t, err)
	require.Empty(t, tasks, "its Tampuuri is still away")

	w.Faults.Clear()
	_, err = w.WaitTask(w.context(), "toinen", waiting)
	require.NoError(t, err, "and catches up when it is back")
}

func TestRestartInTheMiddle(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	n := w.importOne()
	n.addEntry("2026-02-03", "Testi Asentaja", "Tehty.")

	require.NoError(t, w.Worker.Kill())
	n.press("Työ valmis")
	require.NoError(t, w.Serve.Kill())
	n.press("Laskutettu")
	require.NoError(t, w.Worker.Restart(w.context()))
	require.NoError(t, w.Serve.Restart(w.context()))

	n.requireEnd(1, 2)
	n.requireNotified("Tehty", "Valmis") // in this order, as both were there when the worker came back
}

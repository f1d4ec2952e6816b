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
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

// someNotice makes the example notice for us at a customer and returns its number.
func (w *world) someNotice(tunniste string, performer int64) int64 {
	w.t.Helper()
	fields := stack.ExampleNotice()
	fields["TyonsuorittajaYritysId"] = performer
	if tunniste == "toinen" {
		fields["KohdeId"] = 5
	}
	id, err := w.Tampuuri.AddNotice(tunniste, fields)
	require.NoError(w.t, err)
	return id
}

func (w *world) press(taskID, transition string) {
	w.t.Helper()
	require.NoError(w.t, w.Hillava.Transition(taskID, transition))
}

func (w *world) addEntry(taskID, date, resource, summary string) string {
	w.t.Helper()
	id, err := w.Hillava.AddTimeEntry(taskID, hillava.TimeEntry{
		Date: date, Resource: hillava.Resource{ID: "R-" + resource, Name: resource}, CustomerSummary: summary, Hours: 1,
	})
	require.NoError(w.t, err)
	return id
}

func TestOneNoticeThroughEverything(t *testing.T) {
	w := start(t, stack.Options{})
	id := w.someNotice("esimerkki", 4711)
	task, err := w.WaitTask(w.context(), "esimerkki", id)
	require.NoError(t, err)
	// With rounds each second, one may see Tehty before the workflow knows of its own write; that costs a signal and a look.
	w.pausePolling("esimerkki")
	w.pauseSchedule("reconcile")
	w.addEntry(task.ID, "2026-02-03", "Testi Asentaja", "Vaihdettu hanan tiiviste.")
	w.press(task.ID, "Työ valmis")
	require.NoError(t, w.WaitState(w.context(), "esimerkki", id, "Tehty"))
	w.press(task.ID, "Laskutettu")
	workflow, err := w.WaitWorkflow(w.context(), w.client, "esimerkki", id, "Completed", "invoiced")
	require.NoError(t, err)

	notice, err := w.Notice("esimerkki", id)
	require.NoError(t, err)
	require.Equal(t, "Valmis", notice["Tila"])
	require.Len(t, notice["Toimenpiteet"], 1)
	require.Len(t, notice["Ilmoitukset"], 2, "participants are notified of Tehty and of Valmis, once each")
	tasks, err := w.Tasks("esimerkki", id)
	require.NoError(t, err)
	require.Len(t, tasks, 1)
	billed := billableActions(w.history(workflow.WorkflowID, ""))
	t.Logf("history events: %d; billable actions: %d: %v", workflow.HistoryEvents, billed.total(), billed)
	require.LessOrEqual(t, workflow.HistoryEvents, int64(46), "the cost of a notice")
	require.LessOrEqual(t, billed.total(), 11, "the cost of a notice")
	require.Equal(t, 1, billed["start"], "the events are read, or the line before would prove nothing")
	require.Equal(t, 2, billed["signal"])

	history := w.plainHistory(workflow.WorkflowID)
	require.Contains(t, history, task.ID, "the payloads are read, or the next lines would prove nothing")
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
			task, err := w.WaitTask(w.context(), tunniste, id)
			require.NoError(t, err)
			w.addEntry(task.ID, "2026-04-01", "Testi Asentaja", "Käyty, "+tunniste)
			w.press(task.ID, "Työ valmis")
			w.press(task.ID, "Laskutettu")
		}
	}
	for tunniste, ids := range flows {
		for _, id := range ids {
			_, err := w.WaitWorkflow(w.context(), w.client, tunniste, id, "Completed", "invoiced")
			require.NoError(t, err)
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
	w := start(t, stack.Options{})
	w.Faults.Add(fault.Fault{System: "tampuuri", Customer: "toinen", Times: -1, Kind: fault.ApplyThenHang})
	id := w.someNotice("esimerkki", 4711)
	waiting := w.someNotice("toinen", 120)
	task, err := w.WaitTask(w.context(), "esimerkki", id)
	require.NoError(t, err)
	w.press(task.ID, "Laskutettu")
	_, err = w.WaitWorkflow(w.context(), w.client, "esimerkki", id, "Completed", "invoiced")
	require.NoError(t, err)
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
	id := w.someNotice("esimerkki", 4711)
	task, err := w.WaitTask(w.context(), "esimerkki", id)
	require.NoError(t, err)
	w.addEntry(task.ID, "2026-02-03", "Testi Asentaja", "Tehty.")

	require.NoError(t, w.Worker.Kill())
	w.press(task.ID, "Työ valmis")
	require.NoError(t, w.Serve.Kill())
	w.press(task.ID, "Laskutettu")
	require.NoError(t, w.Worker.Restart(w.context()))
	require.NoError(t, w.Serve.Restart(w.context()))

	_, err = w.WaitWorkflow(w.context(), w.client, "esimerkki", id, "Completed", "invoiced")
	require.NoError(t, err)
	notice, err := w.Notice("esimerkki", id)
	require.NoError(t, err)
	require.Len(t, notice["Toimenpiteet"], 1)
	require.Len(t, notice["Ilmoitukset"], 2, "Tehty went before Valmis, as both were there when the worker came back")
}

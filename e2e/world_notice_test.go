package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
)

// imported is one notice with its task and workflow, which stay known when the notice is deleted in Tampuuri.
type imported struct {
	*world
	tunniste   string
	id         int64
	taskID     string
	workflowID string
}

// importOne makes a notice at esimerkki and waits for its task.
func (w *world) importOne() imported {
	w.t.Helper()
	return w.imported("esimerkki", w.someNotice("esimerkki", 4711))
}

func (w *world) imported(tunniste string, id int64) imported {
	w.t.Helper()
	task, err := w.WaitTask(w.context(), tunniste, id)
	require.NoError(w.t, err)
	n := w.known(tunniste, id)
	n.taskID = task.ID
	return n
}

// known is a notice that need have no task yet.
func (w *world) known(tunniste string, id int64) imported {
	w.t.Helper()
	workflowID, err := w.WorkflowID(tunniste, id)
	require.NoError(w.t, err)
	return imported{world: w, tunniste: tunniste, id: id, workflowID: workflowID}
}

func (n imported) edit(fields map[string]any) {
	n.t.Helper()
	require.NoError(n.t, n.Tampuuri.EditNotice(n.tunniste, n.id, fields))
}

// faultInTampuuri befalls the calls about this notice alone: another customer may have one of the same number.
func (n imported) faultInTampuuri(op string, kind fault.Kind, times int) fault.Fault {
	return fault.Fault{System: "tampuuri", Op: op, Customer: n.tunniste, Key: fmt.Sprint(n.id), Kind: kind, Times: times}
}

// task is the one task of the notice; a second one fails the test.
func (n imported) task() hillava.TaskDump {
	n.t.Helper()
	var found []hillava.TaskDump
	for _, task := range n.Hillava.Tasks() {
		if strings.EqualFold("notice-"+task.ExternalID, n.workflowID) {
			found = append(found, task)
		}
	}
	require.Len(n.t, found, 1)
	require.Equal(n.t, n.taskID, found[0].ID)
	return found[0]
}

func (n imported) notes() []string {
	n.t.Helper()
	var texts []string
	for _, note := range n.task().Notes {
		texts = append(texts, note.Text)
	}
	return texts
}

func (n imported) waitNotes(count int) []string {
	n.t.Helper()
	require.NoError(n.t, stack.WaitFor(n.context(), fmt.Sprintf("%d notes", count), func(context.Context) error {
		if have := n.notes(); len(have) < count {
			return fmt.Errorf("there are %d", len(have))
		}
		return nil
	}))
	texts := n.notes()
	require.Len(n.t, texts, count)
	return texts
}

// look describes the newest run of the workflow.
func (n imported) look() (stack.Workflow, error) {
	return stack.Describe(n.context(), n.client, n.workflowID)
}

// runID is that of the newest run.
func (n imported) runID() string {
	n.t.Helper()
	answer, err := n.client.DescribeWorkflowExecution(n.context(), n.workflowID, "")
	require.NoError(n.t, err)
	return answer.GetWorkflowExecutionInfo().GetExecution().GetRunId()
}

// waitState waits until the notice has that state in Tampuuri.
func (n imported) waitState(state string, why ...any) {
	n.t.Helper()
	require.NoError(n.t, n.WaitState(n.context(), n.tunniste, n.id, state), why...)
}

func (n imported) waitPhase(status, phase string) {
	n.t.Helper()
	require.NoError(n.t, stack.WaitFor(n.context(), "phase "+phase, func(context.Context) error {
		found, err := n.look()
		if err != nil {
			return err
		}
		if found.Status != status || found.Phase != phase {
			return fmt.Errorf("it is %s in phase %q", found.Status, found.Phase)
		}
		return nil
	}))
}

// status is the answer of the query, also for a notice that Tampuuri has no more.
func (n imported) status() noticeStatus {
	n.t.Helper()
	value, err := n.client.QueryWorkflow(n.context(), n.workflowID, "", "status")
	require.NoError(n.t, err)
	var raw json.RawMessage
	require.NoError(n.t, value.Get(&raw))
	var status noticeStatus
	require.NoError(n.t, json.Unmarshal(raw, &status))
	return status
}

func (n imported) waitAttention(reason string) noticeStatus {
	n.t.Helper()
	var status noticeStatus
	require.NoError(n.t, stack.WaitFor(n.context(), "attention for "+reason, func(context.Context) error {
		status = n.status()
		if status.Phase != "attention" || status.Attention == nil || status.Attention.Reason != reason {
			return fmt.Errorf("it is in phase %s, %+v", status.Phase, status.Attention)
		}
		return nil
	}))
	require.NotEmpty(n.t, status.Attention.What, "what a person can do about it")
	return status
}

// ran counts how often the newest run has scheduled an activity.
func (n imported) ran(activity string) int {
	n.t.Helper()
	count := 0
	events := n.client.GetWorkflowHistory(n.context(), n.workflowID, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(n.t, err)
		if event.GetActivityTaskScheduledEventAttributes().GetActivityType().GetName() == activity {
			count++
		}
	}
	return count
}

// finish does the work and has it invoiced, and looks at the end: so many toimenpiteet and notifications in all.
func (n imported) finish(toimenpiteet, notifications int) {
	n.t.Helper()
	n.addEntry("2026-02-03", "Testi Asentaja", "Valmista tuli.")
	n.press("Työ valmis")
	n.waitState("Tehty")
	n.press("Laskutettu")
	n.requireEnd(toimenpiteet, notifications)
}

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

func (n imported) press(transition string) {
	n.t.Helper()
	require.NoError(n.t, n.Hillava.Transition(n.taskID, transition))
}

func (n imported) addEntry(date, resource, summary string) string {
	n.t.Helper()
	id, err := n.Hillava.AddTimeEntry(n.taskID, hillava.TimeEntry{
		Date: date, Resource: hillava.Resource{ID: "R-" + resource, Name: resource}, CustomerSummary: summary, Hours: 1,
	})
	require.NoError(n.t, err)
	return id
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

// waitSignals waits until the workflow has taken so many events.
func (n imported) waitSignals(count int) {
	n.t.Helper()
	require.NoError(n.t, stack.WaitFor(n.context(), "the signals", func(context.Context) error {
		if have := n.status().count("signal"); have < count {
			return fmt.Errorf("there are %d", have)
		}
		return nil
	}))
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

// reopenAndPressDone has the office open an invoiced task again and press Työ valmis then.
func (n imported) reopenAndPressDone() {
	n.t.Helper()
	n.press(hillava.TransitionReopen)
	n.press("Työ valmis")
}

// within gives a subtest the running installation.
func (w *world) within(t *testing.T) *world { return &world{Stack: w.Stack, t: t, client: w.client} }

// signal sends an event's signal past the receiver, so that it comes when and as often as the path needs it.
func (n imported) signal(name, eventID string) {
	n.t.Helper()
	event := runs.EventSignal{EventID: eventID, OccurredAt: time.Now().UTC().Format(time.RFC3339)}
	require.NoError(n.t, n.client.SignalWorkflow(n.context(), n.workflowID, "", name, event))
}

// starterAct has the starter do something to the notice, by nobody's name.
func (n imported) starterAct(act string, options ...string) {
	n.t.Helper()
	arguments := append([]string{"notice", act, "--by", "toimisto"}, options...)
	n.starter(append(arguments, strings.TrimPrefix(n.workflowID, "notice-"))...)
}

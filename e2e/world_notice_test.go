package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"

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
	workflowID, err := w.WorkflowID(tunniste, id)
	require.NoError(w.t, err)
	return imported{w, tunniste, id, task.ID, workflowID}
}

func (n imported) edit(fields map[string]any) {
	n.t.Helper()
	require.NoError(n.t, n.Tampuuri.EditNotice(n.tunniste, n.id, fields))
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
	n.addEntry(n.taskID, "2026-02-03", "Testi Asentaja", "Valmista tuli.")
	n.press(n.taskID, "Työ valmis")
	require.NoError(n.t, n.WaitState(n.context(), n.tunniste, n.id, "Tehty"))
	n.press(n.taskID, "Laskutettu")
	n.waitPhase("Completed", "invoiced")
	n.requireEnd(n.tunniste, n.id, toimenpiteet, notifications)
}

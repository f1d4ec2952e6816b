package activities

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	hillavastandin "tampuuri-hillava/sandbox/hillava"
	tampuuristandin "tampuuri-hillava/sandbox/tampuuri"
)

// What people do, each thing a second after the one before.

// put makes a notice of performer 4711 in esimerkki's Tampuuri.
func (w *world) put(id int64, changes ...fields) {
	w.t.Helper()
	w.putIn("esimerkki", id, append([]fields{{"TyonsuorittajaYritysId": 4711}}, changes...)...)
}

func (w *world) putIn(tunniste string, id int64, changes ...fields) {
	w.t.Helper()
	w.pass(time.Second)
	n := fields{
		"Id": id, "KohdeId": property, "Huoneisto": "A 1", "TyötehtävänOtsikko": "Hana vuotaa", "IlmoitusTehty": "2026-03-01T12:00:00+02:00",
	}
	for _, change := range changes {
		maps.Copy(n, change)
	}
	_, err := w.tampuuri.AddNotice(tunniste, n)
	w.must(err)
}

// putAt makes a notice that is to look as if it was last changed at that time.
func (w *world) putAt(id int64, modified time.Time, changes ...fields) {
	w.t.Helper()
	w.put(id, append([]fields{{"Muokattu": modified.Format(time.RFC3339Nano)}}, changes...)...)
}

func (w *world) edit(id int64, changes fields) {
	w.t.Helper()
	w.pass(time.Second)
	w.must(w.tampuuri.EditNotice("esimerkki", id, changes))
}

func (w *world) state(id int64, state notice.State) {
	w.t.Helper()
	w.pass(time.Second)
	w.must(w.tampuuri.SetState("esimerkki", id, string(state)))
}

// give assigns a notice to a performer.
func (w *world) give(id, performer int64) {
	w.t.Helper()
	w.pass(time.Second)
	w.must(w.tampuuri.Assign("esimerkki", id, performer))
}

func (w *world) remove(id int64) {
	w.t.Helper()
	w.must(w.tampuuri.Delete("esimerkki", id))
}

func (w *world) addToimenpide(id int64, summary string) {
	w.t.Helper()
	_, err := w.tampuuri.AddToimenpide("esimerkki", id, tampuuristandin.Toimenpide{Paivamaara: "2026-03-01", Resurssi: "Asentaja 1", Yhteenveto: summary})
	w.must(err)
}

// held is a notice as esimerkki's Tampuuri holds it.
func (w *world) held(id int64) fields {
	w.t.Helper()
	for _, n := range w.tampuuri.Notices() {
		if fmt.Sprint(n["Id"]) == fmt.Sprint(id) && n["_customer"] == "esimerkki" {
			return n
		}
	}
	require.Fail(w.t, "Tampuuri has no such notice", id)
	return nil
}

func (w *world) stateOf(id int64) notice.State { return notice.State(w.held(id)["Tila"].(string)) }

func (w *world) modifiedOf(id int64) time.Time {
	at, err := time.Parse(time.RFC3339Nano, w.held(id)["Muokattu"].(string))
	w.must(err)
	return at
}

// notified are the states of which a notice's participants were told.
func (w *world) notified(id int64) []string {
	states := []string{}
	for _, told := range w.held(id)["Ilmoitukset"].([]tampuuristandin.Notification) {
		states = append(states, told.Tila)
	}
	return states
}

// summaries are a notice's toimenpiteet, in the order in which they came.
func (w *world) summaries(id int64) []string {
	all := []string{}
	for _, t := range w.held(id)["Toimenpiteet"].([]tampuuristandin.Toimenpide) {
		all = append(all, t.Yhteenveto)
	}
	return all
}

// addTask makes the task of a notice in Hillava, as if it had been made of it.
func (w *world) addTask(id int64, changes ...func(*hillavastandin.Task)) (taskID string) {
	w.t.Helper()
	w.pass(time.Second)
	task := hillavastandin.Task{
		ExternalID: w.ref(id).ExternalID, TaskTypeID: "TT-1", Title: "A 1", StartDate: "2026-03-01", WorkloadHours: 1,
		BillingCustomerID: "C-1", DeliveryCustomerID: "C-1",
	}
	for _, change := range changes {
		change(&task)
	}
	taskID, err := w.hillava.AddTask(task)
	w.must(err)
	return taskID
}

// press runs a transition of a task, opening it again first when it must be, and gives the event that it made.
func (w *world) press(taskID, transition string) hillavastandin.Event {
	w.t.Helper()
	w.pass(time.Second)
	if allowed, err := w.hillava.Transitions(taskID); err == nil && !slices.Contains(allowed, transition) {
		w.must(w.hillava.Transition(taskID, hillavastandin.TransitionReopen))
	}
	w.must(w.hillava.Transition(taskID, transition))
	events := w.task(taskID).Events
	return events[len(events)-1]
}

func (w *world) task(taskID string) hillavastandin.TaskDump {
	w.t.Helper()
	for _, task := range w.hillava.Tasks() {
		if task.ID == taskID {
			return task
		}
	}
	require.Fail(w.t, "Hillava has no such task", taskID)
	return hillavastandin.TaskDump{}
}

// notes are the texts of a task's notes.
func (w *world) notes(taskID string) []string {
	texts := []string{}
	for _, note := range w.task(taskID).Notes {
		texts = append(texts, note.Text)
	}
	return texts
}

// work records an approved time entry.
func (w *world) work(taskID, summary string) (entryID string) {
	w.t.Helper()
	w.pass(time.Second)
	entryID, err := w.hillava.AddTimeEntry(taskID, timeEntry("", summary))
	w.must(err)
	return entryID
}

// reword gives a time entry another summary.
func (w *world) reword(taskID, entryID, summary string) {
	w.t.Helper()
	w.pass(time.Second)
	w.must(w.hillava.EditTimeEntry(taskID, timeEntry(entryID, summary)))
}

func (w *world) unwork(taskID, entryID string) {
	w.t.Helper()
	w.pass(time.Second)
	w.must(w.hillava.RemoveTimeEntry(taskID, entryID))
}

func timeEntry(id, summary string) hillavastandin.TimeEntry {
	return hillavastandin.TimeEntry{
		ID: id, Date: "2026-03-01", Resource: hillavastandin.Resource{ID: "R-1", Name: "Asentaja 1"}, CustomerSummary: summary, Approved: true,
	}
}

// How a notice's workflow may end.
const (
	completed  = enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	terminated = enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED
)

// end closes a notice's workflow.
func (w *world) end(id int64, phase runs.Phase, how enumspb.WorkflowExecutionStatus) {
	w.pass(2 * time.Second)
	l := w.life(id)
	l.Phase, l.Running, l.Ended, l.Closed = phase, false, how, w.clock
}

// endedAsFormerly is a life of a notice that has ended under a former Tunniste of esimerkki.
func (w *world) endedAsFormerly(id int64, phase runs.Phase) runs.NoticeRef {
	former := refIn("vanha", id)
	w.must(w.temporal.StartNotice(context.Background(), runs.NoticeStart{Ref: former}))
	ended := w.temporal.lives[former.ExternalID]
	ended.Running, ended.Ended, ended.Phase = false, completed, phase
	w.entry().Formerly = append(w.entry().Formerly, "vanha")
	return former
}

func ids(from, to int64) []int64 {
	all := []int64{}
	for id := from; id <= to; id++ {
		all = append(all, id)
	}
	return all
}

// deals lets a notice's workflow do what it was told: look, and know the notice as it is now.
func (w *world) deals(id int64) {
	w.t.Helper()
	account, err := w.accountOf(w.ref(id))
	if err != nil {
		return // nobody can look
	}
	n, err := account.Notice(context.Background(), id)
	w.must(err)
	w.life(id).Snapshot, w.life(id).Ref.Customer = account.Snapshot(n), account.Tunniste
}

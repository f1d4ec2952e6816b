package activities

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/sandbox/fault"
)

func TestUnreadableTasksHideNoOthers(t *testing.T) {
	r := newRecovery(t, 101)
	event := r.lost(101, "Työ valmis")
	body := `{"items":[{"id":"?"},{"id":"T-1","modifiedAt":"yesterday"},{"id":"T-2","externalId":"` + r.ref(101).ExternalID +
		`","modifiedAt":"2026-03-02T10:00:00Z","events":[{"id":"` + event.ID + `","type":"task.done","occurredAt":"2026-03-02T09:00:00Z"}]}],"total":3}`
	r.faults.Add(fault.Fault{Op: "changed-tasks", Kind: fault.Answer, Body: body, Times: -1})
	require.Equal(t, 1, r.reconcile().Signalled)
	require.Contains(t, r.log.String(), "cannot be read")
}

func TestATaskThatCouldNotBeReadIsAskedForAgain(t *testing.T) {
	r := newRecovery(t, 101)
	r.lost(101, "Työ valmis")
	broken := `{"items":[{"id":"` + r.tasks[101] + `","externalId":"` + r.ref(101).ExternalID + `","modifiedAt":"yesterday"}],"total":1}`
	row := r.faults.Add(fault.Fault{Op: "changed-tasks", Kind: fault.Answer, Body: broken, Times: -1})
	record := r.faults.Add(fault.Fault{Op: "read-task", Kind: fault.Status500, Times: -1})
	require.Zero(t, r.reconcile().Signalled)
	require.Equal(t, []string{r.tasks[101]}, r.last.Unreadable)
	require.Zero(t, r.reconcile().Signalled)
	require.Equal(t, []string{r.tasks[101]}, r.last.Unreadable, "it is not forgotten while it cannot be read")
	r.faults.Remove(record)
	require.Equal(t, 1, r.reconcile().Signalled, "read by itself, its lost event is found")
	r.faults.Remove(row)
	r.reconcile()
	require.Empty(t, r.last.Unreadable)
}

// oddEvents has one event of every task in Hillava's answers such that nobody can read it.
func (w *world) oddEvents(call string, rw http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
	answer := httptest.NewRecorder()
	serve(answer, r)
	rw.Header().Set("Content-Type", "application/json")
	rw.WriteHeader(answer.Code)
	_, _ = rw.Write([]byte(strings.ReplaceAll(answer.Body.String(), `"events":[{`, `"events":[{"id":"odd","type":"task.done","occurredAt":null},{`)))
}

func TestAnEventThatCannotBeReadHidesNoOtherOfItsTask(t *testing.T) {
	r := newRecovery(t, 101, 102)
	event := r.lost(101, "Laskutettu")
	r.lost(102, "Laskutettu")
	r.end(102, runs.PhaseInvoiced, completed)
	r.front = r.oddEvents
	for range 3 {
		r.reconcile()
		require.Equal(t, []string{signalled("laskutettu", event)}, r.life(101).told)
		require.Equal(t, []string{r.tasks[101]}, r.last.Unreadable, "the other one may be lost as well; one of a closed notice would do nothing")
		r.pass(time.Hour)
		r.add(r.clock.Unix()) // so that the mark is far beyond it
		r.pass(time.Hour)
	}
	r.front = nil
	r.reconcile()
	require.Empty(t, r.last.Unreadable)
}

// What an unread event would tell may change what is done: then nothing is done.
func TestATaskOfWhichAnEventCannotBeReadIsNotTakenUp(t *testing.T) {
	w := newWorld(t)
	w.put(101)
	taskID := w.addTask(101)
	w.press(taskID, "Laskutettu")
	w.front = w.oddEvents
	_, failure := run(w, w.CreateTask, toCreate(w.ref(101)))
	requireReason(t, runs.ReasonUnreadable, failure)

	w.entry().RemindUninvoiced = 48 * time.Hour
	_, failure = run(w, w.RemindUninvoiced, runs.UninvoicedInput{NoticeRef: w.ref(101), TaskID: taskID, Since: w.clock, Round: 1})
	requireReason(t, runs.ReasonUnreadable, failure)

	w.poll()
	w.end(101, runs.PhaseWithdrawn, completed)
	w.edit(101, fields{})
	require.Zero(t, w.poll().Started, "it would begin with events of the life before")
	w.front = nil
	require.Equal(t, 1, w.poll().Started)
}

func TestATaskAskedForSinglyIsNotForgottenWhileTemporalIsAway(t *testing.T) {
	r := newRecovery(t, 101)
	r.lost(101, "Työ valmis")
	r.last.Unreadable = []string{r.tasks[101]}
	r.faults.Add(fault.Fault{Op: "changed-tasks", Kind: fault.Answer, Body: `{"items":[],"total":0}`, Times: -1})
	r.temporal.down = serviceerror.NewUnavailable("away")
	r.number = hastyAttempts // the last one that follows at once
	require.Equal(t, []string{r.tasks[101]}, r.reconcile().Unreadable)
	r.temporal.down = nil
	require.Equal(t, 1, r.reconcile().Signalled)
}

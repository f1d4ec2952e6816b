package workflows

import (
	"testing"
	"time"

	"tampuuri-hillava/internal/runs"

	"github.com/stretchr/testify/require"
)

func TestWhatChangedBeforeTheTaskWasFoundIsTold(t *testing.T) {
	for name, row := range map[string]struct {
		found bool
		now   string
		calls []string
	}{
		"found and changed":   {true, "set", []string{"create", "follow", "plan", "invoice"}},
		"found and unchanged": {true, "not set", []string{"create", "plan", "invoice"}},
		"made as it is now":   {false, "set", []string{"create", "plan", "invoice"}},
	} {
		t.Run(name, func(t *testing.T) {
			before := runs.Snapshot{Standing: runs.StandingOpen, Prints: map[string]string{"ordererTurvakielto": "not set"}}
			now := runs.Snapshot{Standing: runs.StandingOpen, Prints: map[string]string{"ordererTurvakielto": row.now}}
			w := &world{create: func() (runs.CreatedTask, error) {
				return runs.CreatedTask{TaskID: "T-1", Found: row.found, Snapshot: now}, nil
			}}
			w.follow = func(in runs.FollowInput) (runs.Followed, error) {
				require.Equal(t, before, in.Snapshot, "compared with what the task may have been made of")
				return runs.Followed{Snapshot: now, Changed: []string{"ordererTurvakielto"}, Protected: true}, nil
			}
			p := newPlay(t, w)
			require.NoError(t, p.SetMemoOnStart(runs.MemoSnapshot(before)))
			p.at(time.Hour, runs.Laskutettu.Name(), event("e1")).run()
			require.Equal(t, row.calls, w.calls)
		})
	}
}

// TestTheMarkOfADepartedPersonOutlivesAFoundTask: what texts may say of them stays in the next life.
func TestTheMarkOfADepartedPersonOutlivesAFoundTask(t *testing.T) {
	for name, title := range map[string]string{"nothing else has changed": "a", "the title has": "b"} {
		t.Run(name, func(t *testing.T) {
			before := runs.Snapshot{Standing: runs.StandingOpen, Prints: map[string]string{"title": "a", "departed": "1"}}
			now := runs.Snapshot{Standing: runs.StandingOpen, Prints: map[string]string{"title": title}}
			w := &world{create: func() (runs.CreatedTask, error) {
				return runs.CreatedTask{TaskID: "T-1", Found: true, Snapshot: now}, nil
			}}
			var known map[string]string
			w.follow = func(in runs.FollowInput) (runs.Followed, error) {
				known = in.Snapshot.Prints
				return runs.Followed{Snapshot: in.Snapshot}, nil
			}
			p := newPlay(t, w)
			require.NoError(t, p.SetMemoOnStart(runs.MemoSnapshot(before)))
			p.at(time.Minute, runs.NoticeChanged.Name(), nil).at(time.Hour, runs.Laskutettu.Name(), event("e1")).run()
			require.Equal(t, "1", known["departed"])
		})
	}
}

func TestEventsOfAFoundTask(t *testing.T) {
	w := &world{create: func() (runs.CreatedTask, error) {
		return runs.CreatedTask{TaskID: "T-1", Found: true, Snapshot: runs.Snapshot{Standing: runs.StandingOpen}, Events: []runs.FoundEvent{
			{Signal: runs.Laskutettu.Name(), EventSignal: event("of a life that is forgotten"), Old: true},
			{Signal: runs.TyoValmis.Name(), EventSignal: event("while there was no workflow")},
		}}, nil
	}}
	p := newPlay(t, w)
	p.at(time.Hour, runs.Laskutettu.Name(), event("of a life that is forgotten")) // as the reconciliation sends it
	p.RegisterDelayedCallback(func() { require.Equal(t, runs.PhaseDone, p.status().Phase) }, 2*time.Hour)
	_, status := p.at(3*time.Hour, runs.Laskutettu.Name(), event("new")).run()
	require.Equal(t, []string{"create", "Tehty", "plan", "invoice"}, w.calls)
	require.Equal(t, []string{
		"created: task T-1 was there already",
		"ignored: laskutettu: it is older than what Temporal keeps, so it was dealt with",
		"signal: tyo-valmis, found on the task",
		"tehty: participants notified with it",
		"ignored: laskutettu: this event was dealt with before",
		"signal: laskutettu",
		"toimenpide: 1 in Tampuuri",
		"valmis: participants notified with it",
	}, told(status))
}

// told is a notice's own history as text.
func told(status runs.Status) []string {
	var lines []string
	for _, entry := range status.History {
		lines = append(lines, string(entry.What)+": "+entry.Result)
	}
	return lines
}

// A notice that was reopened and is imported again has a task with events. They are of the life before, whatever any clock
// says: Hillava's may be ahead of Temporal's, and the office may have pressed Laskutettu again after the end.
func TestStartedAgainOnlyLaterEventsAct(t *testing.T) {
	handled := []string{
		runs.EventKey(runs.TyoValmis.Name(), "e1"), runs.EventKey(runs.Laskutettu.Name(), "e2"), runs.EventKey(runs.Laskutettu.Name(), "pressed again"),
	}
	ahead := runs.EventSignal{EventID: "pressed again", OccurredAt: time.Now().Add(aDay).UTC().Format(time.RFC3339)}
	w := &world{create: func() (runs.CreatedTask, error) {
		return runs.CreatedTask{TaskID: "T-1", Found: true, Snapshot: runs.Snapshot{Standing: runs.StandingOpen}, Events: []runs.FoundEvent{
			{Signal: runs.TyoValmis.Name(), EventSignal: event("e1"), Old: true},
			{Signal: runs.Laskutettu.Name(), EventSignal: event("e2")},
			{Signal: runs.Laskutettu.Name(), EventSignal: ahead},
		}}, nil
	}}
	p := newPlay(t, w)
	for i, late := range []runs.EventSignal{event("e2"), ahead} { // late webhooks, and the reconciliation
		p.at(time.Duration(i+1)*time.Hour, runs.Laskutettu.Name(), late)
	}
	p.RegisterDelayedCallback(func() {
		require.Equal(t, []string{"create"}, w.calls, "nothing is reported a second time")
		require.Equal(t, runs.PhaseWorking, p.status().Phase)
	}, aDay)
	behind := runs.EventSignal{EventID: "new", OccurredAt: "2001-01-01T00:00:00Z"}
	p.at(2*aDay, runs.TyoValmis.Name(), event("e2")).at(3*aDay, runs.Laskutettu.Name(), behind)
	p.ExecuteWorkflow(runs.TypeNotice, noticeRun{NoticeInput: runs.NoticeInput{NoticeRef: aNotice, HandledEvents: handled}})
	require.NoError(t, p.GetWorkflowError())
	require.Equal(t, []string{"create", "Tehty", "plan", "invoice"}, w.calls, "an id counts for one signal, and no clock counts at all")
}

func TestTakenEventsAreKnownInTheNextRun(t *testing.T) {
	in := noticeRun{NoticeInput: runs.NoticeInput{NoticeRef: aNotice, HandledEvents: []string{runs.EventKey(runs.Laskutettu.Name(), "e2")}}}
	next := newPlay(t, &world{}).tooLongAt(time.Hour).runUntilContinued(in)
	w := &world{}
	p := newPlay(t, w).at(time.Hour, runs.Laskutettu.Name(), event("e2")).at(2*time.Hour, runs.Dismiss.Name(), nil)
	p.ExecuteWorkflow(runs.TypeNotice, next)
	require.NoError(t, p.GetWorkflowError())
	require.Equal(t, []string{"look"}, w.calls)
}

package workflows

import (
	"testing"
	"time"

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
			before := Known{Standing: StandingOpen, Prints: map[string]string{"ordererTurvakielto": "not set"}}
			now := Known{Standing: StandingOpen, Prints: map[string]string{"ordererTurvakielto": row.now}}
			w := &world{create: func() (CreatedTask, error) { return CreatedTask{TaskID: "T-1", Found: row.found, Known: now}, nil }}
			w.follow = func(in FollowInput) (Followed, error) {
				require.Equal(t, before, in.Known, "compared with what the task may have been made of")
				return Followed{Known: now, Changed: []string{"ordererTurvakielto"}, Protected: true}, nil
			}
			p := newPlay(t, w)
			require.NoError(t, p.SetMemoOnStart(map[string]any{MemoKnown: before}))
			p.at(time.Hour, SignalLaskutettu, event("e1")).run()
			require.Equal(t, row.calls, w.calls)
		})
	}
}

func TestEventsOfAFoundTask(t *testing.T) {
	now := time.Now().UTC()
	found := func(signal, id string, age time.Duration) FoundEvent {
		return FoundEvent{Signal: signal, EventSignal: EventSignal{EventID: id, OccurredAt: now.Add(-age).Format(time.RFC3339)}}
	}
	w := &world{create: func() (CreatedTask, error) {
		return CreatedTask{TaskID: "T-1", Found: true, Known: Known{Standing: StandingOpen}, Events: []FoundEvent{
			found(SignalLaskutettu, "of a life that is forgotten", 100*24*time.Hour), found(SignalTyoValmis, "while there was no workflow", 24*time.Hour),
		}}, nil
	}}
	p := newPlay(t, w)
	p.SetStartTime(now)
	p.at(time.Hour, SignalLaskutettu, event("of a life that is forgotten")) // as the reconciliation sends it
	p.RegisterDelayedCallback(func() { require.Equal(t, PhaseDone, p.status().Phase) }, 2*time.Hour)
	p.at(3*time.Hour, SignalLaskutettu, event("new")).run()
	require.Equal(t, []string{"create", "Tehty", "plan", "invoice"}, w.calls)
}

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
			require.NoError(t, p.SetMemoOnStart(map[string]any{runs.memoSnapshot: before}))
			p.at(time.Hour, runs.Laskutettu.Name(), event("e1")).run()
			require.Equal(t, row.calls, w.calls)
		})
	}
}

func TestEventsOfAFoundTask(t *testing.T) {
	now := time.Now().UTC()
	found := func(signal, id string, age time.Duration) runs.FoundEvent {
		return runs.FoundEvent{Signal: signal, EventSignal: runs.EventSignal{EventID: id, OccurredAt: now.Add(-age).Format(time.RFC3339)}}
	}
	w := &world{create: func() (runs.CreatedTask, error) {
		return runs.CreatedTask{TaskID: "T-1", Found: true, Snapshot: runs.Snapshot{Standing: runs.StandingOpen}, Events: []runs.FoundEvent{
			found(runs.Laskutettu.Name(), "of a life that is forgotten", 100*24*time.Hour), found(runs.TyoValmis.Name(), "while there was no workflow", 24*time.Hour),
		}}, nil
	}}
	p := newPlay(t, w)
	p.SetStartTime(now)
	p.at(time.Hour, runs.Laskutettu.Name(), event("of a life that is forgotten")) // as the reconciliation sends it
	p.RegisterDelayedCallback(func() { require.Equal(t, runs.PhaseDone, p.status().Phase) }, 2*time.Hour)
	p.at(3*time.Hour, runs.Laskutettu.Name(), event("new")).run()
	require.Equal(t, []string{"create", "Tehty", "plan", "invoice"}, w.calls)
}

package workflows

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
)

func TestEventsThatTemporalHasForgottenDoNotCountBeforeTheTaskIsFoundEither(t *testing.T) {
	w := &world{}
	old := EventSignal{EventID: "e0", OccurredAt: time.Now().Add(-100 * 24 * time.Hour).UTC().Format(time.RFC3339)}
	w.create = func() (CreatedTask, error) {
		if len(w.calls) == 1 { // the signals come while it is tried again
			return CreatedTask{}, temporal.NewApplicationErrorWithOptions("away", "away", temporal.ApplicationErrorOptions{NextRetryDelay: time.Hour})
		}
		return CreatedTask{TaskID: "T-1", Found: true, Known: Known{Standing: StandingOpen}, Events: []FoundEvent{{SignalTyoValmis, old}}}, nil
	}
	p := newPlay(t, w).at(time.Minute, SignalTyoValmis, old).at(time.Minute, SignalLaskutettu, old)
	p.RegisterDelayedCallback(func() { require.Equal(t, PhaseWorking, p.status().Phase) }, 2*time.Hour)
	p.at(3*time.Hour, SignalLaskutettu, event("new")).run()
	require.Equal(t, []string{"create", "create", "plan", "invoice"}, w.calls)
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

package workflows

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestGivenBackAndRefusedIsImportedByAResend(t *testing.T) {
	answers := []func() (CreatedTask, error){
		func() (CreatedTask, error) { return CreatedTask{Known: Known{Standing: StandingReassigned}}, nil },
		func() (CreatedTask, error) { return CreatedTask{}, refused(ReasonUnreadable) },
		func() (CreatedTask, error) {
			return CreatedTask{TaskID: "T-1", Known: Known{Standing: StandingOpen}}, nil
		},
	}
	w := &world{}
	w.create = func() (CreatedTask, error) {
		answer := answers[0]
		answers = answers[1:]
		return answer()
	}
	p := newPlay(t, w)
	p.RegisterDelayedCallback(func() { require.Equal(t, PhaseWithdrawn, p.status().Phase) }, time.Hour)
	p.at(2*time.Hour, SignalNoticeChanged, nil)
	p.RegisterDelayedCallback(func() { require.Equal(t, ReasonUnreadable, p.status().Attention.Reason) }, 3*time.Hour)
	p.at(4*time.Hour, SignalResend, nil)
	p.RegisterDelayedCallback(func() { require.Equal(t, PhaseWorking, p.status().Phase) }, 5*time.Hour)
	result, _ := p.at(6*time.Hour, SignalLaskutettu, event("e1")).run()
	require.Equal(t, PhaseInvoiced, result.Phase)
	require.Equal(t, []string{"create", "create", "create", "plan", "invoice"}, w.calls)
}

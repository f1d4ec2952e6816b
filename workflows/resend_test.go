package workflows

import (
	"strings"
	"testing"
	"time"

	"tampuuri-hillava/internal/runs"

	"github.com/stretchr/testify/require"
)

func TestGivenBackAndRefusedIsImportedByAResend(t *testing.T) {
	answers := []func() (runs.CreatedTask, error){
		func() (runs.CreatedTask, error) {
			return runs.CreatedTask{Snapshot: runs.Snapshot{Standing: runs.StandingReassigned}}, nil
		},
		func() (runs.CreatedTask, error) { return runs.CreatedTask{}, refused(runs.ReasonUnreadable) },
		func() (runs.CreatedTask, error) {
			return runs.CreatedTask{TaskID: "T-1", Snapshot: runs.Snapshot{Standing: runs.StandingOpen}}, nil
		},
	}
	w := &world{}
	w.create = func() (runs.CreatedTask, error) {
		answer := answers[0]
		answers = answers[1:]
		return answer()
	}
	p := newPlay(t, w)
	p.RegisterDelayedCallback(func() { require.Equal(t, runs.PhaseWithdrawn, p.status().Phase) }, time.Hour)
	p.at(2*time.Hour, runs.NoticeChanged.Name(), nil)
	p.RegisterDelayedCallback(func() { require.Equal(t, runs.ReasonUnreadable, p.status().Attention.Reason) }, 3*time.Hour)
	p.at(4*time.Hour, runs.Resend.Name(), nil)
	p.RegisterDelayedCallback(func() { require.Equal(t, runs.PhaseWorking, p.status().Phase) }, 5*time.Hour)
	result, _ := p.at(6*time.Hour, runs.Laskutettu.Name(), event("e1")).run()
	require.Equal(t, runs.PhaseInvoiced, result.Phase)
	require.Equal(t, []string{"create", "create", "create", "plan", "invoice"}, w.calls)
}

// Told once of a correction, the poll does not tell it again: a create that had read the notice before must not sit with
// its refusal.
func TestACorrectionThatComesDuringARefusedCreateIsTried(t *testing.T) {
	w := &world{}
	p := newPlay(t, w)
	w.create = func() (runs.CreatedTask, error) {
		if len(w.calls) == 1 {
			p.SignalWorkflow(runs.NoticeChanged.Name(), nil)
			return runs.CreatedTask{}, refused(runs.ReasonHillavaRefused)
		}
		return runs.CreatedTask{TaskID: "T-1", Snapshot: runs.Snapshot{Standing: runs.StandingOpen}}, nil
	}
	_, status := p.at(time.Hour, runs.Laskutettu.Name(), event("e1")).run()
	require.Equal(t, []string{"create", "create", "plan", "invoice"}, w.calls)
	require.NotContains(t, happenings(status), "attention")
}

// TestWhoResentAndWhatTheRefusalWasStandWithTheNotice: a list and the notice's history are where an operator looks.
func TestWhoResentAndWhatTheRefusalWasStandWithTheNotice(t *testing.T) {
	for by, want := range map[string]string{"toimisto": "toimisto", "": "person", strings.Repeat("x", maxBy+1): "person"} {
		tries := 0
		w := &world{}
		w.create = func() (runs.CreatedTask, error) {
			if tries++; tries == 1 {
				return runs.CreatedTask{}, refused(runs.ReasonHillavaRefused)
			}
			return runs.CreatedTask{TaskID: "T-1", Snapshot: runs.Snapshot{Standing: runs.StandingOpen}}, nil
		}
		p := newPlay(t, w)
		p.RegisterDelayedCallback(func() { require.NotEmpty(t, p.status().Attention.Failure) }, time.Hour)
		var payload any
		if by != "" {
			payload = runs.ResendSignal{By: by}
		}
		p.at(2*time.Hour, runs.Resend.Name(), payload)
		var resends []string
		p.RegisterDelayedCallback(func() {
			for _, entry := range p.status().History {
				if entry.What == runs.HappenedResend {
					resends = append(resends, entry.Result)
				}
			}
		}, 3*time.Hour)
		p.at(4*time.Hour, runs.Laskutettu.Name(), event("e1")).run()
		require.Equal(t, []string{"hillava-refused, by " + want}, resends)
	}
}

// A resend that was sent for something else, and comes together with a turvakielto, acknowledges nothing of it: nobody can
// have seen it, and no other look would find it again.
func TestAResendThatComesWithATurvakieltoDoesNotAcknowledgeIt(t *testing.T) {
	w := &world{}
	p := newPlay(t, w)
	w.follow = func(in runs.FollowInput) (runs.Followed, error) {
		if in.Round > 1 {
			return runs.Followed{Snapshot: in.Snapshot}, nil
		}
		p.SignalWorkflowSkippingWorkflowTask(runs.Resend.Name(), runs.ResendSignal{By: "toimisto"}) // both in one workflow task
		return runs.Followed{Snapshot: in.Snapshot, Changed: []string{"reporterTurvakielto"}, Protected: true}, nil
	}
	p.at(time.Hour, runs.NoticeChanged.Name(), nil)
	p.RegisterDelayedCallback(func() {
		require.NotNil(t, p.status().Attention)
		require.Equal(t, runs.ReasonTurvakielto, p.status().Attention.Reason)
		require.EqualValues(t, runs.ReasonTurvakielto, p.shown["AttentionReason"])
	}, 2*time.Hour)
	p.at(3*time.Hour, runs.Resend.Name(), nil)
	p.RegisterDelayedCallback(func() { require.Nil(t, p.status().Attention) }, 4*time.Hour)
	p.at(5*time.Hour, runs.Dismiss.Name(), nil).run()
}

// Whoever resends by a list names the reason that the list had: a turvakielto that was set since is not acknowledged by it.
func TestAResendForAnotherReasonDoesNotAcknowledgeATurvakielto(t *testing.T) {
	w := &world{
		setState: func(runs.SetStateInput) (runs.StateSet, error) {
			return runs.StateSet{}, refused(runs.ReasonTampuuriRefused)
		},
		follow: func(in runs.FollowInput) (runs.Followed, error) {
			return runs.Followed{Snapshot: in.Snapshot, Changed: []string{"reporterTurvakielto"}, Protected: in.Round == 1}, nil
		},
	}
	p := newPlay(t, w).at(time.Hour, runs.TyoValmis.Name(), event("e1")).at(2*time.Hour, runs.NoticeChanged.Name(), nil)
	p.at(3*time.Hour, runs.Resend.Name(), runs.ResendSignal{By: "toimisto", Reason: runs.ReasonTampuuriRefused})
	p.RegisterDelayedCallback(func() {
		require.Equal(t, runs.ReasonTurvakielto, p.status().Attention.Reason)
		require.Equal(t, 2, strings.Count(strings.Join(w.calls, " "), "Tehty"), "what was refused goes again")
	}, 4*time.Hour)
	p.at(5*time.Hour, runs.Resend.Name(), runs.ResendSignal{By: "toimisto", Reason: runs.ReasonTurvakielto})
	p.RegisterDelayedCallback(func() { require.NotEqual(t, runs.ReasonTurvakielto, p.status().Attention.Reason) }, 6*time.Hour)
	p.at(7*time.Hour, runs.Dismiss.Name(), nil).run()
}

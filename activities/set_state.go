package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/gateway"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
)

// standingOf says how a notice stands in Tampuuri towards us.
func standingOf(n notice.Notice, settings config.Customer) runs.Standing {
	switch {
	case n.State == notice.Peruttu:
		return runs.StandingCancelled
	case len(settings.PerformerIDs) > 0 && !slices.Contains(settings.PerformerIDs, n.PerformerID):
		return runs.StandingReassigned // without performer ids in the settings nobody can tell; Tampuuri itself answers 403
	case n.State == notice.Valmis:
		return runs.StandingValmis
	case n.State == notice.Tehty:
		return runs.StandingTehty
	default:
		return runs.StandingOpen
	}
}

// snapshot is how a notice looks now, for comparing with what its workflow knows.
func (a *Activities) snapshot(n notice.Notice, settings config.Customer) runs.Snapshot {
	return runs.Snapshot{Standing: standingOf(n, settings), Prints: a.keyer.Fields(n, settings.Task.Extras...)}
}

// SetState looks at the notice's state and sets it when it is not there yet. The look is what makes a retry harmless:
// setting a state that is there already would mail the participants a second time.
func (a *Activities) SetState(ctx context.Context, in runs.SetStateInput) (runs.StateSet, error) {
	account, err := a.accountOf(in.NoticeRef)
	if err != nil {
		return runs.StateSet{}, a.gateway.Failure(err, gateway.Call{Attempt: attemptOf(ctx)})
	}
	n, err := account.Notice(ctx, in.NoticeID)
	if err != nil {
		return runs.StateSet{}, a.gateway.Failure(err, gateway.Call{Missing: runs.ReasonGone, Attempt: attemptOf(ctx)})
	}
	standing, wanted := standingOf(n, account.Customer), notice.State(in.State)
	if reason := runs.ReasonOfStanding(standing); reason != "" {
		return runs.StateSet{}, gateway.Stop(reason, fmt.Errorf("the notice is %s", standing))
	}
	if n.State == wanted || n.State.Closed() && wanted != notice.Valmis {
		return runs.StateSet{Already: true, Standing: standing}, nil
	}
	notify := wanted == notice.Tehty && account.Notify.Tehty || wanted == notice.Valmis && account.Notify.Valmis
	if err := a.setState(ctx, account, in.NoticeRef, wanted, notify); err != nil {
		return runs.StateSet{}, err
	}
	n.State = wanted
	return runs.StateSet{Silent: !notify, Standing: standingOf(n, account.Customer)}, nil
}

func (a *Activities) setState(ctx context.Context, account *gateway.Account, ref runs.NoticeRef, state notice.State, notify bool) error {
	if err := a.gateway.TimeToWrite(ctx); err != nil {
		return err
	}
	err := account.SetState(ctx, ref.NoticeID, state, notify)
	a.audit(ctx, "state.set "+string(state), ref, "", outcome(err), "Tila", "IlmoitaOsallisille")
	return a.gateway.Failure(err, gateway.Call{Write: true, Missing: runs.ReasonGone, Attempt: attemptOf(ctx)})
}

// outcome is an audit line's word for how a call ended.
func outcome(err error) string {
	var e *peer.Error
	switch {
	case err == nil:
		return "done"
	case errors.As(err, &e) && e.Status != 0:
		return fmt.Sprintf("status %d", e.Status)
	case errors.As(err, &e) && e.Sent:
		return "unknown"
	default:
		return "not sent"
	}
}

package activities

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"tampuuri-hillava/internal/config"
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

// known is what the memo of a notice's workflow says of it.
func (a *Activities) known(n notice.Notice, settings config.Customer) runs.Snapshot {
	return KnownOf(n, settings, a.keyer)
}

// KnownOf is what the memo of a notice's workflow says of it, for whoever starts one.
func KnownOf(n notice.Notice, settings config.Customer, keyer notice.Keyer) runs.Snapshot {
	return runs.Snapshot{Standing: standingOf(n, settings), Prints: keyer.Fields(n)}
}

// reasonsOfStanding are the Reasons for which a write to a notice that stands like that is not even tried.
var reasonsOfStanding = map[runs.Standing]string{
	runs.StandingCancelled:  runs.ReasonCancelled,
	runs.StandingReassigned: runs.ReasonNotOurs,
}

// SetState looks at the notice's state and sets it when it is not there yet. The look is what makes a retry harmless:
// setting a state that is there already would mail the participants a second time.
func (a *Activities) SetState(ctx context.Context, in runs.SetStateInput) (runs.StateSet, error) {
	office, err := a.customerOf(in.NoticeRef)
	if err != nil {
		return runs.StateSet{}, a.failure(err, call{attempt: attemptOf(ctx)})
	}
	n, err := office.Notice(ctx, in.NoticeID)
	if err != nil {
		return runs.StateSet{}, a.failure(err, call{missing: runs.ReasonGone, attempt: attemptOf(ctx)})
	}
	standing, wanted := standingOf(n, office.Customer), notice.State(in.State)
	if reason, never := reasonsOfStanding[standing]; never {
		return runs.StateSet{}, stop(reason, fmt.Errorf("the notice is %s", standing))
	}
	if n.State == wanted || n.State.Closed() && wanted != notice.Valmis {
		return runs.StateSet{Already: true, Standing: standing}, nil
	}
	notify := wanted == notice.Tehty && office.Notify.Tehty || wanted == notice.Valmis && office.Notify.Valmis
	if err := a.setState(ctx, office, in.NoticeRef, wanted, notify); err != nil {
		return runs.StateSet{}, err
	}
	n.State = wanted
	return runs.StateSet{Silent: !notify, Standing: standingOf(n, office.Customer)}, nil
}

func (a *Activities) setState(ctx context.Context, office *office, ref runs.NoticeRef, state notice.State, notify bool) error {
	if err := a.timeToWrite(ctx); err != nil {
		return err
	}
	err := office.SetState(ctx, ref.NoticeID, state, notify)
	a.audit(ctx, "state.set "+string(state), ref, "", outcome(err), "Tila", "IlmoitaOsallisille")
	return a.failure(err, call{write: true, missing: runs.ReasonGone, attempt: attemptOf(ctx)})
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

func isMissing(err error) bool {
	var e *peer.Error
	return errors.As(err, &e) && e.Kind == peer.KindStatus && e.Status == http.StatusNotFound
}

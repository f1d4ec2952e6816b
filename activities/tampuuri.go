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
	"tampuuri-hillava/workflows"
)

// standingOf says how a notice stands in Tampuuri towards us.
func standingOf(n notice.Notice, settings config.Customer) workflows.Standing {
	switch {
	case n.State == notice.Peruttu:
		return workflows.StandingCancelled
	case len(settings.PerformerIDs) > 0 && !slices.Contains(settings.PerformerIDs, n.PerformerID):
		return workflows.StandingReassigned // without performer ids in the settings nobody can tell; Tampuuri itself answers 403
	case n.State == notice.Valmis:
		return workflows.StandingValmis
	case n.State == notice.Tehty:
		return workflows.StandingTehty
	default:
		return workflows.StandingOpen
	}
}

// known is what the memo of a notice's workflow says of it.
func (a *Activities) known(n notice.Notice, settings config.Customer) workflows.Known {
	return KnownOf(n, settings, a.keyer)
}

// KnownOf is what the memo of a notice's workflow says of it, for whoever starts one.
func KnownOf(n notice.Notice, settings config.Customer, keyer notice.Keyer) workflows.Known {
	return workflows.Known{Standing: standingOf(n, settings), Prints: keyer.Fields(n)}
}

// reasonsOfStanding are the Reasons for which a write to a notice that stands like that is not even tried.
var reasonsOfStanding = map[workflows.Standing]string{
	workflows.StandingCancelled:  workflows.ReasonCancelled,
	workflows.StandingReassigned: workflows.ReasonNotOurs,
}

// SetState looks at the notice's state and sets it when it is not there yet. The look is what makes a retry harmless:
// setting a state that is there already would mail the participants a second time.
func (a *Activities) SetState(ctx context.Context, in workflows.SetStateInput) (workflows.StateSet, error) {
	office, err := a.customerOf(in.NoticeRef)
	if err != nil {
		return workflows.StateSet{}, a.failure(err, call{attempt: attemptOf(ctx)})
	}
	n, err := office.Notice(ctx, in.NoticeID)
	if err != nil {
		return workflows.StateSet{}, a.failure(err, call{missing: workflows.ReasonGone, attempt: attemptOf(ctx)})
	}
	standing, wanted := standingOf(n, office.Customer), notice.State(in.State)
	if reason, never := reasonsOfStanding[standing]; never {
		return workflows.StateSet{}, stop(reason, fmt.Errorf("the notice is %s", standing))
	}
	if n.State == wanted || n.State.Closed() && wanted != notice.Valmis {
		return workflows.StateSet{Already: true, Standing: standing}, nil
	}
	notify := wanted == notice.Tehty && office.Notify.Tehty || wanted == notice.Valmis && office.Notify.Valmis
	if err := a.setState(ctx, office, in.NoticeRef, wanted, notify); err != nil {
		return workflows.StateSet{}, err
	}
	n.State = wanted
	return workflows.StateSet{Silent: !notify, Standing: standingOf(n, office.Customer)}, nil
}

func (a *Activities) setState(ctx context.Context, office *office, ref workflows.NoticeRef, state notice.State, notify bool) error {
	if err := a.timeToWrite(ctx); err != nil {
		return err
	}
	err := office.SetState(ctx, ref.NoticeID, state, notify)
	a.audit(ctx, "state.set "+string(state), ref, "", outcome(err), "Tila", "IlmoitaOsallisille")
	return a.failure(err, call{write: true, missing: workflows.ReasonGone, attempt: attemptOf(ctx)})
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

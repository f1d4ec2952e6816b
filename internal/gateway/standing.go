package gateway

import (
	"errors"
	"slices"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

// Standing says how a notice stands in Tampuuri towards us.
func (a *Account) Standing(n notice.Notice) runs.Standing {
	switch {
	case n.State == notice.Peruttu:
		return runs.StandingCancelled
	case len(a.PerformerIDs) > 0 && !slices.Contains(a.PerformerIDs, n.PerformerID):
		return runs.StandingReassigned // without performer ids in the settings nobody can tell; Tampuuri itself answers 403
	case n.State == notice.Valmis:
		return runs.StandingValmis
	case n.State == notice.Tehty:
		return runs.StandingTehty
	default:
		return runs.StandingOpen
	}
}

// Snapshot is how a notice looks now, for comparing with what its workflow has.
func (a *Account) Snapshot(n notice.Notice) runs.Snapshot {
	return runs.Snapshot{Standing: a.Standing(n), Prints: a.gateway.keyer.Fields(n, a.Task.Extras...)}
}

// Toimenpiteet gives the fingerprints of what is on the notice already. Without its list, what has been sent cannot be told,
// and sending it once more would double it.
func (a *Account) Toimenpiteet(n notice.Notice) ([]string, error) {
	if n.NoToimenpiteet {
		return nil, Stop(runs.ReasonUnreadable, errors.New("the notice's list Toimenpiteet is missing, or cannot all be read"))
	}
	prints := make([]string, len(n.Toimenpiteet))
	for i, toimenpide := range n.Toimenpiteet {
		prints[i] = a.gateway.keyer.Toimenpide(toimenpide)
	}
	return prints, nil
}

package report

import (
	"time"

	"tampuuri-hillava/internal/runs"
)

// ending is how a time in attention came to its end.
type ending string

const (
	waiting      ending = "still waiting"
	wentOn       ending = "went on"       // a person has resent it
	refusedAgain ending = "refused again" // a person has resent it, and it came back before anything was done
	byItself     ending = "by itself"     // given back to us, corrected, or something later made it superfluous
	dismissed    ending = "dismissed"
	closed       ending = "closed" // the notice became Valmis, or its run was terminated
)

// stop is one time in attention.
type stop struct {
	reason string
	ending ending
}

// story is what one notice has gone through. A zero time has not come, or not in what Temporal keeps.
type story struct {
	customer                   string
	began, task, tehty, valmis time.Time
	lives                      int // more than one: it was started again
	stops                      []*stop

	reason string  // that is shown now
	open   []*stop // of the attention that it is in now
	resent bool    // since then
	tried  []*stop // resent, and not known to have gone on yet
}

// add goes on with the events of a life, the earlier lives first.
func (s *story) add(events []runs.Event) {
	s.lives++
	s.reason, s.open, s.resent, s.tried = "", nil, false, nil
	for _, event := range events {
		if s.began.IsZero() {
			s.began = event.At
		}
		switch {
		case event.Shown != nil:
			s.shown(event.At, *event.Shown)
		case event.Resent:
			s.resent = len(s.open) > 0
		case event.Ended:
			s.leave(closed)
		case goesOn(event.Did):
			s.tried = nil
		}
		if event.Tehty {
			keepFirst(&s.tehty, event.At)
		}
	}
}

// goesOn tells the steps of which each is something done; looking at a notice and planning come again with a resend.
func goesOn(did string) bool { return did != "" && did != "FollowNotice" && did != "PlanToimenpiteet" }

func (s *story) shown(at time.Time, now runs.Shown) {
	if now.TaskID != "" {
		keepFirst(&s.task, at)
	}
	if now.Reason != "" {
		s.reason = now.Reason
	}
	switch now.Phase {
	case runs.PhaseAttention:
		s.stopFor(s.reason)
	case runs.PhaseInvoiced:
		keepFirst(&s.valmis, at)
		s.leave(closed)
	case runs.PhaseDismissed:
		s.leave(dismissed)
	case runs.PhaseImporting, runs.PhaseWorking, runs.PhaseDone, runs.PhaseWithdrawn:
		if s.resent {
			s.tried = append(s.tried, s.open...)
			s.leave(wentOn)
			return
		}
		s.leave(byItself)
	default: // the phase stayed as it was
	}
}

// stopFor begins a time in attention, unless the notice waits for that reason already.
func (s *story) stopFor(reason string) {
	for _, one := range s.open {
		if one.reason == reason {
			return
		}
	}
	for _, one := range s.tried {
		if one.reason == reason {
			one.ending = refusedAgain
		}
	}
	one := &stop{reason, waiting}
	s.stops, s.open = append(s.stops, one), append(s.open, one)
}

// leave ends all that the notice waits for.
func (s *story) leave(how ending) {
	for _, one := range s.open {
		one.ending = how
	}
	s.open, s.resent, s.reason = nil, false, ""
}

func keepFirst(kept *time.Time, at time.Time) {
	if kept.IsZero() {
		*kept = at
	}
}

package workflows

import (
	"slices"
	"time"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

// noticeState is everything that a notice's workflow remembers. It is one serializable struct, so that continue-as-new
// hands it on whole, and every decision (phase, next) is a function of it.
type noticeState struct {
	TaskID      string        `json:"taskId,omitempty"`      // by create
	AcceptState string        `json:"acceptState,omitempty"` // by create; emptied when set or skipped
	Snapshot    runs.Snapshot `json:"snapshot"`              // by create and follow
	// ToldStanding is how the task was last told that the notice stands, while Hillava refuses the note that it stands otherwise.
	ToldStanding runs.Standing    `json:"toldStanding,omitempty"` // by follow
	Reported     runs.Reported    `json:"reported"`               // by tehty, invoice and follow
	ClosedBy     string           `json:"closedBy,omitempty"`     // by whatever ends the life
	Entries      []notice.Planned `json:"entries,omitempty"`      // by plan; each text that may have been sent
	Planned      bool             `json:"planned,omitempty"`      // by plan: Entries is what invoice shall send
	Begun        bool             `json:"begun,omitempty"`        // by invoice: toimenpiteet or Valmis may have been written

	DoneRequested    bool `json:"doneWanted,omitempty"`    // by the signal tyo-valmis
	InvoiceRequested bool `json:"invoiceWanted,omitempty"` // by the signal laskutettu
	// Undecided is a Työ valmis that came while invoice was under way: its outcome says whether the toimenpiteet had begun.
	Undecided       *runs.EventSignal `json:"undecided,omitempty"`
	FollowRequested bool              `json:"followWanted,omitempty"` // by notice-changed, and by resend when Tampuuri was the reason
	Dismissed       bool              `json:"dismissed,omitempty"`    // by the signal dismiss, or a Cancel

	Parked         []parking  `json:"parked,omitempty"`         // steps refused for good, oldest first
	Withdrawn      bool       `json:"withdrawn,omitempty"`      // by create and follow
	WithdrawnUntil *time.Time `json:"withdrawnUntil,omitempty"` // when a withdrawn notice is let go
	RecheckAt      *time.Time `json:"recheckAt,omitempty"`      // by plan: when unapproved time entries are looked at again
	RemindAt       *time.Time `json:"remindAt,omitempty"`       // by plan: when the office is reminded of them
	RemindTried    *time.Time `json:"remindTried,omitempty"`    // by remind: since when, while it is not known what came of it
	Unapproved     int        `json:"unapproved,omitempty"`     // by plan and remind

	Uninvoiced *uninvoiced `json:"uninvoiced,omitempty"` // by tehty, when the office wants to be reminded

	UntoldParent   int64 `json:"untoldParent,omitempty"` // by create: the notice whose task is to be told of this one
	FollowRounds   int   `json:"followRounds,omitempty"`
	ReminderRounds int   `json:"reminderRounds,omitempty"`
	// SeenEvents are the keys of the events that were taken, those of lives before included: the task keeps their events,
	// and the reconciliation and late webhooks send them again.
	SeenEvents []string            `json:"seenEvents,omitempty"`
	History    []runs.HistoryEntry `json:"history,omitempty"`
	Shown      shownAttributes     `json:"shown"` // what the search attributes say now
}

// parking is one thing that waits for a person.
type parking struct {
	Key    parkingKey `json:"key"`
	Reason string     `json:"reason"`
	Since  time.Time  `json:"since"`
	Said   string     `json:"said,omitempty"` // what the peer's refusal was
}

// shownAttributes are the search attributes as last set, so that they are upserted (and billed) on change only.
type shownAttributes struct {
	Phase    runs.Phase `json:"phase,omitempty"`
	Reason   string     `json:"reason,omitempty"`
	TaskID   string     `json:"taskId,omitempty"`
	Customer string     `json:"customer,omitempty"`
}

// step is one thing that a notice's life can do next.
type step string

const (
	stepWait     step = "wait"
	stepFinish   step = "finish"
	stepCreate   step = "create"
	stepAccept   step = "accept"
	stepTehty    step = "tehty"
	stepPlan     step = "plan"
	stepInvoice  step = "invoice"
	stepFollow   step = "follow"
	stepRemind   step = "remind"
	stepNudge    step = "nudge"    // the reminder that Laskutettu is missing
	stepWithdraw step = "withdraw" // the end of the wait for a withdrawn notice
)

// parkingKey tells one thing that waits for a person from another: a step that was refused for good, or something that a
// person must know and that stops nothing.
type parkingKey string

const (
	parkedNotice parkingKey = "notice" // turvakielto was set
	parkedNote   parkingKey = "note"   // Hillava refuses a note
	parkedEdit   parkingKey = "edit"   // an edit came once work had begun
)

// parkingOf is the key under which a refused step is parked.
func parkingOf(refused step) parkingKey { return parkingKey(refused) }

// next decides what to do. It is the whole order of a notice's life: Tehty before Valmis, a refused step out of the
// way of the later ones, nothing for a notice that is not ours. For stepWait, wake is when the answer may be another
// one without any signal; nil means never.
func (s *noticeState) next(now time.Time) (do step, wake *time.Time) {
	switch {
	case s.Reported == runs.ReportedValmis && s.FollowRequested: // told of before the end: its task is to hear of it
		return stepFollow, nil
	case s.over():
		return stepFinish, nil
	case s.parked(stepCreate):
		return stepWait, nil
	case s.FollowRequested && s.TaskID != "":
		return stepFollow, nil
	case s.parked(stepFollow):
		return stepWait, nil
	case s.Withdrawn:
		return s.nextWithdrawn(now)
	case s.TaskID == "":
		return stepCreate, nil
	case s.AcceptState != "" && !s.parked(stepAccept) && !s.DoneRequested && !s.InvoiceRequested:
		return stepAccept, nil
	case s.tehtyDue():
		return stepTehty, nil
	case s.InvoiceRequested && !s.parked(stepInvoice):
		return s.nextInvoice(now)
	default:
		return s.nextNudge(now)
	}
}

// tehtyDue: Työ valmis has come and Tehty may still go. It goes before a waiting Laskutettu, but not once the
// toimenpiteet have begun, and not while Tampuuri refuses it.
func (s *noticeState) tehtyDue() bool {
	return s.DoneRequested && s.Reported == runs.ReportedNone && !s.Begun && !s.parked(stepTehty)
}

func (s *noticeState) nextInvoice(now time.Time) (do step, wake *time.Time) {
	switch {
	case s.Planned:
		return stepInvoice, nil
	case due(s.RemindAt, now):
		return stepRemind, nil
	case s.RecheckAt == nil || due(s.RecheckAt, now):
		return stepPlan, nil
	case s.RemindAt != nil && s.RemindAt.Before(*s.RecheckAt):
		return stepWait, s.RemindAt
	default:
		return stepWait, s.RecheckAt
	}
}

func (s *noticeState) nextWithdrawn(now time.Time) (do step, wake *time.Time) {
	switch {
	case s.FollowRequested: // there is no task yet, so create reads the notice anew
		return stepCreate, nil
	case s.TaskID != "" && (s.tehtyDue() || s.InvoiceRequested):
		return stepFollow, nil
	case len(s.Parked) > 0: // somebody is still to see it; ended in attention, no poll would start it again
		return stepWait, nil
	case due(s.WithdrawnUntil, now):
		return stepWithdraw, nil
	default:
		return stepWait, s.WithdrawnUntil
	}
}

// over tells whether something has ended the life.
func (s *noticeState) over() bool { return s.Dismissed || s.ClosedBy != "" }

func due(at *time.Time, now time.Time) bool { return at != nil && !now.Before(*at) }

// phase is derived, never stored: leaving attention or withdrawn returns to where the notice was by itself.
func (s *noticeState) phase() runs.Phase {
	switch {
	case s.Reported == runs.ReportedValmis:
		return runs.PhaseInvoiced
	case s.Dismissed:
		return runs.PhaseDismissed
	case len(s.Parked) > 0:
		return runs.PhaseAttention
	case s.Withdrawn:
		return runs.PhaseWithdrawn
	case s.TaskID == "":
		return runs.PhaseImporting
	case s.Reported == runs.ReportedTehty:
		return runs.PhaseDone
	default:
		return runs.PhaseWorking
	}
}

// attention is the most recent of the parked steps, or nil. A turvakielto comes before all others: a resend acknowledges
// everything, and nobody may acknowledge that without having seen it.
func (s *noticeState) attention() *runs.Attention {
	if s.phase() != runs.PhaseAttention {
		return nil
	}
	shown := s.Parked[len(s.Parked)-1]
	if i := slices.IndexFunc(s.Parked, func(p parking) bool { return p.Key == parkedNotice }); i >= 0 {
		shown = s.Parked[i]
	}
	return &runs.Attention{Reason: shown.Reason, Since: shown.Since, What: runs.Advice(shown.Reason), Failure: shown.Said}
}

// parked tells whether a step was refused for good.
func (s *noticeState) parked(refused step) bool {
	return slices.ContainsFunc(s.Parked, func(p parking) bool { return p.Key == parkingOf(refused) })
}

func (s *noticeState) park(at parkingKey, reason, said string, now time.Time) {
	s.unpark(at)
	s.Parked = append(s.Parked, parking{Key: at, Reason: reason, Since: now.UTC(), Said: said})
}

func (s *noticeState) unpark(at parkingKey) {
	s.Parked = slices.DeleteFunc(s.Parked, func(p parking) bool { return p.Key == at })
}

// returnToUs forgets what was refused because the notice was not ours; those steps may go now.
func (s *noticeState) returnToUs() {
	s.forgetParked(runs.AboutStanding)
	s.Withdrawn, s.WithdrawnUntil = false, nil
}

// forgetParked lets the steps go again that were refused for such a reason.
func (s *noticeState) forgetParked(such func(reason string) bool) {
	s.Parked = slices.DeleteFunc(s.Parked, func(p parking) bool { return such(p.Reason) })
}

// Bounds of what a notice remembers. A life has a handful of either; a flood of forged-by-hand signals must not grow
// the state without end.
const (
	maxHistory    = 300
	maxSeenEvents = 1000
)

func (s *noticeState) record(now time.Time, what runs.Happening, eventID, result string) {
	s.History = append(s.History, runs.HistoryEntry{At: now.UTC(), What: what, EventID: eventID, Result: result})
	if excess := len(s.History) - maxHistory; excess > 0 {
		s.History = slices.Delete(s.History, 0, excess)
	}
}

// seen tells whether that event was taken before, and remembers it.
func (s *noticeState) seen(signal, eventID string) bool {
	if eventID == "" {
		return false
	}
	key := runs.EventKey(signal, eventID)
	if slices.Contains(s.SeenEvents, key) {
		return true
	}
	s.SeenEvents = append(s.SeenEvents, key)
	if excess := len(s.SeenEvents) - maxSeenEvents; excess > 0 {
		s.SeenEvents = slices.Delete(s.SeenEvents, 0, excess)
	}
	return false
}

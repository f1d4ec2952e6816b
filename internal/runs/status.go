package runs

import "time"

// Phase is where a notice's life stands. It is the value of the search attribute NoticePhase.
type Phase string

// The phases and the ways between them: importing → working → done → invoiced; working → invoiced; any open phase ↔
// attention and any open phase ↔ withdrawn, returning to where it was; dismissed ends a life by a person's decision.
const (
	PhaseImporting Phase = "importing" // the Hillava task is being made
	PhaseWorking   Phase = "working"   // the task exists; waiting for Työ valmis or Laskutettu
	PhaseDone      Phase = "done"      // Tehty is reported
	PhaseInvoiced  Phase = "invoiced"  // Valmis is reported; the run is closed
	PhaseAttention Phase = "attention" // refused for good by a peer; waits for resend or dismiss
	PhaseWithdrawn Phase = "withdrawn" // no longer ours in Tampuuri; kept open 30 days in case it is given back
	PhaseDismissed Phase = "dismissed" // a person closed it
)

// Reported is the furthest state that we have set, or found set, in Tampuuri. It only moves forward.
type Reported string

// States that can be reported, in order.
const (
	ReportedNone   Reported = "none"
	ReportedTehty  Reported = "Tehty"
	ReportedValmis Reported = "Valmis"
)

// Happening names what a history entry of the status query is about.
type Happening string

// The closed set of happenings.
const (
	HappenedCreated    Happening = "created"
	HappenedSignal     Happening = "signal"
	HappenedTehty      Happening = "tehty"
	HappenedToimenpide Happening = "toimenpide"
	HappenedValmis     Happening = "valmis"
	HappenedChanged    Happening = "changed"
	HappenedAttention  Happening = "attention"
	HappenedResend     Happening = "resend"
	HappenedIgnored    Happening = "ignored"
	HappenedWithdrawn  Happening = "withdrawn"
	HappenedDismissed  Happening = "dismissed"
)

// Status is the answer of the query "status". It holds no personal data.
type Status struct {
	Phase            Phase          `json:"phase"`
	TampuuriNoticeID int64          `json:"tampuuriNoticeId"`
	HillavaTaskID    string         `json:"hillavaTaskId"`
	Reported         Reported       `json:"reported"`
	ClosedBy         string         `json:"closedBy"` // "" while open; hillava, tampuuri, withdrawn, or who dismissed
	Attention        *Attention     `json:"attention"`
	History          []HistoryEntry `json:"history"` // oldest first
}

// Attention says why a notice waits for a person.
type Attention struct {
	Reason string    `json:"reason"` // one of Reasons; also the search attribute AttentionReason
	Since  time.Time `json:"since"`  // UTC
	What   string    `json:"what"`   // what to do, in plain English
	// Failure is what the peer's refusal was, in our own words; empty when no call of ours was refused.
	Failure string `json:"failure,omitempty"`
}

// HistoryEntry is one line of a notice's own history.
type HistoryEntry struct {
	At      time.Time `json:"at"` // UTC
	What    Happening `json:"what"`
	EventID string    `json:"eventId"` // of the signal, where one caused it
	Result  string    `json:"result"`
}

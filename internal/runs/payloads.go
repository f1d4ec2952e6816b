package runs

import (
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"time"

	commonpb "go.temporal.io/api/common/v1"

	"tampuuri-hillava/internal/notice"
)

// NoticeRef names one notice. It is all that an activity needs to find it in both systems.
type NoticeRef struct {
	Customer   string `json:"customer"`             // the customer's Tunniste
	NoticeID   int64  `json:"noticeId"`             // Tampuuri's Id, unique within one customer
	ExternalID string `json:"externalId,omitempty"` // ulkoinen tunniste, unique among all
}

// SetExternalID completes a ref that was kept without what its workflow's id says.
func (r *NoticeRef) SetExternalID(id string) { r.ExternalID = id }

// Standing is how a notice stands in Tampuuri towards us, as far as it matters here. Anything but StandingOpen that
// we have not caused ourselves was done by a person there.
type Standing string

// The standings.
const (
	StandingOpen       Standing = "open"       // ours, in any open state
	StandingTehty      Standing = "Tehty"      // ours
	StandingValmis     Standing = "Valmis"     // ours
	StandingCancelled  Standing = "Peruttu"    // whoever the performer is
	StandingReassigned Standing = "reassigned" // the performer is another company, or none
	StandingGone       Standing = "gone"       // Tampuuri has no such notice any more
)

// Snapshot is how a notice looked in Tampuuri. What its workflow knows stands in the memo, and notice-changed is signalled
// only when Tampuuri differs from it.
type Snapshot struct {
	Standing Standing          `json:"standing"`
	Prints   map[string]string `json:"prints"` // field name → keyed hash; see notice.Keyer
}

// Digest tells one snapshot from another. Its prints are keyed already.
func (s Snapshot) Digest() string {
	sum := fnv.New64a()
	for _, field := range slices.Sorted(maps.Keys(s.Prints)) {
		fmt.Fprintln(sum, field, s.Prints[field])
	}
	fmt.Fprintln(sum, s.Standing)
	return hex.EncodeToString(sum.Sum(nil))
}

// Keys of a notice's memo: memoRef tells two notices with one external id apart; memoImported is when the notice was first
// imported (RFC 3339 UTC), which its later runs and lives keep; memoLeft is the Muokattu that a notice had when it was
// dismissed; memoPhase is the phase in which an erased notice had ended.
const (
	memoSnapshot = "snapshot"
	memoRef      = "notice"
	memoImported = "imported"
	memoLeft     = "left"
	memoPhase    = "phase"
)

// MemoSnapshot is the memo change that keeps what a notice's workflow knows.
func MemoSnapshot(snapshot Snapshot) map[string]any { return map[string]any{memoSnapshot: snapshot} }

// MemoLeft is the memo change that keeps the Muokattu which a notice has when it is dismissed.
func MemoLeft(modified string) map[string]any { return map[string]any{memoLeft: modified} }

// MemoRef is the memo change of a notice that goes on under another customer.
func MemoRef(ref NoticeRef) map[string]any { return map[string]any{memoRef: ref} }

// SnapshotInMemo is what a memo says of a notice; the zero Snapshot where it says nothing.
func SnapshotInMemo(memo *commonpb.Memo) (snapshot Snapshot) {
	read(memo.GetFields()[memoSnapshot], &snapshot)
	return snapshot
}

// NoticeInput starts the life of one notice.
type NoticeInput struct {
	NoticeRef
	// HandledEvents are the events that the notice's task had when a later life was started. They are dealt with: only later ones
	// act. Keys as EventKey makes them.
	HandledEvents []string `json:"handledEvents,omitempty"`
	// Entries are the time entries that the life before has sent, for telling one that was changed since.
	Entries []notice.Planned `json:"entries,omitempty"`
}

// EventKey tells one event of Hillava from another. An id counts per signal: one id may have been used for both types.
func EventKey(signal, eventID string) string { return signal + " " + eventID }

// CreateInput names the notice of which a task is to be made.
type CreateInput struct {
	NoticeRef
	Known string `json:"known"` // Digest of the snapshot in the memo
}

// CreatedTask is the outcome of CreateTask. TaskID is empty when the notice was no longer ours and open.
type CreatedTask struct {
	TaskID      string   `json:"taskId"`
	Found       bool     `json:"found,omitempty"`       // it was there already
	AcceptState string   `json:"acceptState,omitempty"` // to set in Tampuuri now that the task is there
	Snapshot    Snapshot `json:"snapshot,omitzero"`     // as the task was made from; zero: as it was known
	ParentID    int64    `json:"parentId,omitempty"`    // the notice from which it was chained, when its task is to be told
	// Events of a task that was found: those of a time without a workflow for this notice have reached nobody else.
	Events []FoundEvent `json:"events,omitempty"`
}

// FoundEvent is an event of a found task, as the signal that it would have been.
type FoundEvent struct {
	Signal string `json:"signal"`
	EventSignal
	// Old says that the event is older than what Temporal remembered when this life began: it belongs to a life before.
	Old bool `json:"old,omitempty"`
}

// SetStateInput asks for one state: Tehty, with Ilmoita osallisille as the customer's settings say, or its accept state.
type SetStateInput struct {
	NoticeRef
	State string `json:"state"`
}

// StateSet is the outcome of SetState.
type StateSet struct {
	Already  bool     `json:"already,omitempty"` // nothing was written
	Silent   bool     `json:"silent,omitempty"`  // customers.yaml has nobody notified
	Standing Standing `json:"standing"`          // as it stands now
	// RemindAfter is after how long without laskutettu the office wants to be reminded; 0: never.
	RemindAfter time.Duration `json:"remindAfter,omitempty"`
}

// PlanInput carries the earlier plan, if there was one: a text that may have been sent is never forgotten.
type PlanInput struct {
	NoticeRef
	TaskID   string           `json:"taskId"`
	Previous []notice.Planned `json:"previous,omitempty"`
}

// Plan lists the time entries to send.
type Plan struct {
	Entries      []notice.Planned `json:"entries"`
	Unapproved   int              `json:"unapproved,omitempty"`   // > 0: the customer wants approved entries only, so wait
	RecheckAfter time.Duration    `json:"recheckAfter,omitempty"` // how long to wait before planning again
}

// InvoicedInput is the plan to carry out.
type InvoicedInput struct {
	NoticeRef
	TaskID  string           `json:"taskId"`
	Entries []notice.Planned `json:"entries"`
	// TyoValmisWaits: it came while this was under way, so this attempt only looks whether anything of the plan is in Tampuuri.
	TyoValmisWaits bool `json:"tyoValmisWaits,omitempty"`
}

// InvoicedReport is the outcome of ReportInvoiced. It is also the detail of a refusal that came of a look.
type InvoicedReport struct {
	Added   int  `json:"added"`            // toimenpiteet that this attempt added
	Present int  `json:"present"`          // planned toimenpiteet that are in Tampuuri now
	Replan  bool `json:"replan,omitempty"` // an entry changed before it was sent, or Työ valmis waits: plan again, then report again
	// Untouched: nothing of that plan is in Tampuuri, so Työ valmis may still go before it.
	Untouched bool `json:"untouched,omitempty"`
	Already   bool `json:"already,omitempty"` // Valmis was there, with every planned toimenpide
	Silent    bool `json:"silent,omitempty"`  // customers.yaml has nobody notified
}

// FollowInput is what is known of the notice and of our own doings.
type FollowInput struct {
	NoticeRef
	TaskID   string           `json:"taskId"`
	Snapshot Snapshot         `json:"snapshot"` // as the task was last told
	Reported Reported         `json:"reported"`
	Entries  []notice.Planned `json:"entries,omitempty"`
	Life     string           `json:"life"`  // tells this life of the notice from others, and
	Round    int              `json:"round"` // this look from others of the life: both are part of a note's idempotency key
}

// Followed is the outcome of FollowNotice.
type Followed struct {
	Snapshot  Snapshot `json:"snapshot"`            // as it is now
	Customer  string   `json:"customer,omitempty"`  // the Tunniste under which it goes on, when that has changed
	Changed   []string `json:"changed,omitempty"`   // names of mapped fields that differ
	Protected bool     `json:"protected,omitempty"` // turvakielto has been set since the task was made
	WorkBegun bool     `json:"workBegun,omitempty"` // the task has left its first state, or has time entries
	Unsent    int      `json:"unsent,omitempty"`    // time entries that Tampuuri has no toimenpide for
	// NoteRefused and StandingUntold say that Hillava refused for good the note about what was changed, or that about how the
	// notice stands.
	NoteRefused    bool `json:"noteRefused,omitempty"`
	StandingUntold bool `json:"standingUntold,omitempty"`
}

// ParentInput names the notice whose task is to be told of a chained one.
type ParentInput struct {
	NoticeRef
	ParentID int64 `json:"parentId"`
}

// Left is how a notice looked when it was dismissed.
type Left struct {
	Modified string `json:"modified"` // Muokattu, RFC 3339
}

// ReminderInput says which reminder of time entries to be approved is due.
type ReminderInput struct {
	NoticeRef
	TaskID string `json:"taskId"`
	Life   string `json:"life"`  // as in FollowInput
	Round  int    `json:"round"` // of this life, from 1
}

// ApprovalReminder is the outcome of RemindUnapproved: how many time entries are still to be approved. With 0 nothing was
// noted.
type ApprovalReminder struct {
	Unapproved int `json:"unapproved"`
}

// UninvoicedInput says since when a notice is Tehty without laskutettu, and which reminder of it is due.
type UninvoicedInput struct {
	NoticeRef
	TaskID string        `json:"taskId"`
	Since  time.Time     `json:"since"`
	Round  int           `json:"round"`
	Every  time.Duration `json:"every"` // as customers.yaml had it before
}

// Reminded is the outcome of RemindUninvoiced.
type Reminded struct {
	Noted bool          `json:"noted,omitempty"` // on the task; there was a reason not to otherwise
	Every time.Duration `json:"every,omitempty"` // until the next reminder; 0: nobody wants one any more
}

// NoticeResult is how a life ended. Entries stay known after the run is closed, for telling a time entry that was
// changed after sending.
type NoticeResult struct {
	Phase    Phase    `json:"phase"`
	Reported Reported `json:"reported"`
	ClosedBy string   `json:"closedBy"`
	TaskID   string   `json:"taskId"`
	// Entries are the time entries that were sent.
	Entries []notice.Planned `json:"entries,omitempty"`
}

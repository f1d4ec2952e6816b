package runs

import (
	"time"

	"tampuuri-hillava/internal/notice"
)

// CustomerInput starts the workflow of a customer.
type CustomerInput struct {
	Tunniste string `json:"tunniste"`
	Served   Served `json:"served"`
}

// Served is what SyncCustomers found out about a customer, apart from what its entry in customers.yaml says of itself.
type Served struct {
	CustomerID string   `json:"customerId,omitempty"` // in Hillava
	Reasons    []string `json:"reasons,omitempty"`    // why Hillava's list keeps it from being polled; what to do
	Entry      string   `json:"entry,omitempty"`      // keyed hash of its entry, so that an edit is noticed at once
}

// CustomerRoundInput is one round over a customer.
type CustomerRoundInput struct {
	Tunniste string         `json:"tunniste"`
	Served   Served         `json:"served"`
	Paused   bool           `json:"paused,omitempty"`  // by a person: nothing is polled
	Now      bool           `json:"now,omitempty"`     // a person waits for this round: poll, and return
	Marks    Marks          `json:"marks"`             // where the last round left off, as far as it has returned
	Sent     []SentTask     `json:"sent,omitempty"`    // tasks to be compared with what was sent
	Changed  []ChangedAfter `json:"changed,omitempty"` // as the last comparisons found
}

// CustomerRound is what a round returns that has news. One without news fails with FaultNothingNew instead and leaves its
// Marks in the heartbeat details, which adds no event: the next attempt is the next round.
type CustomerRound struct {
	Marks    Marks          `json:"marks"`
	Refused  string         `json:"refused,omitempty"`  // why nothing may be polled, for who asked for it now
	Compared []SentTask     `json:"compared,omitempty"` // of CustomerRoundInput.Sent: done with
	Changed  []ChangedAfter `json:"changed,omitempty"`  // after this round
	// Over says that nothing of this customer is left to do: no list names it, and it has no open notices.
	Over bool `json:"over,omitempty"`
}

// Marks is where a customer's rounds stand. Ids, times, counts and closed words only.
type Marks struct {
	At           time.Time       `json:"at"`                 // when the round ended that left them
	Lists        map[int64]Place `json:"lists,omitempty"`    // by performer id
	Reasons      []string        `json:"reasons,omitempty"`  // why nothing is polled, by itself; each with what to do
	LastGood     *time.Time      `json:"lastGood,omitempty"` // when a poll last went through
	Entry        string          `json:"entry,omitempty"`    // Served.Entry of the round
	NextPoll     *time.Time      `json:"nextPoll,omitempty"` // nil while nothing may be polled
	Every        time.Duration   `json:"every,omitempty"`    // poll.every, for whoever judges LastGood
	Last         PollCounts      `json:"last"`
	LastAt       *time.Time      `json:"lastAt,omitempty"` // of Last
	Skipped      []SkippedNotice `json:"skipped,omitempty"`
	NamelessAt   *time.Time      `json:"namelessAt,omitempty"`   // when a poll last met a row whose id cannot be read
	Faults       int             `json:"faults,omitempty"`       // rounds in a row that failed
	Compared     *time.Time      `json:"compared,omitempty"`     // when the open notices were last compared, all of them
	ComparedUpTo int64           `json:"comparedUpTo,omitempty"` // the notice id up to which a comparison got that was cut short
	CompareFrom  *time.Time      `json:"compareFrom,omitempty"`  // after a comparison that failed: the next one is not before this
	Open         int             `json:"open,omitempty"`         // notices open at the last comparison
	Unflagged    int             `json:"unflagged,omitempty"`    // those of them without a readable turvakielto flag
	Changed      int             `json:"changed,omitempty"`      // notices whose time entries were changed after sending
}

// Status is what the marks say of a customer's status; none say nothing. Who paused it, and what was changed after sending,
// only its workflow tells.
func (m *Marks) Status(tunniste string) CustomerStatus {
	status := CustomerStatus{Tunniste: tunniste, Reasons: []string{}, Skipped: []SkippedNotice{}, Changed: []ChangedAfter{}}
	if m == nil {
		return status
	}
	status.Reasons, status.Skipped = append(status.Reasons, m.Reasons...), append(status.Skipped, m.Skipped...)
	status.LastGoodPoll, status.NextPoll, status.LastCompared = m.LastGood, m.NextPoll, m.Compared
	status.Polled = m.NextPoll != nil && len(m.Reasons) == 0
	status.Unflagged, status.Open = m.Unflagged, m.Open
	if m.LastAt != nil {
		status.LastRound = &LastRound{At: m.LastAt, PollCounts: m.Last}
	}
	return status
}

// Place is where the reading of one list stands.
type Place struct {
	// For is a keyed hash of what the place was made for; where that has changed, reading begins anew.
	For string `json:"for,omitempty"`
	// Mark is the time of modification up to which every row is dealt with (RFC 3339).
	Mark string `json:"mark,omitempty"`
	// Cursor is where a round goes on that was cut short; nil after one that got to the end.
	Cursor *Cursor `json:"cursor,omitempty"`
}

// Cursor is a position within a list that is ordered by time of modification while its rows move.
type Cursor struct {
	Since  string `json:"since"`  // the time that the next page begins with (RFC 3339)
	Offset int    `json:"offset"` // within rows that share that time
	// AnchorID and AnchorAt are the row, and its time in Unix nanoseconds, that the next page must begin with, see walk.
	AnchorID string `json:"anchorId,omitempty"`
	AnchorAt int64  `json:"anchorAt,omitempty"`
	Held     bool   `json:"held,omitempty"` // a row before it is to be met again, so the mark stays
}

// SkippedNotice is one notice that a poll did not import and a person should know of.
type SkippedNotice struct {
	NoticeID int64  `json:"noticeId"`
	Reason   string `json:"reason"`
}

// Reasons for which a poll passes a notice over.
const (
	SkippedReopened    = "reopened in Tampuuri"
	SkippedUnreadable  = "unreadable"
	SkippedSharedID    = "external id is another notice's"
	SkippedNoPerformer = "its row names no performer"
)

// SentTask is a task whose time entries may have been changed after sending: it has moved after its notice was invoiced, or
// ReportInvoiced saw it.
type SentTask struct {
	ExternalID string `json:"externalId"`
	TaskID     string `json:"taskId"`
	Modified   string `json:"modified"` // the task's modifiedAt, or when it was seen, RFC 3339 UTC
}

// ChangedAfter is a notice whose time entries were changed after they had been sent.
type ChangedAfter struct {
	WorkflowID string   `json:"workflowId"`
	TaskID     string   `json:"taskId"`
	EntryIDs   []string `json:"entryIds"`
	Since      string   `json:"since"` // RFC 3339 UTC, when it was first seen
	// Noted tells which changes the task's note is about, so that rounds which read the task again add no other one.
	Noted string `json:"noted,omitempty"`
}

// ImportInput asks for one notice to be imported by a person's wish.
type ImportInput struct {
	Tunniste string `json:"tunniste"`
	Served   Served `json:"served"`
	NoticeID int64  `json:"noticeId"`
}

// CustomerStatus is the answer of a customer's query "status". Times are RFC 3339 UTC, or null.
type CustomerStatus struct {
	Tunniste     string          `json:"tunniste"`
	Polled       bool            `json:"polled"`  // false while paused, and while anything in Reasons stops it
	Reasons      []string        `json:"reasons"` // what stops polling by itself, beside a person's pause
	Paused       *Paused         `json:"paused"`
	LastGoodPoll *time.Time      `json:"lastGoodPoll"`
	NextPoll     *time.Time      `json:"nextPoll"`
	Skipped      []SkippedNotice `json:"skipped"`
	LastRound    *LastRound      `json:"lastRound"`
	LastCompared *time.Time      `json:"lastCompared"` // when its open notices were last compared, all of them
	Changed      []ChangedAfter  `json:"changed"`      // notices whose time entries were changed after sending
	Unflagged    int             `json:"unflagged"`    // open notices without a readable turvakielto flag
	Open         int             `json:"open"`         // open notices when they were last compared
}

// Paused says who paused polling, and why.
type Paused struct {
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"` // UTC
}

// PollCounts is what a poll did, and the answer of the update poll-now.
type PollCounts struct {
	Started   int    `json:"started"`   // notices that were new
	Known     int    `json:"known"`     // notices that have a workflow
	Signalled int    `json:"signalled"` // those of them that were told of a change
	Left      bool   `json:"left"`      // more is waiting for the next round
	Failure   string `json:"failure"`   // why it failed, as a word; empty when it did not
}

// LastRound is the last round that polled.
type LastRound struct {
	At *time.Time `json:"at"`
	PollCounts
}

// NoEntry is the reason of a customer that customers.yaml does not name.
const NoEntry = "customers.yaml has no entry for this customer; starter customers open adds one, with its consent, credentials, performer ids and start date"

// TakenOver is the reason of a former Tunniste, which another entry names.
func TakenOver(by string) string {
	return "its notices go on under " + by + ", whose entry names it in formerly"
}

// Stranded is the reason of open notices that no entry serves.
func Stranded(open int64) string {
	return notice.Count(int(open), "open notice") + " of this Tunniste cannot be written back; put its entry back, or name this Tunniste in formerly of the entry that takes them over"
}

package runs

import "time"

// Round is what the schedules sync-customers and reconcile start their workflows with.
type Round struct {
	Every time.Duration `json:"every"`
}

// SyncInput carries the last good result: a customer that a failed, empty or halved list does not name is kept by it.
type SyncInput struct {
	Last SyncResult `json:"last"`
}

// SyncResult says which customers are served, and why others are not. It is the one memory of Hillava's customer list, and
// holds no names: a property owner may be a person.
type SyncResult struct {
	Customers []CustomerState `json:"customers"`
	// InHillava is the length of the last believed list; ShrunkSince is since when the lists are too short to be believed.
	InHillava   int        `json:"inHillava"`
	ShrunkSince *time.Time `json:"shrunkSince,omitempty"`
	// Warning says why the list of this round was not believed, as a word; empty when it was.
	Warning string `json:"warning,omitempty"`
	// Failure is why this round failed, as an error type; empty when it did not.
	Failure string `json:"failure,omitempty"`
	// LastGood is when a round last went through.
	LastGood *time.Time `json:"lastGood,omitempty"`
}

// WarningShrunk is the warning of a sync whose list from Hillava was empty or had lost half of its customers at once.
const WarningShrunk = "customer list empty or halved: nobody is removed"

// CustomerState is one customer after a sync.
type CustomerState struct {
	Tunniste string `json:"tunniste"`
	Served
	HasEntry bool `json:"hasEntry,omitempty"` // in customers.yaml, so that it has a workflow
	// Told is the digest of what its workflow has been told; another one is told by the next sync.
	Told string `json:"told,omitempty"`
	// Stranded counts its open notices when nothing serves it any more.
	Stranded int64 `json:"stranded,omitempty"`
}

// ReconcileInput carries the last round's result.
type ReconcileInput struct {
	Last ReconcileResult `json:"last"`
}

// ReconcileResult is what changed tasks had to say that no webhook had said, and where the next round goes on.
type ReconcileResult struct {
	Place     Place `json:"place"`
	Tasks     int   `json:"tasks"`          // changed tasks looked at
	Signalled int   `json:"signalled"`      // events sent to their notices
	Compare   int   `json:"compare"`        // tasks that have moved after their notice was invoiced
	Left      bool  `json:"left,omitempty"` // cut short: the next round goes on
	// Unreadable are ids of changed tasks that could not be read, or not all of their events: the mark has passed them, and each
	// round asks for some again.
	Unreadable []string `json:"unreadable,omitempty"`
	Failure    string   `json:"failure,omitempty"`
	// LastGood is when a round last went through.
	LastGood *time.Time `json:"lastGood,omitempty"`
}

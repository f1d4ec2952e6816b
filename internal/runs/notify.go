package runs

import (
	"context"
	"errors"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
)

// NotifyInput starts the workflow Notify, or goes on with it.
type NotifyInput struct {
	Marks NotifyMarks `json:"marks"` // where the last round that returned left off
}

// NotifyRound is what a round returns that has told somebody something, or has found that a channel began or ceased to take
// messages. One without news fails with FaultNothingNew and its marks as details, as a customer's does.
type NotifyRound struct {
	Marks NotifyMarks `json:"marks"`
}

// NotifyMarks is what is known to be wrong, and who has been told of it. Kinds, Tunnisteet, counts, times and keyed hashes.
type NotifyMarks struct {
	At       time.Time              `json:"at"`                 // when the round ended that left them
	Seen     []SeenCause            `json:"seen,omitempty"`     // of the last look
	Channels map[string]ToldChannel `json:"channels,omitempty"` // by keyed hash of the channel's address
	Open     int                    `json:"open,omitempty"`     // how many of them the worker of that round has
	Failing  int                    `json:"failing,omitempty"`  // how many of those do not take messages
}

// Cause is one thing that a person should know of: a kind of trouble, at one customer.
type Cause struct {
	Kind     string `json:"kind"`               // an attention reason, or one of the Kinds of internal/notify
	Customer string `json:"customer,omitempty"` // Tunniste; empty when it is nobody's alone
}

// SeenCause is a cause as the looks have found it.
type SeenCause struct {
	Cause
	Count int        `json:"count,omitempty"` // of notices, tasks or events
	Since time.Time  `json:"since"`           // of the look that saw it first
	Gone  *time.Time `json:"gone,omitempty"`  // of the first look that did not see it any more
}

// ToldChannel is what one channel has been told.
type ToldChannel struct {
	Told     []ToldCause `json:"told,omitempty"`     // what it believes to be wrong
	Failures int         `json:"failures,omitempty"` // in a row
	RetryAt  *time.Time  `json:"retryAt,omitempty"`  // after a failure
	Daily    *time.Time  `json:"daily,omitempty"`    // up to when its last daily summary counted, or since when the first one will
}

// ToldCause is a cause with the count that was told of it.
type ToldCause struct {
	Cause
	Count int `json:"count,omitempty"`
}

// DayCounts is what a daily summary counts in Temporal.
type DayCounts struct {
	New    int64 // notices whose life began, also once more
	Valmis int64 // notices that are Valmis since then
	Tehty  int64 // open notices that are Tehty now; Temporal does not keep since when
}

// CountDay counts what came between two moments. A life that goes on in a new run is not new.
func (c *Client) CountDay(ctx context.Context, from, to time.Time) (counts DayCounts, err error) {
	day := Span{from, to}
	var continued int64
	for _, one := range []struct {
		into   *int64
		filter Filter
	}{
		{&counts.New, Filter{Started: day}},
		{&continued, Filter{Closed: day, Continued: true}},
		{&counts.Valmis, Filter{Closed: day, Phase: PhaseInvoiced}},
		{&counts.Tehty, Filter{Phase: PhaseDone, Open: true}},
	} {
		if *one.into, err = c.count(ctx, one.filter); err != nil {
			return DayCounts{}, err
		}
	}
	counts.New -= continued
	return counts, nil
}

// EnsureNotify starts the workflow that tells people, or ends it where nobody is to be told.
func (c *Client) EnsureNotify(ctx context.Context, wanted bool) error {
	if !wanted {
		err := wrap("end", NotifyWorkflowID, c.temporal.CancelWorkflow(ctx, NotifyWorkflowID, ""))
		if errors.Is(err, ErrNone) {
			return nil
		}
		return err
	}
	err := c.start(ctx, client.StartWorkflowOptions{
		ID:                    NotifyWorkflowID,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:         "Tells people what is wrong",
		StaticDetails:         "Sends a message when a cause of trouble begins, and when it is over, to each channel of NOTIFY_URLS. A Cancel ends it until a worker starts.",
	}, TypeNotify, NotifyInput{})
	if errors.Is(err, ErrAlreadyStarted) {
		return nil
	}
	return err
}

package workflows

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

// customerRun is the input of one run of Customer.
type customerRun struct {
	runs.CustomerInput
	Carried *customerState `json:"carried,omitempty"` // from the run before, on continue-as-new
}

// customerState is everything that a customer's workflow remembers.
type customerState struct {
	Served  runs.Served         `json:"served"`            // by the start and the signal served
	Paused  *runs.Paused        `json:"paused,omitempty"`  // by the updates pause and resume, and by a Cancel
	Marks   runs.Marks          `json:"marks"`             // by the last round that returned
	Sent    []runs.SentTask     `json:"sent,omitempty"`    // by the signal entries-changed; compared by the next round
	Changed []runs.ChangedAfter `json:"changed,omitempty"` // by the rounds
}

// customer is one run of Customer: the state, and what is needed to act on it.
type customer struct {
	*Workflows
	tunniste string
	*customerState
	cancelled  func() bool // whether a Cancel has been asked for
	cancelSeen bool        // it was taken for a pause; only a new run can see another one
	stop       func()      // ends the round under way, or the rest between two
	changes    int         // of what a round works with: one that began before the last of them is interrupted
	hasty      int         // rounds in a row that returned at once
	imported   []int64     // by a person; the last round that ended may list them as skipped

	asked    int    // how many polls people have asked for
	answered int    // how many of those are done
	refused  string // why the last of them was not possible
}

// Customer is all that concerns one customer's Tampuuri alone: the poll, its open notices compared, time entries compared
// after sending. It is one activity that does a round after the other, each an attempt: a round without news fails
// benignly and says when the next is due, which adds no event to this history; one with news returns.
func (w *Workflows) Customer(ctx workflow.Context, in customerRun) error {
	c := &customer{
		Workflows: w, tunniste: in.Tunniste, customerState: in.Carried,
		cancelled: func() bool { return ctx.Err() != nil }, stop: func() {},
	}
	if c.customerState == nil {
		c.customerState = &customerState{Served: in.Served}
	}
	if err := c.answer(ctx); err != nil {
		return err
	}
	// A Cancel is taken as a pause and must not tear the work down by itself.
	detached, _ := workflow.NewDisconnectedContext(ctx)
	c.listen(detached)
	return c.serve(detached)
}

// serve does one round after the other for as long as the customer is served.
func (c *customer) serve(ctx workflow.Context) error {
	for {
		c.drain(ctx)
		workflow.SetCurrentDetails(ctx, c.details())
		changes, over := c.changes, false
		if c.asked > c.answered || !c.tooLong(ctx) {
			if over = c.round(ctx); !over {
				continue
			}
		}
		// No run ends before everybody has an answer.
		if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) || c.asked > c.answered }); err != nil {
			return err
		}
		switch c.drain(ctx); {
		case over && c.changes == changes && c.Paused == nil: // a pause must not be forgotten
			return nil
		case c.tooLong(ctx) && c.asked == c.answered:
			next := customerRun{CustomerInput: runs.CustomerInput{Tunniste: c.tunniste, Served: c.Served}, Carried: c.customerState}
			return workflow.NewContinueAsNewError(ctx, runs.TypeCustomer, next)
		}
	}
}

// tooLong tells whether this run should end: its history is long, or a Cancel was taken and a next one is to be seen.
func (c *customer) tooLong(ctx workflow.Context) bool {
	return c.cancelSeen || workflow.GetInfo(ctx).GetContinueAsNewSuggested()
}

// round lets the activity do rounds until one has news or what it works with has changed; over says that nothing of this
// customer is left to do.
func (c *customer) round(ctx workflow.Context) (over bool) {
	ticket, now, changes, began := c.asked, c.asked > c.answered, c.changes, workflow.Now(ctx)
	if now && c.Paused != nil { // paused after somebody asked
		c.answered, c.refused = ticket, c.pauseInWords()
		return false
	}
	defer func(before int) { c.imported = c.imported[before:] }(len(c.imported)) // this round knows of those
	in := runs.CustomerRoundInput{
		Tunniste: c.tunniste, Served: c.Served, Paused: c.Paused != nil, Now: now, Marks: c.Marks,
		Sent: c.Sent, Changed: c.Changed,
	}
	var round runs.CustomerRound
	var err error
	c.until(ctx, func(ctx workflow.Context) {
		round, err = customerRound.execute(c.withCustomerRound(ctx, c.tunniste), in)
	})
	interrupted := c.changes != changes
	if err != nil {
		c.keepMarks(err)
		if !interrupted { // each attempt ends itself, so this is a fault of ours; the next round shows it again
			workflow.GetLogger(ctx).Error("A round over a customer failed in a way that none should.", "customer", c.tunniste, "error", err)
			c.rest(ctx)
		}
		return false
	}
	c.Marks, c.Changed = c.withoutImported(round.Marks), round.Changed
	c.Sent = slices.DeleteFunc(c.Sent, func(t runs.SentTask) bool { return slices.Contains(round.Compared, t) })
	if now && !interrupted { // one that was cut short is no answer: it is asked again
		c.answered, c.refused = ticket, round.Refused
	}
	c.pace(ctx, now || interrupted || workflow.Now(ctx).Sub(began) >= atOnce)
	return round.Over
}

// Rounds that return within atOnce may follow each other maxHasty times, as the first ones over a customer do. Both take
// part in what a replay compares.
const (
	atOnce   = time.Second
	maxHasty = 5
)

// pace keeps rounds that return at once from following each other without end: each is events and money. A round that has
// nothing to do says itself when the next one is due.
func (c *customer) pace(ctx workflow.Context, expected bool) {
	if c.hasty++; expected {
		c.hasty = 0
	}
	if c.hasty > maxHasty {
		c.rest(ctx)
	}
}

func (c *customer) rest(ctx workflow.Context) {
	c.until(ctx, func(ctx workflow.Context) { _ = workflow.Sleep(ctx, time.Minute) })
}

// until does something that ends at the latest when what it works with changes.
func (c *customer) until(ctx workflow.Context, do func(workflow.Context)) {
	ctx, cancel := workflow.WithCancel(ctx)
	defer cancel()
	c.stop = cancel
	do(ctx)
	c.stop = func() {}
}

// interrupt ends the round under way, so that the next one begins with what is known now.
func (c *customer) interrupt() {
	c.changes++
	c.stop()
}

// keepMarks takes the marks of a round that ended without returning. One that was waiting for its next attempt leaves
// none: the next round reads again what has moved since the last news, and knows it.
func (c *customer) keepMarks(err error) {
	var marks runs.Marks
	var failure *temporal.ApplicationError // it ended itself without news
	var timeout *temporal.TimeoutError     // its worker died
	switch {
	case errors.As(err, &timeout) && timeout.HasLastHeartbeatDetails():
		err = timeout.LastHeartbeatDetails(&marks)
	case errors.As(err, &failure) && failure.HasDetails():
		err = failure.Details(&marks)
	}
	if err == nil && marks.At.After(c.Marks.At) {
		c.Marks = c.withoutImported(marks)
	}
}

// withoutImported are a round's marks without what a person has imported since it began: nobody has to do so again.
func (c *customer) withoutImported(marks runs.Marks) runs.Marks {
	marks.Skipped = slices.DeleteFunc(slices.Clone(marks.Skipped), func(s runs.SkippedNotice) bool { return slices.Contains(c.imported, s.NoticeID) })
	return marks
}

// listen takes signals and a Cancel as they come, also while a round waits for its next attempt.
func (c *customer) listen(ctx workflow.Context) {
	workflow.Go(ctx, func(ctx workflow.Context) {
		for workflow.Await(ctx, func() bool { return c.signalled(ctx) }) == nil {
			if c.drain(ctx); c.tooLong(ctx) && c.asked == c.answered {
				c.interrupt() // signals that change nothing lengthen a history too
			}
		}
	})
}

func (c *customer) signalled(ctx workflow.Context) bool {
	return c.cancelled() && !c.cancelSeen ||
		workflow.GetSignalChannel(ctx, runs.ServedSignal.Name()).Len() > 0 ||
		workflow.GetSignalChannel(ctx, runs.EntriesChanged.Name()).Len() > 0
}

// drain takes every signal that is already here. What changes the next round ends the one that waits for its time.
func (c *customer) drain(ctx workflow.Context) {
	before := c.Served
	receiveAll(ctx, runs.ServedSignal, func(served runs.Served) { c.Served = served })
	if !sameServed(before, c.Served) {
		c.interrupt()
	}
	receiveAll(ctx, runs.EntriesChanged, func(task runs.SentTask) {
		c.Sent = slices.DeleteFunc(c.Sent, func(t runs.SentTask) bool { return t.TaskID == task.TaskID })
		if c.Sent = append(c.Sent, task); len(c.Sent) > maxSent {
			c.Sent = c.Sent[len(c.Sent)-maxSent:]
		}
		c.interrupt()
	})
	if c.cancelled() && !c.cancelSeen {
		c.cancelSeen = true
		c.pause(ctx, runs.PauseInput{By: "cancel", Reason: "cancelled in Temporal; resume ends it"})
		c.interrupt() // also when it was paused already
	}
}

// maxSent bounds what a flood of changed tasks can put into the state; the oldest go first.
const maxSent = 2000

func sameServed(x, y runs.Served) bool {
	return x.CustomerID == y.CustomerID && x.Entry == y.Entry && slices.Equal(x.Reasons, y.Reasons)
}

// receiveAll hands on each signal of that name that is here; one that is not of its shape was sent by hand and says nothing.
func receiveAll[T any](ctx workflow.Context, signal runs.SignalRef[T], each func(T)) {
	receiveRaw(ctx, signal.Name(), func(raw converter.RawValue) {
		if payload, ok := signal.Decode(raw); ok {
			each(payload)
		}
	})
}

// pause is a person's: it holds until somebody resumes. Paused already, the earlier one stays.
func (c *customer) pause(ctx workflow.Context, in runs.PauseInput) {
	if c.Paused != nil {
		return
	}
	c.Paused = &runs.Paused{By: in.By, Reason: in.Reason, Since: workflow.Now(ctx).UTC()}
	c.audit(ctx, in.By, "pause")
	c.interrupt()
}

// audit writes down what a person asked for, as the Web UI passes no command of ours that would.
func (c *customer) audit(ctx workflow.Context, who, update string) {
	auditLine(ctx, who, "update.take "+update, runs.NoticeRef{Customer: c.tunniste}, "", "done")
}

func (c *customer) pauseInWords() string {
	return fmt.Sprintf("polling was paused by %s on %s%s; resume it first", c.Paused.By, notice.Clock(c.Paused.Since), c.because())
}

// because is the reason of a pause, if there is one.
func (c *customer) because() string {
	if c.Paused.Reason == "" {
		return ""
	}
	return ": " + c.Paused.Reason
}

// current is the newest of what the state and the rounds without news know.
func (c *customer) current() runs.Marks {
	if c.marks != nil {
		if fresh, ok := c.marks(c.tunniste); ok && fresh.At.After(c.Marks.At) {
			return fresh
		}
	}
	return c.Marks
}

func (c *customer) status() (runs.CustomerStatus, error) {
	marks := c.withoutImported(c.current())
	status := marks.Status(c.tunniste)
	status.Paused, status.Changed = c.Paused, append(status.Changed, c.Changed...)
	if c.Paused != nil {
		status.NextPoll = nil
	}
	if marks.At.IsZero() { // before the first round nobody has looked at the entry
		status.Reasons = append(status.Reasons, c.Served.Reasons...)
	}
	status.Polled = c.Paused == nil && len(status.Reasons) == 0
	return status, nil
}

// details is what the Web UI shows above the history, in its Markdown. Rounds without news do not come by here: the
// pending activity beside it tells of them.
func (c *customer) details() string {
	marks := c.Marks
	var text string
	switch {
	case c.Paused != nil:
		text += fmt.Sprintf("**Paused** by %s since %s%s\n\n", c.Paused.By, c.Paused.Since.Format(time.RFC3339), c.because())
	case len(marks.Reasons) > 0:
		text += "**Not polled**\n\n"
	default:
		text += "**Polled.** The pending activity tells of the last round and when the next one is due.\n\n"
	}
	for _, reason := range marks.Reasons {
		text += fmt.Sprintf("- %s\n", reason)
	}
	if marks.LastAt != nil {
		text += fmt.Sprintf("Last news at %s: %d new, %d known, %d told of a change", marks.LastAt.Format(time.RFC3339), marks.Last.Started, marks.Last.Known, marks.Last.Signalled)
		if marks.Last.Left {
			text += "; more waits for the next round"
		}
		if marks.Last.Failure != "" {
			text += fmt.Sprintf("; it failed: %s", marks.Last.Failure)
		}
		text += "\n\n"
	}
	if len(marks.Skipped) > 0 {
		text += "Not imported, and a person should know:\n\n"
		for _, skipped := range marks.Skipped {
			text += fmt.Sprintf("- notice %d: %s\n", skipped.NoticeID, skipped.Reason)
		}
	}
	if len(c.Changed) > 0 {
		text += fmt.Sprintf("\nNotices whose time entries were changed after sending: %d, see starter notice list\n", len(c.Changed))
	}
	return text
}

package workflows

import (
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"tampuuri-hillava/internal/runs"
)

// uninvoiced is what is known of the reminders that a notice is Tehty and its task not Laskutettu.
type uninvoiced struct {
	Since time.Time     `json:"since"` // Tehty
	Every time.Duration `json:"every"` // as customers.yaml has it
	Due   time.Time     `json:"due"`   // the next reminder
	Round int           `json:"round"` // of the next reminder: part of its note's idempotency key
	// Tried is when it was first tried, while it is not known what came of it.
	Tried *time.Time `json:"tried,omitempty"`
}

// awaitLaskutettu has the office reminded every so often from now on; 0: never, and nothing of it is remembered.
func (l *noticeLife) awaitLaskutettu(now time.Time, every time.Duration) {
	if every > 0 {
		l.Uninvoiced = &uninvoiced{Since: now, Every: every, Due: now.Add(every), Round: 1}
	}
}

// nextNudge is what is left to do when nothing else is: to remind, when it is time and somebody wants it.
func (s *noticeState) nextNudge(now time.Time) (do step, wake *time.Time) {
	switch {
	case s.Uninvoiced == nil, s.InvoiceRequested:
		return stepWait, nil
	case due(&s.Uninvoiced.Due, now):
		return stepNudge, nil
	default:
		return stepWait, &s.Uninvoiced.Due
	}
}

// giveWay ends a reminder that is under way once there is something better to do: no note may hold up what is reported. What an
// attempt is just writing is let end, so that it does not come after what follows.
func (l *noticeLife) giveWay(now time.Time) {
	if l.doing != stepNudge && l.doing != stepRemind {
		return
	}
	if do, _ := l.next(now); do != l.doing && do != stepWait {
		l.abandonStep()
	}
}

// isForGood tells a failure that no further try would mend from one that was tried for as long as allowed.
func isForGood(err error) bool {
	failure, ok := errors.AsType[*temporal.ApplicationError](err)
	return ok && failure.NonRetryable()
}

// nudge reminds the office. A reminder that has given way is due still, under the same key, for as long as Hillava knows that.
// One that is given up then is made up for by the next.
func (l *noticeLife) nudge(ctx workflow.Context) error {
	u := l.Uninvoiced
	if now := workflow.Now(ctx); u.Tried == nil {
		u.Tried = &now
	}
	reminded, err := runs.Reminded{Every: u.Every}, error(nil)
	left := runs.NoteKeyKept - workflow.Now(ctx).Sub(*u.Tried)
	if left > 0 {
		reminded, err = remindUninvoiced.execute(l.withPatience(ctx, remindUninvoiced.calls, "remind that Laskutettu is missing", left),
			runs.UninvoicedInput{NoticeRef: l.NoticeRef, TaskID: l.TaskID, Since: u.Since, Round: u.Round, Every: u.Every})
	}
	if abandoned(ctx, err) {
		return nil
	}
	now := workflow.Now(ctx)
	switch {
	case reminded.Noted:
		l.record(now, runs.HappenedSignal, "", fmt.Sprintf("reminded: Tehty since %s, and no laskutettu", u.Since.UTC().Format(time.DateOnly)))
	case left <= 0, err != nil && !isForGood(err), reasonOf(err) == runs.ReasonHillavaRefused: // no reason for anybody to act
		l.record(now, runs.HappenedIgnored, "", "the reminder that laskutettu is missing could not be noted on the task")
		err, reminded.Every = nil, u.Every
	case err != nil:
		reminded.Every = u.Every
	}
	if err == nil {
		l.unpark(parkingOf(stepNudge)) // it was noted, or nobody wants it any more
	}
	if reminded.Every == 0 {
		l.Uninvoiced = nil
		return nil
	}
	u.Every, u.Due, u.Tried = reminded.Every, now.Add(reminded.Every), nil
	u.Round++
	return err
}

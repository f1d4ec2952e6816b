package rounds

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/gateway"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/walk"
)

// customerRound is one round over one customer: what is due of polling, comparing its open notices, and comparing time
// entries that were changed after sending.
type customerRound struct {
	*Rounds
	ctx      context.Context
	in       runs.CustomerRoundInput
	settings config.Customer
	account  *gateway.Account // nil while its Tampuuri cannot be reached with what is set
	marks    runs.Marks
	out      runs.CustomerRound
	pace     *gateway.Pace
	rows     int  // of lists, read in this round
	cut      bool // it ended before all was done
}

// CustomerRound does a round. It returns when somebody should know of it: a person who waits, news, a round cut short.
// Else it fails benignly, with its marks as details, and the next attempt is the next round: a customer without news costs
// one attempt a poll and nothing in its history.
func (a *Rounds) CustomerRound(ctx context.Context, in runs.CustomerRoundInput) (runs.CustomerRound, error) {
	r := &customerRound{Rounds: a, ctx: ctx, in: in, marks: in.Marks, pace: a.Gateway.Pace(ctx)}
	r.out.Changed = in.Changed
	var marks runs.Marks // of an attempt before this one, so later than the input whatever any clock says
	if activity.HasHeartbeatDetails(ctx) && activity.GetHeartbeatDetails(ctx, &marks) == nil && !marks.At.IsZero() {
		r.marks = marks
	}
	r.marks.LastGood = r.lastGood()
	if err := r.run(); err != nil {
		return runs.CustomerRound{}, err
	}
	r.lastGood()
	r.marks.At, r.marks.Changed = a.Now().UTC(), len(r.out.Changed)
	r.out.Marks = r.marks
	a.Observe(in.Tunniste, r.marks)
	if r.hasNews() {
		return r.out, nil
	}
	return runs.CustomerRound{}, temporal.NewApplicationErrorWithOptions(r.sentence(), runs.FaultNothingNew, temporal.ApplicationErrorOptions{
		Category: temporal.ApplicationErrorCategoryBenign, NextRetryDelay: r.untilNext(), Details: []any{r.marks},
	})
}

// lastGood is when the customer was last polled well: the later of what this process remembers and what the marks tell. It is
// remembered, as the marks of a round without news are lost when the wait for the next one is interrupted. That next round is
// given those of the last news, which may be old, and on another worker it tells their time. A time that has not come yet,
// left by a worker whose clock was ahead, counts for nothing: until it came, nobody would be told that nothing is polled.
func (r *customerRound) lastGood() *time.Time {
	latest := r.Now().Add(gateway.ClockSlack).Round(0) // by the calendar: that is what marks hold
	remembered, known := r.polled.recall(r.in.Tunniste)
	if known && remembered.After(latest) {
		remembered, known = time.Time{}, false
	}
	told := r.marks.LastGood
	if told != nil && told.After(latest) {
		told = nil
	}
	if told != nil && told.After(remembered) {
		r.polled.remember(r.in.Tunniste, *told)
	}
	if !known || told != nil && told.After(remembered) {
		return told
	}
	return utc(remembered)
}

// run does what is due. Its error is Temporal's own failure or a context that is over; all others are the round's to tell.
func (r *customerRound) run() error {
	settings, found := r.Customers.Customer(r.in.Tunniste)
	if !found || settings.Tunniste != r.in.Tunniste {
		return r.withoutEntry(settings, found)
	}
	r.settings = settings
	r.marks.Reasons = slices.Concat(settings.Faults, r.in.Served.Reasons)
	r.marks.Every = settings.Poll.Every
	if r.marks.Entry != r.in.Served.Entry { // what was mended in its entry, a credential perhaps, is tried at once
		r.marks.Entry, r.marks.NextPoll = r.in.Served.Entry, nil
	}
	if settings.Credentials.Complete() {
		opened, err := r.Gateway.Account(settings)
		if err != nil {
			r.marks.Reasons = append(r.marks.Reasons, err.Error())
		}
		r.account = opened
	}
	r.poll()
	r.compareOpen()
	r.compareSent()
	return nil
}

// withoutEntry is a round over a customer that customers.yaml does not name: it is over, unless it has open notices that
// nobody can write back.
func (r *customerRound) withoutEntry(heir config.Customer, hasHeir bool) error {
	r.marks.NextPoll, r.marks.Every = nil, 0
	if hasHeir {
		r.marks.Reasons = []string{runs.TakenOver(heir.Tunniste)}
		r.out.Over, r.out.Refused = !r.in.Paused, r.marks.Reasons[0]
		return nil
	}
	open, err := r.Runs.OpenOf(r.ctx, r.in.Tunniste)
	if err != nil {
		return gateway.TemporalFailure(err)
	}
	r.marks.Open = int(open)
	r.marks.Reasons = []string{runs.NoEntry}
	r.out.Over = open == 0 && !r.in.Paused
	if open > 0 {
		r.marks.Reasons = append(r.marks.Reasons, runs.Stranded(open))
	}
	if r.in.Now {
		r.out.Refused = strings.Join(r.marks.Reasons, "; ")
	}
	return nil
}

// poll polls when it is due and allowed, and says when the next one is.
func (r *customerRound) poll() {
	now := r.Now()
	if len(r.marks.Reasons) > 0 {
		r.marks.NextPoll, r.out.Refused = nil, strings.Join(r.marks.Reasons, "; ")
		return
	}
	if r.in.Paused {
		r.marks.NextPoll = nil
		return
	}
	hours := r.settings.Poll.Hours
	if !hours.Contains(now) {
		r.marks.NextPoll = utc(hours.Next(now))
		r.out.Refused = fmt.Sprintf("it is outside the polling hours %s (poll.hours)", hours)
		return
	}
	byInterval := hours.Next(now.Add(r.settings.Poll.Every))
	if next := r.marks.NextPoll; !r.in.Now && next != nil && !r.isDue(*next, r.settings.Poll.Every) && !next.After(byInterval) {
		return
	}
	counts, err := r.pollOnce()
	r.marks.Last, r.marks.LastAt = counts, utc(now)
	next := now.Add(r.settings.Poll.Every)
	switch {
	case err != nil:
		r.marks.Faults++
		r.marks.Last.Failure = gateway.WordOf(err)
		r.Logger.Warn("A poll failed; the next one goes on where it ended.", "customer", r.in.Tunniste, "error", err)
		next = now.Add(min(r.settings.Poll.Every, max(gateway.DelayOf(err), r.Gateway.Backoff(int32(min(r.marks.Faults, 20))))))
	case r.cut: // by its time: there is more to read right away
		r.marks.Faults, next = 0, now
	default:
		r.marks.Faults, r.marks.LastGood = 0, utc(r.Now())
	}
	r.marks.NextPoll = utc(hours.Next(next))
}

// isDue tells whether something that is done at an interval is to be done now. An attempt that comes some milliseconds too
// early does it, or it would be followed by another one at once.
func (r *customerRound) isDue(at time.Time, every time.Duration) bool {
	return !r.Now().Before(at.Add(-min(every/20, time.Second)))
}

// utc is a time as the marks hold it.
func utc(at time.Time) *time.Time {
	at = at.UTC()
	return &at
}

// hasNews tells a round that somebody should know of from one like the last that returned.
func (r *customerRound) hasNews() bool {
	last := r.in.Marks
	return last.At.IsZero() || r.in.Now || r.cut || r.out.Over || r.interrupted() ||
		r.marks.Last.Started+r.marks.Last.Signalled > 0 && !sameTime(r.marks.LastAt, last.LastAt) ||
		r.rows > walk.PageSize && !sameMarks(r.marks.Lists, last.Lists) || // a mark that is far ahead is worth keeping
		r.marks.Last.Failure != last.Last.Failure ||
		r.marks.Last.Left != last.Last.Left ||
		r.marks.Unflagged != last.Unflagged ||
		!slices.Equal(r.marks.Reasons, last.Reasons) ||
		!sameSkipped(r.marks.Skipped, last.Skipped) ||
		len(r.out.Compared) > 0 ||
		!slices.EqualFunc(r.out.Changed, r.in.Changed, sameChanges)
}

// sameChanges compares what a person or the next round makes something of.
func sameChanges(x, y runs.ChangedAfter) bool {
	return x.WorkflowID == y.WorkflowID && x.Noted == y.Noted && slices.Equal(x.EntryIDs, y.EntryIDs)
}

// sameSkipped compares without the order: those that cannot be read take turns.
func sameSkipped(x, y []runs.SkippedNotice) bool {
	byID := func(a, b runs.SkippedNotice) int {
		return cmp.Or(cmp.Compare(a.NoticeID, b.NoticeID), cmp.Compare(a.Reason, b.Reason))
	}
	return slices.Equal(slices.SortedFunc(slices.Values(x), byID), slices.SortedFunc(slices.Values(y), byID))
}

func sameMarks(x, y map[int64]runs.Place) bool {
	return maps.EqualFunc(x, y, func(a, b runs.Place) bool { return a.Mark == b.Mark })
}

func sameTime(x, y *time.Time) bool { return x == y || x != nil && y != nil && x.Equal(*y) }

// untilNext is the pause before the next round: until a poll, or a comparison, is due.
func (r *customerRound) untilNext() time.Duration {
	wait := r.Compare
	if r.account != nil {
		wait = r.compareDue().Sub(r.Now())
	}
	if next := r.marks.NextPoll; next != nil && !r.in.Paused {
		wait = min(wait, next.Sub(r.Now()))
	}
	return max(wait, shortestPause)
}

// shortestPause is between two rounds in any case, whatever the clocks say.
const shortestPause = 100 * time.Millisecond

// sentence tells a round without news to whoever looks at the pending activity in the Web UI.
func (r *customerRound) sentence() string {
	if len(r.marks.Reasons) > 0 {
		return "not polled: " + strings.Join(r.marks.Reasons, "; ")
	}
	if r.in.Paused {
		return "polling is paused; open notices are compared all the same"
	}
	next := "the next poll is due at " + r.marks.NextPoll.Format(time.RFC3339)
	switch {
	case r.marks.Last.Failure != "":
		return fmt.Sprintf("the last poll failed (%s); %s", r.marks.Last.Failure, next)
	case r.marks.LastAt == nil:
		return "nothing is due yet; " + next
	default:
		return fmt.Sprintf("nothing new at %s, %d known; %s", r.marks.LastAt.Format(time.RFC3339), r.marks.Last.Known, next)
	}
}

// heartbeat tells Temporal now and then that a long round is alive, with its marks.
func (r *customerRound) heartbeat() {
	r.pace.Heartbeat(func(now time.Time) any {
		marks := r.marks
		marks.At = now.UTC()
		return marks
	})
}

// ends tells whether the round has to end: its time is nearly up, it is interrupted, or its worker stops.
func (r *customerRound) ends() bool {
	ends := r.interrupted() || r.pace.Over()
	r.cut = r.cut || ends
	return ends
}

// interrupted tells that somebody wants the next round: what has changed meanwhile is in its input.
func (r *customerRound) interrupted() bool { return r.ctx.Err() != nil }

// failed puts an error of a round's own into the words of the retry table. What fails in an interrupted round says nothing
// of a peer: the round is cut short, which is no fault.
func (r *customerRound) failed(err error) error {
	if r.interrupted() {
		r.cut = true
		return nil
	}
	return r.Gateway.Failure(err, "", 1)
}

package notify

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/figures"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/speech"
)

// Temporal is what a look asks of it; *runs.Client answers.
type Temporal interface {
	Notices(ctx context.Context, filter runs.Filter) ([]*runs.Life, error)
	Customers(ctx context.Context) ([]string, error)
	LastSync(ctx context.Context) (last runs.SyncResult, found bool, err error)
	LastReconcile(ctx context.Context) (last runs.ReconcileResult, found bool, err error)
	CountDay(ctx context.Context, from, to time.Time) (runs.DayCounts, error)
}

// Options are what a Teller is made from. All are needed, but Quiet and Daily.
type Options struct {
	Channels []Channel
	Temporal Temporal
	Customer func(tunniste string) (now figures.Customer, known bool)
	Quiet    func(time.Time) bool // when nobody is told; nil: never
	// Daily gives the last moment of a daily summary and the next one, in the time of whoever reads it; nil: there is none.
	Daily     func(now time.Time) (last, next time.Time)
	LookEvery time.Duration
	Language  speech.Language // of the messages
	Logger    *slog.Logger
}

// Teller looks what is wrong and tells people.
type Teller struct {
	Options
	settle time.Duration
	now    func() time.Time
}

const (
	// settleIn is for how long a cause must be there, or be gone, before it is told: a burst becomes one message, and what
	// comes and goes none.
	settleIn = time.Minute
	// lookAgain is the pause after a look that Temporal did not answer.
	lookAgain = 30 * time.Second
	// longestTry is the longest pause between two tries of a channel that fails.
	longestTry = 15 * time.Minute
)

// New makes a Teller.
func New(o Options) *Teller {
	return &Teller{Options: o, settle: min(settleIn, o.LookEvery), now: time.Now}
}

// NotifyRound looks once, and sends each channel at most one message. It returns when one was sent, so that what was told is in
// history before the next one; then the next round begins at once. A round without news fails benignly with its marks as
// details, and the next attempt is the next round.
func (t *Teller) NotifyRound(ctx context.Context, in runs.NotifyInput) (runs.NotifyRound, error) {
	marks := in.Marks
	var later runs.NotifyMarks // of an attempt before this one, so later than the input whatever any clock says
	if activity.HasHeartbeatDetails(ctx) && activity.GetHeartbeatDetails(ctx, &later) == nil && !later.At.IsZero() {
		marks = later
	}
	look, err := t.look(ctx)
	if err != nil {
		return runs.NotifyRound{}, t.noAnswer(err)
	}
	now := t.now().UTC()
	marks = upTo(now, marks)
	marks.Seen = see(marks.Seen, look, now, t.settle)
	for id, channel := range marks.Channels {
		channel.Told = lowered(channel.Told, marks.Seen)
		marks.Channels[id] = channel
	}
	quiet := t.Quiet != nil && t.Quiet(now)
	due, err := t.summariesDue(ctx, marks, now, quiet)
	if err != nil {
		return runs.NotifyRound{}, t.noAnswer(err)
	}
	news := false
	marks.Channels, news = t.tell(marks, due, now, quiet)
	marks.At, marks.Open, marks.Failing = now, len(t.Channels), 0
	for _, channel := range t.Channels {
		if marks.Channels[channel.ID].Failures > 0 {
			marks.Failing++
		}
	}
	if news {
		return runs.NotifyRound{Marks: marks}, nil
	}
	return runs.NotifyRound{}, temporal.NewApplicationErrorWithOptions(t.sentence(marks, quiet), runs.FaultNothingNew, temporal.ApplicationErrorOptions{
		Category: temporal.ApplicationErrorCategoryBenign, NextRetryDelay: t.untilNext(marks, now), Details: []any{marks},
	})
}

// upTo are the marks without times that have not come yet. A worker whose clock was ahead left them, and until they came
// nobody would be told.
func upTo(now time.Time, marks runs.NotifyMarks) runs.NotifyMarks {
	past := func(at *time.Time, allowed time.Duration) *time.Time {
		if at != nil && at.Sub(now) > allowed {
			return &now
		}
		return at
	}
	marks.Seen, marks.Channels = slices.Clone(marks.Seen), maps.Clone(marks.Channels)
	for i := range marks.Seen {
		cause := &marks.Seen[i]
		cause.Since, cause.Gone = *past(&cause.Since, 0), past(cause.Gone, 0)
	}
	for id, channel := range marks.Channels {
		channel.RetryAt, channel.Daily = past(channel.RetryAt, longestTry), past(channel.Daily, 0)
		marks.Channels[id] = channel
	}
	return marks
}

// noAnswer fails a round, which leaves everything as it was.
func (t *Teller) noAnswer(cause error) error {
	return temporal.NewApplicationErrorWithOptions("Temporal did not answer a look", runs.FaultTemporal,
		temporal.ApplicationErrorOptions{NextRetryDelay: min(lookAgain, t.LookEvery), Cause: cause})
}

// look finds what is wrong now.
func (t *Teller) look(ctx context.Context) (Look, error) {
	wrong, unknown := map[runs.Cause]int{}, map[string]bool{}
	waiting, err := t.Temporal.Notices(ctx, runs.Filter{Phase: runs.PhaseAttention, Open: true})
	if err != nil {
		return Look{}, err
	}
	for _, life := range waiting {
		wrong[runs.Cause{Kind: life.Reason, Customer: life.Ref.Customer}]++
	}
	tunnisteet, err := t.Temporal.Customers(ctx)
	if err != nil {
		return Look{}, err
	}
	add := func(kind, customer string, count int) {
		if count > 0 {
			wrong[runs.Cause{Kind: kind, Customer: customer}] += count
		}
	}
	for _, tunniste := range tunnisteet {
		now, known := t.Customer(tunniste)
		unknown[tunniste] = !known
		add(KindUnflagged, tunniste, now.Unflagged)
		add(KindChanged, tunniste, now.Changed)
		switch {
		case now.Failure == runs.FaultCredentialsRefused: // that nothing is polled follows from it
			add(KindCredentials, tunniste, 1)
		case now.NotPolled:
			add(KindNotPolled, tunniste, 1)
		}
	}
	sync, _, err := t.Temporal.LastSync(ctx)
	if err != nil {
		return Look{}, err
	}
	reconcile, _, err := t.Temporal.LastReconcile(ctx)
	if err != nil {
		return Look{}, err
	}
	if sync.Failure == runs.FaultCredentialsRefused || reconcile.Failure == runs.FaultCredentialsRefused {
		add(KindToken, "", 1)
	}
	add(KindUnreadable, "", len(reconcile.Unreadable))
	return Look{Wrong: wrong, Unknown: func(c runs.Cause) bool { return ofCustomer(c.Kind) && unknown[c.Customer] }}, nil
}

// ofCustomer tells the kinds that a customer's rounds tell of.
func ofCustomer(kind string) bool {
	switch kind {
	case KindUnflagged, KindChanged, KindCredentials, KindNotPolled:
		return true
	default:
		return false
	}
}

// tell sends each channel its next message, all at once, so that one that hangs holds no other back. What is wrong comes
// before a summary. It gives what each has been told; that of a channel which this worker does not have stays, as another
// one may have it while settings change.
func (t *Teller) tell(marks runs.NotifyMarks, due summaries, now time.Time, quiet bool) (told map[string]runs.ToldChannel, news bool) {
	if told = maps.Clone(marks.Channels); told == nil {
		told = map[string]runs.ToldChannel{}
	}
	var mutex sync.Mutex
	var group sync.WaitGroup
	for _, channel := range t.Channels {
		before := due.begun(marks.Channels[channel.ID])
		after := runs.ToldChannel{Daily: before.Daily}
		var message *Message
		if message, after.Told = next(marks.Seen, before.Told, now, t.settle); message == nil {
			message, after = due.of(after)
		}
		if message == nil {
			before.Failures, before.RetryAt = 0, nil
		}
		if message == nil || quiet || before.RetryAt != nil && now.Before(*before.RetryAt) {
			mutex.Lock()
			told[channel.ID] = before
			mutex.Unlock()
			continue
		}
		group.Go(func() {
			err := channel.Send(*message, t.Language)
			subject := message.Subject.In(speech.English)
			mutex.Lock()
			defer mutex.Unlock()
			if err == nil {
				told[channel.ID], news = after, true
				t.Logger.Info("Somebody was told.", "channel", channel.Name, "subject", subject)
				return
			}
			before.Failures++
			again := now.Add(t.backoff(before.Failures))
			before.RetryAt = &again
			told[channel.ID], news = before, news || before.Failures == 1
			t.Logger.Warn("A channel did not take a message; it is tried again.", "channel", channel.Name, "subject", subject,
				"why", err, "failures", before.Failures, "next", again)
		})
	}
	group.Wait()
	return told, news
}

// backoff is the pause after so many failures in a row.
func (t *Teller) backoff(failures int) time.Duration {
	return min(t.settle<<min(failures-1, 10), longestTry)
}

// untilNext is the pause before the next look: shorter while something has to settle, or a channel is to be tried again.
func (t *Teller) untilNext(marks runs.NotifyMarks, now time.Time) time.Duration {
	wait := t.LookEvery
	if unsettled(marks.Seen, now, t.settle) {
		wait = t.settle
	}
	if t.Daily != nil {
		wait = min(wait, t.untilSummary(now))
	}
	for _, channel := range t.Channels {
		if at := marks.Channels[channel.ID].RetryAt; at != nil && at.After(now) {
			wait = min(wait, at.Sub(now))
		}
	}
	return wait
}

// sentence tells a round without news to whoever looks at the pending activity in the Web UI.
func (t *Teller) sentence(marks runs.NotifyMarks, quiet bool) string {
	tells := "nothing to tell"
	if quiet {
		tells = "nobody is told before the quiet hours (NOTIFY_QUIET) end"
	}
	text := fmt.Sprintf("causes at %s: %d; %s", marks.At.Format(time.RFC3339), len(marks.Seen), tells)
	if marks.Failing > 0 {
		text += fmt.Sprintf("; channels that do not take messages: %d of %d", marks.Failing, marks.Open)
	}
	return text
}

package notify

import (
	"context"
	"fmt"
	"time"

	"tampuuri-hillava/internal/runs"
)

// summaries are the daily ones that are due in a round.
type summaries struct {
	upTo  time.Time          // until when they count; zero: nobody is to have one
	since map[int64]*Message // by the Unix time since when they count
}

// summariesDue makes the summary of each channel that has had none since the last time of day for it. It waits a little
// longer, so that what began just before is counted: Temporal's index lags. Quiet hours delay it, as nothing says that it
// was sent; so does a channel that fails, and the next one then counts on from where its last one ended.
func (t *Teller) summariesDue(ctx context.Context, marks runs.NotifyMarks, now time.Time, quiet bool) (summaries, error) {
	if t.Daily == nil {
		return summaries{}, nil
	}
	last, _ := t.Daily(now.Add(-t.settle))
	due := summaries{upTo: last, since: map[int64]*Message{}}
	for _, channel := range t.Channels {
		before := marks.Channels[channel.ID]
		since := before.Daily
		if quiet || since == nil || !last.After(*since) || due.since[since.Unix()] != nil {
			continue
		}
		if first, _ := next(marks.Seen, before.Told, now, t.settle); first != nil {
			continue // what is wrong comes first
		}
		counts, err := t.Temporal.CountDay(ctx, *since, last)
		if err != nil {
			return summaries{}, err
		}
		due.since[since.Unix()] = summary(*since, last, counts, marks.Seen)
	}
	return due, nil
}

// begun is a channel with the moment since when its next summary counts. One that is new here begins with what comes, as
// nobody wants a summary at the moment of switching it on.
func (s summaries) begun(channel runs.ToldChannel) runs.ToldChannel {
	switch {
	case s.upTo.IsZero():
		channel.Daily = nil
	case channel.Daily == nil:
		upTo := s.upTo.UTC()
		channel.Daily = &upTo
	}
	return channel
}

// of gives the summary that a channel is to have now, and what is known of the channel once it has it.
func (s summaries) of(channel runs.ToldChannel) (*Message, runs.ToldChannel) {
	if channel.Daily == nil || s.since[channel.Daily.Unix()] == nil {
		return nil, channel
	}
	message, upTo := s.since[channel.Daily.Unix()], s.upTo.UTC()
	channel.Daily = &upTo
	return message, channel
}

// untilSummary is the pause before the next one is due.
func (t *Teller) untilSummary(now time.Time) time.Duration {
	_, next := t.Daily(now.Add(-t.settle))
	return next.Add(t.settle).Sub(now)
}

// summary says in counts how things stand.
func summary(since, upTo time.Time, counts runs.DayCounts, seen []runs.SeenCause) *Message {
	waiting, notPolled := 0, 0
	reasons, of := []string{}, map[string]int{}
	for _, cause := range seen {
		if cause.Gone != nil {
			continue
		}
		switch cause.Kind {
		case KindNotPolled, KindCredentials:
			notPolled += cause.Count
		case KindToken, KindUnflagged, KindUnreadable, KindChanged:
		default: // an attention reason
			if of[cause.Kind] == 0 {
				reasons = append(reasons, cause.Kind)
			}
			waiting += cause.Count
			of[cause.Kind] += cause.Count
		}
	}
	byReason := ""
	for _, reason := range reasons {
		byReason += fmt.Sprintf("\n  - %s: %d", reason, of[reason])
	}
	const clock = "2006-01-02 15:04"
	return &Message{
		Subject: say("daily summary: %d new, %d Valmis, %d waiting for a person", counts.New, counts.Valmis, waiting),
		Body: paragraphs(
			say("From %s to %s:\n- new notices: %d\n- Valmis: %d", since.In(upTo.Location()).Format(clock), upTo.Format(clock), counts.New, counts.Valmis),
			say("Now:\n- Tehty, and not Laskutettu yet: %d\n- customers not polled: %d\n- waiting for a person: %d%s", counts.Tehty, notPolled, waiting, byReason),
			say("starter notice list and starter customers list name them.")),
	}
}

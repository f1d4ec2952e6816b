package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/customers"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/speech"
)

// server is what doctor asks of Temporal.
type server interface {
	customers.Source
	Retention(ctx context.Context) (time.Duration, error)
	WrongSearchAttributes(ctx context.Context) ([]string, error)
	SchedulePause(ctx context.Context, id string) (paused bool, note string, err error)
	Workers(ctx context.Context) (int, error)
	NotifyRun(ctx context.Context) (*runs.NotifyRun, error)
}

// checkServer makes the checks of the namespace and of what runs in it, side by side: a person waits.
func checkServer(ctx context.Context, s server, entries []config.Customer, unreadable error, told channels, now time.Time) []Finding {
	one := func(check func(context.Context, server) Finding) func() []Finding {
		return func() []Finding { return []Finding{check(ctx, s)} }
	}
	checks := []func() []Finding{
		one(checkRetention), one(checkSearchAttributes), one(checkSchedules), one(checkSync),
		func() []Finding { return checkPolls(ctx, s, entries, unreadable, now) },
		one(checkWorkers),
		func() []Finding { return checkTelling(ctx, s, told, now) },
	}
	findings := make([][]Finding, len(checks))
	var group sync.WaitGroup
	for i, check := range checks {
		group.Go(func() { findings[i] = check() })
	}
	group.Wait()
	return slices.Concat(findings...)
}

// checkRetention: closed notices are kept for 90 days, see api/webhook.yaml. Less works, but a late webhook is then
// answered as unknown.
func checkRetention(ctx context.Context, s server) Finding {
	check := named("namespace retention")
	kept, err := s.Retention(ctx)
	if err != nil {
		return failing(check, failure(err), say("make the namespace (temporal operator namespace create --retention 90d), or correct TEMPORAL_NAMESPACE"))
	}
	found := say("closed notices are kept, in days: %d", int(kept.Hours()/24))
	if kept < runs.DefaultRetention {
		return warning(check, found, say("raise it: temporal operator namespace update --retention 90d"))
	}
	return ok(check, found)
}

// checkSearchAttributes: all are registered, with their type.
func checkSearchAttributes(ctx context.Context, s server) Finding {
	check := named("search attributes")
	wrong, err := s.WrongSearchAttributes(ctx)
	if err != nil {
		return failing(check, failure(err), say("look whether the server is well and we may ask it"))
	}
	if len(wrong) > 0 {
		return failing(check, say("missing or of another type: %s", strings.Join(wrong, ", ")),
			say("start a worker, which registers them or says what to do; or temporal operator search-attribute create --type Keyword --name %s; on Temporal Cloud: tcld namespace search-attributes add",
				strings.Join(wrong, " --name ")))
	}
	return ok(check, say("all %d are there", len(runs.SearchAttributes())))
}

// checkSchedules: the two schedules exist and run.
func checkSchedules(ctx context.Context, s server) Finding {
	check := named("schedules")
	for _, id := range []string{runs.ScheduleSyncCustomers, runs.ScheduleReconcile} {
		paused, note, err := s.SchedulePause(ctx, id)
		switch {
		case errors.Is(err, runs.ErrNone):
			return failing(check, say("%s is missing", id), say("start a worker, which makes it"))
		case err != nil:
			return failing(check, failure(err), say("look whether the server is well"))
		case paused && note == "":
			return failing(check, say("%s is paused", id), say("unpause it in the Temporal Web UI"))
		case paused:
			return failing(check, say("%s is paused: %s", id, note), say("unpause it in the Temporal Web UI"))
		}
	}
	return ok(check, say("%s and %s run", runs.ScheduleSyncCustomers, runs.ScheduleReconcile))
}

// checkSync: the last sync went through, and left no open notices without anybody who writes them back.
func checkSync(ctx context.Context, s server) Finding {
	check := named("last sync")
	last, found, err := s.LastSync(ctx)
	switch {
	case err != nil:
		return failing(check, failure(err), say("look whether the server is well"))
	case !found:
		return warning(check, say("none has completed yet"), say("start a worker, then run starter customers sync"))
	case last.Failure != "":
		return failing(check, say("it failed: %s", last.Failure), quoted(customers.FailureAdvice(last.Failure)))
	}
	var stranded []string
	for _, customer := range last.Customers {
		if customer.Stranded > 0 {
			stranded = append(stranded, fmt.Sprintf("%s (%d)", customer.Tunniste, customer.Stranded))
		}
	}
	switch {
	case len(stranded) > 0:
		return failing(check, say("open notices of customers that are in customers.yaml no more: %s", strings.Join(stranded, ", ")),
			say("put the entry back, or name that Tunniste in formerly of the entry that takes its notices over; then starter customers sync"))
	case last.Warning != "":
		return warning(check, quoted(last.Warning), say("look at the customers of type %s in Hillava", hillava.CustomerType))
	}
	return ok(check, say("customers: %d", len(last.Customers)))
}

// checkPolls: the workflow of every customer without a fault runs and polls, and the notices say whom turvakielto protects.
func checkPolls(ctx context.Context, s server, entries []config.Customer, unreadable error, now time.Time) []Finding {
	polls, flags := named("polls"), named("turvakielto flags")
	if unreadable != nil {
		return []Finding{skip(polls, noEntries()), skip(flags, noEntries())}
	}
	var tunnisteet []string
	for _, customer := range entries {
		if len(customer.Faults) == 0 {
			tunnisteet = append(tunnisteet, customer.Tunniste)
		}
	}
	views, silent, err := customers.Views(ctx, s, tunnisteet)
	if err != nil {
		return []Finding{failing(polls, failure(err), say("look whether the server is well")), skip(flags, say("the customers' workflows are not reached"))}
	}
	return []Finding{pollsFinding(polls, entries, views, silent, now), flagsFinding(flags, tunnisteet, views)}
}

// flagsFinding tells of notices without a turvakielto flag: a missing one counts as set, and nobody would notice why names
// and collective references are gone.
func flagsFinding(check said, tunnisteet []string, views map[string]customers.View) Finding {
	var lacking []said
	for _, tunniste := range tunnisteet {
		if status := views[tunniste].Status; status.Unflagged > 0 {
			lacking = append(lacking, say("%d of %d of %s", status.Unflagged, status.Open, tunniste))
		}
	}
	if len(lacking) > 0 {
		return warning(check, say("open notices with somebody without a readable turvakielto flag: %s; whoever lacks it is masked, and collective references are off for such orderers", speech.Join(", ", lacking...)),
			say("ask the customer to have its Tampuuri send the flag of every role"))
	}
	return ok(check, say("every open notice has them"))
}

// pollsFinding judges the customers' workflows. A pause is a person's decision, so it is a warning.
func pollsFinding(check said, entries []config.Customer, views map[string]customers.View, silent int, now time.Time) Finding {
	var missing []string
	var late, paused []said
	for _, customer := range entries {
		view, checked := views[customer.Tunniste]
		switch {
		case !checked:
		case view.Run == nil:
			missing = append(missing, customer.Tunniste)
		case view.Status.Paused != nil:
			paused = append(paused, say("%s (by %s since %s)", customer.Tunniste, view.Status.Paused.By, notice.Clock(view.Status.Paused.Since)))
		case view.PausedUnseen():
			paused = append(paused, quoted(customer.Tunniste))
		case isLate(view, customer.Poll, now):
			late = append(late, lastPoll(customer.Tunniste, view.Status.LastGoodPoll))
		}
	}
	switch {
	case len(missing) > 0:
		return failing(check, say("no workflow for %s", strings.Join(missing, ", ")), say("run starter customers sync; starter customers list tells why when that does not help"))
	case len(late) > 0:
		return failing(check, say("no good poll for over three intervals: %s", speech.Join(", ", late...)), say("starter customers list tells why"))
	case len(paused) > 0:
		return warning(check, say("paused: %s", speech.Join(", ", paused...)), say("starter customers resume <tunniste> ends a pause"))
	case silent > 0 && silent == len(views): // a worker that hangs is still counted as one for a minute
		return failing(check, say("workflows of customers that did not answer: %d", silent), say("look whether a worker runs"))
	case silent > 0:
		return warning(check, say("workflows of customers that did not answer: %d", silent), say("look whether a worker runs"))
	}
	return ok(check, say("customers that are polled: %d", len(views)))
}

// isLate tells whether no poll went through for too long, within the polling hours. A long list that is still being read
// round by round is not late; nor is a customer that has had no round yet.
func isLate(v customers.View, poll config.Poll, now time.Time) bool {
	every := poll.Every
	if marks := v.Run.Marks; marks != nil && marks.Every > 0 {
		every = marks.Every // as the worker has it
	}
	since := now.Add(-runs.NotPolledAfter(every))
	if !poll.Hours.Contains(now) || !poll.Hours.Contains(since) {
		return false
	}
	recent := func(at *time.Time) bool { return at != nil && !at.Before(since) }
	last := v.Status.LastRound
	switch {
	case recent(v.Status.LastGoodPoll):
		return false
	case last != nil:
		return last.Failure != "" || !recent(last.At)
	default:
		return v.Status.LastGoodPoll != nil || len(v.Status.Reasons) > 0
	}
}

// checkWorkers: somebody takes workflow tasks and activity tasks.
func checkWorkers(ctx context.Context, s server) Finding {
	check := named("workers")
	count, err := s.Workers(ctx)
	if err != nil {
		return failing(check, failure(err), say("look whether the server is well"))
	}
	if count == 0 {
		return failing(check, say("no worker asks for work on task queue %s", runs.TaskQueue), say("start a worker with the same TEMPORAL_* settings"))
	}
	return ok(check, say("%d on task queue %s", count, runs.TaskQueue))
}

func lastPoll(tunniste string, at *time.Time) said {
	if at == nil {
		return say("%s (never)", tunniste)
	}
	return say("%s (last at %s)", tunniste, notice.Clock(*at))
}

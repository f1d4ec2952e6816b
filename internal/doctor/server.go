package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/customers"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

// server is what doctor asks of Temporal.
type server interface {
	customers.Source
	Retention(ctx context.Context) (time.Duration, error)
	WrongSearchAttributes(ctx context.Context) ([]string, error)
	SchedulePause(ctx context.Context, id string) (paused bool, note string, err error)
	Workers(ctx context.Context) (int, error)
}

// checkServer makes the checks of the namespace and of what runs in it, side by side: a person waits.
func checkServer(ctx context.Context, s server, entries []config.Customer, now time.Time) []Finding {
	one := func(check func(context.Context, server) Finding) func() []Finding {
		return func() []Finding { return []Finding{check(ctx, s)} }
	}
	checks := []func() []Finding{
		one(checkRetention), one(checkSearchAttributes), one(checkSchedules), one(checkSync),
		func() []Finding { return checkPolls(ctx, s, entries, now) },
		one(checkWorkers),
	}
	findings := make([][]Finding, len(checks))
	var group errgroup.Group
	for i, check := range checks {
		group.Go(func() error {
			findings[i] = check()
			return nil
		})
	}
	_ = group.Wait() // what failed stands in its Finding
	return slices.Concat(findings...)
}

// checkRetention: closed notices are kept for 90 days, see api/webhook.yaml. Less works, but a late webhook is then
// answered as unknown.
func checkRetention(ctx context.Context, s server) Finding {
	const check = "namespace retention"
	kept, err := s.Retention(ctx)
	if err != nil {
		return failing(check, err.Error(), "make the namespace (temporal operator namespace create --retention 90d), or correct TEMPORAL_NAMESPACE")
	}
	found := fmt.Sprintf("closed notices are kept %d days", int(kept.Hours()/24))
	if kept < runs.DefaultRetention {
		return warning(check, found, "raise it: temporal operator namespace update --retention 90d")
	}
	return ok(check, found)
}

// checkSearchAttributes: all are registered, with their type.
func checkSearchAttributes(ctx context.Context, s server) Finding {
	const check = "search attributes"
	wrong, err := s.WrongSearchAttributes(ctx)
	if err != nil {
		return failing(check, err.Error(), "look whether the server is well and we may ask it")
	}
	if len(wrong) > 0 {
		return failing(check, "missing or of another type: "+strings.Join(wrong, ", "),
			"start a worker, which registers them or says what to do; or temporal operator search-attribute create --type Keyword --name "+strings.Join(wrong, " --name ")+
				"; on Temporal Cloud: tcld namespace search-attributes add")
	}
	return ok(check, fmt.Sprintf("all %d are there", len(runs.SearchAttributes())))
}

// checkSchedules: the two schedules exist and run.
func checkSchedules(ctx context.Context, s server) Finding {
	const check = "schedules"
	for _, id := range []string{runs.ScheduleSyncCustomers, runs.ScheduleReconcile} {
		paused, note, err := s.SchedulePause(ctx, id)
		switch {
		case errors.Is(err, runs.ErrNone):
			return failing(check, id+" is missing", "start a worker, which makes it")
		case err != nil:
			return failing(check, err.Error(), "look whether the server is well")
		case paused:
			return failing(check, strings.TrimSuffix(id+" is paused: "+note, ": "), "unpause it in the Temporal Web UI")
		}
	}
	return ok(check, runs.ScheduleSyncCustomers+" and "+runs.ScheduleReconcile+" run")
}

// checkSync: the last sync went through, and left no open notices without anybody who writes them back.
func checkSync(ctx context.Context, s server) Finding {
	const check = "last sync"
	last, found, err := s.LastSync(ctx)
	switch {
	case err != nil:
		return failing(check, err.Error(), "look whether the server is well")
	case !found:
		return warning(check, "none has completed yet", "start a worker, then run starter customers sync")
	case last.Failure != "":
		return failing(check, "it failed: "+last.Failure, customers.FailureAdvice(last.Failure))
	}
	var stranded []string
	for _, customer := range last.Customers {
		if customer.Stranded > 0 {
			stranded = append(stranded, fmt.Sprintf("%s (%d)", customer.Tunniste, customer.Stranded))
		}
	}
	switch {
	case len(stranded) > 0:
		return failing(check, "open notices of customers that are in customers.yaml no more: "+strings.Join(stranded, ", "),
			"put the entry back, or name that Tunniste in formerly of the entry that takes its notices over; then starter customers sync")
	case last.Warning != "":
		return warning(check, last.Warning, "look at the customers of type TAMPUURI_CUSTOMERS in Hillava")
	}
	return ok(check, fmt.Sprintf("%d customers", len(last.Customers)))
}

// missedPolls is how many intervals may go by without a good poll.
const missedPolls = 3

// checkPolls: the workflow of every customer without a fault runs and polls, and the notices say whom turvakielto protects.
func checkPolls(ctx context.Context, s server, entries []config.Customer, now time.Time) []Finding {
	var tunnisteet []string
	for _, customer := range entries {
		if len(customer.Faults) == 0 {
			tunnisteet = append(tunnisteet, customer.Tunniste)
		}
	}
	views, silent, err := customers.Views(ctx, s, tunnisteet)
	if err != nil {
		return []Finding{failing("polls", err.Error(), "look whether the server is well"), skip("turvakielto flags", "the customers' workflows are not reached")}
	}
	return []Finding{pollsFinding(entries, views, silent, now), flagsFinding(tunnisteet, views)}
}

// flagsFinding tells of notices without a turvakielto flag: a missing one counts as set, and nobody would notice why names
// and collective references are gone.
func flagsFinding(tunnisteet []string, views map[string]customers.View) Finding {
	const check = "turvakielto flags"
	var lacking []string
	for _, tunniste := range tunnisteet {
		if status := views[tunniste].Status; status.Unflagged > 0 {
			lacking = append(lacking, fmt.Sprintf("%d of %d open notices of %s", status.Unflagged, status.Open, tunniste))
		}
	}
	if len(lacking) > 0 {
		return warning(check, strings.Join(lacking, ", ")+" have somebody without a readable turvakielto flag: whoever lacks it is masked, and collective references are off for such orderers",
			"ask the customer to have its Tampuuri send the flag of every role")
	}
	return ok(check, "every open notice has them")
}

// pollsFinding judges the customers' workflows. A pause is a person's decision, so it is a warning.
func pollsFinding(entries []config.Customer, views map[string]customers.View, silent int, now time.Time) Finding {
	const check = "polls"
	var missing, late, paused []string
	for _, customer := range entries {
		view, checked := views[customer.Tunniste]
		switch {
		case !checked:
		case view.Run == nil:
			missing = append(missing, customer.Tunniste)
		case view.Status.Paused != nil:
			paused = append(paused, fmt.Sprintf("%s (by %s since %s)", customer.Tunniste, view.Status.Paused.By, notice.Clock(view.Status.Paused.Since)))
		case view.PausedUnseen():
			paused = append(paused, customer.Tunniste)
		case isLate(view, customer.Poll, now):
			late = append(late, fmt.Sprintf("%s (last at %s)", customer.Tunniste, lastPoll(view.Status.LastGoodPoll)))
		}
	}
	switch {
	case len(missing) > 0:
		return failing(check, "no workflow for "+strings.Join(missing, ", "), "run starter customers sync; starter customers list tells why when that does not help")
	case len(late) > 0:
		return failing(check, fmt.Sprintf("no good poll for over %d intervals: %s", missedPolls, strings.Join(late, ", ")), "starter customers list tells why")
	case len(paused) > 0:
		return warning(check, "paused: "+strings.Join(paused, ", "), "starter customers resume <tunniste> ends a pause")
	case silent > 0:
		return warning(check, fmt.Sprintf("%d customers' workflows did not answer", silent), "look whether a worker runs")
	}
	return ok(check, fmt.Sprintf("%d customers are polled", len(views)))
}

// isLate tells whether no poll went through for too long, within the polling hours. A long list that is still being read
// round by round is not late; nor is a customer that has had no round yet.
func isLate(v customers.View, poll config.Poll, now time.Time) bool {
	every := poll.Every
	if marks := v.Run.Marks; marks != nil && marks.Every > 0 {
		every = marks.Every // as the worker has it
	}
	since := now.Add(-missedPolls * every)
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
	const check = "workers"
	count, err := s.Workers(ctx)
	if err != nil {
		return failing(check, err.Error(), "look whether the server is well")
	}
	if count == 0 {
		return failing(check, "no worker asks for work on task queue "+runs.TaskQueue, "start a worker with the same TEMPORAL_* settings")
	}
	return ok(check, fmt.Sprintf("%d on task queue %s", count, runs.TaskQueue))
}

func lastPoll(at *time.Time) string {
	if at == nil {
		return "never"
	}
	return notice.Clock(*at)
}

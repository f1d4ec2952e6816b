package report

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"tampuuri-hillava/internal/runs"
)

// Report is what has become of the notices that came in a month.
type Report struct {
	Month     string     `json:"month"`
	From      time.Time  `json:"from"`
	To        time.Time  `json:"to"`
	Customers []Customer `json:"customers"` // by Tunniste
	// Forgotten says that closed notices of the month may be missing: Temporal keeps those that were closed since.
	Forgotten *time.Time `json:"forgottenBefore"`
	Over      bool       `json:"over"` // the month is over
}

// Customer is one customer's part of a report; times are from the start of the notice's workflow.
type Customer struct {
	Tunniste     string     `json:"customer"`
	Notices      int        `json:"notices"`
	StartedAgain int        `json:"startedAgain"` // of them, ended in the month and begun again in it
	Task         Duration   `json:"task"`
	Tehty        Duration   `json:"tehty"`
	Valmis       Duration   `json:"valmis"`
	Refusals     []Refusals `json:"refusals"`
}

// Refusals are the times in attention for one reason, and how they ended.
type Refusals struct {
	Reason       string `json:"reason"`
	Count        int    `json:"count"`
	WentOn       int    `json:"wentOn"`
	RefusedAgain int    `json:"refusedAgain"`
	ByItself     int    `json:"byItself"`
	Dismissed    int    `json:"dismissed"`
	Closed       int    `json:"closed"`
	Waiting      int    `json:"waiting"`
}

// Source is what a report asks of Temporal.
type Source interface {
	Runs(ctx context.Context, filter runs.Filter) ([]*runs.Life, error)
	History(ctx context.Context, workflowID, runID string) (events []runs.Event, began bool, err error)
	Retention(ctx context.Context) (time.Duration, error)
}

// readAtOnce is how many histories are read side by side.
const readAtOnce = 16

// Make counts a month, of these customers or of all; told hears how many of all histories have been read.
func Make(ctx context.Context, from Source, month Month, customers []string, now time.Time, told func(read, all int)) (Report, error) {
	report := Report{Month: month.String(), From: month.From.UTC(), To: month.To.UTC(), Over: !now.Before(month.To), Customers: []Customer{}}
	kept, err := from.Retention(ctx)
	if err != nil {
		return report, err
	}
	if since := now.Add(-kept).UTC().Truncate(time.Second); since.After(month.From) {
		report.Forgotten = &since
	}
	listed, err := from.Runs(ctx, runs.Filter{Customers: customers, Started: runs.Span{From: month.From, To: month.To}})
	if err != nil {
		return report, err
	}
	slices.Reverse(listed) // the oldest first
	histories, err := readAll(ctx, from, listed, told)
	if err != nil {
		return report, err
	}
	report.Customers = byCustomer(listed, histories)
	return report, nil
}

// readAll reads the history of each run; none for one that goes on with an earlier one, or that Temporal has just forgotten.
func readAll(ctx context.Context, from Source, listed []*runs.Life, told func(read, all int)) ([][]runs.Event, error) {
	histories := make([][]runs.Event, len(listed))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readAtOnce)
	var mutex sync.Mutex
	read := 0
	for i, life := range listed {
		group.Go(func() error {
			events, _, err := from.History(ctx, life.WorkflowID, life.RunID)
			if err != nil && !errors.Is(err, runs.ErrNone) {
				return err
			}
			mutex.Lock()
			defer mutex.Unlock()
			histories[i], read = events, read+1
			told(read, len(listed))
			return nil
		})
	}
	return histories, group.Wait()
}

// byCustomer puts the lives of each notice together and counts. A notice is its latest customer's, who may have taken it
// over.
func byCustomer(listed []*runs.Life, histories [][]runs.Event) []Customer {
	stories := map[string]*story{}
	for i, life := range listed {
		if stories[life.WorkflowID] == nil {
			stories[life.WorkflowID] = &story{}
		}
		one := stories[life.WorkflowID]
		if one.customer = life.Ref.Customer; len(histories[i]) > 0 {
			one.add(histories[i])
		}
	}
	of := map[string][]*story{}
	for _, one := range stories {
		if one.lives > 0 {
			of[one.customer] = append(of[one.customer], one)
		}
	}
	customers := []Customer{}
	for _, tunniste := range slices.Sorted(maps.Keys(of)) {
		customers = append(customers, count(tunniste, of[tunniste]))
	}
	return customers
}

func count(tunniste string, stories []*story) Customer {
	c := Customer{Tunniste: tunniste, Notices: len(stories), Refusals: []Refusals{}}
	var task, tehty, valmis []time.Duration
	refusals := map[string]*Refusals{}
	for _, one := range stories {
		if one.lives > 1 {
			c.StartedAgain++
		}
		task, tehty, valmis = took(task, one, one.task), took(tehty, one, one.tehty), took(valmis, one, one.valmis)
		for _, stop := range one.stops {
			if refusals[stop.reason] == nil {
				refusals[stop.reason] = &Refusals{Reason: stop.reason}
			}
			refusals[stop.reason].add(stop.ending)
		}
	}
	c.Task, c.Tehty, c.Valmis = measure(task), measure(tehty), measure(valmis)
	for _, reason := range slices.Sorted(maps.Keys(refusals)) {
		c.Refusals = append(c.Refusals, *refusals[reason])
	}
	return c
}

func took(all []time.Duration, one *story, at time.Time) []time.Duration {
	if at.IsZero() {
		return all
	}
	return append(all, at.Sub(one.began))
}

func (r *Refusals) add(how ending) {
	r.Count++
	*map[ending]*int{wentOn: &r.WentOn, refusedAgain: &r.RefusedAgain, byItself: &r.ByItself, dismissed: &r.Dismissed, closed: &r.Closed, waiting: &r.Waiting}[how]++
}

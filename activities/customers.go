package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/runs"
)

// shrunkFor is how long a halved list must stay the same before it is believed; an empty one never is.
const shrunkFor = 24 * time.Hour

// SyncCustomers reads Hillava's customers and customers.yaml and keeps one poll Schedule per customer that may be
// polled. A customer that goes away has its schedule paused with a note, never deleted.
func (a *Activities) SyncCustomers(ctx context.Context, in runs.SyncInput) (runs.SyncResult, error) {
	if err := a.customers.Reload(); err != nil {
		// The last good file goes on being used; whoever runs starter customers list sees why it is not the new one.
		return runs.SyncResult{}, stop("customers-file", err)
	}
	list, err := a.directory.refresh(ctx)
	if err != nil {
		return runs.SyncResult{}, a.failure(err, call{attempt: attemptOf(ctx)})
	}
	result := runs.SyncResult{Customers: a.customerStates(list), InHillava: len(list)}
	kept := map[string]bool{}
	if a.shrunk(in.Last, &result) {
		result.Warning = runs.WarningShrunk
		kept = keepMissing(in.Last, list, &result)
	}
	// One customer's schedule that cannot be brought in line keeps nobody else's from it.
	var problems []error
	for _, customer := range result.Customers {
		if !kept[customer.Tunniste] {
			problems = append(problems, a.applyCustomer(ctx, customer))
		}
	}
	if result.Warning == "" {
		problems = append(problems, a.pauseGone(ctx, in.Last, result))
	}
	if err := errors.Join(problems...); err != nil {
		return runs.SyncResult{}, temporalFailure(err)
	}
	return result, nil
}

// customerStates says of each customer, of either list, whether it is polled and why not.
func (a *Activities) customerStates(list []hillava.Customer) []runs.CustomerState {
	var states []runs.CustomerState
	listed := map[string]bool{}
	for _, settings := range a.customers.Customers() {
		if listed[settings.Tunniste] && settings.Tunniste != "" {
			continue // doubled in customers.yaml: its faults say so. Those without one are each a customer of their own
		}
		listed[settings.Tunniste] = true
		state := runs.CustomerState{Tunniste: settings.Tunniste, Every: settings.Poll.Every, Reasons: reasonsNotToPoll(settings, list)}
		state.Polled = len(state.Reasons) == 0
		if found := withTunniste(list, settings.Tunniste); len(found) == 1 {
			state.CustomerID = found[0].ID
		}
		states = append(states, state)
	}
	for _, customer := range list {
		switch {
		case customer.ExternalID == "":
			states = append(states, runs.CustomerState{CustomerID: customer.ID, Reasons: []string{
				"the customer has no Tunniste in Hillava, and it can be set only at creation; make the customer anew with one",
			}})
		case !listed[customer.ExternalID]:
			listed[customer.ExternalID] = true
			reason := "customers.yaml has no entry for this customer; add one with its consent, credentials, performer ids and start date"
			if !config.ValidTunniste(customer.ExternalID) {
				reason = "its Tunniste in Hillava is not 1 to 64 of the characters A-Z a-z 0-9 . _ - and can be set only at creation; make the customer anew with one that is"
			}
			states = append(states, runs.CustomerState{Tunniste: customer.ExternalID, CustomerID: customer.ID, Reasons: []string{reason}})
		}
	}
	slices.SortStableFunc(states, func(x, y runs.CustomerState) int {
		return strings.Compare(x.Tunniste+" "+x.CustomerID, y.Tunniste+" "+y.CustomerID)
	})
	return states
}

// shrunk tells whether the list is not to be believed: it is empty, or at most half as long as the last believed one
// and has not been so for a day.
func (a *Activities) shrunk(last runs.SyncResult, result *runs.SyncResult) bool {
	if result.InHillava > 0 && result.InHillava*2 > last.InHillava {
		return false
	}
	now := a.now().UTC()
	since := now
	if last.ShrunkSince != nil {
		since = *last.ShrunkSince
	}
	if result.InHillava > 0 && now.Sub(since) >= shrunkFor {
		return false
	}
	result.ShrunkSince, result.InHillava = &since, last.InHillava
	return true
}

// keepMissing carries over what the last believed list said of customers that this one does not name, and gives the
// Tunniste of each customer whose schedule is to be left alone. One that has faults of its own is not kept: those count.
func keepMissing(last runs.SyncResult, list []hillava.Customer, result *runs.SyncResult) (kept map[string]bool) {
	kept = map[string]bool{}
	named := map[string]bool{}
	for i, now := range result.Customers {
		named[now.Tunniste] = true
		if now.Tunniste == "" || len(now.Reasons) != 1 || len(withTunniste(list, now.Tunniste)) > 0 {
			continue
		}
		kept[now.Tunniste] = true
		if before := slices.IndexFunc(last.Customers, func(c runs.CustomerState) bool { return c.Tunniste == now.Tunniste }); before >= 0 {
			result.Customers[i] = last.Customers[before]
		}
	}
	for _, before := range last.Customers { // pauseGone deals with it when the lists can be believed again
		if before.Tunniste != "" && !named[before.Tunniste] {
			kept[before.Tunniste] = true
			result.Customers = append(result.Customers, before)
		}
	}
	return kept
}

func (a *Activities) applyCustomer(ctx context.Context, customer runs.CustomerState) error {
	if !config.ValidTunniste(customer.Tunniste) {
		return nil // it never had a schedule, and Temporal cannot be asked
	}
	id := runs.PollScheduleID(customer.Tunniste)
	if !customer.Polled {
		if err := runs.pauseSchedule(ctx, a.temporal, id, strings.Join(customer.Reasons, "; ")); err != nil {
			return fmt.Errorf("pause schedule %s: %w", id, err)
		}
		return nil
	}
	err := runs.ensureSchedule(ctx, a.temporal, runs.schedule{
		id: id, workflow: runs.TypePollCustomer, every: customer.Every,
		input: runs.PollCustomerInput{Customer: customer.Tunniste, Every: customer.Every},
	})
	if err != nil {
		return fmt.Errorf("make schedule %s: %w", id, err)
	}
	return nil
}

// pauseGone pauses the polls of customers that neither list names any more.
func (a *Activities) pauseGone(ctx context.Context, last, now runs.SyncResult) error {
	var problems []error
	for _, before := range last.Customers {
		still := slices.ContainsFunc(now.Customers, func(c runs.CustomerState) bool { return c.Tunniste == before.Tunniste })
		if !still {
			gone := runs.CustomerState{Tunniste: before.Tunniste, Reasons: []string{"the customer is neither in Hillava nor in customers.yaml"}}
			problems = append(problems, a.applyCustomer(ctx, gone))
		}
	}
	return errors.Join(problems...)
}

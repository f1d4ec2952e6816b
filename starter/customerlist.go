package main

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

// listedCustomer is one line of customers list.
type listedCustomer struct {
	Tunniste     string     `json:"tunniste"`
	Name         string     `json:"name"`
	Polled       bool       `json:"polled"`
	Reasons      []string   `json:"reasons"`
	LastGoodPoll *time.Time `json:"lastGoodPoll"`
}

// printCustomers prints the list. Without a customers.yaml that can be read it prints what the last sync decided, which is
// what goes on, and fails.
func printCustomers(ctx context.Context, out output, polls rounds, settings config.Tools, asJSON bool) error {
	entries, names, unreadable := openCustomers(ctx, out, settings)
	if unreadable != nil {
		out.note("%v", unreadable)
	}
	customers, notes, err := listCustomers(ctx, polls, entries, names)
	if err != nil {
		return err
	}
	for _, note := range notes {
		out.note("%s", note)
	}
	if err := showCustomers(out, customers, asJSON); err != nil {
		return err
	}
	if unreadable != nil {
		return errors.New("customers.yaml cannot be read here, so the list is what the last sync decided; correct the file")
	}
	return nil
}

func showCustomers(out output, customers []listedCustomer, asJSON bool) error {
	if asJSON {
		return out.json(customers)
	}
	rows := [][]string{{"TUNNISTE", "NAME", "POLLED", "LAST GOOD POLL", "REASONS"}}
	for _, customer := range customers {
		polled := "no"
		if customer.Polled {
			polled = "yes"
		}
		rows = append(rows, []string{orDash(customer.Tunniste), orDash(customer.Name), polled, moment(customer.LastGoodPoll), strings.Join(customer.Reasons, "; ")})
	}
	return out.table(rows)
}

// listCustomers puts together what the last sync decided, what the schedules do, and names from Hillava, or from
// customers.yaml where Hillava's list is nil. notes are about the whole list.
func listCustomers(ctx context.Context, polls rounds, entries []config.Customer, names []hillava.Customer) (customers []listedCustomer, notes []string, err error) {
	var sync runs.SyncResult
	found, err := polls.last(ctx, runs.ScheduleSyncCustomers, &sync)
	if err != nil && !errors.Is(err, errNoSchedule) {
		return nil, nil, err
	}
	switch {
	case !found:
		notes = append(notes, "no sync has completed yet; start a worker, then run starter customers sync")
	case sync.Failure != "":
		notes = append(notes, "this is the last good list, as the last sync failed: "+failureAdvice(sync.Failure))
	case sync.Warning != "":
		notes = append(notes, sync.Warning)
	}
	customers = []listedCustomer{}
	for _, state := range withEntries(sync.Customers, entries) {
		customer := listedCustomer{
			Tunniste: state.Tunniste, Name: nameOf(state, entries, names), Polled: state.Polled,
			Reasons: append([]string{}, state.Reasons...),
		}
		stopped := customer.addFaults(state, entries)
		if config.ValidTunniste(state.Tunniste) { // any other has no schedule, and Temporal cannot be asked about it
			if err := addPoll(ctx, polls, &customer); err != nil {
				return nil, nil, err
			}
		}
		customer.Polled = customer.Polled && !stopped
		customers = append(customers, customer)
	}
	return customers, notes, nil
}

// withEntries adds the entries of customers.yaml that the last sync has not seen yet.
func withEntries(states []runs.CustomerState, entries []config.Customer) []runs.CustomerState {
	all := slices.Clone(states)
	for _, entry := range entries {
		if slices.ContainsFunc(all, func(s runs.CustomerState) bool { return isOf(s, entry) }) {
			continue
		}
		reasons := append(slices.Clone(entry.Faults), "no sync has seen this entry yet; run starter customers sync")
		all = append(all, runs.CustomerState{Tunniste: entry.Tunniste, Reasons: reasons})
	}
	return all
}

// addFaults adds what is wrong with the customer's entry at present: it or a secret file may have changed since the last
// sync, and stopped tells that the polls mind it already.
func (c *listedCustomer) addFaults(state runs.CustomerState, entries []config.Customer) (stopped bool) {
	for _, entry := range entries {
		if !isOf(state, entry) {
			continue
		}
		for _, fault := range entry.Faults {
			stopped = true
			if !slices.Contains(c.Reasons, fault) {
				c.Reasons = append(c.Reasons, fault)
			}
		}
	}
	return stopped
}

// isOf reports whether a state is that of an entry. Entries without a Tunniste are told apart by their faults, which
// name the line.
func isOf(state runs.CustomerState, entry config.Customer) bool {
	if entry.Tunniste == "" {
		count := len(entry.Faults)
		return state.Tunniste == "" && len(state.Reasons) >= count && slices.Equal(state.Reasons[:count], entry.Faults)
	}
	return state.Tunniste == entry.Tunniste
}

func nameOf(state runs.CustomerState, entries []config.Customer, names []hillava.Customer) string {
	for _, customer := range names {
		if state.CustomerID != "" && customer.ID == state.CustomerID {
			return customer.Name
		}
	}
	for _, entry := range entries {
		if isOf(state, entry) {
			return entry.Name
		}
	}
	return ""
}

// addPoll adds what the customer's poll Schedule tells: a person's pause, the last good poll, a failure, notices that
// need a person.
func addPoll(ctx context.Context, polls rounds, customer *listedCustomer) error {
	id := runs.PollScheduleID(customer.Tunniste)
	paused, note, err := polls.pause(ctx, id)
	if errors.Is(err, errNoSchedule) {
		if customer.Polled {
			customer.Polled = false
			customer.Reasons = append(customer.Reasons, "its poll schedule is missing; run starter customers sync")
		}
		return nil
	}
	if err != nil {
		return err
	}
	if paused && (customer.Polled || !runs.PausedByUs(note)) {
		customer.Polled = false
		reason := "paused by a person; unpause schedule " + id + " in the Temporal Web UI to poll again"
		if note != "" && !runs.PausedByUs(note) {
			reason = fmt.Sprintf("paused by a person (%s); unpause schedule %s in the Temporal Web UI to poll again", note, id)
		} else if runs.PausedByUs(note) {
			reason = "not unpaused yet; run starter customers sync"
		}
		customer.Reasons = append(customer.Reasons, reason)
	}
	var last runs.PollResult
	found, err := polls.last(ctx, id, &last)
	if err != nil {
		return err
	}
	if !found {
		return nil
	}
	customer.LastGoodPoll = timeOrNil(last.LastGood)
	switch {
	case last.Failure == runs.FaultCustomerStopped && len(customer.Reasons) == 0:
		customer.Reasons = append(customer.Reasons, "its settings stopped the last poll, and as they are read here nothing is wrong with them; starter customers poll "+customer.Tunniste+" tells whether they still do")
	case last.Failure == runs.FaultCustomerStopped: // the reasons are there
	case last.Failure != "":
		customer.Reasons = append(customer.Reasons, "the last poll failed: "+failureAdvice(last.Failure))
	}
	for _, skipped := range last.Skipped {
		customer.Reasons = append(customer.Reasons, skippedReason(customer.Tunniste, skipped))
	}
	return nil
}

// skippedReason says what a person can do about a notice that the poll passes over.
func skippedReason(tunniste string, skipped runs.SkippedNotice) string {
	what := fmt.Sprintf("notice %d: %s", skipped.NoticeID, skipped.Reason)
	switch skipped.Reason {
	case runs.SkippedReopened:
		return fmt.Sprintf("%s; when it is to be done again: starter notice import %s %d", what, tunniste, skipped.NoticeID)
	case runs.SkippedUnreadable:
		return what + "; look at it in Tampuuri, the next polls try it again"
	case runs.SkippedIDTaken:
		return what + "; tell whoever runs that Tampuuri, two notices must not share a Guid"
	default:
		return what
	}
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	utc := t.UTC()
	return &utc
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

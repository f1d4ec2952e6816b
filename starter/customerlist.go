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
	Tunniste     string               `json:"tunniste"`
	Name         string               `json:"name"`
	Polled       bool                 `json:"polled"`
	Reasons      []string             `json:"reasons"` // what stops polling by itself, and what else a person should know
	LastGoodPoll *time.Time           `json:"lastGoodPoll"`
	Paused       *runs.Paused         `json:"paused"`
	Skipped      []runs.SkippedNotice `json:"skipped"`
}

// customerSource is what customers list asks of Temporal.
type customerSource interface {
	syncReader
	customerReader
}

// printCustomers prints the list. Without a customers.yaml that can be read it prints what the last sync decided, which is
// what goes on, and fails.
func printCustomers(ctx context.Context, out output, from customerSource, settings config.Tools, asJSON bool) error {
	entries, names, unreadable := openCustomers(ctx, out, settings)
	if unreadable != nil {
		out.note("%v", unreadable)
	}
	customers, notes, err := listCustomers(ctx, from, entries, names)
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
		rows = append(rows, []string{orDash(customer.Tunniste), orDash(customer.Name), polled, moment(customer.LastGoodPoll), customer.inWords()})
	}
	return out.table(rows)
}

// inWords joins all that a person should know of a customer.
func (c listedCustomer) inWords() string {
	var words []string
	if c.Paused != nil {
		words = append(words, pauseInWords(c.Tunniste, *c.Paused))
	}
	words = append(words, c.Reasons...)
	for _, skipped := range c.Skipped {
		words = append(words, skippedReason(c.Tunniste, skipped))
	}
	return strings.Join(words, "; ")
}

func pauseInWords(tunniste string, pause runs.Paused) string {
	return fmt.Sprintf("paused by %s since %s (%s); starter customers resume %s ends it", pause.By, moment(&pause.Since), pause.Reason, tunniste)
}

// customerLine is one customer as the last sync and customers.yaml know it.
type customerLine struct {
	runs.CustomerState
	name   string
	faults []string // of its entry at present: it or a secret file may have changed since the last sync
	unseen bool     // by any sync
}

// listCustomers puts together what the last sync decided, what the customers' workflows say, and names from Hillava, or
// from customers.yaml where Hillava's list is nil. notes are about the whole list.
func listCustomers(ctx context.Context, from customerSource, entries []config.Customer, names []hillava.Customer) (customers []listedCustomer, notes []string, err error) {
	sync, found, err := from.LastSync(ctx)
	if err != nil {
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
	lines := customerLines(sync.Customers, entries, names)
	var asked []string
	for _, line := range lines {
		if line.HasEntry && config.ValidTunniste(line.Tunniste) { // no other has a workflow
			asked = append(asked, line.Tunniste)
		}
	}
	views, silent, err := viewCustomers(ctx, from, asked)
	if err != nil {
		return nil, nil, err
	}
	if silent > 0 {
		notes = append(notes, fmt.Sprintf("%d customers' workflows did not answer, so who paused them, and what they have found lately, may be missing; is a worker running? starter doctor tells", silent))
	}
	customers = []listedCustomer{}
	for _, line := range lines {
		customers = append(customers, line.list(views[line.Tunniste]))
	}
	return customers, notes, nil
}

// customerLines adds to the customers of the last sync the entries of customers.yaml that it has not seen. Which entry
// without a Tunniste is which only the file tells.
func customerLines(states []runs.CustomerState, entries []config.Customer, names []hillava.Customer) []customerLine {
	var lines []customerLine
	for _, state := range states {
		if state.Tunniste == "" && state.HasEntry {
			continue
		}
		line := customerLine{CustomerState: state}
		for _, entry := range entries {
			if entry.Tunniste == state.Tunniste && state.Tunniste != "" {
				line.name, line.faults = entry.Name, append(line.faults, entry.Faults...)
			}
		}
		for _, customer := range names {
			if customer.ID == state.CustomerID && state.CustomerID != "" {
				line.name = customer.Name
			}
		}
		lines = append(lines, line)
	}
	for _, entry := range entries {
		if entry.Tunniste != "" && slices.ContainsFunc(lines, func(l customerLine) bool { return l.Tunniste == entry.Tunniste }) {
			continue
		}
		lines = append(lines, customerLine{
			CustomerState: runs.CustomerState{Tunniste: entry.Tunniste, HasEntry: true}, name: entry.Name, faults: entry.Faults, unseen: true,
		})
	}
	return lines
}

// list puts the sync's word, the entry's faults and what the customer's workflow says into one line.
func (l customerLine) list(view customerView) listedCustomer {
	c := listedCustomer{
		Tunniste: l.Tunniste, Name: l.name, Reasons: []string{},
		LastGoodPoll: view.status.LastGoodPoll, Paused: view.status.Paused, Skipped: append([]runs.SkippedNotice{}, view.status.Skipped...),
	}
	c.add(l.Reasons...)
	c.add(l.faults...)
	c.add(view.status.Reasons...)
	switch {
	case view.run == nil && l.unseen && l.Tunniste != "":
		c.add("no sync has seen this entry yet; run starter customers sync")
	case view.run == nil && l.HasEntry && config.ValidTunniste(l.Tunniste):
		c.add("it has no workflow; run starter customers sync")
	case view.pausedUnseen():
		c.add("paused, by whom only a worker can tell")
	}
	c.Polled = view.run != nil && c.Paused == nil && len(c.Reasons) == 0
	if last := view.status.LastRound; last != nil && last.Failure != "" {
		c.add("the last poll failed: " + failureAdvice(last.Failure))
	}
	return c
}

// add adds reasons that are not there yet.
func (c *listedCustomer) add(reasons ...string) {
	for _, reason := range reasons {
		if !slices.Contains(c.Reasons, reason) {
			c.Reasons = append(c.Reasons, reason)
		}
	}
}

// skippedReason says what a person can do about a notice that the poll passes over.
func skippedReason(tunniste string, skipped runs.SkippedNotice) string {
	what := fmt.Sprintf("notice %d: %s", skipped.NoticeID, skipped.Reason)
	switch skipped.Reason {
	case runs.SkippedReopened:
		return fmt.Sprintf("%s; when it is to be done again: starter notice import %s %d", what, tunniste, skipped.NoticeID)
	case runs.SkippedUnreadable:
		return what + "; look at it in Tampuuri, the next polls try it again"
	case runs.SkippedSharedID:
		return what + "; tell whoever runs that Tampuuri, two notices must not share a Guid"
	case runs.SkippedNoPerformer:
		return what + "; when it is ours, have it assigned to us in Tampuuri again"
	default:
		return what
	}
}

// openCustomers gives what the customer list is made of beside Temporal. A Hillava that cannot be asked is no fault of
// the list: names then come from customers.yaml. The error is for a customers.yaml that cannot be read; names are given
// with it.
func openCustomers(ctx context.Context, out output, settings config.Tools) ([]config.Customer, []hillava.Customer, error) {
	entries, unreadable := config.LoadCustomers(settings.CustomersFile, settings.CustomerDefaults())
	client, err := openHillava(settings)
	if err != nil {
		return entries, nil, unreadable // not set here: that is usual on an operator's machine
	}
	defer client.Close()
	names, err := client.Customers(ctx)
	if err != nil {
		out.note("names are from customers.yaml, as Hillava could not be asked: %v", err)
		return entries, nil, unreadable
	}
	return entries, names, unreadable
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

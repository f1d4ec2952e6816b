package customers

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

// Listed is one line of customers list.
type Listed struct {
	Tunniste     string               `json:"tunniste"`
	Name         string               `json:"name"`
	Polled       bool                 `json:"polled"`
	Reasons      []string             `json:"reasons"` // what stops polling by itself, and what else a person should know
	LastGoodPoll *time.Time           `json:"lastGoodPoll"`
	Paused       *runs.Paused         `json:"paused"`
	Skipped      []runs.SkippedNotice `json:"skipped"`
	Troubles     []Trouble            `json:"troubles"` // all of it, one a line for people
}

// Trouble is one thing that a person should know of a customer.
type Trouble struct {
	Kind  Kind       `json:"kind"`
	Text  string     `json:"text"`  // with what to do
	Since *time.Time `json:"since"` // null where nobody knows
}

// Kind tells one kind of trouble from another.
type Kind string

// The kinds.
const (
	KindPaused      Kind = "paused"      // by a person
	KindStopped     Kind = "stopped"     // by its entry, its consent, Hillava's list
	KindCredentials Kind = "credentials" // its Tampuuri refuses them
	KindOutage      Kind = "no answer"   // its Tampuuri does not answer
	KindFailed      Kind = "poll failed" // otherwise
	KindSkipped     Kind = "passed over" // one notice
)

// PauseInWords says who paused a customer, why, and how it ends.
func PauseInWords(tunniste string, pause runs.Paused) string {
	return fmt.Sprintf("paused by %s since %s (%s); starter customers resume %s ends it", pause.By, notice.Clock(pause.Since), pause.Reason, tunniste)
}

// customerLine is one customer as the last sync and customers.yaml know it.
type customerLine struct {
	runs.CustomerState
	name   string
	entry  *config.Customer // at present: it or a secret file may have changed since the last sync
	unseen bool             // by any sync
}

// List puts together what the last sync decided, what the customers' workflows say, and names from Hillava, or
// from customers.yaml where Hillava's list is nil. notes are about the whole list.
func List(ctx context.Context, from Source, open Open, entries []config.Customer, names []hillava.Customer) (customers []Listed, notes []string, err error) {
	sync, found, err := from.LastSync(ctx)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case !found:
		notes = append(notes, "no sync has completed yet; start a worker, then run starter customers sync")
	case sync.Failure != "":
		notes = append(notes, "this is the last good list, as the last sync failed: "+FailureAdvice(sync.Failure))
	case sync.Warning != "":
		notes = append(notes, sync.Warning)
	}
	lines := customerLines(sync.Customers, entries, names)
	var asked []string
	for _, line := range lines {
		if config.ValidTunniste(line.Tunniste) { // one that lost its entry may have a workflow still
			asked = append(asked, line.Tunniste)
		}
	}
	views, silent, err := Views(ctx, from, asked)
	if err != nil {
		return nil, nil, err
	}
	if silent > 0 {
		notes = append(notes, fmt.Sprintf("workflows of customers that did not answer: %d, so who paused them, and what they have found lately, may be missing; is a worker running? starter doctor tells", silent))
	}
	customers = []Listed{}
	for _, line := range lines {
		customers = append(customers, line.list(views[line.Tunniste], line.fails(ctx, open, views[line.Tunniste].Status)))
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
				line.name, line.entry = entry.Name, &entry
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
			CustomerState: runs.CustomerState{Tunniste: entry.Tunniste, HasEntry: true}, name: entry.Name, entry: &entry, unseen: true,
		})
	}
	return lines
}

// list puts the sync's word, the entry's faults and what the customer's workflow says into one line; failure is the word for
// why its Tampuuri cannot be polled.
func (l customerLine) list(view View, failure string) Listed {
	c := Listed{
		Tunniste: l.Tunniste, Name: l.name, Reasons: []string{}, Troubles: []Trouble{},
		LastGoodPoll: view.Status.LastGoodPoll, Paused: view.Status.Paused, Skipped: append([]runs.SkippedNotice{}, view.Status.Skipped...),
	}
	if c.Paused != nil {
		c.Troubles = append(c.Troubles, Trouble{KindPaused, PauseInWords(c.Tunniste, *c.Paused), &c.Paused.Since})
	}
	c.add(KindStopped, l.Reasons...)
	if l.entry != nil {
		c.add(KindStopped, l.entry.Faults...)
	}
	if !l.HasEntry {
		view.Status.Reasons = nil // the sync has told them
	}
	for _, reason := range view.Status.Reasons {
		if l.entry != nil && !slices.Contains(c.Reasons, reason) {
			reason += " (not so here: if it is mended, starter customers sync makes that count)"
		}
		c.add(KindStopped, reason)
	}
	switch {
	case view.Run == nil && l.unseen && l.Tunniste != "":
		c.add(KindStopped, "no sync has seen this entry yet; run starter customers sync")
	case view.Run == nil && l.HasEntry && config.ValidTunniste(l.Tunniste):
		c.add(KindStopped, "it has no workflow; run starter customers sync")
	case view.PausedUnseen():
		c.add(KindPaused, "paused, by whom only a worker can tell")
	}
	c.Polled = view.Run != nil && c.Paused == nil && len(c.Reasons) == 0
	if failure != "" {
		advice := FailureAdvice(failure)
		if failure == runs.FaultCredentialsRefused { // and not Hillava's, which a failed sync may mean
			advice = "the credentials are refused; correct them in customers.yaml, or ask the customer to renew them (starter doctor)"
		}
		c.add(cmp.Or(kindOf[failure], KindFailed), advice)
	}
	for _, skipped := range c.Skipped {
		c.Troubles = append(c.Troubles, Trouble{Kind: KindSkipped, Text: skippedReason(c.Tunniste, skipped)})
	}
	return c
}

// add adds reasons that are not there yet. What hinders polling has done so since the last good poll.
func (c *Listed) add(kind Kind, reasons ...string) {
	for _, reason := range reasons {
		if !slices.Contains(c.Reasons, reason) {
			c.Reasons = append(c.Reasons, reason)
			c.Troubles = append(c.Troubles, Trouble{kind, reason, c.LastGoodPoll})
		}
	}
}

// kindOf has the failures of a poll that are a kind of trouble of their own.
var kindOf = map[string]Kind{runs.FaultCredentialsRefused: KindCredentials, runs.FaultUnavailable: KindOutage}

// fails gives the word for why a customer's Tampuuri cannot be polled; empty when it can. After a poll that failed it is
// asked now, as starter doctor does: what has been mended since is over, and what has become another trouble is that one.
func (l customerLine) fails(ctx context.Context, open Open, status runs.CustomerStatus) string {
	last := status.LastRound
	if last == nil || last.Failure == "" || !l.HasEntry {
		return ""
	}
	if l.entry == nil {
		return last.Failure
	}
	switch asked, err := Ask(ctx, *l.entry, open, time.Now()); {
	case !asked:
		return last.Failure
	case err != nil:
		return failureOf(err)
	default:
		return ""
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

// failureAdvice says in words what the closed-set word of a failed round means.
var failureAdvice = map[string]string{
	runs.FaultUnavailable:        "the other system does not answer; look whether it is up and its address is right (starter doctor)",
	runs.FaultCredentialsRefused: "the credentials are refused; correct them in customers.yaml, or the token for Hillava (starter doctor)",
	runs.FaultCustomerStopped:    "the customer's settings stop it; correct customers.yaml (starter customers list)",
	runs.FaultTemporal:           "Temporal did not take it; look whether the server is well (starter doctor)",
	runs.FaultCustomersFile:      "customers.yaml cannot be read, and the last good one goes on being used; correct the file (starter doctor)",
	runs.FaultTimeout:            "the round took longer than its interval; raise the interval, or look whether the other system is slow",
	runs.ReasonUnreadable:        "an answer does not follow the contract; tell whoever runs that system",
}

// FailureAdvice gives the failureAdvice of any failure, also of one that has none.
func FailureAdvice(failure string) string {
	return cmp.Or(failureAdvice[failure], failure+"; the round's workflow in the Temporal Web UI tells more")
}

package opening

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/customersfile"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/terminal"
)

// Closed is what a closing came to, as JSON.
type Closed struct {
	Tunniste string `json:"tunniste"`
	Since    string `json:"since"` // YYYY-MM-DD, from when on nothing new comes
	Open     *int64 `json:"open"`  // notices that are still written back; null when that could not be asked
	Removed  bool   `json:"removed"`
}

// Word is what the audit trail calls it.
func (c Closed) Word() string {
	if c.Removed {
		return "entry removed"
	}
	return "closed"
}

// Close stops new imports for good. The entry stays while notices are open, as they are written back with its credentials;
// only a later call, which finds none, offers to take it out. Not the first one: a poll that was under way may just have
// begun another notice.
func (c *Command) Close(ctx context.Context) (Closed, error) {
	result := Closed{Tunniste: c.Tunniste}
	entry, found, err := c.entry()
	if err != nil {
		return result, err
	}
	if !found {
		return result, refused("customers.yaml has no entry for %s, so nothing of it is imported", c.Tunniste)
	}
	before := entry.Stopped.Because == config.StoppedClosed
	if !before {
		if err := c.confirm(ctx, c.Yes || c.Out.Stdin == nil, "Stop new imports of %s for good?", c.Tunniste); err != nil {
			return result, err
		}
		if err := c.set([]string{"stopped"}, c.stop(config.StoppedClosed)); err != nil {
			return result, err
		}
		if entry, _, err = c.entry(); err != nil {
			return result, err
		}
	}
	result.Since = entry.Stopped.Since.Format(time.DateOnly)
	open, err := c.open(ctx, entry)
	if err != nil {
		return result, fmt.Errorf("that %s is closed is recorded in customers.yaml, and no new notice is imported; how many are open could not be asked, so run this again: %w", c.Tunniste, err)
	}
	result.Open = &open
	switch {
	case open > 0:
		return result, c.say("%s is closed since %s. Still open and written back: %s. So its entry and its credentials stay: starter notice list --customer %s. Run this again once none is open.",
			c.Tunniste, result.Since, notice.Count(int(open), "notice"), c.Tunniste)
	case !before:
		return result, c.say("%s is closed, and no notice of it is open. Run this again to take its entry out.", c.Tunniste)
	case !c.Yes && c.Out.Stdin == nil:
		return result, c.say("%s is closed since %s, and no notice of it is open. Run this with --yes to take its entry out.", c.Tunniste, result.Since)
	}
	return c.remove(ctx, result)
}

// open counts the notices that are still written back with this entry, once a worker has seen it as it is.
func (c *Command) open(ctx context.Context, entry config.Customer) (open int64, err error) {
	temporal, err := c.Connect(ctx)
	if err != nil {
		return 0, err
	}
	if err := temporal.Sync(ctx); err != nil {
		return 0, err
	}
	for _, tunniste := range append([]string{c.Tunniste}, entry.Formerly...) {
		count, err := temporal.OpenOf(ctx, tunniste)
		if err != nil {
			return 0, err
		}
		open += count
	}
	return open, nil
}

// remove takes the entry out. Its secret files stay: whose they are besides, only a person knows.
func (c *Command) remove(ctx context.Context, result Closed) (Closed, error) {
	if err := c.confirm(ctx, c.Yes, "No notice of %s is open. Take its entry, with the record of its consent, out of customers.yaml?", c.Tunniste); err != nil {
		return result, err
	}
	err := customersfile.Edit(c.Settings.CustomersFile, func(content []byte) ([]byte, error) { return customersfile.Remove(content, c.Tunniste) })
	if err != nil {
		return result, err
	}
	c.Wrote("removed", nil)
	result.Removed = true
	c.syncOrSay(ctx)
	return result, c.say("The entry of %s is gone. Delete the secret files that it named, and take the customer from the customer type in Hillava.", c.Tunniste)
}

// syncOrSay makes the file count now; without Temporal it counts at the next sync, and that is said.
func (c *Command) syncOrSay(ctx context.Context) {
	temporal, err := c.Connect(ctx)
	if err == nil {
		err = temporal.Sync(ctx)
	}
	if err != nil {
		c.Out.Note("customers.yaml is written, and counts from the next sync on, as none could be made now: %v", err)
	}
}

// Names is what a confirmation of a name came to, as JSON.
type Names struct {
	Tunniste  string   `json:"tunniste"`
	Known     []string `json:"known"` // names that counted before
	Hillava   string   `json:"hillava"`
	Confirmed bool     `json:"confirmed"` // it was added now
}

// Word is what the audit trail calls it.
func (n Names) Word() string {
	if n.Confirmed {
		return "confirmed"
	}
	return "confirmed already"
}

// ConfirmName takes the name that Hillava has now into confirmed_names, when a person says that it is the same customer.
func (c *Command) ConfirmName(ctx context.Context) (Names, error) {
	result := Names{Tunniste: c.Tunniste, Known: []string{}}
	entry, found, err := c.entry()
	if err != nil {
		return result, err
	}
	if !found {
		return result, refused("customers.yaml has no entry for %s; starter customers open %s adds one", c.Tunniste, c.Tunniste)
	}
	result.Known = append([]string{entry.Name}, entry.ConfirmedNames...)
	list, err := c.office(ctx)
	if err != nil {
		return result, err
	}
	if list == nil {
		return result, errors.New("Hillava could not be asked for the name; set HILLAVA_URL and HILLAVA_TOKEN as for the worker, and try again when it answers")
	}
	result.Hillava = list[0].Name
	switch {
	case len(list) > 1:
		return result, refused("%d customers in Hillava have the Tunniste %s; leave one of them there first", len(list), c.Tunniste)
	case result.Hillava == "":
		return result, refused("the customer has no name in Hillava; give it one there")
	case entry.NameMatches(result.Hillava):
		return result, c.say("%s: its name in Hillava, %s, is confirmed already.", c.Tunniste, result.Hillava)
	}
	if err := c.sameCustomer(ctx, entry, result.Hillava); err != nil {
		return result, err
	}
	if err := c.set([]string{"confirmed_names"}, []customersfile.Value{{Key: "confirmed_names", Is: customersfile.Also(result.Hillava)}}); err != nil {
		return result, err
	}
	result.Confirmed = true
	c.syncOrSay(ctx)
	return result, c.say("%s: the name is confirmed. starter customers list tells whether it is polled.", c.Tunniste)
}

// sameCustomer shows both names and asks.
func (c *Command) sameCustomer(ctx context.Context, entry config.Customer, now string) error {
	if !c.JSON {
		rows := []terminal.Row{{Cells: []string{"customers.yaml", entry.Name}}}
		for _, one := range entry.ConfirmedNames {
			rows = append(rows, terminal.Row{Cells: []string{"confirmed", one}})
		}
		if err := c.Out.Table(append(rows, terminal.Row{Cells: []string{"Hillava, now", now}})); err != nil {
			return err
		}
	}
	return c.confirm(ctx, c.Yes, "Is %q in Hillava the same customer?", now)
}

// Package opening opens a customer and closes it again: its entry in customers.yaml, the checks, a dry run, the first import.
package opening

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/customers"
	"tampuuri-hillava/internal/customersfile"
	"tampuuri-hillava/internal/doctor"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/nearest"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/speech"
	"tampuuri-hillava/internal/terminal"
)

// Temporal is what is asked of it, and of a worker behind it. Errors say what to do.
type Temporal interface {
	Sync(ctx context.Context) error
	Poll(ctx context.Context, tunniste string) (runs.PollCounts, error)
	Notices(ctx context.Context, filter runs.Filter) ([]*runs.Life, error)
	OpenOf(ctx context.Context, tunniste string) (int64, error)
}

// Refused is what a rule of ours does not let happen; nothing was done.
type Refused struct{ error }

// Unwrap gives the reason.
func (r Refused) Unwrap() error { return r.error }

func refused(format string, args ...any) error { return Refused{fmt.Errorf(format, args...)} }

// Command is one customer and who does something about it.
type Command struct {
	Out      terminal.Output
	Settings config.Systems
	Tunniste string
	By       string // an operator's user name
	JSON     bool   // only the result is printed, at the end
	Yes      bool   // without asking

	Connect func(ctx context.Context) (Temporal, error)
	// Wrote is told of each change of the entry, for the audit trail: what became of it, and the names of the keys.
	Wrote func(result string, keys []string)
	// OpenTampuuri and OpenOffice reach the two systems.
	OpenTampuuri customers.Open
	OpenOffice   func(settings config.Systems) (Office, error)

	retryEvery, settle time.Duration // of a worker that has yet to see the file as it is now; 0: the defaults
}

// Office is what is asked of Hillava.
type Office interface {
	Customers(ctx context.Context) ([]hillava.Customer, error)
	Close()
}

// OpenHillava opens the real one.
func OpenHillava(settings config.Systems) (Office, error) { return customers.OpenHillava(settings) }

// Result is what an opening came to, as JSON.
type Result struct {
	Tunniste string                `json:"tunniste"`
	Written  []string              `json:"written"` // keys of its entry
	Checks   []doctor.PrintedCheck `json:"checks"`
	Preview  *Preview              `json:"preview"`
	Opened   bool                  `json:"opened"` // it may be polled
	Rounds   []runs.PollCounts     `json:"rounds"` // polls that this command has waited for
}

// Word is what the audit trail calls it.
func (r Result) Word() string {
	if r.Opened {
		return "opened"
	}
	return "dry run"
}

// Open opens a customer, or goes on where the last attempt stopped: everything that was written stays.
func (c *Command) Open(ctx context.Context, answers *Answers) (Result, error) {
	result := Result{Tunniste: c.Tunniste, Written: []string{}, Checks: []doctor.PrintedCheck{}, Rounds: []runs.PollCounts{}}
	entry, _, err := c.entry()
	if err != nil {
		return result, err
	}
	if entry.Stopped.Because == config.StoppedClosed {
		return result, refused("%s was closed on %s; to open it again, take stopped out of its entry in customers.yaml first", c.Tunniste, entry.Stopped.Since.Format(time.DateOnly))
	}
	list, err := c.office(ctx)
	if err != nil {
		return result, err
	}
	if result.Written, err = c.write(ctx, answers, entry, list); err != nil {
		return result, err
	}
	if entry, _, err = c.entry(); err != nil {
		return result, err
	}
	if result.Checks, err = c.check(ctx, entry, list); err != nil {
		return result, err
	}
	entry = entry.Unstopped()
	temporal, away := c.Connect(ctx)
	preview, err := c.preview(ctx, temporal, away, entry)
	if err != nil {
		return result, fmt.Errorf("the dry run failed, and nothing is imported; starter customers open %s tries again: %w", c.Tunniste, err)
	}
	result.Preview = &preview
	if answers.DryRun {
		return result, c.say("Nothing was imported. starter customers open %s goes on from here.", c.Tunniste)
	}
	if away != nil {
		return result, fmt.Errorf("its entry is written, and stays stopped until Temporal can be reached; then run starter customers open %s again: %w", c.Tunniste, away)
	}
	if err := c.begin(ctx, preview, answers.Yes); err != nil {
		return result, err
	}
	result.Opened = true
	result.Rounds, err = c.firstImport(ctx, temporal, entry, answers.First)
	return result, err
}

// entry is the customer's entry as it is now; found is false, and only its Tunniste set, when there is none.
func (c *Command) entry() (entry config.Customer, found bool, err error) {
	all, err := config.LoadCustomers(c.Settings.CustomersFile, c.Settings.PollEvery)
	if err != nil {
		return config.Customer{}, false, err
	}
	for _, one := range all {
		if one.Tunniste == c.Tunniste {
			return one, true, nil
		}
		if slices.Contains(one.Formerly, c.Tunniste) {
			return config.Customer{}, false, refused("%s is what %s was formerly called; its notices go on there", c.Tunniste, one.Tunniste)
		}
	}
	return config.Customer{Tunniste: c.Tunniste}, false, nil
}

// office gives who has the Tunniste in Hillava; nil where Hillava is not set here, or does not answer. One that answers must
// know somebody: a slip of the pen would be found only after all questions.
func (c *Command) office(ctx context.Context) ([]hillava.Customer, error) {
	office, err := c.OpenOffice(c.Settings)
	if err != nil {
		c.Out.Note("Hillava is not asked: %v", err)
		return nil, nil
	}
	defer office.Close()
	list, err := office.Customers(ctx)
	if err != nil {
		c.Out.Note("Hillava could not be asked: %v", err)
		return nil, nil
	}
	var known []string
	var named []hillava.Customer
	for _, one := range list {
		known = append(known, one.ExternalID)
		if one.ExternalID == c.Tunniste {
			named = append(named, one)
		}
	}
	if named != nil {
		return named, nil
	}
	return nil, refused("no customer in Hillava has the Tunniste %s; make it there first, in customer type %s%s", c.Tunniste, hillava.CustomerType, nearest.DidYouMean(c.Tunniste, known, ""))
}

// write asks for what is missing and writes it, so that nothing is imported yet.
func (c *Command) write(ctx context.Context, answers *Answers, entry config.Customer, list []hillava.Customer) ([]string, error) {
	today := time.Now().In(notice.Helsinki())
	proposed := map[string]string{"start_date": today.Format(time.DateOnly)}
	if len(list) > 0 {
		proposed["name"] = list[0].Name
	}
	for _, fault := range entry.Faults {
		if strings.HasPrefix(fault, "line ") { // it is there, and would be asked for as if it were not
			c.Out.Note("what the entry of %s has cannot be read: %s", c.Tunniste, fault)
		}
	}
	new, err := answers.collect(ctx, c.Out, entry, c.Tunniste, proposed)
	if err != nil || len(new.values) == 0 && len(new.secrets) == 0 {
		return []string{}, err
	}
	if entry.Name != "" && entry.Stopped.Because == "" && len(entry.Faults) == 0 { // it is polled
		if answers.DryRun {
			return []string{}, refused("%s is open, and a new value would stop its polling until the import is confirmed; leave the value out to see a dry run, or --dry-run to change it", c.Tunniste)
		}
		c.Out.Note("Until the import is confirmed again, %s is not polled.", c.Tunniste)
	}
	add := func(key string, is any) { new.values = append(new.values, customersfile.Value{Key: key, Is: is}) }
	if new.has("consent") {
		add("consent.recorded_by", c.By)
	}
	new.values = append(new.values, c.stop(config.StoppedOpening)...)
	for _, path := range slices.Sorted(maps.Keys(new.secrets)) {
		if err := customersfile.WriteSecret(c.Settings.CustomersFile, filepath.Join(filepath.Dir(c.Settings.CustomersFile), path), new.secrets[path]); err != nil {
			return []string{}, err
		}
	}
	if err := c.set(new.keys(), new.values); err != nil {
		return []string{}, err
	}
	return new.keys(), c.say("Written into %s. Nothing is imported yet.", c.Settings.CustomersFile)
}

// stop is why no new notice may come.
func (c *Command) stop(because string) []customersfile.Value {
	return []customersfile.Value{{Key: "stopped.because", Is: because}, {Key: "stopped.since", Is: time.Now()}, {Key: "stopped.by", Is: c.By}}
}

// set writes values into the entry.
func (c *Command) set(keys []string, values []customersfile.Value) error {
	err := customersfile.Edit(c.Settings.CustomersFile, func(content []byte) ([]byte, error) { return customersfile.Set(content, c.Tunniste, values) })
	if err == nil {
		c.Wrote("written", keys)
	}
	return err
}

// check makes doctor's checks of this customer.
func (c *Command) check(ctx context.Context, entry config.Customer, list []hillava.Customer) ([]doctor.PrintedCheck, error) {
	diagnosis := doctor.Customer(ctx, entry.Unstopped(), list, c.OpenTampuuri, time.Now())
	checks := diagnosis.Print(speech.English).Checks
	if !c.JSON {
		if err := c.Out.Table(diagnosis.Table(speech.English)); err != nil {
			return checks, err
		}
	}
	if !diagnosis.OK() {
		return checks, refused("a check failed; what was written stays, and nothing new is imported. Mend it, then run starter customers open %s again (--new-secrets asks for avain and salasana once more)", c.Tunniste)
	}
	return checks, nil
}

// preview shows what would be imported. away is why Temporal cannot be asked what is imported already.
func (c *Command) preview(ctx context.Context, temporal Temporal, away error, entry config.Customer) (Preview, error) {
	var here map[int64]bool
	if away == nil {
		lives, err := temporal.Notices(ctx, runs.Filter{Customers: append([]string{c.Tunniste}, entry.Formerly...)})
		if err != nil {
			return Preview{}, err
		}
		here = map[int64]bool{}
		for _, life := range lives {
			here[life.Ref.NoticeID] = true
		}
	}
	preview, err := look(ctx, entry, c.OpenTampuuri, here)
	if err != nil || c.JSON {
		return preview, err
	}
	err = c.Out.Table(preview.rows(entry))
	for _, table := range preview.tables() {
		err = errors.Join(err, c.Out.Table(table))
	}
	return preview, err
}

// begin lets the customer be polled, once a person has said so.
func (c *Command) begin(ctx context.Context, preview Preview, yes bool) error {
	entry, _, err := c.entry()
	if err != nil || entry.Stopped.Because == "" { // it is polled already
		return err
	}
	err = c.confirm(ctx, yes, "Import %s of %s, and what comes later?", notice.Count(preview.Notices, "notice"), c.Tunniste)
	if errors.Is(err, terminal.ErrAnsweredNo) {
		return refused("not confirmed: nothing is imported, and its entry stays stopped; starter customers open %s goes on from here", c.Tunniste)
	} else if err != nil {
		return err
	}
	if entry, _, err = c.entry(); err != nil {
		return err
	}
	if entry.Stopped.Because != config.StoppedOpening { // while the question stood
		return refused("somebody else has opened or closed %s meanwhile; nothing was done, see starter customers list", c.Tunniste)
	}
	return c.set([]string{"stopped"}, []customersfile.Value{{Key: "stopped"}})
}

// confirm asks a person, unless --yes has said it already.
func (c *Command) confirm(ctx context.Context, yes bool, question string, args ...any) error {
	if yes {
		return nil
	}
	if err := c.Out.Confirm(ctx, fmt.Sprintf(question, args...)); err != nil {
		return Refused{err}
	}
	return nil
}

// say prints a line for people.
func (c *Command) say(format string, args ...any) error {
	if c.JSON {
		return nil
	}
	return c.Out.Line(fmt.Sprintf(format, args...))
}

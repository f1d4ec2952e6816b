// Command ledgercheck judges from the stand-ins' ledger alone whether every notice was dealt with exactly once:
//
//	go run ./e2e/ledgercheck ledger.jsonl            # everything has drained: what is missing is lost
//	go run ./e2e/ledgercheck ledger.jsonl --open     # still under way: only what must never happen
//
// It prints findings and exits 1 if there are any, 2 when it cannot judge (usage, a ledger that it cannot read, one
// without any notice). It shares no code with the service, and none with the stand-ins either: the words of the ledger,
// the external id and what counts as the same text are written here anew.
//
// "By us" means over a system's API, "by hand" by people. A round of a notice begins when people open it again after it
// was closed, or take back how far it was (Valmis to Peruttu or Tehty). What a rule needs and the ledger does not tell
// is given by flags; -h lists them.
//
//	task-twice               No two tasks with one external id at a time. (One that the office has deleted does not count.)
//	task-missing (settled)   A notice that is ours and open at the end has a task, or had one that the office deleted. Not
//	                         asked for: notices before --start-date, customers that Hillava has not exactly once with
//	                         active integrations, external ids that another notice's task carries.
//	task-id                  The external id of a task made by us is a notice's: its Guid, or the UUIDv5 of customer and Id.
//	task-customer            That notice's customer, by its Tunniste, is both billing and delivery customer.
//	task-reference           The billing reference does not carry the number of another notice of the customer instead.
//	task-key                 The Idempotency-Key of its creation is create-<externalId>.
//	task-look-up             No task made by us was asked for again with another key, or after its key was forgotten.
//	task-too-old             No task of a notice made before the customer's --start-date.
//	cause                    No task unless the notice was ours and open at some time before; no Tehty by us unless a
//	                         task.done of its task came before; no toimenpide and no Valmis unless a task.invoiced did; no
//	                         other state before there is a task.
//	state-order              We never set a state back: open < Tehty < Valmis. (--grace: a person may have set it between our look
//	                         and our write, and Tampuuri takes Vastaanotettu in any state.)
//	state-once               We set Tehty and Valmis at most once a round, and no state that is there already (--grace: a
//	                         person may have set it between our look and our write).
//	notified-once            Tehty and Valmis by us notify the participants, at most once a round (--silent customers need not).
//	not-ours                 No write to a notice that was another company's, cancelled or deleted at that moment.
//	after-valmis             No toimenpide by us while the notice is Valmis.
//	tehty-late               No Tehty by us once our toimenpiteet have begun in that round.
//	entry-lost               Every time entry that was there when we set Valmis had a toimenpide by then, by us or by hand, with
//	                         the date, resource and summary that it had at some time before. (--grace: it may have come too late.)
//	toimenpide-twice         Every time entry has at most one toimenpide by us, counting equal texts as often as they occur.
//	                         One that people have deleted does not count.
//	toimenpide-elsewhere     No toimenpide on a notice that is a time entry's of another one.
//	toimenpide-without-entry No toimenpide that no time entry of the task had been before. (--grace: an entry that was removed
//	                         may just have been on its way.)
//	unapproved               For --approved-only customers every time entry was approved when we set Valmis.
//	note-twice               A text is on a task more than once only if people changed something as often before.
//	acknowledged (settled)   An event whose webhook was answered 2xx has its effect, see event-lost.
//	event-lost (settled)     So has every other event, as reconciliation finds it. The effect of task.done is Tehty or Valmis
//	                         at that moment or later, by whomever; one that came after our Tehty, or to a notice that has
//	                         been Valmis, is superseded. The effect of task.invoiced is that the notice has been Valmis.
//	                         Nothing is due while the notice is not ours, cancelled or deleted at the end (withdrawn, or a
//	                         person decides), on a task that the office deleted, and of task.invoiced while an
//	                         --approved-only customer has an unapproved time entry.
//
// The ledger does not show a signal that a person sent by hand (an effect without an event), a dismissal, a refusal for
// good that waits for a person, nor a customer that customers.yaml stops. A test that brings these about waives the rule
// for that notice: --waive event-lost:esimerkki/101. Waived findings are listed, but do not count.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

const (
	exitGood   = 0
	exitFound  = 1
	exitFailed = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// report is the output with --json.
type report struct {
	Settled  bool           `json:"settled"`
	Lines    int            `json:"lines"`
	Notices  int            `json:"notices"`
	Tasks    int            `json:"tasks"`
	Events   int            `json:"events"`
	Tehty    int            `json:"tehty"`  // set by us
	Valmis   int            `json:"valmis"` // set by us
	Sent     int            `json:"toimenpiteet"`
	Findings []Finding      `json:"findings"`
	Waived   []Finding      `json:"waived"`
	Ignored  map[string]int `json:"ignored,omitempty"` // kinds of entries that no rule knows
}

func run(arguments []string, out, messages io.Writer) int {
	asked, err := parse(arguments, messages)
	if errors.Is(err, flag.ErrHelp) {
		return exitGood
	}
	if err != nil {
		fmt.Fprintln(messages, "ledgercheck:", err)
		return exitFailed
	}
	result, err := judgeFile(asked)
	if err != nil {
		fmt.Fprintln(messages, "ledgercheck:", err)
		return exitFailed
	}
	if err := result.print(out, asked.json); err != nil {
		fmt.Fprintln(messages, "ledgercheck: print the findings:", err)
		return exitFailed
	}
	if len(result.Findings) > 0 {
		return exitFound
	}
	return exitGood
}

func judgeFile(asked options) (report, error) {
	file, err := os.Open(asked.path)
	if err != nil {
		return report{}, fmt.Errorf("open the ledger: %w", err)
	}
	defer func() { _ = file.Close() }() // only read
	lines, err := read(file)
	if err != nil {
		return report{}, err
	}
	told, err := tell(lines)
	if err != nil {
		return report{}, fmt.Errorf("the ledger contradicts itself: %w", err)
	}
	if len(told.notices) == 0 {
		return report{}, errors.New("the ledger has no notice: nothing can be said of it")
	}
	return summarize(told, judge(told, asked.terms), asked), nil
}

func summarize(h *history, findings []Finding, asked options) report {
	r := report{
		Settled: asked.terms.Settled, Lines: h.lines, Notices: len(h.notices), Tasks: len(h.tasks),
		Findings: []Finding{}, Waived: []Finding{}, Ignored: h.ignored,
	}
	for _, f := range findings {
		if asked.waives(f) {
			r.Waived = append(r.Waived, f)
		} else {
			r.Findings = append(r.Findings, f)
		}
	}
	for _, t := range h.tasks {
		r.Events += len(t.events)
	}
	for _, n := range h.notices {
		for _, s := range n.states {
			switch {
			case s.api && s.to == stateTehty:
				r.Tehty++
			case s.api && s.to == stateValmis:
				r.Valmis++
			}
		}
		for _, t := range n.toimenpiteet {
			if t.api {
				r.Sent++
			}
		}
	}
	return r
}

func (r report) print(out io.Writer, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(r)
	}
	var text strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintln(&text, f)
	}
	for _, f := range r.Waived {
		fmt.Fprintln(&text, "waived:", f)
	}
	for _, kind := range slices.Sorted(maps.Keys(r.Ignored)) {
		fmt.Fprintf(&text, "not looked at: %d entries of the unknown kind %s\n", r.Ignored[kind], kind)
	}
	when := "still under way"
	if r.Settled {
		when = "settled"
	}
	fmt.Fprintf(&text, "%d findings, %d waived (%s): %d notices, %d tasks, %d events; by us %d Tehty, %d toimenpiteet, %d Valmis\n",
		len(r.Findings), len(r.Waived), when, r.Notices, r.Tasks, r.Events, r.Tehty, r.Sent, r.Valmis)
	_, err := io.WriteString(out, text.String())
	return err
}

// options are the command line.
type options struct {
	path   string
	json   bool
	terms  Terms
	waived []string // rule:customer/id, each part a pattern
}

func (o options) waives(f Finding) bool {
	return slices.ContainsFunc(o.waived, func(pattern string) bool {
		rule, about, _ := strings.Cut(pattern, ":")
		hitsRule, _ := path.Match(rule, string(f.Rule))
		hitsNotice, _ := path.Match(about, f.Notice)
		return hitsRule && hitsNotice
	})
}

// parse takes flags before and after the file.
func parse(arguments []string, messages io.Writer) (options, error) {
	o := options{terms: Terms{StartDates: map[string]time.Time{}, ApprovedOnly: map[string]bool{}, Silent: map[string]bool{}}}
	flags := flag.NewFlagSet("ledgercheck", flag.ContinueOnError)
	flags.SetOutput(messages)
	underWay := flags.Bool("open", false, "the run is still under way: do not ask for what is yet to come")
	settled := flags.Bool("settled", false, "everything has drained (the default)")
	flags.BoolVar(&o.json, "json", false, "print JSON")
	flags.DurationVar(&o.terms.Grace, "grace", 0, "how long before our write a person's change may have been overlooked: one attempt")
	flags.Func("start-date", "[tunniste=]YYYY-MM-DD, repeatable: notices made before are not ours to import", o.startDate)
	flags.Func("approved-only", "tunniste, repeatable: the customer has time_entries.approved_only", func(tunniste string) error {
		o.terms.ApprovedOnly[tunniste] = true
		return nil
	})
	flags.Func("silent", "tunniste, repeatable: the customer has a notify setting that is false", func(tunniste string) error {
		o.terms.Silent[tunniste] = true
		return nil
	})
	flags.Func("waive", "rule:customer/id, repeatable, * in either: findings that the test itself has brought about", o.waive)
	for rest := arguments; ; {
		if err := flags.Parse(rest); err != nil {
			return options{}, err
		}
		if flags.NArg() == 0 {
			break
		}
		if o.path != "" {
			return options{}, fmt.Errorf("one ledger at a time: both %s and %s were given", o.path, flags.Arg(0))
		}
		o.path, rest = flags.Arg(0), flags.Args()[1:]
	}
	if o.path == "" {
		return options{}, errors.New("which ledger? Usage: ledgercheck ledger.jsonl [--open] [--json]; -h lists the flags")
	}
	if *underWay && *settled {
		return options{}, errors.New("--open and --settled exclude each other")
	}
	o.terms.Settled = !*underWay
	return o, nil
}

func (o *options) startDate(value string) error {
	tunniste, date, named := strings.Cut(value, "=")
	if !named {
		tunniste, date = "", value
	}
	at, known := readTime(date)
	if !known {
		return errors.New("not a date like 2026-02-01")
	}
	o.terms.StartDates[tunniste] = at
	return nil
}

func (o *options) waive(pattern string) error {
	rule, about, ok := strings.Cut(pattern, ":")
	if _, err := path.Match(rule+about, ""); err != nil || !ok {
		return errors.New("not like event-lost:esimerkki/101")
	}
	if !strings.Contains(rule, "*") && !slices.Contains(rules, Rule(rule)) {
		return fmt.Errorf("there is no rule %s", rule)
	}
	o.waived = append(o.waived, pattern)
	return nil
}

// Package doctor checks the whole set-up, and says of each fault what to do about it.
package doctor

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/customers"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
	"tampuuri-hillava/internal/temporalclient"
	"tampuuri-hillava/internal/terminal"
)

// Verdict is what a check found.
type Verdict string

const (
	passed  Verdict = "ok"
	warned  Verdict = "warning" // it works, but not as it should
	failed  Verdict = "failed"
	skipped Verdict = "skipped" // could not be checked, as something before it failed
)

// Finding is one line of doctor's answer.
type Finding struct {
	Check   said
	Verdict Verdict
	Found   text // what there is; no secrets
	Do      text // what to do; nil when all is well
}

func ok(check said, found text) Finding          { return Finding{check, passed, found, nil} }
func warning(check said, found, do text) Finding { return Finding{check, warned, found, do} }
func failing(check said, found, do text) Finding { return Finding{check, failed, found, do} }
func skip(check said, because text) Finding      { return Finding{check, skipped, because, nil} }

// do is what is to be done, in words; none when all is well.
func (f Finding) do(language Language) string {
	if f.Do == nil {
		return ""
	}
	return f.Do.in(language)
}

// Diagnosis is doctor's answer.
type Diagnosis struct {
	OK       bool
	Findings []Finding
}

// Printed is the answer of doctor --json.
type Printed struct {
	OK     bool           `json:"ok"`
	Checks []PrintedCheck `json:"checks"`
}

// PrintedCheck is one check of it. Programs know it by its name, which is English in every language.
type PrintedCheck struct {
	Check   string  `json:"check"`
	Verdict Verdict `json:"verdict"`
	Found   string  `json:"found"`
	Do      string  `json:"do"` // empty when all is well
}

// Print is the answer for programs.
func (d Diagnosis) Print(language Language) Printed {
	printed := Printed{OK: d.OK}
	for _, f := range d.Findings {
		printed.Checks = append(printed.Checks, PrintedCheck{f.Check.in(English), f.Verdict, f.Found.in(language), f.do(language)})
	}
	return printed
}

// Failed tells a check that failed from one that only warns, or could not be made.
func (f Finding) Failed() bool { return f.Verdict == failed }

// diagnosed puts findings together.
func diagnosed(findings []Finding) Diagnosis {
	return Diagnosis{OK: !slices.ContainsFunc(findings, Finding.Failed), Findings: findings}
}

// Table are the rows as a terminal prints them.
func (d Diagnosis) Table(language Language) []terminal.Row {
	colours := map[string]terminal.Colour{"✓": terminal.Green, "!": terminal.Yellow, "✗": terminal.Red}
	var rows []terminal.Row
	for _, cells := range d.Rows(language) {
		rows = append(rows, terminal.Row{Cells: cells, Colour: colours[cells[0]]})
	}
	return rows
}

// Rows are the findings for people: sign, check, and what was found with what to do.
func (d Diagnosis) Rows(language Language) [][]string {
	signs := map[Verdict]string{passed: "✓", warned: "!", failed: "✗", skipped: "-"}
	var rows [][]string
	for _, f := range d.Findings {
		first, more, _ := strings.Cut(f.Found.in(language), "\n") // the place in a file, with a caret under it, is lines of its own
		if do := f.do(language); do != "" {
			first += " → " + do
		}
		rows = append(rows, []string{signs[f.Verdict], f.Check.in(language), first})
		for line := range strings.Lines(more) {
			rows = append(rows, []string{"", "", strings.TrimSuffix(line, "\n")})
		}
	}
	return rows
}

// Connect connects to Temporal; the caller closes the connection.
type Connect func(ctx context.Context, logger *slog.Logger) (client *runs.Client, closes func(), err error)

// Options are what is asked for beside the checks.
type Options struct {
	SendTest bool     // a message through each channel
	Language Language // of that message
}

// Examine makes every check over the real systems, as far as it gets. It changes nothing.
func Examine(ctx context.Context, connect Connect, stderr io.Writer, options Options) Diagnosis {
	return diagnosed(examine(ctx, connect, telemetry.NewLogger(stderr, "error", "text"), options))
}

func examine(ctx context.Context, connect Connect, logger *slog.Logger, options Options) []Finding {
	settings, settingsErr := config.LoadTools()
	worker, workerErr := config.LoadWorker()
	told := openChannels(worker, workerErr)
	settingsErr = errors.Join(settingsErr, temporalclient.Check())
	entries, customersErr := config.LoadCustomers(settings.CustomersFile, settings.CustomerDefaults())
	findings := []Finding{checkEnvironment(settingsErr, config.DoubtfulVariables()), checkWorkerSettings(settingsErr, workerErr, customersErr)}
	findings = append(findings, checkCustomersFile(entries, customersErr), checkExposed(config.ExposedCredentials(settings.CustomersFile, entries), customersErr))

	temporal, closes, err := connect(ctx, logger)
	if err != nil {
		findings = append(findings, checkTemporal(err), skip(named("workflows"), say("Temporal is not reached")), told.check(false))
	} else {
		defer closes()
		findings = append(findings, checkTemporal(nil))
		findings = append(findings, withoutEntries(checkServer(ctx, temporal, entries, told, time.Now()), customersErr)...)
	}
	if options.SendTest {
		findings = append(findings, told.sendTest(options.Language)...)
	}

	var list []hillava.Customer
	office, err := customers.OpenHillava(settings)
	if err != nil {
		findings = append(findings, failing(named("Hillava reachable"), failure(err), say("set HILLAVA_URL and HILLAVA_TOKEN (or HILLAVA_TOKEN_FILE) as for the worker")),
			skip(named("task type and process"), say("Hillava is not reached")))
	} else {
		defer office.Close()
		var reached Finding
		if reached, list = checkHillava(ctx, office); reached.Verdict == failed {
			findings = append(findings, reached, skip(named("task type and process"), say("Hillava is not reached")))
		} else {
			findings = append(findings, reached, checkIntegrations(list))
			findings = append(findings, checkOpening(ctx, office)...)
		}
	}
	open := customers.OpenTampuuri(settings)
	return append(findings, checkCustomers(ctx, entries, customersErr, list, open, time.Now())...)
}

// checkEnvironment: every variable is known and well formed, as far as the operator's programs use it. The doubtful ones
// begin like ours and may be somebody else's.
func checkEnvironment(err error, doubtful []string) Finding {
	check := named("environment")
	if err != nil {
		return failing(check, quotedError(err), say("correct the variables named; all of them are in docs/settings.md"))
	}
	if len(doubtful) > 0 {
		return warning(check, say("no program of ours knows %s", strings.Join(doubtful, ", ")),
			say("nothing, when they are meant for another program; else correct their names (docs/settings.md)"))
	}
	return ok(check, say("every variable is understood"))
}

// checkWorkerSettings: with this environment the worker would start. What is told beside it is told once.
func checkWorkerSettings(settings, worker, entries error) Finding {
	check := named("the worker's settings")
	switch {
	case worker == nil:
		return ok(check, say("complete"))
	case settings != nil:
		return skip(check, say("the environment is to be corrected first"))
	case entries != nil && entries.Error() == worker.Error():
		return skip(check, say("the customers file is to be corrected first"))
	default:
		return failing(check, quoted(worker.Error()), say("set the variables named, as for the worker; all of them are in docs/settings.md"))
	}
}

// checkCustomersFile: customers.yaml is there and can be read. Faults of single customers are checked with them.
func checkCustomersFile(entries []config.Customer, err error) Finding {
	check := named("customers file")
	if err != nil {
		return failing(check, quoted(err.Error()), say("correct the file; customers.example.yaml shows every key"))
	}
	if len(entries) == 0 {
		return warning(check, say("it has no customers"), say("add one; customers.example.yaml shows every key"))
	}
	return ok(check, say("%d customers", len(entries)))
}

// checkExposed: credentials in customers.yaml itself are for the programs alone.
func checkExposed(exposed *config.Exposed, unreadable error) Finding {
	check := named("credentials in the customers file")
	if unreadable != nil {
		return skip(check, noEntries())
	}
	if exposed != nil {
		return warning(check, say("%s holds credentials of %s and can be read by others (mode %04o)", exposed.Path, exposed.Whose, exposed.Mode),
			say("%s, or keep them in files of their own (avain_file, salasana_file)", quoted(exposed.Advice)))
	}
	return ok(check, say("not readable by others"))
}

// checkTemporal: the server that the TEMPORAL_* variables name answers.
func checkTemporal(err error) Finding {
	check := named("Temporal reachable")
	if err != nil {
		return failing(check, quotedError(err), say("start the server, or correct TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the TEMPORAL_TLS_* variables"))
	}
	return ok(check, say("it answers"))
}

// noEntries is why nothing can be said of single customers.
func noEntries() said { return say("customers.yaml cannot be read") }

// withoutEntries takes back what was found of entries that are not known.
func withoutEntries(findings []Finding, unreadable error) []Finding {
	for i, f := range findings {
		if unreadable != nil && (f.Check.format == "polls" || f.Check.format == "turvakielto flags") {
			findings[i] = skip(f.Check, noEntries())
		}
	}
	return findings
}

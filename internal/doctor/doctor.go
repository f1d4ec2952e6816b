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
	"tampuuri-hillava/internal/speech"
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
	Found   said // what there is; no secrets
	Do      said // what to do; the zero value when all is well
}

func ok(check, found said) Finding          { return Finding{check, passed, found, said{}} }
func warning(check, found, do said) Finding { return Finding{check, warned, found, do} }
func failing(check, found, do said) Finding { return Finding{check, failed, found, do} }
func skip(check, because said) Finding      { return Finding{check, skipped, because, said{}} }

// is passes a check that holds, and fails one that does not.
func is(well bool, check, found, missing, do said) Finding {
	if well {
		return ok(check, found)
	}
	return failing(check, missing, do)
}

// Diagnosis is doctor's answer.
type Diagnosis []Finding

// OK tells that nothing has failed; a check that warns, or could not be made, is no failure.
func (d Diagnosis) OK() bool {
	return !slices.ContainsFunc(d, func(f Finding) bool { return f.Verdict == failed })
}

// Unwell is the error of an answer in which something has failed; nil when nothing has.
func (d Diagnosis) Unwell(language speech.Language) error {
	if d.OK() {
		return nil
	}
	return errors.New(say("at least one check failed; what to do stands beside each").In(language))
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
func (d Diagnosis) Print(language speech.Language) Printed {
	printed := Printed{OK: d.OK()}
	for _, f := range d {
		printed.Checks = append(printed.Checks, PrintedCheck{f.Check.In(speech.English), f.Verdict, f.Found.In(language), f.Do.In(language)})
	}
	return printed
}

// Table are the findings for people: sign, check, and what was found with what to do.
func (d Diagnosis) Table(language speech.Language) []terminal.Row {
	signs := map[Verdict]string{passed: "✓", warned: "!", failed: "✗", skipped: "-"}
	colours := map[Verdict]terminal.Colour{passed: terminal.Green, warned: terminal.Yellow, failed: terminal.Red}
	var rows []terminal.Row
	for _, f := range d {
		first, more, _ := strings.Cut(f.Found.In(language), "\n") // the place in a file, with a caret under it, is lines of its own
		if do := f.Do.In(language); do != "" {
			first += " → " + do
		}
		rows = append(rows, terminal.Row{Cells: []string{signs[f.Verdict], f.Check.In(language), first}, Colour: colours[f.Verdict]})
		for line := range strings.Lines(more) {
			rows = append(rows, terminal.Row{Cells: []string{"", "", strings.TrimSuffix(line, "\n")}})
		}
	}
	return rows
}

// Connect connects to Temporal; the caller closes the connection.
type Connect func(ctx context.Context, logger *slog.Logger) (client *runs.Client, closes func(), err error)

// Examine makes every check over the real systems, as far as it gets. It changes nothing. With sendTest a message goes
// through each channel, in the language of all messages.
func Examine(ctx context.Context, connect Connect, stderr io.Writer, sendTest bool) Diagnosis {
	settings, settingsErr := config.LoadTools()
	worker, workerErr := config.LoadWorker()
	told := openChannels(worker, workerErr)
	settingsErr = errors.Join(settingsErr, temporalclient.Check())
	entries, customersErr := config.LoadCustomers(settings.CustomersFile, settings.PollEvery)
	findings := Diagnosis{
		checkEnvironment(settingsErr, config.DoubtfulVariables()), checkWorkerSettings(settingsErr, workerErr, customersErr),
		checkCustomersFile(entries, customersErr),
	}
	exposed := append(worker.Exposed, config.ExposedCredentials(settings.CustomersFile, entries)...)
	findings = append(findings, checkExposed(exposed, customersErr)...)

	temporal, closes, err := connect(ctx, telemetry.NewLogger(stderr, "error", "text"))
	if err != nil {
		findings = append(findings, checkTemporal(err), skip(named("workflows"), say("Temporal is not reached")), told.check(false))
	} else {
		defer closes()
		findings = append(findings, checkTemporal(nil))
		findings = append(findings, checkServer(ctx, temporal, entries, customersErr, told, time.Now())...)
	}
	if sendTest {
		findings = append(findings, told.sendTest(worker.NotifyLang)...)
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
		return failing(check, quotedAll("\n", strings.Split(err.Error(), "\n")), say("correct the file; customers.example.yaml shows every key"))
	}
	if len(entries) == 0 {
		return warning(check, say("it has no customers"), say("add one; customers.example.yaml shows every key"))
	}
	return ok(check, say("customers: %d", len(entries)))
}

// checkExposed: secrets are for the programs alone, in customers.yaml itself and in files of their own.
func checkExposed(exposed []config.Exposed, unreadable error) Diagnosis {
	itself, files := named("credentials in the customers file"), named("secret files")
	inItself, inFiles := ok(itself, say("not readable by others")), Diagnosis{}
	if unreadable != nil {
		inItself = skip(itself, noEntries())
	}
	for _, one := range exposed {
		if one.Whose != "" {
			inItself = warning(itself, say("%s holds credentials of %s and can be read by others (mode %04o)", one.Path, one.Whose, one.Mode),
				say("%s, or keep them in files of their own (avain_file, salasana_file)", quoted(one.Advice)))
			continue
		}
		inFiles = append(inFiles, warning(files, say("%s holds a secret and can be read by others (mode %04o)", one.Path, one.Mode),
			say("%s, or mount it read-only", quoted(one.Advice))))
	}
	if len(inFiles) == 0 {
		inFiles = Diagnosis{ok(files, say("not readable by others"))}
	}
	return append(Diagnosis{inItself}, inFiles...)
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

// Package doctor checks the whole set-up, and says of each fault what to do about it.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/customers"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
	"tampuuri-hillava/internal/temporalclient"
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
	Check   string  `json:"check"`
	Verdict Verdict `json:"verdict"`
	Found   string  `json:"found"` // what there is; no secrets
	Do      string  `json:"do"`    // what to do, empty when all is well
}

func ok(check, found string) Finding { return Finding{check, passed, found, ""} }
func warning(check, found, do string) Finding {
	return Finding{check, warned, found, do}
}
func failing(check, found, do string) Finding {
	return Finding{check, failed, found, do}
}
func skip(check, because string) Finding { return Finding{check, skipped, because, ""} }

// Diagnosis is the answer of doctor --json.
type Diagnosis struct {
	OK       bool      `json:"ok"`
	Findings []Finding `json:"checks"`
}

// Rows are the findings for people: sign, check, and what was found with what to do.
func (d Diagnosis) Rows() [][]string {
	signs := map[Verdict]string{passed: "✓", warned: "!", failed: "✗", skipped: "-"}
	var rows [][]string
	for _, f := range d.Findings {
		first, more, _ := strings.Cut(f.Found, "\n") // the place in a file, with a caret under it, is lines of its own
		if f.Do != "" {
			first += " → " + f.Do
		}
		rows = append(rows, []string{signs[f.Verdict], f.Check, first})
		for line := range strings.Lines(more) {
			rows = append(rows, []string{"", "", strings.TrimSuffix(line, "\n")})
		}
	}
	return rows
}

// Connect connects to Temporal; the caller closes the connection.
type Connect func(ctx context.Context, logger *slog.Logger) (client *runs.Client, closes func(), err error)

// Examine makes every check over the real systems, as far as it gets. It changes nothing.
func Examine(ctx context.Context, connect Connect, stderr io.Writer) Diagnosis {
	result := Diagnosis{OK: true, Findings: examine(ctx, connect, telemetry.NewLogger(stderr, "error", "text"))}
	for _, f := range result.Findings {
		result.OK = result.OK && f.Verdict != failed
	}
	return result
}

func examine(ctx context.Context, connect Connect, logger *slog.Logger) []Finding {
	settings, settingsErr := config.LoadTools()
	_, workerErr := config.LoadWorker()
	settingsErr = errors.Join(settingsErr, temporalclient.Check())
	entries, customersErr := config.LoadCustomers(settings.CustomersFile, settings.CustomerDefaults())
	findings := []Finding{checkEnvironment(settingsErr, config.DoubtfulVariables()), checkWorkerSettings(settingsErr, workerErr, customersErr)}
	findings = append(findings, checkCustomersFile(entries, customersErr), checkExposed(config.ExposedCredentials(settings.CustomersFile, entries), customersErr))

	temporal, closes, err := connect(ctx, logger)
	if err != nil {
		findings = append(findings, checkTemporal(err), skip("workflows", "Temporal is not reached"))
	} else {
		defer closes()
		findings = append(findings, checkTemporal(nil))
		findings = append(findings, withoutEntries(checkServer(ctx, temporal, entries, time.Now()), customersErr)...)
	}

	var list []hillava.Customer
	office, err := customers.OpenHillava(settings)
	if err != nil {
		findings = append(findings, failing("Hillava reachable", err.Error(), "set HILLAVA_URL and HILLAVA_TOKEN (or HILLAVA_TOKEN_FILE) as for the worker"),
			skip("task type and process", "Hillava is not reached"))
	} else {
		defer office.Close()
		var reached Finding
		if reached, list = checkHillava(ctx, office); reached.Verdict == failed {
			findings = append(findings, reached, skip("task type and process", "Hillava is not reached"))
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
	if err != nil {
		return failing("environment", oneLine(err), "correct the variables named; all of them are in docs/settings.md")
	}
	if len(doubtful) > 0 {
		return warning("environment", "no program of ours knows "+strings.Join(doubtful, ", "), "nothing, when they are meant for another program; else correct their names (docs/settings.md)")
	}
	return ok("environment", "every variable is understood")
}

// checkWorkerSettings: with this environment the worker would start. What is told beside it is told once.
func checkWorkerSettings(settings, worker, entries error) Finding {
	const check = "the worker's settings"
	switch {
	case worker == nil:
		return ok(check, "complete")
	case settings != nil:
		return skip(check, "the environment is to be corrected first")
	case entries != nil && entries.Error() == worker.Error():
		return skip(check, "the customers file is to be corrected first")
	default:
		return failing(check, worker.Error(), "set the variables named, as for the worker; all of them are in docs/settings.md")
	}
}

// checkCustomersFile: customers.yaml is there and can be read. Faults of single customers are checked with them.
func checkCustomersFile(entries []config.Customer, err error) Finding {
	if err != nil {
		return failing("customers file", err.Error(), "correct the file; customers.example.yaml shows every key")
	}
	if len(entries) == 0 {
		return warning("customers file", "it has no customers", "add one; customers.example.yaml shows every key")
	}
	return ok("customers file", fmt.Sprintf("%d customers", len(entries)))
}

// checkExposed: credentials in customers.yaml itself are for the programs alone.
func checkExposed(exposed string, unreadable error) Finding {
	const check = "credentials in the customers file"
	if unreadable != nil {
		return skip(check, noEntries)
	}
	if found, do, warned := strings.Cut(exposed, "; "); warned {
		return warning(check, found, do)
	}
	return ok(check, "not readable by others")
}

// checkTemporal: the server that the TEMPORAL_* variables name answers.
func checkTemporal(err error) Finding {
	if err != nil {
		return failing("Temporal reachable", oneLine(err), "start the server, or correct TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the TEMPORAL_TLS_* variables")
	}
	return ok("Temporal reachable", "it answers")
}

// noEntries is why nothing can be said of single customers.
const noEntries = "customers.yaml cannot be read"

// withoutEntries takes back what was found of entries that are not known.
func withoutEntries(findings []Finding, unreadable error) []Finding {
	for i, f := range findings {
		if unreadable != nil && (f.Check == "polls" || f.Check == "turvakielto flags") {
			findings[i] = skip(f.Check, noEntries)
		}
	}
	return findings
}

// oneLine puts several problems on the one line that a check has.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

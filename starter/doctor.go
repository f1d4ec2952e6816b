package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/telemetry"
	"tampuuri-hillava/internal/temporalclient"
)

// verdict is what a check found.
type verdict string

const (
	passed  verdict = "ok"
	warned  verdict = "warning" // it works, but not as it should
	failed  verdict = "failed"
	skipped verdict = "skipped" // could not be checked, as something before it failed
)

// finding is one line of doctor's answer.
type finding struct {
	Check   string  `json:"check"`
	Verdict verdict `json:"verdict"`
	Found   string  `json:"found"` // what there is; no secrets
	Do      string  `json:"do"`    // what to do, empty when all is well
}

func ok(check, found string) finding { return finding{check, passed, found, ""} }
func warning(check, found, do string) finding {
	return finding{check, warned, found, do}
}
func failing(check, found, do string) finding {
	return finding{check, failed, found, do}
}
func skip(check, because string) finding { return finding{check, skipped, because, ""} }

// diagnosis is the answer of doctor --json.
type diagnosis struct {
	OK       bool      `json:"ok"`
	Findings []finding `json:"checks"`
}

var errUnwell = errors.New("at least one check failed; what to do stands beside each")

// doctor checks the whole set-up, as far as it gets. It changes nothing.
func doctor(ctx context.Context, out output, args []string) error {
	flags := flagSet("doctor")
	asJSON := flags.Bool("json", false, "")
	if _, err := parse(flags, args); err != nil {
		return err
	}
	findings := examine(ctx, out)
	result := diagnosis{OK: true, Findings: findings}
	for _, f := range findings {
		result.OK = result.OK && f.Verdict != failed
	}
	if err := printDiagnosis(out, result, *asJSON); err != nil {
		return err
	}
	if !result.OK {
		return errUnwell
	}
	return nil
}

func printDiagnosis(out output, result diagnosis, asJSON bool) error {
	if asJSON {
		return out.json(result)
	}
	signs := map[verdict]string{passed: "✓", warned: "!", failed: "✗", skipped: "-"}
	var rows [][]string
	for _, f := range result.Findings {
		first, more, _ := strings.Cut(f.Found, "\n") // the place in a file, with a caret under it, is lines of its own
		if f.Do != "" {
			first += " → " + f.Do
		}
		rows = append(rows, []string{signs[f.Verdict], f.Check, first})
		for line := range strings.Lines(more) {
			rows = append(rows, []string{"", "", strings.TrimSuffix(line, "\n")})
		}
	}
	return out.table(rows)
}

// examine makes every check over the real systems.
func examine(ctx context.Context, out output) []finding {
	settings, settingsErr := config.LoadTools()
	_, workerErr := config.LoadWorker()
	settingsErr = errors.Join(settingsErr, temporalclient.Check())
	customers, customersErr := config.LoadCustomers(settings.CustomersFile, settings.CustomerDefaults())
	findings := []finding{checkEnvironment(settingsErr, config.DoubtfulVariables()), checkWorkerSettings(settingsErr, workerErr, customersErr)}
	findings = append(findings, checkCustomersFile(customers, customersErr), checkExposed(config.ExposedCredentials(settings.CustomersFile, customers), customersErr))

	logger := telemetry.NewLogger(out.stderr, "error", "text")
	temporal, closes, err := openTemporal(ctx, logger)
	if err != nil {
		findings = append(findings, checkTemporal(err), skip("workflows", "Temporal is not reached"))
	} else {
		defer closes()
		findings = append(findings, checkTemporal(nil))
		findings = append(findings, withoutEntries(checkServer(ctx, temporal, customers, time.Now()), customersErr)...)
	}

	var list []hillava.Customer
	office, err := openHillava(settings)
	if err != nil {
		findings = append(findings, failing("Hillava reachable", err.Error(), "set HILLAVA_URL and HILLAVA_TOKEN (or HILLAVA_TOKEN_FILE) as for the worker"),
			skip("task type and process", "Hillava is not reached"))
	} else {
		defer office.Close()
		var reached finding
		if reached, list = checkHillava(ctx, office); reached.Verdict == failed {
			findings = append(findings, reached, skip("task type and process", "Hillava is not reached"))
		} else {
			findings = append(findings, reached, checkIntegrations(list))
			findings = append(findings, checkOpening(ctx, office)...)
		}
	}
	open := func(customer config.Customer) (browser, func(), error) {
		client, err := openTampuuri(settings, customer)
		if err != nil {
			return nil, nil, err
		}
		return client, client.Close, nil
	}
	return append(findings, checkCustomers(ctx, customers, customersErr, list, open, time.Now())...)
}

// checkEnvironment: every variable is known and well formed, as far as the operator's programs use it. The doubtful ones
// begin like ours and may be somebody else's.
func checkEnvironment(err error, doubtful []string) finding {
	if err != nil {
		return failing("environment", oneLine(err), "correct the variables named; all of them are in docs/settings.md")
	}
	if len(doubtful) > 0 {
		return warning("environment", "no program of ours knows "+strings.Join(doubtful, ", "), "nothing, when they are meant for another program; else correct their names (docs/settings.md)")
	}
	return ok("environment", "every variable is understood")
}

// checkWorkerSettings: with this environment the worker would start. What is told beside it is told once.
func checkWorkerSettings(settings, worker, customers error) finding {
	const check = "the worker's settings"
	switch {
	case worker == nil:
		return ok(check, "complete")
	case settings != nil:
		return skip(check, "the environment is to be corrected first")
	case customers != nil && customers.Error() == worker.Error():
		return skip(check, "the customers file is to be corrected first")
	default:
		return failing(check, worker.Error(), "set the variables named, as for the worker; all of them are in docs/settings.md")
	}
}

// checkCustomersFile: customers.yaml is there and can be read. Faults of single customers are checked with them.
func checkCustomersFile(customers []config.Customer, err error) finding {
	if err != nil {
		return failing("customers file", err.Error(), "correct the file; customers.example.yaml shows every key")
	}
	if len(customers) == 0 {
		return warning("customers file", "it has no customers", "add one; customers.example.yaml shows every key")
	}
	return ok("customers file", fmt.Sprintf("%d customers", len(customers)))
}

// checkExposed: credentials in customers.yaml itself are for the programs alone.
func checkExposed(exposed string, unreadable error) finding {
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
func checkTemporal(err error) finding {
	if err != nil {
		return failing("Temporal reachable", oneLine(err), "start the server, or correct TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the TEMPORAL_TLS_* variables")
	}
	return ok("Temporal reachable", "it answers")
}

// noEntries is why nothing can be said of single customers.
const noEntries = "customers.yaml cannot be read"

// withoutEntries takes back what was found of entries that are not known.
func withoutEntries(findings []finding, unreadable error) []finding {
	for i, f := range findings {
		if unreadable != nil && (f.Check == "polls" || f.Check == "turvakielto flags") {
			findings[i] = skip(f.Check, noEntries)
		}
	}
	return findings
}

// oneLine puts several problems on the one line that a check has.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

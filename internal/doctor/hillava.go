package doctor

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/customers"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/peer"
)

// office is what doctor asks of Hillava.
type office interface {
	Customers(ctx context.Context) ([]hillava.Customer, error)
	TaskTypes(ctx context.Context) ([]hillava.TaskType, error)
	Process(ctx context.Context, id string) (hillava.Process, error)
}

// checkHillava: it answers, and takes our token. The customers are for the checks that follow.
func checkHillava(ctx context.Context, from office) (Finding, []hillava.Customer) {
	check := named("Hillava reachable")
	list, err := from.Customers(ctx)
	if err != nil {
		return failing(check, failure(err), adviceFor(err, "HILLAVA_URL", say("HILLAVA_TOKEN (or the file that HILLAVA_TOKEN_FILE names)"))), nil
	}
	if list == nil {
		list = []hillava.Customer{} // known to be none, unlike nil
	}
	return ok(check, say("customers: %d, of type %s", len(list), hillava.CustomerType)), list
}

// adviceFor says what to do about a call that failed.
func adviceFor(err error, address string, credentials said) said {
	if e, ok := errors.AsType[*peer.Error](err); ok {
		switch {
		case e.Kind == peer.KindStatus && (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden):
			return say("correct %s", credentials)
		case e.Kind == peer.KindStatus && e.Status == http.StatusTooManyRequests:
			return say("wait a little and try again")
		case e.Kind == peer.KindTransport:
			return say("look whether it is up, and whether %s is right", address)
		case e.Kind == peer.KindStatus && e.Status < http.StatusInternalServerError, e.Kind == peer.KindRedirect, e.Kind == peer.KindNotJSON, e.Kind == peer.KindMalformed:
			return say("look whether %s is right; else tell whoever runs that system", address)
		}
	}
	return say("try again later; tell whoever runs that system when it stays so")
}

// checkIntegrations: Integraatiot is active on the customer type. Only its customers show it.
func checkIntegrations(list []hillava.Customer) Finding {
	check := named("customer type: Integraatiot")
	if len(list) == 0 {
		return failing(check, say("Hillava lists no customer of type %s", hillava.CustomerType),
			say("make the customer type with that identifier and Integraatiot active, and a customer in it"))
	}
	inactive := slices.ContainsFunc(list, func(c hillava.Customer) bool { return !c.IntegrationsActive })
	return is(!inactive, check, say("active"), say("not active on %s", hillava.CustomerType), say("switch Integraatiot on for that customer type in Hillava"))
}

// checkOpening makes the checks of the task type and its process.
func checkOpening(ctx context.Context, from office) []Finding {
	exists, taskType := checkTaskType(ctx, from)
	if exists.Verdict == failed {
		return []Finding{exists, skip(named("process"), say("there is no task type to take it from"))}
	}
	process, read := checkProcess(ctx, from, taskType)
	findings := []Finding{
		exists,
		is(!taskType.TargetRequired, named("task type: kohde"), say("not mandatory"), // it is never set
			say("is mandatory"), say("make kohde not mandatory on the task type in Hillava")),
		is(taskType.AdditionalInfoVisible, named("task type: Lisätieto"), say("visible"), // it says how to get in
			say("is not visible"), say("make Lisätieto visible on the task type in Hillava")),
		process,
	}
	if process.Verdict == failed {
		return findings
	}
	return append(findings, checkAction(read, hillava.ActionDone), checkAction(read, hillava.ActionInvoiced))
}

// checkTaskType: exactly one has our identifier.
func checkTaskType(ctx context.Context, from office) (Finding, hillava.TaskType) {
	check := named("task type %s", hillava.TaskTypeIdentifier)
	found, err := from.TaskTypes(ctx)
	switch {
	case err != nil:
		return failing(check, failure(err), adviceFor(err, "HILLAVA_URL", quoted("HILLAVA_TOKEN"))), hillava.TaskType{}
	case len(found) == 0:
		return failing(check, say("there is none"), say("make a task type with that identifier in Hillava")), hillava.TaskType{}
	case len(found) > 1:
		return failing(check, say("there are %d", len(found)), say("leave that identifier on one task type")), hillava.TaskType{}
	}
	return ok(check, say("there is one")), found[0]
}

// checkProcess: the task type has a process, and it can be read.
func checkProcess(ctx context.Context, from office, taskType hillava.TaskType) (Finding, hillava.Process) {
	check := named("process")
	if taskType.ProcessID == "" {
		return failing(check, say("the task type has none"), say("give the task type its own process in Hillava")), hillava.Process{}
	}
	process, err := from.Process(ctx, taskType.ProcessID)
	if err != nil {
		return failing(check, failure(err), say("look whether the task type's process exists in Hillava; %s", adviceFor(err, "HILLAVA_URL", quoted("HILLAVA_TOKEN")))), hillava.Process{}
	}
	if process.InitialState == "" {
		return failing(check, say("it has no first state"), say("set the process's first state in Hillava")), hillava.Process{}
	}
	return ok(check, say("transitions: %d", len(process.Transitions))), process
}

// checkAction: the action is on a transition that a new task can come to.
func checkAction(process hillava.Process, action string) Finding {
	check := named("action %s", action)
	reachable := reachableStates(process)
	placed := false
	for _, transition := range process.Transitions {
		has := slices.Contains(transition.Actions, action)
		if has && reachable[transition.From] {
			return ok(check, say("on %q", transition.Name))
		}
		placed = placed || has
	}
	if placed {
		return failing(check, say("only on transitions that a new task never comes to"),
			say("connect them to the process's first state, or put the action on a transition that is reached"))
	}
	return failing(check, say("is on no transition"), say("put it on a transition of the process in Hillava, \"Työ valmis\" or \"Laskutettu\" by default"))
}

// reachableStates are those that a task can be in, from the first state on.
func reachableStates(process hillava.Process) map[string]bool {
	reached := map[string]bool{process.InitialState: true}
	for grown := true; grown; {
		grown = false
		for _, transition := range process.Transitions {
			if reached[transition.From] && !reached[transition.To] {
				reached[transition.To], grown = true, true
			}
		}
	}
	return reached
}

// checkCustomers makes the checks of every customer of either list. A nil list is of a Hillava that is not reached; what
// is not known of entries, as customers.yaml cannot be read, says nothing of Hillava's customers.
func checkCustomers(ctx context.Context, entries []config.Customer, unreadable error, list []hillava.Customer, open customers.Open, now time.Time) []Finding {
	var findings []Finding
	for _, customer := range entries {
		if customer.Tunniste == "" { // whose entry it is nobody can tell
			findings = append(findings, failing(named("an entry without tunniste"), quotedAll("; ", customer.Faults), say("correct it in customers.yaml")))
			continue
		}
		findings = append(findings, Customer(ctx, customer, list, open, now)...)
	}
	for _, known := range list {
		if unreadable != nil && known.ExternalID != "" {
			findings = append(findings, skip(named("customer %s: entry", known.ExternalID), noEntries()))
			continue
		}
		heir := slices.IndexFunc(entries, func(c config.Customer) bool { return slices.Contains(c.Formerly, known.ExternalID) })
		switch {
		case known.ExternalID == "":
			findings = append(findings, checkWithoutEntry(known))
		case slices.ContainsFunc(entries, func(c config.Customer) bool { return c.Tunniste == known.ExternalID }):
		case heir >= 0:
			findings = append(findings, ok(named("customer %s: entry", known.ExternalID),
				say("its notices go on under %s, whose entry names it in formerly", entries[heir].Tunniste)))
		default:
			findings = append(findings, checkWithoutEntry(known))
		}
	}
	return findings
}

// Customer makes the checks of one customer. A nil list is of a Hillava that is not reached.
func Customer(ctx context.Context, customer config.Customer, list []hillava.Customer, open customers.Open, now time.Time) Diagnosis {
	return Diagnosis{checkEntry(customer), checkInHillava(customer, list), checkTampuuri(ctx, customer, open, now)}
}

// checkEntry: the entry has consent, credentials, performer ids and a start date, and no other fault.
func checkEntry(customer config.Customer) Finding {
	check := named("customer %s: entry", customer.Tunniste)
	if len(customer.Unstopped().Faults) == 0 { // then a person wants it so
		switch customer.Stopped.Because {
		case config.StoppedOpening:
			return warning(check, say("it is being opened, and nothing new is imported yet"), say("starter customers open %s goes on with it", customer.Tunniste))
		case config.StoppedClosed:
			return warning(check, say("it was closed on %s, and nothing new is imported", customer.Stopped.Since.Format(time.DateOnly)),
				say("starter customers close %s tells what is left of it", customer.Tunniste))
		}
	}
	if len(customer.Faults) > 0 {
		return failing(check, quotedAll("; ", customer.Faults), say("correct it in customers.yaml"))
	}
	return ok(check, say("complete, with consent"))
}

// checkInHillava: exactly one customer there has the Tunniste, and its name is the entry's.
func checkInHillava(customer config.Customer, list []hillava.Customer) Finding {
	check := named("customer %s: in Hillava", customer.Tunniste)
	if list == nil {
		return skip(check, say("Hillava's customers are not known"))
	}
	var found []hillava.Customer
	for _, known := range list {
		if known.ExternalID == customer.Tunniste {
			found = append(found, known)
		}
	}
	switch {
	case len(found) == 0:
		return failing(check, say("no customer has this Tunniste"),
			say("make the customer with its Tunniste in Hillava, in customer type %s; it can be set only at creation", hillava.CustomerType))
	case len(found) > 1:
		return failing(check, say("%d customers have this Tunniste", len(found)), say("leave one of them in Hillava"))
	case found[0].ID == "":
		return failing(check, say("its id there cannot be read"), say("tell whoever runs Hillava"))
	case !customer.NameMatches(found[0].Name):
		return failing(check, say("its name differs from customers.yaml"), say("when it is the same customer: starter customers confirm-name %s", customer.Tunniste))
	}
	return ok(check, say("there, by Tunniste and name"))
}

// checkTampuuri: the credentials are taken, and each performer id can be listed. Without a recorded consent it is not asked.
func checkTampuuri(ctx context.Context, customer config.Customer, open customers.Open, now time.Time) Finding {
	check := named("customer %s: Tampuuri", customer.Tunniste)
	asked, err := customers.Ask(ctx, customer, open, now)
	switch {
	case !asked:
		return skip(check, quotedError(err))
	case err != nil:
		return failing(check, failure(err), adviceFor(err, "TAMPUURI_URL", say("the customer's credentials in customers.yaml, or ask the customer to renew them")))
	}
	return ok(check, say("credentials are taken; performer ids whose notices can be listed: %d", len(customer.PerformerIDs)))
}

// checkWithoutEntry: a customer of Hillava that is not in customers.yaml is not polled. It may be meant so.
func checkWithoutEntry(known hillava.Customer) Finding {
	if known.ExternalID == "" && known.ID == "" {
		return warning(named("customer %s of Hillava", "?"), say("its id there cannot be read"), say("tell whoever runs Hillava"))
	}
	if known.ExternalID == "" {
		return warning(named("customer %s of Hillava", known.ID), say("has no Tunniste"), say("make the customer anew with one; it can be set only at creation"))
	}
	return warning(named("customer %s: entry", known.ExternalID), say("customers.yaml has none, so it is not polled"),
		say("starter customers open %s adds one", known.ExternalID))
}

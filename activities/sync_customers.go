package activities

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/gateway"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/runs"
)

// shrunkFor is how long a halved list must stay the same before it is believed; an empty one never is.
const shrunkFor = 24 * time.Hour

// believable tells whether a customer list of that length is to be believed after the last one that was: not an empty one,
// and one that has lost half of its customers only after a day. ShrunkSince is since when it has been too short.
func believable(last runs.SyncResult, length int, now time.Time) (believe bool, shrunkSince *time.Time) {
	if length > 0 && length*2 > last.InHillava {
		return true, nil
	}
	if shrunkSince = last.ShrunkSince; shrunkSince == nil {
		since := now.UTC()
		shrunkSince = &since
	}
	if length > 0 && now.Sub(*shrunkSince) >= shrunkFor {
		return true, nil
	}
	return false, shrunkSince
}

const (
	reasonNotThere   = "Hillava has no customer of type TAMPUURI_CUSTOMERS with this Tunniste; make it there (Tunniste can be set only at creation)"
	reasonUnreadable = "Hillava lists the customer without an id that can be read; tell whoever runs Hillava"
	reasonNoTunniste = "the customer has no Tunniste in Hillava, and it can be set only at creation; make the customer anew with one"
	reasonTunniste   = "its Tunniste in Hillava is not 1 to 64 of the characters A-Z a-z 0-9 . _ - and can be set only at creation; make the customer anew with one that is"
	reasonName       = "the customer's name in Hillava differs from customers.yaml; when it is the same customer, starter customers confirm-name takes it into confirmed_names"
	reasonInactive   = "Integraatiot is not active on the customer type in Hillava; switch it on"
)

// SyncCustomers reads Hillava's customers and customers.yaml, starts a workflow for each entry that has none, and tells
// each workflow when what Hillava or its entry says of it has changed. Nobody is removed: a customer that no list names any
// more ends by itself, once it has no open notices.
func (a *Activities) SyncCustomers(ctx context.Context, in runs.SyncInput) (runs.SyncResult, error) {
	if err := a.Customers.Reload(); err != nil {
		// The last good file goes on being used; whoever runs starter customers list sees why it is not the new one.
		return runs.SyncResult{}, gateway.Stop(runs.FaultCustomersFile, err)
	}
	activity.RecordHeartbeat(ctx)
	list, err := a.hillava.Customers(ctx)
	if err != nil {
		return runs.SyncResult{}, a.failure(ctx, err, "")
	}
	now := a.Now().UTC()
	result := runs.SyncResult{InHillava: len(list), LastGood: in.Last.LastGood}
	believe, shrunkSince := believable(in.Last, len(list), now)
	if !believe {
		result.Warning, result.InHillava, result.ShrunkSince = runs.WarningShrunk, in.Last.InHillava, shrunkSince
	}
	result.Customers = a.customerStates(list, in.Last, believe)
	running, err := a.runningCustomers(ctx)
	if err == nil {
		result.Customers, err = a.addStranded(ctx, result.Customers)
	}
	if err != nil {
		return runs.SyncResult{}, gateway.TemporalFailure(err)
	}
	// One customer's workflow that cannot be told keeps nobody else's from it; what was not told is told by the next sync.
	var problems []error
	for i := range result.Customers {
		activity.RecordHeartbeat(ctx)
		customer := &result.Customers[i]
		if err := a.tellCustomer(ctx, customer, in.Last, running[customer.Tunniste]); err != nil {
			problems = append(problems, fmt.Errorf("customer %s: %w", customer.Tunniste, err))
		}
	}
	if err := errors.Join(problems...); err != nil {
		a.Logger.Warn("Not every customer could be told; the next sync does it.", "error", err)
		result.Failure = runs.FaultTemporal
	} else {
		result.LastGood = &now
	}
	a.directory.keep(result)
	return result, nil
}

func (a *Activities) runningCustomers(ctx context.Context) (map[string]bool, error) {
	tunnisteet, err := a.Runs.Customers(ctx)
	running := map[string]bool{}
	for _, tunniste := range tunnisteet {
		running[tunniste] = true
	}
	return running, err
}

// customerStates says of each customer, of either list, what Hillava's list makes of it. Of a list that is not believed,
// what it lacks stays as it was.
func (a *Activities) customerStates(list []hillava.Customer, last runs.SyncResult, believe bool) []runs.CustomerState {
	var states []runs.CustomerState
	listed := map[string]bool{}
	for _, settings := range a.Customers.Customers() {
		if listed[settings.Tunniste] && settings.Tunniste != "" {
			continue // doubled in customers.yaml: its faults say so. Those without one are each a customer of their own
		}
		listed[settings.Tunniste] = true
		state := runs.CustomerState{Tunniste: settings.Tunniste, HasEntry: true}
		state.Served = servedBy(settings, list)
		// What was said before it had an entry is that it has none.
		if before, _ := stateOf(last, settings.Tunniste); before.HasEntry && !believe && !isStill(before, withTunniste(list, settings.Tunniste)) {
			state.Served = before.Served
		}
		state.Entry = a.digestOfEntry(settings)
		states = append(states, state)
	}
	for _, customer := range list {
		if customer.ExternalID != "" && listed[customer.ExternalID] {
			continue
		}
		listed[customer.ExternalID] = true
		tunniste, reason := customer.ExternalID, runs.NoEntry
		switch {
		case customer.ID == "":
			reason = reasonUnreadable
		case customer.ExternalID == "":
			reason = reasonNoTunniste
		case !config.ValidTunniste(customer.ExternalID):
			tunniste, reason = "", reasonTunniste // it may be anything, a name too, and the result stands in Temporal
		default:
			if heir, found := a.Customers.Customer(customer.ExternalID); found {
				reason = runs.TakenOver(heir.Tunniste)
			}
		}
		states = append(states, runs.CustomerState{
			Tunniste: tunniste, Served: runs.Served{CustomerID: customer.ID, Reasons: []string{reason}},
		})
	}
	for _, before := range last.Customers {
		if !believe && !before.HasEntry && before.Tunniste != "" && !listed[before.Tunniste] {
			states = append(states, withoutStranded(before))
		}
	}
	slices.SortStableFunc(states, func(x, y runs.CustomerState) int {
		return strings.Compare(x.Tunniste+" "+x.CustomerID, y.Tunniste+" "+y.CustomerID)
	})
	return states
}

// isStill tells whether a list that is not believed has the customer that the last sync found. It may lack one of two with
// one Tunniste, and the other is no surer for that.
func isStill(before runs.CustomerState, found []hillava.Customer) bool {
	return len(found) > 1 || len(found) == 1 && found[0].ID == before.CustomerID
}

// servedBy says what Hillava's list makes of an entry: its id there, or why it may not be polled.
func servedBy(settings config.Customer, list []hillava.Customer) runs.Served {
	if settings.Tunniste == "" {
		return runs.Served{} // which customer it would be nobody can tell; its faults say so
	}
	found := withTunniste(list, settings.Tunniste)
	switch {
	case len(found) == 0:
		return runs.Served{Reasons: []string{reasonNotThere}}
	case len(found) > 1:
		return runs.Served{Reasons: []string{fmt.Sprintf("Hillava has %d customers with this Tunniste; leave one", len(found))}}
	case found[0].ID == "":
		return runs.Served{Reasons: []string{reasonUnreadable}}
	}
	served := runs.Served{CustomerID: found[0].ID}
	if !settings.NameMatches(found[0].Name) {
		served.Reasons = append(served.Reasons, reasonName)
	}
	if !found[0].IntegrationsActive {
		served.Reasons = append(served.Reasons, reasonInactive)
	}
	return served
}

// withTunniste gives the customers whose external id is that Tunniste; there should be one.
func withTunniste(list []hillava.Customer, tunniste string) []hillava.Customer {
	var found []hillava.Customer
	for _, customer := range list {
		if customer.ExternalID == tunniste && tunniste != "" {
			found = append(found, customer)
		}
	}
	return found
}

func stateOf(result runs.SyncResult, tunniste string) (runs.CustomerState, bool) {
	for _, customer := range result.Customers {
		if customer.Tunniste == tunniste {
			return customer, true
		}
	}
	return runs.CustomerState{}, false
}

// digestOfEntry tells an edited entry, or a renewed credential, from the one before, without holding either.
func (a *Activities) digestOfEntry(settings config.Customer) string {
	c := settings.Credentials
	return a.Keyer.Digest("entry", fmt.Sprintf("%+v", settings),
		c.Avain.Reveal(), c.Asiakas.Reveal(), c.Tili.Reveal(), c.Kayttajatunnus.Reveal(), c.Salasana.Reveal())
}

// addStranded adds the Tunnisteet that have open notices and that no entry serves any more, by its own name or in formerly.
func (a *Activities) addStranded(ctx context.Context, states []runs.CustomerState) ([]runs.CustomerState, error) {
	var served []string
	for _, settings := range a.Customers.Customers() {
		for _, tunniste := range append([]string{settings.Tunniste}, settings.Formerly...) {
			if config.ValidTunniste(tunniste) && !slices.Contains(served, tunniste) {
				served = append(served, tunniste)
			}
		}
	}
	open, err := a.Runs.OpenOfOthers(ctx, served)
	if err != nil {
		return nil, err
	}
	for _, tunniste := range slices.Sorted(maps.Keys(open)) {
		count := open[tunniste]
		at := slices.IndexFunc(states, func(s runs.CustomerState) bool { return s.Tunniste == tunniste })
		if at < 0 {
			states = append(states, runs.CustomerState{Tunniste: tunniste, Served: runs.Served{Reasons: []string{runs.NoEntry}}})
			at = len(states) - 1
		}
		states[at].Stranded = count
		states[at].Reasons = append(slices.Clone(states[at].Reasons), runs.Stranded(count))
	}
	return states, nil
}

// withoutStranded is a customer's state before addStranded, which finds out anew.
func withoutStranded(state runs.CustomerState) runs.CustomerState {
	said := runs.Stranded(state.Stranded)
	state.Reasons = slices.DeleteFunc(slices.Clone(state.Reasons), func(reason string) bool { return reason == said })
	state.Stranded = 0
	return state
}

// tellCustomer starts the workflow of a customer that has an entry, or tells the one that runs what has changed.
func (a *Activities) tellCustomer(ctx context.Context, customer *runs.CustomerState, last runs.SyncResult, running bool) error {
	if !config.ValidTunniste(customer.Tunniste) || !customer.HasEntry && !running {
		return nil // Temporal cannot even be asked about such a Tunniste; nobody serves one without an entry
	}
	told := a.Keyer.Digest(append([]string{"served", customer.CustomerID, customer.Entry}, customer.Reasons...)...)
	before, _ := stateOf(last, customer.Tunniste)
	customer.Told = before.Told
	if running && before.Told == told {
		return nil
	}
	if !running {
		err := a.Runs.StartCustomer(ctx, runs.CustomerInput{Tunniste: customer.Tunniste, Served: customer.Served})
		if err == nil {
			customer.Told = told
			a.Logger.Info("A customer's workflow was started.", "customer", customer.Tunniste)
			return nil
		}
		if !errors.Is(err, runs.ErrAlreadyStarted) { // the list that says who runs lags
			return err
		}
		if before.Told == told {
			return nil
		}
	}
	// With the run's id, as the same may have to be told again once something else was told in between.
	cause := told + " " + activity.GetInfo(ctx).WorkflowExecution.RunID
	if err := a.Runs.TellServed(ctx, customer.Tunniste, cause, customer.Served); err != nil {
		return err
	}
	customer.Told = told
	return nil
}

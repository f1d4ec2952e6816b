package activities

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/runs"
	hillavastandin "tampuuri-hillava/sandbox/hillava"
)

// census is rounds of SyncCustomers, each with what the one before it returned.
type census struct {
	*world
	last  runs.SyncResult
	round int
}

// threeCustomers are esimerkki, toinen and kolmas, all in good order.
func threeCustomers(t testingT) *census {
	c := &census{world: newWorld(t)}
	c.serve("toinen", 4712)
	c.serve("kolmas", 4713)
	c.temporal.synced = runs.SyncResult{}
	return c
}

func (c *census) sync() runs.SyncResult {
	c.t.Helper()
	c.round++
	c.workflow = fmt.Sprint("sync-run-", c.round)
	c.last = good(c.world, c.SyncCustomers, runs.SyncInput{Last: c.last})
	return c.last
}

// of is what the last sync says of a customer.
func (c *census) of(tunniste string) runs.CustomerState {
	c.t.Helper()
	state, found := stateOf(c.last, tunniste)
	require.True(c.t, found, tunniste)
	return state
}

// reasons are those that a customer's workflow knows of.
func (c *census) reasons(tunniste string) []string {
	run := c.temporal.customers[tunniste]
	if len(run.served) == 0 {
		return run.started.Served.Reasons
	}
	return run.served[len(run.served)-1].Reasons
}

// without removes customers from Hillava.
func (c *census) without(tunnisteet ...string) {
	for _, customer := range c.hillava.Customers() {
		if slices.Contains(tunnisteet, customer.ExternalID) {
			c.must(c.hillava.RemoveCustomer(customer.ID))
		}
	}
}

// rework edits a customer in Hillava.
func (c *census) rework(id string, edit func(*hillavastandin.Customer)) {
	for _, customer := range c.hillava.Customers() {
		if customer.ID == id {
			edit(&customer)
			c.must(c.hillava.EditCustomer(customer))
		}
	}
}

func TestEachCustomerWithAnEntryGetsAWorkflow(t *testing.T) {
	c := threeCustomers(t)
	result := c.sync()
	require.Len(t, result.Customers, 3)
	require.Equal(t, 3, result.InHillava)
	require.Equal(t, c.clock.UTC(), *result.LastGood)
	for _, customer := range result.Customers {
		require.Empty(t, customer.Reasons)
		require.True(t, customer.HasEntry)
		run := c.temporal.customers[customer.Tunniste]
		require.True(t, run.running)
		require.Equal(t, runs.CustomerInput{Tunniste: customer.Tunniste, Served: customer.Served}, run.started)
	}
	written, err := json.Marshal(result)
	require.NoError(t, err)
	require.NotContains(t, strings.ToLower(string(written)), "isännöinti", "a property owner may be a person")

	c.sync()
	for _, run := range c.temporal.customers {
		require.Empty(t, run.served, "nothing is told when nothing has changed")
	}
}

func TestATerminatedCustomersWorkflowIsStartedAgain(t *testing.T) {
	c := threeCustomers(t)
	c.sync()
	c.temporal.customers["toinen"].running = false
	c.sync()
	require.True(t, c.temporal.customers["toinen"].running)
}

func TestASyncTellsOnlyWhatHasChangedAndEachChange(t *testing.T) {
	c := threeCustomers(t)
	c.sync()
	for _, every := range []time.Duration{time.Hour, 5 * time.Minute, time.Hour} { // there, back, and there again
		c.entry().Poll.Every = every
		c.sync()
		c.sync()
	}
	require.Len(t, c.temporal.customers["esimerkki"].served, 3)
	require.Empty(t, c.temporal.customers["toinen"].served)
	entries := c.temporal.customers["esimerkki"].served
	require.NotEqual(t, entries[0].Entry, entries[1].Entry)
	require.Equal(t, entries[0].Entry, entries[2].Entry)
}

// A credential in a file of its own may be renewed without a change of customers.yaml.
func TestARenewedCredentialIsTold(t *testing.T) {
	c := threeCustomers(t)
	c.sync()
	before := c.of("esimerkki").Entry
	c.entry().Credentials.Salasana = config.NewSecret("erittäin-salainen")
	c.sync()
	require.Len(t, c.temporal.customers["esimerkki"].served, 1)
	require.NotEqual(t, before, c.of("esimerkki").Entry)
	written, err := json.Marshal(c.last)
	require.NoError(t, err)
	require.NotContains(t, string(written), "salainen")
	require.NotContains(t, string(written), "4711")
	require.Len(t, c.of("esimerkki").Entry, 16)
}

func TestEachReasonOfHillavasListIsTold(t *testing.T) {
	for name, row := range map[string]struct {
		arrange, undo func(*census)
		expected      string // part of the one reason
	}{
		"not in Hillava": {func(c *census) { c.without("esimerkki") }, func(c *census) {
			_, err := c.hillava.AddCustomer(hillavastandin.Customer{ID: "C-1", Name: "Esimerkki Isännöinti", ExternalID: "esimerkki", IntegrationsActive: true})
			c.must(err)
		}, "no customer of type TAMPUURI_CUSTOMERS"},
		"doubled in Hillava": {func(c *census) {
			_, err := c.hillava.AddCustomer(hillavastandin.Customer{ID: "C-9", Name: "Esimerkki Isännöinti", ExternalID: "esimerkki", IntegrationsActive: true})
			c.must(err)
		}, func(c *census) { c.must(c.hillava.RemoveCustomer("C-9")) }, "2 customers"},
		"another name": {
			func(c *census) { c.rework("C-1", func(h *hillavastandin.Customer) { h.Name = "Aivan Muu" }) },
			func(c *census) { c.entry().ConfirmedNames = []string{"aivan muu oy"} }, "confirmed_names"},
		"Integraatiot is off": {
			func(c *census) { c.rework("C-1", func(h *hillavastandin.Customer) { h.IntegrationsActive = false }) },
			func(c *census) { c.rework("C-1", func(h *hillavastandin.Customer) { h.IntegrationsActive = true }) }, "Integraatiot"},
		"no entry in customers.yaml": {
			func(c *census) { c.settings.list = c.settings.list[1:] },
			func(c *census) { c.settings.list = threeCustomers(c.t).settings.list }, "no entry"},
	} {
		t.Run(name, func(t *testing.T) {
			c := threeCustomers(t)
			c.sync()
			row.arrange(c)
			require.Empty(t, c.sync().Warning)
			require.Len(t, c.of("esimerkki").Reasons, 1)
			require.Contains(t, c.of("esimerkki").Reasons[0], row.expected)
			require.NotContains(t, c.of("esimerkki").Reasons[0], "Aivan Muu")
			require.Equal(t, c.of("esimerkki").Reasons, c.reasons("esimerkki"), "its workflow is told")
			require.Empty(t, c.reasons("toinen"), "the others go on")

			row.undo(c)
			c.sync()
			require.Empty(t, c.of("esimerkki").Reasons)
			require.Empty(t, c.reasons("esimerkki"), "mended, it is told too")
		})
	}
}

func TestTwoCustomersWithOneTunnisteStopBoth(t *testing.T) {
	c := threeCustomers(t)
	_, err := c.hillava.AddCustomer(hillavastandin.Customer{ID: "C-9", Name: "Esimerkki Isännöinti", ExternalID: "esimerkki", IntegrationsActive: true})
	c.must(err)
	c.sync()
	require.Empty(t, c.of("esimerkki").CustomerID, "no task may be billed to either")
	_, failure := run(c.world, c.CreateTask, toCreate(c.ref(101)))
	requireRetryable(t, runs.FaultCustomerStopped, failure)
}

func TestACustomerWithoutTunnisteIsShown(t *testing.T) {
	c := threeCustomers(t)
	_, err := c.hillava.AddCustomer(hillavastandin.Customer{ID: "C-9", Name: "Nimetön", IntegrationsActive: true})
	c.must(err)
	result := c.sync()
	require.Len(t, result.Customers, 4)
	require.Equal(t, "C-9", result.Customers[0].CustomerID)
	require.Contains(t, result.Customers[0].Reasons[0], "no Tunniste")
	require.Len(t, c.temporal.customers, 3)
}

func TestACustomerWhoseIDCannotBeReadStopsAlone(t *testing.T) {
	c := threeCustomers(t)
	list := []hillava.Customer{
		{Name: "Esimerkki Isännöinti", ExternalID: "esimerkki", IntegrationsActive: true},
		{ID: "C-2", Name: c.entryOf("toinen").Name, ExternalID: "toinen", IntegrationsActive: true},
		{},
	}
	reasons := map[string][]string{}
	for _, state := range c.customerStates(list, runs.SyncResult{}, true) {
		reasons[state.Tunniste] = state.Reasons
	}
	require.Equal(t, map[string][]string{
		"esimerkki": {reasonUnreadable}, "toinen": nil, "kolmas": {reasonNotThere}, "": {reasonUnreadable},
	}, reasons)
}

func TestATunnisteThatIsNoneStandsNowhereInTemporal(t *testing.T) {
	c := threeCustomers(t)
	for _, id := range []string{"C-8", "C-9"} {
		_, err := c.hillava.AddCustomer(hillavastandin.Customer{ID: id, Name: "Virtanen Matti", ExternalID: "Virtanen Matti " + id, IntegrationsActive: true})
		c.must(err)
	}
	result := c.sync()
	written, err := json.Marshal(result)
	require.NoError(t, err)
	require.NotContains(t, string(written), "Virtanen")
	require.Len(t, result.Customers, 5)
	for _, state := range result.Customers[:2] {
		require.Equal(t, []string{reasonTunniste}, state.Reasons, "each by its id in Hillava: %s", state.CustomerID)
	}
}

func TestATunnisteThatTemporalCannotBeAskedAboutStopsNobodyElse(t *testing.T) {
	for name, arrange := range map[string]func(*census){
		"in customers.yaml": func(c *census) {
			c.entry().Faults = []string{"tunniste must be 1 to 64 of the characters"}
			c.entry().Tunniste = "ääkkö set"
		},
		"in Hillava": func(c *census) {
			_, err := c.hillava.AddCustomer(hillavastandin.Customer{ID: "C-9", Name: "Muu", ExternalID: "isännöinti", IntegrationsActive: true})
			c.must(err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := threeCustomers(t)
			arrange(c)
			c.sync()
			c.sync()
			for _, tunniste := range []string{"toinen", "kolmas"} {
				require.True(t, c.temporal.customers[tunniste].running)
			}
			for tunniste := range c.temporal.customers {
				require.True(t, config.ValidTunniste(tunniste))
			}
		})
	}
}

// What was not told is told by the next sync, and keeps nobody else's from them.
func TestACustomerThatCannotBeToldStopsNobodyElse(t *testing.T) {
	c := threeCustomers(t)
	c.sync()
	good := c.last.LastGood
	c.entry().Poll.Every, c.entryOf("kolmas").Poll.Every = time.Hour, time.Hour
	c.temporal.fails = map[string]error{"esimerkki": errors.New("the first refusal")}
	c.pass(15 * time.Minute)
	result := c.sync()
	require.Equal(t, runs.FaultTemporal, result.Failure)
	require.Equal(t, good, result.LastGood, "this one has not gone through")
	require.Len(t, c.temporal.customers["kolmas"].served, 1)
	c.temporal.fails = nil
	result = c.sync()
	require.Empty(t, result.Failure)
	require.Len(t, c.temporal.customers["esimerkki"].served, 1)
	require.Len(t, c.temporal.customers["kolmas"].served, 1)
}

// The index lags: a workflow that it does not list yet is told like any other.
func TestAWorkflowThatTheIndexDoesNotListYetIsToldAllTheSame(t *testing.T) {
	c := threeCustomers(t)
	c.must(c.temporal.StartCustomer(t.Context(), runs.CustomerInput{Tunniste: "esimerkki"})) // by a sync before, of which nothing is known
	hidden := c.temporal.customers["esimerkki"]
	hidden.unlisted = true
	c.sync()
	require.Len(t, hidden.served, 1)
	c.sync()
	require.Len(t, hidden.served, 1)
}

func TestEveryEntryWithoutATunnisteIsShown(t *testing.T) {
	c := threeCustomers(t)
	for _, fault := range []string{"line 9: the entry has no tunniste", "line 17: the entry is empty"} {
		c.settings.list = append(c.settings.list, config.Customer{Faults: []string{fault}})
	}
	require.Len(t, c.sync().Customers, 5, "their faults are customers.yaml's to tell")
	require.Len(t, c.temporal.customers, 3)
}

func TestACustomerDoubledInTheFileIsShownOnce(t *testing.T) {
	c := threeCustomers(t)
	c.settings.list = append(c.settings.list, c.settings.list[0])
	require.Len(t, c.sync().Customers, 3)
}

// While open lives of a vanished Tunniste exist this is listed and said, and the entry that names it takes them over.
func TestOpenNoticesThatNoEntryServesAreListed(t *testing.T) {
	c := threeCustomers(t)
	old := refIn("vanha", 101)
	c.must(c.temporal.StartNotice(t.Context(), runs.NoticeStart{Ref: old}))
	c.sync()
	require.EqualValues(t, 1, c.of("vanha").Stranded)
	require.Contains(t, c.of("vanha").Reasons[1], "1 open notice of this Tunniste cannot be written back")
	require.NotContains(t, c.temporal.customers, "vanha")

	c.entry().Formerly = []string{"vanha"}
	c.sync()
	_, listed := stateOf(c.last, "vanha")
	require.False(t, listed)
}

// Made anew, it stays in Hillava under its former Tunniste as well. An entry of its own would stop the one that took it over.
func TestACustomerThatAnotherEntryHasTakenOverIsToldApart(t *testing.T) {
	c := threeCustomers(t)
	c.settings.list = c.settings.list[:2]
	c.entry().Formerly = []string{"kolmas"}
	c.sync()
	require.Equal(t, []string{"its notices go on under esimerkki, whose entry names it in formerly"}, c.of("kolmas").Reasons)
}

func TestACustomerThatLostItsEntryIsToldWhatItStillHasOpen(t *testing.T) {
	c := threeCustomers(t)
	c.sync()
	c.put(101)
	c.must(c.temporal.StartNotice(t.Context(), runs.NoticeStart{Ref: c.ref(101)}))
	c.settings.list = c.settings.list[1:]
	c.sync()
	require.EqualValues(t, 1, c.of("esimerkki").Stranded)
	require.Len(t, c.reasons("esimerkki"), 2)
}

func TestABrokenCustomersFileIsTold(t *testing.T) {
	c := threeCustomers(t)
	c.settings.reloadErr = errors.New("customers.yaml: line 3")
	_, failure := run(c.world, c.SyncCustomers, runs.SyncInput{})
	requireReason(t, runs.FaultCustomersFile, failure)
	require.Empty(t, c.temporal.customers)
}

func TestASyncTellsThatItIsAliveForEachCustomer(t *testing.T) {
	c := threeCustomers(t)
	c.sync()
	require.GreaterOrEqual(t, len(c.heartbeats), 3)
}

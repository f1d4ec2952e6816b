package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/sandbox/fault"
	hillavastandin "tampuuri-hillava/sandbox/hillava"
)

func TestAFailedEmptyOrHalvedListRemovesNobody(t *testing.T) {
	for name, row := range map[string]struct {
		arrange func(*census)
		warns   bool
	}{
		"failed": {func(c *census) { c.always("customers", fault.Status500) }, false},
		"empty":  {func(c *census) { c.without("esimerkki", "toinen", "kolmas") }, true},
		"halved": {func(c *census) { c.without("toinen", "kolmas") }, true},
	} {
		t.Run(name, func(t *testing.T) {
			c := threeCustomers(t)
			c.sync()
			row.arrange(c)
			for range 5 {
				c.pass(4 * time.Hour)
				if !row.warns {
					_, failure := run(c.world, c.SyncCustomers, runs.SyncInput{Last: c.last})
					requireRetryable(t, runs.FaultUnavailable, failure)
				} else {
					require.Equal(t, runs.WarningShrunk, c.sync().Warning)
				}
				for _, tunniste := range []string{"esimerkki", "toinen", "kolmas"} {
					require.Empty(t, c.reasons(tunniste))
					require.Empty(t, c.temporal.customers[tunniste].served)
				}
			}
		})
	}
}

// The one memory is the last sync's result: a worker that was restarted believes no more than one that was not.
func TestARestartedWorkerBelievesAHalvedListNoSooner(t *testing.T) {
	c := threeCustomers(t)
	c.sync()
	c.temporal.synced = c.last
	c.faults.Add(fault.Fault{Op: "customers", Kind: fault.Answer, Times: -1,
		Body: `{"items":[{"id":"C-1","name":"Esimerkki Isännöinti","externalId":"esimerkki","integrationsActive":true}],"total":1}`})
	c.putIn("toinen", 7, fields{"TyonsuorittajaYritysId": 4712})
	c.directory.last, c.directory.read = runs.SyncResult{}, time.Time{} // as after a restart
	require.NotEmpty(t, good(c.world, c.CreateTask, toCreate(refIn("toinen", 7))).TaskID, "steps go on by the last sync")
	r := c.roundOf("toinen")
	require.Empty(t, r.Marks.Reasons)
	require.Equal(t, 1, r.Marks.Last.Started, "and so do polls")
	c.sync()
	require.Empty(t, c.reasons("toinen"))
}

func TestAHalvedListIsBelievedAfterADayAnEmptyOneNever(t *testing.T) {
	for name, gone := range map[string][]string{"halved": {"toinen", "kolmas"}, "empty": {"esimerkki", "toinen", "kolmas"}} {
		t.Run(name, func(t *testing.T) {
			c := threeCustomers(t)
			c.sync()
			c.without(gone...)
			c.sync()
			c.pass(shrunkFor)
			c.sync()
			require.Equal(t, name == "empty", c.last.Warning != "")
			require.Equal(t, name == "halved", len(c.reasons("toinen")) > 0)
			require.Empty(t, c.reasons("esimerkki"))
		})
	}
}

func TestWhatIsBelievable(t *testing.T) {
	now := helsinki("2026-03-02 12:00")
	since := func(d time.Duration) *time.Time { at := now.Add(-d).UTC(); return &at }
	for name, row := range map[string]struct {
		before  int
		shrunk  *time.Time
		length  int
		believe bool
		since   *time.Time // until it is believed again
	}{
		"the first list":                   {0, nil, 5, true, nil},
		"an empty first list":              {0, nil, 0, false, since(0)},
		"the same length":                  {10, nil, 10, true, nil},
		"longer":                           {10, nil, 30, true, nil},
		"a little shorter":                 {10, nil, 6, true, nil},
		"half":                             {10, nil, 5, false, since(0)},
		"one of one":                       {1, nil, 1, true, nil},
		"one of two":                       {2, nil, 1, false, since(0)},
		"half, since a while":              {10, since(time.Hour), 5, false, since(time.Hour)},
		"half, since almost a day":         {10, since(shrunkFor - time.Second), 5, false, since(shrunkFor - time.Second)},
		"half, since a day":                {10, since(shrunkFor), 5, true, nil},
		"empty, since a week":              {10, since(7 * 24 * time.Hour), 0, false, since(7 * 24 * time.Hour)},
		"whole again after some hours":     {10, since(5 * time.Hour), 10, true, nil},
		"another half, shrunk once before": {10, nil, 4, false, since(0)},
	} {
		t.Run(name, func(t *testing.T) {
			believe, shrunkSince := believable(runs.SyncResult{InHillava: row.before, ShrunkSince: row.shrunk}, row.length, now)
			require.Equal(t, row.believe, believe)
			require.Equal(t, row.since, shrunkSince)
		})
	}
}

func TestAListThatIsNotBelievedKeepsTheLengthThatWas(t *testing.T) {
	c := threeCustomers(t)
	c.sync()
	c.without("toinen", "kolmas")
	c.sync()
	require.Equal(t, 3, c.sync().InHillava)
	for _, tunniste := range []string{"toinen", "kolmas"} {
		_, err := c.hillava.AddCustomer(hillavastandin.Customer{Name: "Esimerkki Isännöinti", ExternalID: tunniste, IntegrationsActive: true})
		c.must(err)
	}
	require.Nil(t, c.sync().ShrunkSince, "whole again, the day begins anew")
}

func TestAnUnbelievedListHidesNoEditOfOurOwn(t *testing.T) {
	c := threeCustomers(t)
	c.sync()
	c.without("esimerkki", "toinen", "kolmas")
	c.entry().Faults = []string{"the consent has been withdrawn"}
	c.sync()
	require.Len(t, c.temporal.customers["esimerkki"].served, 1, "a change of its entry is told at once")
}

// A customer without an entry is kept from one unbelieved list to the next, and with it what the last sync said of it.
func TestAnUnbelievedListRepeatsNoReason(t *testing.T) {
	c := threeCustomers(t)
	old := refIn("vanha", 101)
	c.must(c.temporal.StartNotice(t.Context(), runs.NoticeStart{Ref: old}))
	c.sync()
	before := c.of("vanha")
	require.Len(t, before.Reasons, 2)
	c.without("esimerkki", "toinen", "kolmas")
	for range 3 {
		c.sync()
		require.Equal(t, before, c.of("vanha"))
	}

	c.temporal.lives[old.ExternalID].Running = false
	c.sync()
	require.Zero(t, c.of("vanha").Stranded)
	require.Len(t, c.of("vanha").Reasons, 1)
}

// Which of two customers a shortened list lacks is chance: the other one is no surer for it.
func TestAnUnbelievedListMakesNoCustomerTheOnlyOne(t *testing.T) {
	c := threeCustomers(t)
	_, err := c.hillava.AddCustomer(hillavastandin.Customer{ID: "C-9", Name: "Esimerkki Isännöinti", ExternalID: "esimerkki", IntegrationsActive: true})
	c.must(err)
	c.sync()
	before := c.of("esimerkki").Served
	require.Empty(t, before.CustomerID)
	for _, customer := range c.hillava.Customers() {
		if customer.ID != "C-9" {
			c.must(c.hillava.RemoveCustomer(customer.ID))
		}
	}
	require.Equal(t, runs.WarningShrunk, c.sync().Warning)
	require.Equal(t, before, c.of("esimerkki").Served)
	c.pass(shrunkFor)
	c.sync()
	require.Equal(t, "C-9", c.of("esimerkki").CustomerID, "after a day the list is believed")
}

func TestAnEntryThatIsNewIsNotSaidToBeMissing(t *testing.T) {
	c := threeCustomers(t)
	entries := c.settings.list
	c.settings.list = entries[:2]
	c.sync()
	require.Equal(t, []string{runs.NoEntry}, c.of("kolmas").Reasons)
	c.settings.list = entries
	c.without("toinen", "kolmas")
	require.Equal(t, runs.WarningShrunk, c.sync().Warning)
	require.Equal(t, []string{reasonNotThere}, c.of("kolmas").Reasons)
}

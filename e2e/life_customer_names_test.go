package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
)

// TestACustomerMadeAnewUnderAnotherTunniste takes its open notices over, those without a Guid as well: no second task.
func TestACustomerMadeAnewUnderAnotherTunniste(t *testing.T) {
	t.Parallel()
	customers := stack.DefaultCustomers()[:1]
	w := start(t, stack.Options{Customers: customers, SyncEvery: time.Second})
	withGuid := w.importOne()
	fields := stack.ExampleNotice()
	fields["TyonsuorittajaYritysId"], fields["Guid"] = 4711, nil
	id, err := w.Tampuuri.AddNotice("esimerkki", fields)
	require.NoError(t, err)
	without := w.imported("esimerkki", id)

	// The office makes the customer anew in Hillava; its Tampuuri, and what opens it, stay.
	require.NoError(t, w.Hillava.RemoveCustomer(w.HillavaCustomers["esimerkki"]))
	_, err = w.Hillava.AddCustomer(hillava.Customer{Name: customers[0].Name, ExternalID: "uusi", IntegrationsActive: true})
	require.NoError(t, err)
	require.NoError(t, w.WriteCustomers(nil))
	require.NoError(t, stack.WaitFor(w.context(), "the list to say that open notices are stranded", func(context.Context) error {
		if list := w.starter("customers", "list"); !containsAll(list, "esimerkki", "formerly") {
			return fmt.Errorf("%s", list)
		}
		return nil
	}))
	anew := customers[0]
	anew.Entry = map[string]any{"tunniste": "uusi", "formerly": []string{"esimerkki"}}
	require.NoError(t, w.WriteCustomers([]stack.Customer{anew}))
	for _, n := range []imported{withGuid, without} {
		require.NoError(t, stack.WaitFor(w.context(), "the notice to go on under uusi", func(context.Context) error {
			described, err := w.client.DescribeWorkflowExecution(w.context(), n.workflowID, "")
			if err != nil {
				return err
			}
			if tunniste := keywordOf(described, "TampuuriCustomer"); tunniste != "uusi" {
				return fmt.Errorf("it is %s's", tunniste)
			}
			return nil
		}))
	}
	w.polled("uusi")
	require.Len(t, w.Hillava.Tasks(), 2, "no second task")
	for _, n := range []imported{withGuid, without} {
		n.finish(1, 2)
	}
}

// TestAHalvedCustomerListAndARestart: what the list lacks goes on being polled.
func TestAHalvedCustomerListAndARestart(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{SyncEvery: time.Second})
	w.polledOnce("toinen")
	w.Faults.Add(fault.Fault{System: "hillava", Op: hillava.OpCustomers, Times: -1, Kind: fault.Answer, Body: fmt.Sprintf(
		`{"items":[{"id":%q,"name":"Esimerkki Isännöinti Oy","externalId":"esimerkki","integrationsActive":true}],"total":1}`, w.HillavaCustomers["esimerkki"])})
	w.starter("customers", "sync")
	require.NoError(t, w.Worker.Restart(w.context()))
	w.starter("customers", "sync")
	n := w.imported("toinen", w.someNotice("toinen", 120))
	n.finish(1, 2)
}

// TestAnEarlierStartDate: what lies between the two is read.
func TestAnEarlierStartDate(t *testing.T) {
	t.Parallel()
	customers := stack.DefaultCustomers()[:1]
	customers[0].StartDate = "2026-06-01"
	w := start(t, stack.Options{Customers: customers, SyncEvery: time.Second})
	fields := stack.ExampleNotice()
	fields["TyonsuorittajaYritysId"], fields["IlmoitusTehty"], fields["Muokattu"] = 4711, "2026-04-02T10:00:00+03:00", "2026-04-02T10:00:00+03:00"
	old, err := w.Tampuuri.AddNotice("esimerkki", fields)
	require.NoError(t, err)
	w.importOne()
	w.polled("esimerkki")
	tasks, err := w.Tasks("esimerkki", old)
	require.NoError(t, err)
	require.Empty(t, tasks)
	customers[0].StartDate = "2026-03-01"
	require.NoError(t, w.WriteCustomers(customers))
	_, err = w.WaitTask(w.context(), "esimerkki", old)
	require.NoError(t, err)
}

// TestReopenedWithLaskutettuPressedAgain: Laskutettu that was pressed between the end and the import is dealt with, whatever
// Hillava's clock says; one that comes later acts.
func TestReopenedWithLaskutettuPressedAgain(t *testing.T) {
	t.Parallel()
	w := start(t, stack.Options{})
	n := w.importOne()
	n.finish(1, 2)
	n.press(hillava.TransitionReopen)
	n.press("Laskutettu")
	require.NoError(t, w.Tampuuri.SetState("esimerkki", n.id, "Uusi"))
	w.waitListedAsReopened()
	w.starter("notice", "import", "esimerkki", fmt.Sprint(n.id))
	n.waitPhase("Running", "working")
	n.press(hillava.TransitionReopen)
	w.polled("esimerkki")
	require.Equal(t, "Uusi", w.State("esimerkki", n.id))
	n.waitPhase("Running", "working")
	n.finish(2, 4)
}

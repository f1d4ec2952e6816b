package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The five bugs that the project seeds to see whether anybody notices, each with the ledger that it leaves behind.

func TestSeededBugCreateWithoutLookUp(t *testing.T) {
	t.Run("Hillava refuses the second create", func(t *testing.T) {
		b := newBook().good() // the notice is reopened after Temporal has forgotten it and Hillava its key
		b.set(101, stateValmis, "Uusi", "hand")
		b.write("esimerkki", kindTaskRefused, map[string]any{"taskId": "T-1", "externalId": external, "idempotencyKey": "create-" + external})
		require.Equal(t, []Rule{TaskLookUp}, b.verdict(t).broken())
	})
	t.Run("Hillava does not", func(t *testing.T) {
		b := newBook().good()
		b.set(101, stateValmis, "Uusi", "hand")
		b.task("T-2", external, nil)
		require.Equal(t, []Rule{TaskTwice}, b.verdict(t).broken())
	})
}

func TestSeededBugNewKeyPerAttempt(t *testing.T) {
	t.Run("both attempts arrive", func(t *testing.T) {
		b := newBook() // the first was on its way when the second looked
		b.notice(101, "")
		b.task("T-1", external, map[string]any{"idempotencyKey": "create-" + external + "-2"})
		b.write("esimerkki", kindTaskRefused, map[string]any{"taskId": "T-1", "externalId": external, "idempotencyKey": "create-" + external + "-1"})
		require.Equal(t, []Rule{TaskKey, TaskLookUp}, b.verdict(t).broken())
	})
	t.Run("even when one does", func(t *testing.T) {
		b := newBook()
		b.notice(101, "")
		b.task("T-1", external, map[string]any{"idempotencyKey": "create-" + external + "-1"})
		require.Equal(t, []Rule{TaskKey}, b.verdict(t).broken())
	})
}

func TestSeededBugAnsweredBeforeTheSignal(t *testing.T) {
	b := newBook().begun()
	b.event("T-1", "evt-1", eventDone)
	b.webhook("T-1", "evt-1", 0) // the receiver was away
	b.webhook("T-1", "evt-1", 202)
	require.Equal(t, []Rule{Acknowledged}, b.verdict(t).broken())
	require.Empty(t, b.verdict(t, "--open").Findings, "while it is under way the signal may still come")
}

func TestSeededBugToimenpideBlindlyRetried(t *testing.T) {
	b := newBook().reportedTehty()
	b.invoiced("T-1")
	b.toimenpide(101, 1, "Vaihdettu hana.", viaAPI) // applied, then the connection was reset
	b.toimenpide(101, 2, "Vaihdettu hana.", viaAPI)
	b.set(101, stateTehty, stateValmis, viaAPI)
	require.Equal(t, []Rule{ToimenpideTwice}, b.verdict(t).broken())
	require.Equal(t, []Rule{ToimenpideTwice}, b.verdict(t, "--open").broken())
}

func TestSeededBugIDsSwapped(t *testing.T) {
	two := func() *book {
		b := newBook()
		b.notice(101, "")
		b.notice(48215, otherGUID)
		return b
	}
	t.Run("of the tasks", func(t *testing.T) {
		b := two()
		b.task("T-1", otherGUID, map[string]any{"billingReference": "101 / Tilaaja"})
		b.task("T-2", external, map[string]any{"billingReference": "48215 / Tilaaja"})
		r := b.verdict(t)
		require.Equal(t, []Rule{TaskReference}, r.broken())
		require.Len(t, r.Findings, 2)
	})
	t.Run("of the notices on the way back", func(t *testing.T) {
		b := two()
		b.task("T-1", external, nil)
		b.task("T-2", otherGUID, nil)
		b.entry(kindEntryAdded, "T-1", "E-1", "Vaihdettu hana.")
		b.done("T-1")
		b.invoiced("T-1")
		b.set(48215, "Uusi", stateTehty, viaAPI)
		b.toimenpide(48215, 1, "Vaihdettu hana.", viaAPI)
		b.set(48215, stateTehty, stateValmis, viaAPI)
		require.Equal(t, []Rule{Cause, ToimenpideMoved, Acknowledged}, b.verdict(t).broken())
	})
	t.Run("of the customers", func(t *testing.T) {
		b := newBook()
		b.write("toinen", kindCustomerSet, map[string]any{
			"customerId": "C-2", "externalId": "toinen", "customerType": typeTampuuriCustomers, "integrationsActive": true,
		})
		b.notice(101, "")
		b.task("T-1", external, map[string]any{"billingCustomerId": "C-2", "deliveryCustomerId": "C-2"})
		require.Equal(t, []Rule{TaskCustomer}, b.verdict(t).broken())
	})
}

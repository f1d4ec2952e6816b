package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const otherGUID = "c7a2e0aa-8b5b-4c11-90de-0c1f6a2b3c4d"

// TestEachRuleIsFoundBroken has, for every rule, a ledger that breaks it; where one wrong effect breaks others too, they
// are named as well.
func TestEachRuleIsFoundBroken(t *testing.T) {
	cases := []struct {
		name  string
		flags []string
		write func(b *book)
		want  []Rule
	}{
		{"a second task", nil, func(b *book) { b.begun().task("T-2", external, nil) }, []Rule{TaskTwice}},
		{"no task", nil, func(b *book) { b.notice(101, "") }, []Rule{TaskMissing}},
		{"no task since it was given back", nil, func(b *book) {
			b.notice(101, "")
			b.assign(101, us, others)
			b.assign(101, others, us)
		}, []Rule{TaskMissing}},
		{"an external id of nobody", nil, func(b *book) {
			b.notice(101, "")
			b.task("T-1", otherGUID, nil)
		}, []Rule{TaskMissing, TaskID}},
		{"an external id in upper case", nil, func(b *book) {
			b.notice(48215, otherGUID)
			b.task("T-1", strings.ToUpper(otherGUID), nil)
		}, []Rule{TaskMissing, TaskID}},
		{"another customer pays", nil, func(b *book) {
			b.notice(101, "")
			b.write("toinen", kindCustomerSet, map[string]any{"customerId": "C-2", "externalId": "toinen"})
			b.task("T-1", external, map[string]any{"billingCustomerId": "C-2", "deliveryCustomerId": "C-2"})
		}, []Rule{TaskCustomer}},
		{"delivered to another customer", nil, func(b *book) {
			b.notice(101, "")
			b.task("T-1", external, map[string]any{"deliveryCustomerId": "C-2"})
		}, []Rule{TaskCustomer}},
		{"the number of another notice", nil, func(b *book) {
			b.notice(101, "")
			b.notice(48215, otherGUID)
			b.task("T-1", external, map[string]any{"billingReference": "48215 / Tilaaja"})
			b.task("T-2", otherGUID, map[string]any{"billingReference": "48215"})
		}, []Rule{TaskReference}},
		{"a key of its own", nil, func(b *book) {
			b.notice(101, "")
			b.task("T-1", external, map[string]any{"idempotencyKey": "create-1"})
		}, []Rule{TaskKey}},
		{"created without a look", nil, func(b *book) {
			b.begun().write("esimerkki", kindTaskRefused, map[string]any{"taskId": "T-1", "externalId": external})
		}, []Rule{TaskLookUp}},
		{"a notice from before the start", []string{"--start-date", "2026-02-04"}, func(b *book) { b.begun() }, []Rule{TaskTooOld}},
		{"a task of what was never ours", nil, func(b *book) {
			b.write("esimerkki", kindNoticeCreated, map[string]any{"noticeId": 101, "state": "Uusi", "performerId": others})
			b.task("T-1", external, nil)
		}, []Rule{Cause}},
		{"Tehty without task.done", nil, func(b *book) { b.begun().set(101, "Uusi", stateTehty, viaAPI) }, []Rule{Cause}},
		{"Tehty before task.done", nil, func(b *book) {
			b.begun().set(101, "Uusi", stateTehty, viaAPI)
			b.done("T-1")
		}, []Rule{Cause}},
		{"Valmis without task.invoiced", nil, func(b *book) {
			b.reportedTehty().toimenpide(101, 1, "Vaihdettu hana.", viaAPI)
			b.set(101, stateTehty, stateValmis, viaAPI)
		}, []Rule{Cause}},
		{"an accept state before the task", []string{"--open"}, func(b *book) {
			b.notice(101, "")
			b.set(101, "Uusi", "Vastaanotettu", viaAPI)
		}, []Rule{Cause}},
		{"set back", nil, func(b *book) { b.good().set(101, stateValmis, stateTehty, viaAPI) }, []Rule{StateOrder, Notified, TehtyLate}},
		{"set back to accepted", nil, func(b *book) { b.reportedTehty().set(101, stateTehty, "Vastaanotettu", viaAPI) }, []Rule{StateOrder}},
		{"set back from what a person had set before", nil, func(b *book) {
			b.begun().set(101, "Uusi", stateValmis, "hand")
			b.set(101, stateValmis, "Vastaanotettu", viaAPI)
		}, []Rule{StateOrder}},
		{"set back from what we had set just before", []string{"--grace", "5s"}, func(b *book) {
			b.good().set(101, stateValmis, "Vastaanotettu", viaAPI)
		}, []Rule{StateOrder}},
		{"Valmis twice", nil, func(b *book) { b.good().set(101, stateValmis, stateValmis, viaAPI) }, []Rule{StateOnce, Notified}},
		{"Tehty after Tehty by hand", nil, func(b *book) {
			b.begun().done("T-1")
			b.set(101, "Uusi", stateTehty, "hand")
			b.set(101, stateTehty, stateTehty, viaAPI)
		}, []Rule{StateOnce}},
		{"nobody notified", nil, func(b *book) {
			b.begun().done("T-1")
			b.write("esimerkki", kindStateSet, map[string]any{"noticeId": 101, "from": "Uusi", "to": stateTehty, "via": viaAPI})
		}, []Rule{Notified}},
		{"a write to another's notice", nil, func(b *book) {
			b.begun().done("T-1")
			b.assign(101, us, others)
			b.set(101, "Uusi", stateTehty, viaAPI)
		}, []Rule{NotOurs}},
		{"a toimenpide on a cancelled notice", nil, func(b *book) {
			b.begun().invoiced("T-1")
			b.set(101, "Uusi", statePeruttu, "hand")
			b.toimenpide(101, 1, "Vaihdettu hana.", viaAPI)
		}, []Rule{NotOurs}},
		{"a toimenpide after Valmis", nil, func(b *book) {
			b.good().entry(kindEntryAdded, "T-1", "E-2", "Vielä yksi.")
			b.toimenpide(101, 2, "Vielä yksi.", viaAPI)
		}, []Rule{AfterValmis}},
		{"Tehty after the toimenpiteet", nil, func(b *book) {
			b.begun().invoiced("T-1")
			b.done("T-1")
			b.toimenpide(101, 1, "Vaihdettu hana.", viaAPI)
			b.set(101, "Uusi", stateTehty, viaAPI)
			b.set(101, stateTehty, stateValmis, viaAPI)
		}, []Rule{TehtyLate}},
		{"a lost time entry", nil, func(b *book) {
			b.begun().entry(kindEntryAdded, "T-1", "E-2", "Vaihdettu hana.")
			b.invoiced("T-1")
			b.toimenpide(101, 1, "Vaihdettu hana.", viaAPI)
			b.set(101, "Uusi", stateValmis, viaAPI)
		}, []Rule{EntryLost}},
		{"a toimenpide twice", nil, func(b *book) {
			b.reportedTehty().invoiced("T-1")
			b.toimenpide(101, 1, "Vaihdettu hana.", viaAPI)
			b.toimenpide(101, 2, "Vaihdettu hana.", viaAPI)
			b.set(101, stateTehty, stateValmis, viaAPI)
		}, []Rule{ToimenpideTwice}},
		{"both texts of an edited entry", nil, func(b *book) {
			b.begun().invoiced("T-1")
			b.toimenpide(101, 1, "Vaihdettu hana.", viaAPI)
			b.entry(kindEntryChanged, "T-1", "E-1", "Vaihdettu hana ja tiiviste.")
			b.toimenpide(101, 2, "Vaihdettu hana ja tiiviste.", viaAPI)
			b.set(101, "Uusi", stateValmis, viaAPI)
		}, []Rule{ToimenpideTwice}},
		{"a text that the entry got later only", nil, func(b *book) {
			b.begun().invoiced("T-1")
			b.toimenpide(101, 1, "Vaihdettu hana ja tiiviste.", viaAPI)
			b.entry(kindEntryChanged, "T-1", "E-1", "Vaihdettu hana ja tiiviste.")
			b.set(101, "Uusi", stateValmis, viaAPI)
		}, []Rule{EntryLost, ToimenpideUnknown}},
		{"a toimenpide of another notice", nil, func(b *book) {
			b.begun().invoiced("T-1")
			b.notice(48215, otherGUID)
			b.task("T-2", otherGUID, nil)
			b.entry(kindEntryAdded, "T-2", "E-9", "Toisen työ.")
			b.toimenpide(101, 1, "Vaihdettu hana.", viaAPI)
			b.toimenpide(101, 2, "Toisen työ.", viaAPI)
			b.set(101, "Uusi", stateValmis, viaAPI)
		}, []Rule{ToimenpideMoved}},
		{"a toimenpide of nothing", nil, func(b *book) {
			b.reportedTehty().invoiced("T-1")
			b.toimenpide(101, 1, "Vaihdettu hana.", viaAPI)
			b.toimenpide(101, 2, "Keksitty.", viaAPI)
			b.set(101, stateTehty, stateValmis, viaAPI)
		}, []Rule{ToimenpideUnknown}},
		{"an unapproved entry", []string{"--approved-only", "esimerkki"}, func(b *book) { b.good() }, []Rule{Unapproved}},
		{"a note twice", nil, func(b *book) {
			b.begun()
			b.note("T-1", "Muutettu Tampuurissa.")
			b.note("T-1", "Muutettu Tampuurissa.")
		}, []Rule{NoteTwice}},
		{"a taken webhook without effect", nil, func(b *book) { b.reportedTehty().invoiced("T-1") }, []Rule{Acknowledged}},
		{"an event without effect", nil, func(b *book) { b.begun().event("T-1", "done", eventDone) }, []Rule{EventLost}},
	}
	seen := map[Rule]bool{}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newBook()
			c.write(b)
			r := b.verdict(t, c.flags...)
			require.ElementsMatch(t, c.want, r.broken(), "%v", r.Findings)
		})
		for _, rule := range c.want {
			seen[rule] = true
		}
	}
	for _, rule := range rules {
		require.True(t, seen[rule], "no ledger here breaks %s", rule)
	}
}

func TestWhatLooksWrongAndIsRight(t *testing.T) {
	long := strings.Repeat("ä", 9000)
	cases := map[string]struct {
		flags []string
		write func(b *book)
	}{
		"Laskutettu alone": {nil, func(b *book) {
			b.begun().invoiced("T-1")
			b.toimenpide(101, 1, "Vaihdettu hana.", viaAPI)
			b.set(101, "Uusi", stateValmis, viaAPI)
		}},
		"Työ valmis after Valmis is superseded":       {nil, func(b *book) { b.good().event("T-1", "late", eventDone) }},
		"Työ valmis again after Tehty":                {nil, func(b *book) { b.reportedTehty().event("T-1", "again", eventDone) }},
		"nothing is due while the run is open":        {[]string{"--open"}, func(b *book) { b.begun().done("T-1") }},
		"nothing is due of a notice given to another": {nil, func(b *book) { b.begun().done("T-1"); b.assign(101, us, others) }},
		"nothing is due of a cancelled notice": {nil, func(b *book) {
			b.begun().invoiced("T-1")
			b.set(101, "Uusi", statePeruttu, "hand")
		}},
		"nothing is due of a deleted notice": {nil, func(b *book) {
			b.begun().invoiced("T-1")
			b.write("esimerkki", kindNoticeDeleted, map[string]any{"noticeId": 101})
		}},
		"nothing is due on a deleted task": {nil, func(b *book) {
			b.begun().invoiced("T-1")
			b.write("esimerkki", kindTaskDeleted, map[string]any{"taskId": "T-1"})
		}},
		"Valmis by hand answers everything": {nil, func(b *book) {
			b.begun().done("T-1")
			b.invoiced("T-1")
			b.set(101, "Uusi", stateValmis, "hand")
		}},
		"an entry that waits for approval": {[]string{"--approved-only", "esimerkki"}, func(b *book) { b.reportedTehty().invoiced("T-1") }},
		"an approved entry": {[]string{"--approved-only", "esimerkki"}, func(b *book) {
			b.begun().entry(kindEntryApproved, "T-1", "E-1", "Vaihdettu hana.")
			b.invoiced("T-1")
			b.toimenpide(101, 1, "Vaihdettu hana.", viaAPI)
			b.set(101, "Uusi", stateValmis, viaAPI)
		}},
		"an entry that was edited since it was sent": {nil, func(b *book) {
			b.begun().invoiced("T-1")
			b.toimenpide(101, 1, "Vaihdettu hana.", viaAPI)
			b.entry(kindEntryChanged, "T-1", "E-1", "Muuta.")
			b.set(101, "Uusi", stateValmis, viaAPI)
		}},
		"an entry that was removed since it was sent": {nil, func(b *book) {
			b.begun().invoiced("T-1")
			b.toimenpide(101, 1, "Vaihdettu hana.", viaAPI)
			b.entry(kindEntryRemoved, "T-1", "E-1", "Vaihdettu hana.")
			b.set(101, "Uusi", stateValmis, viaAPI)
		}},
		"two entries with one text": {nil, func(b *book) {
			b.begun().entry(kindEntryAdded, "T-1", "E-2", "Vaihdettu hana.")
			b.invoiced("T-1")
			b.toimenpide(101, 1, "Vaihdettu hana.", viaAPI)
			b.toimenpide(101, 2, "Vaihdettu hana.", viaAPI)
			b.set(101, "Uusi", stateValmis, viaAPI)
		}},
		"a toimenpide that a person deleted is sent again": {nil, func(b *book) {
			b.begun().invoiced("T-1")
			b.toimenpide(101, 1, "Vaihdettu hana.", viaAPI)
			b.write("esimerkki", kindDeleted, map[string]any{"noticeId": 101, "toimenpideId": 1})
			b.toimenpide(101, 2, "Vaihdettu hana.", viaAPI)
			b.set(101, "Uusi", stateValmis, viaAPI)
		}},
		"a toimenpide by hand with the entry's text": {nil, func(b *book) {
			b.begun().invoiced("T-1")
			b.toimenpide(101, 1, "Vaihdettu hana.", "hand")
			b.set(101, "Uusi", stateValmis, viaAPI)
		}},
		"an entry too late for Valmis": {[]string{"--grace", "5s"}, func(b *book) {
			b.begun().invoiced("T-1")
			b.toimenpide(101, 1, "Vaihdettu hana.", viaAPI)
			b.entry(kindEntryAdded, "T-1", "E-2", "Liian myöhään.")
			b.set(101, "Uusi", stateValmis, viaAPI)
		}},
		"a person's Valmis between our look and our write": {[]string{"--grace", "5s"}, func(b *book) {
			b.begun().set(101, "Uusi", stateValmis, "hand")
			b.set(101, stateValmis, "Vastaanotettu", viaAPI)
		}},
		"a summary that was cut": {nil, func(b *book) {
			b.notice(101, "")
			b.task("T-1", external, nil)
			b.entry(kindEntryAdded, "T-1", "E-1", long)
			b.invoiced("T-1")
			b.toimenpide(101, 1, long[:2*7980]+" […]", viaAPI)
			b.set(101, "Uusi", stateValmis, viaAPI)
		}},
		"reported once more after it was reopened": {nil, func(b *book) {
			b.good().set(101, stateValmis, "Uusi", "hand")
			b.event("T-1", "done-2", eventDone)
			b.set(101, "Uusi", stateTehty, viaAPI)
			b.set(101, stateTehty, stateValmis, viaAPI)
		}},
		"Valmis once more after people had cancelled it and set Tehty": {nil, func(b *book) {
			b.good().set(101, stateValmis, statePeruttu, "hand")
			b.set(101, statePeruttu, stateTehty, "hand")
			b.set(101, stateTehty, stateValmis, viaAPI)
		}},
		"a task from before the start, none wanted": {[]string{"--start-date", "2026-02-04"}, func(b *book) { b.notice(101, "") }},
		"a customer that is not active": {nil, func(b *book) {
			b.notice(101, "")
			b.write("", kindCustomerSet, map[string]any{
				"customerId": "C-1", "externalId": "esimerkki", "customerType": typeTampuuriCustomers, "integrationsActive": false,
			})
		}},
		"two customers with one Tunniste": {nil, func(b *book) {
			b.notice(101, "")
			b.write("", kindCustomerSet, map[string]any{
				"customerId": "C-2", "externalId": "esimerkki", "customerType": typeTampuuriCustomers, "integrationsActive": true,
			})
		}},
		"two changes, two notes": {nil, func(b *book) {
			b.begun().assign(101, us, others)
			b.note("T-1", "Annettu toiselle.")
			b.assign(101, others, us)
			b.assign(101, us, others)
			b.note("T-1", "Annettu toiselle.")
		}},
		"a second task after the first was deleted": {nil, func(b *book) {
			b.begun().write("esimerkki", kindTaskDeleted, map[string]any{"taskId": "T-1"})
			b.task("T-2", external, nil)
		}},
		"a silent customer": {[]string{"--silent", "esimerkki"}, func(b *book) {
			b.begun().done("T-1")
			b.write("esimerkki", kindStateSet, map[string]any{"noticeId": 101, "from": "Uusi", "to": stateTehty, "via": viaAPI})
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBook()
			c.write(b)
			require.Empty(t, b.verdict(t, c.flags...).Findings)
		})
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// book writes a ledger as the stand-ins do, one line per effect.
type book struct {
	at    time.Time
	lines []map[string]any
}

// The customer, its notice 101 and what is about them in every hand-written ledger.
const (
	us       = 4711
	others   = 5999
	external = "40ef2650-c7cc-5462-86ff-a6b97bfd425b" // of esimerkki/101, from the specification
)

func newBook() *book {
	b := &book{at: time.Date(2026, 2, 3, 8, 0, 0, 0, time.UTC)}
	b.write("esimerkki", kindAccountAdded, map[string]any{"ourPerformers": []int{us}})
	b.write("esimerkki", kindCustomerSet, map[string]any{
		"customerId": "C-1", "externalId": "esimerkki", "customerType": typeTampuuriCustomers, "integrationsActive": true,
	})
	return b
}

func (b *book) write(customer, kind string, detail map[string]any) {
	b.at = b.at.Add(time.Second)
	b.lines = append(b.lines, map[string]any{
		"seq": len(b.lines) + 1, "at": b.at, "system": "-", "customer": customer, "kind": kind, "key": "-", "detail": detail,
	})
}

func (b *book) notice(id int, guid string) {
	b.write("esimerkki", kindNoticeCreated, map[string]any{
		"noticeId": id, "guid": guid, "state": "Uusi", "performerId": us, "created": "2026-02-03T09:00:00+02:00",
	})
}

func (b *book) assign(id, from, to int) {
	b.write("esimerkki", kindNoticeAssigned, map[string]any{"noticeId": id, "from": from, "to": to})
}

func (b *book) set(id int, from, to, via string) {
	b.write("esimerkki", kindStateSet, map[string]any{"noticeId": id, "from": from, "to": to, "via": via, "notified": via == viaAPI})
	if via == viaAPI {
		b.write("esimerkki", kindNotified, map[string]any{"noticeId": id, "state": to, "via": via})
	}
}

func (b *book) toimenpide(id, number int, summary, via string) {
	b.write("esimerkki", kindAdded, map[string]any{
		"noticeId": id, "toimenpideId": number, "date": "2026-02-03", "resource": "Asentaja", "summary": summary, "via": via,
	})
}

func (b *book) task(id, externalID string, more map[string]any) {
	detail := map[string]any{
		"taskId": id, "externalId": externalID, "billingCustomerId": "C-1", "deliveryCustomerId": "C-1",
		"idempotencyKey": "create-" + externalID, "via": viaAPI,
	}
	for name, value := range more {
		detail[name] = value
	}
	b.write("esimerkki", kindTaskCreated, detail)
}

func (b *book) event(task, id, kind string) {
	b.write("esimerkki", kindEventEmitted, map[string]any{"taskId": task, "eventId": id, "type": kind})
}

func (b *book) webhook(task, id string, status int) {
	b.write("esimerkki", kindWebhookAttempted, map[string]any{"taskId": task, "eventId": id, "status": status})
}

func (b *book) entry(kind, task, id, summary string) {
	b.write("esimerkki", kind, map[string]any{
		"taskId": task, "entryId": id, "date": "2026-02-03", "resource": "Asentaja", "summary": summary, "approved": kind == kindEntryApproved,
	})
}

func (b *book) note(task, text string) {
	b.write("esimerkki", kindNoteAdded, map[string]any{"taskId": task, "text": text})
}

// done and invoiced are the event with its webhook taken.
func (b *book) done(task string) {
	b.event(task, "done-"+task, eventDone)
	b.webhook(task, "done-"+task, 202)
}

func (b *book) invoiced(task string) {
	b.event(task, "invoiced-"+task, eventInvoiced)
	b.webhook(task, "invoiced-"+task, 202)
}

// begun is notice 101 with its task and one time entry.
func (b *book) begun() *book {
	b.notice(101, "")
	b.task("T-1", external, map[string]any{"billingReference": "101 / Tilaaja"})
	b.entry(kindEntryAdded, "T-1", "E-1", "Vaihdettu hana.")
	return b
}

// reportedTehty is begun with Tehty set.
func (b *book) reportedTehty() *book {
	b.begun().done("T-1")
	b.set(101, "Uusi", stateTehty, viaAPI)
	return b
}

// good is notice 101 from beginning to end.
func (b *book) good() *book {
	b.reportedTehty().invoiced("T-1")
	b.toimenpide(101, 1, "Vaihdettu hana.", viaAPI)
	b.set(101, stateTehty, stateValmis, viaAPI)
	return b
}

func (b *book) file(t testing.TB) string {
	t.Helper()
	var text bytes.Buffer
	for _, one := range b.lines {
		line, err := json.Marshal(one)
		require.NoError(t, err)
		text.Write(append(line, '\n'))
	}
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	require.NoError(t, os.WriteFile(path, text.Bytes(), 0o600))
	return path
}

// verdict runs the program on the ledger.
func (b *book) verdict(t testing.TB, flags ...string) report {
	t.Helper()
	var out, messages bytes.Buffer
	code := run(append([]string{b.file(t), "--json"}, flags...), &out, &messages)
	require.NotEqual(t, exitFailed, code, "%s", &messages)
	var r report
	require.NoError(t, json.Unmarshal(out.Bytes(), &r))
	require.Equal(t, len(r.Findings) > 0, code == exitFound, "the exit code says whether there are findings")
	return r
}

// broken are the names of the rules that were found broken, once each.
func (r report) broken() []Rule {
	var names []Rule
	for _, f := range r.Findings {
		if !slices.Contains(names, f.Rule) {
			names = append(names, f.Rule)
		}
	}
	return names
}

func TestAGoodLedgerPasses(t *testing.T) {
	r := newBook().good().verdict(t)
	require.Empty(t, r.Findings)
	require.Equal(t, report{
		Settled: true, Lines: 14, Notices: 1, Tasks: 1, Events: 2, Tehty: 1, Valmis: 1, Sent: 1, Findings: []Finding{}, Waived: []Finding{},
	}, r)
}

func TestALedgerThatSaysNothingIsRefused(t *testing.T) {
	cases := map[string]string{
		"empty":                "",
		"without a notice":     `{"seq":1,"kind":"account-added","customer":"esimerkki","detail":{"ourPerformers":[4711]}}`,
		"not JSON":             "hello",
		"with a line missing":  `{"seq":2,"kind":"account-added","customer":"esimerkki","detail":{}}`,
		"about an unknown one": `{"seq":1,"kind":"state-set","customer":"esimerkki","detail":{"noticeId":5,"to":"Tehty"}}`,
	}
	for name, text := range cases {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger.jsonl")
			require.NoError(t, os.WriteFile(path, []byte(text+"\n"), 0o600))
			var out, messages bytes.Buffer
			require.Equal(t, exitFailed, run([]string{path}, &out, &messages))
			require.NotEmpty(t, messages.String())
		})
	}
}

func TestTheCommandLine(t *testing.T) {
	path := newBook().good().file(t)
	cases := []struct {
		arguments []string
		code      int
	}{
		{[]string{path}, exitGood},
		{[]string{path, "--open"}, exitGood},
		{[]string{"--settled", path, "--start-date", "esimerkki=2026-01-01", "--start-date", "2026-02-01"}, exitGood},
		{[]string{"-h"}, exitGood},
		{[]string{}, exitFailed},
		{[]string{path, path}, exitFailed},
		{[]string{path, "--open", "--settled"}, exitFailed},
		{[]string{path, "--start-date", "soon"}, exitFailed},
		{[]string{path, "--waive", "no-such-rule:*"}, exitFailed},
		{[]string{path + ".missing"}, exitFailed},
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.arguments), func(t *testing.T) {
			var out, messages bytes.Buffer
			require.Equal(t, c.code, run(c.arguments, &out, &messages), "%s", &messages)
		})
	}
}

func TestTheTextNamesRuleNoticeAndEntries(t *testing.T) {
	b := newBook().good()
	b.set(101, stateValmis, stateValmis, viaAPI)
	var out, messages bytes.Buffer
	require.Equal(t, exitFound, run([]string{b.file(t)}, &out, &messages))
	require.Contains(t, out.String(), "state-once")
	require.Contains(t, out.String(), "esimerkki/101")
	require.Contains(t, out.String(), "(seq 13 15)")
	require.Contains(t, out.String(), "2 findings, 0 waived (settled): 1 notices")
}

func TestAWaivedFindingIsListedAndDoesNotCount(t *testing.T) {
	b := newBook().begun()
	b.done("T-1")
	require.Equal(t, []Rule{Acknowledged}, b.verdict(t).broken())
	r := b.verdict(t, "--waive", "acknowledged:esimerkki/101")
	require.Empty(t, r.Findings)
	require.Len(t, r.Waived, 1)
	require.NotEmpty(t, b.verdict(t, "--waive", "acknowledged:esimerkki/102").Findings)
	require.Empty(t, b.verdict(t, "--waive", "*:*/*").Findings)
}

func TestTheExternalIDIsThatOfTheSpecification(t *testing.T) {
	const guid = "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11"
	cases := map[string]string{
		guid: guid, "{5B0C1F1E-6A0E-4A58-9C0B-2F6F5A0D7E11}": guid,
		"": external, noGUID: external, "5b0c1f1e6a0e4a589c0b2f6f5a0d7e11": external, "{" + guid: external,
	}
	for given, want := range cases {
		require.Equal(t, want, externalIDOf("esimerkki", 101, given), given)
	}
}

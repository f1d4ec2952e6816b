package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/runs"
)

// served is a customer of which the last sync had nothing to say, or these reasons.
func served(tunniste string, reasons ...string) runs.CustomerState {
	return runs.CustomerState{Tunniste: tunniste, HasEntry: true, Served: runs.Served{CustomerID: "c-" + tunniste, Reasons: reasons}}
}

// listOf lists customers, and wants no error.
func listOf(t *testing.T, from *fakeCustomers, entries []config.Customer, names []hillava.Customer) ([]listedCustomer, []string) {
	t.Helper()
	customers, notes, err := listCustomers(t.Context(), from, entries, names)
	require.NoError(t, err)
	return customers, notes
}

func TestTheCustomerListTellsWhoIsPolledAndWhyNot(t *testing.T) {
	failing := func(s *runs.CustomerStatus) {
		s.LastRound = &runs.LastRound{PollCounts: runs.PollCounts{Failure: runs.FaultCredentialsRefused}}
	}
	stopped := func(s *runs.CustomerStatus) { s.Polled, s.Reasons = false, []string{"no consent"} }
	for name, row := range map[string]struct {
		state    runs.CustomerState
		workflow *fakeCustomer
		polled   bool
		reason   string
	}{
		"polled":                   {served("esimerkki"), new(polled("esimerkki")), true, ""},
		"stopped by its entry":     {served("esimerkki"), new(but(stopped)), false, "no consent"},
		"stopped by Hillava":       {served("esimerkki", "name differs"), new(polled("esimerkki")), false, "name differs"},
		"known to both":            {served("esimerkki", "no consent"), new(but(stopped)), false, "no consent"},
		"no workflow":              {served("esimerkki"), nil, false, "it has no workflow; run starter customers sync"},
		"last poll failed":         {served("esimerkki"), new(but(failing)), true, "credentials are refused"},
		"no entry":                 {runs.CustomerState{Tunniste: "esimerkki", Served: runs.Served{Reasons: []string{"add an entry"}}}, nil, false, "add an entry"},
		"stranded":                 {runs.CustomerState{Tunniste: "esimerkki", Stranded: 3, Served: runs.Served{Reasons: []string{"formerly"}}}, nil, false, "formerly"},
		"stranded, and still runs": {runs.CustomerState{Tunniste: "esimerkki", Stranded: 3, Served: runs.Served{Reasons: []string{"formerly"}}}, new(but(stopped)), false, "formerly"},
	} {
		t.Run(name, func(t *testing.T) {
			from := &fakeCustomers{sync: synced(row.state), running: map[string]fakeCustomer{}}
			if row.workflow != nil {
				from.running["esimerkki"] = *row.workflow
			}
			customers, notes := listOf(t, from, nil, nil)
			require.Empty(t, notes)
			require.Len(t, customers, 1)
			require.Equal(t, row.polled, customers[0].Polled)
			require.NotNil(t, customers[0].Skipped, "JSON shows a list, never null")
			if row.reason == "" {
				require.NotNil(t, customers[0].Reasons)
				require.Empty(t, customers[0].Reasons)
				require.Equal(t, lastGood, *customers[0].LastGoodPoll)
			} else {
				require.Len(t, customers[0].Reasons, 1)
				require.Contains(t, customers[0].Reasons[0], row.reason)
			}
		})
	}
}

func TestAPauseAndWhatIsPassedOverStandBesideTheReasons(t *testing.T) {
	from := &fakeCustomers{sync: synced(served("esimerkki")), running: map[string]fakeCustomer{"esimerkki": but(func(s *runs.CustomerStatus) {
		s.Paused = &runs.Paused{By: "toimisto", Reason: "loma", Since: lastGood}
		s.Skipped = []runs.SkippedNotice{{NoticeID: 7, Reason: runs.SkippedReopened}}
	})}}
	customers, _ := listOf(t, from, nil, nil)
	require.False(t, customers[0].Polled)
	require.Empty(t, customers[0].Reasons)

	var text bytes.Buffer
	require.NoError(t, showCustomers(output{stdout: &text}, customers, true))
	require.JSONEq(t, `[{"tunniste":"esimerkki","name":"","polled":false,"reasons":[],"lastGoodPoll":"2026-02-05T10:00:00Z",
		"paused":{"by":"toimisto","reason":"loma","since":"2026-02-05T10:00:00Z"},
		"skipped":[{"noticeId":7,"reason":"reopened in Tampuuri"}]}]`, text.String())
	text.Reset()
	require.NoError(t, showCustomers(output{stdout: &text}, customers, false))
	require.Contains(t, text.String(), "paused by toimisto")
	require.Contains(t, text.String(), "starter customers resume esimerkki ends it; notice 7")
	require.Contains(t, text.String(), "starter notice import esimerkki 7")
}

func TestEachReasonToPassANoticeOverHasAdvice(t *testing.T) {
	for _, reason := range []string{runs.SkippedReopened, runs.SkippedUnreadable, runs.SkippedSharedID, runs.SkippedNoPerformer} {
		require.Greater(t, len(skippedReason("a", runs.SkippedNotice{NoticeID: 7, Reason: reason})), len("notice 7: "+reason)+20)
	}
}

func TestWithoutAWorkerTheListShowsWhatTemporalKeeps(t *testing.T) {
	good, next := lastGood, lastGood.Add(time.Minute)
	from := &fakeCustomers{sync: synced(served("a"), served("b"), served("c"), served("d")), running: map[string]fakeCustomer{
		"a": {marks: &runs.Marks{LastGood: &good, NextPoll: &next, Skipped: []runs.SkippedNotice{{NoticeID: 7, Reason: runs.SkippedReopened}}}},
		"b": {marks: &runs.Marks{LastGood: &good, Reasons: []string{"no consent"}}},
		"c": {marks: &runs.Marks{LastGood: &good, LastAt: &good}},
		"d": {},
	}}
	customers, notes := listOf(t, from, nil, nil)
	require.Len(t, notes, 1)
	require.Contains(t, notes[0], "4 customers' workflows did not answer")
	require.True(t, customers[0].Polled)
	require.Equal(t, good, *customers[0].LastGoodPoll)
	require.Len(t, customers[0].Skipped, 1)
	require.Equal(t, []string{"no consent"}, customers[1].Reasons)
	require.False(t, customers[1].Polled)
	require.False(t, customers[2].Polled, "without a next poll and without a reason it is paused")
	require.Contains(t, customers[2].Reasons[0], "paused")
	require.Nil(t, customers[3].LastGoodPoll, "its round is under way, or its news were just taken in")
}

func TestWithoutAWorkerTheListIsNotHeldUpByEachCustomer(t *testing.T) {
	from := &fakeCustomers{running: map[string]fakeCustomer{}}
	var tunnisteet []string
	for i := range 5 * customersAtOnce {
		tunnisteet = append(tunnisteet, fmt.Sprint(i))
		from.running[fmt.Sprint(i)] = fakeCustomer{}
	}
	_, silent, err := viewCustomers(t.Context(), from, tunnisteet)
	require.NoError(t, err)
	require.Equal(t, len(tunnisteet), silent)
	require.LessOrEqual(t, int(from.asked.Load()), customersAtOnce+silentInARow)

	answering := polled("0")
	from.running["0"] = answering
	views, silent, err := viewCustomers(t.Context(), from, tunnisteet[:2])
	require.NoError(t, err)
	require.Equal(t, 1, silent, "one that does not answer may be its own trouble")
	require.True(t, views["0"].answered)
}

func TestAFaultSinceTheLastSyncIsShownAtOnceAndOnce(t *testing.T) {
	const fault = "credentials.avain_file: /run/avain can be read by others"
	entries := []config.Customer{{Tunniste: "esimerkki", Faults: []string{fault}}, {Tunniste: "toinen"}}
	for name, workflow := range map[string]fakeCustomer{
		"not known to its workflow": polled("esimerkki"), "known to it": but(func(s *runs.CustomerStatus) { s.Reasons = []string{fault} }),
	} {
		t.Run(name, func(t *testing.T) {
			from := &fakeCustomers{
				sync:    synced(served("esimerkki"), served("toinen")),
				running: map[string]fakeCustomer{"esimerkki": workflow, "toinen": polled("toinen")},
			}
			customers, _ := listOf(t, from, entries, nil)
			require.False(t, customers[0].Polled)
			require.Equal(t, []string{fault}, customers[0].Reasons)
			require.Equal(t, lastGood, *customers[0].LastGoodPoll)
			require.True(t, customers[1].Polled)
			require.Empty(t, customers[1].Reasons)
		})
	}
}

func TestWithoutAReadableCustomersFileTheLastSyncIsListed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "customers.yaml")
	require.NoError(t, os.WriteFile(path, []byte("customers: nonsense\n"), 0o600))
	settings := config.Tools{Systems: config.Systems{CustomersFile: path, PollEvery: time.Minute}}
	from := &fakeCustomers{sync: synced(served("esimerkki")), running: map[string]fakeCustomer{"esimerkki": polled("esimerkki")}}
	var stdout, stderr bytes.Buffer
	err := printCustomers(t.Context(), output{stdout: &stdout, stderr: &stderr}, from, settings, true)
	require.ErrorContains(t, err, "what the last sync decided")
	require.Contains(t, stderr.String(), `"customers:" has text where a list belongs`)
	var listed []listedCustomer
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &listed))
	require.Len(t, listed, 1)
	require.True(t, listed[0].Polled)
}

func TestNamesComeFromHillavaElseFromTheFile(t *testing.T) {
	entries := []config.Customer{{Tunniste: "a", Name: "A of the file"}, {Tunniste: "new", Name: "New", Faults: []string{"no consent"}}}
	from := &fakeCustomers{sync: synced(served("a"), runs.CustomerState{Served: runs.Served{CustomerID: "c-2", Reasons: []string{"no Tunniste"}}})}
	customers, _ := listOf(t, from, entries, []hillava.Customer{{ID: "c-a", Name: "A of Hillava"}, {ID: "c-2", Name: "B"}})
	require.Equal(t, "A of Hillava", customers[0].Name)
	require.Equal(t, "B", customers[1].Name)
	require.Equal(t, "New", customers[2].Name)
	require.Equal(t, []string{"no consent", "no sync has seen this entry yet; run starter customers sync"}, customers[2].Reasons)

	customers, _ = listOf(t, from, entries, nil)
	require.Equal(t, "A of the file", customers[0].Name)
	require.Empty(t, customers[1].Name)
}

func TestACustomerThatTemporalCannotBeAskedAboutHidesNoOther(t *testing.T) {
	from := &fakeCustomers{
		sync:    synced(served("esimerkki"), served("ääkkö set"), runs.CustomerState{Tunniste: "ö", Served: runs.Served{Reasons: []string{"its Tunniste"}}}),
		running: map[string]fakeCustomer{"esimerkki": polled("esimerkki")},
	}
	customers, _ := listOf(t, from, []config.Customer{{Tunniste: "ääkkö set", Faults: []string{"tunniste must be"}}}, nil)
	require.Len(t, customers, 3)
	require.True(t, customers[0].Polled)
	require.Equal(t, []string{"tunniste must be"}, customers[1].Reasons)
	require.Equal(t, []string{"its Tunniste"}, customers[2].Reasons)
}

func TestEntriesWithoutATunnisteAreEachShownOnce(t *testing.T) {
	entries := []config.Customer{
		{Name: "First", Faults: []string{"line 2: no tunniste"}}, {Name: "Second", Faults: []string{"line 9: no tunniste"}}, {Name: "New", Faults: []string{"line 16: no tunniste"}},
	}
	from := &fakeCustomers{sync: synced(
		runs.CustomerState{HasEntry: true}, runs.CustomerState{HasEntry: true},
		runs.CustomerState{Served: runs.Served{CustomerID: "c-2", Reasons: []string{"no Tunniste in Hillava"}}},
	)}
	customers, _ := listOf(t, from, entries, nil)
	var names []string
	for _, customer := range customers {
		names = append(names, customer.Name)
		require.Len(t, customer.Reasons, 1)
	}
	require.Equal(t, []string{"", "First", "Second", "New"}, names)
}

func TestTheListSaysWhenItIsNotFresh(t *testing.T) {
	for want, sync := range map[string]*runs.SyncResult{
		"no sync has completed yet": nil,
		"the last sync failed":      {Failure: runs.FaultCustomersFile},
		runs.WarningShrunk:          {Warning: runs.WarningShrunk},
	} {
		_, notes := listOf(t, &fakeCustomers{sync: sync}, nil, nil)
		require.Len(t, notes, 1)
		require.Contains(t, notes[0], want)
	}
}

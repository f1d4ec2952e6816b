package customers

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/customers/customerstest"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/runs"
)

// neverOpened is of a list that asks no customer's Tampuuri.
func neverOpened(t *testing.T) Open {
	return func(customer config.Customer) (Browser, error) {
		t.Error("asked", customer.Tunniste)
		return nil, errors.New("asked")
	}
}

// listOf lists customers, and wants no error.
func listOf(t *testing.T, from *customerstest.Temporal, entries []config.Customer, names []hillava.Customer) ([]Listed, []string) {
	t.Helper()
	customers, notes, err := List(t.Context(), from, neverOpened(t), entries, names)
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
		workflow *customerstest.Customer
		polled   bool
		reason   string
	}{
		"polled":                   {customerstest.Served("esimerkki"), new(customerstest.Polled("esimerkki")), true, ""},
		"stopped by its entry":     {customerstest.Served("esimerkki"), new(customerstest.But(stopped)), false, "no consent"},
		"stopped by Hillava":       {customerstest.Served("esimerkki", "name differs"), new(customerstest.Polled("esimerkki")), false, "name differs"},
		"known to both":            {customerstest.Served("esimerkki", "no consent"), new(customerstest.But(stopped)), false, "no consent"},
		"no workflow":              {customerstest.Served("esimerkki"), nil, false, "it has no workflow; run starter customers sync"},
		"last poll failed":         {customerstest.Served("esimerkki"), new(customerstest.But(failing)), true, "credentials are refused"},
		"no entry":                 {runs.CustomerState{Tunniste: "esimerkki", Served: runs.Served{Reasons: []string{"add an entry"}}}, nil, false, "add an entry"},
		"stranded":                 {runs.CustomerState{Tunniste: "esimerkki", Stranded: 3, Served: runs.Served{Reasons: []string{"formerly"}}}, nil, false, "formerly"},
		"stranded, and still runs": {runs.CustomerState{Tunniste: "esimerkki", Stranded: 3, Served: runs.Served{Reasons: []string{"formerly"}}}, new(customerstest.But(stopped)), false, "formerly"},
	} {
		t.Run(name, func(t *testing.T) {
			from := &customerstest.Temporal{Sync: customerstest.Synced(row.state), Running: map[string]customerstest.Customer{}}
			if row.workflow != nil {
				from.Running["esimerkki"] = *row.workflow
			}
			customers, notes := listOf(t, from, nil, nil)
			require.Empty(t, notes)
			require.Len(t, customers, 1)
			require.Equal(t, row.polled, customers[0].Polled)
			require.NotNil(t, customers[0].Skipped, "JSON shows a list, never null")
			if row.reason == "" {
				require.NotNil(t, customers[0].Reasons)
				require.Empty(t, customers[0].Reasons)
				require.Equal(t, customerstest.LastGood, *customers[0].LastGoodPoll)
			} else {
				require.Len(t, customers[0].Reasons, 1)
				require.Contains(t, customers[0].Reasons[0], row.reason)
			}
		})
	}
}

func TestEachReasonToPassANoticeOverHasAdvice(t *testing.T) {
	for _, reason := range []string{runs.SkippedReopened, runs.SkippedUnreadable, runs.SkippedSharedID, runs.SkippedNoPerformer} {
		require.Greater(t, len(skippedReason("a", runs.SkippedNotice{NoticeID: 7, Reason: reason})), len("notice 7: "+reason)+20)
	}
}

func TestWithoutAWorkerTheListShowsWhatTemporalKeeps(t *testing.T) {
	good, next := customerstest.LastGood, customerstest.LastGood.Add(time.Minute)
	from := &customerstest.Temporal{Sync: customerstest.Synced(customerstest.Served("a"), customerstest.Served("b"), customerstest.Served("c"), customerstest.Served("d")), Running: map[string]customerstest.Customer{
		"a": {Marks: &runs.Marks{LastGood: &good, NextPoll: &next, Skipped: []runs.SkippedNotice{{NoticeID: 7, Reason: runs.SkippedReopened}}}},
		"b": {Marks: &runs.Marks{LastGood: &good, Reasons: []string{"no consent"}}},
		"c": {Marks: &runs.Marks{LastGood: &good, LastAt: &good}},
		"d": {},
	}}
	customers, notes := listOf(t, from, nil, nil)
	require.Len(t, notes, 1)
	require.Contains(t, notes[0], "workflows of customers that did not answer: 4")
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
	from := &customerstest.Temporal{Running: map[string]customerstest.Customer{}}
	var tunnisteet []string
	for i := range 5 * customersAtOnce {
		tunnisteet = append(tunnisteet, fmt.Sprint(i))
		from.Running[fmt.Sprint(i)] = customerstest.Customer{}
	}
	_, silent, err := Views(t.Context(), from, tunnisteet)
	require.NoError(t, err)
	require.Equal(t, len(tunnisteet), silent)
	require.LessOrEqual(t, int(from.Asked.Load()), customersAtOnce+silentInARow)

	answering := customerstest.Polled("0")
	from.Running["0"] = answering
	views, silent, err := Views(t.Context(), from, tunnisteet[:2])
	require.NoError(t, err)
	require.Equal(t, 1, silent, "one that does not answer may be its own trouble")
	require.True(t, views["0"].Answered)
}

func TestAFaultSinceTheLastSyncIsShownAtOnceAndOnce(t *testing.T) {
	const fault = "credentials.avain_file: /run/avain is empty; write the secret into it"
	entries := []config.Customer{{Tunniste: "esimerkki", Faults: []string{fault}}, {Tunniste: "toinen"}}
	for name, workflow := range map[string]customerstest.Customer{
		"not known to its workflow": customerstest.Polled("esimerkki"), "known to it": customerstest.But(func(s *runs.CustomerStatus) { s.Reasons = []string{fault} }),
	} {
		t.Run(name, func(t *testing.T) {
			from := &customerstest.Temporal{
				Sync:    customerstest.Synced(customerstest.Served("esimerkki"), customerstest.Served("toinen")),
				Running: map[string]customerstest.Customer{"esimerkki": workflow, "toinen": customerstest.Polled("toinen")},
			}
			customers, _ := listOf(t, from, entries, nil)
			require.False(t, customers[0].Polled)
			require.Equal(t, []string{fault}, customers[0].Reasons)
			require.Equal(t, customerstest.LastGood, *customers[0].LastGoodPoll)
			require.True(t, customers[1].Polled)
			require.Empty(t, customers[1].Reasons)
		})
	}
}

func TestNamesComeFromHillavaElseFromTheFile(t *testing.T) {
	entries := []config.Customer{{Tunniste: "a", Name: "A of the file"}, {Tunniste: "new", Name: "New", Faults: []string{"no consent"}}}
	from := &customerstest.Temporal{Sync: customerstest.Synced(customerstest.Served("a"), runs.CustomerState{Served: runs.Served{CustomerID: "c-2", Reasons: []string{"no Tunniste"}}})}
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
	from := &customerstest.Temporal{
		Sync:    customerstest.Synced(customerstest.Served("esimerkki"), customerstest.Served("ääkkö set"), runs.CustomerState{Tunniste: "ö", Served: runs.Served{Reasons: []string{"its Tunniste"}}}),
		Running: map[string]customerstest.Customer{"esimerkki": customerstest.Polled("esimerkki")},
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
	from := &customerstest.Temporal{Sync: customerstest.Synced(
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
		_, notes := listOf(t, &customerstest.Temporal{Sync: sync}, nil, nil)
		require.Len(t, notes, 1)
		require.Contains(t, notes[0], want)
	}
}

func TestEveryFailureOfARoundHasAdvice(t *testing.T) {
	for _, failure := range []string{
		runs.FaultUnavailable, runs.FaultCredentialsRefused, runs.FaultCustomerStopped, runs.FaultTemporal,
		runs.FaultCustomersFile, runs.FaultTimeout, runs.ReasonUnreadable, "a new one",
	} {
		require.Greater(t, len(FailureAdvice(failure)), 30, failure)
	}
}

func TestWhatAnotherWorkersRoundsHaveLeftIsNewer(t *testing.T) {
	later, next := customerstest.LastGood.Add(time.Minute), customerstest.LastGood.Add(2*time.Minute)
	marks := &runs.Marks{LastGood: &later, NextPoll: &next, LastAt: &later, Unflagged: 3}
	polled, paused := customerstest.Polled("a"), customerstest.Polled("b")
	polled.Marks, paused.Marks = marks, marks
	paused.Status.Paused, paused.Status.NextPoll = &runs.Paused{By: "toimisto"}, nil
	views, _, err := Views(t.Context(), &customerstest.Temporal{Running: map[string]customerstest.Customer{"a": polled, "b": paused}}, []string{"a", "b"})
	require.NoError(t, err)
	require.Equal(t, later, *views["a"].Status.LastGoodPoll)
	require.Equal(t, next, *views["a"].Status.NextPoll)
	require.Equal(t, 3, views["a"].Status.Unflagged)
	require.Nil(t, views["b"].Status.NextPoll, "a pause holds")
	require.NotNil(t, views["b"].Status.Paused)
}

// Its workflow runs for as long as it has open notices, and a pause keeps it.
func TestACustomerThatLostItsEntryShowsWhatItsWorkflowSays(t *testing.T) {
	paused := runs.Paused{By: "toimisto", Reason: "loma", Since: customerstest.LastGood}
	from := &customerstest.Temporal{
		Sync: customerstest.Synced(runs.CustomerState{Tunniste: "esimerkki", Stranded: 1, Served: runs.Served{Reasons: []string{runs.NoEntry}}}),
		Running: map[string]customerstest.Customer{"esimerkki": customerstest.But(func(s *runs.CustomerStatus) {
			s.Polled, s.Paused, s.Reasons = false, &paused, []string{runs.NoEntry}
			s.Skipped = []runs.SkippedNotice{{NoticeID: 101, Reason: runs.SkippedReopened}}
		})},
	}
	customers, _ := listOf(t, from, nil, nil)
	require.Equal(t, &paused, customers[0].Paused)
	require.Equal(t, []runs.SkippedNotice{{NoticeID: 101, Reason: runs.SkippedReopened}}, customers[0].Skipped)
	require.Equal(t, customerstest.LastGood, *customers[0].LastGoodPoll)
	require.Equal(t, []string{runs.NoEntry}, customers[0].Reasons)
}

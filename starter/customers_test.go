package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
)

// fakeRounds answers for schedules by id; those that it does not know are missing.
type fakeRounds map[string]fakeRound

// unaskable is what Temporal's client answers for an id that gRPC cannot send.
func unaskable(id string) error {
	if strings.ContainsFunc(id, func(c rune) bool { return c < ' ' || c > '~' }) {
		return errors.New("header key contains value with non-printable ASCII characters")
	}
	return nil
}

type fakeRound struct {
	result any // of the last completed action; nil for none
	paused bool
	note   string
}

func (f fakeRounds) last(_ context.Context, id string, into any) (bool, error) {
	round, known := f[id]
	if !known {
		return false, errNoSchedule
	}
	if round.result == nil {
		return false, nil
	}
	encoded, err := json.Marshal(round.result)
	if err != nil {
		return false, err
	}
	return true, json.Unmarshal(encoded, into)
}

func (f fakeRounds) pause(_ context.Context, id string) (bool, string, error) {
	if err := unaskable(id); err != nil {
		return false, "", err
	}
	round, known := f[id]
	if !known {
		return false, "", errNoSchedule
	}
	return round.paused, round.note, nil
}

func (fakeRounds) trigger(context.Context, string, any) error {
	return errors.New("not asked for here")
}

var lastGood = time.Date(2026, 2, 5, 10, 0, 0, 0, time.UTC)

func synced(states ...runs.CustomerState) fakeRound {
	return fakeRound{result: runs.SyncResult{Customers: states}}
}

func TestTheCustomerListTellsWhoIsPolledAndWhyNot(t *testing.T) {
	good := runs.PollResult{LastGood: lastGood}
	polled := runs.CustomerState{Tunniste: "esimerkki", CustomerID: "c-1", Polled: true}
	for name, row := range map[string]struct {
		state  runs.CustomerState
		poll   *fakeRound
		polled bool
		reason string
	}{
		"polled":             {polled, &fakeRound{result: good}, true, ""},
		"stopped":            {runs.CustomerState{Tunniste: "esimerkki", Reasons: []string{"no consent"}}, &fakeRound{paused: true, note: "Paused by SyncCustomers: no consent"}, false, "no consent"},
		"paused by a person": {polled, &fakeRound{result: good, paused: true, note: "holiday"}, false, "paused by a person (holiday)"},
		"paused, no note":    {polled, &fakeRound{result: good, paused: true}, false, "paused by a person; unpause schedule poll-esimerkki"},
		"pause of ours left": {polled, &fakeRound{result: good, paused: true, note: "Paused by SyncCustomers: gone"}, false, "run starter customers sync"},
		"schedule missing":   {polled, nil, false, "its poll schedule is missing"},
		"last poll failed":   {polled, &fakeRound{result: runs.PollResult{LastGood: lastGood, Failure: runs.FaultCredentialsRefused}}, true, "credentials are refused"},
		"last poll stopped":  {polled, &fakeRound{result: runs.PollResult{LastGood: lastGood, Failure: runs.FaultCustomerStopped}}, true, "its settings stopped the last poll"},
		"reopened notice":    {polled, &fakeRound{result: runs.PollResult{LastGood: lastGood, Skipped: []runs.SkippedNotice{{NoticeID: 7, Reason: runs.SkippedReopened}}}}, true, "starter notice import esimerkki 7"},
		"never polled":       {polled, &fakeRound{}, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			polls := fakeRounds{runs.ScheduleSyncCustomers: synced(row.state)}
			if row.poll != nil {
				polls["poll-esimerkki"] = *row.poll
			}
			customers, _, err := listCustomers(t.Context(), polls, nil, nil)
			require.NoError(t, err)
			require.Len(t, customers, 1)
			require.Equal(t, row.polled, customers[0].Polled)
			if row.reason == "" {
				require.Empty(t, customers[0].Reasons)
				require.NotNil(t, customers[0].Reasons, "JSON shows a list, never null")
			} else {
				require.Len(t, customers[0].Reasons, 1)
				require.Contains(t, customers[0].Reasons[0], row.reason)
			}
			if row.poll != nil && row.poll.result != nil {
				require.Equal(t, lastGood, *customers[0].LastGoodPoll)
			} else {
				require.Nil(t, customers[0].LastGoodPoll)
			}
		})
	}
}

func TestAFaultSinceTheLastSyncIsShownAtOnceAndOnce(t *testing.T) {
	const fault = "credentials.avain_file: /run/avain can be read by others"
	entries := []config.Customer{{Tunniste: "esimerkki", Faults: []string{fault}}, {Tunniste: "toinen"}}
	stoppedPoll := fakeRound{result: runs.PollResult{LastGood: lastGood, Failure: runs.FaultCustomerStopped}}
	for name, known := range map[string][]string{"not known to the sync": nil, "known to it": {fault}} {
		t.Run(name, func(t *testing.T) {
			polls := fakeRounds{
				runs.ScheduleSyncCustomers: synced(
					runs.CustomerState{Tunniste: "esimerkki", Polled: len(known) == 0, Reasons: known}, runs.CustomerState{Tunniste: "toinen", Polled: true}),
				"poll-esimerkki": stoppedPoll, "poll-toinen": {result: runs.PollResult{LastGood: lastGood}},
			}
			customers, _, err := listCustomers(t.Context(), polls, entries, nil)
			require.NoError(t, err)
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
	polls := fakeRounds{
		runs.ScheduleSyncCustomers: synced(runs.CustomerState{Tunniste: "esimerkki", Polled: true}),
		"poll-esimerkki":           {result: runs.PollResult{LastGood: lastGood}},
	}
	var stdout, stderr bytes.Buffer
	err := printCustomers(t.Context(), output{stdout: &stdout, stderr: &stderr}, polls, settings, true)
	require.ErrorContains(t, err, "what the last sync decided")
	require.Contains(t, stderr.String(), `"customers:" has text where a list belongs`)
	var listed []listedCustomer
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &listed))
	require.Len(t, listed, 1)
	require.True(t, listed[0].Polled)
}

func TestNamesComeFromHillavaElseFromTheFile(t *testing.T) {
	entries := []config.Customer{{Tunniste: "a", Name: "A of the file"}, {Tunniste: "new", Name: "New", Faults: []string{"no consent"}}}
	polls := fakeRounds{runs.ScheduleSyncCustomers: synced(
		runs.CustomerState{Tunniste: "a", CustomerID: "c-1"}, runs.CustomerState{CustomerID: "c-2", Reasons: []string{"no Tunniste"}},
	)}
	customers, _, err := listCustomers(t.Context(), polls, entries, []hillava.Customer{{ID: "c-1", Name: "A of Hillava"}, {ID: "c-2", Name: "B"}})
	require.NoError(t, err)
	require.Equal(t, "A of Hillava", customers[0].Name)
	require.Equal(t, "B", customers[1].Name)
	require.Equal(t, "New", customers[2].Name)
	require.Contains(t, customers[2].Reasons, "no consent")

	customers, _, err = listCustomers(t.Context(), polls, entries, nil)
	require.NoError(t, err)
	require.Equal(t, "A of the file", customers[0].Name)
	require.Empty(t, customers[1].Name)
}

func TestACustomerThatTemporalCannotBeAskedAboutHidesNoOther(t *testing.T) {
	polls := fakeRounds{runs.ScheduleSyncCustomers: synced(
		runs.CustomerState{Tunniste: "esimerkki", Polled: true}, runs.CustomerState{Tunniste: "ääkkö set", Reasons: []string{"tunniste must be"}},
	), "poll-esimerkki": {result: runs.PollResult{LastGood: lastGood}}}
	customers, _, err := listCustomers(t.Context(), polls, nil, nil)
	require.NoError(t, err)
	require.Len(t, customers, 2)
	require.True(t, customers[0].Polled)
	require.Equal(t, []string{"tunniste must be"}, customers[1].Reasons)
}

func TestEntriesWithoutATunnisteAreEachShownOnce(t *testing.T) {
	entries := []config.Customer{
		{Name: "First", Faults: []string{"line 2: no tunniste"}}, {Name: "Second", Faults: []string{"line 9: no tunniste"}}, {Name: "New", Faults: []string{"line 16: no tunniste"}},
	}
	polls := fakeRounds{runs.ScheduleSyncCustomers: synced(
		runs.CustomerState{Reasons: []string{"line 2: no tunniste"}}, runs.CustomerState{Reasons: []string{"line 9: no tunniste"}},
		runs.CustomerState{CustomerID: "c-2", Reasons: []string{"no Tunniste in Hillava"}},
	)}
	customers, _, err := listCustomers(t.Context(), polls, entries, nil)
	require.NoError(t, err)
	var names []string
	for _, customer := range customers {
		names = append(names, customer.Name)
	}
	require.Equal(t, []string{"First", "Second", "", "New"}, names)
}

func TestTheListSaysWhenItIsNotFresh(t *testing.T) {
	for want, sync := range map[string]fakeRounds{
		"no sync has completed yet": {},
		"the last sync failed":      {runs.ScheduleSyncCustomers: {result: runs.SyncResult{Failure: "customers-file"}}},
		runs.WarningShrunk:          {runs.ScheduleSyncCustomers: {result: runs.SyncResult{Warning: runs.WarningShrunk}}},
	} {
		_, notes, err := listCustomers(t.Context(), sync, nil, nil)
		require.NoError(t, err)
		require.Len(t, notes, 1)
		require.Contains(t, notes[0], want)
	}
}

func TestAStoppedPollTellsTheReasonsOfTheSync(t *testing.T) {
	polls := fakeRounds{runs.ScheduleSyncCustomers: synced(runs.CustomerState{Tunniste: "a", Reasons: []string{"no consent", "no start date"}})}
	require.Equal(t, "no consent; no start date", whyNotPolled(t.Context(), polls, "a"))
	require.Contains(t, whyNotPolled(t.Context(), polls, "b"), "starter customers sync")
}

func TestEveryFailureOfARoundHasAdvice(t *testing.T) {
	for _, failure := range []string{
		runs.FaultUnavailable, runs.FaultCredentialsRefused, runs.FaultCustomerStopped, runs.FaultTemporal,
		"customers-file", "timeout", runs.ReasonUnreadable, "a new one",
	} {
		require.Greater(t, len(failureAdvice(failure)), 30, failure)
	}
}

func TestARoundThatAPersonAsksForHasOneAuditLine(t *testing.T) {
	for result, row := range map[string]struct {
		failure string
		err     error
	}{
		"done": {}, "failed: peer-unavailable": {failure: runs.FaultUnavailable}, "unknown": {err: context.DeadlineExceeded},
		"refused": {err: fmt.Errorf("look: %w", errNoSchedule)}, // nothing was run

	} {
		var log bytes.Buffer
		auditRound(t.Context(), telemetry.NewLogger(&log, "info", "json"), telemetry.AuditEvent{Who: "toimisto", What: "customers.poll", Customer: "a"}, row.failure, row.err)
		var line map[string]any
		require.NoError(t, json.Unmarshal(log.Bytes(), &line), "one line")
		require.Equal(t, result, line["result"])
		require.Equal(t, true, line["audit"])
	}
}

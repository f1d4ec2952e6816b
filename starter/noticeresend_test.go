package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/customers/customerstest"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
)

// taken is what a workflow does with a resend: its history has it, and it is in another phase or waits again.
func taken(attention *runs.Attention) func(*fakeNotice) {
	return func(n *fakeNotice) {
		n.status.History = append(n.status.History, runs.HistoryEntry{What: runs.HappenedResend})
		n.status.Attention, n.Phase = attention, runs.PhaseWorking
		if attention != nil {
			n.Phase = runs.PhaseAttention
		}
	}
}

// resendAll resends as r says, and gives the results, the audit lines and what a person sees.
func resendAll(t *testing.T, from *fakeTemporal, r resending, names ...string) (results []*resent, audited []string, text string, failures []error) {
	t.Helper()
	r.by = "toimisto"
	for _, name := range names {
		r.names = append(r.names, named(t, name))
	}
	out, stdout, _ := printed(0)
	results, failures = r.send(t.Context(), out, from, func(event telemetry.AuditEvent, err error) {
		if err != nil {
			event.Result = resultOf(err)
		}
		audited = append(audited, event.Customer+" "+event.Notice+" "+event.Result)
	})
	if r.wait && !r.dryRun {
		r.await(t.Context(), out, from, results)
	}
	require.NoError(t, printResent(out, results, failures, r))
	return results, audited, stdout.String(), failures
}

func TestManyAreResentAndCountedByWhatBecameOfThem(t *testing.T) {
	from := refusedThrice()
	again := &runs.Attention{Reason: "hillava-refused", Failure: "hillava: create task: refused with status 422 (no field named)"}
	for _, one := range from.notices {
		one.onSend = taken(nil)
	}
	from.notices[4].onSend = taken(again)
	results, audited, text, failures := resendAll(t, from, resending{s: selection{reason: "hillava-refused"}, wait: true, timeout: time.Minute})
	require.Empty(t, failures)
	require.Len(t, results, 3, "turvakielto-set is another reason")
	require.Equal(t, "esimerkki/5: stopped again  hillava-refused: hillava: create task: 422 (no field named)\n3 resent: 2 went on, 1 stopped again\n", text)
	require.Error(t, stoppedAgain(results))
	require.Len(t, audited, 3)
	for _, one := range from.notices[3:6] {
		require.Equal(t, []runs.ResendSignal{{By: "toimisto"}}, one.resent, "who resent is told to the workflow")
	}

	from.notices[4].onSend = taken(nil)
	_, _, text, _ = resendAll(t, from, resending{s: selection{reason: "hillava-refused"}, wait: true, timeout: time.Minute})
	require.Equal(t, "1 resent: 1 went on\n", strings.SplitAfterN(text, "\n", 2)[1], "the others are left alone when it is repeated")
	_, _, text, _ = resendAll(t, from, resending{s: selection{reason: "hillava-refused"}})
	require.Equal(t, "nothing waits for it\n", text)
}

func TestWhatWasResentJustNowIsLeftAloneThoughTheIndexLags(t *testing.T) {
	from := refusedThrice()
	from.notices[4].Phase, from.notices[4].indexed = runs.PhaseWorking, runs.PhaseAttention
	results, _, _, _ := resendAll(t, from, resending{s: selection{reason: "hillava-refused"}})
	require.Len(t, results, 2)
	require.Empty(t, from.notices[4].resent)
}

func TestADryRunSendsNothing(t *testing.T) {
	from := refusedThrice()
	results, audited, text, _ := resendAll(t, from, resending{s: selection{all: true}, dryRun: true})
	require.Len(t, results, 4)
	require.Empty(t, audited)
	require.Contains(t, text, "esimerkki/6: would be resent  hillava-refused: hillava: create task: 404\n")
	require.True(t, strings.HasSuffix(text, "4 would be resent; nothing was done\n"), text)
	for _, one := range from.notices {
		require.Empty(t, one.resent)
	}
}

func TestSeveralNoticesAreResentByName(t *testing.T) {
	from := refusedThrice()
	_, audited, text, failures := resendAll(t, from, resending{}, "5", "T-6", "1", "8", "77777", "T-5")
	require.Len(t, failures, 2)
	require.ErrorContains(t, failures[0], "77777: there is no such notice here")
	require.ErrorContains(t, failures[1], "8 is closed and takes no resend")
	require.Equal(t, `5: sent                  hillava-refused
T-6: sent                hillava-refused
1: nothing waits for it
2 resent: 1 nothing waits for it, 2 failed; starter notice list tells what came of it, or --wait
`, text)
	require.Len(t, from.notices[4].resent, 1, "named twice, sent once")
	require.Equal(t, []string{" 77777 refused", "esimerkki 5-esimerkki sent", "esimerkki 6-esimerkki sent", "esimerkki 1-esimerkki sent", "esimerkki 8-esimerkki refused"}, audited)
}

func TestWhatIsStillUnderWayIsNotCalledGoneOn(t *testing.T) {
	from := &fakeTemporal{}
	one := from.add("esimerkki", 1, runs.PhaseAttention)
	one.onSend = func(n *fakeNotice) {
		taken(nil)(n)
		n.pending = []runs.PendingStep{{Activity: "CreateTask", Attempt: 1}}
	}
	_, _, text, _ := resendAll(t, from, resending{s: selection{all: true}, wait: true, timeout: time.Millisecond})
	require.Contains(t, text, "1 resent: 1 not known yet")

	one.Phase = runs.PhaseAttention
	one.onSend = func(n *fakeNotice) { taken(nil)(n); n.pending = nil; n.tries(2, "peer-unavailable: hillava: away") }
	_, _, text, _ = resendAll(t, from, resending{s: selection{all: true}, wait: true, timeout: time.Minute})
	require.Contains(t, text, "esimerkki/1: tries again  SetState, attempt 2")

	one.Phase, one.onSend = runs.PhaseAttention, nil // the signal is not dealt with yet
	_, _, text, _ = resendAll(t, from, resending{s: selection{all: true}, wait: true, timeout: time.Millisecond})
	require.Contains(t, text, "1 not known yet")
}

func TestAResendThatTemporalDoesNotAnswerIsUnknownInTheAuditTrail(t *testing.T) {
	from := refusedThrice()
	from.signalErr = context.DeadlineExceeded
	_, audited, _, failures := resendAll(t, from, resending{}, "5")
	require.Len(t, failures, 1)
	require.Equal(t, []string{"esimerkki 5-esimerkki unknown"}, audited, "it may have arrived")
}

func TestAResendOfNobodySaysWhoThereIs(t *testing.T) {
	from := refusedThrice()
	from.Sync = customerstest.Synced(customerstest.Served("esimerkki"))
	_, _, _, failures := resendAll(t, from, resending{s: selection{customer: "nobody"}})
	require.Len(t, failures, 1)
	require.EqualError(t, failures[0], "there is no customer nobody; there are: esimerkki")
}

func TestTheJSONOfAResendSaysWhatBecameOfEach(t *testing.T) {
	from := refusedThrice()
	results, _, _, _ := resendAll(t, from, resending{}, "5")
	written, err := json.Marshal(results)
	require.NoError(t, err)
	require.JSONEq(t, `[{"workflowId":"notice-5-esimerkki","signal":"resend","by":"toimisto","notice":"5","outcome":"sent","why":"hillava-refused"}]`, string(written))
}

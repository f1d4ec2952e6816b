package main

import (
	"context"
	"encoding/json"
	"errors"
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
		require.Equal(t, []runs.ResendSignal{{By: "toimisto", Reason: "hillava-refused"}}, one.resent, "who resent, and what was seen, is told to the workflow")
	}

	from.notices[4].onSend = taken(nil)
	_, _, text, _ = resendAll(t, from, resending{s: selection{reason: "hillava-refused"}, wait: true, timeout: time.Minute})
	require.Equal(t, "1 resent: 1 went on\n", strings.SplitAfterN(text, "\n", 2)[1], "the others are left alone when it is repeated")
	_, _, text, _ = resendAll(t, from, resending{s: selection{reason: "hillava-refused"}})
	require.Equal(t, "nothing to resend: no such notice waits for a person\n", text)
}

func TestManyAuditLinesDoNotBuryTheAnswerAtATerminal(t *testing.T) {
	for _, row := range []struct {
		sent, written int
		terminal      bool
		note          string
	}{
		{27, 28, false, ""}, {3, 4, true, ""},
		{27, 1, true, "starter: 27 audit lines are not shown on a terminal: 2>>FILE keeps them, and each notice leaves its own in the worker's log (signal.take)\n"},
	} {
		out, _, stderr := printed(80)
		out.Progress = row.terminal
		written := 0
		audit, done := forAPerson(out, func(telemetry.AuditEvent, error) { written++ })
		for range row.sent {
			audit(telemetry.AuditEvent{Result: "sent"}, nil)
		}
		audit(telemetry.AuditEvent{}, refused(errors.New("it is closed"))) // nothing else has that
		done()
		require.Equal(t, row.written, written, row)
		require.Equal(t, row.note, stderr.String())
	}
}

func TestWhatWasResentJustNowIsLeftAloneThoughTheIndexLags(t *testing.T) {
	from := refusedThrice()
	from.notices[4].Phase, from.notices[4].indexed = runs.PhaseWorking, runs.PhaseAttention
	results, _, text, _ := resendAll(t, from, resending{s: selection{reason: "hillava-refused"}})
	require.Len(t, results, 2)
	require.Empty(t, from.notices[4].resent)
	require.Contains(t, text, "2 resent; starter notice list tells what came of it, or --wait; 1 that the list still had went on or ended meanwhile\n")

	from.notices[5].indexed = runs.PhaseWorking // it stopped just now
	results, _, _, _ = resendAll(t, from, resending{}, "6")
	require.Equal(t, resentSent, results[0].Outcome)

	for _, one := range from.notices {
		one.indexed, one.Phase = one.Phase, runs.PhaseWorking
	}
	_, _, text, failures := resendAll(t, from, resending{s: selection{all: true}})
	require.Empty(t, failures)
	require.Regexp(t, `^nothing to resend: no such notice waits for a person; [1-9] that the list still had went on or ended meanwhile\n$`, text)
}

// The index lags: a notice that waits for another reason by now was not chosen, least of all one with a turvakielto.
func TestOnlyWhatWaitsForThatReasonStillIsResent(t *testing.T) {
	from := refusedThrice()
	from.notices[4].indexedReason, from.notices[4].Reason = "hillava-refused", runs.ReasonTurvakielto
	results, _, text, _ := resendAll(t, from, resending{s: selection{reason: "hillava-refused"}})
	require.Len(t, results, 2)
	require.Empty(t, from.notices[4].resent)
	require.Contains(t, text, "1 that the list still had went on or ended meanwhile")
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
	require.Equal(t, `5: sent                      hillava-refused
T-6: sent                    hillava-refused
1: not waiting for a person  it is working, so a resend does nothing; a step that tries again goes now by starter notice retry
2 resent: 1 not waiting for a person, 2 failed; starter notice list tells what came of it, or --wait
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

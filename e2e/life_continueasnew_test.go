package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/sandbox/stack"
)

// flood sends a signal so many times, several at once, with one event id: the workflow records each and acts on none.
func (n imported) flood(signal, eventID string, times int) {
	n.t.Helper()
	var group errgroup.Group
	group.SetLimit(8)
	for range times {
		group.Go(func() error {
			return n.client.SignalWorkflow(n.context(), n.workflowID, "", signal, runs.EventSignal{EventID: eventID})
		})
	}
	require.NoError(n.t, group.Wait())
}

// waitIgnored waits until so many signals are recorded as ignored. There may be more: the server knows within one run only
// that a signal came again, as the SDK sends one that a busy server has not answered.
func (n imported) waitIgnored(count int) noticeStatus {
	n.t.Helper()
	require.NoError(n.t, stack.WaitFor(n.context(), fmt.Sprintf("%d ignored signals", count), func(context.Context) error {
		if have := n.status().count("ignored"); have < count {
			return fmt.Errorf("there are %d", have)
		}
		return nil
	}))
	return n.status()
}

// signalled is how often a signal came, in all runs, and how many runs there were.
func (n imported) signalled(name string) (times, in int) {
	n.t.Helper()
	for at := n.runID(); at != ""; in++ {
		events := n.history(n.workflowID, at).GetEvents()
		for _, event := range events {
			if event.GetWorkflowExecutionSignaledEventAttributes().GetSignalName() == name {
				times++
			}
		}
		at = events[0].GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId()
	}
	return times, in
}

// shown is what the server says of the newest run: memo and search attributes without those of the server itself.
func (n imported) shown() (*commonpb.Memo, map[string]string) {
	n.t.Helper()
	answer, err := n.client.DescribeWorkflowExecution(n.context(), n.workflowID, "")
	require.NoError(n.t, err)
	attributes := map[string]string{}
	for _, name := range runs.SearchAttributes() {
		if payload := answer.GetWorkflowExecutionInfo().GetSearchAttributes().GetIndexedFields()[name]; payload != nil {
			attributes[name] = string(payload.GetData())
		}
	}
	return answer.GetWorkflowExecutionInfo().GetMemo(), attributes
}

// TestContinueAsNewLosesNothing has signals come all the time while one run ends and the next begins.
func TestContinueAsNewLosesNothing(t *testing.T) {
	t.Parallel()
	w := startImpatient(t, stack.Options{})
	n := w.importOne()
	n.edit(map[string]any{"TilaajanTurvakielto": true})
	n.waitAttention("turvakielto-set")
	n.press("Työ valmis")
	n.waitState("Tehty")
	n.signal(runs.TyoValmis.Name(), "seen")
	w.polled("esimerkki") // a poll in the moment of our own Tehty has it looked at, and the memo follows
	before := n.waitIgnored(1)
	run := n.runID()
	memo, attributes := n.shown()

	const flood = 200 // some runs' worth of history
	n.flood(runs.TyoValmis.Name(), "seen", flood)
	n.waitIgnored(1 + flood)
	require.NotEqual(t, run, n.runID(), "the server had it continue as new")
	came, lives := n.signalled(runs.TyoValmis.Name())
	after := n.waitIgnored(came - 1)
	require.Equal(t, came-1, after.count("ignored"), "each is recorded once, and all but the button's are ignored")
	require.GreaterOrEqual(t, came, 2+flood)
	t.Logf("%d signals, %d came, %d runs", flood, came, lives)

	require.Equal(t, before.History, after.History[:len(before.History)])
	require.Equal(t, before.Attention, after.Attention)
	memoNow, attributesNow := n.shown()
	require.True(t, proto.Equal(memo, memoNow), "the memo is carried over: %v, now %v", memo, memoNow)
	require.Equal(t, attributes, attributesNow)
	require.Equal(t, `"turvakielto-set"`, attributesNow["AttentionReason"])

	var listed []map[string]any
	require.NoError(t, json.Unmarshal([]byte(w.starter("notice", "list", "--all", "--json")), &listed))
	require.Len(t, listed, 1, "a notice is listed once, however many runs it has had")
	w.polled("esimerkki") // the poll takes the newest run for the one it started
	n.starterAct("resend")
	n.waitPhase("Running", "done")
	n.addEntry("2026-02-03", "Testi Asentaja", "Valmista tuli.")
	n.press("Laskutettu")
	n.waitPhase("Completed", "invoiced")
	n.requireEnd(1, 2)
}

// TestWhatWaitsForTheWorkerSurvivesContinueAsNew: everything has come while no worker ran, and is there in the one
// workflow task that also finds the history too long.
func TestWhatWaitsForTheWorkerSurvivesContinueAsNew(t *testing.T) {
	t.Parallel()
	w := startImpatient(t, stack.Options{WithoutServe: true})
	const flood = runEvents + 20
	reported, cancelled := w.importOne(), w.importOne()
	for _, n := range []imported{reported, cancelled} {
		n.waitPhase("Running", "working")
		n.signal(runs.NoticeChanged.Name(), "")
	}
	w.polled("esimerkki")
	require.NoError(t, w.Worker.Kill())
	reported.flood(runs.Resend.Name(), "", flood/2)
	reported.signal(runs.TyoValmis.Name(), "done")
	reported.flood(runs.Resend.Name(), "", flood/2)
	cancelled.flood(runs.Resend.Name(), "", flood)
	require.NoError(t, w.client.CancelWorkflow(w.context(), cancelled.workflowID, ""))
	run := reported.runID()
	require.NoError(t, w.Worker.Restart(w.context()))

	cancelled.waitPhase("Completed", "dismissed")
	require.Equal(t, "cancel", cancelled.status().ClosedBy)
	reported.waitState("Tehty")
	require.NoError(t, stack.WaitFor(w.context(), "another run", func(context.Context) error {
		if reported.runID() == run {
			return errors.New("it is still the first one")
		}
		return nil
	}))
	status := reported.waitIgnored(flood)
	require.Equal(t, "done", status.Phase)
	require.Equal(t, 1, status.count("signal"))
}

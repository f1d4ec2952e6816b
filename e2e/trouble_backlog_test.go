package e2e

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/sandbox/tampuuri"
)

func containsAll(text string, parts ...string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

// keywordOf reads a search attribute.
func keywordOf(described *workflowservice.DescribeWorkflowExecutionResponse, name string) (text string) {
	if payload := described.GetWorkflowExecutionInfo().GetSearchAttributes().GetIndexedFields()[name]; payload != nil {
		_ = converter.GetDefaultDataConverter().FromPayload(payload, &text)
	}
	return text
}

// TestASilentTampuuriKeepsNobodysLostWebhooks: one customer's Tampuuri keeps silent while two hundred of its invoiced tasks
// are changed, and another customer's lost webhook is found as if nothing were the matter. It runs alone, as it
// measures a time.
func TestASilentTampuuriKeepsNobodysLostWebhooks(t *testing.T) {
	const changed = 200
	w := start(t, stack.Options{})
	var all []imported
	for range changed {
		w.someNotice("esimerkki", 4711)
	}
	require.NoError(t, stack.WaitFor(w.context(), "the tasks", func(context.Context) error {
		if have := len(w.Hillava.Tasks()); have < changed {
			return fmt.Errorf("%d", have)
		}
		return nil
	}))
	for _, task := range w.Hillava.Tasks() {
		n := imported{world: w, tunniste: "esimerkki", taskID: task.ID, workflowID: "notice-" + task.ExternalID}
		n.press("Laskutettu")
		all = append(all, n)
	}
	require.NoError(t, stack.WaitFor(w.context(), "all to be invoiced", func(context.Context) error {
		if closed := w.countRuns("NoticePhase = 'invoiced'"); closed < changed {
			return fmt.Errorf("%d", closed)
		}
		return nil
	}))
	other := w.imported("toinen", w.someNotice("toinen", 120))
	w.Faults.Add(fault.Fault{System: "tampuuri", Customer: "esimerkki", Times: -1, Kind: fault.ApplyThenHang})
	for _, n := range all {
		n.addEntry("2026-02-05", "Testi Asentaja", "Unohtui.")
	}
	w.Hillava.SetDelivery(hillava.Delivery{Drop: true})
	for round := range 3 {
		began := time.Now()
		other.press(map[int]string{0: "Työ valmis", 1: hillava.TransitionReopen, 2: "Laskutettu"}[round])
		if round == 1 {
			continue // it runs no action
		}
		wanted := map[int]string{0: "Tehty", 2: "Valmis"}[round]
		other.waitState(wanted)
		took := time.Since(began)
		t.Logf("| %d changed tasks of a silent Tampuuri: another customer's lost %s arrives after %.1f s (bound: 2 × %v and what a busy machine takes)", changed, wanted, took.Seconds(), reconcileEvery)
		// An event younger than a reconcile interval is left for its webhook, so the second round after it sends it.
		require.Less(t, took, 3*reconcileEvery+busyMachine)
	}
	w.Hillava.SetDelivery(hillava.Delivery{})
	w.Faults.Clear()
	began := time.Now()
	require.NoError(t, stack.WaitFor(w.context(), "each change to be noted", func(context.Context) error {
		noted := 0
		for _, task := range w.Hillava.Tasks() {
			if len(task.Notes) > 0 {
				noted++
			}
		}
		if noted < changed {
			return fmt.Errorf("%d", noted)
		}
		return nil
	}))
	t.Logf("| once it answers again, all %d changes are noted after %.1f s", changed, time.Since(began).Seconds())
	w.checkLedger()
}

// TestABacklogDrainsOverRoundsThatAreCutShort: more rows than a round has time for are read in several, each of which goes
// on where the last one ended.
func TestABacklogDrainsOverRoundsThatAreCutShort(t *testing.T) {
	t.Parallel()
	const rows = 6000
	w := start(t, stack.Options{WithoutWorker: true})
	for range rows {
		fields := stack.ExampleNotice()
		fields["TyonsuorittajaYritysId"], fields["Tila"] = 4711, "Valmis"
		_, err := w.Tampuuri.AddNotice("esimerkki", fields)
		require.NoError(t, err)
	}
	last := w.someNotice("esimerkki", 4711)
	w.Faults.Add(fault.Fault{System: "tampuuri", Op: tampuuri.OpList, Times: -1, Kind: fault.CallBefore, Delay: httpTimeout / 2, Call: func() {}})
	began := time.Now()
	require.NoError(t, w.Worker.Start())
	marks := map[string]bool{}
	ctx, cancel := context.WithTimeout(t.Context(), 3*patience) // a busy machine reads 6,000 rows slowly
	defer cancel()
	require.NoError(t, stack.WaitFor(ctx, "the newest notice's task", func(ctx context.Context) error {
		described, err := w.client.DescribeWorkflowExecution(ctx, "customer-esimerkki", "")
		if err != nil {
			return err
		}
		for _, pending := range described.GetPendingActivities() {
			for _, mark := range marksIn(pending.GetHeartbeatDetails()) {
				marks[mark] = true
			}
		}
		if tasks, err := w.Tasks("esimerkki", last); err != nil || len(tasks) == 0 {
			return errors.Join(err, errors.New("there is none"))
		}
		return nil
	}))
	took := time.Since(began)
	cut := 0
	for _, event := range w.history("customer-esimerkki", "").GetEvents() {
		if event.GetEventType() == enums.EVENT_TYPE_ACTIVITY_TASK_COMPLETED {
			cut++
		}
	}
	asked, first, lists := map[string]int{}, "", 0
	for _, request := range w.Tampuuri.AccessLog() {
		if request.Op == tampuuri.OpList && request.Customer == "esimerkki" {
			first = cmp.Or(first, request.URL)
			asked[request.URL]++
			lists++
		}
	}
	t.Logf("| a backlog of %d rows: drained in %.0f s over %d rounds, %d pages read (%d at least), %d marks seen on the way", rows, took.Seconds(), cut, lists, rows/100, len(marks))
	require.GreaterOrEqual(t, cut, 2, "it took several rounds")
	require.Greater(t, len(marks), 2, "the marks move")
	require.Less(t, asked[first], cut, "no round begins anew; a busy machine may let the first page's call time out")
}

func marksIn(details *commonpb.Payloads) (marks []string) {
	for _, payload := range details.GetPayloads() {
		var read struct {
			Lists map[string]struct{ Mark string }
		}
		if json.Unmarshal(payload.GetData(), &read) == nil {
			for _, list := range read.Lists {
				marks = append(marks, list.Mark)
			}
		}
	}
	return marks
}

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"google.golang.org/protobuf/encoding/protojson"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
	"tampuuri-hillava/workflows"
)

// fixtures is where workflows/replay_test.go reads the recorded histories.
var fixtures = filepath.Join("..", "workflows", "testdata", "replay")

// TestRecordHistories lives every path of a notice and of a customer on the real server, and every kind of round, and writes
// the histories as fixtures for replay_test.go:
//
//	RECORD_HISTORIES=1 go test ./e2e -run TestRecordHistories
//
// Without RECORD_HISTORIES nothing is kept: it records into a temporary folder, replays that at once, and requires that
// every path has its fixture. docs/versioning.md says when to record.
func TestRecordHistories(t *testing.T) {
	t.Parallel()
	customers := acceptingCustomers()
	for _, path := range customerPaths {
		customers = append(customers, path.customer())
	}
	told := []string{"NOTIFY_URLS=" + newReceiver(t, 1).address}
	r := &recorder{world: startImpatient(t, stack.Options{Customers: customers, WorkerEnvironment: told}), folder: t.TempDir()}
	lives, roundsOfCustomers := map[string]func(*testing.T){}, map[string]func(*testing.T){}
	for _, path := range lifePaths {
		lives[path.name] = func(t *testing.T) {
			n := path.live(r.within(t))
			n.waitPhase("Completed", path.ends)
			r.recordLife(n, path.name)
		}
	}
	for _, path := range customerPaths {
		roundsOfCustomers[path.name] = func(t *testing.T) {
			c := recordedCustomer{r.within(t), path.customer()}
			first := c.runID()
			path.live(c)
			r.recordRuns(c.t, c.workflowID(), first, "customer-"+path.name, path.runs)
		}
	}
	t.Run("lives", func(t *testing.T) { together(t, lives) })
	t.Run("customers", func(t *testing.T) { together(t, roundsOfCustomers) })
	t.Run("handed over", func(t *testing.T) { r.recordHandedOver(r.within(t)) })
	t.Run("rounds", func(t *testing.T) { r.recordRounds(r.within(t)) })
	t.Run("somebody is told", func(t *testing.T) { r.recordNotify(r.within(t)) })
	if t.Failed() {
		return
	}
	recorded := names(t, r.folder)
	if os.Getenv("RECORD_HISTORIES") == "" {
		require.Subset(t, names(t, fixtures), recorded, "there are new paths: record them, see docs/versioning.md")
	}
	replayer := worker.NewWorkflowReplayer()
	workflows.RegisterWorkflows(replayer, workflows.Options{Timing: runs.Timing{HTTPTimeout: 10 * time.Second}})
	for _, name := range recorded {
		silent := log.NewStructuredLogger(slog.New(slog.DiscardHandler))
		require.NoError(t, replayer.ReplayWorkflowHistoryFromJSONFile(silent, filepath.Join(r.folder, name)), name)
	}
	if os.Getenv("RECORD_HISTORIES") != "" {
		keep(t, r.folder, fixtures)
	}
}

// acceptingCustomers are the default ones, and one that is handed over to another Tunniste; toinen wants its notices accepted, and approved time entries only.
func acceptingCustomers() []stack.Customer {
	customers := stack.DefaultCustomers()
	customers[1].Entry = map[string]any{"accept_state": "Vastaanotettu", "time_entries": map[string]any{"approved_only": true}}
	return append(customers, handedOver, reminded)
}

// runEvents is how long a history may become on the server of startImpatient: longer than any life that is not meant to
// continue as new. The server's default is 4096.
const runEvents = 100

// startImpatient starts an installation on a server of its own, which has a run continue as new after runEvents.
func startImpatient(t *testing.T, o stack.Options) *world {
	t.Helper()
	own, err := stack.StartTemporal(t.Context(), stack.TemporalOptions{
		Dir: t.TempDir(), Progress: os.Stderr, Headless: true, OwnServer: true, RunEvents: runEvents,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, own.Close()) })
	o.Temporal = own
	return start(t, o)
}

// recorder writes histories into a folder.
type recorder struct {
	*world
	folder string
}

// recordLife writes one file per run of the notice's workflow: name.json, or name-1.json, name-2.json and so on.
func (r *recorder) recordLife(n imported, name string) {
	n.t.Helper()
	var runs []*historypb.History
	for runID := n.runID(); runID != ""; {
		history := n.history(n.workflowID, runID)
		runs = append(runs, history)
		runID = history.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId()
	}
	slices.Reverse(runs)
	for i, history := range runs {
		file := name
		if len(runs) > 1 {
			file = fmt.Sprintf("%s-%d", name, i+1)
		}
		r.write(n.t, file, history)
	}
}

// recordRuns writes so many runs of a workflow that goes on, from the first one on; the last of them as far as it has come.
func (r *recorder) recordRuns(t *testing.T, workflowID, runID, name string, count int) {
	t.Helper()
	for i := 1; i <= count; i++ {
		require.NotEmpty(t, runID, "run %d of %s", i, workflowID)
		history := r.within(t).history(workflowID, runID)
		file := name
		if count > 1 {
			file = fmt.Sprintf("%s-%d", name, i)
		}
		r.write(t, file, history)
		last := history.GetEvents()[len(history.GetEvents())-1]
		runID = last.GetWorkflowExecutionContinuedAsNewEventAttributes().GetNewExecutionRunId()
	}
}

// history is that of one run; an empty run id is the newest.
func (w *world) history(workflowID, runID string) *historypb.History {
	w.t.Helper()
	history := &historypb.History{}
	events := w.client.GetWorkflowHistory(w.context(), workflowID, runID, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(w.t, err)
		history.Events = append(history.Events, event)
	}
	return history
}

// write puts one event on a line, and leaves out which machine and process did it.
func (r *recorder) write(t *testing.T, name string, history *historypb.History) {
	t.Helper()
	var lines []string
	for _, event := range history.GetEvents() {
		text, err := protojson.Marshal(event)
		require.NoError(t, err)
		var fields map[string]any
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		require.NoError(t, decoder.Decode(&fields))
		anonymous(fields)
		line, err := json.Marshal(fields)
		require.NoError(t, err)
		lines = append(lines, string(line))
	}
	text := "{\"events\":[\n" + strings.Join(lines, ",\n") + "\n]}\n"
	require.NoError(t, os.WriteFile(filepath.Join(r.folder, name+".json"), []byte(text), 0o600))
}

func anonymous(fields map[string]any) {
	if fields["kind"] == "TASK_QUEUE_KIND_STICKY" {
		fields["name"] = "sticky" // a worker's own queue has its machine's name
	}
	for name, value := range fields {
		if nested, ok := value.(map[string]any); ok {
			anonymous(nested)
		} else if name == "identity" {
			fields[name] = "recorded"
		}
	}
}

// names are the fixtures in a folder, sorted.
func names(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	require.NoError(t, err)
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	return files
}

// keep writes the recorded histories over the fixtures of the same names. Others, of an earlier release, stay.
func keep(t *testing.T, from, to string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(to, 0o755))
	for _, name := range names(t, from) {
		text, err := os.ReadFile(filepath.Join(from, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(to, name), text, 0o644))
	}
	t.Logf("%d histories are in %s: look at them, commit them", len(names(t, from)), to)
}

// recordRounds records a round of each schedule that went through, and one that a peer's outage made fail.
func (r *recorder) recordRounds(w *world) {
	w.polled("esimerkki")
	for _, round := range []struct{ workflow, name string }{{runs.TypeSyncCustomers, "sync"}, {runs.TypeReconcile, "reconcile"}} {
		r.write(w.t, round.name, w.round(round.workflow, func(h *historypb.History) bool {
			return continuesARound(h) && !hadFailure(h)
		}))
	}
	for _, op := range []string{hillava.OpCustomers, hillava.OpChangedTasks} {
		w.Faults.Add(fault.Fault{System: "hillava", Op: op, Times: -1, Kind: fault.Status503})
	}
	for _, round := range []struct{ workflow, name string }{
		{runs.TypeSyncCustomers, "sync-peer-away"}, {runs.TypeReconcile, "reconcile-peer-away"},
	} {
		r.write(w.t, round.name, w.round(round.workflow, func(h *historypb.History) bool { return continuesARound(h) && hadFailure(h) }))
	}
	w.Faults.Clear()
}

// recordNotify records the first run of Notify, whose channel has refused a message at first.
func (r *recorder) recordNotify(w *world) {
	w.Faults.Add(fault.Fault{System: "hillava", Op: hillava.OpCreateTask, Times: -1, Kind: fault.Status422})
	defer w.Faults.Clear()
	w.someNotice("esimerkki", 4711)
	var first *historypb.History
	require.NoError(w.t, stack.WaitFor(w.context(), "a message", func(ctx context.Context) error {
		described, err := w.client.DescribeWorkflowExecution(ctx, runs.NotifyWorkflowID, "")
		if err != nil {
			return err
		}
		first = w.history(runs.NotifyWorkflowID, described.GetWorkflowExecutionInfo().GetFirstRunId())
		if rounds := slices.DeleteFunc(slices.Clone(first.GetEvents()), func(e *historypb.HistoryEvent) bool {
			return e.GetActivityTaskCompletedEventAttributes() == nil
		}); len(rounds) < 2 {
			return fmt.Errorf("%d rounds had news", len(rounds))
		}
		return nil
	}))
	r.write(w.t, "notify", first)
}

func continuesARound(h *historypb.History) bool {
	return h.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes().GetLastCompletionResult() != nil
}

func hadFailure(h *historypb.History) bool {
	return slices.ContainsFunc(h.GetEvents(), func(e *historypb.HistoryEvent) bool {
		return e.GetActivityTaskFailedEventAttributes() != nil || e.GetActivityTaskTimedOutEventAttributes() != nil ||
			e.GetActivityTaskStartedEventAttributes().GetLastFailure() != nil
	})
}

// round waits for a completed workflow of that type whose history is as wanted.
func (w *world) round(workflowType string, wanted func(*historypb.History) bool) *historypb.History {
	w.t.Helper()
	var found *historypb.History
	require.NoError(w.t, stack.WaitFor(w.context(), "such a round of "+workflowType, func(ctx context.Context) error {
		listed, err := w.client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: w.Temporal.Namespace, PageSize: 5, Query: fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus = 'Completed'", workflowType),
		})
		if err != nil {
			return err
		}
		for _, one := range listed.GetExecutions() {
			found = w.history(one.GetExecution().GetWorkflowId(), one.GetExecution().GetRunId())
			if wanted(found) {
				return nil
			}
		}
		return errors.New("there is none yet")
	}))
	return found
}

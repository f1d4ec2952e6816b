package workflows

import (
	"encoding/base64"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tampuuri-hillava/internal/runs"

	"github.com/stretchr/testify/require"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"
)

const (
	replayFolder = "testdata/replay"
	howToRecord  = "record them with RECORD_HISTORIES=1 go test ./e2e -run TestRecordHistories, see docs/versioning.md"
)

// recorded reads every fixture of the folder, by its path's name. That each path has one is required where paths are made:
// by e2e's TestRecordHistories, on a real server.
func recorded(t *testing.T) map[string]*historypb.History {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(replayFolder, "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files, "there are no recorded histories: "+howToRecord)
	histories := map[string]*historypb.History{}
	for _, file := range files {
		opened, err := os.Open(file)
		require.NoError(t, err)
		history, err := client.HistoryFromJSON(opened, client.HistoryJSONOptions{})
		require.NoError(t, opened.Close())
		require.NoError(t, err, file)
		histories[strings.TrimSuffix(filepath.Base(file), ".json")] = history
	}
	return histories
}

func replay(replayer worker.WorkflowReplayer, history *historypb.History) error {
	whole, _ := proto.Clone(history).(*historypb.History) // the replayer drops events from what it is given
	return replayer.ReplayWorkflowHistory(log.NewStructuredLogger(slog.New(slog.DiscardHandler)), whole)
}

// asDeployed replays the workflows as the worker registers them.
func asDeployed() worker.WorkflowReplayer {
	replayer := worker.NewWorkflowReplayer()
	RegisterWorkflows(replayer, Options{Timing: runs.Timing{HTTPTimeout: 10 * time.Second}})
	return replayer
}

func TestRecordedHistoriesReplay(t *testing.T) {
	replayer := asDeployed()
	for name, history := range recorded(t) {
		t.Run(name, func(t *testing.T) { require.NoError(t, replay(replayer, history)) })
	}
}

// A deployment finds notices at any moment of their lives, so each history is also replayed up to each of its moments.
func TestEveryMomentOfALifeReplays(t *testing.T) {
	replayer := asDeployed()
	for name, history := range recorded(t) {
		t.Run(name, func(t *testing.T) {
			moments := 0
			for i, event := range history.GetEvents() {
				if event.GetWorkflowTaskStartedEventAttributes() == nil {
					continue
				}
				moments++
				require.NoError(t, replay(replayer, &historypb.History{Events: history.GetEvents()[:i+1]}), "up to event %d", event.GetEventId())
			}
			require.Positive(t, moments)
		})
	}
}

// of gives the recorded histories of one workflow type.
func of(t *testing.T, workflowType string) map[string]*historypb.History {
	t.Helper()
	histories := map[string]*historypb.History{}
	for name, history := range recorded(t) {
		if history.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes().GetWorkflowType().GetName() == workflowType {
			histories[name] = history
		}
	}
	require.NotEmpty(t, histories, "there are no recorded histories of %s: %s", workflowType, howToRecord)
	return histories
}

func TestEveryWorkflowIsRecorded(t *testing.T) {
	for _, workflowType := range []string{runs.TypeNotice, runs.TypeCustomer, runs.TypeSyncCustomers, runs.TypeReconcile, runs.TypeNotify} {
		t.Run(workflowType, func(t *testing.T) { of(t, workflowType) })
	}
}

// changedNotices and changedCustomers are versions that do not do what the recorded ones did. Each must be caught by some
// history, or the replay tests prove nothing.
func changedNotices(w *Workflows) map[string]any {
	return map[string]any{
		"an activity more": func(ctx workflow.Context, in noticeRun) (runs.NoticeResult, error) {
			if _, err := followNotice.step(ctx, w, "look first", runs.FollowInput{NoticeRef: in.NoticeRef}); err != nil {
				return runs.NoticeResult{}, err
			}
			return w.Notice(ctx, in)
		},
		"a wait before the task is made": func(ctx workflow.Context, in noticeRun) (runs.NoticeResult, error) {
			if err := workflow.Sleep(ctx, time.Minute); err != nil {
				return runs.NoticeResult{}, err
			}
			return w.Notice(ctx, in)
		},
		"an upsert more": func(ctx workflow.Context, in noticeRun) (runs.NoticeResult, error) {
			if err := workflow.UpsertTypedSearchAttributes(ctx, runs.AttributeCustomer.ValueSet(in.Customer)); err != nil {
				return runs.NoticeResult{}, err
			}
			return w.Notice(ctx, in)
		},
		"the task is not made": func(ctx workflow.Context, in noticeRun) (runs.NoticeResult, error) {
			in.Carried = &noticeState{TaskID: "T-1", Reported: runs.ReportedNone}
			return w.Notice(ctx, in)
		},
		"what the run before handed on is forgotten": func(ctx workflow.Context, in noticeRun) (runs.NoticeResult, error) {
			if in.Carried == nil {
				return w.Notice(ctx, in)
			}
			return w.Notice(ctx, noticeRun{NoticeInput: in.NoticeInput})
		},
		"it ends at once": func(workflow.Context, noticeRun) (runs.NoticeResult, error) { return runs.NoticeResult{}, nil },
	}
}

func changedCustomers(w *Workflows) map[string]any {
	return map[string]any{
		"a wait before the first round": func(ctx workflow.Context, in customerRun) error {
			if err := workflow.Sleep(ctx, time.Minute); err != nil {
				return err
			}
			return w.Customer(ctx, in)
		},
		"a search attribute": func(ctx workflow.Context, in customerRun) error {
			if err := workflow.UpsertTypedSearchAttributes(ctx, runs.AttributeCustomer.ValueSet(in.Tunniste)); err != nil {
				return err
			}
			return w.Customer(ctx, in)
		},
		"it ends at once": func(workflow.Context, customerRun) error { return nil },
	}
}

// nonDeterministic is the SDK's rule that a replay broke: https://github.com/temporalio/rules/blob/main/rules/TMPRL1100.md
const nonDeterministic = "TMPRL1100"

func TestAChangeThatHistoriesDoNotAllowIsCaught(t *testing.T) {
	w := &Workflows{timing: runs.Timing{HTTPTimeout: 10 * time.Second}}
	for workflowType, changed := range map[string]map[string]any{runs.TypeNotice: changedNotices(w), runs.TypeCustomer: changedCustomers(w)} {
		for name, version := range changed {
			t.Run(workflowType+": "+name, func(t *testing.T) {
				replayer := worker.NewWorkflowReplayer()
				replayer.RegisterWorkflowWithOptions(version, workflow.RegisterOptions{Name: workflowType})
				for _, history := range of(t, workflowType) {
					if err := replay(replayer, history); err != nil {
						require.ErrorContains(t, err, nonDeterministic)
						return
					}
				}
				require.Fail(t, "no history shows it", howToRecord)
			})
		}
	}
}

// As in the worked example of docs/versioning.md, an activity more, but only in lives that begin with it.
func TestTheSameChangeBehindAVersionIsAllowed(t *testing.T) {
	w := &Workflows{timing: runs.Timing{HTTPTimeout: 10 * time.Second}}
	replayer := worker.NewWorkflowReplayer()
	replayer.RegisterWorkflowWithOptions(func(ctx workflow.Context, in noticeRun) (runs.NoticeResult, error) {
		if workflow.GetVersion(ctx, "look-first", workflow.DefaultVersion, 1) >= 1 {
			if _, err := followNotice.step(ctx, w, "look first", runs.FollowInput{NoticeRef: in.NoticeRef}); err != nil {
				return runs.NoticeResult{}, err
			}
		}
		return w.Notice(ctx, in)
	}, workflow.RegisterOptions{Name: runs.TypeNotice})
	for name, history := range of(t, runs.TypeNotice) {
		require.NoError(t, replay(replayer, history), name)
	}
}

// The histories were recorded with the example notice, whose every text is one of these or has one in it.
var personal = regexp.MustCompile(`(?i)@|\+358|0400?0000|000 000|testi|keitti|hana|soita|yleisavain|koira|a 12|tiiviste|valmista tuli|käyty|odottaa|katsomassa|lattia|asunto oy|isännöinti|[äöå]`)

// ofTheMachine: a worker's identity is process@machine.
var ofTheMachine = regexp.MustCompile(`"identity":"[^"]*@|\d+@`)

func TestRecordedHistoriesHoldNoPersonalData(t *testing.T) {
	for name := range recorded(t) {
		raw, err := os.ReadFile(filepath.Join(replayFolder, name+".json"))
		require.NoError(t, err)
		payloads := 0
		plain := payloadData.ReplaceAllStringFunc(string(raw), func(field string) string {
			payloads++
			text, err := base64.StdEncoding.DecodeString(payloadData.FindStringSubmatch(field)[1])
			require.NoError(t, err)
			return fmt.Sprintf("%q:%s", "data", text)
		})
		require.Positive(t, payloads, "%s: the payloads are read, or the next lines would prove nothing", name)
		require.Empty(t, personal.FindString(plain), name)
		require.Empty(t, ofTheMachine.FindString(plain), name)
		require.Less(t, len(raw), 100_000, "%s: fixtures stay small", name)
	}
}

var payloadData = regexp.MustCompile(`"data":"([A-Za-z0-9+/=]*)"`)

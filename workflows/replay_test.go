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

// recordedPaths are the histories that must be there, recorded on a real server by e2e's TestRecordHistories. A path
// that a bug shows later is added here and there.
var recordedPaths = []string{
	"happy",
	"laskutettu-alone",
	"out-of-order-and-doubled",
	"create-refused-and-resent",
	"tehty-refused-and-skipped",
	"toimenpide-refused-and-resent",
	"withdrawn-and-given-back",
	"cancelled-with-work-begun-and-dismissed",
	"valmis-by-hand",
	"accepted-and-approved-only",
	"edited-with-turvakielto",
	"cancel-from-the-web-ui",
	"dismissed-while-importing",
	"continued-as-new-1",
	"continued-as-new-2",
	"poll",
	"poll-peer-away",
	"sync",
	"sync-peer-away",
	"reconcile",
	"reconcile-peer-away",
}

const (
	replayFolder = "testdata/replay"
	howToRecord  = "record them with RECORD_HISTORIES=1 go test ./e2e -run TestRecordHistories, see docs/versioning.md"
)

// recorded reads every fixture, by its path's name. Fixtures that recordedPaths does not name are replayed too.
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
	for _, name := range recordedPaths {
		require.Contains(t, histories, name, "the path is not recorded: "+howToRecord)
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
	RegisterWorkflows(replayer, runs.Timing{HTTPTimeout: 10 * time.Second}, Links{})
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

// changed are versions of Notice that do not do what the recorded ones did. Each must be caught by some history, or the
// replay tests prove nothing.
func changed(w *Workflows) map[string]any {
	return map[string]any{
		"an activity more": func(ctx workflow.Context, in NoticeInput) (runs.NoticeResult, error) {
			if _, err := followNotice.execute(w.withStep(ctx, followNotice.name, "look first"), runs.FollowInput{NoticeRef: in.NoticeRef}); err != nil {
				return runs.NoticeResult{}, err
			}
			return w.Notice(ctx, in)
		},
		"a wait before the task is made": func(ctx workflow.Context, in NoticeInput) (runs.NoticeResult, error) {
			if err := workflow.Sleep(ctx, time.Minute); err != nil {
				return runs.NoticeResult{}, err
			}
			return w.Notice(ctx, in)
		},
		"an upsert more": func(ctx workflow.Context, in NoticeInput) (runs.NoticeResult, error) {
			if err := workflow.UpsertTypedSearchAttributes(ctx, runs.AttributeCustomer.ValueSet(in.Customer)); err != nil {
				return runs.NoticeResult{}, err
			}
			return w.Notice(ctx, in)
		},
		"the task is not made": func(ctx workflow.Context, in NoticeInput) (runs.NoticeResult, error) {
			in.Carried = &noticeState{TaskID: "T-1", Reported: runs.ReportedNone}
			return w.Notice(ctx, in)
		},
		"what the run before handed on is forgotten": func(ctx workflow.Context, in NoticeInput) (runs.NoticeResult, error) {
			return w.Notice(ctx, NoticeInput{NoticeRef: in.NoticeRef})
		},
		"it ends at once": func(workflow.Context, NoticeInput) (runs.NoticeResult, error) { return runs.NoticeResult{}, nil },
	}
}

// nonDeterministic is the SDK's rule that a replay broke: https://github.com/temporalio/rules/blob/main/rules/TMPRL1100.md
const nonDeterministic = "TMPRL1100"

func TestAChangeThatHistoriesDoNotAllowIsCaught(t *testing.T) {
	histories := recorded(t)
	for name, notice := range changed(&Workflows{timing: runs.Timing{HTTPTimeout: 10 * time.Second}}) {
		t.Run(name, func(t *testing.T) {
			replayer := worker.NewWorkflowReplayer()
			replayer.RegisterWorkflowWithOptions(notice, workflow.RegisterOptions{Name: runs.TypeNotice})
			history := histories["happy"]
			if strings.Contains(name, "the run before") {
				require.NoError(t, replay(replayer, history), "a first run has nothing to forget")
				history = histories["continued-as-new-2"]
			}
			require.ErrorContains(t, replay(replayer, history), nonDeterministic)
		})
	}
}

// As in the worked example of docs/versioning.md, an activity more, but only in lives that begin with it.
func TestTheSameChangeBehindAVersionIsAllowed(t *testing.T) {
	w := &Workflows{timing: runs.Timing{HTTPTimeout: 10 * time.Second}}
	replayer := worker.NewWorkflowReplayer()
	replayer.RegisterWorkflowWithOptions(func(ctx workflow.Context, in NoticeInput) (runs.NoticeResult, error) {
		if workflow.GetVersion(ctx, "look-first", workflow.DefaultVersion, 1) >= 1 {
			if _, err := followNotice.execute(w.withStep(ctx, followNotice.name, "look first"), runs.FollowInput{NoticeRef: in.NoticeRef}); err != nil {
				return runs.NoticeResult{}, err
			}
		}
		return w.Notice(ctx, in)
	}, workflow.RegisterOptions{Name: runs.TypeNotice})
	for name, history := range recorded(t) {
		if history.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes().GetWorkflowType().GetName() == runs.TypeNotice {
			require.NoError(t, replay(replayer, history), name)
		}
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

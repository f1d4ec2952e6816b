package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"tampuuri-hillava/sandbox/stack"
)

// customerStatus is the answer of a customer's query "status", in the contract's spelling.
type customerStatus struct {
	Tunniste     string     `json:"tunniste"`
	Polled       bool       `json:"polled"`
	Reasons      []string   `json:"reasons"`
	LastGoodPoll *time.Time `json:"lastGoodPoll"`
	NextPoll     *time.Time `json:"nextPoll"`
	LastCompared *time.Time `json:"lastCompared"`
	Paused       *struct {
		By, Reason string
		Since      time.Time
	} `json:"paused"`
	Skipped []struct {
		NoticeID int64  `json:"noticeId"`
		Reason   string `json:"reason"`
	} `json:"skipped"`
	LastRound *polledNow `json:"lastRound"`
	Changed   []struct {
		WorkflowID string   `json:"workflowId"`
		EntryIDs   []string `json:"entryIds"`
	} `json:"changed"`
}

// polledNow is the answer of the update poll-now, and of the status's last round.
type polledNow struct {
	At        *time.Time `json:"at"`
	Started   int        `json:"started"`
	Known     int        `json:"known"`
	Signalled int        `json:"signalled"`
	Left      bool       `json:"left"`
	Failure   string     `json:"failure"`
}

// customer asks a customer's workflow how it stands.
func (w *world) customer(ctx context.Context, tunniste string) (status customerStatus, err error) {
	value, err := w.client.QueryWorkflow(ctx, "customer-"+tunniste, "", "status")
	if err != nil {
		return status, err
	}
	var raw json.RawMessage
	if err := value.Get(&raw); err != nil {
		return status, err
	}
	return status, json.Unmarshal(raw, &status)
}

// update sends an update to a customer's workflow as the Web UI would, and reads its answer.
func (w *world) update(tunniste, name string, answer any, arguments ...any) error {
	w.t.Helper()
	handle, err := w.client.UpdateWorkflow(w.context(), client.UpdateWorkflowOptions{
		WorkflowID: "customer-" + tunniste, UpdateName: name, Args: arguments, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return err
	}
	return handle.Get(w.context(), answer)
}

// pausePolling has a person pause a customer's polling.
func (w *world) pausePolling(tunniste string) {
	w.t.Helper()
	require.NoError(w.t, w.update(tunniste, "pause", nil, map[string]string{"by": "test", "reason": "a person's pause"}))
}

func (w *world) resumePolling(tunniste string) {
	w.t.Helper()
	require.NoError(w.t, w.update(tunniste, "resume", nil, map[string]string{"by": "test"}))
}

// polled waits until two more polls and comparisons of the customer and two more reconciliations have been through: what
// they have not brought about by then, they do not bring about.
func (w *world) polled(tunniste string) {
	w.t.Helper()
	const enough = 3 // the first to end may have begun before
	seen := map[string]map[time.Time]bool{"poll": {}, "comparison": {}}
	var actions int
	require.NoError(w.t, stack.WaitFor(w.context(), "two rounds of "+tunniste+" and two reconciliations", func(ctx context.Context) error {
		status, err := w.customer(ctx, tunniste)
		if err != nil {
			return err // a busy server is asked again
		}
		if status.LastRound != nil && status.LastRound.At != nil {
			seen["poll"][*status.LastRound.At] = true
		}
		if status.LastCompared != nil {
			seen["comparison"][*status.LastCompared] = true
		}
		description, err := w.client.ScheduleClient().GetHandle(ctx, "reconcile").Describe(ctx)
		if err != nil {
			return err
		}
		if actions == 0 {
			actions = description.Info.NumActions + enough
		}
		for what, times := range seen {
			if what == "poll" && status.Paused != nil {
				continue
			}
			if len(times) <= enough {
				return fmt.Errorf("%d of %d: %s", len(times), enough+1, what)
			}
		}
		if description.Info.NumActions < actions {
			return errors.New("a reconciliation is to come")
		}
		return nil
	}))
}

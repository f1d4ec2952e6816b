package stack

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"tampuuri-hillava/sandbox/web"
)

const (
	livesFresh    = 900 * time.Millisecond // the page asks every second; several pages share one look
	livesPatience = 3 * time.Second
	livesAtOnce   = 8
)

// integration tells the page how the integration stands with each notice, as Temporal has it.
type integration struct {
	stack  *Stack
	client client.Client

	mutex     sync.Mutex
	looked    time.Time
	notices   map[string]web.Life
	customers map[string]web.Polling
}

// Lives looks at the workflows. What cannot be read in time is as it was at the last look.
func (i *integration) Lives(ctx context.Context) (map[string]web.Life, map[string]web.Polling) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	if time.Since(i.looked) >= livesFresh {
		ctx, cancel := context.WithTimeout(ctx, livesPatience)
		defer cancel()
		i.look(ctx)
		i.looked = time.Now()
	}
	return maps.Clone(i.notices), maps.Clone(i.customers)
}

func (i *integration) look(ctx context.Context) {
	notices, customers := map[string]web.Life{}, map[string]web.Polling{}
	var mutex sync.Mutex
	var group errgroup.Group
	group.SetLimit(livesAtOnce)
	for _, notice := range i.stack.Tampuuri.Notices() {
		tunniste, _ := notice["_customer"].(string)
		externalID := web.ExternalID(tunniste, notice)
		was, known := i.notices[externalID]
		group.Go(func() error {
			life, err := i.life(ctx, noticePrefix+externalID)
			mutex.Lock()
			defer mutex.Unlock()
			if err == nil {
				notices[externalID] = life
			} else if known && ctx.Err() != nil {
				notices[externalID] = was
			}
			return nil
		})
	}
	for _, customer := range i.stack.Hillava.Customers() {
		group.Go(func() error {
			if polling, ok := i.polling(ctx, customer.ExternalID); ok {
				mutex.Lock()
				defer mutex.Unlock()
				customers[customer.ExternalID] = polling
			}
			return nil
		})
	}
	_ = group.Wait() // what could not be read is left out
	i.notices, i.customers = notices, customers
}

// polling asks a customer's workflow; ok is false where there is none.
func (i *integration) polling(ctx context.Context, tunniste string) (polling web.Polling, ok bool) {
	var status struct {
		Polled    bool     `json:"polled"`
		Reasons   []string `json:"reasons"`
		Paused    *struct{ By, Reason string }
		LastRound *struct{ Failure string }
	}
	answer, err := i.client.QueryWorkflow(ctx, "customer-"+tunniste, "", "status")
	if errors.As(err, new(*serviceerror.NotFound)) {
		return web.Polling{}, false
	}
	if err != nil || answer.Get(&status) != nil {
		return web.Polling{Reasons: []string{"no worker answers"}}, true
	}
	polling = web.Polling{Polled: status.Polled, Reasons: append([]string{}, status.Reasons...)}
	if status.Paused != nil {
		polling.Reasons = append(polling.Reasons, "paused by "+status.Paused.By+": "+status.Paused.Reason)
	}
	if status.LastRound != nil {
		polling.Failure = status.LastRound.Failure
	}
	return polling, true
}

func (i *integration) life(ctx context.Context, workflowID string) (web.Life, error) {
	described, err := i.client.DescribeWorkflowExecution(ctx, workflowID, "")
	if err != nil {
		return web.Life{}, err
	}
	info := described.GetWorkflowExecutionInfo()
	attributes := info.GetSearchAttributes().GetIndexedFields()
	life := web.Life{Phase: keyword(attributes["NoticePhase"]), Closed: info.GetStatus() != enums.WORKFLOW_EXECUTION_STATUS_RUNNING}
	for _, pending := range described.GetPendingActivities() {
		if pending.GetLastFailure() != nil {
			tried(&life, pending)
		}
	}
	if life.Attention = keyword(attributes["AttentionReason"]); life.Attention == "" || life.Closed {
		return life, nil
	}
	if answer, err := i.client.QueryWorkflow(ctx, workflowID, "", "status"); err == nil {
		var status struct {
			Attention *struct {
				Since time.Time `json:"since"`
				What  string    `json:"what"`
			} `json:"attention"`
		}
		if answer.Get(&status) == nil && status.Attention != nil {
			life.Since, life.Advice = &status.Attention.Since, status.Attention.What
		}
	}
	if life.Failure == "" {
		life.Failure = i.lastFailure(ctx, workflowID)
	}
	return life, nil
}

// tried tells of a step that is being tried again.
func tried(life *web.Life, pending *workflowpb.PendingActivityInfo) {
	life.Step, life.Attempt, life.Failure = pending.GetActivityType().GetName(), pending.GetAttempt(), pending.GetLastFailure().GetMessage()
	if next := pending.GetNextAttemptScheduleTime(); next != nil {
		at := next.AsTime()
		life.Next = &at
	}
}

// lastFailure is that of the last step that was refused for good.
func (i *integration) lastFailure(ctx context.Context, workflowID string) string {
	described, err := i.client.WorkflowService().GetWorkflowExecutionHistoryReverse(ctx, &workflowservice.GetWorkflowExecutionHistoryReverseRequest{
		Namespace: i.stack.Temporal.Namespace, Execution: &commonpb.WorkflowExecution{WorkflowId: workflowID}, MaximumPageSize: 50,
	})
	if err != nil {
		return ""
	}
	for _, event := range described.GetHistory().GetEvents() {
		if failed := event.GetActivityTaskFailedEventAttributes(); failed != nil {
			return failed.GetFailure().GetMessage()
		}
	}
	return ""
}

// Operate runs the operator's command, as a person would.
func (i *integration) Operate(ctx context.Context, what, externalID, code string) (string, error) {
	arguments := []string{"notice", what, externalID, "--by", "sandbox-page"}
	switch what {
	case "resend":
	case "dismiss":
		arguments = append(arguments, "--code", code, "--yes") // who pressed the button has chosen a code
	default:
		return "", errors.New("the page resends and dismisses only")
	}
	out, messages, exit, err := i.stack.Starter(ctx, arguments...)
	if err != nil {
		return "", err
	}
	if said := strings.TrimSpace(out + messages); exit != 0 {
		return "", errors.New(said)
	}
	return strings.TrimSpace(out), nil
}

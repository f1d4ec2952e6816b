package main

import (
	"context"
	"errors"
	"fmt"
	"math"

	"go.temporal.io/api/enums/v1"

	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/stack"
)

// Cost is what one notice with one time entry costs from assignment to Valmis, alone in the system.
type Cost struct {
	Actions  int   `json:"actions"` // billable ones
	Events   int64 `json:"events"`
	Bytes    int64 `json:"bytes"` // of its history
	Tampuuri int   `json:"tampuuriCalls"`
	Hillava  int   `json:"hillavaCalls"`
}

// expected is checked by --short. Whoever makes a notice cheaper or dearer writes the new figures here.
var expected = Cost{Actions: 10, Events: 40, Bytes: 5839, Tampuuri: 6, Hillava: 4}

// byteTolerance is how far a history's size may be off: ids and texts of errors differ in length.
const byteTolerance = 0.03

func (c Cost) check() error {
	var wrong []error
	differ := func(what string, is, expected any) {
		wrong = append(wrong, fmt.Errorf("%s: %v, expected %v (bench/counts.go)", what, is, expected))
	}
	if c.Actions != expected.Actions {
		differ("billable actions of a notice", c.Actions, expected.Actions)
	}
	if c.Events != expected.Events {
		differ("history events of a notice", c.Events, expected.Events)
	}
	if off := math.Abs(float64(c.Bytes - expected.Bytes)); off > byteTolerance*float64(expected.Bytes) {
		differ("history bytes of a notice", c.Bytes, expected.Bytes)
	}
	if c.Tampuuri != expected.Tampuuri {
		differ("calls of Tampuuri for a notice", c.Tampuuri, expected.Tampuuri)
	}
	if c.Hillava != expected.Hillava {
		differ("calls of Hillava for a notice", c.Hillava, expected.Hillava)
	}
	return errors.Join(wrong...)
}

// cost takes one notice through everything, and returns what it cost and the steps of its workflow, for the floor.
func (b *bench) cost(ctx context.Context) (Cost, []string, error) {
	id, err := b.AddNotice()
	if err != nil {
		return Cost{}, nil, err
	}
	if err := b.pollNow(ctx); err != nil {
		return Cost{}, nil, err
	}
	task, err := b.WaitTask(ctx, tunniste, id)
	if err != nil {
		return Cost{}, nil, err
	}
	entry := hillava.TimeEntry{Date: "2026-02-03", Resource: hillava.Resource{ID: "R-1", Name: "Testi Asentaja"}, CustomerSummary: "Vaihdettu tiiviste.", Hours: 1}
	if _, err := b.Hillava.AddTimeEntry(task.ID, entry); err != nil {
		return Cost{}, nil, err
	}
	for i, step := range transitions {
		// An event that comes while the workflow is still at the step before saves a workflow task: three events less.
		if _, err := b.WaitWorkflow(ctx, b.client, tunniste, id, "Running", []string{"working", "done"}[i]); err != nil {
			return Cost{}, nil, err
		}
		if err := b.Hillava.Transition(task.ID, step.transition); err != nil {
			return Cost{}, nil, err
		}
		if err := b.WaitState(ctx, tunniste, id, step.state); err != nil {
			return Cost{}, nil, err
		}
	}
	workflow, err := b.WaitWorkflow(ctx, b.client, tunniste, id, "Completed", "invoiced")
	if err != nil {
		return Cost{}, nil, err
	}
	cost, steps, err := b.read(ctx, workflow)
	for _, request := range b.Tampuuri.AccessLog() {
		if request.Key == fmt.Sprint(id) {
			cost.Tampuuri++
		}
	}
	calls := b.Hillava.Requests() // but for those of the sync, the reconciliation and the worker's start
	for _, op := range []string{hillava.OpFindTask, hillava.OpCreateTask, hillava.OpReadTask, hillava.OpTimeEntries, hillava.OpNote} {
		cost.Hillava += calls[op]
	}
	return cost, steps, err
}

// The steps of a workflow that the floor repeats.
const (
	stepActivity = "activity"
	stepUpsert   = "upsert"
	stepSignal   = "signal"
)

func (b *bench) read(ctx context.Context, workflow stack.Workflow) (Cost, []string, error) {
	answer, err := b.client.DescribeWorkflowExecution(ctx, workflow.WorkflowID, "")
	if err != nil {
		return Cost{}, nil, fmt.Errorf("describe %s: %w", workflow.WorkflowID, err)
	}
	cost := Cost{Events: answer.WorkflowExecutionInfo.GetHistoryLength(), Bytes: answer.WorkflowExecutionInfo.GetHistorySizeBytes()}
	var steps []string
	history := b.client.GetWorkflowHistory(ctx, workflow.WorkflowID, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for history.HasNext() {
		event, err := history.Next()
		if err != nil {
			return Cost{}, nil, fmt.Errorf("read the history of %s: %w", workflow.WorkflowID, err)
		}
		switch event.GetEventType() {
		case enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
			steps = append(steps, stepActivity)
		case enums.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
			steps = append(steps, stepUpsert)
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
			steps = append(steps, stepSignal)
		case enums.EVENT_TYPE_ACTIVITY_TASK_STARTED:
			cost.Actions += int(event.GetActivityTaskStartedEventAttributes().GetAttempt()) - 1
			continue
		case enums.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED, enums.EVENT_TYPE_TIMER_STARTED, enums.EVENT_TYPE_MARKER_RECORDED,
			enums.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED:
		default:
			continue
		}
		cost.Actions++
	}
	return cost, steps, nil
}

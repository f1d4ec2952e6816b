package runs

import (
	"context"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
)

// Event is one thing in a notice's history; what is none of these parts only moved it along.
type Event struct {
	At     time.Time
	Shown  *Shown // what the search attributes say from now on
	Did    string // the activity that was completed
	Tehty  bool   // which has reported Tehty
	Resent bool   // somebody let go again what was refused
	Ended  bool   // the life is over, however
}

// Shown is what a notice's search attributes were set to; empty where they stayed as they were.
type Shown struct {
	Phase          Phase
	Reason, TaskID string
}

// History reads what a life has gone through, from the run that it began with to its newest. It asks no worker, and is not
// billed. began is false for a run that goes on with an earlier one, of which nothing more is read then.
func (c *Client) History(ctx context.Context, workflowID, runID string) (events []Event, began bool, err error) {
	for next := runID; next != ""; {
		runID, next = next, ""
		activities := steps{}
		history := c.temporal.GetWorkflowHistory(ctx, workflowID, runID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for history.HasNext() {
			event, err := history.Next()
			if err != nil {
				return nil, false, wrap("read the history of", workflowID, err)
			}
			if event.GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId() != "" && !began {
				return nil, false, nil
			}
			began = true
			if next = event.GetWorkflowExecutionContinuedAsNewEventAttributes().GetNewExecutionRunId(); next == "" {
				events = append(events, activities.read(event)...)
			}
		}
	}
	return events, began, nil
}

// steps are the activities of a run, by the event that scheduled each.
type steps map[int64]Event

// read gives none for an event that tells nothing.
func (s steps) read(event *historypb.HistoryEvent) []Event {
	told := Event{At: event.GetEventTime().AsTime()}
	switch event.GetEventType() {
	case enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
		scheduled, in := event.GetActivityTaskScheduledEventAttributes(), SetStateInput{}
		for _, payload := range scheduled.GetInput().GetPayloads() {
			read(payload, &in)
		}
		s[event.GetEventId()] = Event{Did: scheduled.GetActivityType().GetName(), Tehty: in.State == string(ReportedTehty)}
		return nil
	case enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
		completed, out := event.GetActivityTaskCompletedEventAttributes(), StateSet{}
		for _, payload := range completed.GetResult().GetPayloads() {
			read(payload, &out)
		}
		step := s[completed.GetScheduledEventId()]
		told.Did, told.Tehty = step.Did, step.Tehty && out.Standing != StandingValmis
	case enumspb.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
		told.Shown = &Shown{}
		fields := event.GetUpsertWorkflowSearchAttributesEventAttributes().GetSearchAttributes().GetIndexedFields()
		read(fields[AttributePhase.GetName()], &told.Shown.Phase)
		read(fields[AttributeAttentionReason.GetName()], &told.Shown.Reason)
		read(fields[AttributeTask.GetName()], &told.Shown.TaskID)
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
		told.Resent = event.GetWorkflowExecutionSignaledEventAttributes().GetSignalName() == Resend.Name()
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
		enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED:
		told.Ended = true
	default:
		return nil
	}
	return []Event{told}
}

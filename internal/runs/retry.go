package runs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
)

// ErrUnderWay says that no step of a notice waits for its next attempt: one is under way, or there is none.
var ErrUnderWay = errors.New("no step of it waits for its next attempt")

// TooEarly says that a write may still be on its way: looking for its effect before then proves nothing, and a second one
// would do it twice.
type TooEarly struct {
	Activity string
	Until    time.Time
}

func (e *TooEarly) Error() string {
	return e.Activity + " waits to see what became of its last write, so that nothing is done twice"
}

// RetryNow has the steps of a workflow that wait for their next attempt tried now, also those that a person paused, and
// returns them as they were. A step whose last write has an unknown outcome is left alone until the in-flight window is over.
func (c *Client) RetryNow(ctx context.Context, workflowID string, timing Timing) (tried []PendingStep, err error) {
	found, err := c.Describe(ctx, workflowID)
	if err != nil {
		return nil, err
	}
	for _, step := range found.Pending {
		if step.NextRetry == nil && !step.Paused {
			continue
		}
		if until, early := step.tooEarly(time.Now(), timing.InFlightWindow()); early {
			return tried, &TooEarly{Activity: step.Activity, Until: until}
		}
		_, err := c.temporal.WorkflowService().ResetActivity(ctx, &workflowservice.ResetActivityRequest{
			Namespace: c.namespace, Execution: &commonpb.WorkflowExecution{WorkflowId: workflowID, RunId: found.RunID},
			Activity: &workflowservice.ResetActivityRequest_Id{Id: step.ID},
		})
		switch {
		case errors.As(err, new(*serviceerror.Unimplemented)):
			return tried, fmt.Errorf("the Temporal server is too old to try a step at once (1.28 can): %w", err)
		case isNotFound(err): // it has just gone on
			continue
		case err != nil:
			return tried, wrap("retry "+step.Activity+" of", workflowID, err)
		}
		tried = append(tried, step)
	}
	if len(tried) == 0 {
		return nil, ErrUnderWay
	}
	return tried, nil
}

// MayHaveWritten tells a step whose last attempt ended without knowing what became of its write.
func (s PendingStep) MayHaveWritten() bool {
	return strings.HasPrefix(s.LastFailure, FaultOutcomeUnknown+": ")
}

// tooEarly tells until when a step may have a write on its way.
func (s PendingStep) tooEarly(now time.Time, window time.Duration) (until time.Time, early bool) {
	if s.LastEnded == nil || !s.MayHaveWritten() {
		return time.Time{}, false
	}
	until = s.LastEnded.Add(window)
	return until, now.Before(until)
}

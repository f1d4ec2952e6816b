package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/temporalclient"
)

// lifeOf describes the newest run of a notice's workflow; nil when Temporal has none. It is consistent, unlike a
// visibility query, and not billed.
func (a *Activities) lifeOf(ctx context.Context, externalID string) (*runs.Life, error) {
	description, err := a.temporal.DescribeWorkflowExecution(ctx, runs.NoticeWorkflowID(externalID), "")
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return nil, nil
	}
	if err != nil {
		return nil, temporalFailure(err)
	}
	return runs.ReadLife(description.GetWorkflowExecutionInfo()), nil
}

// signalChanged tells a notice's workflow to look at Tampuuri. One and the same difference, told again while the
// workflow has not dealt with it, adds no event. Both sides of it are in the request id: an edit of our own settings
// (performer_ids, say) takes a notice away and gives it back without moving Muokattu.
func (a *Activities) signalChanged(ctx context.Context, life *runs.Life, now runs.Snapshot, modified time.Time) error {
	change := fmt.Sprintf("%s %v %v %s", life.Ref.ExternalID, life.Known, now, modified.UTC().Format(time.RFC3339Nano))
	requestID := temporalclient.EventRequestID(runs.SignalNoticeChanged, change)
	err := a.temporal.SignalWorkflow(temporalclient.WithSignalRequestID(ctx, requestID),
		runs.NoticeWorkflowID(life.Ref.ExternalID), "", runs.SignalNoticeChanged, nil)
	return ignoreClosed(err)
}

// signalEvent sends one of Hillava's events exactly as its webhook would.
func (a *Activities) signalEvent(ctx context.Context, externalID, signal string, event runs.EventSignal) error {
	requestID := temporalclient.EventRequestID(signal, event.EventID)
	err := a.temporal.SignalWorkflow(temporalclient.WithSignalRequestID(ctx, requestID),
		runs.NoticeWorkflowID(externalID), "", signal, event)
	return ignoreClosed(err)
}

// ignoreClosed: a workflow that has closed since it was looked at needs no signal any more.
func ignoreClosed(err error) error {
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return nil
	}
	return temporalFailure(err)
}

// temporalFailure gives Temporal's own errors a type of their own. Their texts hold ids at most.
func temporalFailure(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return temporal.NewApplicationErrorWithOptions("Temporal did not take it: "+err.Error(), runs.FaultTemporal, temporal.ApplicationErrorOptions{})
}

package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/activity"

	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
)

// What a round looks at beside the list that it reads, and what it tells of itself.

// beat tells Temporal that the round is alive, and how many notices it has started: max_new bounds the round, not each
// attempt at it.
func (p *poll) beat(ctx context.Context) { activity.RecordHeartbeat(ctx, p.result.Started) }

func (p *poll) countEarlierAttempts(ctx context.Context) {
	var started int
	if activity.HasHeartbeatDetails(ctx) && activity.GetHeartbeatDetails(ctx, &started) == nil {
		p.result.Started += started
		p.left -= started
	}
}

// revive starts again what a person terminated in the Web UI though it is ours and open. Its row may be far behind the
// mark, and nothing else would ever look at it.
func (p *poll) revive(ctx context.Context) error {
	query := fmt.Sprintf("WorkflowType = '%s' AND %s = '%s' AND ExecutionStatus IN ('Terminated', 'Failed', 'TimedOut')",
		runs.TypeNotice, runs.AttributeCustomer.GetName(), p.office.Tunniste)
	request := &workflowservice.ListWorkflowExecutionsRequest{Query: query, PageSize: 1000}
	looked := map[string]bool{}
	for {
		page, err := p.temporal.ListWorkflow(ctx, request)
		if err != nil {
			return temporalFailure(err)
		}
		for _, info := range page.GetExecutions() {
			externalID, ok := runs.ExternalIDOf(info.GetExecution().GetWorkflowId())
			if !ok || looked[externalID] {
				continue
			}
			looked[externalID] = true
			if err := p.reviveOne(ctx, externalID); err != nil {
				return err
			}
		}
		if request.NextPageToken = page.GetNextPageToken(); len(request.NextPageToken) == 0 {
			return nil
		}
	}
}

func (p *poll) reviveOne(ctx context.Context, externalID string) error {
	life, err := p.lifeOf(ctx, externalID)
	if err != nil || life == nil || life.Running || life.Ended == enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED {
		return err // it goes on already, or has ended as it should since
	}
	done, err := p.again(ctx, life.Ref.NoticeID)
	p.result.Left = p.result.Left || done
	return err
}

// again reads one notice by its id and takes it; done says that this round may start no more. One that its own server
// fails on must not stop the others; were it all of them, the list says so.
func (p *poll) again(ctx context.Context, id int64) (done bool, err error) {
	p.beat(ctx)
	n, err := p.office.Notice(ctx, id)
	var refusal *peer.Error
	switch {
	case isMissing(err):
		p.forget(id)
		return false, nil
	case errors.As(err, &refusal) && refusal.Kind != peer.KindTransport:
		return false, nil
	case err != nil:
		return false, err
	}
	p.forget(id)
	return p.take(ctx, n.PerformerID, n)
}

// retrySkipped tries the notices again that an earlier round could not read: the mark has passed them.
func (p *poll) retrySkipped(ctx context.Context) error {
	for _, skipped := range slices.Clone(p.result.Skipped) {
		if skipped.Reason != runs.SkippedUnreadable || skipped.NoticeID == 0 {
			continue
		}
		done, err := p.again(ctx, skipped.NoticeID)
		if err != nil {
			return err
		}
		if done { // max_new is reached: next round
			p.skip(skipped.NoticeID, runs.SkippedUnreadable)
			p.result.Left = true
		}
	}
	return nil
}

// skip lists a notice that a person should know of, until a later round finds it in order; listed is false when the
// list is full.
func (p *poll) skip(id int64, reason string) (listed bool) {
	entry := runs.SkippedNotice{NoticeID: id, Reason: reason}
	if slices.Contains(p.result.Skipped, entry) {
		return true
	}
	p.logger.Warn("A notice was not imported.", "customer", p.office.Tunniste, "notice", fmt.Sprint(id), "reason", reason)
	if len(p.result.Skipped) >= maxSkipped {
		return false
	}
	p.result.Skipped = append(p.result.Skipped, entry)
	return true
}

func (p *poll) forget(id int64) {
	p.result.Skipped = slices.DeleteFunc(p.result.Skipped, func(s runs.SkippedNotice) bool { return s.NoticeID == id })
}

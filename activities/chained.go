package activities

import (
	"context"
	"errors"

	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

// tellParent notes on the task of the notice from which this one was chained that there is a new one. The parent's own
// record does not show it: only the child names its parent. Nothing of it may keep the child waiting for a person: what is
// refused for good is logged and left.
func (a *Activities) tellParent(ctx context.Context, office *office, child notice.Notice, ref runs.NoticeRef, customerID string) error {
	if child.ParentID == 0 {
		return nil
	}
	err := a.noteOnParent(ctx, office, child, ref, customerID)
	var failure *temporal.ApplicationError
	if errors.As(a.failure(err, call{attempt: attemptOf(ctx)}), &failure) && failure.NonRetryable() {
		a.logger.Warn("The notice from which another was chained could not be told.", "customer", ref.Customer, "notice", ref.ExternalID, "error", err)
		return nil
	}
	return err
}

func (a *Activities) noteOnParent(ctx context.Context, office *office, child notice.Notice, ref runs.NoticeRef, customerID string) error {
	parent, err := office.Notice(ctx, child.ParentID)
	if err != nil {
		return err
	}
	parentRef := runs.NoticeRef{
		Customer: ref.Customer, NoticeID: parent.ID, ExternalID: notice.ExternalID(ref.Customer, parent.ID, parent.GUID),
	}
	life, err := a.lifeOf(ctx, parentRef.ExternalID)
	if err != nil || life == nil || !child.Created.At.After(life.Started) {
		return err // it is no notice of ours, or was chained before it was imported: no change
	}
	task, err := a.findTask(ctx, parentRef, customerID)
	if err != nil || task.ID == "" {
		return err
	}
	return a.addNote(ctx, parentRef, task.ID, "chained-"+ref.ExternalID, notice.ChainedNote(child.Created.At, child.ID))
}

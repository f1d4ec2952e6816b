package activities

import (
	"context"
	"slices"

	"tampuuri-hillava/internal/gateway"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

// NoteOnParent notes on the task of the notice from which this one was chained that there is a new one. The parent's own
// record does not show it: only the child names its parent.
func (a *Activities) NoteOnParent(ctx context.Context, in runs.ParentInput) (struct{}, error) {
	err := a.noteOnParent(ctx, in)
	return struct{}{}, a.failure(ctx, err, "")
}

func (a *Activities) noteOnParent(ctx context.Context, in runs.ParentInput) error {
	account, err := a.accountOf(in.NoticeRef)
	if err != nil {
		return err
	}
	child, err := account.Notice(ctx, in.NoticeID)
	if err != nil {
		return err
	}
	parent, err := account.Notice(ctx, in.ParentID)
	if err != nil {
		return err
	}
	ref := runs.NoticeRef{Customer: in.Customer, NoticeID: parent.ID}
	var life *runs.Life
	for _, tunniste := range slices.Concat([]string{account.Tunniste}, account.Formerly) { // under which it may be here
		ref.ExternalID = notice.ExternalID(tunniste, parent.ID, parent.GUID)
		if life, err = a.Runs.Life(ctx, ref.ExternalID); err != nil {
			return gateway.TemporalFailure(err)
		}
		if life != nil {
			break
		}
	}
	if life == nil || !child.Created.At.After(life.Imported) {
		return nil // it is no notice of ours, or was chained before it was imported: no change
	}
	own, err := a.Runs.Life(ctx, in.ExternalID)
	if err != nil {
		return gateway.TemporalFailure(err)
	}
	if own != nil && own.Started.Sub(own.Imported) > runs.NoteKeyKept {
		return nil // this one started again: its first life has told what there was to tell
	}
	payers, err := a.directory.payers(ctx, account.Customer)
	if err != nil {
		return err
	}
	task, err := a.findTask(ctx, ref, payers)
	if err != nil || task.ID == "" {
		return err
	}
	return a.hillava.AddNote(ctx, ref, task.ID, "chained-"+in.ExternalID, notice.ChainedNote(child.Created.At, child.ID))
}

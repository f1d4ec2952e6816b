package activities

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

const (
	// maxChanged bounds the list of notices whose time entries were changed after sending; the oldest go first.
	maxChanged = 500
	// clockSlack is for Hillava's clock against Temporal's: our own last write moves the task as well.
	clockSlack = 2 * time.Minute
)

// compareSent looks at a task that has changed after its notice was invoiced. Tampuuri takes nothing more by then, so
// what differs is noted on the task, with what to correct by hand, and stays listed until it is the same again.
func (a *Activities) compareSent(ctx context.Context, task hillava.Task, life *runs.Life, result *runs.HillavaDifferences) error {
	completed := life.Phase == runs.PhaseInvoiced && life.Ended == enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	if !completed || task.Modified.Before(life.Closed.Add(-clockSlack)) {
		return nil
	}
	workflowID := runs.NoticeWorkflowID(life.Ref.ExternalID)
	var ended runs.NoticeResult
	if err := a.temporal.GetWorkflow(ctx, workflowID, "").Get(ctx, &ended); err != nil {
		return temporalFailure(err)
	}
	office, err := a.customerOf(life.Ref)
	if err != nil {
		return nil //nolint:nilerr // its settings are gone: its Tampuuri cannot be compared, and customers list says so
	}
	n, err := office.Notice(ctx, life.Ref.NoticeID)
	if err != nil {
		a.logger.Warn("An invoiced notice could not be compared with its task; its next change tries again.",
			"customer", life.Ref.Customer, "workflow", workflowID, "error", err)
		return nil
	}
	if n.NoToimenpiteet {
		return stop(runs.ReasonUnreadable, errNoToimenpiteet)
	}
	entries, err := a.hillava.TimeEntries(ctx, task.ID)
	if err != nil {
		return a.unlessRefused(a.failure(err, call{attempt: attemptOf(ctx)}), workflowID)
	}
	changes := notice.ChangedAfterSending(ended.Entries, a.fingerprints(n.Toimenpiteet), entries, a.keyer)
	known := slices.IndexFunc(result.Changed, func(c runs.ChangedAfter) bool { return c.WorkflowID == workflowID })
	if len(changes) == 0 {
		if known >= 0 {
			result.Changed = slices.Delete(slices.Clone(result.Changed), known, known+1)
		}
		return nil
	}
	changed := a.fingerprintOf(changes, entries)
	if known >= 0 && result.Changed[known].Noted == changed {
		return nil // Hillava may have forgotten the note's key: a task nobody touches is read again for days
	}
	noted, err := a.noteChanged(ctx, task, life, changed, notice.EntriesChangedNote(a.now(), changes, entries))
	if err != nil {
		return err
	}
	listed := runs.ChangedAfter{WorkflowID: workflowID, TaskID: task.ID, Since: a.now().UTC().Format(time.RFC3339), Noted: noted}
	for _, change := range changes {
		listed.EntryIDs = append(listed.EntryIDs, change.EntryID)
	}
	if known >= 0 {
		listed.Since = result.Changed[known].Since
		result.Changed = slices.Clone(result.Changed)
		result.Changed[known] = listed
		return nil
	}
	result.Changed = append(slices.Clone(result.Changed), listed)
	if excess := len(result.Changed) - maxChanged; excess > 0 {
		result.Changed = result.Changed[excess:]
	}
	return nil
}

// noteChanged notes the changes on the task; noted is their digest, or empty when Hillava refuses the note for good.
func (a *Activities) noteChanged(ctx context.Context, task hillava.Task, life *runs.Life, digest, text string) (noted string, err error) {
	err = a.addNote(ctx, life.Ref, task.ID, "entries-"+life.Ref.ExternalID+"-"+digest, text)
	if err == nil {
		return digest, nil
	}
	return "", a.unlessRefused(a.failure(err, call{attempt: attemptOf(ctx)}), runs.NoticeWorkflowID(life.Ref.ExternalID))
}

// unlessRefused lets a round go on when Hillava refuses something about one task for good: it would refuse it in every
// round, the mark would stay before that task, and no lost event behind it would ever be found.
func (a *Activities) unlessRefused(err error, workflowID string) error {
	var failure *temporal.ApplicationError
	if !errors.As(err, &failure) || !failure.NonRetryable() {
		return err
	}
	a.logger.Warn("What was changed on a task after sending could not be noted on it.", "workflow", workflowID, "error", err)
	return nil
}

// fingerprintOf tells one set of changes from another, so that each is noted once: the same changes with other texts
// are another set.
func (a *Activities) fingerprintOf(changes []notice.EntryChange, entries []notice.TimeEntry) string {
	sum := sha256.New()
	for _, change := range changes {
		fmt.Fprintf(sum, "%s %s ", change.EntryID, change.Kind)
		for _, entry := range entries {
			if entry.ID == change.EntryID {
				fmt.Fprintln(sum, a.keyer.Toimenpide(notice.ToimenpideOf(entry)))
			}
		}
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}

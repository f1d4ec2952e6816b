package rounds

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"tampuuri-hillava/internal/gateway"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

const (
	// maxChanged bounds the list of notices whose time entries were changed after sending; the oldest go first.
	maxChanged = 500
	// comparedInARow is how many comparisons may fail one after the other before the rest waits for the next round: one
	// task's own trouble stops nothing, a peer that is away is not asked 200 times.
	comparedInARow = 3
	// listedFresh is how long a comparison of a listed notice counts: what is corrected in Tampuuri by hand moves no task, and
	// what Temporal forgets tells nobody.
	listedFresh = 24 * time.Hour
)

// compareSent looks at the tasks that have changed after their notices were invoiced, and once a day at those that are listed.
// Tampuuri takes nothing more by then, so what differs is noted on the task, with what to correct by hand, and stays listed
// until it is the same again.
func (r *customerRound) compareSent() {
	if r.account == nil {
		return
	}
	failures := 0
	for _, task := range r.inTurn(slices.Concat(r.in.Sent, r.listedDue())) {
		if failures >= comparedInARow || r.ends() {
			return
		}
		r.heartbeat()
		compared, err := r.compareTask(task)
		switch {
		case r.interrupted(): // the next round does it
			r.cut = true
			return
		case err == nil:
			failures = 0
		case !gateway.Retried(err): // it would fail in every round
			r.Logger.Warn("An invoiced notice could not be compared with its task; its next change tries again.",
				"customer", r.in.Tunniste, "task", task.TaskID, "error", err)
			compared = true
		default:
			failures, compared = failures+1, false
			r.failing.remember(task.TaskID, r.Now())
			r.Logger.Warn("An invoiced notice could not be compared with its task; the next round tries again.",
				"customer", r.in.Tunniste, "task", task.TaskID, "error", err)
		}
		if compared {
			r.compared.remember(runs.NoticeWorkflowID(task.ExternalID), r.Now())
		}
		if compared && slices.Contains(r.in.Sent, task) {
			r.out.Compared = append(r.out.Compared, task)
		}
	}
}

// inTurn puts those whose comparison has failed behind all others, and the one that failed last behind them: some that fail
// in every round keep no other from its turn.
func (r *customerRound) inTurn(tasks []runs.SentTask) []runs.SentTask {
	slices.SortStableFunc(tasks, func(x, y runs.SentTask) int {
		failedX, _ := r.failing.recall(x.TaskID)
		failedY, _ := r.failing.recall(y.TaskID)
		return failedX.Compare(failedY)
	})
	return tasks
}

// listedDue are listed notices that this process has not compared for a day, some of them in each round.
func (r *customerRound) listedDue() (tasks []runs.SentTask) {
	for _, listed := range r.in.Changed {
		at, known := r.compared.recall(listed.WorkflowID)
		sent := func(task runs.SentTask) bool { return task.TaskID == listed.TaskID }
		if known && r.Now().Sub(at) < listedFresh || slices.ContainsFunc(r.in.Sent, sent) {
			continue
		}
		if tasks = append(tasks, runs.SentTask{ExternalID: runs.ExternalIDOf(listed.WorkflowID), TaskID: listed.TaskID}); len(tasks) == askedSingly {
			break
		}
	}
	return tasks
}

// compareTask says with false that it is too early: a notice that is Valmis in Tampuuri has not ended here yet.
func (r *customerRound) compareTask(task runs.SentTask) (compared bool, err error) {
	life, err := r.Runs.Life(r.ctx, task.ExternalID)
	if err != nil {
		return false, gateway.TemporalFailure(err)
	}
	if life == nil || !life.Running && (life.Phase != runs.PhaseInvoiced || !life.Completed()) {
		r.unlist(task)
		return true, nil // forgotten, or ended otherwise
	}
	n, err := r.account.Notice(r.ctx, life.Ref.NoticeID)
	if err != nil {
		return false, r.Gateway.Failure(err, runs.ReasonGone, 1)
	}
	switch {
	case life.Running && r.account.Standing(n) == runs.StandingValmis:
		return false, nil // just ending
	case life.Running: // opened again
		r.unlist(task)
		return true, nil
	}
	return true, r.compareInvoiced(task, life, n)
}

func (r *customerRound) compareInvoiced(task runs.SentTask, life *runs.Life, n notice.Notice) error {
	ended, err := r.Runs.Result(r.ctx, life)
	if err != nil {
		return gateway.TemporalFailure(err)
	}
	present, err := r.account.Toimenpiteet(n)
	if err != nil {
		return err
	}
	entries, err := r.Gateway.Hillava.TimeEntries(r.ctx, task.TaskID)
	if err != nil {
		return r.Gateway.Failure(err, runs.ReasonTaskGone, 1)
	}
	changes := notice.ChangedAfterSending(ended.Entries, present, entries, r.Keyer)
	listed := slices.IndexFunc(r.out.Changed, func(c runs.ChangedAfter) bool { return c.WorkflowID == life.WorkflowID })
	if len(changes) == 0 {
		r.unlist(task)
		return nil
	}
	digest := r.digestOf(changes, entries)
	if listed >= 0 && r.out.Changed[listed].Noted == digest {
		return nil // Hillava may have forgotten the note's key
	}
	key := "entries-" + life.Ref.ExternalID + "-" + digest
	err = r.Gateway.Hillava.AddNote(r.ctx, life.Ref, task.TaskID, key, notice.EntriesChangedNote(r.Now(), changes, entries))
	if err = r.Gateway.Failure(err, runs.ReasonTaskGone, 1); err != nil && gateway.Retried(err) {
		return err
	}
	changed := runs.ChangedAfter{WorkflowID: life.WorkflowID, TaskID: task.TaskID, Since: r.Now().UTC().Format(time.RFC3339)}
	if err == nil {
		changed.Noted = digest
	}
	for _, change := range changes {
		changed.EntryIDs = append(changed.EntryIDs, change.EntryID)
	}
	r.list(changed, listed)
	return err
}

// list adds a notice to those whose time entries were changed, or replaces what stood there of it.
func (r *customerRound) list(changed runs.ChangedAfter, at int) {
	all := slices.Clone(r.out.Changed)
	if at >= 0 {
		changed.Since = all[at].Since
		all[at] = changed
	} else {
		all = append(all, changed)
	}
	r.out.Changed = all[max(0, len(all)-maxChanged):]
}

// unlist takes a notice off them.
func (r *customerRound) unlist(task runs.SentTask) {
	id := runs.NoticeWorkflowID(task.ExternalID)
	r.out.Changed = slices.DeleteFunc(slices.Clone(r.out.Changed), func(c runs.ChangedAfter) bool { return c.WorkflowID == id })
}

// digestOf tells one set of changes from another, so that each is noted once: the same changes with other texts are
// another set.
func (a *Rounds) digestOf(changes []notice.EntryChange, entries []notice.TimeEntry) string {
	sum := sha256.New()
	for _, change := range changes {
		fmt.Fprintf(sum, "%s %s ", change.EntryID, change.Kind)
		for _, entry := range entries {
			if entry.ID == change.EntryID {
				fmt.Fprintln(sum, a.Keyer.Toimenpide(notice.ToimenpideOf(entry)))
			}
		}
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}

package workflows

import (
	"fmt"
	"maps"
	"strings"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"

	"go.temporal.io/sdk/workflow"
)

// create makes the Hillava task. A notice that has been taken from us or closed meanwhile gets none and is withdrawn.
func (l *noticeLife) create(ctx workflow.Context) error {
	l.FollowRequested = false // create reads the notice anew
	known := l.snapshotInMemo(ctx)
	made, err := createTask.step(ctx, l.Workflows, "make the Hillava task", runs.CreateInput{NoticeRef: l.NoticeRef, Known: known.Digest()})
	if err != nil {
		return err
	}
	if made.Snapshot.Standing == "" {
		made.Snapshot = known
	}
	if made.Found {
		made.Snapshot = l.snapshotOfFound(ctx, made.Snapshot)
	}
	made.Snapshot.Prints = notice.KeepDeparted(known.Prints, made.Snapshot.Prints)
	if err := l.remember(ctx, made.Snapshot); err != nil {
		return err
	}
	if made.TaskID == "" {
		l.withdraw(ctx, "no task was made: "+string(made.Snapshot.Standing))
		return nil
	}
	l.returnToUs()
	l.TaskID, l.AcceptState, l.UntoldParent = made.TaskID, made.AcceptState, made.ParentID
	result := "task " + made.TaskID
	if made.Found {
		result += " was there already"
	}
	l.record(workflow.Now(ctx), runs.HappenedCreated, "", result)
	l.receiveFound(ctx, made.Events)
	l.tellParent(ctx)
	return nil
}

// tellParent has the task of the notice from which this one was chained told of it. It goes on beside the steps: whatever
// is the matter with the parent must not hold this notice. The next run begins it anew; Hillava knows the note by its key.
func (l *noticeLife) tellParent(ctx workflow.Context) {
	if l.UntoldParent == 0 {
		return
	}
	detached, _ := workflow.NewDisconnectedContext(ctx) // not a part of the step that found out
	workflow.Go(detached, func(ctx workflow.Context) {
		_, err := noteOnParent.step(ctx, l.Workflows, "tell the parent's task",
			runs.ParentInput{NoticeRef: l.NoticeRef, ParentID: l.UntoldParent})
		if err != nil {
			l.record(workflow.Now(ctx), runs.HappenedIgnored, "", "the parent's task was not told: "+reasonOf(err))
		}
		l.UntoldParent = 0
	})
}

// snapshotOfFound is what is known of a notice whose task was there already. It was made when the notice was read before, in an
// attempt that broke off or in an earlier life, so what has changed since is in no note: known as it was when this life was
// started, the notice is followed at once, and a turvakielto set meanwhile is not missed.
func (l *noticeLife) snapshotOfFound(ctx workflow.Context, now runs.Snapshot) runs.Snapshot {
	before := l.snapshotInMemo(ctx)
	if len(before.Prints) == 0 || len(notice.ChangedFields(before.Prints, now.Prints)) == 0 {
		return now
	}
	l.FollowRequested = true
	return runs.Snapshot{Standing: now.Standing, Prints: before.Prints}
}

// receiveFound takes the events of a task that was there already. They may have come while the notice had no workflow. What
// is older than Temporal's memory belongs to a life before, which was dealt with; should the reconciliation send it, it
// is known by its id.
func (l *noticeLife) receiveFound(ctx workflow.Context, events []runs.FoundEvent) {
	now := workflow.Now(ctx)
	for _, event := range events {
		if event.Old && !l.seen(event.Signal, event.EventID) {
			l.record(now, runs.HappenedIgnored, event.EventID, event.Signal+": it is older than what Temporal keeps, so it was dealt with")
			continue
		}
		l.request(now, event.Signal, event.EventSignal, event.Signal+", found on the task")
	}
}

// accept sets the customer's accept state. It is left out as soon as there is something better to report.
func (l *noticeLife) accept(ctx workflow.Context) error {
	_, err := setState.step(ctx, l.Workflows, "set "+l.AcceptState, runs.SetStateInput{NoticeRef: l.NoticeRef, State: l.AcceptState})
	if err != nil {
		return err
	}
	l.AcceptState = ""
	return nil
}

func (l *noticeLife) reportTehty(ctx workflow.Context) error {
	set, err := setState.step(ctx, l.Workflows, "set Tehty", runs.SetStateInput{NoticeRef: l.NoticeRef, State: string(runs.ReportedTehty)})
	if err != nil {
		return err
	}
	if set.Standing == runs.StandingValmis { // by hand, so Tehty would be a step back
		l.FollowRequested = true // which ends the life, parks it, or finds it open again: then Tehty may go
		return nil
	}
	l.Reported, l.AcceptState = runs.ReportedTehty, ""
	l.unpark(parkingOf(stepAccept))
	l.awaitLaskutettu(workflow.Now(ctx), set.RemindAfter)
	l.record(workflow.Now(ctx), runs.HappenedTehty, "", notified(set.Already, set.Silent))
	return nil
}

func (l *noticeLife) plan(ctx workflow.Context) error {
	plan, err := planToimenpiteet.step(ctx, l.Workflows, "plan the toimenpiteet",
		runs.PlanInput{NoticeRef: l.NoticeRef, TaskID: l.TaskID, Previous: l.Entries})
	if err != nil {
		return err
	}
	now := workflow.Now(ctx)
	if l.Unapproved = plan.Unapproved; plan.Unapproved > 0 {
		recheck := now.Add(plan.RecheckAfter)
		l.RecheckAt = &recheck
		if l.RemindAt == nil {
			remind := now.Add(remindAfter)
			l.RemindAt = &remind
			l.record(now, runs.HappenedSignal, "", fmt.Sprintf("laskutettu waits; time entries to be approved: %d", plan.Unapproved))
		}
		return nil
	}
	l.Entries, l.Planned, l.RecheckAt, l.RemindAt = plan.Entries, true, nil, nil
	return nil
}

// remind reminds the office of time entries to be approved. A reminder that has given way is due still, like nudge's.
func (l *noticeLife) remind(ctx workflow.Context) error {
	began := workflow.Now(ctx)
	if l.RemindTried == nil {
		l.RemindTried = &began
		l.ReminderRounds++
	}
	left := runs.NoteKeyKept - began.Sub(*l.RemindTried)
	reminded, err := runs.ApprovalReminder{}, error(nil)
	if left > 0 {
		reminded, err = remindUnapproved.execute(l.withPatience(ctx, remindUnapproved.calls, "remind of unapproved time entries", left),
			runs.ReminderInput{NoticeRef: l.NoticeRef, TaskID: l.TaskID, Life: lifeID(ctx), Round: l.ReminderRounds})
	}
	if abandoned(ctx, err) {
		return nil
	}
	next := began.Add(remindAfter)
	l.RemindAt, l.RemindTried = &next, nil
	switch {
	case left <= 0, err != nil && (!isForGood(err) || reasonOf(err) == runs.ReasonHillavaRefused): // no reason to stop
		l.record(workflow.Now(ctx), runs.HappenedIgnored, "", "the reminder of time entries to be approved could not be noted on the task")
		return nil
	case err != nil:
		return err
	}
	l.unpark(parkingOf(stepRemind))
	if l.Unapproved = reminded.Unapproved; l.Unapproved == 0 {
		l.RecheckAt = nil // they are approved: plan now
		return nil
	}
	l.record(workflow.Now(ctx), runs.HappenedSignal, "", fmt.Sprintf("reminded; time entries to be approved: %d", l.Unapproved))
	return nil
}

// invoice adds the toimenpiteet and sets Valmis. Työ valmis that comes meanwhile has it begin anew with a look: while nothing
// is in Tampuuri yet, Tehty goes first.
func (l *noticeLife) invoice(ctx workflow.Context) error {
	l.Begun = true
	summary := fmt.Sprintf("add toimenpiteet (%d), set Valmis", len(l.Entries))
	report, err := reportInvoiced.step(ctx, l.Workflows, summary, runs.InvoicedInput{
		NoticeRef: l.NoticeRef, TaskID: l.TaskID, Entries: l.Entries, TyoValmisWaits: l.Undecided != nil,
	})
	if abandoned(ctx, err) && !l.over() {
		detached, _ := workflow.NewDisconnectedContext(ctx)
		return workflow.Sleep(detached, l.timing.InFlightWindow()) // what was sent last may be on its way still
	}
	now := workflow.Now(ctx)
	defer l.decide(now)
	switch {
	case err != nil:
		if seen := (runs.InvoicedReport{}); detailsOf(err, &seen) && seen.Untouched {
			l.Begun = false
		}
		return err
	case report.Replan:
		l.Planned, l.Begun = false, !report.Untouched
		return nil
	}
	toimenpiteet := "none: the task has no time entries"
	if report.Present > 0 {
		toimenpiteet = fmt.Sprintf("%d in Tampuuri", report.Present)
	}
	l.record(now, runs.HappenedToimenpide, "", toimenpiteet)
	l.record(now, runs.HappenedValmis, "", notified(report.Already, report.Silent))
	if l.DoneRequested && l.Reported == runs.ReportedNone {
		l.record(now, runs.HappenedIgnored, "", "tyo-valmis: Valmis is reported")
	}
	l.Reported, l.ClosedBy = runs.ReportedValmis, closedByHillava
	return nil
}

// follow finds out what has become of the notice in Tampuuri and acts on it.
func (l *noticeLife) follow(ctx workflow.Context) error {
	l.FollowRequested = false
	l.FollowRounds++
	was := l.Snapshot.Standing
	told := l.Snapshot
	if l.ToldStanding != "" {
		told.Standing = l.ToldStanding
	}
	options := l.withStep(ctx, followNotice.calls, "see what has changed in Tampuuri")
	if l.over() {
		options = l.withPatience(ctx, followNotice.calls, "see what has changed in Tampuuri, before it ends", lastLook)
	}
	found, err := followNotice.execute(options, runs.FollowInput{
		NoticeRef: l.NoticeRef, TaskID: l.TaskID, Snapshot: told, Reported: l.Reported, Entries: l.Entries, Life: lifeID(ctx), Round: l.FollowRounds,
	})
	switch {
	case err != nil && l.over():
		l.record(workflow.Now(ctx), runs.HappenedIgnored, "", "a change in Tampuuri could not be looked at before the end: "+reasonOf(err))
		return nil
	case err != nil:
		return err
	}
	l.keepUntold(ctx, told, &found)
	if err := l.remember(ctx, found.Snapshot); err != nil {
		return err
	}
	if err := l.goOnUnder(ctx, found.Customer); err != nil {
		return err
	}
	if len(found.Changed) > 0 && !found.NoteRefused {
		l.record(workflow.Now(ctx), runs.HappenedChanged, "", "noted on the task: "+strings.Join(found.Changed, ", "))
	}
	switch {
	case found.Protected:
		l.parkFor(ctx, parkedNotice, runs.ReasonTurvakielto, "")
	case len(found.Changed) == 0 || !found.WorkBegun || found.NoteRefused: // a note that is refused comes again with a resend
	case found.Snapshot.Standing == runs.StandingOpen, found.Snapshot.Standing == runs.StandingTehty: // of any other, applyStanding tells a person
		l.parkFor(ctx, parkedEdit, runs.ReasonEdited, "")
	}
	if !l.over() { // a change that was told of while Laskutettu was under way is noted, and our own Valmis is no news
		l.applyStanding(ctx, was, found)
	}
	return nil
}

// keepUntold keeps what a refused note was to tell the task, so that the next look finds the same change and notes it: by a
// resend, or because something else has changed.
func (l *noticeLife) keepUntold(ctx workflow.Context, told runs.Snapshot, found *runs.Followed) {
	l.ToldStanding = ""
	if found.StandingUntold {
		l.ToldStanding = told.Standing
	}
	if found.NoteRefused {
		found.Snapshot.Prints = told.Prints
	}
	if found.StandingUntold || found.NoteRefused {
		l.parkFor(ctx, parkedNote, runs.ReasonHillavaRefused, "")
	} else {
		l.unpark(parkedNote)
	}
}

// applyStanding draws the consequences of how the notice stands in Tampuuri now.
func (l *noticeLife) applyStanding(ctx workflow.Context, was runs.Standing, found runs.Followed) {
	now := workflow.Now(ctx)
	standing := found.Snapshot.Standing
	switch standing {
	case runs.StandingCancelled, runs.StandingReassigned, runs.StandingGone:
		if was != standing {
			l.record(now, runs.HappenedChanged, "", "in Tampuuri: "+string(standing))
		}
		switch {
		case l.DoneRequested && l.Reported == runs.ReportedNone, l.InvoiceRequested:
			l.parkFor(ctx, parkingOf(stepFollow), runs.ReasonWorkedWithdrawn, "")
		case found.WorkBegun:
			l.parkFor(ctx, parkingOf(stepFollow), runs.ReasonOfStanding(standing), "")
		default:
			l.withdraw(ctx, string(standing))
		}
	case runs.StandingValmis:
		if found.Unsent > 0 {
			l.parkFor(ctx, parkingOf(stepFollow), runs.ReasonClosedByHand, "")
			return
		}
		l.returnToUs()
		l.Reported, l.ClosedBy = runs.ReportedValmis, closedByTampuuri
		l.record(now, runs.HappenedValmis, "", "set in Tampuuri by hand, nothing is unsent")
	case runs.StandingOpen, runs.StandingTehty:
		if l.Withdrawn || was == runs.StandingCancelled || was == runs.StandingReassigned || was == runs.StandingGone {
			l.record(now, runs.HappenedChanged, "", "ours again")
		}
		if was != standing && standing == runs.StandingTehty && l.Reported == runs.ReportedNone {
			l.record(now, runs.HappenedChanged, "", "set to Tehty in Tampuuri by hand")
		}
		l.unpark(parkingOf(stepFollow))
		byUs := was == runs.StandingOpen && standing == runs.StandingTehty && l.Reported == runs.ReportedTehty
		if was != standing && !byUs || l.Withdrawn {
			l.returnToUs()
		} else { // nothing has changed, and what Tampuuri refused it would refuse again: that waits for a person
			l.forgetParked(runs.SeenInTampuuri) // a step saw it taken from us, and it was given back before this look
		}
	}
}

func (l *noticeLife) withdraw(ctx workflow.Context, why string) {
	now := workflow.Now(ctx)
	until := now.Add(withdrawnFor)
	if !l.Withdrawn {
		l.record(now, runs.HappenedWithdrawn, "", why)
		l.WithdrawnUntil = &until
	}
	l.Withdrawn = true
	l.unpark(parkingOf(stepFollow))
	l.unpark(parkingOf(stepAccept)) // tried again should it be given back
}

// goOnUnder takes the notice over to another Tunniste of the same customer (formerly in customers.yaml). Its external id
// stays: the Hillava task has it.
func (l *noticeLife) goOnUnder(ctx workflow.Context, tunniste string) error {
	if tunniste == "" || tunniste == l.NoticeRef.Customer {
		return nil
	}
	l.record(workflow.Now(ctx), runs.HappenedChanged, "", "goes on under customer "+tunniste)
	l.NoticeRef.Customer = tunniste
	return workflow.UpsertMemo(ctx, runs.MemoRef(l.NoticeRef))
}

// remember keeps what the notice is like in Tampuuri. The memo says it to the poll and the reconciliation; it is
// written only when it would say something else.
func (l *noticeLife) remember(ctx workflow.Context, current runs.Snapshot) error {
	l.Snapshot = current
	shown := l.snapshotInMemo(ctx)
	if shown.Standing == current.Standing && maps.Equal(shown.Prints, current.Prints) {
		return nil
	}
	return workflow.UpsertMemo(ctx, runs.MemoSnapshot(current))
}

// snapshotInMemo is what the memo says of the notice: at first what whoever started this run had read.
func (l *noticeLife) snapshotInMemo(ctx workflow.Context) runs.Snapshot {
	return runs.SnapshotInMemo(workflow.GetInfo(ctx).Memo)
}

// notified says of a state that was reported whether the participants heard of it.
func notified(already, silent bool) string {
	switch {
	case already:
		return "it was there already, nobody is notified again"
	case silent:
		return "nobody notified, as customers.yaml says"
	default:
		return "participants notified with it"
	}
}

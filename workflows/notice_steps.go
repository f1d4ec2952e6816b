package workflows

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"
)

// create makes the Hillava task. A notice that has been taken from us or closed meanwhile gets none and is withdrawn.
func (l *noticeLife) create(ctx workflow.Context) error {
	l.FollowWanted = false // create reads the notice anew
	made, err := createTask.execute(l.withStep(ctx, createTask.name, "make the Hillava task"), l.NoticeRef)
	if err != nil {
		return err
	}
	if made.Found {
		made.Known = l.knownOfFound(ctx, made.Known)
	}
	if err := l.know(ctx, made.Known); err != nil {
		return err
	}
	if made.TaskID == "" {
		l.withdraw(ctx, "no task was made: "+string(made.Known.Standing))
		return nil
	}
	l.oursAgain()
	l.TaskID, l.AcceptState = made.TaskID, made.AcceptState
	result := "task " + made.TaskID
	if made.Found {
		result += " was there already"
	}
	l.record(workflow.Now(ctx), HappenedCreated, "", result)
	l.takeFound(ctx, made.Events)
	return nil
}

// KeptFor is how long Temporal keeps a closed notice.
const KeptFor = 90 * 24 * time.Hour

// knownOfFound is what is known of a notice whose task was there already. It was made when the notice was read before, in an
// attempt that broke off or in an earlier life, so what has changed since is in no note: known as it was when this life was
// started, the notice is followed at once, and a turvakielto set meanwhile is not missed.
func (l *noticeLife) knownOfFound(ctx workflow.Context, now Known) Known {
	before := l.memoKnown(ctx)
	if len(before.Prints) == 0 || maps.Equal(before.Prints, now.Prints) {
		return now
	}
	l.FollowWanted = true
	return Known{Standing: now.Standing, Prints: before.Prints}
}

// takeFound takes the events of a task that was there already. They may have come while the notice had no workflow. What
// is older than Temporal's memory belongs to a life before, which was dealt with; should the reconciliation send it, it
// is known by its id.
func (l *noticeLife) takeFound(ctx workflow.Context, events []FoundEvent) {
	now, forgotten := workflow.Now(ctx), workflow.GetInfo(ctx).WorkflowStartTime.Add(-KeptFor)
	for _, event := range events {
		occurred, err := time.Parse(time.RFC3339, event.OccurredAt)
		if err == nil && occurred.Before(forgotten) && !l.seen(event.Signal, event.EventID) {
			l.record(now, HappenedIgnored, event.EventID, event.Signal+": it is older than what Temporal keeps, so it was dealt with")
			continue
		}
		l.want(now, event.Signal, event.EventSignal, event.Signal+", found on the task")
	}
}

// accept sets the customer's accept state. It is left out as soon as there is something better to report.
func (l *noticeLife) accept(ctx workflow.Context) error {
	_, err := setState.execute(l.withStep(ctx, setState.name, "set "+l.AcceptState), SetStateInput{l.NoticeRef, l.AcceptState})
	if err != nil {
		return err
	}
	l.AcceptState = ""
	return nil
}

func (l *noticeLife) reportTehty(ctx workflow.Context) error {
	set, err := setState.execute(l.withStep(ctx, setState.name, "set Tehty"), SetStateInput{l.NoticeRef, string(ReportedTehty)})
	if err != nil {
		return err
	}
	if set.Standing == StandingValmis { // by hand, so Tehty would be a step back
		l.DoneWanted, l.FollowWanted = false, true
		l.record(workflow.Now(ctx), HappenedIgnored, "", "tyo-valmis: the notice is Valmis in Tampuuri")
		return nil
	}
	l.Reported, l.AcceptState = ReportedTehty, ""
	l.record(workflow.Now(ctx), HappenedTehty, "", notified(set.Already, set.Silent))
	return nil
}

func (l *noticeLife) plan(ctx workflow.Context) error {
	plan, err := planToimenpiteet.execute(l.withStep(ctx, planToimenpiteet.name, "plan the toimenpiteet"),
		PlanInput{NoticeRef: l.NoticeRef, TaskID: l.TaskID, Previous: l.Entries})
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
			l.record(now, HappenedSignal, "", fmt.Sprintf("laskutettu waits for %d time entries to be approved", plan.Unapproved))
		}
		return nil
	}
	l.Entries, l.Planned, l.RecheckAt, l.RemindAt = plan.Entries, true, nil, nil
	return nil
}

func (l *noticeLife) remind(ctx workflow.Context) error {
	next := workflow.Now(ctx).Add(remindAfter)
	l.RemindAt = &next
	l.ReminderRounds++
	_, err := remindUnapproved.execute(l.withStep(ctx, remindUnapproved.name, "remind of unapproved time entries"),
		ReminderInput{NoticeRef: l.NoticeRef, TaskID: l.TaskID, Unapproved: l.Unapproved, Round: l.ReminderRounds})
	l.record(workflow.Now(ctx), HappenedSignal, "", fmt.Sprintf("reminded: %d time entries wait for approval", l.Unapproved))
	if reasonOf(err) == ReasonHillavaRefused {
		return nil // a note that Hillava refuses is no reason to stop
	}
	return err
}

// invoice adds the toimenpiteet and sets Valmis.
func (l *noticeLife) invoice(ctx workflow.Context) error {
	l.Begun = true
	summary := fmt.Sprintf("add %d toimenpiteet, set Valmis", len(l.Entries))
	report, err := reportInvoiced.execute(l.withStep(ctx, reportInvoiced.name, summary),
		InvoicedInput{NoticeRef: l.NoticeRef, TaskID: l.TaskID, Entries: l.Entries})
	if err != nil {
		return err
	}
	if report.Replan {
		l.Planned = false
		return nil
	}
	now := workflow.Now(ctx)
	toimenpiteet := "none: the task has no time entries"
	if report.Present > 0 {
		toimenpiteet = fmt.Sprintf("%d in Tampuuri", report.Present)
	}
	l.record(now, HappenedToimenpide, "", toimenpiteet)
	l.record(now, HappenedValmis, "", notified(report.Already, report.Silent))
	if l.DoneWanted && l.Reported == ReportedNone {
		l.record(now, HappenedIgnored, "", "tyo-valmis: Valmis is reported")
	}
	l.Reported, l.ClosedBy = ReportedValmis, closedByHillava
	return nil
}

// follow finds out what has become of the notice in Tampuuri and acts on it.
func (l *noticeLife) follow(ctx workflow.Context) error {
	l.FollowWanted = false
	l.FollowRounds++
	was := l.Known.Standing
	found, err := followNotice.execute(l.withStep(ctx, followNotice.name, "see what has changed in Tampuuri"), FollowInput{
		NoticeRef: l.NoticeRef, TaskID: l.TaskID, Known: l.Known, Reported: l.Reported, Entries: l.Entries, Round: l.FollowRounds,
	})
	if err != nil {
		return err
	}
	if found.NoteRefused {
		found.Known.Prints = l.Known.Prints // so that a resend finds the same change and notes it
		l.parkFor(ctx, stepNote, ReasonHillavaRefused, "")
	}
	if err := l.know(ctx, found.Known); err != nil {
		return err
	}
	if len(found.Changed) > 0 && !found.NoteRefused {
		l.record(workflow.Now(ctx), HappenedChanged, "", "noted on the task: "+strings.Join(found.Changed, ", "))
	}
	switch {
	case found.Protected:
		l.parkFor(ctx, stepNotice, ReasonTurvakielto, "")
	case len(found.Changed) == 0 || !found.WorkBegun || found.NoteRefused: // a note that is refused comes again with a resend
	case found.Known.Standing == StandingOpen, found.Known.Standing == StandingTehty: // of any other, stand tells a person
		l.parkFor(ctx, stepEdit, ReasonEdited, "")
	}
	l.stand(ctx, was, found)
	return nil
}

// stand draws the consequences of how the notice stands in Tampuuri now.
func (l *noticeLife) stand(ctx workflow.Context, was Standing, found Followed) {
	now := workflow.Now(ctx)
	standing := found.Known.Standing
	switch standing {
	case StandingCancelled, StandingReassigned, StandingGone:
		if was != standing {
			l.record(now, HappenedChanged, "", "in Tampuuri: "+string(standing))
		}
		switch {
		case l.DoneWanted && l.Reported == ReportedNone, l.InvoiceWanted:
			l.parkFor(ctx, stepFollow, ReasonWorkedWithdrawn, "")
		case found.WorkBegun:
			l.parkFor(ctx, stepFollow, reasonOfStanding[standing], "")
		default:
			l.withdraw(ctx, string(standing))
		}
	case StandingValmis:
		if found.Unsent > 0 {
			l.parkFor(ctx, stepFollow, ReasonClosedByHand, "")
			return
		}
		l.oursAgain()
		l.Reported, l.ClosedBy = ReportedValmis, closedByTampuuri
		l.record(now, HappenedValmis, "", "set in Tampuuri by hand, nothing is unsent")
	case StandingOpen, StandingTehty:
		if l.Withdrawn || was == StandingCancelled || was == StandingReassigned || was == StandingGone {
			l.record(now, HappenedChanged, "", "ours again")
		}
		if was != standing && standing == StandingTehty && l.Reported == ReportedNone {
			l.record(now, HappenedChanged, "", "set to Tehty in Tampuuri by hand")
		}
		l.unpark(stepFollow)
		byUs := was == StandingOpen && standing == StandingTehty && l.Reported == ReportedTehty
		if was != standing && !byUs || l.Withdrawn {
			l.oursAgain()
		} // else nothing has changed, and what Tampuuri refused it would refuse again: that waits for a person
	}
}

var reasonOfStanding = map[Standing]string{
	StandingCancelled:  ReasonCancelled,
	StandingReassigned: ReasonReassigned,
	StandingGone:       ReasonGone,
}

func (l *noticeLife) withdraw(ctx workflow.Context, why string) {
	now := workflow.Now(ctx)
	until := now.Add(withdrawnFor)
	if !l.Withdrawn {
		l.record(now, HappenedWithdrawn, "", why)
		l.WithdrawnUntil = &until
	}
	l.Withdrawn = true
}

// know remembers what the notice is like in Tampuuri. The memo says it to the poll and the reconciliation; it is
// written only when it would say something else.
func (l *noticeLife) know(ctx workflow.Context, known Known) error {
	l.Known = known
	shown := l.memoKnown(ctx)
	if shown.Standing == known.Standing && maps.Equal(shown.Prints, known.Prints) {
		return nil
	}
	return workflow.UpsertMemo(ctx, map[string]any{MemoKnown: known})
}

// memoKnown is what the memo says of the notice: at first what whoever started this run had read.
func (l *noticeLife) memoKnown(ctx workflow.Context) Known {
	var shown Known
	if payload := workflow.GetInfo(ctx).Memo.GetFields()[MemoKnown]; payload != nil {
		if err := converter.GetDefaultDataConverter().FromPayload(payload, &shown); err != nil {
			return Known{}
		}
	}
	return shown
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

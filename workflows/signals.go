package workflows

import (
	"slices"
	"time"

	"tampuuri-hillava/internal/runs"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"
)

// noticeSignals are in the order in which they are drained; description is what the Web UI says to a person who sends one.
var noticeSignals = []struct{ name, description string }{
	{runs.Dismiss.Name(), `Close it without writing anything more. Input: {"by": "…", "code": "done-by-hand"}; also not-ours, other`},
	{runs.NoticeChanged.Name(), "Look at the notice in Tampuuri again, as after an edit. No input"},
	{runs.TyoValmis.Name(), "Report Tehty, as Hillava's Työ valmis does. No input"},
	{runs.Laskutettu.Name(), "Send the time entries and report Valmis, as Hillava's Laskutettu does. No input"},
	{runs.Resend.Name(), `Let every step go again that was refused. Input, if somebody is to be named: {"by": "…"}`},
}

// listen takes signals as they come, also while a step is retried for days. It waits for them to be there instead of
// receiving: what a blocked receiver, or a selector, has been handed is in no channel any more, so drain would miss it,
// and a run that ends in that moment would lose it.
func (l *noticeLife) listen(ctx workflow.Context) {
	for _, signal := range noticeSignals {
		workflow.GetSignalChannelWithOptions(ctx, signal.name, workflow.SignalChannelOptions{Description: signal.description})
	}
	workflow.Go(ctx, func(ctx workflow.Context) {
		for workflow.Await(ctx, func() bool { return l.signalled(ctx) }) == nil {
			l.drain(ctx)
			l.giveWay(workflow.Now(ctx))
		}
	})
}

// signalled tells whether there is something to drain.
func (l *noticeLife) signalled(ctx workflow.Context) bool {
	waits := l.cancelled() && !l.over()
	for _, signal := range noticeSignals {
		waits = waits || workflow.GetSignalChannel(ctx, signal.name).Len() > 0
	}
	return waits
}

// drain takes every signal that is already here; a Cancel from the Web UI is a dismissal. Before a step is chosen it
// makes two signals of one moment count as such; before a run ends it keeps the last ones from being lost.
func (l *noticeLife) drain(ctx workflow.Context) {
	for _, signal := range noticeSignals {
		receiveRaw(ctx, signal.name, func(raw converter.RawValue) { l.receive(ctx, signal.name, raw) })
	}
	if l.cancelled() {
		l.dismiss(ctx, runs.DismissSignal{By: "cancel", Code: "other"})
	}
}

// receiveRaw hands on each signal of that name that is here.
func receiveRaw(ctx workflow.Context, name string, each func(converter.RawValue)) {
	channel := workflow.GetSignalChannel(ctx, name)
	for raw := (converter.RawValue{}); channel.ReceiveAsync(&raw); raw = (converter.RawValue{}) {
		each(raw)
	}
}

// receive notes what a signal wants. It acts on nothing: next does.
func (l *noticeLife) receive(ctx workflow.Context, name string, raw converter.RawValue) {
	switch name {
	case runs.TyoValmis.Name(), runs.Laskutettu.Name():
		l.receiveEvent(ctx, name, raw)
	case runs.NoticeChanged.Name():
		l.FollowRequested = true
		l.unpark(parkingOf(stepCreate)) // what was refused may have been corrected
	case runs.Resend.Name():
		resend, _ := runs.Resend.Decode(raw)
		l.resend(ctx, resend)
	case runs.Dismiss.Name():
		dismissal, ok := runs.Dismiss.Decode(raw)
		if !ok || !slices.Contains(runs.DismissCodes, dismissal.Code) {
			dismissal.Code = "other"
		}
		l.dismiss(ctx, dismissal)
	}
}

func (l *noticeLife) receiveEvent(ctx workflow.Context, name string, raw converter.RawValue) {
	event, ok := runs.TyoValmis.Decode(raw) // both events have the one payload
	result := name
	if !ok || event.EventID == "" {
		event.EventID, result = "", name+", by hand"
		l.audit(ctx, aPerson, "signal.take", name)
	}
	l.request(workflow.Now(ctx), name, event, result)
}

// request notes what an event of Hillava asks for, unless it is past.
func (l *noticeLife) request(now time.Time, name string, event runs.EventSignal, result string) {
	switch {
	case l.seen(name, event.EventID):
		l.record(now, runs.HappenedIgnored, event.EventID, name+": this event was dealt with before")
	case name == runs.TyoValmis.Name() && l.Reported != runs.ReportedNone:
		l.record(now, runs.HappenedIgnored, event.EventID, name+": "+string(l.Reported)+" is reported already")
	case name == runs.TyoValmis.Name() && l.doing == stepInvoice && l.Undecided == nil && !l.DoneRequested:
		l.Undecided = &event
		l.record(now, runs.HappenedSignal, event.EventID, result)
		l.abandonStep()
	case name == runs.TyoValmis.Name() && l.Begun:
		l.record(now, runs.HappenedIgnored, event.EventID, name+": the toimenpiteet have begun")
	case name == runs.Laskutettu.Name() && l.InvoiceRequested:
		l.record(now, runs.HappenedIgnored, event.EventID, name+": it is on its way already")
		l.RecheckAt = nil // whoever repeats it may have approved the time entries
	case name == runs.TyoValmis.Name():
		l.DoneRequested = true
		l.record(now, runs.HappenedSignal, event.EventID, result)
	default:
		l.InvoiceRequested = true
		l.record(now, runs.HappenedSignal, event.EventID, result)
	}
}

// decide takes or ignores the event that came while invoice was under way, now that there is an outcome.
func (l *noticeLife) decide(now time.Time) {
	event := l.Undecided
	switch l.Undecided = nil; {
	case event == nil:
	case l.Begun:
		l.record(now, runs.HappenedIgnored, event.EventID, runs.TyoValmis.Name()+": the toimenpiteet have begun")
	default:
		l.DoneRequested = true
	}
}

// resend lets every refused step go again. Toimenpiteet are planned anew, as the office may have mended time entries. A
// turvakielto that whoever sent it cannot have seen stays: no other look would find it again.
func (l *noticeLife) resend(ctx workflow.Context, resend runs.ResendSignal) {
	now, by := workflow.Now(ctx), resend.By
	if len(l.Parked) == 0 {
		l.RecheckAt = nil
		l.record(now, runs.HappenedIgnored, "", "resend: nothing waits for it")
		return
	}
	if by == "" || len(by) > maxBy {
		by = aPerson
	}
	l.audit(ctx, by, "signal.take", runs.Resend.Name())
	var unseen []parking
	for _, p := range l.Parked {
		if p.Key == parkedNotice && (p.Since.Equal(now) || resend.Reason != "" && resend.Reason != runs.ReasonTurvakielto) {
			unseen = append(unseen, p)
			l.record(now, runs.HappenedIgnored, "", "resend: "+p.Reason+" was not seen by "+by)
			continue
		}
		// A refused create may have been the look at a notice that was given back: withdrawn, it must look again, and
		// nobody would say so another time.
		l.FollowRequested = l.FollowRequested || p.Key == parkingOf(stepFollow) || p.Key == parkingOf(stepCreate) || p.Key == parkedNote || runs.AboutStanding(p.Reason)
		l.record(now, runs.HappenedResend, "", p.Reason+", by "+by)
	}
	l.Parked, l.Planned = unseen, false
}

func (l *noticeLife) dismiss(ctx workflow.Context, dismissal runs.DismissSignal) {
	if l.over() {
		return
	}
	if l.ClosedBy = dismissal.By; l.ClosedBy == "" || len(l.ClosedBy) > maxBy {
		l.ClosedBy = closedByDismissing
	}
	l.Dismissed = true
	l.record(workflow.Now(ctx), runs.HappenedDismissed, "", dismissal.Code)
	l.audit(ctx, l.ClosedBy, "notice.close", dismissal.Code)
	l.abandonStep()
}

// aPerson is who sent a signal that only people send and that does not say who: Temporal does not tell a workflow.
const aPerson = "person"

// audit writes the audit line (telemetry.Audit, docs/security.md) of what a person wanted of this notice, as a Cancel or
// a signal from the Web UI passes no command of ours that would. The logger is silent in replay; a worker that dies
// before the decision is stored makes the next one write the line again.
func (l *noticeLife) audit(ctx workflow.Context, who, what, result string) {
	auditLine(ctx, who, what, l.NoticeRef, l.TaskID, result)
}

func auditLine(ctx workflow.Context, who, what string, ref runs.NoticeRef, taskID, result string) {
	workflow.GetLogger(ctx).Info(what, "audit", true, "who", who, "what", what,
		"customer", ref.Customer, "notice", ref.ExternalID, "task", taskID, "fields", []string{}, "result", result)
}

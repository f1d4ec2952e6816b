package workflows

import (
	"slices"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"
)

// EventSignal is the payload of tyo-valmis and laskutettu. A person who sends the signal by hand may leave it out.
type EventSignal struct {
	EventID    string `json:"eventId"`    // Hillava's event id, the same on every delivery of that event
	OccurredAt string `json:"occurredAt"` // RFC 3339 UTC, as Hillava gave it
}

// DismissSignal is the payload of dismiss.
type DismissSignal struct {
	By   string `json:"by"`   // who decided, e.g. an operator's user name
	Code string `json:"code"` // one of the DismissCodes
}

// DismissCodes are the reasons for which a person may close a notice.
var DismissCodes = []string{"done-by-hand", "not-ours", "other"}

// signalNames in the order in which they are drained.
var signalNames = []string{SignalDismiss, SignalNoticeChanged, SignalTyoValmis, SignalLaskutettu, SignalResend}

// listen takes signals as they come, also while a step is retried for days. It waits for them to be there instead of
// receiving: what a blocked receiver, or a selector, has been handed is in no channel any more, so drain would miss it,
// and a run that ends in that moment would lose it.
func (l *noticeLife) listen(ctx workflow.Context) {
	workflow.Go(ctx, func(ctx workflow.Context) {
		for workflow.Await(ctx, func() bool { return l.signalled(ctx) }) == nil {
			l.drain(ctx)
		}
	})
}

// signalled tells whether there is something to drain.
func (l *noticeLife) signalled(ctx workflow.Context) bool {
	return l.cancelled() && !l.Dismissed || slices.ContainsFunc(signalNames, func(name string) bool {
		return workflow.GetSignalChannel(ctx, name).Len() > 0
	})
}

// drain takes every signal that is already here; a Cancel from the Web UI is a dismissal. Before a step is chosen it
// makes two signals of one moment count as such; before a run ends it keeps the last ones from being lost.
func (l *noticeLife) drain(ctx workflow.Context) {
	for _, name := range signalNames {
		channel := workflow.GetSignalChannel(ctx, name)
		for {
			var raw converter.RawValue
			if !channel.ReceiveAsync(&raw) {
				break
			}
			l.take(ctx, name, raw)
		}
	}
	if l.cancelled() {
		l.dismiss(ctx, DismissSignal{By: "cancel", Code: "other"})
	}
}

// take notes what a signal wants. It acts on nothing: next does.
func (l *noticeLife) take(ctx workflow.Context, name string, raw converter.RawValue) {
	switch name {
	case SignalTyoValmis, SignalLaskutettu:
		l.takeEvent(ctx, name, raw)
	case SignalNoticeChanged:
		l.FollowWanted = true
		l.unpark(stepCreate) // what was refused may have been corrected
	case SignalResend:
		l.resend(ctx)
	case SignalDismiss:
		var dismissal DismissSignal
		if !decode(raw, &dismissal) || !slices.Contains(DismissCodes, dismissal.Code) {
			dismissal.Code = "other"
		}
		l.dismiss(ctx, dismissal)
	}
}

func (l *noticeLife) takeEvent(ctx workflow.Context, name string, raw converter.RawValue) {
	var event EventSignal
	result := name
	if !decode(raw, &event) || event.EventID == "" {
		event.EventID, result = "", name+", by hand"
		l.audit(ctx, aPerson, "signal.take", name)
	}
	l.want(workflow.Now(ctx), name, event, result)
}

// want notes what an event of Hillava asks for, unless it is past.
func (l *noticeLife) want(now time.Time, name string, event EventSignal, result string) {
	switch {
	case l.before(event):
		l.record(now, HappenedIgnored, event.EventID, name+": it was dealt with in this notice's life before")
	case l.seen(name, event.EventID):
		l.record(now, HappenedIgnored, event.EventID, name+": this event was taken before")
	case name == SignalTyoValmis && l.Reported != ReportedNone:
		l.record(now, HappenedIgnored, event.EventID, name+": "+string(l.Reported)+" is reported already")
	case name == SignalTyoValmis && l.Begun:
		l.record(now, HappenedIgnored, event.EventID, name+": the toimenpiteet have begun")
	case name == SignalLaskutettu && l.InvoiceWanted:
		l.record(now, HappenedIgnored, event.EventID, name+": it is on its way already")
		l.RecheckAt = nil // whoever repeats it may have approved the time entries
	case name == SignalTyoValmis:
		l.DoneWanted = true
		l.record(now, HappenedSignal, event.EventID, result)
	default:
		l.InvoiceWanted = true
		l.record(now, HappenedSignal, event.EventID, result)
	}
}

// resend lets every refused step go again. Toimenpiteet are planned anew, as the office may have mended time entries.
func (l *noticeLife) resend(ctx workflow.Context) {
	now := workflow.Now(ctx)
	if len(l.Parked) == 0 {
		l.RecheckAt = nil
		l.record(now, HappenedIgnored, "", "resend: nothing waits for it")
		return
	}
	l.audit(ctx, aPerson, "signal.take", SignalResend)
	for _, p := range l.Parked {
		// A refused create may have been the look at a notice that was given back: withdrawn, it must look again, and
		// nobody would say so another time.
		l.FollowWanted = l.FollowWanted || p.Step == stepFollow || p.Step == stepCreate || p.Step == stepNote || aboutStanding(p.Reason)
		l.record(now, HappenedResend, "", p.Reason)
	}
	l.Parked, l.Planned = nil, false
}

func (l *noticeLife) dismiss(ctx workflow.Context, dismissal DismissSignal) {
	if l.Dismissed {
		return
	}
	if l.ClosedBy = dismissal.By; l.ClosedBy == "" || len(l.ClosedBy) > maxDismissedBy {
		l.ClosedBy = closedByDismissing
	}
	l.Dismissed = true
	l.record(workflow.Now(ctx), HappenedDismissed, "", dismissal.Code)
	l.audit(ctx, l.ClosedBy, "notice.close", dismissal.Code)
	l.abandonStep()
}

// aPerson is who sent a signal that only people send: Temporal does not tell a workflow who it was.
const aPerson = "person"

// audit writes the audit line (telemetry.Audit, docs/security.md) of what a person wanted of this notice, as a Cancel or
// a signal from the Web UI passes no command of ours that would. The logger is silent in replay; a worker that dies
// before the decision is stored makes the next one write the line again.
func (l *noticeLife) audit(ctx workflow.Context, who, what, result string) {
	workflow.GetLogger(ctx).Info(what, "audit", true, "who", who, "what", what,
		"customer", l.Customer, "notice", l.ExternalID, "task", l.TaskID, "fields", []string{}, "result", result)
}

// maxDismissedBy bounds what a signal sent by hand can put into the state, in bytes.
const maxDismissedBy = 100

// decode reads a payload that anybody may have written by hand in the Web UI; ok is false when there is none or it is
// not of that shape.
func decode(raw converter.RawValue, into any) (ok bool) {
	payload := raw.Payload()
	return payload != nil && converter.GetDefaultDataConverter().FromPayload(payload, into) == nil
}

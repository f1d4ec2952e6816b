package activities

import (
	"context"
	"fmt"
	"slices"

	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

// RemindUninvoiced notes on the task that its notice is Tehty and Laskutettu is missing. Nothing is noted when the customer
// wants no reminders any more, nor when Hillava knows of a Laskutettu after Tehty, whose webhook is on its way still: an
// earlier one was of the life before.
func (a *Activities) RemindUninvoiced(ctx context.Context, in runs.UninvoicedInput) (runs.Reminded, error) {
	settings, ok := a.Customers.Customer(in.Customer)
	switch {
	case !ok: // its entry may come back
		return runs.Reminded{Every: in.Every}, nil
	case settings.RemindUninvoiced == 0:
		return runs.Reminded{}, nil
	}
	task, err := a.hillava.Task(ctx, in.TaskID)
	if err != nil {
		return runs.Reminded{}, a.failure(ctx, err, runs.ReasonTaskGone)
	}
	events, err := task.AllEvents()
	if err != nil {
		return runs.Reminded{}, a.failure(ctx, err, "")
	}
	if slices.ContainsFunc(events, func(event hillava.Event) bool {
		return event.Type == hillava.EventInvoiced && event.OccurredAt.After(in.Since)
	}) {
		return runs.Reminded{Every: settings.RemindUninvoiced}, nil
	}
	key := fmt.Sprintf("uninvoiced-%s-%d-%d", in.ExternalID, in.Since.Unix(), in.Round)
	err = a.hillava.AddNote(ctx, in.NoticeRef, in.TaskID, key, notice.UninvoicedNote(a.Now(), in.Since, in.Round))
	return runs.Reminded{Noted: err == nil, Every: settings.RemindUninvoiced}, a.failure(ctx, err, runs.ReasonTaskGone)
}

// RemindUnapproved notes on the task that Laskutettu waits for time entries to be approved, unless all of them are by now.
func (a *Activities) RemindUnapproved(ctx context.Context, in runs.ReminderInput) (runs.ApprovalReminder, error) {
	entries, err := a.hillava.TimeEntries(ctx, in.TaskID)
	if err != nil {
		return runs.ApprovalReminder{}, a.failure(ctx, err, runs.ReasonTaskGone)
	}
	unapproved := a.unapproved(in.Customer, entries)
	if unapproved == 0 {
		return runs.ApprovalReminder{}, nil
	}
	key := fmt.Sprintf("unapproved-%s-%s-%d", in.ExternalID, in.Life, in.Round)
	err = a.hillava.AddNote(ctx, in.NoticeRef, in.TaskID, key, notice.UnapprovedNote(a.Now(), unapproved))
	return runs.ApprovalReminder{Unapproved: unapproved}, a.failure(ctx, err, runs.ReasonTaskGone)
}

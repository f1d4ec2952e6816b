package activities

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"time"

	"tampuuri-hillava/internal/gateway"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

// PlanToimenpiteet fingerprints the task's time entries. The plan goes into the workflow's history before anything is
// sent, so that every text that may ever have reached Tampuuri is known there: an entry that is edited between an
// unknown outcome and the look at it is then still recognised, and not sent a second time.
func (a *Activities) PlanToimenpiteet(ctx context.Context, in runs.PlanInput) (runs.Plan, error) {
	entries, err := a.hillava.TimeEntries(ctx, in.TaskID)
	if err != nil {
		return runs.Plan{}, a.failure(ctx, err, runs.ReasonTaskGone)
	}
	if unapproved := a.unapproved(in.Customer, entries); unapproved > 0 {
		return runs.Plan{Unapproved: unapproved, RecheckAfter: a.Rounds.Reconcile}, nil
	}
	return runs.Plan{Entries: notice.Plan(in.Previous, entries, a.Keyer)}, nil
}

// unapproved counts the entries that a customer with approved_only is still to wait for.
func (a *Activities) unapproved(tunniste string, entries []notice.TimeEntry) int {
	settings, ok := a.Customers.Customer(tunniste)
	if !ok || !settings.ApprovedOnly {
		return 0
	}
	waiting := 0
	for _, entry := range entries {
		if !entry.Approved {
			waiting++
		}
	}
	return waiting
}

// ReportInvoiced adds each planned toimenpide that the notice lacks, then sets Valmis together with Ilmoita
// osallisille. It looks first, so any number of attempts adds each of them once.
func (a *Activities) ReportInvoiced(ctx context.Context, in runs.InvoicedInput) (runs.InvoicedReport, error) {
	account, err := a.accountOf(in.NoticeRef)
	if err != nil {
		return runs.InvoicedReport{}, a.failure(ctx, err, runs.ReasonGone)
	}
	n, err := account.Notice(ctx, in.NoticeID)
	if err != nil {
		return runs.InvoicedReport{}, a.failure(ctx, err, runs.ReasonGone)
	}
	standing := account.Standing(n)
	present, err := account.Toimenpiteet(n)
	untouched := err == nil && standing != runs.StandingValmis && !notice.AnySent(in.Entries, present)
	if reason := runs.ReasonOfStanding(standing); reason != "" {
		return runs.InvoicedReport{}, gateway.Stop(reason, errors.New("the notice is "+string(standing)), runs.InvoicedReport{Untouched: untouched})
	}
	if err != nil {
		return runs.InvoicedReport{}, err
	}
	if in.TyoValmisWaits && standing != runs.StandingValmis {
		return runs.InvoicedReport{Replan: true, Untouched: untouched}, nil
	}
	report := runs.InvoicedReport{Present: countPresent(in.Entries)}
	unsent := notice.Unsent(in.Entries, present)
	if standing == runs.StandingValmis {
		if len(unsent) > 0 {
			return runs.InvoicedReport{}, gateway.Stop(runs.ReasonClosedByHand, errors.New("the notice is Valmis and lacks planned toimenpiteet"))
		}
		report.Already = true
	}
	entries, err := a.hillava.TimeEntries(ctx, in.TaskID)
	switch {
	case report.Already && gateway.IsMissing(err): // nothing is left to compare with
		return report, nil
	case err != nil:
		return runs.InvoicedReport{}, a.failure(ctx, err, runs.ReasonTaskGone)
	case report.Already:
		return report, a.tellChanged(ctx, account.Tunniste, in, present, entries)
	}
	if !reflect.DeepEqual(notice.Plan(in.Entries, entries, a.Keyer), in.Entries) || a.unapproved(in.Customer, entries) > 0 {
		return runs.InvoicedReport{Replan: true, Untouched: untouched}, nil // what is sent must stand in history first, and be approved still
	}
	if err := addToimenpiteet(ctx, account, in, unsent, entries); err != nil {
		return runs.InvoicedReport{}, err
	}
	report.Added, report.Silent = len(unsent), !account.Notify.Valmis
	if err := account.SetState(ctx, in.NoticeRef, notice.Valmis, account.Notify.Valmis); err != nil {
		return runs.InvoicedReport{}, err
	}
	for _, planned := range in.Entries {
		if slices.Contains(unsent, planned.EntryID) {
			present = append(present, planned.Fingerprints[len(planned.Fingerprints)-1])
		}
	}
	return report, a.tellChanged(ctx, account.Tunniste, in, present, entries)
}

// tellChanged has the customer's workflow compare a notice, Valmis now, whose time entries were changed between two attempts,
// after they had been sent: what Tampuuri shows is the old text, and the task did not move after the end, when Reconcile
// would have seen it.
func (a *Activities) tellChanged(ctx context.Context, tunniste string, in runs.InvoicedInput, present []string, entries []notice.TimeEntry) error {
	if len(notice.ChangedAfterSending(in.Entries, present, entries, a.Keyer)) == 0 {
		return nil
	}
	return gateway.TemporalFailure(a.Runs.TellEntriesChanged(ctx, tunniste, runs.SentTask{
		ExternalID: in.ExternalID, TaskID: in.TaskID, Modified: a.Now().UTC().Format(time.RFC3339Nano),
	}))
}

func addToimenpiteet(ctx context.Context, account *gateway.Account, in runs.InvoicedInput, unsent []string, entries []notice.TimeEntry) error {
	texts := make(map[string]notice.TimeEntry, len(entries))
	for _, entry := range entries {
		texts[entry.ID] = entry
	}
	for _, id := range unsent {
		if err := account.AddToimenpide(ctx, in.NoticeRef, in.TaskID, texts[id]); err != nil {
			return err
		}
	}
	return nil
}

func countPresent(planned []notice.Planned) int {
	count := 0
	for _, entry := range planned {
		if !entry.Removed {
			count++
		}
	}
	return count
}

package rounds

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/gateway"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

// refusedImport is why a notice is not imported, for the person who asked.
func refusedImport(format string, args ...any) error {
	return temporal.NewNonRetryableApplicationError(fmt.Sprintf(format, args...), runs.NotImported, nil)
}

// ImportNotice starts one notice by a person's wish, such as one that was reopened after Valmis. What stops the poll stops
// this too, but for a pause and the polling hours. A notice that is Tehty is taken up as well: it may have been ours before
// Temporal lost it.
func (a *Rounds) ImportNotice(ctx context.Context, in runs.ImportInput) (runs.Imported, error) {
	settings, found := a.Customers.Customer(in.Tunniste)
	if !found {
		return runs.Imported{}, refusedImport("customer %s may not be imported from: %s", in.Tunniste, runs.NoEntry)
	}
	if reasons := slices.Concat(settings.Faults, in.Served.Reasons); len(reasons) > 0 {
		return runs.Imported{}, refusedImport("customer %s may not be imported from: %s", in.Tunniste, strings.Join(reasons, "; "))
	}
	account, err := a.Gateway.Account(settings)
	if err != nil {
		return runs.Imported{}, refusedImport("customer %s may not be imported from: %s", in.Tunniste, err)
	}
	n, err := account.Notice(ctx, in.NoticeID)
	switch {
	case gateway.IsMissing(err):
		return runs.Imported{}, refusedImport("Tampuuri has no notice %d of customer %s; check the number and the tunniste", in.NoticeID, in.Tunniste)
	case err != nil:
		return runs.Imported{}, a.Gateway.Failure(err, "", activity.GetInfo(ctx).Attempt)
	}
	if err := importable(n, settings); err != nil {
		return runs.Imported{}, err
	}
	r := &pollNotices{customerRound: &customerRound{Rounds: a, ctx: ctx, settings: settings, account: account}}
	lives, err := r.livesOf(n)
	if err != nil {
		return runs.Imported{}, err
	}
	ref, life := r.refOf(n, lives)
	switch {
	case life != nil && !r.isOf(life, n):
		return runs.Imported{}, refusedImport("notice %d has the external id of another notice; tell whoever runs that Tampuuri, two notices must not share a Guid", in.NoticeID)
	case life != nil && life.Running && startedByThis(ctx, life):
		return runs.Imported{ExternalID: ref.ExternalID}, nil
	case life != nil && life.Running:
		return runs.Imported{}, refusedImport("%s runs already; see starter notice show %s", life.WorkflowID, ref.ExternalID)
	case life == nil:
		if goesOn, err := r.goesOnUnderAnotherID(ctx, n, ref); err != nil {
			return runs.Imported{}, gateway.TemporalFailure(err)
		} else if goesOn {
			return runs.Imported{}, refusedImport("notice %d runs already, under the id that it has from a former Tunniste; see starter notice show %s/%[1]d", n.ID, in.Tunniste)
		}
		if ref.ExternalID, life, err = r.endedLife(n, ref.ExternalID); err != nil {
			return runs.Imported{}, a.Gateway.Failure(err, "", activity.GetInfo(ctx).Attempt)
		}
	}
	err = a.startNotice(ctx, n, ref, account.Snapshot(n), life)
	if errors.Is(err, runs.ErrAlreadyStarted) {
		return runs.Imported{}, refusedImport("%s runs already", runs.NoticeWorkflowID(ref.ExternalID))
	}
	if err != nil {
		return runs.Imported{}, a.Gateway.Failure(err, "", activity.GetInfo(ctx).Attempt)
	}
	return runs.Imported{ExternalID: ref.ExternalID}, nil
}

// startedByThis tells a life that an earlier attempt of this import has started without learning so.
func startedByThis(ctx context.Context, life *runs.Life) bool {
	info := activity.GetInfo(ctx)
	return info.Attempt > 1 && !life.Started.Before(info.ScheduledTime)
}

// importable refuses what no poll would import either, however old.
func importable(n notice.Notice, settings config.Customer) error {
	switch {
	case !slices.Contains(settings.PerformerIDs, n.PerformerID):
		return refusedImport("notice %d is not ours: its performer is none of performer_ids; have it assigned to us in Tampuuri", n.ID)
	case n.State == notice.Valmis || n.State == notice.Peruttu:
		return refusedImport("notice %d is %s in Tampuuri; have it reopened there first", n.ID, n.State)
	case n.Made().Before(settings.StartDate):
		return refusedImport("notice %d was made before the customer's start date; such notices are dealt with in the old way", n.ID)
	default:
		return nil
	}
}

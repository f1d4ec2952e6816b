package rounds

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/gateway"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/walk"
)

// startNew starts a notice that Temporal does not know, unless what it knew was erased or forgotten after Valmis: then it was
// opened again since, and waits for a person like any other such notice, as far as Hillava tells.
func (p *pollNotices) startNew(ctx context.Context, n notice.Notice, ref runs.NoticeRef, now runs.Snapshot) (walk.Verdict, error) {
	if slices.Contains(p.marks.Skipped, runs.SkippedNotice{NoticeID: n.ID, Reason: runs.SkippedReopened}) {
		return walk.Done, nil
	}
	if goesOn, err := p.goesOnUnderAnotherID(ctx, n, ref); err != nil {
		return 0, gateway.TemporalFailure(err)
	} else if goesOn {
		p.known(n.ID)
		return walk.Done, nil
	}
	erased, looked := p.erased[ref.ExternalID]
	if !looked {
		var err error
		if erased, err = p.erasedLife(ctx, ref.ExternalID); err != nil {
			return 0, gateway.TemporalFailure(err)
		}
	}
	reopened := erased != nil && erased.Phase == runs.PhaseInvoiced
	if erased == nil && p.left > 0 && !p.unanswered && p.mayBeForgotten(n) {
		invoiced, err := p.invoicedLongAgo(n)
		if err != nil { // started all the same: a Hillava that is away keeps no notice from us, and is not asked for each
			p.unanswered = true
			p.Logger.Warn("Hillava did not tell whether an old notice was invoiced before.", "customer", ref.Customer, "notice", ref.ExternalID, "error", err)
		}
		reopened = invoiced != ""
	}
	if reopened {
		return p.skip(n.ID, runs.SkippedReopened), nil
	}
	return p.begin(ctx, n, ref, now, erased)
}

// goesOnUnderAnotherID tells a notice without a Guid that was taken over from a former Tunniste, whose entry names that one no
// more: it has the id that it had, and a start under this one would make a second task. The index only proposes.
func (p *pollNotices) goesOnUnderAnotherID(ctx context.Context, n notice.Notice, ref runs.NoticeRef) (bool, error) {
	if ref.ExternalID != notice.ExternalID(p.settings.Tunniste, n.ID, "") {
		return false, nil
	}
	if p.open == nil {
		lives, err := p.Runs.Notices(ctx, runs.Filter{Customers: []string{p.settings.Tunniste}, Open: true})
		if err != nil {
			return false, err
		}
		p.open = make(map[int64]*runs.Life, len(lives))
		for _, life := range lives {
			p.open[life.Ref.NoticeID] = life
		}
	}
	other := p.open[n.ID]
	if other == nil || other.Ref.ExternalID == ref.ExternalID {
		return false, nil
	}
	life, err := p.Runs.Life(ctx, other.Ref.ExternalID)
	return life != nil && life.Running, err
}

// notStarted leaves a notice of whose task Hillava does not tell the events to the next round; nobody else waits for that.
func (p *pollNotices) notStarted(ref runs.NoticeRef, err error) (walk.Verdict, error) {
	if errors.As(err, new(*temporal.ApplicationError)) || p.interrupted() {
		return 0, err
	}
	p.Logger.Warn("A notice could not be started again; the next round tries.", "customer", ref.Customer, "notice", ref.ExternalID, "error", err)
	return walk.Later, nil
}

// erasedLife is what Temporal still knows of an erased notice; nil when none was.
func (p *pollNotices) erasedLife(ctx context.Context, externalID string) (*runs.Life, error) {
	phase, erased, err := p.Runs.Erased(ctx, externalID)
	if err != nil || !erased {
		return nil, err
	}
	return &runs.Life{Phase: phase}, nil
}

// endedLife is what is known of a life that Temporal has not got any more: the mark of an erased notice, or what the notice's
// task tells of it. The life is nil where there was none; externalID is the id that it had.
func (p *pollNotices) endedLife(n notice.Notice, id string) (externalID string, ended *runs.Life, err error) {
	if ended, err = p.erasedLife(p.ctx, id); err != nil || ended != nil {
		return id, ended, gateway.TemporalFailure(err)
	}
	if !p.mayBeForgotten(n) {
		return id, nil, nil
	}
	former, err := p.invoicedLongAgo(n)
	if err != nil || former == "" {
		return id, nil, err
	}
	return former, &runs.Life{Phase: runs.PhaseInvoiced}, nil
}

// remembered is since when Temporal has forgotten no life.
func (a *Rounds) remembered() time.Time { return a.Now().Add(gateway.ClockSlack - a.Retention) }

// mayBeForgotten tells a notice that is old enough to have had a life which Temporal has forgotten, as far as it says.
func (a *Rounds) mayBeForgotten(n notice.Notice) bool {
	return n.Created.IsZero() || n.Created.At.Before(a.remembered())
}

// invoicedLongAgo gives the external id under which a notice was invoiced before Temporal's memory begins; "" when it was not.
// Its task says so by a Laskutettu of that time.
func (p *pollNotices) invoicedLongAgo(n notice.Notice) (externalID string, err error) {
	for _, id := range p.externalIDs(n) {
		tasks, err := p.Gateway.Hillava.FindTasks(p.ctx, id)
		if err != nil {
			return "", err
		}
		for _, task := range tasks {
			if task.InvoicedBefore(p.remembered()) {
				return id, nil
			}
			if _, err := task.AllEvents(); err != nil {
				return "", err
			}
		}
	}
	return "", nil
}

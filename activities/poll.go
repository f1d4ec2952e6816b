package activities

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

const (
	pageSize = 100
	// rereadWindow is read again behind the mark each round: rows that Tampuuri commits late, with an older Muokattu,
	// are found by it. What is known already costs nothing.
	rereadWindow = 10 * time.Minute
	maxSkipped   = 200
)

// poll is one round over one customer.
type poll struct {
	*Activities
	office *office
	last   runs.PollResult
	result runs.PollResult
	left   int // new notices that this round may still start
}

// PollNotices reads every notice of the customer that has moved since the last good round, oldest first, and starts a
// workflow for each new one that is ours, open and not older than the start date. A running one is signalled when it
// differs from what its workflow knows.
func (a *Activities) PollNotices(ctx context.Context, in runs.PollInput) (runs.PollResult, error) {
	result := in.Last
	result.Started, result.Known, result.Signalled, result.Left, result.Failure, result.Idle = 0, 0, 0, false, "", ""
	settings, ok := a.customers.Customer(in.Customer)
	if !ok {
		return runs.PollResult{}, stop(runs.FaultCustomerStopped, errors.New("customers.yaml has no entry for this customer"))
	}
	list, err := a.directory.customers(ctx)
	if err != nil {
		return runs.PollResult{}, a.failure(err, call{attempt: attemptOf(ctx)})
	}
	if reasons := reasonsNotToPoll(settings, list); len(reasons) > 0 {
		return runs.PollResult{}, stop(runs.FaultCustomerStopped, errors.New(strings.Join(reasons, "; ")))
	}
	if !settings.Poll.Hours.Contains(a.now()) {
		result.Idle = "outside the polling hours"
		a.polls.note(in.Customer, a.now().UTC()) // nothing is due, so nothing is late
		return result, nil
	}
	office, err := a.offices.of(settings)
	if err != nil {
		return runs.PollResult{}, stop(runs.FaultCustomerStopped, err)
	}
	p := &poll{Activities: a, office: office, last: in.Last, result: result, left: settings.Poll.MaxNew}
	p.result.Marks = map[int64]string{}
	p.countEarlierAttempts(ctx)
	if err := p.retrySkipped(ctx); err != nil {
		return runs.PollResult{}, a.failure(err, call{attempt: attemptOf(ctx)})
	}
	if err := p.revive(ctx); err != nil {
		return runs.PollResult{}, a.failure(err, call{attempt: attemptOf(ctx)})
	}
	for _, performer := range settings.PerformerIDs {
		if err := p.performer(ctx, performer); err != nil {
			return runs.PollResult{}, a.failure(err, call{attempt: attemptOf(ctx)})
		}
	}
	p.result.LastGood = a.now().UTC()
	a.polls.note(in.Customer, p.result.LastGood)
	return p.result, nil
}

// performer reads the notices of one performer id, page by page (paging.go).
func (p *poll) performer(ctx context.Context, performer int64) error {
	mark := p.mark(performer)
	since := mark.Add(-rereadWindow)
	if since.Before(p.office.StartDate) {
		since = p.office.StartDate
	}
	p.keep(performer, mark)
	rows, held := cursor[int64]{since: since}, false
	for {
		if err := rows.turn(peerTampuuri, "list notices"); err != nil {
			return err
		}
		page, err := p.office.Browse(ctx, performer, rows.since, rows.offset, pageSize)
		if err != nil {
			return err
		}
		read := make([]rowAt[int64], len(page.Items))
		for i, n := range page.Items {
			read[i] = rowAt[int64]{n.ID, n.Modified.UnixNano()}
		}
		if rows.shifted(read) {
			continue
		}
		for _, id := range page.Skipped {
			// What cannot even be listed must be met again, so the mark stays; new notices are imported all the same.
			held = !p.skip(id, runs.SkippedUnreadable) || held
		}
		for _, n := range page.Items {
			p.beat(ctx)
			if done, err := p.take(ctx, performer, n); err != nil || done {
				p.result.Left = p.result.Left || done
				return err
			}
			// One row from the future must not carry the mark past everything that moves until then.
			if !held && n.Modified.After(mark) && !n.Modified.After(p.now()) {
				mark = n.Modified
				p.keep(performer, mark)
			}
		}
		if !rows.advance(read, lastModified(page.Items), len(page.Skipped), page.Total) {
			return nil
		}
	}
}

func lastModified(items []notice.Notice) time.Time {
	var last time.Time
	for _, n := range items {
		if n.Modified.After(last) {
			last = n.Modified
		}
	}
	return last
}

// mark is up to where every notice of the performer is dealt with: the start date on the first round.
func (p *poll) mark(performer int64) time.Time {
	mark, err := time.Parse(time.RFC3339Nano, p.last.Marks[performer])
	if err != nil || mark.Before(p.office.StartDate) {
		return p.office.StartDate
	}
	return mark
}

func (p *poll) keep(performer int64, mark time.Time) {
	p.result.Marks[performer] = mark.Format(time.RFC3339Nano)
}

// take deals with one notice of the list; done says that this round may start no more.
func (p *poll) take(ctx context.Context, performer int64, n notice.Notice) (done bool, err error) {
	if performer != n.PerformerID || !slices.Contains(p.office.PerformerIDs, n.PerformerID) || p.tooOld(n) {
		return false, nil
	}
	ref := runs.NoticeRef{
		Customer: p.office.Tunniste, NoticeID: n.ID, ExternalID: notice.ExternalID(p.office.Tunniste, n.ID, n.GUID),
	}
	life, err := p.lifeOf(ctx, ref.ExternalID)
	if err != nil {
		return false, err
	}
	known := p.known(n, p.office.Customer)
	switch {
	case life == nil && known.Standing != runs.StandingOpen:
		return false, nil
	case life == nil:
		return p.takeUnknown(ctx, n, ref, known)
	case life.Ref.Customer != ref.Customer || life.Ref.NoticeID != ref.NoticeID:
		p.skip(n.ID, runs.SkippedIDTaken)
		return false, nil
	case life.Running:
		p.forget(n.ID)
		p.result.Known++
		if !life.Differs(known) {
			return false, nil
		}
		p.result.Signalled++
		return false, p.signalChanged(ctx, life, known, n.Modified)
	case known.Standing != runs.StandingOpen:
		p.forget(n.ID)
		return false, nil
	case startsAgain(life, n.Modified):
		return p.start(ctx, n, ref, known, life)
	case life.Phase == runs.PhaseInvoiced:
		p.skip(n.ID, runs.SkippedReopened)
		return false, nil
	default:
		return false, nil
	}
}

// takeUnknown starts the notice that Temporal does not know, unless what it knew was erased after Valmis: then it was
// opened again since, and waits for a person like any other such notice.
func (p *poll) takeUnknown(ctx context.Context, n notice.Notice, ref runs.NoticeRef, known runs.Snapshot) (done bool, err error) {
	erased, err := p.erasedLife(ctx, ref.ExternalID)
	if err != nil {
		return false, err
	}
	if erased != nil && erased.Phase == runs.PhaseInvoiced {
		p.skip(n.ID, runs.SkippedReopened)
		return false, nil
	}
	return p.start(ctx, n, ref, known, erased)
}

// startsAgain tells whether a closed life of a notice that is ours and open may begin anew by itself. A dismissal
// stands until the notice moves in Tampuuri: otherwise the re-read window would undo it within minutes.
func startsAgain(life *runs.Life, modified time.Time) bool {
	switch {
	case life.Ended != enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED:
		return true // terminated by hand
	case life.Phase == runs.PhaseDismissed:
		if modified.Nanosecond() == 0 { // whole seconds: what was edited in the second of the dismissal was edited after it
			return !modified.Before(life.Closed.Truncate(time.Second))
		}
		return modified.After(life.Closed)
	default:
		return life.Phase == runs.PhaseWithdrawn
	}
}

// tooOld: made before the customer's start date, so it is dealt with in the old way.
func (p *poll) tooOld(n notice.Notice) bool {
	made := n.Created.At
	if n.Created.IsZero() {
		made = n.Modified
	}
	return made.Before(p.office.StartDate)
}

// start begins the life of a notice; ended is the one that it had before, or nil.
func (p *poll) start(ctx context.Context, n notice.Notice, ref runs.NoticeRef, known runs.Snapshot, ended *runs.Life) (done bool, err error) {
	if p.left <= 0 {
		return true, nil
	}
	begin := runs.NoticeStart{Ref: ref, PropertyID: n.PropertyID, Known: known, Link: runs.NoticeLink(p.noticeLink, n.ID)}
	if ended != nil {
		begin.Again, begin.EventsAfter = true, ended.DealtWith()
		if len(ended.Known.Prints) > 0 {
			begin.Known.Prints = ended.Known.Prints // what its task, if it has one, was told; the workflow tells it the rest
		}
	}
	err = runs.StartNotice(ctx, p.temporal, begin)
	switch {
	case errors.Is(err, runs.ErrAlreadyStarted):
		p.result.Known++
		return false, nil
	case err != nil:
		return false, temporalFailure(err)
	}
	p.forget(n.ID)
	p.left--
	p.result.Started++
	p.audit(ctx, "notice.import", ref, "", "started")
	return false, nil
}

package rounds

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/gateway"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/telemetry"
	"tampuuri-hillava/internal/walk"
)

const (
	// rereadWindow is read again behind the mark each round: rows that Tampuuri commits late, with an older Muokattu, are
	// found by it. What is known already costs next to nothing.
	rereadWindow = 10 * time.Minute
	maxSkipped   = 200
	// askedSingly bounds what a round asks notice by notice, beside its list.
	askedSingly = 20
	// describedAtOnce is how many runs are looked at side by side.
	describedAtOnce = 8
	// importedAtOnce new notices are under way before others are started, or givesWay has passed: see giveWay.
	importedAtOnce = 2
	givesWay       = 200 * time.Millisecond
	asksAgain      = 40 * time.Millisecond
)

// pollNotices is the poll of one round.
type pollNotices struct {
	*customerRound
	counts runs.PollCounts
	// withWorkflow has the notices that have a workflow, each once, as a row may be listed again; true: since before this poll.
	withWorkflow map[int64]bool
	left         int                   // new notices that this round may still start
	unanswered   bool                  // Hillava did not answer whether an old notice was invoiced before
	differ       bool                  // the workflow of the row under way knows the notice otherwise
	lives        map[string]*runs.Life // of the page under way, by external id
	erased       map[string]*runs.Life // of those without a life: what the mark of an erased one tells, nil where there is none
	open         map[int64]*runs.Life  // the customer's open notices, as the index has them; nil until they are needed
}

// pollOnce reads every notice of the customer that has moved since the last round, oldest first, and starts a workflow for
// each new one that is ours, open and not older than the start date. A running one is signalled when it differs from what
// its workflow knows. What can only be asked notice by notice comes last.
func (r *customerRound) pollOnce() (runs.PollCounts, error) {
	p := &pollNotices{customerRound: r, withWorkflow: map[int64]bool{}, left: r.settings.Poll.MaxNew}
	var problem error
	places := map[int64]runs.Place{}
	for _, performer := range r.settings.PerformerIDs {
		place, err := p.performer(performer, r.marks.Lists[performer])
		places[performer] = place
		problem = errors.Join(problem, err)
	}
	r.marks.Lists = places
	if problem == nil && !r.cut && !p.counts.Left {
		p.forgetNameless()
		problem = p.failed(errors.Join(p.retrySkipped(), p.reviveStopped()))
	}
	for _, before := range p.withWorkflow {
		if before {
			p.counts.Known++
		}
	}
	p.counts.Left = p.counts.Left || r.cut
	return p.counts, problem
}

// performer reads the notices of one performer id.
func (p *pollNotices) performer(performer int64, place runs.Place) (runs.Place, error) {
	if madeFor := p.placeFor(p.settings, performer); place.For != madeFor {
		place = runs.Place{For: madeFor}
	}
	w := walk.Walk[notice.Notice]{
		Peer: gateway.PeerTampuuri, Op: "list notices", Start: p.settings.StartDate, Window: behind,
		List: func(ctx context.Context, since time.Time, offset, limit int) (walk.Page[notice.Notice], error) {
			read, err := p.account.Browse(ctx, performer, since, offset, limit)
			return walk.PageOf(read, notice.Notice.Position), err
		},
		Prepare: p.describe,
		Each: func(ctx context.Context, r walk.Row[notice.Notice]) (walk.Verdict, error) {
			if r.Unreadable {
				id, _ := strconv.ParseInt(r.ID, 10, 64) // 0 when not even that could be read
				return p.skipUnreadable(id), nil
			}
			return p.listed(ctx, performer, r.Value)
		},
		Reached: func(so runs.Place) {
			if p.marks.Lists == nil {
				p.marks.Lists = map[int64]runs.Place{}
			}
			p.marks.Lists[performer] = so
			p.heartbeat()
		},
		Ends: p.ends, Now: p.Now,
	}
	p.marks.Lists = maps.Clone(p.marks.Lists) // a round that is told again must not see this one's
	next, rows, more, err := w.From(p.ctx, place)
	p.rows += rows
	p.counts.Left = p.counts.Left || more && err == nil
	return next, p.failed(err)
}

// placeFor says what a place in a performer's list is made for: the start date, the account and the performer. What lies
// before a mark of another account, or of a later start date, has never been read.
func (a *Rounds) placeFor(settings config.Customer, performer int64) string {
	c := settings.Credentials
	return a.Keyer.Digest("place", settings.StartDate.Format(time.RFC3339), fmt.Sprint(performer), c.Asiakas.Reveal(), c.Tili.Reveal(), c.Kayttajatunnus.Reveal())
}

// behind is a window behind the mark. In the autumn night in which an hour comes twice, a Muokattu without an offset may be
// meant an hour later than it reads.
func behind(mark time.Time) time.Time {
	window := rereadWindow
	_, before := mark.Add(-2 * time.Hour).In(notice.Helsinki()).Zone()
	_, after := mark.Add(2 * time.Hour).In(notice.Helsinki()).Zone()
	if before > after {
		window += time.Duration(before-after) * time.Second
	}
	return mark.Add(-window)
}

// describe looks at the runs of a page's notices side by side: one after the other they would be most of a round's time.
// Those that a recent round has dealt with as they are now are not looked at again.
func (p *pollNotices) describe(ctx context.Context, rows []walk.Row[notice.Notice]) error {
	var ids []string
	starting := map[string]bool{} // by the id under which it starts if there is no life of it
	for _, r := range rows {
		if _, seen := p.seen(r.Value); !seen && !r.Unreadable {
			all := p.externalIDs(r.Value)
			ids = append(ids, all...)
			starting[all[0]] = !r.Value.State.Closed() && !p.tooOld(r.Value)
		}
	}
	found, erased := make([]*runs.Life, len(ids)), make([]*runs.Life, len(ids))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(describedAtOnce)
	for i, id := range ids {
		group.Go(func() (err error) {
			if found[i], err = p.Runs.Life(ctx, id); err == nil && found[i] == nil && starting[id] {
				erased[i], err = p.erasedLife(ctx, id)
			}
			return gateway.TemporalFailure(err)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	p.lives, p.erased = make(map[string]*runs.Life, len(ids)), make(map[string]*runs.Life, len(starting))
	for i, id := range ids {
		if p.lives[id] = found[i]; starting[id] {
			p.erased[id] = erased[i]
		}
	}
	return nil
}

// listed deals with a notice as the list has it.
func (p *pollNotices) listed(ctx context.Context, performer int64, n notice.Notice) (walk.Verdict, error) {
	if hasWorkflow, seen := p.seen(n); seen {
		if hasWorkflow {
			p.known(n.ID)
		}
		return walk.Done, nil
	}
	row := n
	if n.PerformerID == 0 { // its row does not say whose it is; the notice itself may
		whole, err := p.account.Notice(ctx, n.ID)
		if err != nil && !aboutOneRecord(err) {
			return 0, err
		}
		if whole.PerformerID == 0 { // it does not say so either, or cannot be read
			return p.skip(n.ID, runs.SkippedNoPerformer), nil
		}
		n.PerformerID = whole.PerformerID
	}
	if n.PerformerID != performer && !slices.Contains(p.settings.PerformerIDs, n.PerformerID) {
		return walk.Done, nil
	}
	p.differ = false
	found, err := p.start(ctx, n, p.lives)
	if err == nil && found == walk.Done && !p.differ && !p.writing(row) && !p.isSkipped(n.ID) { // a workflow that is told may just have closed
		_, has := p.withWorkflow[n.ID]
		p.rowsSeen.remember(p.keyOf(row), seenRow{row.Modified, has})
	}
	return found, err
}

// writing tells whether our own write may be what a row shows: it is looked at again.
func (p *pollNotices) writing(n notice.Notice) bool {
	_, life := p.refOf(n, p.lives)
	return life != nil && life.Writing
}

// start starts a notice, or tells its workflow of a change, or leaves it alone.
func (p *pollNotices) start(ctx context.Context, n notice.Notice, lives map[string]*runs.Life) (walk.Verdict, error) {
	if p.tooOld(n) {
		return walk.Done, nil
	}
	ref, life := p.refOf(n, lives)
	now := p.account.Snapshot(n)
	switch {
	case life == nil && now.Standing != runs.StandingOpen:
		p.forget(n.ID)
		return walk.Done, nil
	case life == nil:
		return p.startNew(ctx, n, ref, now)
	case !p.isOf(life, n):
		return p.skip(n.ID, runs.SkippedSharedID), nil
	case life.Running:
		p.forget(n.ID)
		p.known(n.ID)
		p.differ = life.Differs(now)
		if told, _ := p.told.recall(difference(life, now, n.Modified)); told || !p.differ {
			return walk.Done, nil
		}
		p.counts.Signalled++
		err := p.Runs.TellChanged(ctx, life, now, n.Modified, p.Now())
		if err == nil {
			p.told.remember(difference(life, now, n.Modified), true)
		}
		return walk.Done, gateway.TemporalFailure(err)
	case now.Standing != runs.StandingOpen:
		p.forget(n.ID)
		return walk.Done, nil
	case life.MayRestart(n.Modified):
		return p.begin(ctx, n, ref, now, life)
	case life.Phase == runs.PhaseInvoiced:
		return p.skip(n.ID, runs.SkippedReopened), nil
	default:
		return walk.Done, nil
	}
}

// externalIDs are the ids under which a notice may be here: a customer that was made anew under another Tunniste has
// notices without a Guid under the old one.
func (p *pollNotices) externalIDs(n notice.Notice) []string {
	ids := []string{notice.ExternalID(p.settings.Tunniste, n.ID, n.GUID)}
	for _, former := range p.settings.Formerly {
		if id := notice.ExternalID(former, n.ID, n.GUID); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// refOf names a notice, by the id under which it is here already when it is.
func (p *pollNotices) refOf(n notice.Notice, lives map[string]*runs.Life) (runs.NoticeRef, *runs.Life) {
	ids := p.externalIDs(n)
	ref := runs.NoticeRef{Customer: p.settings.Tunniste, NoticeID: n.ID, ExternalID: ids[0]}
	for _, id := range ids {
		if life := lives[id]; life != nil {
			ref.ExternalID = id
			return ref, life
		}
	}
	return ref, nil
}

// isOf tells whether a life is this notice's, and not that of another one with the same Guid.
func (p *pollNotices) isOf(life *runs.Life, n notice.Notice) bool {
	return life.Ref.NoticeID == n.ID && (life.Ref.Customer == p.settings.Tunniste || slices.Contains(p.settings.Formerly, life.Ref.Customer))
}

// known notes a notice whose workflow was there, unless this poll has started it.
func (p *pollNotices) known(id int64) {
	if _, there := p.withWorkflow[id]; !there {
		p.withWorkflow[id] = true
	}
}

// tooOld: made before the customer's start date, so it is dealt with in the old way.
func (p *pollNotices) tooOld(n notice.Notice) bool { return n.Made().Before(p.settings.StartDate) }

// begin starts the life of a notice; ended is the one that it had before, or nil.
func (p *pollNotices) begin(ctx context.Context, n notice.Notice, ref runs.NoticeRef, now runs.Snapshot, ended *runs.Life) (walk.Verdict, error) {
	if p.left <= 0 {
		return walk.NextRound, nil
	}
	err := p.startNotice(ctx, n, ref, now, ended)
	switch {
	case errors.Is(err, runs.ErrAlreadyStarted):
		p.known(n.ID)
		return walk.Done, nil
	case err != nil:
		return p.notStarted(ref, err)
	}
	p.forget(n.ID)
	p.left--
	p.counts.Started++
	p.withWorkflow[n.ID] = false
	p.giveWay(ctx)
	return walk.Done, nil
}

// giveWay lets the tasks of the last started notices be made before the next ones are started: with hundreds under way,
// every customer's webhooks would wait behind them. It waits for moments only, as nothing may come of a start soon: while
// Hillava is slow or away, or where Temporal's index lags.
func (p *pollNotices) giveWay(ctx context.Context) {
	if p.counts.Started%importedAtOnce != 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, givesWay)
	defer cancel()
	for {
		if importing, err := p.Runs.Importing(ctx, p.settings.Tunniste); err != nil || importing == 0 {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(asksAgain):
		}
	}
}

// startNotice starts the workflow of a notice. One that had a life before is given the events that its task has now: they
// belong to that life, whatever any clock says, and only later ones act. It is given the time entries that were sent too:
// one that was changed since is the same one.
func (a *Rounds) startNotice(ctx context.Context, n notice.Notice, ref runs.NoticeRef, now runs.Snapshot, ended *runs.Life) error {
	start := runs.NoticeStart{Ref: ref, PropertyID: n.PropertyID, Snapshot: now, Imported: a.Now(), Link: runs.NoticeLink(a.NoticeLink, n.ID)}
	if ended != nil {
		handled, err := a.eventsOn(ctx, ref.ExternalID)
		if err != nil {
			return err
		}
		start.Restart, start.HandledEvents = true, handled
		if !ended.Imported.IsZero() { // of an erased one that is not known
			start.Imported = ended.Imported
		}
		if ended.Completed() {
			result, err := a.Runs.Result(ctx, ended)
			if err != nil {
				return gateway.TemporalFailure(err)
			}
			start.Entries = result.Entries
		}
		if len(ended.Snapshot.Prints) > 0 {
			start.Snapshot.Prints = ended.Snapshot.Prints // what its task, if it has one, was told; the workflow tells it the rest
		}
	}
	if err := a.Runs.StartNotice(ctx, start); errors.Is(err, runs.ErrAlreadyStarted) {
		return err
	} else if err != nil {
		return gateway.TemporalFailure(err)
	}
	telemetry.Audit(ctx, a.Logger, telemetry.AuditEvent{
		Who: "worker", What: "notice.import", Customer: ref.Customer, Notice: ref.ExternalID, Result: "started",
	})
	return nil
}

// eventsOn are the keys of the events that the tasks with that external id have now.
func (a *Rounds) eventsOn(ctx context.Context, externalID string) ([]string, error) {
	tasks, err := a.Gateway.Hillava.FindTasks(ctx, externalID)
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, task := range tasks {
		events, err := task.AllEvents()
		if err != nil {
			return nil, err
		}
		for _, event := range events {
			if signal, _, ok := gateway.SignalOf(event); ok {
				keys = append(keys, runs.EventKey(signal.Name(), event.ID))
			}
		}
	}
	return keys, nil
}

// aboutOneRecord tells a call that reached its peer, so that whatever became of it (a refusal, an answer that never came)
// concerns the record it was for, from one that says that the whole peer is away, and from one that we broke off ourselves.
func aboutOneRecord(err error) bool {
	e, ok := errors.AsType[*peer.Error](err)
	return ok && e.Sent && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}

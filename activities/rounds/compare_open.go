package rounds

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"tampuuri-hillava/internal/gateway"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/tampuuri"
)

// compareDue is when the customer's open notices are to be compared next. A time that is further away than an interval was
// left by a worker whose clock was ahead: it counts for nothing.
func (r *customerRound) compareDue() (due time.Time) {
	switch {
	case r.marks.CompareFrom != nil: // the last comparison failed
		due = *r.marks.CompareFrom
	case r.marks.ComparedUpTo > 0 || r.marks.Compared == nil: // it was cut short, or there was none yet
		return time.Time{} // at once
	default:
		due = r.marks.Compared.Add(r.Compare)
	}
	if due.Sub(r.Now()) > r.Compare {
		return time.Time{}
	}
	return due
}

// compareOpen compares every open notice of the customer with Tampuuri, a hundred at a time, and tells those that differ to
// look. It finds what no poll shows: a notice given to somebody else is not in our list any more. It goes on while polling
// is paused or stopped, as long as there are credentials. One that is cut short goes on in the next round where it ended.
// A hundred that cannot be compared stop none of the others.
func (r *customerRound) compareOpen() {
	if r.account == nil || !r.isDue(r.compareDue(), r.Compare) || r.ends() {
		return
	}
	began := r.Now()
	customers := append([]string{r.settings.Tunniste}, r.settings.Formerly...)
	lives, err := r.Runs.Notices(r.ctx, runs.Filter{Customers: customers, Open: true})
	if err != nil {
		r.notCompared(gateway.TemporalFailure(err))
		return
	}
	slices.SortFunc(lives, func(x, y *runs.Life) int { return cmp.Compare(x.Ref.NoticeID, y.Ref.NoticeID) })
	if r.marks.ComparedUpTo == 0 {
		r.marks.Open, r.marks.Unflagged = len(lives), 0
	}
	rest := slices.DeleteFunc(lives, func(l *runs.Life) bool { return l.Ref.NoticeID <= r.marks.ComparedUpTo })
	failures := 0
	for batch := range slices.Chunk(rest, tampuuri.MaxIDs) {
		if r.ends() {
			return
		}
		r.heartbeat()
		problem := r.compareBatch(batch)
		if problem == nil {
			failures = 0
		} else {
			failures, err = failures+1, problem
		}
		if r.interrupted() || failures == comparedInARow { // a peer that is away is not asked for all of them
			break
		}
		r.marks.ComparedUpTo = batch[len(batch)-1].Ref.NoticeID
	}
	if err != nil || r.interrupted() {
		r.notCompared(err)
		return
	}
	r.marks.Compared, r.marks.ComparedUpTo, r.marks.CompareFrom = utc(began), 0, nil
}

// notCompared puts the comparison off by its interval: a Tampuuri that is away is not asked in every round. An interrupted
// one goes on where it ended.
func (r *customerRound) notCompared(err error) {
	if r.interrupted() {
		r.cut = true
		return
	}
	r.Logger.Warn("Not all of a customer's open notices were compared; the next comparison begins anew.", "customer", r.in.Tunniste, "error", err)
	r.marks.CompareFrom, r.marks.ComparedUpTo = utc(r.Now().Add(r.Compare)), 0
}

func (r *customerRound) compareBatch(batch []*runs.Life) error {
	ids := make([]int64, len(batch))
	for i, life := range batch {
		ids[i] = life.Ref.NoticeID
	}
	read, err := r.account.Notices(r.ctx, ids)
	switch half := len(batch) / 2; {
	case peer.IsTooLarge(err) && half > 0:
		return errors.Join(r.compareBatch(batch[:half]), r.compareBatch(batch[half:]))
	case peer.IsTooLarge(err): // as one that cannot be read
		r.Logger.Warn("A notice is too large to be compared.", "customer", r.in.Tunniste, "notice", ids[0])
		return nil
	case err != nil:
		return err
	}
	return r.tellDiffering(batch, read.Items, len(read.Unreadable) == 0)
}

// tellDiffering tells the notices that differ. Only a whole answer proves that one which it lacks is gone.
func (r *customerRound) tellDiffering(lives []*runs.Life, notices []notice.Notice, whole bool) error {
	byID := make(map[int64]notice.Notice, len(notices))
	for _, n := range notices {
		byID[n.ID] = n
		if n.FlagsMissing() {
			r.marks.Unflagged++
		}
	}
	for _, life := range lives {
		n, found := byID[life.Ref.NoticeID]
		now := runs.Snapshot{Standing: runs.StandingGone}
		if found {
			now = r.account.Snapshot(n)
		}
		if !found && !whole || !r.differs(life, now) {
			continue
		}
		fresh, err := r.Runs.Life(r.ctx, life.Ref.ExternalID) // the list lags
		if err != nil {
			return gateway.TemporalFailure(err)
		}
		if fresh == nil || !fresh.Running || !r.differs(fresh, now) {
			continue
		}
		if err := r.Runs.TellChanged(r.ctx, fresh, now, n.Modified, r.Now()); err != nil {
			return gateway.TemporalFailure(err)
		}
	}
	return nil
}

// differs tells also a notice that is still under a former Tunniste of the customer: looking at it, it goes on under this.
func (r *customerRound) differs(life *runs.Life, now runs.Snapshot) bool {
	return life.Differs(now) || life.Ref.Customer != r.settings.Tunniste
}

package rounds

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"tampuuri-hillava/internal/gateway"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/walk"
)

// What a poll asks notice by notice, beside the list that it reads: at most askedSingly of each kind a round.

// retryUnreadable tries the notices again that an earlier round could not read: the mark has passed them. Those that still
// cannot be read go to the end of the list, so that all of them have their turn.
func (p *pollNotices) retryUnreadable() error {
	asked := 0
	for _, skipped := range slices.Clone(p.marks.Skipped) {
		if !notRead(skipped) || skipped.NoticeID == 0 {
			continue
		}
		if asked++; asked > askedSingly || p.ends() {
			return nil
		}
		found, err := p.askSingly(skipped.NoticeID)
		if err != nil {
			return err
		}
		if found == walk.Later {
			p.forget(skipped.NoticeID)
			p.marks.Skipped = append(p.marks.Skipped, skipped)
		}
	}
	return nil
}

// reviveStopped starts again what a person terminated in the Web UI though it is ours and open. Its row may be far behind
// the mark, and nothing else would ever look at it. One that turns out to need nothing is left alone for a while.
func (p *pollNotices) reviveStopped() error {
	stopped, err := p.Runs.Notices(p.ctx, runs.Filter{Customers: append([]string{p.settings.Tunniste}, p.settings.Formerly...), Stopped: true})
	if err != nil {
		return gateway.TemporalFailure(err)
	}
	asked := 0
	for _, ended := range stopped {
		if p.stopped.rests(ended.RunID, p.Now()) {
			continue
		}
		if asked++; asked > askedSingly || p.ends() {
			return nil
		}
		life, err := p.Runs.Life(p.ctx, ended.Ref.ExternalID)
		if err != nil {
			return gateway.TemporalFailure(err)
		}
		found := walk.Done // it goes on already, or has ended as it should since
		if life != nil && !life.Running && !life.Completed() {
			if found, err = p.askSingly(life.Ref.NoticeID); err != nil {
				return err
			}
		}
		if found == walk.Done {
			p.stopped.rest(ended.RunID, p.Now())
		}
	}
	return nil
}

// askSingly reads one notice by its id and deals with it like a row of the list. One that its own server fails on must not
// stop the others; were it all of them, the list says so.
func (p *pollNotices) askSingly(id int64) (walk.Verdict, error) {
	p.heartbeat()
	n, err := p.account.Notice(p.ctx, id)
	switch {
	case gateway.IsMissing(err):
		p.forget(id)
		return walk.Done, nil
	case err != nil && aboutOneRecord(err):
		return walk.Later, nil
	case err != nil:
		return walk.Later, err
	case n.PerformerID == 0:
		return walk.Later, nil
	case !slices.Contains(p.settings.PerformerIDs, n.PerformerID):
		p.forget(id)
		return walk.Done, nil
	}
	lives := map[string]*runs.Life{}
	for _, externalID := range p.externalIDs(n) {
		if lives[externalID], err = p.Runs.Life(p.ctx, externalID); err != nil {
			return walk.Later, gateway.TemporalFailure(err)
		}
	}
	found, err := p.start(p.ctx, n, lives)
	switch {
	case err != nil:
		return walk.Later, err
	case found == walk.NextRound: // max_new is reached
		p.counts.Left = true
	case found == walk.Done: // or listed for another reason
		p.marks.Skipped = slices.DeleteFunc(slices.Clone(p.marks.Skipped), func(s runs.SkippedNotice) bool { return s.NoticeID == id && notRead(s) })
	}
	return found, nil
}

// notRead tells a notice that is listed because it could not be read, not because of what it is.
func notRead(s runs.SkippedNotice) bool {
	return s.Reason == runs.SkippedUnreadable || s.Reason == runs.SkippedNoPerformer
}

// skip lists a notice that a person should know of, until a later round finds it in order. While the list is full, the
// mark stays before it: what nobody knows of must be met again.
func (p *pollNotices) skip(id int64, reason string) walk.Verdict {
	entry := runs.SkippedNotice{NoticeID: id, Reason: reason}
	if slices.Contains(p.marks.Skipped, entry) {
		return walk.Done
	}
	p.Logger.Warn("A notice was not imported.", "customer", p.settings.Tunniste, "notice", fmt.Sprint(id), "reason", reason)
	if len(p.marks.Skipped) >= maxSkipped {
		return walk.Later
	}
	p.forget(id)
	p.marks.Skipped = append(slices.Clone(p.marks.Skipped), entry)
	return walk.Done
}

func (p *pollNotices) forget(id int64) {
	p.marks.Skipped = slices.DeleteFunc(slices.Clone(p.marks.Skipped), func(s runs.SkippedNotice) bool { return s.NoticeID == id && id != 0 })
}

// seenRows remembers which rows were dealt with as they are now, so that the window that each round reads again costs no
// look at their runs. It is per process; what it has forgotten is looked at once more.
type seenRows struct {
	mutex       sync.Mutex
	rows        map[seenKey]seenRow
	differences map[string]bool // that workflows were told of and have not dealt with
}

type seenKey struct {
	tunniste, entry string
	id              int64
}

type seenRow struct {
	modified    time.Time
	hasWorkflow bool
}

// maxSeen bounds the memory, some 100 bytes a row.
const maxSeen = 50_000

// is tells whether a row was dealt with as it is now, and whether the notice has a workflow.
func (s *seenRows) is(tunniste, entry string, n notice.Notice) (hasWorkflow, seen bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	row, ok := s.rows[seenKey{tunniste, entry, n.ID}]
	return row.hasWorkflow, ok && row.modified.Equal(n.Modified)
}

func (s *seenRows) add(tunniste, entry string, n notice.Notice, hasWorkflow bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.rows == nil || len(s.rows) >= maxSeen {
		s.rows = map[seenKey]seenRow{}
	}
	s.rows[seenKey{tunniste, entry, n.ID}] = seenRow{n.Modified, hasWorkflow}
}

// wasTold tells whether a notice's workflow knows of just this difference already: told in each round while it cannot deal
// with it, a peer's outage would make every round one with news.
func (s *seenRows) wasTold(life *runs.Life, now runs.Snapshot) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.differences[difference(life, now)]
}

func (s *seenRows) told(life *runs.Life, now runs.Snapshot) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.differences == nil || len(s.differences) >= maxSeen {
		s.differences = map[string]bool{}
	}
	s.differences[difference(life, now)] = true
}

func difference(life *runs.Life, now runs.Snapshot) string {
	return fmt.Sprint(life.RunID, life.Snapshot, now)
}

// stoppedRuns remembers which terminated runs needed nothing lately.
type stoppedRuns struct {
	mutex  sync.Mutex
	looked map[string]time.Time
}

// stoppedFresh is how long a terminated run that needed nothing is left alone. What moves is met in the list at once.
const stoppedFresh = time.Hour

func (s *stoppedRuns) rests(runID string, now time.Time) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	at, ok := s.looked[runID]
	return ok && now.Sub(at) < stoppedFresh
}

func (s *stoppedRuns) rest(runID string, now time.Time) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.looked == nil || len(s.looked) >= maxSeen {
		s.looked = map[string]time.Time{}
	}
	s.looked[runID] = now
}

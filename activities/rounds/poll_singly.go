package rounds

import (
	"fmt"
	"slices"
	"time"

	"tampuuri-hillava/internal/gateway"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/walk"
)

// What a poll asks notice by notice, beside the list that it reads: at most askedSingly of each kind a round.

// retrySkipped asks again for the notices that an earlier round listed: those that could not be read, as the mark has passed
// them, and the others, as none of their rows comes again once they are given away or deleted. Those that stay as they are go
// to the end of the list, so that all of them have their turn.
func (p *pollNotices) retrySkipped() error {
	asked := 0
	for _, skipped := range slices.Clone(p.marks.Skipped) {
		if skipped.NoticeID == 0 {
			continue
		}
		if asked++; asked > askedSingly || p.ends() {
			return nil
		}
		if _, err := p.askSingly(skipped.NoticeID); err != nil {
			return err
		}
		if at := slices.Index(p.marks.Skipped, skipped); at >= 0 {
			p.marks.Skipped = append(slices.Delete(slices.Clone(p.marks.Skipped), at, at+1), skipped)
		}
	}
	return nil
}

// stoppedFresh is how long a terminated run that needed nothing is left alone. What moves is met in the list at once.
const stoppedFresh = time.Hour

// reviveStopped starts again what a person terminated in the Web UI though it is ours and open. Its row may be far behind
// the mark, and nothing else would ever look at it. One that turns out to need nothing is left alone for a while.
func (p *pollNotices) reviveStopped() error {
	stopped, err := p.Runs.Notices(p.ctx, runs.Filter{Customers: append([]string{p.settings.Tunniste}, p.settings.Formerly...), Stopped: true})
	if err != nil {
		return gateway.TemporalFailure(err)
	}
	asked := 0
	for _, ended := range stopped {
		if looked, known := p.stopped.recall(ended.RunID); known && p.Now().Sub(looked) < stoppedFresh {
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
			p.stopped.remember(ended.RunID, p.Now())
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
	lives, err := p.livesOf(n)
	if err != nil {
		return walk.Later, err
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

// livesOf looks at the runs of one notice, by external id.
func (p *pollNotices) livesOf(n notice.Notice) (lives map[string]*runs.Life, err error) {
	lives = map[string]*runs.Life{}
	for _, externalID := range p.externalIDs(n) {
		if lives[externalID], err = p.Runs.Life(p.ctx, externalID); err != nil {
			return nil, gateway.TemporalFailure(err)
		}
	}
	return lives, nil
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

// isSkipped tells a notice that is listed. Its row is looked at again: the list goes with its workflow, what was seen does not.
func (p *pollNotices) isSkipped(id int64) bool {
	return slices.ContainsFunc(p.marks.Skipped, func(s runs.SkippedNotice) bool { return s.NoticeID == id })
}

// skipUnreadable lists a row that cannot be read; id is 0 when not even that can.
func (p *pollNotices) skipUnreadable(id int64) walk.Verdict {
	if id == 0 {
		p.marks.NamelessAt = utc(p.Now())
	}
	return p.skip(id, runs.SkippedUnreadable)
}

// namelessListed is how long a row without an id stays listed after it was last met.
const namelessListed = 24 * time.Hour

// forgetNameless takes rows without an id off the list, a day after a poll last met one. Once the mark has passed such a row,
// nobody can ask whether it has been mended: a day is for people to see it. One that is mended is met again when it moves.
func (p *pollNotices) forgetNameless() {
	if at := p.marks.NamelessAt; at != nil && p.Now().Sub(*at) < namelessListed {
		return
	}
	p.marks.NamelessAt = nil
	p.marks.Skipped = slices.DeleteFunc(slices.Clone(p.marks.Skipped), func(s runs.SkippedNotice) bool { return s.NoticeID == 0 })
}

// forget takes a notice off the list of those that were skipped. Rows without an id stay: see forgetNameless.
func (p *pollNotices) forget(id int64) {
	p.marks.Skipped = slices.DeleteFunc(slices.Clone(p.marks.Skipped), func(s runs.SkippedNotice) bool { return s.NoticeID == id && id != 0 })
}

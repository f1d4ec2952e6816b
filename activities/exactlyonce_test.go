package activities

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
)

// mishap is how one call goes.
type mishap int

const (
	fine         mishap = iota
	notSent             // nobody listens
	lostUnsaid          // sent, never applied, no answer
	lostApplied         // applied, no answer
	appliedLate         // no answer, and applied some time within the in-flight window
	failedAfter         // applied, and answered 500
	killedBefore        // the worker dies before the call,
	killedAfter         // after it,
	killedLate          // or during it, and it is applied within the window
	mishaps
)

// change is what the office does to the time entries before an attempt.
type change int

const (
	noChange change = iota
	editEntry
	addEntry
	removeEntry
	changes
)

// journey drives plan and report as the workflow does, on a clock that counts from the start.
type journey struct {
	*scene
	now     time.Duration
	pending []pendingWrite
	dead    bool // the worker of this attempt has been killed: nothing of it counts any more
	mishaps []mishap
	delays  []time.Duration
	number  int // for the ids of entries
}

type pendingWrite struct {
	at    time.Duration
	apply func() error
}

// goes is how the next call goes, by the script.
func (j *journey) goes(op string, apply func() error) error {
	if j.dead {
		return broken(peerTampuuri, false)
	}
	next, delay := fine, time.Duration(0)
	if len(j.mishaps) > 0 {
		next, delay, j.mishaps, j.delays = j.mishaps[0], j.delays[0], j.mishaps[1:], j.delays[1:]
	}
	write := op[:4] != "read"
	switch {
	case next == fine:
		return apply()
	case next == notSent:
		return broken(peerTampuuri, false)
	case next == killedBefore, next >= killedBefore && !write:
		j.dead = true
		return broken(peerTampuuri, false)
	case !write:
		return broken(peerTampuuri, true)
	case next == lostUnsaid:
		return broken(peerTampuuri, true)
	case next == appliedLate, next == killedLate:
		j.pending = append(j.pending, pendingWrite{j.now + delay, apply})
		j.dead = next == killedLate
		return broken(peerTampuuri, true)
	case next == failedAfter:
		_ = apply()
		return refusal(peerTampuuri, http.StatusBadGateway)
	default:
		_ = apply()
		j.dead = next == killedAfter
		return broken(peerTampuuri, true)
	}
}

// pass lets time go by, in which late writes take effect.
func (j *journey) pass(d time.Duration) {
	j.now += d
	slices.SortFunc(j.pending, func(a, b pendingWrite) int { return int(a.at - b.at) })
	for len(j.pending) > 0 && j.pending[0].at <= j.now {
		_ = j.pending[0].apply()
		j.pending = j.pending[1:]
	}
}

// office changes the time entries. Few texts, so that equal entries are common.
func (j *journey) office(what change, which, text int) {
	summary := string(rune('a' + text))
	switch {
	case what == addEntry:
		j.number++
		j.hillava.entries = append(j.hillava.entries, entry(fmt.Sprintf("E-%d", j.number), summary))
	case len(j.hillava.entries) == 0:
	case what == editEntry:
		j.hillava.entries[which%len(j.hillava.entries)].Summary = summary
	case what == removeEntry:
		at := which % len(j.hillava.entries)
		j.hillava.entries = slices.Delete(slices.Clone(j.hillava.entries), at, at+1)
	}
}

// report makes attempts until one is recorded. The next one comes no sooner than the failed one asked for; after a kill
// it comes at StartToClose, which is a window after the last write could have begun.
func (j *journey) report(t require.TestingT, plan []notice.Planned, between func()) runs.InvoicedReport {
	for range 100 {
		between()
		j.dead = false
		report, failure := run(j.scene, j.ReportInvoiced, j.invoiced(plan))
		switch {
		case j.dead:
			j.pass(testTiming.InFlightWindow())
		case failure == nil:
			return report
		default:
			require.False(t, failure.NonRetryable(), failure.Error())
			j.pass(failure.NextRetryDelay())
		}
	}
	require.Fail(t, "it never ends")
	return runs.InvoicedReport{}
}

func TestWhateverIsLostEachTimeEntryHasOneToimenpideAndNoneIsSentTwice(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		j := &journey{scene: newScene(r)}
		j.tampuuri().put(101)
		texts, which := rapid.IntRange(0, 2), rapid.IntRange(0, 3)
		for range rapid.IntRange(0, 4).Draw(r, "entries") {
			j.office(addEntry, 0, texts.Draw(r, "text"))
		}
		j.mishaps = rapid.SliceOfN(rapid.Map(rapid.IntRange(0, int(mishaps)-1), func(i int) mishap { return mishap(i) }), 0, 14).Draw(r, "mishaps")
		for range j.mishaps {
			// A write takes effect within the window, and for a kill within what of it is left.
			j.delays = append(j.delays, time.Duration(rapid.IntRange(0, int(window/time.Second)).Draw(r, "delay"))*time.Second)
		}
		edits := rapid.IntRange(0, 6).Draw(r, "changes")
		between := func() {
			if edits == 0 {
				return
			}
			edits--
			j.office(change(rapid.IntRange(0, int(changes)-1).Draw(r, "change")), which.Draw(r, "which"), texts.Draw(r, "text"))
		}
		j.tampuuri().goes = j.goes

		var plan []notice.Planned
		var report runs.InvoicedReport
		for {
			plan = j.plan(plan)
			if report = j.report(r, plan, between); !report.Replan {
				break
			}
		}
		j.pass(time.Hour)

		require.Equal(r, notice.Valmis, j.tampuuri().notices[101].State)
		require.Equal(r, []string{"101 Valmis"}, j.tampuuri().notified, "the participants are told once")
		requireOneEach(r, j, plan)
	})
}

// requireOneEach finds, for each toimenpide in Tampuuri, an entry of its own that it may have been sent for. Then none
// was sent twice; and each entry that is still there must have one.
func requireOneEach(t require.TestingT, j *journey, plan []notice.Planned) {
	present := j.fingerprints(j.tampuuri().notices[101].Toimenpiteet)
	var assign func(rest []string, taken map[int]bool) bool
	assign = func(rest []string, taken map[int]bool) bool {
		if len(rest) == 0 {
			for i, planned := range plan {
				if !planned.Removed && !taken[i] {
					return false
				}
			}
			return true
		}
		for i, planned := range plan {
			if taken[i] || !slices.Contains(planned.Fingerprints, rest[0]) {
				continue
			}
			taken[i] = true
			if assign(rest[1:], taken) {
				return true
			}
			taken[i] = false
		}
		return false
	}
	require.True(t, assign(present, map[int]bool{}), "toimenpiteet %v do not fit the plan %v", j.tampuuri().summaries(101), plan)
}

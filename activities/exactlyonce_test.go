package activities

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	tampuuristandin "tampuuri-hillava/sandbox/tampuuri"
)

// fate is what becomes of one request to Tampuuri.
type fate int

const (
	fine         fate = iota
	lostUnsaid        // never applied, no answer
	lostApplied       // applied, no answer
	appliedLate       // no answer, and applied some time within the in-flight window
	failedAfter       // applied, and answered 502
	killedBefore      // the worker dies before the request,
	killedAfter       // after it,
	killedLate        // or during it, and it is applied within the window
	fates
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
	*job
	script  sync.Mutex // of what follows, which requests write
	elapsed time.Duration
	pending []pendingWrite
	dead    bool // the worker of this attempt has been killed: nothing of it counts any more
	fates   []fate
	delays  []time.Duration
}

type pendingWrite struct {
	at    time.Duration
	apply func()
}

// onTheWay is what becomes of the next request to Tampuuri, by the script.
func (j *journey) onTheWay(call string, rw http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
	if !strings.Contains(call, "ilmoitukset") {
		serve(rw, r)
		return
	}
	j.script.Lock()
	defer j.script.Unlock()
	next, delay := fine, time.Duration(0)
	if len(j.fates) > 0 && !j.dead {
		next, delay, j.fates, j.delays = j.fates[0], j.delays[0], j.fates[1:], j.delays[1:]
	}
	body, _ := io.ReadAll(r.Body) // a request that cannot be read whole is one that did not arrive
	apply := func(rw http.ResponseWriter) {
		copied := r.Clone(r.Context())
		copied.Body = io.NopCloser(bytes.NewReader(body))
		serve(rw, copied)
	}
	write := r.Method == http.MethodPost
	j.dead = j.dead || next >= killedBefore
	switch {
	case next == fine && !j.dead:
		apply(rw)
		return
	case !write || next == fine || next == lostUnsaid || next == killedBefore:
	case next == appliedLate, next == killedLate:
		j.pending = append(j.pending, pendingWrite{j.elapsed + delay, func() { apply(httptest.NewRecorder()) }})
	default:
		apply(httptest.NewRecorder())
	}
	if next == failedAfter {
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(http.StatusBadGateway)
		return
	}
	panic(http.ErrAbortHandler)
}

// passBy lets time go by, in which late writes take effect.
func (j *journey) passBy(d time.Duration) {
	j.script.Lock()
	defer j.script.Unlock()
	j.elapsed += d
	slices.SortFunc(j.pending, func(a, b pendingWrite) int { return int(a.at - b.at) })
	for len(j.pending) > 0 && j.pending[0].at <= j.elapsed {
		j.pending[0].apply()
		j.pending = j.pending[1:]
	}
}

// office changes the time entries. Few texts, so that equal entries are common.
func (j *journey) office(what change, which, text int) {
	summary := string(rune('a' + text))
	switch {
	case what == addEntry:
		j.entries = append(j.entries, j.work(j.taskID, summary))
	case len(j.entries) == 0:
	case what == editEntry:
		j.reword(j.taskID, j.entries[which%len(j.entries)], summary)
	case what == removeEntry:
		at := which % len(j.entries)
		j.unwork(j.taskID, j.entries[at])
		j.entries = slices.Delete(j.entries, at, at+1)
	}
}

// reportAtLast makes attempts until one is recorded. The next one comes no sooner than the failed one asked for; after a
// kill it comes at StartToClose, which is a window after the last write could have begun.
func (j *journey) reportAtLast(plan []notice.Planned, between func()) runs.InvoicedReport {
	for range 100 {
		between()
		report, failure := run(j.world, j.ReportInvoiced, j.invoiced(plan))
		switch {
		case j.wasKilled():
			j.passBy(window)
		case failure == nil:
			return report
		default:
			require.False(j.t, failure.NonRetryable(), failure.Error())
			j.passBy(failure.NextRetryDelay())
		}
	}
	require.Fail(j.t, "it never ends")
	return runs.InvoicedReport{}
}

// wasKilled tells whether the worker of the last attempt was; the next attempt has another one.
func (j *journey) wasKilled() bool {
	j.script.Lock()
	defer j.script.Unlock()
	dead := j.dead
	j.dead = false
	return dead
}

func TestWhateverIsLostEachTimeEntryHasOneToimenpideAndNoneIsSentTwice(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		j := &journey{job: newJob(r)}
		texts, which := rapid.IntRange(0, 2), rapid.IntRange(0, 3)
		for range rapid.IntRange(0, 4).Draw(r, "entries") {
			j.office(addEntry, 0, texts.Draw(r, "text"))
		}
		j.fates = rapid.SliceOfN(rapid.Map(rapid.IntRange(0, int(fates)-1), func(i int) fate { return fate(i) }), 0, 14).Draw(r, "fates")
		for range j.fates {
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
		j.front = j.onTheWay

		var plan []notice.Planned
		for {
			plan = j.plan(plan)
			if report := j.reportAtLast(plan, between); !report.Replan {
				break
			}
		}
		j.passBy(time.Hour)

		require.Equal(r, notice.Valmis, j.stateOf(101))
		require.Equal(r, []string{"Valmis"}, j.notified(101), "the participants are told once")
		requireOneEach(r, j, plan)
	})
}

// requireOneEach finds, for each toimenpide in Tampuuri, an entry of its own that it may have been sent for. Then none
// was sent twice; and each entry that is still there must have one.
func requireOneEach(t require.TestingT, j *journey, plan []notice.Planned) {
	var present []string
	for _, sent := range j.held(101)["Toimenpiteet"].([]tampuuristandin.Toimenpide) {
		present = append(present, j.Activities.Keyer.Toimenpide(notice.Toimenpide{Date: sent.Paivamaara, Resource: sent.Resurssi, Summary: sent.Yhteenveto}))
	}
	var assign func(rest []string, assigned map[int]bool) bool
	assign = func(rest []string, assigned map[int]bool) bool {
		if len(rest) == 0 {
			for i, planned := range plan {
				if !planned.Removed && !assigned[i] {
					return false
				}
			}
			return true
		}
		for i, planned := range plan {
			if assigned[i] || !slices.Contains(planned.Fingerprints, rest[0]) {
				continue
			}
			assigned[i] = true
			if assign(rest[1:], assigned) {
				return true
			}
			assigned[i] = false
		}
		return false
	}
	require.True(t, assign(present, map[int]bool{}), fmt.Sprintf("toimenpiteet %v do not fit the plan %v", j.summaries(101), plan))
}

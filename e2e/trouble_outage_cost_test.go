package e2e

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/accesslog"
	"tampuuri-hillava/sandbox/hillava"
)

// attemptsWithin is what docs/reliability.md states as the cost of an outage: the attempts that one step makes at most
// when its peer is away for so long. Pauses double from a fifth of HTTP_TIMEOUT (2 s) to thirty times it (5 min).
func attemptsWithin(lasts, timeout time.Duration) int {
	attempts, at := 1, time.Duration(0)
	for pause := max(timeout/5, 200*time.Millisecond); ; pause = min(2*pause, longestPause(timeout)) {
		if at += pause; at > lasts {
			return attempts
		}
		attempts++
	}
}

func longestPause(timeout time.Duration) time.Duration { return 30 * timeout }

func TestTheStatedCostOfAnOutage(t *testing.T) {
	production := 10 * time.Second
	require.Equal(t, 19, attemptsWithin(time.Hour, production), "in the first hour")
	require.Equal(t, 12, attemptsWithin(2*time.Hour, production)-attemptsWithin(time.Hour, production), "in each later one")
	require.GreaterOrEqual(t, outage, 2*longestPause(outageTimeout), "the short form gets to the longest pauses")
}

// traffic is the requests to the peers in a stretch of time.
type traffic struct {
	total      int
	mean, peak float64 // a second
}

func (t traffic) String() string {
	return fmt.Sprintf("%.1f/s, at most %.0f in a second", t.mean, t.peak)
}

func (s *outages) traffic(from, to time.Time) traffic {
	seconds, total := map[int64]int{}, 0
	for _, log := range [][]accesslog.Request{s.Tampuuri.AccessLog(), s.Hillava.AccessLog()} {
		for _, request := range log {
			if request.At.After(from) && request.At.Before(to) {
				seconds[int64(request.At.Sub(from)/time.Second)]++
				total++
			}
		}
	}
	peak := 0
	for _, count := range seconds {
		peak = max(peak, count)
	}
	return traffic{total, float64(total) / to.Sub(from).Seconds(), float64(peak)}
}

// attemptsCost requires that no waiting notice has made more attempts by now than the stated cost, as Temporal counts
// them. That is all that an outage costs besides polls and rounds: an attempt ends at the first request to the peer.
func (s *outages) attemptsCost(lasted time.Duration) {
	s.t.Helper()
	most, waiting := 0, 0
	for _, n := range s.waiting {
		description, err := s.client.DescribeWorkflowExecution(s.context(), n.workflowID, "")
		require.NoError(s.t, err)
		for _, pending := range description.GetPendingActivities() {
			waiting++
			most = max(most, int(pending.GetAttempt())-1) // the next one has its number already
		}
	}
	stated := attemptsWithin(lasted, outageTimeout)
	s.t.Logf("%d notices waited; at most %d attempts each in %.0f s, by the formula %d", waiting, most, lasted.Seconds(), stated)
	require.Greater(s.t, waiting, len(s.waiting)/4, "notices wait for the peer that is away")
	require.Greater(s.t, most, 1, "they try again") // a busy machine is late with each
	require.LessOrEqual(s.t, most, stated)
}

// requestsCost requires the same of the requests that a peer has really got about the waiting notices, where it can see
// them: a port that refuses sees none. One more for each are reads that met a connection kept from before the outage:
// Go's client repeats such a one by itself.
func (s *outages) requestsCost(from, to time.Time) {
	s.t.Helper()
	count := map[string]int{}
	for _, request := range s.Tampuuri.AccessLog() {
		if request.Customer == "toinen" && request.At.After(from) && request.At.Before(to) {
			count[request.Key]++
		}
	}
	total := 0
	for _, n := range s.waiting {
		total += count[strconv.FormatInt(n.id, 10)]
	}
	stated := attemptsWithin(to.Sub(from), outageTimeout)
	s.t.Logf("%.1f requests about each waiting notice in %.0f s, by the formula %d", float64(total)/float64(len(s.waiting)), to.Sub(from).Seconds(), stated)
	require.Greater(s.t, total, len(s.waiting), "they try again")
	require.LessOrEqual(s.t, total, (stated+1)*len(s.waiting))
}

// What a step that waited asks for once its peer is back (the invoiced: look, time entries, two toimenpiteet at most,
// Valmis), and what a notice costs that was made meanwhile, from the look-up to the task.
const (
	requestsOfAStep   = 5
	requestsOfANotice = 10
)

// afterwards is how long the time after an outage is looked at: twice the longest pause between attempts, over which all that
// had piled up is asked for, and with E2E_PROOF=1 a minute.
var afterwards = inProof(time.Minute, 2*longestPause(outageTimeout))

// noStorm looks at the first time after the outage: what had piled up is asked for over the longest pause between attempts,
// not at once, and each request once.
func (s *outages) noStorm(what string, lasted time.Duration, back time.Time, fresh int) {
	s.t.Helper()
	drained := time.Since(back)
	pause(s.t, time.Until(back.Add(afterwards)))
	after := s.traffic(back, back.Add(afterwards))
	s.t.Logf("%s away for %.0f s with %d notices waiting: drained %.1f s after it was back; requests to both peers before %s; in the first %v after %s",
		what, lasted.Seconds(), len(s.waiting), drained.Seconds(), s.before, afterwards, after)
	owed := requestsOfAStep*len(s.waiting) + requestsOfANotice*fresh + s.comparisons(afterwards)
	require.LessOrEqual(s.t, after.peak, s.before.peak+requestsOfAStep*waitingNotices, "no storm")
	require.LessOrEqual(s.t, float64(after.total), 1.25*afterwards.Seconds()*s.before.mean+float64(owed), "no storm in all of that time")
	require.LessOrEqual(s.t, drained, longestPause(outageTimeout)+drainSlack, "however long the outage was")
	s.checkLedger("--settled", "--grace", "12s")
}

// comparisons are the requests by which reconciliations compare what was invoiced within the last 5 minutes with its time
// entries, two each. That window is not shortened, so here every round compares all of it, in production one round does.
func (s *outages) comparisons(within time.Duration) int {
	invoiced := 0
	for _, task := range s.Hillava.Tasks() {
		if task.State == hillava.StateInvoiced {
			invoiced++
		}
	}
	return 2 * invoiced * int(within/reconcileEvery+1)
}

// reconcileEvery is how often a sandbox reconciles.
const reconcileEvery = 5 * time.Second

// drainSlack is for what comes after the last of the attempts: its requests, a poll, a round, a busy machine.
const drainSlack = time.Minute

// others requires that a customer whose systems are there notices nothing: its notice takes no longer than polls do.
func (s *outages) others(usual time.Duration) {
	s.t.Helper()
	during := s.life()
	s.t.Logf("another customer's notice took %.1f s before the outage and %.1f s in it", usual.Seconds(), during.Seconds())
	require.Less(s.t, during, usual+2*outagePoll+10*time.Second, "the other customer does not notice, on a busy machine either")
}

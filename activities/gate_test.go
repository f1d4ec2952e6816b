package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/sandbox/fault"
)

// gated has two customers with a notice each.
func gated(t testingT) *world {
	w := newWorld(t)
	w.serve("toinen", 4712)
	w.put(101)
	w.putIn("toinen", 101, fields{"TyonsuorittajaYritysId": 4712})
	return w
}

// ofFirst lets every call to esimerkki's Tampuuri go wrong.
func (w *world) ofFirst(kind fault.Kind, retryAfter string) {
	w.mended()
	w.faults.Add(fault.Fault{Customer: "esimerkki", System: "tampuuri", Kind: kind, Times: -1, RetryAfter: retryAfter})
}

// set tries to set Tehty and gives why that failed, and how long the next attempt waits.
func (w *world) set(tunniste string) (kind string, wait time.Duration) {
	_, failure := run(w, w.SetState, runs.SetStateInput{NoticeRef: refIn(tunniste, 101), State: "Tehty"})
	if failure == nil {
		return "", 0
	}
	return failure.Type(), failure.NextRetryDelay()
}

// What the gates promise.
const (
	firstProbe       = 30 * time.Second // after the first refusal
	everyProbe       = 10 * time.Minute // after each later one
	longestRateLimit = 15 * time.Minute
)

func TestRefusedCredentialsShutTheGateOfThatCustomerAlone(t *testing.T) {
	for _, status := range []fault.Kind{fault.Status401, fault.Status403} { // of every call, so of the neutral one too
		t.Run(string(status), func(t *testing.T) {
			w := gated(t)
			w.ofFirst(status, "")
			kind, _ := w.set("esimerkki")
			require.Equal(t, runs.FaultCredentialsRefused, kind)
			calls := len(w.asked())

			for range 3 {
				kind, wait := w.set("esimerkki")
				require.Equal(t, runs.FaultCredentialsRefused, kind)
				require.Equal(t, firstProbe, wait, "it comes back when the gate opens for a probe")
			}
			require.Len(t, w.asked(), calls, "nothing was called")
			kind, _ = w.set("toinen")
			require.Empty(t, kind, "the other customer's gate is open")
			require.Equal(t, []string{"esimerkki"}, w.gateway.Refused())
		})
	}
}

func TestAShutGateLetsOneProbeThroughAfterHalfAMinuteThenOneEveryTenMinutes(t *testing.T) {
	for status, callsOfOne := range map[fault.Kind]int{fault.Status401: 1, fault.Status403: 2} { // a 403 is asked about twice
		t.Run(string(status), func(t *testing.T) {
			w := gated(t)
			w.ofFirst(status, "")
			w.set("esimerkki")
			probes := func() int { return len(w.asked())/callsOfOne - 1 }

			w.pass(firstProbe - time.Second)
			w.set("esimerkki")
			require.Zero(t, probes(), "too early")
			w.pass(time.Second)
			for range 3 {
				w.set("esimerkki")
			}
			require.Equal(t, 1, probes())
			for range 3 {
				w.pass(firstProbe)
				w.set("esimerkki")
				w.pass(everyProbe - firstProbe - time.Second)
				w.set("esimerkki")
				w.pass(time.Second)
				w.set("esimerkki")
				w.set("esimerkki")
			}
			require.Equal(t, 4, probes(), "one more each ten minutes")
		})
	}
}

// A step that were retried each minute behind a gate that opens in ten would burn nine attempts for nothing.
func TestAStepBehindAShutGateWaitsUntilItsNextProbe(t *testing.T) {
	w := gated(t)
	w.ofFirst(fault.Status401, "")
	w.set("esimerkki")
	w.pass(firstProbe)
	w.set("esimerkki") // the probe, refused again
	w.pass(3 * time.Minute)
	kind, wait := w.set("esimerkki")
	require.Equal(t, runs.FaultCredentialsRefused, kind)
	require.Equal(t, everyProbe-3*time.Minute, wait)
}

func TestASuccessOrARefusalOfTheRequestItselfOpensTheGate(t *testing.T) {
	for name, status := range map[string]fault.Kind{"success": "", "not found": fault.Status404, "bad request": fault.Status400} {
		t.Run(name, func(t *testing.T) {
			w := gated(t)
			w.ofFirst(fault.Status401, "")
			w.set("esimerkki")
			w.pass(firstProbe)
			if w.mended(); status != "" {
				w.ofFirst(status, "")
			}
			w.set("esimerkki") // the probe
			w.mended()
			kind, _ := w.set("esimerkki")
			require.Empty(t, kind)
			require.Empty(t, w.gateway.Refused())
		})
	}
}

func TestAProbeWithoutAnAnswerLeavesTheGateShut(t *testing.T) {
	w := gated(t)
	w.ofFirst(fault.Status401, "")
	w.set("esimerkki")
	w.pass(firstProbe)
	w.ofFirst(fault.Status503, "")
	w.set("esimerkki")
	w.mended()
	kind, wait := w.set("esimerkki")
	require.Equal(t, runs.FaultCredentialsRefused, kind)
	require.Equal(t, everyProbe, wait)
	w.pass(everyProbe - time.Second)
	kind, _ = w.set("esimerkki")
	require.Equal(t, runs.FaultCredentialsRefused, kind, "the gate is shut still")
}

func TestChangedCredentialsOpenTheGateAtOnce(t *testing.T) {
	w := gated(t)
	right := w.entry().Credentials.Salasana
	w.entry().Credentials.Salasana = config.NewSecret("wrong")
	w.set("esimerkki")
	w.entry().Poll.MaxNew = 7
	kind, _ := w.set("esimerkki")
	require.Equal(t, runs.FaultCredentialsRefused, kind, "another setting is no new credential")

	opened := w.opened
	w.entry().Credentials.Salasana = right
	kind, _ = w.set("esimerkki")
	require.Empty(t, kind)
	require.Equal(t, opened+1, w.opened, "the new credentials need a new client")
	require.Empty(t, w.gateway.Refused())
}

func TestARateLimitHoldsThatCustomerBackForAsLongAsItAsks(t *testing.T) {
	w := gated(t)
	w.ofFirst(fault.Status429, "40")
	kind, wait := w.set("esimerkki")
	require.Equal(t, runs.FaultUnavailable, kind)
	require.GreaterOrEqual(t, wait, 40*time.Second)
	calls := len(w.asked())
	w.mended()

	w.pass(30 * time.Second)
	kind, wait = w.set("esimerkki")
	require.Equal(t, runs.FaultUnavailable, kind, "it is no matter of credentials")
	require.Equal(t, 10*time.Second, wait)
	require.Len(t, w.asked(), calls)
	require.Empty(t, w.gateway.Refused())
	kind, _ = w.set("toinen")
	require.Empty(t, kind)

	w.pass(10 * time.Second)
	kind, _ = w.set("esimerkki")
	require.Empty(t, kind)
}

func TestARateLimitIsBelievedForAQuarterOfAnHourAtMost(t *testing.T) {
	w := gated(t)
	w.ofFirst(fault.Status429, "86400")
	w.set("esimerkki")
	w.mended()
	w.pass(longestRateLimit)
	kind, _ := w.set("esimerkki")
	require.Empty(t, kind)
}

// A 403 on a write says that the notice is not ours. The customer's other notices have nothing to do with it.
func TestAForbiddenWriteDoesNotShutTheGate(t *testing.T) {
	w := gated(t)
	w.put(102)
	w.faults.Add(fault.Fault{Op: "tila", Key: "101", Kind: fault.Status403, Times: -1})
	kind, _ := w.set("esimerkki")
	require.Equal(t, runs.ReasonNotOurs, kind)
	good(w, w.SetState, w.tehty(102))
	require.Equal(t, notice.Tehty, w.stateOf(102))
	require.Empty(t, w.gateway.Refused())
}

// One record that is refused must hold back neither the others nor itself: a person has to know of it.
func TestA403OfOneRecordIsThatRecordsMatter(t *testing.T) {
	t.Run("in Hillava", func(t *testing.T) {
		w := gated(t)
		w.put(102)
		taskID := w.addTask(101)
		w.faults.Add(fault.Fault{Op: "time-entries", Key: taskID, Kind: fault.Status403, Times: -1})
		_, failure := run(w, w.PlanToimenpiteet, runs.PlanInput{NoticeRef: w.ref(101), TaskID: taskID})
		requireReason(t, runs.ReasonHillavaRefused, failure)
		good(w, w.CreateTask, toCreate(w.ref(102)))
		require.Empty(t, w.gateway.Refused())
	})
	t.Run("of a write to Hillava", func(t *testing.T) {
		w := gated(t)
		w.always("create-task", fault.Status403)
		_, failure := run(w, w.CreateTask, toCreate(w.ref(101)))
		requireReason(t, runs.ReasonHillavaRefused, failure)
	})
	t.Run("in Tampuuri", func(t *testing.T) {
		w := gated(t)
		w.put(102)
		w.faults.Add(fault.Fault{Op: "read", Key: "101", Kind: fault.Status403, Times: -1})
		kind, _ := w.set("esimerkki")
		require.Equal(t, runs.ReasonTampuuriRefused, kind)
		good(w, w.SetState, w.tehty(102))
		require.Empty(t, w.gateway.Refused())
	})
}

func TestA403ThatTheNeutralCallConfirmsIsTheFirstRefusal(t *testing.T) {
	w := gated(t)
	taskID := w.addTask(101)
	w.faults.Add(fault.Fault{System: "hillava", Kind: fault.Status403, Times: -1})
	plan := func() (string, time.Duration) {
		_, failure := run(w, w.PlanToimenpiteet, runs.PlanInput{NoticeRef: w.ref(101), TaskID: taskID})
		return failure.Type(), failure.NextRetryDelay()
	}
	kind, wait := plan()
	require.Equal(t, runs.FaultCredentialsRefused, kind)
	require.Equal(t, firstProbe, wait)
	w.pass(10 * time.Second)
	kind, wait = plan()
	require.Equal(t, runs.FaultCredentialsRefused, kind)
	require.Equal(t, 20*time.Second, wait, "the first refusal may be a hiccup: the next probe is 30 s after it")
	require.Equal(t, 1, w.count("GET customers"))
	w.mended()
	w.pass(20 * time.Second)
	good(w, w.PlanToimenpiteet, runs.PlanInput{NoticeRef: w.ref(101), TaskID: taskID})
}

func TestA403ThatTheNeutralCallSaysNothingAboutIsTriedAgain(t *testing.T) {
	for status, kind := range map[fault.Kind]string{
		fault.Status500: runs.FaultUnavailable, fault.ResetBefore: runs.FaultUnavailable, fault.Status401: runs.FaultCredentialsRefused,
	} {
		t.Run(string(status), func(t *testing.T) {
			w := gated(t)
			taskID := w.addTask(101)
			w.always("time-entries", fault.Status403)
			w.always("customers", status)
			_, failure := run(w, w.PlanToimenpiteet, runs.PlanInput{NoticeRef: w.ref(101), TaskID: taskID})
			requireRetryable(t, kind, failure)
			require.Equal(t, kind == runs.FaultCredentialsRefused, len(w.gateway.Refused()) > 0)
		})
	}
}

func TestHillavasGateIsItsOwn(t *testing.T) {
	w := gated(t)
	w.token = "wrong"
	_, failure := run(w, w.CreateTask, toCreate(w.ref(101)))
	requireRetryable(t, runs.FaultCredentialsRefused, failure)
	calls := len(w.callsTo(hillavasCalls))
	_, failure = run(w, w.CreateTask, toCreate(w.ref(101)))
	requireRetryable(t, runs.FaultCredentialsRefused, failure)
	require.Len(t, w.callsTo(hillavasCalls), calls)
	kind, _ := w.set("esimerkki")
	require.Empty(t, kind)
}

func TestARenewedTokenIsTriedAtOnce(t *testing.T) {
	w := gated(t)
	w.token = "wrong"
	for range 3 {
		_, failure := run(w, w.CreateTask, toCreate(w.ref(101)))
		requireRetryable(t, runs.FaultCredentialsRefused, failure)
		w.pass(firstProbe)
	}
	_, failure := run(w, w.CreateTask, toCreate(w.ref(101)))
	requireRetryable(t, runs.FaultCredentialsRefused, failure)
	w.token = hillavasToken
	good(w, w.CreateTask, toCreate(w.ref(101)))
	require.Empty(t, w.gateway.Refused())
}

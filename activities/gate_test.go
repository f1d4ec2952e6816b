package activities

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
)

// gatedScene has two customers with a notice each; the first one's Tampuuri answers with what *status says, 0 for well.
func gatedScene(t *testing.T) (s *scene, status *int, patience *time.Duration) {
	s = newScene(t)
	s.customer("toinen", 4711)
	status, patience = new(int), new(time.Duration)
	for _, fake := range s.peers {
		fake.put(101)
	}
	s.tampuuri().goes = func(_ string, apply func() error) error {
		if *status == 0 {
			return apply()
		}
		e := refusal(peerTampuuri, *status)
		e.RetryAfter = *patience
		return e
	}
	return s, status, patience
}

func (s *scene) set(tunniste string) (kind string, wait time.Duration) {
	_, failure := run(s, s.SetState, runs.SetStateInput{NoticeRef: runs.NoticeRef{Customer: tunniste, NoticeID: 101}, State: "Tehty"})
	if failure == nil {
		return "", 0
	}
	return failure.Type(), failure.NextRetryDelay()
}

func TestRefusedCredentialsShutTheGateOfThatCustomerAlone(t *testing.T) {
	for _, refused := range []int{http.StatusUnauthorized, http.StatusForbidden} {
		s, status, _ := gatedScene(t)
		*status = refused
		kind, _ := s.set("esimerkki")
		require.Equal(t, runs.FaultCredentialsRefused, kind)
		calls := len(s.tampuuri().calls)

		for range 3 {
			kind, wait := s.set("esimerkki")
			require.Equal(t, runs.FaultCredentialsRefused, kind)
			require.Equal(t, gateFirst, wait, "it comes back when the gate opens for a probe")
		}
		require.Len(t, s.tampuuri().calls, calls, "nothing was called")
		kind, _ = s.set("toinen")
		require.Empty(t, kind, "the other customer's gate is open")
		require.Equal(t, []string{"esimerkki"}, s.Refused())
	}
}

func TestAShutGateLetsOneProbeThroughAfterHalfAMinuteThenOneEveryTenMinutes(t *testing.T) {
	s, status, _ := gatedScene(t)
	*status = http.StatusUnauthorized
	s.set("esimerkki")
	probes := func() int { return len(s.tampuuri().calls) - 1 }

	s.clock = s.clock.Add(gateFirst - time.Second)
	s.set("esimerkki")
	require.Zero(t, probes(), "too early")
	s.clock = s.clock.Add(time.Second)
	for range 3 {
		s.set("esimerkki")
	}
	require.Equal(t, 1, probes())
	for range 3 {
		s.clock = s.clock.Add(gateEvery - time.Second)
		s.set("esimerkki")
		s.clock = s.clock.Add(time.Second)
		s.set("esimerkki")
		s.set("esimerkki")
	}
	require.Equal(t, 4, probes(), "one more each ten minutes")
}

func TestWhileAProbeIsOnItsWayNoOtherCallIsMade(t *testing.T) {
	clock := time.Unix(0, 0)
	g := &gate{now: func() time.Time { return clock }}
	g.observe(refusal(peerTampuuri, http.StatusUnauthorized), true)
	clock = clock.Add(gateFirst)
	var group sync.WaitGroup
	var mutex sync.Mutex
	let := 0
	for range 20 {
		group.Go(func() {
			if g.enter() == nil {
				mutex.Lock()
				let++
				mutex.Unlock()
			}
		})
	}
	group.Wait()
	require.Equal(t, 1, let)
}

func TestASuccessOrARefusalOfTheRequestItselfOpensTheGate(t *testing.T) {
	for name, status := range map[string]int{"success": 0, "not found": http.StatusNotFound, "bad request": http.StatusBadRequest} {
		t.Run(name, func(t *testing.T) {
			s, answered, _ := gatedScene(t)
			*answered = http.StatusUnauthorized
			s.set("esimerkki")
			s.clock = s.clock.Add(gateFirst)
			*answered = status
			s.set("esimerkki") // the probe
			*answered = 0
			kind, _ := s.set("esimerkki")
			require.Empty(t, kind)
			require.Empty(t, s.Refused())
		})
	}
}

func TestAProbeWithoutAnAnswerLeavesTheGateShut(t *testing.T) {
	s, status, _ := gatedScene(t)
	*status = http.StatusUnauthorized
	s.set("esimerkki")
	s.clock = s.clock.Add(gateFirst)
	*status = http.StatusServiceUnavailable
	s.set("esimerkki")
	*status = 0
	kind, wait := s.set("esimerkki")
	require.Equal(t, runs.FaultCredentialsRefused, kind)
	require.Equal(t, settingsPause, wait, "it looks again soon, as the credentials may be changed; no call is made")
	s.clock = s.clock.Add(gateEvery - time.Second)
	kind, _ = s.set("esimerkki")
	require.Equal(t, runs.FaultCredentialsRefused, kind, "the gate is shut still")
}

func TestChangedCredentialsOpenTheGateAtOnce(t *testing.T) {
	s, status, _ := gatedScene(t)
	*status = http.StatusUnauthorized
	s.set("esimerkki")
	*status = 0
	s.settings.list[0].Poll.MaxNew = 7
	kind, _ := s.set("esimerkki")
	require.Equal(t, runs.FaultCredentialsRefused, kind, "another setting is no new credential")

	opened := s.opened
	s.settings.list[0].Credentials.Salasana = config.NewSecret("uusi")
	kind, _ = s.set("esimerkki")
	require.Empty(t, kind)
	require.Equal(t, opened+1, s.opened, "the new credentials need a new client")
	require.Empty(t, s.Refused())
}

func TestARateLimitHoldsThatCustomerBackForAsLongAsItAsks(t *testing.T) {
	s, status, patience := gatedScene(t)
	*status, *patience = http.StatusTooManyRequests, 40*time.Second
	kind, wait := s.set("esimerkki")
	require.Equal(t, runs.FaultUnavailable, kind)
	require.GreaterOrEqual(t, wait, 40*time.Second)
	calls := len(s.tampuuri().calls)
	*status = 0

	s.clock = s.clock.Add(30 * time.Second)
	kind, wait = s.set("esimerkki")
	require.Equal(t, runs.FaultUnavailable, kind, "it is no matter of credentials")
	require.Equal(t, 10*time.Second, wait)
	require.Len(t, s.tampuuri().calls, calls)
	require.Empty(t, s.Refused())
	kind, _ = s.set("toinen")
	require.Empty(t, kind)

	s.clock = s.clock.Add(10 * time.Second)
	kind, _ = s.set("esimerkki")
	require.Empty(t, kind)
}

func TestARateLimitIsBelievedForAQuarterOfAnHourAtMost(t *testing.T) {
	s, status, patience := gatedScene(t)
	*status, *patience = http.StatusTooManyRequests, 24*time.Hour
	s.set("esimerkki")
	*status = 0
	s.clock = s.clock.Add(maxRetryAfter)
	kind, _ := s.set("esimerkki")
	require.Empty(t, kind)
}

// A 403 on a write says that the notice is not ours. The customer's other notices have nothing to do with it.
func TestAForbiddenWriteDoesNotShutTheGate(t *testing.T) {
	s, _, _ := gatedScene(t)
	s.tampuuri().put(102)
	s.tampuuri().ours = nil
	kind, _ := s.set("esimerkki")
	require.Equal(t, runs.ReasonNotOurs, kind)
	s.tampuuri().ours = []int64{4711}
	set := good(s, s.SetState, runs.SetStateInput{NoticeRef: s.ref(102), State: "Tehty"})
	require.Equal(t, runs.StandingTehty, set.Standing)
	require.Equal(t, notice.Tehty, s.tampuuri().notices[102].State)
}

func TestHillavasGateIsItsOwn(t *testing.T) {
	s, _, _ := gatedScene(t)
	s.hillava.goes = func(string, func() error) error { return refusal(peerHillava, http.StatusUnauthorized) }
	_, failure := run(s, s.CreateTask, s.ref(101))
	require.Equal(t, runs.FaultCredentialsRefused, failure.Type())
	_, failure = run(s, s.CreateTask, s.ref(101))
	require.Equal(t, runs.FaultCredentialsRefused, failure.Type())
	require.Len(t, s.hillava.calls, 1)
	require.Equal(t, []string{"hillava"}, s.Refused())
	kind, _ := s.set("esimerkki")
	require.Empty(t, kind)
}

func TestARenewedTokenIsTriedAtOnce(t *testing.T) {
	s, _, _ := gatedScene(t)
	s.hillava.goes = func(_ string, apply func() error) error {
		if s.token != "renewed" {
			return refusal(peerHillava, http.StatusUnauthorized)
		}
		return apply()
	}
	for range 3 {
		_, failure := run(s, s.CreateTask, s.ref(101))
		require.Equal(t, runs.FaultCredentialsRefused, failure.Type())
		s.clock = s.clock.Add(gateFirst)
	}
	_, failure := run(s, s.CreateTask, s.ref(101))
	require.Equal(t, runs.FaultCredentialsRefused, failure.Type())
	s.token = "renewed"
	good(s, s.CreateTask, s.ref(101))
	require.Empty(t, s.Refused())
}

// Calls side by side: one that was sent before a 429 must not end the wait that it asks for.
func TestAnAnswerToAnEarlierCallDoesNotEndTheWaitAfterA429(t *testing.T) {
	now := time.Now()
	g := &gate{now: func() time.Time { return now }}
	g.observe(&peer.Error{Peer: peerTampuuri, Kind: peer.KindStatus, Status: http.StatusTooManyRequests, RetryAfter: time.Minute}, true)
	g.observe(nil, true)
	g.observe(refusal(peerTampuuri, http.StatusNotFound), true)
	require.Error(t, g.enter())
	now = now.Add(time.Minute)
	require.NoError(t, g.enter())
}

package gateway

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/peer"
)

func TestWhileAProbeIsOnItsWayNoOtherCallIsMade(t *testing.T) {
	clock := time.Unix(0, 0)
	g := &gate{now: func() time.Time { return clock }}
	g.observe(refusal(PeerTampuuri, http.StatusUnauthorized))
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

// Calls side by side: one that was sent before a 429 must not end the wait that it asks for.
func TestAnAnswerToAnEarlierCallDoesNotEndTheWaitAfterA429(t *testing.T) {
	now := time.Now()
	g := &gate{now: func() time.Time { return now }}
	g.observe(&peer.Error{Peer: PeerTampuuri, Kind: peer.KindStatus, Status: http.StatusTooManyRequests, RetryAfter: time.Minute})
	g.observe(nil)
	g.observe(refusal(PeerTampuuri, http.StatusNotFound))
	require.Error(t, g.enter())
	now = now.Add(time.Minute)
	require.NoError(t, g.enter())
}

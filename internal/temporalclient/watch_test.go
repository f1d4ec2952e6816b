package temporalclient

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"tampuuri-hillava/internal/telemetry"
)

// checker is a Temporal that is away, or that hangs, as a test says.
type checker struct{ away, hangs atomic.Bool }

func (c *checker) CheckHealth(ctx context.Context, _ *client.CheckHealthRequest) (*client.CheckHealthResponse, error) {
	if c.hangs.Load() {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if c.away.Load() {
		return nil, errors.New("connection refused")
	}
	return &client.CheckHealthResponse{}, nil
}

func TestAProgramIsNotReadyWhileTemporalIsAwayOrHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		temporal, health, logged := &checker{}, telemetry.NewHealth(), &bytes.Buffer{}
		health.SetReady("worker", true, "")
		go Watch(ctx, temporal, health, slog.New(slog.NewTextHandler(logged, nil)))
		readyz := func() *httptest.ResponseRecorder {
			answer := httptest.NewRecorder()
			telemetry.OpsHandler(health, nil).ServeHTTP(answer, httptest.NewRequest("GET", "/readyz", nil))
			return answer
		}
		after := func(pause time.Duration) bool {
			time.Sleep(pause) // fake time
			synctest.Wait()
			return readyz().Code == 200
		}
		require.True(t, after(0), "it is asked at once")

		temporal.away.Store(true)
		require.False(t, after(healthEvery))
		require.False(t, after(sayAgain+healthEvery))
		require.Equal(t, 2, strings.Count(logged.String(), "Temporal does not answer"), "told at once and once a minute")

		temporal.away.Store(false)
		require.True(t, after(healthEvery))
		require.Contains(t, logged.String(), "Temporal answers again.")

		temporal.hangs.Store(true)
		require.False(t, after(healthEvery+healthDeadline), "a server that hangs is found by the deadline")
		require.Contains(t, readyz().Body.String(), `"temporal":{"ok":false,"detail":"does not answer"}`)
	})
}

func TestAServerWithoutAHealthServiceIsWell(t *testing.T) {
	serve(t, &frontend{}, listen(t))
	temporal, err := Lazy(Options{Logger: quiet})
	require.NoError(t, err)
	defer temporal.Close()
	require.NoError(t, checkHealth(t.Context(), temporal))
}

func TestALazyClientIsMadeWithoutAServerAndReachesOneThatStartsLater(t *testing.T) {
	listener := listen(t)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	temporal, err := Lazy(Options{Logger: quiet})
	require.NoError(t, err)
	defer temporal.Close()
	soon, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	require.Error(t, temporal.SignalWorkflow(soon, "notice-x", "", "tyo-valmis", nil))

	again, err := net.Listen("tcp", address)
	require.NoError(t, err)
	f := &frontend{}
	serve(t, f, again)
	require.Eventually(t, func() bool {
		attempt, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		return temporal.SignalWorkflow(WithSignalRequestID(attempt, "one"), "notice-x", "", "tyo-valmis", nil) == nil
	}, 30*time.Second, 100*time.Millisecond)
	require.Equal(t, "one", f.signals[0].GetRequestId(), "with the interceptor that Dial's client has")
}

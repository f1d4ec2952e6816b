package activities

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/tampuuri"
)

const window = 15 * time.Second // of testTiming: 10 s and half of that again

// verdict is what the retry table makes of a failure.
type verdict struct {
	kind  string
	stop  bool          // never retried
	least time.Duration // the next attempt comes no sooner
	most  time.Duration // 0: no matter
}

func later(kind string, least time.Duration) verdict { return verdict{kind: kind, least: least} }
func never(reason string) verdict                    { return verdict{kind: reason, stop: true} }

var (
	soon     = later(runs.FaultUnavailable, 200*time.Millisecond)
	look     = later(runs.FaultOutcomeUnknown, window)
	shut     = later(runs.FaultCredentialsRefused, gateFirst)
	tRefused = never(runs.ReasonTampuuriRefused)
	hRefused = never(runs.ReasonHillavaRefused)
	garbled  = never(runs.ReasonUnreadable)
)

// answer gives a status with a body that must never be seen in an error.
func answer(status int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, `{"Message":"SALAINEN Matti, 040 1234567","error":"SALAINEN"}`)
	}
}

func html(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, "<html>SALAINEN</html>")
	}
}

func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // only then does the server see that the client has gone
	<-r.Context().Done()
}

func reset(w http.ResponseWriter, _ *http.Request) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}

func tooLarge(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"Message":"SALAINEN%s"}`, strings.Repeat("x", peer.ResponseLimit))
}

// The retry table, by what the peer does: a read and a write of Tampuuri's (which knows no idempotency key), a read of
// Hillava's, and a create with its key, whose unknown outcome the next attempt may look at whenever it likes.
var retryTable = []struct {
	name                       string
	serve                      http.HandlerFunc // nil: nobody listens
	tRead, tWrite, hRead, hKey verdict
}{
	{"connect error", nil, soon, soon, soon, soon},
	{"timeout", hang, soon, look, soon, soon},
	{"reset after send", reset, soon, look, soon, soon},
	{"408", answer(408), soon, later(runs.FaultUnavailable, window), soon, soon},
	{"425", answer(425), soon, soon, soon, soon},
	{"429", answer(429), soon, soon, soon, soon},
	{"429 with Retry-After", answer(429, "Retry-After", "40"), later(runs.FaultUnavailable, 40*time.Second), later(runs.FaultUnavailable, 40*time.Second), later(runs.FaultUnavailable, 40*time.Second), later(runs.FaultUnavailable, 40*time.Second)},
	{"429 with a day's Retry-After", answer(429, "Retry-After", "86400"), capped(runs.FaultUnavailable), capped(runs.FaultUnavailable), capped(runs.FaultUnavailable), capped(runs.FaultUnavailable)},
	{"500", answer(500), soon, look, soon, soon},
	{"502", answer(502), soon, look, soon, soon},
	{"503", answer(503), soon, look, soon, soon},
	{"503 with Retry-After", answer(503, "Retry-After", "40"), later(runs.FaultUnavailable, 40*time.Second), later(runs.FaultOutcomeUnknown, 40*time.Second), later(runs.FaultUnavailable, 40*time.Second), later(runs.FaultUnavailable, 40*time.Second)},
	{"503 with a short Retry-After", answer(503, "Retry-After", "1"), soon, look, soon, soon},
	{"503 with a day's Retry-After", answer(503, "Retry-After", "86400"), capped(runs.FaultUnavailable), capped(runs.FaultOutcomeUnknown), capped(runs.FaultUnavailable), capped(runs.FaultUnavailable)},
	{"504", answer(504), soon, look, soon, soon},
	{"505", answer(505), soon, look, soon, soon},
	{"HTML with 200", html(200), soon, look, soon, soon},
	{"a proxy's HTML with 404", html(404), soon, look, soon, soon},
	{"a proxy's HTML with 403", html(403), soon, look, soon, soon},
	{"a proxy's HTML with 502", html(502), soon, look, soon, soon},
	{"malformed", answer(200), garbled, look, garbled, garbled},
	{"too large", tooLarge, garbled, look, garbled, garbled},
	{"redirect", answer(302, "Location", "https://toinen.example/SALAINEN"), tRefused, tRefused, hRefused, hRefused},
	{"304", answer(304), tRefused, tRefused, hRefused, hRefused},
	{"400", answer(400), tRefused, tRefused, hRefused, hRefused},
	{"401", answer(401), shut, shut, shut, shut},
	{"403", answer(403), shut, never(runs.ReasonNotOurs), shut, shut},
	{"404", answer(404), never(runs.ReasonGone), never(runs.ReasonGone), never(runs.ReasonTaskGone), hRefused},
	{"405", answer(405), tRefused, tRefused, hRefused, hRefused},
	{"409", answer(409), never(runs.ReasonStateConflict), never(runs.ReasonStateConflict), hRefused, hRefused},
	{"410", answer(410), tRefused, tRefused, hRefused, hRefused},
	{"413", answer(413), tRefused, tRefused, hRefused, hRefused},
	{"422", answer(422), tRefused, tRefused, hRefused, hRefused},
}

func capped(kind string) verdict {
	return verdict{kind: kind, least: maxRetryAfter, most: maxRetryAfter}
}

func TestTheRetryTable(t *testing.T) {
	s := newScene(t)
	for _, row := range retryTable {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			serve := row.serve
			if serve == nil {
				serve = answer(200)
			}
			server := httptest.NewServer(serve)
			t.Cleanup(server.Close)
			if row.serve == nil {
				server.Close()
			}
			timeout := 30 * time.Second // a busy machine must not make another row of it
			if row.name == "timeout" {
				timeout = 200 * time.Millisecond
			}
			theirs, err := tampuuri.New(tampuuri.Config{
				BaseURL: server.URL + "/salainen/", Timeout: timeout,
				Credentials: tampuuri.Credentials{Avain: "a", Asiakas: "b", Tili: "c", Kayttajatunnus: "d", Salasana: "e"},
			})
			require.NoError(t, err)
			office, err := hillava.New(hillava.Config{BaseURL: server.URL + "/salainen/", Timeout: timeout, Token: func() string { return "t" }})
			require.NoError(t, err)

			_, err = theirs.Notice(t.Context(), 1)
			requireVerdict(t, "read Tampuuri", row.tRead, s.failure(err, call{missing: runs.ReasonGone, attempt: 1}))
			err = theirs.SetState(t.Context(), 1, notice.Tehty, true)
			requireVerdict(t, "set state", row.tWrite, s.failure(err, call{write: true, missing: runs.ReasonGone, attempt: 1}))
			err = theirs.AddToimenpide(t.Context(), 1, notice.Toimenpide{Date: "2026-02-03"})
			requireVerdict(t, "add toimenpide", row.tWrite, s.failure(err, call{write: true, missing: runs.ReasonGone, attempt: 1}))
			_, err = office.Task(t.Context(), "T-1")
			requireVerdict(t, "read Hillava", row.hRead, s.failure(err, call{missing: runs.ReasonTaskGone, attempt: 1}))
			_, err = office.CreateTask(t.Context(), "create-x", notice.Task{
				ExternalID: "x", TaskTypeID: "TT-1", Title: "o", WorkloadHours: 1, BillingCustomerID: "C-1", DeliveryCustomerID: "C-1",
				Start: notice.Moment{At: time.Now()},
			})
			requireVerdict(t, "create", row.hKey, s.failure(err, call{attempt: 1}))
		})
	}
}

func requireVerdict(t *testing.T, what string, want verdict, err error) {
	t.Helper()
	var failure *temporal.ApplicationError
	require.ErrorAs(t, err, &failure, what)
	require.Equal(t, want.kind, failure.Type(), what)
	require.Equal(t, want.stop, failure.NonRetryable(), what)
	require.GreaterOrEqual(t, failure.NextRetryDelay(), want.least, what)
	if want.most != 0 {
		require.LessOrEqual(t, failure.NextRetryDelay(), want.most, what)
	}
	for _, secret := range []string{"SALAINEN", "salainen", "Matti", "://", "127.0.0.1", "localhost"} {
		require.NotContains(t, err.Error(), secret, what)
	}
}

func TestACallThatWeCancelledOurselves(t *testing.T) {
	s := newScene(t)
	cancelled := func(sent bool) error {
		return &peer.Error{Peer: peerTampuuri, Kind: peer.KindTransport, Sent: sent, Err: context.Canceled}
	}
	t.Run("is no failure of the peer's", func(t *testing.T) {
		for _, err := range []error{context.Canceled, cancelled(true), cancelled(false)} {
			require.ErrorIs(t, s.failure(err, call{attempt: 1}), context.Canceled)
		}
		require.ErrorIs(t, s.failure(cancelled(false), call{write: true, attempt: 1}), context.Canceled)
	})
	t.Run("is looked at after the window when it was a write that may have arrived", func(t *testing.T) {
		requireVerdict(t, "write", look, s.failure(cancelled(true), call{write: true, attempt: 1}))
	})
	t.Run("is retried when its time was up", func(t *testing.T) {
		requireVerdict(t, "bare", soon, s.failure(context.DeadlineExceeded, call{attempt: 1}))
		late := &peer.Error{Peer: peerTampuuri, Kind: peer.KindTransport, Sent: true, Err: context.DeadlineExceeded}
		requireVerdict(t, "read", soon, s.failure(late, call{attempt: 1}))
		requireVerdict(t, "write", look, s.failure(late, call{write: true, attempt: 1}))
	})
}

func TestWhatIsNoPeersErrorIsHandedOnOrStops(t *testing.T) {
	s := newScene(t)
	require.NoError(t, s.failure(nil, call{}))
	known := stop(runs.ReasonTwoTasks, errors.New("two"))
	require.Equal(t, known, s.failure(known, call{attempt: 1}))
	requireVerdict(t, "input", never(runs.ReasonUnexpected), s.failure(&peer.Error{Peer: peerTampuuri, Kind: peer.KindInput}, call{attempt: 1}))
	requireVerdict(t, "unknown", never(runs.ReasonUnexpected), s.failure(errors.New("odd"), call{attempt: 1}))
	requireVerdict(t, "gate", later(runs.FaultCredentialsRefused, time.Minute), s.failure(&gateShut{wait: time.Minute, refused: true}, call{attempt: 1}))
	requireVerdict(t, "patience", later(runs.FaultUnavailable, time.Minute), s.failure(&gateShut{wait: time.Minute}, call{attempt: 1}))
}

func TestTheBackoffGrowsToFiveMinutesAndStaysThere(t *testing.T) {
	s := newScene(t)
	delays := []time.Duration{}
	for attempt := range int32(12) {
		delays = append(delays, s.backoff(attempt+1)/time.Second)
	}
	require.Equal(t, []time.Duration{2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300}, delays)
	require.Equal(t, 5*time.Minute, s.backoff(1<<30))
	requireVerdict(t, "a late attempt at a write", later(runs.FaultOutcomeUnknown, 5*time.Minute), s.failure(broken(peerTampuuri, true), call{write: true, attempt: 100}))
}

func TestTheWordForAnErrorIsItsType(t *testing.T) {
	require.Equal(t, runs.FaultNoTimeLeft, typeOf(fmt.Errorf("wrapped: %w", retryLater(runs.FaultNoTimeLeft, errNoTimeLeft, time.Second))))
	require.Equal(t, runs.ReasonUnexpected, typeOf(errors.New("odd")))
}

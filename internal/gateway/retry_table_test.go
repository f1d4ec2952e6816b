package gateway

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
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/tampuuri"
)

// ruling is what the retry table makes of a failure.
type ruling struct {
	kind  string
	stop  bool          // never retried
	least time.Duration // the next attempt comes no sooner
	most  time.Duration // 0: no matter
}

func retry(kind string, least time.Duration) ruling { return ruling{kind: kind, least: least} }
func never(reason string) ruling                    { return ruling{kind: reason, stop: true} }

var (
	soon     = retry(runs.FaultUnavailable, 200*time.Millisecond)
	look     = retry(runs.FaultOutcomeUnknown, window)
	shut     = retry(runs.FaultCredentialsRefused, gateFirst)
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
	tRead, tWrite, hRead, hKey ruling
}{
	{"connect error", nil, soon, soon, soon, soon},
	{"timeout", hang, soon, look, soon, soon},
	{"reset after send", reset, soon, look, soon, soon},
	{"408", answer(408), soon, look, soon, soon}, // by another kind, starter notice retry would not wait for the window
	{"425", answer(425), soon, soon, soon, soon},
	{"429", answer(429), soon, soon, soon, soon},
	{"429 with Retry-After", answer(429, "Retry-After", "40"), retry(runs.FaultUnavailable, 40*time.Second), retry(runs.FaultUnavailable, 40*time.Second), retry(runs.FaultUnavailable, 40*time.Second), retry(runs.FaultUnavailable, 40*time.Second)},
	{"429 with a day's Retry-After", answer(429, "Retry-After", "86400"), capped(runs.FaultUnavailable), capped(runs.FaultUnavailable), capped(runs.FaultUnavailable), capped(runs.FaultUnavailable)},
	{"500", answer(500), soon, look, soon, soon},
	{"502", answer(502), soon, look, soon, soon},
	{"503", answer(503), soon, look, soon, soon},
	{"503 with Retry-After", answer(503, "Retry-After", "40"), retry(runs.FaultUnavailable, 40*time.Second), retry(runs.FaultOutcomeUnknown, 40*time.Second), retry(runs.FaultUnavailable, 40*time.Second), retry(runs.FaultUnavailable, 40*time.Second)},
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
	{"403", answer(403), shut, never(runs.ReasonNotOurs), shut, shut}, // of a read that no neutral call was asked about
	{"404", answer(404), never(runs.ReasonGone), never(runs.ReasonGone), never(runs.ReasonTaskGone), hRefused},
	{"405", answer(405), tRefused, tRefused, hRefused, hRefused},
	{"409", answer(409), never(runs.ReasonStateConflict), never(runs.ReasonStateConflict), hRefused, hRefused},
	{"410", answer(410), tRefused, tRefused, hRefused, hRefused},
	{"413", answer(413), tRefused, tRefused, hRefused, hRefused},
	{"422", answer(422), tRefused, tRefused, hRefused, hRefused},
}

func capped(kind string) ruling {
	return ruling{kind: kind, least: maxRetryAfter, most: maxRetryAfter}
}

// window is the in-flight window of tableOnly: 10 s and half of that again.
const window = 15 * time.Second

// tableOnly is for what needs no peers.
func tableOnly() *Gateway { return New(Options{Timing: runs.Timing{HTTPTimeout: 10 * time.Second}}) }

// broken is a call without an answer; sent says that the request may have arrived.
func broken(name string, sent bool) *peer.Error {
	return &peer.Error{Peer: name, Op: "test", Kind: peer.KindTransport, Sent: sent, Err: errors.New("no answer")}
}

func refusal(name string, status int) *peer.Error {
	return &peer.Error{Peer: name, Op: "test", Kind: peer.KindStatus, Status: status, Sent: true}
}

func TestTheRetryTable(t *testing.T) {
	g := tableOnly()
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
				timeout = time.Second
			}
			theirs, err := tampuuri.New(tampuuri.Config{
				BaseURL: server.URL + "/salainen/", Timeout: timeout,
				Credentials: tampuuri.Credentials{Avain: "a", Asiakas: "b", Tili: "c", Kayttajatunnus: "d", Salasana: "e"},
			})
			require.NoError(t, err)
			hillavaClient, err := hillava.New(hillava.Config{BaseURL: server.URL + "/salainen/", Timeout: timeout, Token: func() string { return "t" }})
			require.NoError(t, err)
			for what, made := range map[string]struct {
				do       func(context.Context) error
				from     call
				expected ruling
			}{
				"read Tampuuri": {func(ctx context.Context) error { _, err := theirs.Notice(ctx, 1); return err },
					call{missing: runs.ReasonGone, attempt: 1}, row.tRead},
				"set state": {func(ctx context.Context) error { return theirs.SetState(ctx, 1, notice.Tehty, true) },
					call{write: true, missing: runs.ReasonGone, attempt: 1}, row.tWrite},
				"add toimenpide": {func(ctx context.Context) error {
					return theirs.AddToimenpide(ctx, 1, notice.Toimenpide{Date: "2026-02-03"})
				}, call{write: true, missing: runs.ReasonGone, attempt: 1}, row.tWrite},
				"read Hillava": {func(ctx context.Context) error { _, err := hillavaClient.Task(ctx, "T-1"); return err },
					call{missing: runs.ReasonTaskGone, attempt: 1}, row.hRead},
				"create": {func(ctx context.Context) error {
					_, err := hillavaClient.CreateTask(ctx, "create-x", notice.Task{
						ExternalID: "x", TaskTypeID: "TT-1", Title: "o", WorkloadHours: 1, BillingCustomerID: "C-1", DeliveryCustomerID: "C-1",
						Start: notice.Moment{At: time.Now()},
					})
					return err
				}, call{attempt: 1}, row.hKey},
			} {
				t.Run(what, func(t *testing.T) {
					t.Parallel()
					requireRuling(t, what, made.expected, g.failure(made.do(t.Context()), made.from))
				})
			}
		})
	}
}

func requireRuling(t *testing.T, what string, expected ruling, err error) {
	t.Helper()
	var failure *temporal.ApplicationError
	require.ErrorAs(t, err, &failure, what)
	require.Equal(t, expected.kind, failure.Type(), what)
	require.Equal(t, expected.stop, failure.NonRetryable(), what)
	require.GreaterOrEqual(t, failure.NextRetryDelay(), expected.least, what)
	if expected.most != 0 {
		require.LessOrEqual(t, failure.NextRetryDelay(), expected.most, what)
	}
	for _, secret := range []string{"SALAINEN", "salainen", "Matti", "://", "127.0.0.1", "localhost"} {
		require.NotContains(t, err.Error(), secret, what)
	}
}

func TestACallThatWeCancelledOurselves(t *testing.T) {
	g := tableOnly()
	cancelled := func(sent bool) error {
		return &peer.Error{Peer: PeerTampuuri, Kind: peer.KindTransport, Sent: sent, Err: context.Canceled}
	}
	t.Run("is no failure of the peer's", func(t *testing.T) {
		for _, err := range []error{context.Canceled, cancelled(true), cancelled(false)} {
			require.ErrorIs(t, g.failure(err, call{attempt: 1}), context.Canceled)
		}
		require.ErrorIs(t, g.failure(cancelled(false), call{write: true, attempt: 1}), context.Canceled)
	})
	t.Run("is looked at after the window when it was a write that may have arrived", func(t *testing.T) {
		requireRuling(t, "write", look, g.failure(cancelled(true), call{write: true, attempt: 1}))
	})
	t.Run("is retried when its time was up", func(t *testing.T) {
		requireRuling(t, "bare", soon, g.failure(context.DeadlineExceeded, call{attempt: 1}))
		late := &peer.Error{Peer: PeerTampuuri, Kind: peer.KindTransport, Sent: true, Err: context.DeadlineExceeded}
		requireRuling(t, "read", soon, g.failure(late, call{attempt: 1}))
		requireRuling(t, "write", look, g.failure(late, call{write: true, attempt: 1}))
	})
}

func TestWhatIsNoPeersErrorIsHandedOnOrStops(t *testing.T) {
	g := tableOnly()
	require.NoError(t, g.failure(nil, call{}))
	ruled := Stop(runs.ReasonTwoTasks, errors.New("two"))
	require.Equal(t, ruled, g.failure(ruled, call{attempt: 1}))
	requireRuling(t, "input", never(runs.ReasonUnexpected), g.failure(&peer.Error{Peer: PeerTampuuri, Kind: peer.KindInput}, call{attempt: 1}))
	requireRuling(t, "unknown", never(runs.ReasonUnexpected), g.failure(errors.New("odd"), call{attempt: 1}))
	requireRuling(t, "a record refused, Hillava", never(runs.ReasonHillavaRefused), g.failure(&recordRefused{refusal(PeerHillava, 403)}, call{attempt: 1}))
	requireRuling(t, "a record refused, Tampuuri", never(runs.ReasonTampuuriRefused), g.failure(&recordRefused{refusal(PeerTampuuri, 403)}, call{attempt: 1}))
	requireRuling(t, "gate", retry(runs.FaultCredentialsRefused, time.Minute), g.failure(&gateShut{wait: time.Minute, refused: true}, call{attempt: 1}))
	requireRuling(t, "patience", retry(runs.FaultUnavailable, time.Minute), g.failure(&gateShut{wait: time.Minute}, call{attempt: 1}))
}

func TestTheBackoffGrowsToFiveMinutesAndStaysThere(t *testing.T) {
	g := tableOnly()
	delays := []time.Duration{}
	for attempt := range int32(12) {
		delays = append(delays, g.Backoff(attempt+1)/time.Second)
	}
	require.Equal(t, []time.Duration{2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300}, delays)
	require.Equal(t, 5*time.Minute, g.Backoff(1<<30))
	requireRuling(t, "a late attempt at a write", retry(runs.FaultOutcomeUnknown, 5*time.Minute), g.failure(broken(PeerTampuuri, true), call{write: true, attempt: 100}))
}

func TestWhatTemporalRefusesForGoodIsNoOutageOfIt(t *testing.T) {
	requireRuling(t, "refused", never(runs.ReasonUnexpected), TemporalFailure(fmt.Errorf("start: %w", serviceerror.NewInvalidArgument("no such attribute"))))
	requireRuling(t, "away", retry(runs.FaultTemporal, 0), TemporalFailure(serviceerror.NewUnavailable("away")))
	ruled := Stop(runs.ReasonTwoTasks, errors.New("two"))
	require.Equal(t, ruled, TemporalFailure(ruled))
	require.NoError(t, TemporalFailure(nil))
	require.ErrorIs(t, TemporalFailure(fmt.Errorf("look: %w", context.Canceled)), context.Canceled)
}

func TestTheWordForAnErrorIsItsType(t *testing.T) {
	require.Equal(t, runs.FaultNoTimeLeft, WordOf(fmt.Errorf("wrapped: %w", RetryLater(runs.FaultNoTimeLeft, errNoTimeLeft, time.Second))))
	require.Equal(t, runs.ReasonUnexpected, WordOf(errors.New("odd")))
}

package fault_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/fault"
)

// standIn applies by counting and answers {"Id":1}.
type standIn struct {
	*httptest.Server
	plan    *fault.Plan
	applied atomic.Int32
	about   fault.Request
}

func newStandIn(t *testing.T) *standIn {
	s := &standIn{plan: fault.NewPlan(), about: fault.Request{
		System: "tampuuri", Op: "tila", Customer: "esimerkki", Key: "101",
		ErrorBody: func(int) []byte { return []byte(`{"Message":"no"}`) },
	}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		s.plan.Serve(w, r, s.about, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			s.applied.Add(1)
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"Id":1}`))
		}))
	}))
	t.Cleanup(s.Close)
	return s
}

// outcome is what a client sees of one call.
type outcome struct {
	status int
	header http.Header
	body   string
	err    error
}

// call posts on a new connection, as a client does not repeat a POST there by itself.
func (s *standIn) call(timeout time.Duration) outcome {
	client := http.Client{
		Timeout:       timeout,
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Post(s.URL, "application/json", strings.NewReader(`{}`))
	if err != nil {
		return outcome{err: err}
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	return outcome{response.StatusCode, response.Header, string(body), err}
}

func TestEveryKindFiresOnceAndIsCounted(t *testing.T) {
	reset := func(t *testing.T, o outcome) { require.ErrorIs(t, o.err, syscall.ECONNRESET) }
	timedOut := func(t *testing.T, o outcome) {
		require.Error(t, o.err)
		require.True(t, isTimeout(o.err), "%v", o.err)
	}
	good := func(t *testing.T, o outcome) {
		require.NoError(t, o.err)
		require.Equal(t, 200, o.status)
		require.Equal(t, `{"Id":1}`, o.body)
	}
	status := func(want int) func(*testing.T, outcome) {
		return func(t *testing.T, o outcome) {
			require.NoError(t, o.err)
			require.Equal(t, want, o.status)
			require.Equal(t, `{"Message":"no"}`, o.body)
		}
	}
	body := func(contentType, part string) func(*testing.T, outcome) {
		return func(t *testing.T, o outcome) {
			require.NoError(t, o.err)
			require.Equal(t, 200, o.status)
			require.Contains(t, o.header.Get("Content-Type"), contentType)
			require.Contains(t, o.body, part)
			require.False(t, json.Valid([]byte(o.body)))
		}
	}
	const short, long = 300 * time.Millisecond, 10 * time.Second
	rows := map[fault.Kind]struct {
		applied int32
		called  bool
		timeout time.Duration
		delay   time.Duration
		check   func(*testing.T, outcome)
	}{
		fault.Refuse:           {0, false, long, 0, func(t *testing.T, o outcome) { require.ErrorIs(t, o.err, io.EOF) }},
		fault.ResetBefore:      {0, false, long, 0, reset},
		fault.ApplyThenReset:   {1, false, long, 0, reset},
		fault.ApplyThenHang:    {1, false, short, 0, timedOut},
		fault.HangThenApply:    {1, false, short, 500 * time.Millisecond, timedOut},
		fault.ApplyThen500:     {1, false, long, 0, status(500)},
		fault.ApplyThen503:     {1, false, long, 0, status(503)},
		fault.ApplyThenHTML:    {1, false, long, 0, body("text/html", "<html>")},
		fault.ApplyThenGarbage: {1, false, long, 0, body("application/json", "{")},
		fault.ApplyThenEmpty:   {1, false, long, 0, body("application/json", "")},
		fault.SlowDrip:         {1, false, short, 100 * time.Millisecond, timedOut},
		fault.HTML:             {0, false, long, 0, body("text/html", "<html>")},
		fault.Garbage:          {0, false, long, 0, body("application/json", "{")},
		fault.Empty:            {0, false, long, 0, body("application/json", "")},
		fault.Answer:           {0, false, long, 0, func(t *testing.T, o outcome) { require.Equal(t, outcome{200, o.header, `{"Id":2}`, nil}, o) }},
		fault.Redirect: {0, false, long, 0, func(t *testing.T, o outcome) {
			require.Equal(t, 302, o.status)
			require.NotEmpty(t, o.header.Get("Location"))
		}},
		fault.Status400: {0, false, long, 0, status(400)},
		fault.Status401: {0, false, long, 0, status(401)},
		fault.Status403: {0, false, long, 0, status(403)},
		fault.Status404: {0, false, long, 0, status(404)},
		fault.Status409: {0, false, long, 0, status(409)},
		fault.Status422: {0, false, long, 0, status(422)},
		fault.Status429: {0, false, long, 0, func(t *testing.T, o outcome) {
			status(429)(t, o)
			require.Equal(t, "1", o.header.Get("Retry-After"))
		}},
		fault.Status500:       {0, false, long, 0, status(500)},
		fault.Status503:       {0, false, long, 0, status(503)},
		fault.CallBefore:      {1, true, long, 0, good},
		fault.CallBeforeReset: {0, true, long, 0, reset},
		fault.CallAfter:       {1, true, long, 0, good},
		fault.CallAfterReset:  {1, true, long, 0, reset},
	}
	for _, kind := range fault.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			row, present := rows[kind]
			require.True(t, present, "the kind has no row in this test")
			s := newStandIn(t)
			var called atomic.Bool
			id := s.plan.Add(fault.Fault{Kind: kind, Delay: row.delay, Body: `{"Id":2}`, Call: func() { called.Store(true) }})
			row.check(t, s.call(row.timeout))
			ctx, cancel := context.WithTimeout(t.Context(), long)
			defer cancel()
			require.NoError(t, s.plan.AwaitFired(ctx, id, 1))
			require.Eventually(t, func() bool { return s.applied.Load() == row.applied }, long, 5*time.Millisecond)
			require.Equal(t, row.called, called.Load())
			good(t, s.call(long))
			require.Equal(t, row.applied+1, s.applied.Load(), "the fault is over after one request")
			require.Equal(t, 1, s.plan.List()[0].Fired)
			require.Equal(t, 2, s.plan.List()[0].Seen)
		})
	}
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}

func TestAFaultTakesTheRequestsInItsWindowOnly(t *testing.T) {
	rows := map[string]struct {
		faults []fault.Fault
		want   []int // statuses of five calls
	}{
		"the first by default":        {[]fault.Fault{{Kind: fault.Status500}}, []int{500, 200, 200, 200, 200}},
		"from the third, twice":       {[]fault.Fault{{After: 3, Times: 2, Kind: fault.Status500}}, []int{200, 200, 500, 500, 200}},
		"for ever":                    {[]fault.Fault{{After: 2, Times: -1, Kind: fault.Status500}}, []int{200, 500, 500, 500, 500}},
		"two on one call":             {[]fault.Fault{{Kind: fault.Status500}, {Kind: fault.Status503}}, []int{500, 503, 200, 200, 200}},
		"the same system, op and key": {[]fault.Fault{{System: "tampuuri", Op: "tila", Customer: "esimerkki", Key: "101", Kind: fault.Status500}}, []int{500, 200, 200, 200, 200}},
		"another system":              {[]fault.Fault{{System: "hillava", Kind: fault.Status500}}, []int{200, 200, 200, 200, 200}},
		"another op":                  {[]fault.Fault{{Op: "list", Kind: fault.Status500}}, []int{200, 200, 200, 200, 200}},
		"another customer":            {[]fault.Fault{{Customer: "toinen", Kind: fault.Status500}}, []int{200, 200, 200, 200, 200}},
		"another notice":              {[]fault.Fault{{Key: "102", Kind: fault.Status500}}, []int{200, 200, 200, 200, 200}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			s := newStandIn(t)
			for _, f := range row.faults {
				s.plan.Add(f)
			}
			var got []int
			for range row.want {
				got = append(got, s.call(10*time.Second).status)
			}
			require.Equal(t, row.want, got)
		})
	}
}

func TestAFaultSwitchedOffNoLongerFires(t *testing.T) {
	s := newStandIn(t)
	id := s.plan.Add(fault.Fault{Kind: fault.Status500, Times: -1})
	require.Equal(t, 500, s.call(10*time.Second).status)
	require.True(t, s.plan.Remove(id))
	require.False(t, s.plan.Remove(id))
	require.Equal(t, 200, s.call(10*time.Second).status)
	require.ErrorContains(t, s.plan.AwaitFired(t.Context(), id, 1), "switched off")
}

func TestThePageSwitchesFaultsThroughHTTP(t *testing.T) {
	plan := fault.NewPlan()
	ask := func(method, target, body string) (int, string) {
		recorder := httptest.NewRecorder()
		plan.ServeHTTP(recorder, httptest.NewRequest(method, target, strings.NewReader(body)))
		return recorder.Code, recorder.Body.String()
	}
	code, body := ask("POST", "/", `{"system":"hillava","op":"note","kind":"429","retryAfter":"3","delay":"1.5s","after":2}`)
	require.Equal(t, 201, code)
	require.JSONEq(t, `{"id":1}`, body)
	require.Equal(t, fault.Fault{
		System: "hillava", Op: "note", Kind: fault.Status429, RetryAfter: "3", Delay: 1500 * time.Millisecond, After: 2,
	}, plan.List()[0].Fault)
	code, body = ask("GET", "/", "")
	require.Equal(t, 200, code)
	require.Contains(t, body, `"delay":"1.5s"`)
	require.Contains(t, body, `"fired":0`)
	for _, wrong := range []string{`{"kind":"no such"}`, `{"kind":"429","delay":"3"}`, `{"kind":"429","after":-1}`, `nothing`} {
		code, _ = ask("POST", "/", wrong)
		require.Equal(t, 400, code, wrong)
	}
	code, _ = ask("DELETE", "/?id=7", "")
	require.Equal(t, 404, code)
	code, _ = ask("DELETE", "/?id=1", "")
	require.Equal(t, 200, code)
	require.Empty(t, plan.List())
	code, _ = ask("PUT", "/", "")
	require.Equal(t, 405, code)
}

func TestAPortThatIsDownRefusesAndComesBack(t *testing.T) {
	listener, err := fault.Listen("127.0.0.1:0")
	require.NoError(t, err)
	server := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), ReadHeaderTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	client := http.Client{Transport: &http.Transport{}, Timeout: 10 * time.Second}
	get := func() error {
		response, err := client.Get("http://" + listener.Addr().String())
		if err == nil {
			_ = response.Body.Close()
		}
		return err
	}
	require.NoError(t, get())
	for range 2 {
		require.NoError(t, listener.Down())
		require.NoError(t, listener.Down(), "twice is harmless")
		require.Eventually(t, func() bool { return errors.Is(get(), syscall.ECONNREFUSED) }, 10*time.Second, time.Millisecond,
			"also a connection kept alive from before is gone")
		require.NoError(t, listener.Up())
		require.NoError(t, listener.Up(), "twice is harmless")
		require.Eventually(t, func() bool { return get() == nil }, 10*time.Second, time.Millisecond)
	}
	require.NoError(t, server.Close())
	require.ErrorIs(t, <-served, http.ErrServerClosed)
}

func TestAPortThatRefusesStillAnswersWhoIsConnected(t *testing.T) {
	listener, err := fault.Listen("127.0.0.1:0")
	require.NoError(t, err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = listener.Refuse()
		_ = listener.Refuse() // twice is harmless
		w.WriteHeader(http.StatusNoContent)
	}), ReadHeaderTimeout: time.Minute}
	server.SetKeepAlivesEnabled(false)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	client := http.Client{Timeout: 10 * time.Second}
	for range 2 {
		response, err := client.Get("http://" + listener.Addr().String())
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusNoContent, response.StatusCode)
		_, err = client.Get("http://" + listener.Addr().String())
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		require.NoError(t, listener.Up())
	}
	require.NoError(t, server.Close())
	require.ErrorIs(t, <-served, http.ErrServerClosed)
}

// TestAPortComesBackWhileProgramsStart: a child that is being started holds every port of its parent until it runs.
func TestAPortComesBackWhileProgramsStart(t *testing.T) {
	listener, err := fault.Listen("127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	ctx, end := context.WithCancel(t.Context())
	var starting sync.WaitGroup
	for range 4 {
		starting.Go(func() {
			for ctx.Err() == nil {
				_ = exec.CommandContext(ctx, "true").Run()
			}
		})
	}
	defer starting.Wait()
	defer end()
	for range 300 {
		require.NoError(t, listener.Down())
		require.NoError(t, listener.Up())
	}
}

package fault

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"strconv"
	"time"
)

const (
	longestHang  = 2 * time.Minute
	dripPause    = 100 * time.Millisecond
	htmlPage     = "<!DOCTYPE html>\n<html><head><title>Huoltokatko</title></head><body><h1>Palvelu on huollossa</h1></body></html>\n"
	brokenJSON   = `{"Items":[{"Id":`
	noSuchServer = "https://redirected.invalid/"
)

// Serve lets apply handle the request, unless a fault of the plan takes it: then the fault decides whether apply runs
// and what the client gets. The request's body must have been read by the caller already (apply gets it from memory);
// otherwise a client that gives up is not noticed.
func (p *Plan) Serve(w http.ResponseWriter, r *http.Request, about Request, apply http.Handler) {
	f, hit := p.take(about)
	if !hit {
		apply.ServeHTTP(w, r)
		return
	}
	run := course{fault: f, about: about, w: w, r: r, apply: apply}
	switch f.Kind {
	case ApplyThenHang, HangThenApply, SlowDrip: // they use Delay in their own way
	default:
		wait(r.Context(), f.Delay)
	}
	if f.applies() {
		run.served()
		return
	}
	run.refused()
}

// applies reports whether the request is applied at all.
func (f Fault) applies() bool {
	switch f.Kind {
	case ApplyThenReset, ApplyThenHang, HangThenApply, ApplyThen500, ApplyThen503, ApplyThenHTML, ApplyThenGarbage,
		ApplyThenEmpty, SlowDrip, CallBefore, CallAfter, CallAfterReset:
		return true
	}
	return false
}

// course is one request on its way through one fault.
type course struct {
	fault Fault
	about Request
	w     http.ResponseWriter
	r     *http.Request
	apply http.Handler
}

// served applies the request and then spoils, or does not spoil, its answer.
func (c course) served() {
	switch c.fault.Kind {
	case CallBefore:
		c.call()
	case HangThenApply:
		wait(context.WithoutCancel(c.r.Context()), c.fault.Delay)
	}
	answer := newAnswer()
	c.apply.ServeHTTP(answer, c.r)
	switch c.fault.Kind {
	case ApplyThenReset:
		cut(c.w, true)
	case ApplyThenHang:
		longest := c.fault.Delay
		if longest == 0 {
			longest = longestHang
		}
		wait(c.r.Context(), longest)
		cut(c.w, true)
	case ApplyThen500:
		c.status(http.StatusInternalServerError)
	case ApplyThen503:
		c.status(http.StatusServiceUnavailable)
	case ApplyThenHTML:
		send(c.w, http.StatusOK, "text/html; charset=utf-8", []byte(htmlPage))
	case ApplyThenGarbage:
		send(c.w, http.StatusOK, "application/json; charset=utf-8", []byte(brokenJSON))
	case ApplyThenEmpty:
		send(c.w, http.StatusOK, "application/json; charset=utf-8", nil)
	case SlowDrip:
		answer.drip(c.w, c.r, c.fault.Delay)
	case CallAfter:
		c.call()
		answer.copyTo(c.w)
	case CallAfterReset:
		c.call()
		cut(c.w, true)
	default: // CallBefore, HangThenApply
		answer.copyTo(c.w)
	}
}

// refused answers, or does not answer, without applying.
func (c course) refused() {
	switch c.fault.Kind {
	case Refuse:
		cut(c.w, false)
	case ResetBefore:
		cut(c.w, true)
	case CallBeforeReset:
		c.call()
		cut(c.w, true)
	case HTML:
		send(c.w, http.StatusOK, "text/html; charset=utf-8", []byte(htmlPage))
	case Garbage:
		send(c.w, http.StatusOK, "application/json; charset=utf-8", []byte(brokenJSON))
	case Empty:
		send(c.w, http.StatusOK, "application/json; charset=utf-8", nil)
	case Answer:
		send(c.w, http.StatusOK, "application/json; charset=utf-8", []byte(c.fault.Body))
	case Redirect:
		location := c.fault.Location
		if location == "" {
			location = noSuchServer
		}
		c.w.Header().Set("Location", location)
		send(c.w, http.StatusFound, "text/plain; charset=utf-8", nil)
	default: // the statuses; a kind that does not exist is a mistake of the test and shows as 500
		status, err := strconv.Atoi(string(c.fault.Kind))
		if err != nil {
			status = http.StatusInternalServerError
		}
		c.status(status)
	}
}

func (c course) call() {
	if c.fault.Call != nil {
		c.fault.Call()
	}
}

// status answers an error in the system's own shape.
func (c course) status(status int) {
	retryAfter := c.fault.RetryAfter
	if retryAfter == "" && status == http.StatusTooManyRequests {
		retryAfter = "1"
	}
	if retryAfter != "" {
		c.w.Header().Set("Retry-After", retryAfter)
	}
	var body []byte
	if c.about.ErrorBody != nil {
		body = c.about.ErrorBody(status)
	}
	send(c.w, status, "application/json; charset=utf-8", body)
}

func send(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that is gone is what faults are for
}

// cut closes the connection without an answer: with a TCP reset, or in good order.
func cut(w http.ResponseWriter, reset bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		// Not a connection of its own (HTTP/2, a test's recorder): this is net/http's way to abort one answer.
		panic(http.ErrAbortHandler)
	}
	if reset {
		lingerNot(conn)
	}
	_ = conn.Close()
}

// lingerNot makes the next Close of a TCP connection a reset.
func lingerNot(conn net.Conn) {
	if under, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = under.NetConn()
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
}

// wait returns after d, or earlier when the context ends.
func wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// answer keeps what apply answered, so that it can be spoilt or sent later.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newAnswer() *answer { return &answer{header: http.Header{}, status: http.StatusOK} }

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) { a.status = status }

func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

func (a *answer) begin(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(a.body.Len()))
	w.WriteHeader(a.status)
}

func (a *answer) copyTo(w http.ResponseWriter) {
	a.begin(w)
	_, _ = w.Write(a.body.Bytes())
}

// drip sends the answer byte by byte until it is through or the client gives up.
func (a *answer) drip(w http.ResponseWriter, r *http.Request, pause time.Duration) {
	if pause == 0 {
		pause = dripPause
	}
	flush := http.NewResponseController(w)
	a.begin(w)
	for _, one := range a.body.Bytes() {
		if _, err := w.Write([]byte{one}); err != nil || flush.Flush() != nil {
			return
		}
		wait(r.Context(), pause)
		if r.Context().Err() != nil {
			return
		}
	}
}

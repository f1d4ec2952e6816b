package api

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
)

// Reporter is the part of testing.TB that the middlewares need.
type Reporter interface {
	Helper()
	Errorf(format string, args ...any)
}

// Middleware reports every request and every response that the contract named
// spec does not allow, and passes both on unchanged. Use it around a server
// that a client under test calls.
func Middleware(t Reporter, spec string, next http.Handler) http.Handler {
	t.Helper()
	return check(t, spec, next, func(int) bool { return true })
}

// Answers reports every response that the contract does not allow, and a
// request that it does not allow only when next accepted it (2xx). Use it around
// a stand-in, whose tests send wrong requests on purpose.
func Answers(t Reporter, spec string, next http.Handler) http.Handler {
	t.Helper()
	return check(t, spec, next, func(status int) bool { return status < 300 })
}

func check(t Reporter, spec string, next http.Handler, reportRequest func(status int) bool) http.Handler {
	t.Helper()
	validator, err := NewValidator(spec)
	if err != nil {
		t.Errorf("%v", err)
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("read the body of %s %s: %v", r.Method, r.URL.Path, err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		// The request as it came: handlers may change theirs.
		asked := r.Clone(r.Context())
		tee := &teeWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(tee, r)
		if tee.hijacked {
			return // the stand-in broke the connection on purpose: nothing to check
		}
		if err := validator.ValidateRequest(asked, body); err != nil && reportRequest(tee.status) {
			t.Errorf("%v", err)
		}
		if err := validator.ValidateResponse(asked, tee.status, tee.Header(), tee.body.Bytes()); err != nil {
			t.Errorf("%v", err)
		}
	})
}

// teeWriter keeps a copy of what the handler answers. It stays hijackable and
// flushable, as fault switches need both.
type teeWriter struct {
	http.ResponseWriter
	status   int
	wrote    bool
	hijacked bool
	body     bytes.Buffer
}

func (w *teeWriter) WriteHeader(status int) {
	if !w.wrote {
		w.wrote, w.status = true, status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *teeWriter) Write(p []byte) (int, error) {
	w.wrote = true
	w.body.Write(p)
	return w.ResponseWriter.Write(p)
}

// Flush sends what has been written so far.
func (w *teeWriter) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Hijack gives the connection to the handler and ends the checking.
func (w *teeWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	w.hijacked = err == nil
	return conn, rw, err
}

// Unwrap lets http.ResponseController find the writer below.
func (w *teeWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

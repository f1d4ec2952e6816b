// Package accesslog keeps what a stand-in was asked: enough to count calls per notice, and to search addresses and
// headers for what must not be in them.
package accesslog

import (
	"net/http"
	"sync"
	"time"
)

// Kept is how many of the latest requests are held; counts go on beyond it.
const Kept = 50_000

// Request is one request. Bodies are not kept.
type Request struct {
	At       time.Time   `json:"at"`
	Op       string      `json:"op"`
	Customer string      `json:"customer"` // Tunniste; "" when unknown
	Key      string      `json:"key"`      // notice or task id; "" when it is about no single one
	Method   string      `json:"method"`
	URL      string      `json:"url"`     // path and query as they came
	Headers  http.Header `json:"headers"` // credentials replaced by [redacted]
	Status   int         `json:"status"`  // 0 when the connection was cut without an answer
}

// Log is safe for concurrent use. Its zero value is ready.
type Log struct {
	mu       sync.Mutex
	requests []Request
	counts   map[string]int
}

// Add records a request once it has been answered.
func (l *Log) Add(r Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts == nil {
		l.counts = map[string]int{}
	}
	l.counts[r.Op]++
	if len(l.requests) >= Kept {
		l.requests = append([]Request(nil), l.requests[Kept/2:]...)
	}
	l.requests = append(l.requests, r)
}

// Requests returns the requests held, oldest first.
func (l *Log) Requests() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Request(nil), l.requests...)
}

// Counts returns how many requests came per op since the start.
func (l *Log) Counts() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	counts := make(map[string]int, len(l.counts))
	for op, count := range l.counts {
		counts[op] = count
	}
	return counts
}

// Redact copies the headers, with the values of the named ones replaced.
func Redact(headers http.Header, names ...string) http.Header {
	copied := headers.Clone()
	for _, name := range names {
		if _, present := copied[http.CanonicalHeaderKey(name)]; present {
			copied.Set(name, "[redacted]")
		}
	}
	return copied
}

// Watched is a ResponseWriter that remembers the status answered.
type Watched struct {
	http.ResponseWriter
	Status int // 0 until one was answered
}

// WriteHeader remembers the first status and passes it on.
func (w *Watched) WriteHeader(status int) {
	if w.Status == 0 {
		w.Status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write counts as 200 when no status was set, as net/http has it.
func (w *Watched) Write(p []byte) (int, error) {
	if w.Status == 0 {
		w.Status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap gives http.ResponseController the writer below.
func (w *Watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

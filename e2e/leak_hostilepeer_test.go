package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// hostilePeer stands between the service and a stand-in. It passes calls on, remembers what the service sent, and
// answers some of them as a peer does that repeats whatever it knows about people in its errors.
type hostilePeer struct {
	URL   string
	mutex sync.Mutex
	rules []*rule
	sent  []sentRequest
}

// sentRequest is one request of ours as it was on the wire.
type sentRequest struct {
	method, uri string
	header      http.Header
	body        []byte
}

// rule answers the next matching call itself, once.
type rule struct {
	name   string
	match  func(r *http.Request, body string) bool
	answer func(w http.ResponseWriter, r *http.Request, leak string)
	leak   string
	fired  bool
}

func newHostilePeer(t *testing.T, upstream string) *hostilePeer {
	t.Helper()
	target, err := url.Parse(upstream)
	require.NoError(t, err)
	p := &hostilePeer{}
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = target.Scheme, target.Host, target.Host
	}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if hit := p.take(r, body); hit != nil {
			hit.answer(w, r, hit.leak)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	p.URL = server.URL + target.Path
	return p
}

func (p *hostilePeer) take(r *http.Request, body []byte) *rule {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.sent = append(p.sent, sentRequest{r.Method, r.URL.RequestURI(), r.Header.Clone(), body})
	for _, one := range p.rules {
		if !one.fired && one.match(r, string(body)) {
			one.fired = true
			return one
		}
	}
	return nil
}

// arm adds a rule for one call.
func (p *hostilePeer) arm(name string, match func(*http.Request, string) bool, leak string, answer func(http.ResponseWriter, *http.Request, string)) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.rules = append(p.rules, &rule{name: name, match: match, answer: answer, leak: leak})
}

// unfired names the rules that no call met: they would prove nothing.
func (p *hostilePeer) unfired() []string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	var names []string
	for _, one := range p.rules {
		if !one.fired {
			names = append(names, one.name)
		}
	}
	return names
}

func (p *hostilePeer) requests() []sentRequest {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return append([]sentRequest(nil), p.sent...)
}

// to matches a call by the end of its path, and by a text that its path or body holds.
func to(method, pathEnd, holds string) func(*http.Request, string) bool {
	return func(r *http.Request, body string) bool {
		return r.Method == method && strings.HasSuffix(r.URL.Path, pathEnd) && (strings.Contains(r.URL.Path, holds) || strings.Contains(body, holds))
	}
}

// echoing answers a status with the leak in every part of an answer: headers, keys, values and nested texts.
func echoing(status int) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, _ *http.Request, leak string) {
		one := strings.Join(strings.Fields(leak), " ")
		header := w.Header()
		header.Set("Content-Type", "application/json; charset=utf-8")
		header.Set("X-Debug", one)
		header.Set("Location", "https://elsewhere.invalid/"+url.PathEscape(one))
		header.Set("Retry-After", one)
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]any{
			"Message": leak, "error": leak, "existingId": one, "details": map[string]any{"title": leak, leak: one},
			"ModelState": map[string][]string{"TyötehtävänKuvaus": {leak}, "Yhteenveto": {"The value '" + leak + "' is not valid."}},
		})
	}
}

// inHTML answers 200 with a page that holds the leak.
func inHTML(w http.ResponseWriter, _ *http.Request, leak string) {
	w.Header().Set("Content-Type", "text/html")
	_, _ = fmt.Fprintf(w, "<title>%s</title>", leak)
}

// malformed answers JSON whose required fields are of a wrong type and hold the leak.
func malformed(w http.ResponseWriter, _ *http.Request, leak string) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"Id": leak, "Tila": []string{leak}, "Muokattu": leak, "id": map[string]string{leak: leak}, "items": leak})
}

// cutOff answers JSON that ends in the middle of the leak.
func cutOff(w http.ResponseWriter, _ *http.Request, leak string) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"Id":"%s`, leak)
}

// inTheReason answers a status line with the leak as its reason, and no body.
func inTheReason(w http.ResponseWriter, _ *http.Request, leak string) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = fmt.Fprintf(connection, "HTTP/1.1 503 %s\r\nConnection: close\r\n\r\n", strings.Join(strings.Fields(leak), " "))
	_ = connection.Close()
}

// notHTTP answers the leak where a status line belongs.
func notHTTP(w http.ResponseWriter, _ *http.Request, leak string) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = fmt.Fprintf(connection, "%s\r\n\r\n", leak)
	_ = connection.Close()
}

// hanging keeps silent until the client gives up.
func hanging(_ http.ResponseWriter, r *http.Request, _ string) { <-r.Context().Done() }

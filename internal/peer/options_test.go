package peer

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// quiet keeps the test servers' complaints about handshakes out of the output.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func TestOnlySafeAddressesAreAccepted(t *testing.T) {
	tests := []struct {
		address  string
		insecure bool
		ok       bool
	}{
		{"https://api.tampuuri.fi/v10/api/", false, true},
		{"https://api.tampuuri.fi/v10/api", false, true},
		{" https://api.tampuuri.fi ", false, true},
		{"http://127.0.0.1:8080", false, true},
		{"http://[::1]:8080/", false, true},
		{"http://localhost:8080/", false, true},
		{"http://api.tampuuri.fi/", false, false},
		{"http://localhost.evil.example/", false, false},
		{"http://127.0.0.1.evil.example/", false, false},
		{"http://10.0.0.1/", false, false},
		{"http://hillava/", true, true},
		{"", false, false},
		{"api.tampuuri.fi/v10", false, false},
		{"https://", false, false},
		{"https://:443/", false, false},
		{"https:api", false, false},
		{"ftp://salasana.example/", true, false},
		{"https://user:salasana@api.tampuuri.fi/", false, false},
		{"https://api.tampuuri.fi/?avain=salasana", false, false},
		{"https://api.tampuuri.fi/#salasana", false, false},
		{"https://salasana\x7f/", false, false},
	}
	for _, tt := range tests {
		t.Run(tt.address, func(t *testing.T) {
			c, err := New(Options{Peer: "testi", BaseURL: tt.address, Timeout: time.Second, AllowInsecureHTTP: tt.insecure})
			if tt.ok {
				require.NoError(t, err)
				for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
					require.NotContains(t, fmt.Sprintf(verb, c), "http")
				}
				return
			}
			require.Error(t, err)
			require.NotContains(t, err.Error(), "salasana")
			require.NotContains(t, err.Error(), "evil")
		})
	}
	_, err := New(Options{Peer: "testi", BaseURL: "https://api.tampuuri.fi/"})
	require.ErrorContains(t, err, "timeout")
}

func TestTheTransportIsOurOwn(t *testing.T) {
	c, err := New(Options{Peer: "testi", BaseURL: "https://api.tampuuri.fi/", Timeout: 10 * time.Second})
	require.NoError(t, err)
	require.Nil(t, c.transport.Proxy, "a proxy of the environment would see personal data")
	require.EqualValues(t, tls.VersionTLS12, c.transport.TLSClientConfig.MinVersion)
	require.False(t, c.transport.TLSClientConfig.InsecureSkipVerify)
	require.Equal(t, 64, c.transport.MaxIdleConnsPerHost)
	require.Equal(t, 64, c.transport.MaxConnsPerHost)
	few, err := New(Options{Peer: "testi", BaseURL: "https://api.tampuuri.fi/", Timeout: 10 * time.Second, Connections: 8})
	require.NoError(t, err)
	require.Equal(t, 8, few.transport.MaxConnsPerHost)
	require.Less(t, c.transport.ResponseHeaderTimeout, 10*time.Second)
	require.Less(t, c.transport.TLSHandshakeTimeout, 10*time.Second)
	require.Equal(t, 10*time.Second, c.rest.GetClient().Timeout)
	require.Nil(t, c.rest.GetClient().Jar)
	require.Zero(t, c.rest.RetryCount)
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 2, 3, 10, 0, 0, 0, time.UTC)
	at := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	tests := []struct {
		name, value, date string
		want              time.Duration
	}{
		{"none", "", "", 0},
		{"seconds", "120", "", 2 * time.Minute},
		{"white space around", " 7 ", "", 7 * time.Second},
		{"zero", "0", "", 0},
		{"leading zeros", "007", "", 7 * time.Second},
		{"negative", "-5", "", 0},
		{"a sign", "+5", "", 0},
		{"a float", "1.5", "", 0},
		{"an exponent", "1e3", "", 0},
		{"more than an hour", "86400", "", time.Hour},
		{"beyond 64 bits", "99999999999999999999999999", "", time.Hour},
		{"junk", "soon", "", 0},
		{"two values", "5, 10", "", 0},
		{"a date", at(90 * time.Second), "", 90 * time.Second},
		{"a date in the past", at(-time.Minute), "", 0},
		{"a date far ahead", at(1000 * time.Hour), "", time.Hour},
		{"the peer's clock is ten minutes ahead", at(11 * time.Minute), at(10 * time.Minute), time.Minute},
		{"the peer's clock is ten minutes behind", at(-9 * time.Minute), at(-10 * time.Minute), time.Minute},
		{"an unreadable Date", at(time.Minute), "yesterday", time.Minute},
		{"RFC 850", now.Add(time.Minute).Format("Monday, 02-Jan-06 15:04:05 GMT"), "", time.Minute},
		{"asctime", now.Add(time.Minute).Format(time.ANSIC), "", time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			header := http.Header{"Retry-After": {tt.value}}
			if tt.date != "" {
				header.Set("Date", tt.date)
			}
			require.Equal(t, tt.want, parseRetryAfter(header, now))
		})
	}
	require.Zero(t, parseRetryAfter(http.Header{}, now))
}

func TestARefusalKeepsOnlyKnownThings(t *testing.T) {
	tests := []struct {
		name, body string
		want       []string
	}{
		{"keys of ModelState", `{"Message":"` + secretBody + `","ModelState":{"ilmoitus.Tila":["` + secretBody + `"],"Muu":["x"]}}`, []string{"Tila"}},
		{"words of a text", `{"error":"limit must be 1-100 (` + secretBody + `)"}`, []string{"Limit"}},
		{"both, sorted, once", `{"details":[{"field":"tila"},{"field":"LIMIT"},{"field":"Tila"}]}`, []string{"Limit", "Tila"}},
		{"nothing known", `{"error":"` + secretBody + `"}`, nil},
		{"not JSON", secretBody + ` Tila`, nil},
		{"part of a word", `{"error":"Tilaaja Limitless"}`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			call := post()
			var seen string
			call.OnRefusal = func(body []byte, e *Error) { seen = string(body); e.ExistingID = "t-1" }
			_, err := newClient(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Retry-After", "3")
				answer(400, "application/json", tt.body)(w, r)
			}), 5*time.Second).Do(context.Background(), call)
			e := asError(t, err)
			require.Equal(t, tt.want, e.Fields)
			require.Equal(t, 3*time.Second, e.RetryAfter)
			if tt.name != "not JSON" {
				require.Equal(t, tt.body, seen)
				require.Equal(t, "t-1", e.ExistingID)
			}
		})
	}
}

func TestEveryKindHasItsSentence(t *testing.T) {
	seen := map[string]bool{}
	for _, kind := range []Kind{KindTransport, KindStatus, KindNotJSON, KindMalformed, KindTooLarge, KindRedirect, KindInput, Kind("new")} {
		e := &Error{Peer: "testi", Op: "write", Kind: kind, Status: 418, Fields: []string{"Tila"}, Err: ErrBroken}
		require.ErrorIs(t, e, ErrBroken)
		require.Contains(t, e.Error(), "testi: write: ")
		require.Contains(t, e.Error(), "(fields: Tila)")
		require.False(t, seen[e.Error()], kind)
		seen[e.Error()] = true
	}
}

func TestARefusalOfContentSaysWhenNoFieldIsNamed(t *testing.T) {
	for status, said := range map[int]bool{400: true, 422: true, 404: false, 409: false, 503: false} {
		text := (&Error{Peer: "testi", Op: "write", Kind: KindStatus, Status: status}).Error()
		require.Equal(t, said, strings.Contains(text, "(no field named)"), text)
	}
	require.NotContains(t, (&Error{Kind: KindStatus, Status: 422, Fields: []string{"Tila"}}).Error(), "no field named")
}

package tampuuri

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/peer/peertest"
)

const personal = peertest.Personal

var respond, reset = peertest.Respond, peertest.Reset

// calls are all calls of the client, each with an answer that it accepts.
var calls = []struct {
	name, good string
	do         func(*Client) error
}{
	{"list notices", `{"Offset":0,"Limit":100,"Total":0,"Items":[]}`, func(c *Client) error { _, err := c.Browse(ctx, 4711, time.Time{}, 0, 100); return err }},
	{"read notice", oneNotice, func(c *Client) error { _, err := c.Notice(ctx, 48213); return err }},
	{"read notices", `[]`, func(c *Client) error { _, err := c.Notices(ctx, []int64{48213}); return err }},
	{"set state", `{"Id":48213}`, func(c *Client) error { return c.SetState(ctx, 48213, notice.Tehty, true) }},
	{"add toimenpide", `{"Id":1}`, func(c *Client) error {
		return c.AddToimenpide(ctx, 48213, notice.Toimenpide{Date: "2026-02-03", Resource: "R", Summary: personal})
	}},
	{"read property", `{"Id":1207}`, func(c *Client) error { _, err := c.Property(ctx, 1207); return err }},
}

func TestEveryCallEndsInATypedError(t *testing.T) {
	const asJSON = "application/json"
	tests := []struct {
		name    string
		handler http.HandlerFunc
		kind    peer.Kind
		status  int
	}{
		{"400", respond(400, asJSON, `{"Message":"`+personal+`","ModelState":{"m.Tila":["`+personal+`"]}}`), peer.KindStatus, 400},
		{"401", respond(401, asJSON, `{"Message":"`+personal+`"}`), peer.KindStatus, 401},
		{"403", respond(403, asJSON, `{"Message":"x"}`), peer.KindStatus, 403},
		{"404", respond(404, asJSON, `{"Message":"x"}`), peer.KindStatus, 404},
		{"409", respond(409, asJSON, `{"Message":"x"}`), peer.KindStatus, 409},
		{"429", respond(429, "", ""), peer.KindStatus, 429},
		{"503", respond(503, "text/html", "<html>"+personal), peer.KindStatus, 503},
		{"HTML 200", respond(200, "text/html", "<html>"+personal), peer.KindNotJSON, 200},
		{"HTML 404", respond(404, "text/html", "<html>"+personal), peer.KindNotJSON, 404},
		{"redirect", respond(302, "", ""), peer.KindRedirect, 302},
		{"oversize", respond(200, asJSON, strings.Repeat(" ", peer.ResponseLimit+1)), peer.KindTooLarge, 200},
		{"empty", respond(200, asJSON, ""), peer.KindNotJSON, 200},
		{"null", respond(200, asJSON, "null"), peer.KindNotJSON, 200},
		{"text", respond(200, asJSON, `"`+personal+`"`), peer.KindMalformed, 0},
		{"number", respond(200, asJSON, `5`), peer.KindMalformed, 0},
		{"object with nothing", respond(200, asJSON, `{}`), peer.KindMalformed, 0},
		{"another id", respond(200, asJSON, `{"Id":9,"KohdeId":9,"Tila":"Uusi","Muokattu":"2026-02-03","Toimenpiteet":[]}`), peer.KindMalformed, 0},
		{"an id that is none", respond(200, asJSON, `{"Id":1.5,"Tila":"Uusi","Muokattu":"2026-02-03","Toimenpiteet":[]}`), peer.KindMalformed, 0},
		{"reset in the body", reset, peer.KindTransport, 200},
	}
	for _, tt := range tests {
		server := httptest.NewServer(tt.handler)
		c := newTestClient(t, server.URL, 10*time.Second)
		for _, call := range calls {
			t.Run(tt.name+"/"+call.name, func(t *testing.T) {
				err := call.do(c)
				if tt.name == "another id" && call.name == "add toimenpide" {
					require.NoError(t, err, "its answer is the id of the new toimenpide")
					return
				}
				var e *peer.Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, tt.kind, e.Kind)
				require.Equal(t, tt.status, e.Status)
				require.Equal(t, call.name, e.Op)
				require.True(t, e.Sent)
				requireClean(t, e)
				if tt.name == "400" {
					require.Equal(t, []string{"Tila"}, e.Fields)
				}
			})
		}
		server.Close()
	}
}

func TestEveryCallTimesOutAndIsRefused(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		<-r.Context().Done()
	}))
	hanging := newTestClient(t, server.URL, 500*time.Millisecond)
	for _, call := range calls {
		var e *peer.Error
		require.ErrorAs(t, call.do(hanging), &e, call.name)
		require.ErrorIs(t, e, peer.ErrTimeout)
		require.True(t, e.Sent, call.name)
		requireClean(t, e)
	}
	server.CloseClientConnections()
	server.Close()
	for _, call := range calls {
		var e *peer.Error
		require.ErrorAs(t, call.do(hanging), &e, call.name)
		require.Equal(t, peer.KindTransport, e.Kind)
		require.False(t, e.Sent, "a refused connection sends nothing")
		requireClean(t, e)
	}
}

func TestEveryGoodAnswerIsAccepted(t *testing.T) {
	for _, call := range calls {
		require.NoError(t, call.do(plainServer(t, call.good)), call.name)
	}
}

// requireClean fails when any way of printing shows a credential, an address or a body.
func requireClean(t *testing.T, values ...any) {
	t.Helper()
	peertest.RequireClean(t, []string{credentials.Avain, credentials.Asiakas, credentials.Tili, credentials.Kayttajatunnus, credentials.Salasana,
		"selaa", "hae",
	}, values...)
}

func TestNothingPrintsTheCredentials(t *testing.T) {
	config := Config{BaseURL: "https://api.tampuuri.fi/v10/api/", Headers: defaultHeaders(), Credentials: credentials, Timeout: time.Second}
	c, err := New(config)
	require.NoError(t, err)
	requireClean(t, config, &config, credentials, &credentials, c, struct{ C Config }{config}, []any{c}, map[string]Credentials{"a": credentials})
}

func TestWrongSettingsAreRefusedWithoutShowingThem(t *testing.T) {
	good := Config{BaseURL: "https://api.tampuuri.fi/v10/api/", Headers: defaultHeaders(), Credentials: credentials, Timeout: time.Second}
	tests := []struct {
		name   string
		change func(*Config)
		want   []string
	}{
		{"nothing", func(*Config) {}, nil},
		{"default headers", func(c *Config) { c.Headers = Headers{} }, nil},
		{"a line break in a value", func(c *Config) { c.Credentials.Salasana += "\r\nX-Evil: 1" }, []string{"salasana", "line break"}},
		{"a newline in a value", func(c *Config) { c.Credentials.Avain += "\n" }, []string{"avain", "line break"}},
		{"a space at the end", func(c *Config) { c.Credentials.Tili += " " }, []string{"tili", "space"}},
		{"a zero-width space", func(c *Config) { c.Credentials.Tili += "\u200b" }, []string{"tili", "U+200B"}},
		{"an empty value", func(c *Config) { c.Credentials.Kayttajatunnus = "" }, []string{"kayttajatunnus", "empty"}},
		{"a header with ä", func(c *Config) { c.Headers.Kayttajatunnus = "X-Käyttäjätunnus" }, []string{"kayttajatunnus", "ASCII"}},
		{"a header with a line break", func(c *Config) { c.Headers.Avain = "X\r\nY" }, []string{"avain", "legal"}},
		{"an empty header", func(c *Config) { c.Headers.Tili = "" }, []string{"tili", "legal"}},
		{"two headers with one name", func(c *Config) { c.Headers.Tili = "x-salasana" }, []string{"salasana", "something else"}},
		{"a header of HTTP itself", func(c *Config) { c.Headers.Asiakas = "Content-Length" }, []string{"asiakas", "something else"}},
		{"everything at once", func(c *Config) { c.Credentials = Credentials{} }, []string{"avain", "asiakas", "tili", "kayttajatunnus", "salasana"}},
		{"plain http", func(c *Config) { c.BaseURL = "http://api.tampuuri.fi/v10/api/" }, []string{"https"}},
		{"no timeout", func(c *Config) { c.Timeout = 0 }, []string{"timeout"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			config := good
			tt.change(&config)
			_, err := New(config)
			if tt.want == nil {
				require.NoError(t, err)
				return
			}
			for _, want := range tt.want {
				require.ErrorContains(t, err, want)
			}
			require.NotContains(t, err.Error(), credentials.Avain)
			require.NotContains(t, err.Error(), credentials.Salasana)
			require.NotContains(t, err.Error(), "api.tampuuri.fi")
		})
	}
}

func TestHeaderNamesAreSettings(t *testing.T) {
	var got http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		respond(200, "application/json", `{"Id":7}`)(w, r)
	}))
	t.Cleanup(server.Close)
	c, err := New(Config{
		BaseURL: server.URL + "/v10/api", Credentials: credentials, Timeout: 5 * time.Second,
		Headers: Headers{Avain: "A-1", Asiakas: "A-2", Tili: "A-3", Kayttajatunnus: "A-4", Salasana: "A-5"},
	})
	require.NoError(t, err)
	_, err = c.Property(ctx, 7)
	require.NoError(t, err)
	require.Equal(t, []string{credentials.Avain, credentials.Asiakas, credentials.Tili, credentials.Kayttajatunnus, credentials.Salasana},
		[]string{got.Get("A-1"), got.Get("A-2"), got.Get("A-3"), got.Get("A-4"), got.Get("A-5")})
	require.Empty(t, got.Get("X-Salasana"))
}

package tampuuri

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/api"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
)

var credentials = Credentials{
	Avain: "avain-7f3", Asiakas: "Esimerkki Isännöinti", Tili: "tili-1", Kayttajatunnus: "käyttäjä", Salasana: "salasana-9",
}

// recorded is one request as the server saw it.
type recorded struct {
	method, path, query, body string
	header                    http.Header
}

// contractServer gives one answer to everything, checks request and answer
// against api/tampuuri.yaml, and records the requests.
func contractServer(t *testing.T, status int, answer string) (*Client, *[]recorded) {
	t.Helper()
	requests := &[]recorded{}
	server := httptest.NewServer(api.Middleware(t, api.Tampuuri, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*requests = append(*requests, recorded{r.Method, r.URL.Path, r.URL.RawQuery, string(body), r.Header})
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	})))
	t.Cleanup(server.Close)
	return newTestClient(t, server.URL+"/v10/api/", 10*time.Second), requests
}

// plainServer gives one answer without any check: for answers that no contract allows.
func plainServer(t *testing.T, answer string) *Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	return newTestClient(t, server.URL, 10*time.Second)
}

func newTestClient(t *testing.T, address string, timeout time.Duration) *Client {
	t.Helper()
	c, err := New(Config{BaseURL: address, Credentials: credentials, Timeout: timeout})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func kindOf(t *testing.T, err error) peer.Kind {
	t.Helper()
	var e *peer.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "tampuuri", e.Peer)
	return e.Kind
}

const (
	oneNotice = `{"Id":48213,"KohdeId":1207,"Tila":"Uusi","Muokattu":"2026-02-03T08:14:22.6402093+02:00","Toimenpiteet":[]}`
	onePage   = `{"Offset":20,"Limit":10,"Total":21,"Items":[` + oneNotice + `]}`
)

var ctx = context.Background()

func TestEveryCallIsAsTheContractSays(t *testing.T) {
	helsinki := notice.Helsinki()
	tests := []struct {
		name   string
		answer string
		call   func(*Client) (any, error)
		want   recorded
	}{
		{"list", onePage, func(c *Client) (any, error) {
			return c.Browse(ctx, 4711, time.Date(2026, 2, 3, 8, 14, 22, 640209399, helsinki), 20, 10)
		}, recorded{"GET", "/v10/api/ilmoitukset/selaa",
			"Limit=10&MuokattuAlkaen=2026-02-03T08%3A14%3A22.6402093%2B02%3A00&Offset=20&TyonsuorittajaYritysId=4711", "", nil}},
		{"list in summer time, from a time in UTC", onePage, func(c *Client) (any, error) {
			return c.Browse(ctx, 1, time.Date(2026, 7, 1, 21, 0, 0, 0, time.UTC), 20, 100)
		}, recorded{"GET", "/v10/api/ilmoitukset/selaa",
			"Limit=100&MuokattuAlkaen=2026-07-02T00%3A00%3A00.0000000%2B03%3A00&Offset=20&TyonsuorittajaYritysId=1", "", nil}},
		{"list from the beginning", onePage, func(c *Client) (any, error) {
			return c.Browse(ctx, 1, time.Time{}, 20, 1)
		}, recorded{"GET", "/v10/api/ilmoitukset/selaa", "Limit=1&Offset=20&TyonsuorittajaYritysId=1", "", nil}},
		{"list from a time that RFC 3339 cannot write", onePage, func(c *Client) (any, error) {
			return c.Browse(ctx, 1, time.Date(1900, 1, 1, 0, 0, 0, 0, helsinki), 20, 1)
		}, recorded{"GET", "/v10/api/ilmoitukset/selaa",
			"Limit=1&MuokattuAlkaen=1970-01-01T02%3A00%3A00.0000000%2B02%3A00&Offset=20&TyonsuorittajaYritysId=1", "", nil}},
		{"read one", oneNotice, func(c *Client) (any, error) { return c.Notice(ctx, 48213) },
			recorded{"GET", "/v10/api/ilmoitukset/48213", "", "", nil}},
		{"read many, each once", "[" + oneNotice + "]", func(c *Client) (any, error) { return c.Notices(ctx, []int64{48213, 7, 48213}) },
			recorded{"POST", "/v10/api/ilmoitukset/hae", "", `{"IlmoitusIdt":[7,48213]}`, nil}},
		{"set a state", `{"Id":48213}`, func(c *Client) (any, error) { return nil, c.SetState(ctx, 48213, notice.Tehty, true) },
			recorded{"POST", "/v10/api/ilmoitukset/48213/tila", "", `{"Tila":"Tehty","IlmoitaOsallisille":true}`, nil}},
		{"set a state and tell nobody", `{"Id":48213}`, func(c *Client) (any, error) { return nil, c.SetState(ctx, 48213, notice.Valmis, false) },
			recorded{"POST", "/v10/api/ilmoitukset/48213/tila", "", `{"Tila":"Valmis","IlmoitaOsallisille":false}`, nil}},
		{"add a toimenpide", `{"Id":5}`, func(c *Client) (any, error) {
			return nil, c.AddToimenpide(ctx, 48213, notice.Toimenpide{Date: "2026-02-03", Resource: "Testi Huoltaja", Summary: "Vaihdettu <hana> & tiiviste\n"})
		}, recorded{"POST", "/v10/api/ilmoitukset/48213/toimenpiteet/lisaa", "",
			`{"Paivamaara":"2026-02-03","Resurssi":"Testi Huoltaja","Yhteenveto":"Vaihdettu <hana> & tiiviste\n"}`, nil}},
		{"add a toimenpide with no summary", `{"Id":5}`, func(c *Client) (any, error) {
			return nil, c.AddToimenpide(ctx, 48213, notice.Toimenpide{Date: "2026-02-03"})
		}, recorded{"POST", "/v10/api/ilmoitukset/48213/toimenpiteet/lisaa", "", `{"Paivamaara":"2026-02-03","Resurssi":"","Yhteenveto":""}`, nil}},
		{"read a property", `{"Id":1207,"Nimi":"Asunto Oy","Katuosoite":null}`, func(c *Client) (any, error) { return c.Property(ctx, 1207) },
			recorded{"GET", "/v10/api/kohdetiedot/kohteet/1207", "", "", nil}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, requests := contractServer(t, 200, tt.answer)
			_, err := tt.call(c)
			require.NoError(t, err)
			require.Len(t, *requests, 1)
			got := (*requests)[0]
			for name, want := range map[string]string{
				"X-TampuuriAvain": "avain-7f3", "X-AsiakasNimi": "Esimerkki Isännöinti", "X-TilinNimi": "tili-1",
				"X-Kayttajatunnus": "käyttäjä", "X-Salasana": "salasana-9", "Idempotency-Key": "",
			} {
				require.Equal(t, want, got.header.Get(name), name)
			}
			got.header = nil
			require.Equal(t, tt.want, got)
		})
	}
}

func TestTheSamplesComeThroughTheContract(t *testing.T) {
	raw, err := os.ReadFile("testdata/ilmoitukset.json")
	require.NoError(t, err)
	var rows []json.RawMessage
	require.NoError(t, json.Unmarshal(raw, &rows))
	c, _ := contractServer(t, 200, fmt.Sprintf(`{"Offset":0,"Limit":100,"Total":%d,"Items":%s}`, len(rows), raw))
	page, err := c.Browse(ctx, 4711, time.Time{}, 0, 100)
	require.NoError(t, err)
	require.Len(t, page.Items, 11)
	require.Empty(t, page.Unreadable)
	require.Equal(t, 11, page.Total)

	raw, err = os.ReadFile("testdata/kohteet.json")
	require.NoError(t, err)
	var properties []struct{ Id int64 }
	require.NoError(t, json.Unmarshal(raw, &properties))
	require.NoError(t, json.Unmarshal(raw, &rows))
	for i, want := range []notice.Property{
		{ID: 1207, Name: "Asunto Oy Testipolku 4", Street: "Testipolku 4", PostalCode: "00100", City: "Helsinki"},
		{ID: 1208, Name: "Asunto Oy Testipolku 6", Street: "Testipolku 6", PostalCode: "00100", City: "Helsinki"},
		{ID: 77, Name: "Kiinteistö Oy Mallikatu 1", Street: "Mallikatu 1", PostalCode: "33100", City: "Tampere"},
	} {
		c, _ := contractServer(t, 200, string(rows[i]))
		got, err := c.Property(ctx, properties[i].Id)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestABadRowDoesNotHideTheOthersAndIsNamed(t *testing.T) {
	c := plainServer(t, `{"offset":"0","LIMIT":{},"Total":"7","items":[`+
		`{"Id":1,"Tila":"Uusi","Muokattu":"ei tiedossa"},`+oneNotice+`,null,{"Id":"x"},{"Id":3.0,"Tila":"","Muokattu":"2026-02-03T10:00:00"},`+
		`{"Id":"4","Tila":"Uusi","Muokattu":"2026-02-03T10:00:00"},{"Id":5,"Tila":"Uusi","Muokattu":"1900-01-01T00:00:00"}]}`)
	page, err := c.Browse(ctx, 4711, time.Time{}, 0, 100)
	require.NoError(t, err)
	require.Equal(t, []peer.Unreadable[int64]{
		{ID: 1}, {}, {}, {ID: 3, Modified: time.Date(2026, 2, 3, 10, 0, 0, 0, notice.Helsinki())}, {ID: 5},
	}, page.Unreadable)
	require.Len(t, page.Items, 2)
	require.EqualValues(t, 48213, page.Items[0].ID)
	require.EqualValues(t, 4, page.Items[1].ID)
	require.Zero(t, page.Items[1].PropertyID, "a notice without a property is read")
	require.Zero(t, page.Items[1].PerformerID, "and one without a performer")
	require.Equal(t, 7, page.Total)
}

func TestManyNoticesAreOnlyTheOnesAskedFor(t *testing.T) {
	row := func(id int64, state string) string {
		return fmt.Sprintf(`{"Id":%d,"KohdeId":1,"Tila":%q,"Muokattu":"2026-02-03T10:00:00"}`, id, state)
	}
	t.Run("others and doubles are left out", func(t *testing.T) {
		c := plainServer(t, "["+row(2, "Uusi")+","+row(9, "Uusi")+","+row(2, "Valmis")+"]")
		got, err := c.Notices(ctx, []int64{1, 2})
		require.NoError(t, err)
		require.Len(t, got.Items, 1)
		require.Equal(t, notice.State("Uusi"), got.Items[0].State)
		require.Equal(t, 1, got.Total)
	})
	t.Run("an unreadable row is named beside the readable ones", func(t *testing.T) {
		c := plainServer(t, `[{"Id":1},{"Id":9},null,`+row(2, "Uusi")+"]")
		got, err := c.Notices(ctx, []int64{1, 2})
		require.NoError(t, err)
		require.Len(t, got.Items, 1)
		require.Equal(t, []peer.Unreadable[int64]{{ID: 1}, {}}, got.Unreadable, "one that has no id may be any of them, but not one that was not asked for")
	})
	t.Run("an answer that is no list proves nothing", func(t *testing.T) {
		_, err := plainServer(t, `{"Items":[]}`).Notices(ctx, []int64{1, 2})
		require.Equal(t, peer.KindMalformed, kindOf(t, err))
	})
	t.Run("none asked for, none sent", func(t *testing.T) {
		c, requests := contractServer(t, 200, "[]")
		got, err := c.Notices(ctx, nil)
		require.NoError(t, err)
		require.Empty(t, got.Items)
		require.Empty(t, *requests)
	})
	t.Run("a hundred at most", func(t *testing.T) {
		c, requests := contractServer(t, 200, "[]")
		ids := make([]int64, 101)
		for i := range ids {
			ids[i] = int64(i + 1)
		}
		_, err := c.Notices(ctx, ids)
		require.Equal(t, peer.KindInput, kindOf(t, err))
		require.Empty(t, *requests)
		_, err = c.Notices(ctx, append(ids[:100], 1))
		require.NoError(t, err)
		require.Len(t, *requests, 1)
	})
}

func TestUnusableInputIsNotSent(t *testing.T) {
	c, requests := contractServer(t, 200, `{"Id":1}`)
	now := time.Now()
	calls := map[string]func() error{
		"performer 0":       func() error { _, err := c.Browse(ctx, 0, now, 0, 100); return err },
		"offset below zero": func() error { _, err := c.Browse(ctx, 1, now, -1, 100); return err },
		"limit 0":           func() error { _, err := c.Browse(ctx, 1, now, 0, 0); return err },
		"limit 101":         func() error { _, err := c.Browse(ctx, 1, now, 0, 101); return err },
		"notice 0":          func() error { _, err := c.Notice(ctx, 0); return err },
		"notice below 0":    func() error { _, err := c.Notices(ctx, []int64{1, -5}); return err },
		"state of 0":        func() error { return c.SetState(ctx, 0, notice.Tehty, true) },
		"no state":          func() error { return c.SetState(ctx, 1, "", true) },
		"toimenpide of 0":   func() error { return c.AddToimenpide(ctx, 0, notice.Toimenpide{Date: "2026-02-03"}) },
		"no date":           func() error { return c.AddToimenpide(ctx, 1, notice.Toimenpide{}) },
		"a Finnish date":    func() error { return c.AddToimenpide(ctx, 1, notice.Toimenpide{Date: "3.2.2026"}) },
		"property 0":        func() error { _, err := c.Property(ctx, 0); return err },
	}
	for name, call := range calls {
		var e *peer.Error
		require.ErrorAs(t, call(), &e, name)
		require.Equal(t, peer.KindInput, e.Kind, name)
		require.False(t, e.Sent, name)
	}
	require.Empty(t, *requests)
}

func TestALargeToimenpideIsSentWhole(t *testing.T) {
	c, requests := contractServer(t, 200, `{"Id":1}`)
	summary := string(bytes.Repeat([]byte("ä"), 8000))
	require.NoError(t, c.AddToimenpide(ctx, 1, notice.Toimenpide{Date: "2026-02-03", Summary: summary}))
	require.Contains(t, (*requests)[0].body, summary)
}

package tampuuri_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/seed"
)

// newPlain asks without a check against the contract, for what the contract does not have. Without headers it uses
// those of the seed's first account.
func newPlain(t *testing.T) func(h http.Handler, method, target string, headers ...string) int {
	return func(h http.Handler, method, target string, headers ...string) int {
		t.Helper()
		request := httptest.NewRequest(method, target, nil)
		if len(headers) == 0 {
			a := seed.Accounts()[0]
			headers = []string{
				"X-TampuuriAvain", a.Avain, "X-AsiakasNimi", a.Asiakas, "X-TilinNimi", a.Tili, "X-Kayttajatunnus", a.Kayttajatunnus,
				"X-Salasana", a.Salasana,
			}
		}
		for i := 0; i < len(headers); i += 2 {
			request.Header.Set(headers[i], headers[i+1])
		}
		recorder := httptest.NewRecorder()
		h.ServeHTTP(recorder, request)
		return recorder.Code
	}
}

func TestTheElevenNoticesAreListedPerAccountAndPerformer(t *testing.T) {
	b := newBench(t)
	ours := b.list("TyonsuorittajaYritysId=4711")
	require.Equal(t, []int{40001, 48213, 48214, 101, 48215, 48216, 48217, 48219, 48220}, ours.ids(), "by Muokattu, then Id")
	require.Equal(t, page{Offset: 0, Limit: 100, Total: 9}, page{ours.Offset, ours.Limit, ours.Total, nil})
	require.Equal(t, []int{48218}, b.list("TyonsuorittajaYritysId=5999").ids(), "another company's are listed under its id")
	require.Empty(t, b.list("TyonsuorittajaYritysId=120").ids())

	b.account = seed.Accounts()[1]
	require.Equal(t, []int{48213}, b.list("TyonsuorittajaYritysId=120").ids(), "the same Id in another Tampuuri")
	require.Equal(t, "Kellari", b.read(48213)["Huoneisto"])
	require.Len(t, b.server.Notices(), 11)
}

func TestNoticesComeOutInTheSpellingTheyWentIn(t *testing.T) {
	b := newBench(t)
	all, err := seed.Notices()
	require.NoError(t, err)
	require.Len(t, all, 11)
	for _, fields := range all[:10] {
		id, err := fields["Id"].(json.Number).Int64()
		require.NoError(t, err)
		read := b.read(int(id))
		require.Empty(t, read["Toimenpiteet"])
		delete(read, "Toimenpiteet")
		delete(fields, "_case")
		want, err := json.Marshal(fields)
		require.NoError(t, err)
		got, err := json.Marshal(read)
		require.NoError(t, err)
		require.JSONEq(t, string(want), string(got))
	}
}

func TestHaeGivesWhatThereIsWithoutToimenpiteet(t *testing.T) {
	b := newBench(t)
	answer := b.ask("POST", "ilmoitukset/hae", `{"IlmoitusIdt":[48218,999,101]}`)
	require.Equal(t, 200, answer.status)
	var found []map[string]any
	answer.into(t, &found)
	require.Len(t, found, 2)
	require.Equal(t, float64(48218), found[0]["Id"], "whoever the performer is")
	require.Equal(t, float64(101), found[1]["Id"])
	require.NotContains(t, found[0], "Toimenpiteet")
	require.JSONEq(t, `[]`, b.ask("POST", "ilmoitukset/hae", `{"IlmoitusIdt":[999]}`).text)
}

func TestPropertiesAreRead(t *testing.T) {
	b := newBench(t)
	answer := b.ask("GET", "kohdetiedot/kohteet/77", "")
	require.Equal(t, 200, answer.status)
	require.JSONEq(t, `{"Id":77,"Nimi":"Kiinteistö Oy Mallikatu 1","Katuosoite":"Mallikatu 1","Postinumero":"33100","Postitoimipaikka":"Tampere"}`, answer.text)
}

func TestTheAccessLogHasEverythingButCredentials(t *testing.T) {
	b := newBench(t)
	b.read(101)
	b.list("TyonsuorittajaYritysId=4711&Limit=1")
	b.ask("GET", "ilmoitukset/999", "")
	require.Equal(t, map[string]int{"read": 2, "list": 1}, b.server.Requests())
	log := b.server.AccessLog()
	require.Len(t, log, 3)
	require.Equal(t, []any{"read", "esimerkki", "101", "GET", "/v10/api/ilmoitukset/101", 200},
		[]any{log[0].Op, log[0].Customer, log[0].Key, log[0].Method, log[0].URL, log[0].Status})
	require.Equal(t, "/v10/api/ilmoitukset/selaa?TyonsuorittajaYritysId=4711&Limit=1", log[1].URL)
	require.Equal(t, 404, log[2].Status)
	text, err := json.Marshal(log)
	require.NoError(t, err)
	require.Contains(t, string(text), "X-Salasana")
	for _, secret := range []string{b.account.Avain, b.account.Salasana, b.account.Asiakas} {
		require.False(t, strings.Contains(string(text), secret), "a credential is in the access log")
	}
}

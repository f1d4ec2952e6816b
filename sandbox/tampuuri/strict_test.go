package tampuuri_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/tampuuri"
)

func TestEveryCallRefusesWhatTheContractDoesNotAllow(t *testing.T) {
	const toimenpide = `{"Paivamaara":"2026-02-03","Resurssi":"Testi","Yhteenveto":"%s"}`
	ids := func(n int) string {
		return `{"IlmoitusIdt":[` + strings.TrimSuffix(strings.Repeat("101,", n), ",") + `]}`
	}
	rows := []struct {
		name         string
		method, path string
		body         string
		want         int
		field        string // named in ModelState
	}{
		{"list without a performer", "GET", "ilmoitukset/selaa", "", 400, "TyonsuorittajaYritysId"},
		{"list with a performer that is no number", "GET", "ilmoitukset/selaa?TyonsuorittajaYritysId=x", "", 400, "TyonsuorittajaYritysId"},
		{"list with an unknown parameter", "GET", "ilmoitukset/selaa?TyonsuorittajaYritysId=4711&Sivu=2", "", 400, "Sivu"},
		{"list with a parameter in another case", "GET", "ilmoitukset/selaa?TyonsuorittajaYritysId=4711&limit=2", "", 400, "limit"},
		{"list with a doubled parameter", "GET", "ilmoitukset/selaa?TyonsuorittajaYritysId=4711&TyonsuorittajaYritysId=4711", "", 400, "TyonsuorittajaYritysId"},
		{"list with an empty parameter", "GET", "ilmoitukset/selaa?TyonsuorittajaYritysId=4711&MuokattuAlkaen=", "", 400, "MuokattuAlkaen"},
		{"list with a limit of 0", "GET", "ilmoitukset/selaa?TyonsuorittajaYritysId=4711&Limit=0", "", 400, "Limit"},
		{"list with a limit of 101", "GET", "ilmoitukset/selaa?TyonsuorittajaYritysId=4711&Limit=101", "", 400, "Limit"},
		{"list with a negative offset", "GET", "ilmoitukset/selaa?TyonsuorittajaYritysId=4711&Offset=-1", "", 400, "Offset"},
		{"list with a plus that is not encoded", "GET", "ilmoitukset/selaa?TyonsuorittajaYritysId=4711&MuokattuAlkaen=2026-02-03T08:00:00+02:00", "", 400, "MuokattuAlkaen"},
		{"list since a date alone", "GET", "ilmoitukset/selaa?TyonsuorittajaYritysId=4711&MuokattuAlkaen=2026-02-03", "", 400, "MuokattuAlkaen"},
		{"list with a query that cannot be read", "GET", "ilmoitukset/selaa?TyonsuorittajaYritysId=%zz", "", 400, "query"},
		{"read with a word for an id", "GET", "ilmoitukset/abc", "", 400, "Id"},
		{"read with a leading zero", "GET", "ilmoitukset/0101", "", 400, "Id"},
		{"read with a parameter", "GET", "ilmoitukset/101?a=b", "", 400, "query"},
		{"read what is not there", "GET", "ilmoitukset/999", "", 404, ""},
		{"hae without ids", "POST", "ilmoitukset/hae", `{"IlmoitusIdt":[]}`, 400, "IlmoitusIdt"},
		{"hae without the field", "POST", "ilmoitukset/hae", `{}`, 400, "IlmoitusIdt"},
		{"hae with null", "POST", "ilmoitukset/hae", `{"IlmoitusIdt":null}`, 400, "IlmoitusIdt"},
		{"hae with 101 ids", "POST", "ilmoitukset/hae", ids(101), 400, "IlmoitusIdt"},
		{"hae with text ids", "POST", "ilmoitukset/hae", `{"IlmoitusIdt":["101"]}`, 400, "IlmoitusIdt"},
		{"hae with a fraction", "POST", "ilmoitukset/hae", `{"IlmoitusIdt":[1.5]}`, 400, "IlmoitusIdt"},
		{"hae with an unknown field", "POST", "ilmoitukset/hae", `{"IlmoitusIdt":[1],"Offset":0}`, 400, "Offset"},
		{"tila in another case", "POST", "ilmoitukset/101/tila", `{"tila":"Tehty"}`, 400, "tila"},
		{"tila without a state", "POST", "ilmoitukset/101/tila", `{"IlmoitaOsallisille":true}`, 400, "Tila"},
		{"tila that cannot be set", "POST", "ilmoitukset/101/tila", `{"Tila":"Peruttu","IlmoitaOsallisille":true}`, 400, "Tila"},
		{"tila in small letters", "POST", "ilmoitukset/101/tila", `{"Tila":"tehty","IlmoitaOsallisille":true}`, 400, "Tila"},
		{"tila that is a number", "POST", "ilmoitukset/101/tila", `{"Tila":1,"IlmoitaOsallisille":true}`, 400, "Tila"},
		{"tila that notifies as text", "POST", "ilmoitukset/101/tila", `{"Tila":"Tehty","IlmoitaOsallisille":"true"}`, 400, "IlmoitaOsallisille"},
		{"tila that notifies null", "POST", "ilmoitukset/101/tila", `{"Tila":"Tehty","IlmoitaOsallisille":null}`, 400, "IlmoitaOsallisille"},
		{"tila with a doubled field", "POST", "ilmoitukset/101/tila", `{"Tila":"Tehty","Tila":"Valmis"}`, 400, "body"},
		{"tila with something behind", "POST", "ilmoitukset/101/tila", `{"Tila":"Tehty"}{}`, 400, "body"},
		{"tila with an array", "POST", "ilmoitukset/101/tila", `[]`, 400, "body"},
		{"tila with half a body", "POST", "ilmoitukset/101/tila", `{"Tila":`, 400, "body"},
		{"tila of what is not there", "POST", "ilmoitukset/999/tila", `{"Tila":"Tehty","IlmoitaOsallisille":true}`, 404, ""},
		{"tila of another company's", "POST", "ilmoitukset/48218/tila", `{"Tila":"Tehty","IlmoitaOsallisille":true}`, 403, ""},
		{"Tehty on Valmis", "POST", "ilmoitukset/40001/tila", `{"Tila":"Tehty","IlmoitaOsallisille":true}`, 409, ""},
		{"toimenpide without a date", "POST", "ilmoitukset/101/toimenpiteet/lisaa", `{"Resurssi":"Testi","Yhteenveto":""}`, 400, "Paivamaara"},
		{"toimenpide with a time", "POST", "ilmoitukset/101/toimenpiteet/lisaa", `{"Paivamaara":"2026-02-03T00:00:00","Resurssi":"","Yhteenveto":""}`, 400, "Paivamaara"},
		{"toimenpide on a day that is none", "POST", "ilmoitukset/101/toimenpiteet/lisaa", `{"Paivamaara":"2026-02-30","Resurssi":"","Yhteenveto":""}`, 400, "Paivamaara"},
		{"toimenpide without a resource", "POST", "ilmoitukset/101/toimenpiteet/lisaa", `{"Paivamaara":"2026-02-03","Yhteenveto":""}`, 400, "Resurssi"},
		{"toimenpide with a null summary", "POST", "ilmoitukset/101/toimenpiteet/lisaa", `{"Paivamaara":"2026-02-03","Resurssi":"","Yhteenveto":null}`, 400, "Yhteenveto"},
		{"toimenpide of 8001 characters", "POST", "ilmoitukset/101/toimenpiteet/lisaa", fmt.Sprintf(toimenpide, strings.Repeat("ä", 8001)), 400, "Yhteenveto"},
		{"toimenpide with an id", "POST", "ilmoitukset/101/toimenpiteet/lisaa", `{"Id":1,"Paivamaara":"2026-02-03","Resurssi":"","Yhteenveto":""}`, 400, "Id"},
		{"toimenpide on Valmis", "POST", "ilmoitukset/40001/toimenpiteet/lisaa", fmt.Sprintf(toimenpide, ""), 409, ""},
		{"toimenpide on another company's", "POST", "ilmoitukset/48218/toimenpiteet/lisaa", fmt.Sprintf(toimenpide, ""), 403, ""},
		{"property that is not there", "GET", "kohdetiedot/kohteet/99", "", 404, ""},
		{"property of another customer", "GET", "kohdetiedot/kohteet/5", "", 404, ""},
		{"property with a word for an id", "GET", "kohdetiedot/kohteet/x", "", 400, "KohdeId"},
	}
	b := newBench(t)
	before := len(b.ledger.Entries())
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			answer := b.ask(row.method, row.path, row.body)
			require.Equal(t, row.want, answer.status, answer.text)
			var refusal struct {
				Message    string
				ModelState map[string][]string
			}
			answer.into(t, &refusal)
			require.NotEmpty(t, refusal.Message)
			if row.field != "" {
				require.NotEmpty(t, refusal.ModelState[row.field], answer.text)
			}
		})
	}
	require.Len(t, b.ledger.Entries(), before, "nothing refused was applied")
}

func TestAddressesOutsideTheContractAre404(t *testing.T) {
	b := newBench(t)
	plain := newPlain(t)
	for _, row := range [][2]string{
		{"DELETE", "ilmoitukset/101"}, {"GET", "ilmoitukset"}, {"GET", "ilmoitukset/101/liitteet"}, {"PUT", "ilmoitukset/101/tila"},
		{"GET", "Ilmoitukset/101"}, {"GET", "ilmoitukset/101/"}, {"POST", "ilmoitukset/101/liitteet/lisaa"}, {"GET", "Help"},
	} {
		require.Equal(t, 404, plain(b.server, row[0], "/v10/api/"+row[1]), row)
	}
	require.Equal(t, 404, plain(b.server, "GET", "/ilmoitukset/101"))
}

func TestAPostNeedsJSONInUTF8(t *testing.T) {
	b := newBench(t)
	rows := map[string]int{
		"application/json": 200, "application/json; charset=utf-8": 200, "": 400, "text/plain": 400,
		"application/x-www-form-urlencoded": 400, "application/json; charset=latin1": 400,
	}
	for contentType, want := range rows {
		answer := b.ask("POST", "ilmoitukset/hae", `{"IlmoitusIdt":[101]}`, func(r *http.Request) {
			r.Header.Set("Content-Type", contentType)
		})
		require.Equal(t, want, answer.status, contentType)
	}
}

func TestAllFiveHeadersSelectTheCustomer(t *testing.T) {
	b := newBench(t)
	for _, name := range []string{"X-TampuuriAvain", "X-AsiakasNimi", "X-TilinNimi", "X-Kayttajatunnus", "X-Salasana"} {
		for spoilt, spoil := range map[string]func(*http.Request){
			"wrong":   func(r *http.Request) { r.Header.Set(name, "x") },
			"missing": func(r *http.Request) { r.Header.Del(name) },
			"doubled": func(r *http.Request) { r.Header.Add(name, r.Header.Get(name)) },
		} {
			answer := b.ask("GET", "ilmoitukset/101", "", spoil)
			require.Equal(t, 401, answer.status, "%s %s", name, spoilt)
			require.Contains(t, answer.text, `"Message"`)
		}
	}
	require.Equal(t, 401, b.ask("GET", "ilmoitukset/101", "", func(r *http.Request) {
		r.Header.Set("X-Salasana", "sandbox-salasana-toinen")
	}).status, "the values of two customers do not mix")
}

func TestHeaderNamesAreSettable(t *testing.T) {
	server := tampuuri.New(tampuuri.Options{Headers: tampuuri.Headers{
		Avain: "A", Asiakas: "B", Tili: "C", Kayttajatunnus: "D", Salasana: "E",
	}})
	require.NoError(t, server.AddAccount(tampuuri.Account{
		Tunniste: "x", Avain: "1", Asiakas: "Ääkköset", Tili: "3", Kayttajatunnus: "4", Salasana: "5",
	}))
	require.Error(t, server.AddAccount(tampuuri.Account{Tunniste: "y", Avain: "1"}), "an empty value is no credential")
	require.Error(t, server.AddAccount(tampuuri.Account{
		Tunniste: "y", Avain: "1", Asiakas: "Ääkköset", Tili: "3", Kayttajatunnus: "4", Salasana: "5",
	}), "the same values would select two customers")
	plain := newPlain(t)
	require.Equal(t, 200, plain(server, "GET", "/v10/api/ilmoitukset/selaa?TyonsuorittajaYritysId=1", "A", "1", "B", "Ääkköset", "C", "3", "D", "4", "E", "5"))
}

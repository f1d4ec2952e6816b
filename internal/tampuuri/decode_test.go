package tampuuri

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
)

func samples(t testing.TB) []json.RawMessage {
	t.Helper()
	raw, err := os.ReadFile("testdata/ilmoitukset.json")
	require.NoError(t, err)
	var rows []json.RawMessage
	require.NoError(t, json.Unmarshal(raw, &rows))
	require.Len(t, rows, 11)
	return rows
}

// respell rewrites every key of a flat object, keeping the values as they are.
func respell(t *testing.T, raw []byte, spell func(i int, key string) string) []byte {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(raw))
	_, err := decoder.Token()
	require.NoError(t, err)
	var fields []string
	for i := 0; decoder.More(); i++ {
		key, err := decoder.Token()
		require.NoError(t, err)
		var value json.RawMessage
		require.NoError(t, decoder.Decode(&value))
		name, err := json.Marshal(spell(i, key.(string)))
		require.NoError(t, err)
		fields = append(fields, string(name)+":"+string(value))
	}
	return []byte("{" + strings.Join(fields, ",") + "}")
}

var toASCII = strings.NewReplacer("ä", "a", "ö", "o", "å", "a", "Ä", "A", "Ö", "O", "Å", "A")

func TestEverySpellingGivesTheSameNotice(t *testing.T) {
	spellings := map[string]func(int, string) string{
		"ASCII":      func(_ int, key string) string { return toASCII.Replace(key) },
		"upper case": func(_ int, key string) string { return strings.ToUpper(key) },
		"lower case": func(_ int, key string) string { return strings.ToLower(key) },
		"camel case": func(_ int, key string) string { return strings.ToLower(key[:1]) + key[1:] },
		"decomposed": func(_ int, key string) string { return norm.NFD.String(key) },
		"å for ä":    func(_ int, key string) string { return strings.ReplaceAll(key, "ä", "å") },
		"every second in ASCII": func(i int, key string) string {
			if i%2 == 0 {
				return toASCII.Replace(key)
			}
			return key
		},
	}
	for _, raw := range samples(t) {
		want, err := decodeNotice(raw, false)
		require.NoError(t, err)
		for name, spell := range spellings {
			got, err := decodeNotice(respell(t, raw, spell), false)
			require.NoError(t, err, name)
			require.Equal(t, want, got, "%s, notice %d", name, want.ID)
		}
	}
}

func TestASampleIsReadWhole(t *testing.T) {
	at := func(s string) notice.Moment {
		m, err := notice.ParseMoment(s)
		require.NoError(t, err)
		return m
	}
	rows := samples(t)
	got, err := decodeNotice(rows[0], false)
	require.NoError(t, err)
	require.Equal(t, notice.Notice{
		ID: 48213, GUID: "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11", State: "Uusi",
		Modified: at("2026-02-03T08:14:22.6402093+02:00").At, Created: at("2026-02-03T08:12:09.1881319+02:00"),
		Earliest: at("2026-02-04T08:00:00+02:00"), Latest: at("2026-02-10T16:00:00+02:00"), ReadyBy: at("2026-02-17T16:00:00+02:00"),
		FaultClass: "LVI / Vesikalusteet", Urgency: "Normaali", PropertyID: 1207, Property: "Asunto Oy Testipolku 4",
		Space: "A 12", Title: "Keittiön hana vuotaa",
		Description: "Hana tippuu jatkuvasti, myös suljettuna.\nAstianpesukoneen sulku on jäykkä.",
		Additional:  "Soita ennen tuloa.", Access: "Saa mennä yleisavaimella", Pets: "Koira",
		PerformerID: 4711,
		Orderer: notice.Person{Name: "Testi Tilaaja", Street: "Testipolku 4 A 12", PostalCode: "00100", City: "Helsinki",
			Phone: "+358 40 000 0001", Email: "tilaaja@example.com"},
		Reporter: notice.Person{Name: "Testi Ilmoittaja", Phone: "+358 40 000 0002", Email: "ilmoittaja@example.com"},
		Payer:    notice.Person{Name: "Asunto Oy Testipolku 4"},
	}, got)
	require.Equal(t, 640209300, got.Modified.Nanosecond(), "no digit of Muokattu is lost")

	ascii, err := decodeNotice(rows[2], false)
	require.NoError(t, err)
	require.Equal(t, "vuokraus@example.com", ascii.Orderer.Email)
	require.Equal(t, "Oven lukko jumissa", ascii.Title)
	require.Equal(t, "Sovitaan erikseen", ascii.Access)
	require.True(t, ascii.Earliest.DateOnly && ascii.Latest.DateOnly)
	require.Equal(t, "2026-02-05", ascii.Latest.Wire())
	require.Equal(t, "2026-02-03T10:30:00+02:00", ascii.Modified.Format(time.RFC3339), "no offset means Finnish time")
	require.Equal(t, notice.TurvakieltoUnknown, ascii.Payer.Turvakielto, "a missing flag counts as set")
}

// Every text field must reach its own place: each is sent with its name as value.
func TestEveryFieldReachesItsPlace(t *testing.T) {
	texts := map[string]func(notice.Notice) string{
		"Guid": func(n notice.Notice) string { return n.GUID }, "Tila": func(n notice.Notice) string { return string(n.State) },
		"Vikaluokka": func(n notice.Notice) string { return n.FaultClass }, "Kiireellisyys": func(n notice.Notice) string { return n.Urgency },
		"Kiinteistö": func(n notice.Notice) string { return n.Property }, "Huoneisto": func(n notice.Notice) string { return n.Space },
		"TyötehtävänOtsikko": func(n notice.Notice) string { return n.Title },
		"TyötehtävänKuvaus":  func(n notice.Notice) string { return n.Description }, "TyötehtävänLisätiedot": func(n notice.Notice) string { return n.Additional },
		"Sisäänpääsy": func(n notice.Notice) string { return n.Access }, "Kotieläimet": func(n notice.Notice) string { return n.Pets },
		"TyotehtavanYhteysHenkilo":              func(n notice.Notice) string { return n.ContactName },
		"TyotehtavanYhteysHenkiloPuhelinnumero": func(n notice.Notice) string { return n.ContactPhone },
	}
	for role, of := range map[string]func(notice.Notice) notice.Person{
		"Tilaaja":    func(n notice.Notice) notice.Person { return n.Orderer },
		"Ilmoittaja": func(n notice.Notice) notice.Person { return n.Reporter },
		"Maksaja":    func(n notice.Notice) notice.Person { return n.Payer },
	} {
		texts[role] = func(n notice.Notice) string { return of(n).Name }
		texts[role+"nKatuosoite"] = func(n notice.Notice) string { return of(n).Street }
		texts[role+"nPostinumero"] = func(n notice.Notice) string { return of(n).PostalCode }
		texts[role+"nPostitoimipaikka"] = func(n notice.Notice) string { return of(n).City }
		texts[role+"nPuhelin"] = func(n notice.Notice) string { return of(n).Phone }
		texts[role+"nPuhelin2"] = func(n notice.Notice) string { return of(n).Phone2 }
		texts[role+"nSähköposti"] = func(n notice.Notice) string { return of(n).Email }
	}
	ids := map[string]func(notice.Notice) int64{
		"Id": func(n notice.Notice) int64 { return n.ID }, "ParentId": func(n notice.Notice) int64 { return n.ParentID },
		"KohdeId":                func(n notice.Notice) int64 { return n.PropertyID },
		"TyonsuorittajaYritysId": func(n notice.Notice) int64 { return n.PerformerID },
	}
	dates := map[string]func(notice.Notice) notice.Moment{
		"Muokattu":      func(n notice.Notice) notice.Moment { return notice.Moment{At: n.Modified, DateOnly: true} },
		"IlmoitusTehty": func(n notice.Notice) notice.Moment { return n.Created }, "SuoritusaikaAikaisintaan": func(n notice.Notice) notice.Moment { return n.Earliest },
		"SuoritusaikaViimeistään": func(n notice.Notice) notice.Moment { return n.Latest }, "TyöValmisViimeistään": func(n notice.Notice) notice.Moment { return n.ReadyBy },
	}
	wire := map[string]any{}
	for key := range texts {
		wire[key] = "arvo " + key
	}
	id := int64(0)
	wantID := map[string]int64{}
	for key := range ids {
		id++
		wire[key], wantID[key] = id, id
	}
	wantDate := map[string]string{}
	for key := range dates {
		wantDate[key] = fmt.Sprintf("2026-02-%02d", len(wantDate)+1)
		wire[key] = wantDate[key]
	}
	raw, err := json.Marshal(wire)
	require.NoError(t, err)
	n, err := decodeNotice(raw, false)
	require.NoError(t, err)
	for key, of := range texts {
		require.Equal(t, "arvo "+key, of(n), key)
	}
	for key, of := range ids {
		require.Equal(t, wantID[key], of(n), key)
	}
	for key, of := range dates {
		require.Equal(t, wantDate[key], of(n).Wire(), key)
	}
}

func TestOddValuesOfOptionalFields(t *testing.T) {
	base := `{"Id":1,"Tila":"Uusi","Muokattu":"2026-02-03T10:00:00",%s}`
	read := func(field string) notice.Notice {
		n, err := decodeNotice([]byte(fmt.Sprintf(base, field)), false)
		require.NoError(t, err, field)
		return n
	}
	require.Equal(t, "12", read(`"Huoneisto":12`).Space)
	require.Equal(t, "", read(`"Huoneisto":true`).Space)
	require.Equal(t, "", read(`"Huoneisto":{"Nimi":"A 1"}`).Space)
	require.Equal(t, "", read(`"Huoneisto":["A 1"]`).Space)
	require.Equal(t, "Hämeenlinna", read(`"Kiinteistö":"Ha\u0308meenlinna"`).Property, "texts are composed")
	require.Equal(t, "12", read(`"Huoneisto":12.0`).Space)
	require.Equal(t, "358401234567", read(`"TilaajanPuhelin":3.58401234567e11`).Orderer.Phone, "or it could not be found in texts")
	for _, id := range []string{`4711`, `4711.0`, `4711e0`, `4.711e3`, `471100e-2`, `" 4711 "`, `"4711"`, `"4711.0"`} {
		n := read(`"ParentId":` + id + `,"KohdeId":` + id + `,"TyonsuorittajaYritysId":` + id)
		require.Equal(t, [3]int64{4711, 4711, 4711}, [3]int64{n.ParentID, n.PropertyID, n.PerformerID}, id)
	}
	for _, odd := range []string{`"x"`, `1.5`, `-4`, `"+4"`, `99999999999999999999`, `1e19`, `true`, `{}`, `""`} {
		require.Zero(t, read(`"ParentId":`+odd).ParentID, odd)
	}
	for _, absent := range []string{`""`, `" "`, `null`, `"0001-01-01T00:00:00"`, `"1900-01-01T00:00:00"`, `"9999-12-31T23:59:59.9999999"`} {
		require.Equal(t, notice.Moment{}, read(`"IlmoitusTehty":`+absent).Created, absent)
	}
	for _, odd := range []string{`"huomenna"`, `"2026-02-31"`, `5`, `true`, `{}`, `["2026-02-05"]`} {
		require.Equal(t, notice.Moment{Unreadable: true}, read(`"IlmoitusTehty":`+odd).Created, odd)
	}
	require.Equal(t, "2026-02-05", read(`"IlmoitusTehty":"5.2.2026"`).Created.Wire())
	for _, odd := range []string{`{"a":1}`, `[1]`, `true`, `null`} {
		require.Empty(t, read(`"Guid":`+odd).GUID)
	}
	require.Equal(t, "7", read(`"Guid":7`).GUID)
	require.Equal(t, "A 1", read(`"Huoneisto":null,"HUONEISTO":"A 1","huoneisto":"B 2"`).Space, "the first that is not null wins")
	require.Equal(t, "a", read(`"Sisäänpääsy":"a","Sisaanpaasy":"b"`).Access)
	require.Equal(t, "b", read(`"Sisaanpaasy":"b","Sisäänpääsy":"a"`).Access)
}

func TestTurvakieltoFailsClosed(t *testing.T) {
	tests := map[string]notice.Turvakielto{
		`"Vikaluokka":null`:                                      notice.TurvakieltoUnknown, // missing
		`"TilaajanTurvakielto":null`:                             notice.TurvakieltoUnknown,
		`"TilaajanTurvakielto":false`:                            notice.TurvakieltoNotSet,
		`"TilaajanTurvakielto":true`:                             notice.TurvakieltoSet,
		`"TilaajanTurvakielto":0`:                                notice.TurvakieltoNotSet,
		`"TilaajanTurvakielto":1`:                                notice.TurvakieltoSet,
		`"TilaajanTurvakielto":1e999`:                            notice.TurvakieltoSet,
		`"TilaajanTurvakielto":1e-400`:                           notice.TurvakieltoSet,
		`"TilaajanTurvakielto":-0.0`:                             notice.TurvakieltoNotSet,
		`"TilaajanTurvakielto":"ei\u200b"`:                       notice.TurvakieltoUnknown,
		`"TilaajanTurvakielto":"Ei"`:                             notice.TurvakieltoNotSet,
		`"TilaajanTurvakielto":"Kyllä"`:                          notice.TurvakieltoSet,
		`"TilaajanTurvakielto":""`:                               notice.TurvakieltoUnknown,
		`"TilaajanTurvakielto":{}`:                               notice.TurvakieltoUnknown,
		`"TilaajanTurvakielto":[false]`:                          notice.TurvakieltoUnknown,
		`"TILAAJANTURVAKIELTO":false`:                            notice.TurvakieltoNotSet,
		`"TilaajanTurvakielto":false,"tilaajanTurvakielto":true`: notice.TurvakieltoSet, // they disagree
		`"TilaajanTurvakielto":true,"tilaajanTurvakielto":false`: notice.TurvakieltoSet,
		`"TilaajanTurvakielto":false,"TilaajanTurvakielto":true`: notice.TurvakieltoSet,
		`"TilaajanTurvakielto":null,"tilaajanTurvakielto":false`: notice.TurvakieltoNotSet,
		`"TilaajanTurvakielto":false,"tilaajanTurvakielto":null`: notice.TurvakieltoNotSet,
		`"IlmoittajanTurvakielto":false`:                         notice.TurvakieltoUnknown, // another person's
	}
	for field, want := range tests {
		n, err := decodeNotice([]byte(`{"Id":1,"Tila":"Uusi","Muokattu":"2026-02-03",`+field+`}`), false)
		require.NoError(t, err, field)
		require.Equal(t, want, n.Orderer.Turvakielto, field)
	}
}

func TestTheSpellingThatSaysSomethingCounts(t *testing.T) {
	n, err := decodeNotice([]byte(`{"Id":1,"Tila":"Uusi","Muokattu":"2026-02-03","Sisäänpääsy":"","Sisaanpaasy":"avain","huoneisto":" ","Huoneisto":"B 2",
		"SuoritusaikaViimeistään":"","SuoritusaikaViimeistaan":"2026-02-05","Kotielaimet":"kissa","Kotieläimet":"koira","TilaajaId":7,"Tilaaja":"Testi"}`), false)
	require.NoError(t, err)
	require.Equal(t, []string{"avain", "B 2", "2026-02-05", "kissa"}, []string{n.Access, n.Space, n.Latest.Wire(), n.Pets})
	require.Equal(t, int64(7), n.Orderer.ID)
}

func TestRequiredFieldsOfANotice(t *testing.T) {
	good := map[string]string{"Id": `1`, "Tila": `"Uusi"`, "Muokattu": `"2026-02-03T10:00:00"`, "Toimenpiteet": `[]`}
	for field, bad := range map[string][]string{
		"Id":       {``, `null`, `0`, `-1`, `"x"`, `1.5`, `1e30`, `{}`},
		"Tila":     {``, `null`, `""`, `"  "`, `{}`, `true`},
		"Muokattu": {``, `null`, `""`, `"eilen"`, `12`, `"0001-01-01T00:00:00"`, `"1970-01-01T00:00:00Z"`},
	} {
		for _, value := range bad {
			var fields []string
			for key, ok := range good {
				if key == field {
					ok = value
				}
				if ok != "" {
					fields = append(fields, fmt.Sprintf("%q:%s", key, ok))
				}
			}
			_, err := decodeNotice([]byte("{"+strings.Join(fields, ",")+"}"), true)
			require.Error(t, err, "%s = %s", field, value)
			if value != "" {
				require.ErrorContains(t, err, field)
			}
		}
	}
}

func TestToimenpiteetAreReadVerbatim(t *testing.T) {
	raw := `[{"Id":1,"Päivämäärä":"2026-02-03","resurssi":"Ja\u0308rvinen ","YHTEENVETO":" rivi\r\n\t€ "},` +
		`{"Id":"2","Paivamaara":"2026-02-03T00:00:00","Resurssi":null,"Yhteenveto":null},` +
		`{"Paivamaara":"2026-02-02T22:30:00Z"},{"Id":4,"Paivamaara":"2026-07-01T23:59:59.9999999+03:00"},{"Id":5,"Paivamaara":null},{"Id":6,"Paivamaara":"0001-01-01T00:00:00"},{"Id":{},"Paivamaara":"3.2.2026"}]`
	got, err := decodeToimenpiteet([]byte(raw))
	require.NoError(t, err)
	require.Equal(t, []notice.Toimenpide{
		{Date: "2026-02-03", Resource: "Ja\u0308rvinen ", Summary: " rivi\r\n\t€ "},
		{Date: "2026-02-03"},
		{Date: "2026-02-03"},
		{Date: "2026-07-01"},
		{}, {}, {Date: "2026-02-03"},
	}, got)
	for _, bad := range []string{`{}`, `"x"`, `null`, ``, `[1]`, `[null]`, `[{"Paivamaara":"eilen"}]`, `[{"Resurssi":{}}]`, `[{"Yhteenveto":5}]`} {
		_, err := decodeToimenpiteet([]byte(bad))
		require.Error(t, err, bad)
	}
}

func TestAPageIsTheOneAskedFor(t *testing.T) {
	const bad, none = -1, peer.NoTotal
	for raw, total := range map[string]int{
		`{"Offset":10,"Limit":100,"Total":5,"Items":[]}`:        5,
		`{"Offset":10.0,"Limit":100.5,"Total":5e1,"Items":[]}`:  50,
		`{"Total":5,"Items":[]}`:                                5,
		`{"Offset":null,"Total":"5","Items":[]}`:                5,
		`{"Offset":10,"Total":11,"Items":[null]}`:               11,
		`{"Offset":10,"Total":0,"Items":null}`:                  0,
		`{"Offset":10,"Limit":"ä","Total":5,"Items":[null]}`:    none, // fewer than there are
		`{"Offset":10,"Total":0,"Items":[null]}`:                none,
		`{"Offset":10,"Total":-5,"Items":[]}`:                   none,
		`{"Offset":10,"Items":[]}`:                              none,
		`{"Offset":10,"Total":1.5,"Items":[]}`:                  none,
		`{"Offset":10,"Total":true,"Items":[]}`:                 none,
		`{"Offset":10,"Total":99999999999999999999,"Items":[]}`: none,
		`{"Offset":0,"Limit":100,"Total":5,"Items":[]}`:         bad, // the first page again
		`{"Offset":"x","Limit":100,"Total":5,"Items":[]}`:       bad,
		`{"Offset":10,"Limit":100,"Total":5,"Items":null}`:      bad,
		`{"Offset":10,"Limit":100,"Total":5,"Items":{}}`:        bad,
		`{"Offset":10,"Limit":100,"Total":5}`:                   bad,
		`[{"Offset":10,"Limit":100,"Total":5,"Items":[]}]`:      bad,
	} {
		page, err := decodePage([]byte(raw), 10)
		require.Equal(t, total == bad, err != nil, raw)
		if err == nil {
			require.Equal(t, total, page.Total, raw)
		}
	}
}

func FuzzDecodeNotice(f *testing.F) {
	for _, raw := range samples(f) {
		f.Add([]byte(raw))
	}
	f.Add([]byte(oneNotice))
	f.Fuzz(func(t *testing.T, raw []byte) {
		n, err := decodeNotice(raw, true)
		if err == nil {
			require.True(t, n.ID > 0 && n.State != "" && !n.Modified.IsZero())
			for i := range reflect.ValueOf(n.Orderer).NumField() {
				if field := reflect.ValueOf(n.Orderer).Field(i); field.Kind() == reflect.String {
					require.True(t, norm.NFC.IsNormalString(field.String()))
				}
			}
		}
		again, _ := decodeNotice(raw, true)
		require.Equal(t, n, again, "the same bytes give the same notice")
	})
}

func FuzzDecodePage(f *testing.F) {
	f.Add([]byte(onePage), 20)
	f.Add([]byte(`{"Items":[{"Id":1},null,[]],"Total":1}`), 0)
	f.Fuzz(func(t *testing.T, raw []byte, offset int) {
		offset = max(offset%1_000_000, 0)
		page, err := decodePage(raw, offset)
		if err == nil {
			require.GreaterOrEqual(t, page.Total, 0)
			if rows := len(page.Items) + len(page.Unreadable); rows > 0 {
				require.GreaterOrEqual(t, page.Total-rows, offset)
			}
		}
		_, _ = decodeRows(raw)
		_, _ = decodeProperty(raw)
		_, _ = decodeWritten(raw)
	})
}

func FuzzDecodeToimenpiteet(f *testing.F) {
	f.Add([]byte(`[{"Id":1,"Paivamaara":"2026-02-03","Resurssi":"R","Yhteenveto":"Y"}]`))
	f.Add([]byte(`[{"Päivämäärä":"2026-02-03T00:00:00.1234567+02:00"}]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		all, err := decodeToimenpiteet(raw)
		if err != nil {
			require.Empty(t, all)
		}
		for _, one := range all {
			if one.Date != "" {
				_, err := time.Parse(time.DateOnly, one.Date)
				require.NoError(t, err)
			}
		}
	})
}

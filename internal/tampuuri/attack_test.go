package tampuuri

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/peer"
)

// ourWords is what the text of an error about an answer may consist of: our own sentences and field names.
var ourWords = regexp.MustCompile(`^[A-Za-zÄÖäö0-9 ,.;:'()/%-]{1,160}$`)

func TestHostileNoticesAreReadRightOrNotAtAll(t *testing.T) {
	with := func(extra string) string { return strings.TrimSuffix(oneNotice, "}") + "," + extra + "}" }
	nested := strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000)
	for name, row := range map[string]struct {
		body  string
		check func(*testing.T, notice.Notice) // nil: must be refused
	}{
		"an unknown state": {strings.Replace(oneNotice, "Uusi", "Räjähtänyt", 1), func(t *testing.T, n notice.Notice) { require.False(t, n.State.Closed()) }},
		"a state of 1 MB":  {strings.Replace(oneNotice, "Uusi", strings.Repeat("Valmis", 1<<18), 1), func(t *testing.T, n notice.Notice) { require.False(t, n.State.Closed()) }},
		"a state in another case": {strings.Replace(oneNotice, "Uusi", "VALMIS", 1), func(t *testing.T, n notice.Notice) {
			require.False(t, n.State.Closed(), "only the contract's spelling closes")
		}},
		"a state that is no text":  {strings.Replace(oneNotice, `"Uusi"`, `{"Valmis":true}`, 1), nil},
		"the id of another notice": {strings.Replace(oneNotice, "48213", "48214", 1), nil},
		"an id beyond 64 bits":     {strings.Replace(oneNotice, "48213", "99999999999999999999", 1), nil},
		"a negative id":            {strings.Replace(oneNotice, "48213", "-48213", 1), nil},
		"an id as a float":         {strings.Replace(oneNotice, "48213", "48213.5", 1), nil},
		"an id with an exponent":   {strings.Replace(oneNotice, "48213", "4e400", 1), nil},
		"no toimenpiteet": {strings.Replace(oneNotice, `,"Toimenpiteet":[]`, "", 1), func(t *testing.T, n notice.Notice) {
			require.True(t, n.NoToimenpiteet, "whoever needs them can tell none from not told")
		}},
		"toimenpiteet that nobody can read": {strings.Replace(oneNotice, "[]", `[{"Paivamaara":"2026-02-03","Resurssi":5,"Yhteenveto":5}]`, 1), func(t *testing.T, n notice.Notice) {
			require.True(t, n.NoToimenpiteet, "the notice is read all the same")
			require.Empty(t, n.Toimenpiteet)
		}},
		"a toimenpide that is null":          {strings.Replace(oneNotice, "[]", "[null]", 1), func(t *testing.T, n notice.Notice) { require.True(t, n.NoToimenpiteet) }},
		"toimenpiteet null":                  {strings.Replace(oneNotice, "[]", "null", 1), func(t *testing.T, n notice.Notice) { require.False(t, n.NoToimenpiteet) }},
		"Muokattu that is no time":           {strings.Replace(oneNotice, "2026-02-03T08:14:22.6402093+02:00", "eilen", 1), nil},
		"a performer id beyond 64 bit":       {with(`"TyonsuorittajaYritysId":99999999999999999999`), nil},
		"a performer id with a fraction":     {with(`"TyonsuorittajaYritysId":4711.5`), nil},
		"a performer id in words":            {with(`"TyonsuorittajaYritysId":"me"`), nil},
		"a performer id as an object":        {with(`"TyonsuorittajaYritysId":{"Id":4711}`), nil},
		"a performer id as a decimal number": {with(`"TyonsuorittajaYritysId":4711.0`), func(t *testing.T, n notice.Notice) { require.EqualValues(t, 4711, n.PerformerID) }},
		"no performer":                       {with(`"TyonsuorittajaYritysId":null`), func(t *testing.T, n notice.Notice) { require.Zero(t, n.PerformerID) }},
		"a performer left blank":             {with(`"TyonsuorittajaYritysId":" "`), func(t *testing.T, n notice.Notice) { require.Zero(t, n.PerformerID) }},
		"deep nesting in a field":            {with(`"Kustannusarvio":` + nested), func(t *testing.T, n notice.Notice) { require.Equal(t, int64(48213), n.ID) }},
		"a title of objects":                 {with(`"TyötehtävänOtsikko":{"a":[1,2]}`), func(t *testing.T, n notice.Notice) { require.NotContains(t, n.Title, "{") }},
		"control characters":                 {with(`"TyötehtävänOtsikko":"a\u0000b\u001b[31m\u202e"`), func(t *testing.T, n notice.Notice) { require.Equal(t, int64(48213), n.ID) }},
		"lone surrogates":                    {with(`"TyötehtävänOtsikko":"\ud800"`), func(t *testing.T, n notice.Notice) { require.Equal(t, int64(48213), n.ID) }},
		"turvakielto in two spellings":       {with(`"Tilaaja":"T","TilaajanTurvakielto":false,"tilaajanturvakielto":true`), func(t *testing.T, n notice.Notice) { require.True(t, n.Orderer.Turvakielto.Set()) }},
		"turvakielto twice":                  {with(`"Tilaaja":"T","TilaajanTurvakielto":true,"TilaajanTurvakielto":false`), func(t *testing.T, n notice.Notice) { require.True(t, n.Orderer.Turvakielto.Set()) }},
		"turvakielto an object":              {with(`"Tilaaja":"T","TilaajanTurvakielto":{"value":false}`), func(t *testing.T, n notice.Notice) { require.True(t, n.Orderer.Turvakielto.Set()) }},
		"turvakielto an empty list":          {with(`"Tilaaja":"T","TilaajanTurvakielto":[]`), func(t *testing.T, n notice.Notice) { require.True(t, n.Orderer.Turvakielto.Set()) }},
		"a protected person in other types than text": {
			with(`"TyötehtävänKuvaus":"Virtaselle p. 040 1234567, x@example.com","Tilaaja":{"Nimi":"Matti Virtanen"},"TilaajanPuhelin":["040-1234567"],"TilaajanSähköposti":["X@example.com"]`),
			func(t *testing.T, n notice.Notice) {
				require.Contains(t, notice.BuildTask(n, nil, notice.TaskOptions{}).Description, "Kuvaus: [poistettu] p. [poistettu], [poistettu]\n")
			},
		},
		"a time that spring skips":   {with(`"SuoritusaikaAikaisintaan":"2026-03-29T03:30:00"`), func(t *testing.T, n notice.Notice) { require.Equal(t, "2026-03-29T04:30:00+03:00", n.Earliest.Wire()) }},
		"a time that autumn repeats": {with(`"SuoritusaikaAikaisintaan":"2026-10-25T03:30:00"`), func(t *testing.T, n notice.Notice) { require.Equal(t, "2026-10-25T03:30:00+03:00", n.Earliest.Wire()) }},
		"a year beyond 9999":         {with(`"SuoritusaikaAikaisintaan":"99999-01-01T00:00:00"`), func(t *testing.T, n notice.Notice) { require.True(t, n.Earliest.IsZero()) }},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := plainServer(t, row.body).Notice(ctx, 48213)
			if row.check == nil {
				require.Equal(t, peer.KindMalformed, kindOf(t, err))
				require.Regexp(t, ourWords, err.Error())
				return
			}
			require.NoError(t, err)
			require.Equal(t, int64(48213), n.ID)
			row.check(t, n)
		})
	}
}

// Two ids in one notice leave open which notice it is, so whatever is read must not be taken for the one asked for
// unless every spelling agrees.
func TestANoticeWithTwoIdsIsNotTakenForTheOneAskedFor(t *testing.T) {
	for _, ids := range []string{`"Id":48213,"id":9`, `"id":9,"Id":48213`, `"Id":9,"Id":48213`, `"Id":48213,"Id":9`, `"ID":48213,"iD":9`} {
		body := strings.Replace(oneNotice, `"Id":48213`, ids, 1)
		n, err := plainServer(t, body).Notice(ctx, 48213)
		if err == nil {
			require.Equal(t, int64(48213), n.ID, ids)
			continue
		}
		require.Equal(t, peer.KindMalformed, kindOf(t, err), ids)
	}
}

func TestAPageOfStrangersIsTakenApart(t *testing.T) {
	row := strings.Replace(oneNotice, `,"Toimenpiteet":[]`, "", 1)
	rows := []string{"null", "5", `"x"`, "[]", "{}", `{"Id":1}`, row, strings.Replace(row, `"Tila":"Uusi"`, `"Tila":{}`, 1)}
	page, err := plainServer(t, `{"Offset":0,"Limit":100,"Total":8,"Items":[`+strings.Join(rows, ",")+`]}`).Browse(ctx, 4711, time.Time{}, 0, 100)
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	require.Len(t, page.Unreadable, 7, "what cannot be read is listed and hides nothing")
	for _, body := range []string{
		`{"Total":1}`, `{"Total":1,"Items":null}`, `{"Total":1,"Items":{}}`, `{"Total":1,"Items":[],"Offset":50}`, `{}`, `[]`, `"Items"`,
	} {
		_, err := plainServer(t, body).Browse(ctx, 4711, time.Time{}, 0, 100)
		require.Equal(t, peer.KindMalformed, kindOf(t, err), body)
	}
}

func TestManyNoticesIgnoresWhatWasNotAskedFor(t *testing.T) {
	row := func(id int) string {
		return strings.Replace(strings.Replace(oneNotice, "48213", fmt.Sprint(id), 1), `,"Toimenpiteet":[]`, "", 1)
	}
	found, err := plainServer(t, "["+row(7)+","+row(48213)+","+row(48213)+","+row(8)+"]").Notices(ctx, []int64{48213, 5})
	require.NoError(t, err)
	require.Len(t, found.Items, 1)
	require.Equal(t, int64(48213), found.Items[0].ID)
	require.Empty(t, found.Unreadable)
}

func TestTheCredentialsGoToTheBaseAddressOnly(t *testing.T) {
	stolen := 0
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		for name := range r.Header {
			if strings.HasPrefix(name, "X-") {
				stolen++
			}
		}
	}))
	t.Cleanup(thief.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", thief.URL+r.URL.Path)
			w.WriteHeader(status)
		}))
		for _, call := range calls {
			require.Equal(t, peer.KindRedirect, kindOf(t, call.do(newTestClient(t, server.URL, 5*time.Second))), call.name)
		}
		server.Close()
	}
	require.Zero(t, stolen)
}

// FuzzAnswer: whatever Tampuuri answers, nothing panics, no error quotes it, the same bytes give the same notice, and
// turvakielto is off only where the answer says something about it.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		oneNotice, onePage, "[" + oneNotice + "]", `{"Id":1}`, `{"Id":1207,"Nimi":"x","Katuosoite":null}`, "null", "[]", `{"Total":1,"Items":[null]}`,
		`{"id":1,"ID":2,"TILA":"Uusi","muokattu":"2026-10-25T03:30:00","tilaajanturvakielto":"ei","TilaajanTurvakielto":0}`,
		`{"Id":1,"Tila":"Uusi","Muokattu":"2026-03-29T03:30:00.1234567","Toimenpiteet":[{"Id":1,"Paivamaara":"2026-02-03T23:59:59Z","Resurssi":"","Yhteenveto":"\ud800"}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		clean := func(err error) {
			if err != nil {
				require.Regexp(t, ourWords, err.Error())
			}
		}
		for _, whole := range []bool{true, false} {
			n, err := decodeNotice(body, whole)
			clean(err)
			if err != nil {
				continue
			}
			require.Positive(t, n.ID)
			again, _ := decodeNotice(body, whole)
			require.Equal(t, n, again)
			folded := strings.ToLower(string(body))
			for _, person := range []notice.Person{n.Orderer, n.Reporter, n.Payer} {
				require.True(t, person.Turvakielto.Set() || strings.Contains(folded, "turvakielto") || strings.Contains(folded, `\u`), "off without a word about it")
			}
		}
		page, err := decodePage(body, 0)
		clean(err)
		for _, n := range page.Items {
			require.Positive(t, n.ID)
		}
		_, err = decodeRows(body)
		clean(err)
		_, err = decodeWritten(body)
		clean(err)
		_, err = decodeProperty(body)
		clean(err)
	})
}

package tampuuri_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/ledger"
	"tampuuri-hillava/sandbox/seed"
	"tampuuri-hillava/sandbox/tampuuri"
)

func (b *bench) set(id int, state string, notify bool) int {
	b.t.Helper()
	return b.ask("POST", fmt.Sprintf("ilmoitukset/%d/tila", id),
		fmt.Sprintf(`{"Tila":%q,"IlmoitaOsallisille":%t}`, state, notify)).status
}

func (b *bench) add(id int, date, resource, summary string) response {
	b.t.Helper()
	return b.ask("POST", fmt.Sprintf("ilmoitukset/%d/toimenpiteet/lisaa", id),
		fmt.Sprintf(`{"Paivamaara":%q,"Resurssi":%q,"Yhteenveto":%q}`, date, resource, summary))
}

// dumped is the notice of the dump.
func (b *bench) dumped(tunniste string, id int) map[string]any {
	b.t.Helper()
	for _, n := range b.server.Notices() {
		if n["_customer"] == tunniste && fmt.Sprint(n["Id"]) == fmt.Sprint(id) {
			return n
		}
	}
	b.t.Fatalf("notice %d of %s is not in the dump", id, tunniste)
	return nil
}

func TestSettingAStateAgainNotifiesAgain(t *testing.T) {
	b := newBench(t)
	before := len(b.ledger.Entries())
	answer := b.ask("POST", "ilmoitukset/101/tila", `{"Tila":"Tehty","IlmoitaOsallisille":true}`)
	require.Equal(t, 200, answer.status)
	require.JSONEq(t, `{"Id":101}`, answer.text)
	require.Equal(t, 200, b.set(101, "Tehty", true))
	require.Equal(t, 200, b.set(101, "Valmis", false))
	require.Equal(t, 409, b.set(101, "Tehty", true))
	require.Equal(t, "Valmis", b.read(101)["Tila"])

	notified := b.dumped("esimerkki", 101)["Ilmoitukset"].([]tampuuri.Notification)
	require.Len(t, notified, 2)
	require.Equal(t, "Tehty", notified[0].Tila)
	require.Less(t, notified[0].At, notified[1].At)

	require.Equal(t, []string{
		ledger.StateSet, ledger.ParticipantsNotified, ledger.StateSet, ledger.ParticipantsNotified, ledger.StateSet,
	}, b.kinds(before))
	last := b.last()
	require.Equal(t, []any{"tampuuri", "esimerkki", "101"}, []any{last.System, last.Customer, last.Key})
	require.Equal(t, map[string]any{
		"noticeId": 101.0, "from": "Tehty", "to": "Valmis", "notified": false, "via": "api", "modified": b.read(101)["Muokattu"],
	}, last.Detail)
}

func TestAMissingIlmoitaOsallisilleNotifiesNobody(t *testing.T) {
	b := newBench(t)
	b.http.Config.Handler = b.server // the written contract has the field required, as it is always sent
	require.Equal(t, 200, b.ask("POST", "ilmoitukset/101/tila", `{"Tila":"Vastaanotettu"}`).status)
	require.Empty(t, b.dumped("esimerkki", 101)["Ilmoitukset"])
	require.Equal(t, ledger.StateSet, b.last().Kind)
}

func TestACancelledNoticeTakesNothing(t *testing.T) {
	b := newBench(t)
	require.NoError(t, b.server.Cancel("esimerkki", 101))
	for _, state := range []string{"Vastaanotettu", "Tehty", "Valmis"} {
		require.Equal(t, 409, b.set(101, state, true), state)
	}
	require.Equal(t, 409, b.add(101, "2026-02-03", "Testi", "").status)
}

func TestEveryCallAddsAToimenpideAndTextsComeBackVerbatim(t *testing.T) {
	b := newBench(t)
	summary := strings.Repeat("ä", 7996) + "\n\t😀" // 8000 UTF-16 units
	for range 2 {
		require.Equal(t, 200, b.add(101, "2026-02-03", " Testi  Huoltaja ", summary).status)
	}
	require.Equal(t, 200, b.add(101, "2026-02-04", "", "").status, "an empty summary is sent too")
	got := b.read(101)["Toimenpiteet"].([]any)
	require.Len(t, got, 3)
	first, second := got[0].(map[string]any), got[1].(map[string]any)
	require.NotEqual(t, first["Id"], second["Id"])
	require.Equal(t, summary, first["Yhteenveto"])
	require.Equal(t, " Testi  Huoltaja ", first["Resurssi"])
	detail := b.last().Detail
	delete(detail, "toimenpideId")
	require.Equal(t, map[string]any{
		"noticeId": 101.0, "date": "2026-02-04", "resource": "", "summary": "", "via": "api", "modified": b.read(101)["Muokattu"],
	}, detail)
	require.Equal(t, 400, b.add(101, "2026-02-03", "Testi", strings.Repeat("😀", 4001)).status, "counted as .NET counts")
}

func TestEveryChangeMovesMuokattuToTheEndOfTheList(t *testing.T) {
	b := newBench(t)
	changes := map[string]func() error{
		"assignment":         func() error { return b.server.Assign("esimerkki", 101, 4711) },
		"edit":               func() error { return b.server.EditNotice("esimerkki", 101, map[string]any{"Huoneisto": "B 2"}) },
		"state by hand":      func() error { return b.server.SetState("esimerkki", 101, "Odottaa") },
		"toimenpide by hand": func() error { _, err := b.server.AddToimenpide("esimerkki", 101, tampuuri.Toimenpide{}); return err },
		"state by API":       func() error { b.set(101, "Vastaanotettu", false); return nil },
		"toimenpide by API":  func() error { b.add(101, "2026-02-03", "", ""); return nil },
	}
	shape := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}\+03:00$`)
	previous := ""
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, b.server.SetState("esimerkki", 48217, "Odottaa"))
			require.NoError(t, change())
			ids := b.list("TyonsuorittajaYritysId=4711").ids()
			require.Equal(t, 101, ids[len(ids)-1])
			modified := b.read(101)["Muokattu"].(string)
			require.Regexp(t, shape, modified, "seven digits and the offset of a Finnish summer")
			require.Greater(t, modified, previous, "the clock stands still, and Muokattu increases all the same")
			previous = modified
		})
	}
	id, err := b.server.AddNotice("esimerkki", map[string]any{"KohdeId": 77, "TyonsuorittajaYritysId": 4711})
	require.NoError(t, err)
	ids := b.list("TyonsuorittajaYritysId=4711").ids()
	require.Equal(t, int(id), ids[len(ids)-1])
}

func TestTheListPagesAndStartsInclusively(t *testing.T) {
	b := newBench(t)
	first := b.list("TyonsuorittajaYritysId=4711&Limit=4")
	require.Equal(t, []int{40001, 48213, 48214, 101}, first.ids())
	require.Equal(t, 9, first.Total)
	require.Equal(t, []int{48215, 48216, 48217, 48219}, b.list("TyonsuorittajaYritysId=4711&Limit=4&Offset=4").ids())
	require.Equal(t, []int{48220}, b.list("TyonsuorittajaYritysId=4711&Limit=4&Offset=8").ids())
	past := b.list("TyonsuorittajaYritysId=4711&Limit=4&Offset=12")
	require.Empty(t, past.ids())
	require.Equal(t, 9, past.Total)

	for _, since := range []string{"2026-02-03T12:00:00+02:00", "2026-02-03T10:00:00Z", "2026-02-03T12:00:00", "2026-02-03T12:00:00.0000000+02:00"} {
		got := b.list("TyonsuorittajaYritysId=4711&MuokattuAlkaen=" + url.QueryEscape(since))
		require.Equal(t, []int{48217, 48219, 48220}, got.ids(), since)
		require.Equal(t, 3, got.Total)
	}

	// A row that moves while one pages by Offset is the trap: the one after it is skipped.
	require.NoError(t, b.server.EditNotice("esimerkki", 48213, map[string]any{"Huoneisto": "A 13"}))
	require.Equal(t, []int{48216, 48217, 48219, 48220}, b.list("TyonsuorittajaYritysId=4711&Limit=4&Offset=4").ids())
}

func TestHandOperationsAreAppliedAndRecorded(t *testing.T) {
	b := newBench(t)
	before := len(b.ledger.Entries())
	require.NoError(t, b.server.EditNotice("esimerkki", 101, map[string]any{
		"TyötehtävänOtsikko": "Uusi otsikko", "TilaajanTurvakielto": tampuuri.Absent, "Kiireellisyys": nil, "Kustannusarvio": 12.5,
	}))
	edited := b.read(101)
	require.Equal(t, "Uusi otsikko", edited["TyotehtavanOtsikko"], "the notice keeps its spelling")
	require.NotContains(t, edited, "TyötehtävänOtsikko")
	require.NotContains(t, edited, "TilaajanTurvakielto")
	require.Contains(t, edited, "Kiireellisyys")
	require.Nil(t, edited["Kiireellisyys"])

	require.NoError(t, b.server.Assign("esimerkki", 48217, 5999))
	assigned := b.read(48217)
	require.Equal(t, 5999.0, assigned["TyonsuorittajaYritysId"])
	require.Nil(t, assigned["TyonsuorittajaYritysNimi"])
	require.Nil(t, assigned["TyonsuorittajaHenkiloId"])
	require.Equal(t, 403, b.set(48217, "Tehty", true))
	require.NoError(t, b.server.Assign("esimerkki", 48217, 0))
	require.Equal(t, 403, b.set(48217, "Tehty", true), "nobody's is not ours")
	require.NoError(t, b.server.Assign("esimerkki", 48217, 4711))
	require.Equal(t, 200, b.set(48217, "Vastaanotettu", false))

	child, err := b.server.Chain("esimerkki", 48213, 5999)
	require.NoError(t, err)
	chained := b.read(int(child))
	require.Equal(t, []any{48213.0, 5999.0, "Uusi", "A 12"},
		[]any{chained["ParentId"], chained["TyonsuorittajaYritysId"], chained["Tila"], chained["Huoneisto"]})
	require.NotEqual(t, b.read(48213)["Guid"], chained["Guid"])

	id, err := b.server.AddToimenpide("esimerkki", 101, tampuuri.Toimenpide{Paivamaara: "2026-02-03", Resurssi: "Käsin"})
	require.NoError(t, err)
	require.NoError(t, b.server.DeleteToimenpide("esimerkki", 101, id))
	require.Empty(t, b.read(101)["Toimenpiteet"])
	require.NoError(t, b.server.Delete("esimerkki", 101))
	require.Equal(t, 404, b.ask("GET", "ilmoitukset/101", "").status)

	require.Equal(t, []string{
		ledger.NoticeEdited, ledger.NoticeAssigned, ledger.NoticeAssigned, ledger.NoticeAssigned, ledger.StateSet,
		ledger.NoticeCreated, ledger.ToimenpideAdded, ledger.ToimenpideDeleted, ledger.NoticeDeleted,
	}, b.kinds(before))
	edit := b.ledger.Entries()[before].Detail
	require.Equal(t, []any{"Kiireellisyys", "Kustannusarvio", "TilaajanTurvakielto", "TyötehtävänOtsikko"}, edit["fields"])
}

func TestHandOperationsThatMakeNoSenseFail(t *testing.T) {
	b := newBench(t)
	before := len(b.ledger.Entries())
	failing := map[string]error{
		"edit the state":      b.server.EditNotice("esimerkki", 101, map[string]any{"Tila": "Tehty"}),
		"edit the performer":  b.server.EditNotice("esimerkki", 101, map[string]any{"TyonsuorittajaYritysId": 1}),
		"remove the property": b.server.EditNotice("esimerkki", 101, map[string]any{"KohdeId": tampuuri.Absent}),
		"an empty state":      b.server.SetState("esimerkki", 101, ""),
		"an unknown notice":   b.server.Assign("esimerkki", 999, 4711),
		"an unknown account":  b.server.Delete("kolmas", 101),
		"a toimenpide":        b.server.DeleteToimenpide("esimerkki", 101, 1),
	}
	for name, fields := range map[string]map[string]any{
		"an Id in use": {"Id": 101, "KohdeId": 1}, "no KohdeId": {}, "a bad Muokattu": {"KohdeId": 1, "Muokattu": "eilen"},
		"a bad Id": {"Id": "x", "KohdeId": 1}, "a bad Tila": {"KohdeId": 1, "Tila": 5}, "no JSON": {"KohdeId": 1, "Huoneisto": func() {}},
	} {
		_, failing[name] = b.server.AddNotice("esimerkki", fields)
	}
	for name, err := range failing {
		require.Error(t, err, name)
	}
	require.Len(t, b.ledger.Entries(), before)
}

func TestTheLedgerTellsWhoseNoticesAreOursFromTheStart(t *testing.T) {
	b := newBench(t)
	kinds := map[string]int{}
	for _, entry := range b.ledger.Entries() {
		kinds[entry.Kind]++
	}
	require.Equal(t, map[string]int{ledger.AccountAdded: 2, ledger.NoticeCreated: 11}, kinds)
	require.Equal(t, []any{4711.0}, b.ledger.Entries()[0].Detail["ourPerformers"])
	require.Equal(t, map[string]any{
		"noticeId": 48213.0, "guid": "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11", "parentId": 0.0, "state": "Uusi", "performerId": 4711.0,
		"modified": "2026-02-03T08:14:22.6402093+02:00", "created": "2026-02-03T08:12:09.1881319+02:00",
	}, b.ledger.Entries()[2].Detail)
}

func TestFaultsMatchByCallCustomerAndNotice(t *testing.T) {
	b := newBench(t)
	b.http.Config.Handler = b.server // a fault's answers are outside the contract on purpose
	b.faults.Add(fault.Fault{System: "tampuuri", Op: "toimenpide", Customer: "esimerkki", Key: "101", Kind: fault.ApplyThen500})
	require.Equal(t, 200, b.add(48213, "2026-02-03", "", "").status)
	require.Equal(t, 500, b.add(101, "2026-02-03", "", "").status)
	require.Len(t, b.read(101)["Toimenpiteet"], 1, "it was applied")
	b.faults.Add(fault.Fault{Op: "list", Customer: "toinen", Kind: fault.Status401})
	b.list("TyonsuorittajaYritysId=4711")
	b.account = seed.Accounts()[1]
	refused := b.ask("GET", "ilmoitukset/selaa?TyonsuorittajaYritysId=120", "")
	require.Equal(t, 401, refused.status)
	require.JSONEq(t, `{"Message":"Unauthorized"}`, refused.text)
	for _, status := range b.faults.List() {
		require.Equal(t, 1, status.Fired)
	}
}

func TestItCanBeUsedByManyAtOnce(t *testing.T) {
	b := newBench(t)
	var users sync.WaitGroup
	for range 8 {
		users.Go(func() {
			for range 5 {
				if got := b.add(101, "2026-02-03", "", "").status; got != 200 {
					t.Errorf("add a toimenpide: status %d", got)
				}
				b.server.Notices()
				b.clock.move(time.Millisecond)
			}
		})
	}
	users.Wait()
	require.Len(t, b.read(101)["Toimenpiteet"], 40)
}

package notice_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
)

var noteTime = time.Date(2026, 2, 3, 6, 14, 22, 0, time.UTC)

func TestAChangeNoteListsTheChangedFieldsWithTheirNewValues(t *testing.T) {
	n := fullNotice(t)
	n.Description, n.Pets, n.Latest = "Rivi 1\nRivi 2", "", moment(t, "2026-02-12")
	changed := []string{"pets", "orderer", "description", "latest", "earliest", "propertyId", "unknown"}
	require.Equal(t, strings.Join([]string{
		"Muutettu Tampuurissa 3.2.2026 klo 8.14:",
		"Kuvaus: Rivi 1 Rivi 2",
		"Kohde-id: 1207",
		"Tilaaja: Testi Tilaaja, +358 40 000 0001, 09 000 001, tilaaja@example.com",
		"Suoritusaika aikaisintaan: 4.2.2026 klo 8.00",
		"Suoritusaika viimeistään: 12.2.2026",
		"Kotieläimet: (tyhjä)",
		"Tehtävää ei ole muutettu: korjaa se tarvittaessa käsin.",
	}, "\n"), notice.ChangeNote(noteTime, n, changed, nil, notice.ContactsDescription))
}

func TestAChangeNoteSendsReadersOfAnUnreadableDateToTampuuri(t *testing.T) {
	n := fullNotice(t)
	n.Latest = notice.Moment{Unreadable: true}
	require.Contains(t, notice.ChangeNote(noteTime, n, []string{"latest"}, nil, ""), "\nSuoritusaika viimeistään: katso Tampuuri\n")
}

func TestAChangeNoteKnowsEveryField(t *testing.T) {
	n := fullNotice(t)
	n.ParentID, n.Urgency, n.FaultClass = 48200, "Normaali", "LVI"
	for field := range keyer(t).Fields(n, notice.Extras()...) {
		if len(notice.Told([]string{field})) == 0 {
			continue
		}
		note := notice.ChangeNote(noteTime, n, []string{field}, nil, notice.ContactsDescription)
		require.Len(t, strings.Split(note, "\n"), 3, note)
		require.NotContains(t, note, "tyhjä", field)
		require.NotContains(t, note, "Katso muutos", field)
	}
	require.Contains(t, notice.ChangeNote(noteTime, n, nil, nil, ""), "Katso muutos Tampuurista.")
}

func TestAChangeNoteIsShortAndMasked(t *testing.T) {
	n := fullNotice(t)
	n.Orderer = notice.Person{Name: "Salainen Asukas", Phone: "0400000666", Turvakielto: notice.TurvakieltoSet}
	n.Title = "Soita Salaiselle 040 000 0666"
	n.Description = strings.Repeat("pitkä ", 1000)
	note := notice.ChangeNote(noteTime, n, []string{"title", "description", "access"}, nil, "")
	require.Contains(t, note, "\nOtsikko: Soita [poistettu]\n")
	require.Less(t, len([]rune(note)), 600)
	require.Contains(t, note, "… (katkaistu)")
}

func TestAChangeNoteHasTheExtras(t *testing.T) {
	n := fullNotice(t)
	n.Urgency, n.FaultClass = "Kiireellinen", "LVI"
	note := notice.ChangeNote(noteTime, n, []string{"urgency", "faultClass", "contact"}, nil, "")
	require.Contains(t, note, "\nKiireellisyys: Kiireellinen\nVikaluokka: LVI\nYhteyshenkilö: Testi Yhteyshenkilö, 040 000 0099\n")
	n.Payer = notice.Person{Phone: n.ContactPhone, Turvakielto: notice.TurvakieltoSet}
	require.Contains(t, notice.ChangeNote(noteTime, n, []string{"contact"}, nil, ""), "\nYhteyshenkilö: "+masked+"\n")
}

func TestAChangeNoteBeginsWithANewTurvakielto(t *testing.T) {
	n := fullNotice(t)
	n.Orderer = notice.Person{Name: "Salainen Asukas", Phone: "0400000666", Turvakielto: notice.TurvakieltoSet}
	n.Title = "Soita Salaiselle 040 000 0666"
	note := notice.ChangeNote(noteTime, n, []string{"title", "orderer", "ordererTurvakielto"}, nil, "")
	require.Contains(t, note, "(tilaaja). Poista heti")
	require.Contains(t, note, "\n\nMuutettu Tampuurissa 3.2.2026 klo 8.14:\nOtsikko: Soita [poistettu]\nTilaaja: "+masked+"\nTehtävää")
	require.NotContains(t, note, "turvakielto: on")
}

// Who hides a person may empty the fields in the same edit: then no data is there any more that the flag protects.
func TestATurvakieltoThatComesAsTheDataGoesIsNew(t *testing.T) {
	keys := keyer(t)
	for name, empty := range map[string]func(n *notice.Notice){
		"tilaaja":    func(n *notice.Notice) { n.Orderer = notice.Person{Turvakielto: notice.TurvakieltoSet} },
		"ilmoittaja": func(n *notice.Notice) { n.Reporter = notice.Person{Turvakielto: notice.TurvakieltoSet} },
	} {
		n := fullNotice(t)
		before := keys.Fields(n)
		empty(&n)
		changed := notice.ChangedFields(before, keys.Fields(n))
		require.True(t, notice.NewlyProtected(n, changed), changed)
		require.Contains(t, notice.ChangeNote(noteTime, n, changed, nil, ""), "("+name+"). Poista heti")

		was := fullNotice(t)
		was.Orderer.Turvakielto, was.Reporter.Turvakielto = notice.TurvakieltoSet, notice.TurvakieltoSet
		require.False(t, notice.NewlyProtected(n, notice.ChangedFields(keys.Fields(was), keys.Fields(n))), "it was protected before")
	}
}

// What a text may say of somebody who is protected, or now would be, and is not in the notice any more, nothing can cut out.
func TestNoTextIsQuotedWhenSomebodyProtectedHasLeft(t *testing.T) {
	keys := keyer(t)
	open := notice.Person{Name: "Zaida Kettunen", Phone: "0400000667", Street: "Zaidanpolku 3", City: "Tampere"}
	protected := func(p notice.Person) notice.Person {
		p.Turvakielto = notice.TurvakieltoSet
		return p
	}
	moved := open
	moved.Street = "Uusikatu 1"
	other := notice.Person{Name: "Toinen Salainen", Phone: "0400000668"}
	roles := map[string]func(n *notice.Notice) *notice.Person{
		"orderer":  func(n *notice.Notice) *notice.Person { return &n.Orderer },
		"reporter": func(n *notice.Notice) *notice.Person { return &n.Reporter },
		"payer":    func(n *notice.Notice) *notice.Person { return &n.Payer },
	}
	for name, row := range map[string]struct{ was, is notice.Person }{
		"a protected one for an open one":       {protected(open), other},
		"a protected one for a protected one":   {protected(open), protected(other)},
		"a protected one for nobody":            {protected(open), notice.Person{}},
		"for nobody, the flag stays":            {protected(open), protected(notice.Person{})},
		"the flag is taken back":                {protected(open), open},
		"the flag comes with another person":    {open, protected(other)},
		"the flag comes as the data goes":       {open, protected(notice.Person{})},
		"the flag comes with another name":      {open, protected(notice.Person{Name: "Salattu", Phone: "0400000670"})},
		"a protected one has moved":             {protected(open), protected(moved)},
		"a protected one has another telephone": {protected(open), protected(notice.Person{Name: open.Name, Phone: "0400000669", Street: open.Street, City: open.City})},
	} {
		for role, of := range roles {
			t.Run(role+": "+name, func(t *testing.T) {
				was := fullNotice(t)
				was.Orderer, was.Reporter, was.Payer = notice.Person{}, notice.Person{}, notice.Person{}
				*of(&was) = row.was
				n := was
				*of(&n) = row.is
				n.Description, n.Access = "Zaida Kettunen 0400000667 muutti pois", "Zaidanpolku 3:n avain"
				note := changeNote(keys, was, n)
				require.NotContains(t, note, "Zaida")
				require.NotContains(t, note, "0400000667")
				require.Contains(t, note, "\nKuvaus: katso Tampuuri\n")
			})
		}
	}
}

// With the person and all their data still there, what a text says of them is cut out, and the rest is quoted.
func TestTextsAreQuotedWhileTheProtectedPersonIsThere(t *testing.T) {
	keys := keyer(t)
	for name, of := range map[string]func(n *notice.Notice) *notice.Person{
		"orderer":  func(n *notice.Notice) *notice.Person { return &n.Orderer },
		"reporter": func(n *notice.Notice) *notice.Person { return &n.Reporter },
		"payer":    func(n *notice.Notice) *notice.Person { return &n.Payer },
	} {
		was := fullNotice(t)
		of(&was).Name = "Zaida Kettunen"
		n := was
		of(&n).Turvakielto, of(&n).Phone = notice.TurvakieltoSet, "0400000671"
		n.Description = "Zaida Kettunen avaa, hana vuotaa"
		note := changeNote(keys, was, n)
		require.NotContains(t, note, "Zaida", name)
		require.Contains(t, note, "hana vuotaa", name)
		was, n.Description = n, "Hana ei vuoda, Zaida Kettunen korjasi"
		require.Contains(t, changeNote(keys, was, n), "Hana ei vuoda", name)
	}
}

func TestAChangeNoteQuotesNoPeopleToACustomerThatWantsNoContacts(t *testing.T) {
	note := notice.ChangeNote(noteTime, fullNotice(t), []string{"orderer", "reporter", "contact"}, nil, notice.ContactsNone)
	require.Contains(t, note, "\nTilaaja: katso Tampuuri\nIlmoittaja: katso Tampuuri\nYhteyshenkilö: katso Tampuuri\n")
	n := fullNotice(t)
	n.Reporter = n.Orderer
	require.Contains(t, notice.ChangeNote(noteTime, n, []string{"reporter"}, nil, ""), "\nIlmoittaja: sama kuin tilaaja\n")
}

func TestEachWithdrawalHasItsOwnDatedText(t *testing.T) {
	seen := map[string]bool{}
	for kind, word := range map[notice.WithdrawalKind]string{
		notice.WithdrawnCancelled: "peruttu", notice.WithdrawnReassigned: "toiselle suorittajalle", notice.WithdrawnDeleted: "poistettu",
		notice.WithdrawnClosedByHand: "suljettu käsin", notice.WithdrawnGivenBack: "taas avoinna",
		"something new": "Tarkista",
	} {
		note := notice.WithdrawnNote(noteTime, kind)
		require.True(t, strings.HasPrefix(note, "3.2.2026 klo 8.14: Ilmoit"), note)
		require.Contains(t, note, word)
		require.False(t, seen[note])
		seen[note] = true
	}
}

func TestATurvakieltoNoteNamesRolesAndNoPeople(t *testing.T) {
	n := fullNotice(t)
	n.Orderer.Turvakielto, n.Payer.Turvakielto = notice.TurvakieltoSet, notice.TurvakieltoSet
	note := notice.TurvakieltoNote(noteTime, n, nil)
	require.Contains(t, note, "3.2.2026 klo 8.14 (tilaaja, maksaja). Poista heti")
	for _, data := range []string{"Testi", "0001", "example.com"} {
		require.NotContains(t, note, data)
	}
	require.Contains(t, notice.TurvakieltoNote(noteTime, notice.Notice{}, nil), "(katso Tampuuri)")
}

func TestAnEntriesNoteSaysWhatToCorrectInTampuuri(t *testing.T) {
	note := notice.EntriesChangedNote(noteTime, []notice.EntryChange{
		{EntryID: "1", Kind: notice.EntryAdded}, {EntryID: "2", Kind: notice.EntryEdited}, {EntryID: "3", Kind: notice.EntryRemoved},
	}, []notice.TimeEntry{
		{ID: "1", Date: "2026-02-03", Resource: "Testi Huoltaja", Summary: "Hana\nvaihdettu"}, {ID: "2", Date: "2026-02-04", Resource: "Testi Huoltaja"},
	})
	lines := strings.Split(note, "\n")
	require.Contains(t, lines[0], "(3.2.2026 klo 8.14)")
	require.Equal(t, []string{
		"Lisää toimenpide: 3.2.2026, Testi Huoltaja, Hana vaihdettu",
		"Muuta toimenpide muotoon: 4.2.2026, Testi Huoltaja",
		"Poista toimenpide, jonka tuntikirjausta ei enää ole: kirjaus 3",
	}, lines[1:])
}

func TestAReminderSaysSinceWhenLaskutettuIsMissing(t *testing.T) {
	note := notice.UninvoicedNote(noteTime, noteTime.AddDate(0, 0, -30), 2)
	require.Contains(t, note, "Muistutus 2")
	require.Contains(t, note, "tehdyksi Tampuuriin 4.1.2026")
	require.NotContains(t, note, "\n")
}

func TestAReminderSaysHowManyEntriesWaitForApproval(t *testing.T) {
	note := notice.UnapprovedNote(noteTime, 3)
	require.True(t, strings.HasPrefix(note, "3.2.2026 klo 8.14: Laskutettu odottaa, sillä 3 tuntikirjausta"), note)
}

// changeNote is the note of one edit.
func changeNote(keys notice.Keyer, was, is notice.Notice) string {
	changed := notice.ChangedFields(keys.Fields(was), keys.Fields(is))
	return notice.ChangeNote(noteTime, is, changed, notice.WithDeparted(is, keys.Fields(was), keys.Fields(is), changed), "")
}

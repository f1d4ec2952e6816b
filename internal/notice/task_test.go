package notice_test

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
)

// fullNotice has every mapped field filled.
func fullNotice(t testing.TB) notice.Notice {
	return notice.Notice{
		ID: 48213, GUID: "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11", State: "Uusi", PropertyID: 1207,
		Property: "Asunto Oy Testipolku 4", Space: "A 12", Title: "Hana vuotaa", Description: "Tippuu koko ajan.",
		Additional: "Soita ennen tuloa.", Access: "Yleisavaimella", Pets: "Koira",
		Created: moment(t, "2026-02-03T08:12:09+02:00"), Earliest: moment(t, "2026-02-04T08:00:00+02:00"),
		Latest: moment(t, "2026-02-10T16:00:00+02:00"), ReadyBy: moment(t, "2026-02-17"),
		ContactName: "Testi Yhteyshenkilö", ContactPhone: "040 000 0099",
		Orderer:  notice.Person{Name: "Testi Tilaaja", Phone: "+358 40 000 0001", Phone2: "09 000 001", Email: "tilaaja@example.com"},
		Reporter: notice.Person{Name: "Testi Ilmoittaja", Phone: "+358 40 000 0002"},
		Payer:    notice.Person{Name: "Testi Maksaja", Email: "maksaja@example.com"},
	}
}

func fullProperty() *notice.Property {
	return &notice.Property{ID: 1207, Name: "Asunto Oy Testipolku 4", Street: "Testipolku 4", PostalCode: "00100", City: "Helsinki"}
}

// build makes the task of a full notice after change.
func build(t testing.TB, change func(n *notice.Notice, o *notice.TaskOptions)) notice.Task {
	n, o := fullNotice(t), plainOptions()
	change(&n, &o)
	return notice.BuildTask(n, fullProperty(), o)
}

func TestOtsikkoIsTheSpaceElseThePropertyElseTheTitle(t *testing.T) {
	for _, row := range []struct{ about, space, property, title, want string }{
		{"space", "A 12", "Asunto Oy", "Hana", "A 12"},
		{"no space", " ", "Asunto Oy", "Hana", "Asunto Oy"},
		{"neither", "", "\u200b", "Hana", "Hana"},
		{"on one line", "", "", "Hana\nvuotaa", "Hana vuotaa"},
		{"nothing", "", "", "", "Tampuuri-ilmoitus 48213"},
	} {
		t.Run(row.about, func(t *testing.T) {
			task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
				n.State, n.Space, n.Property, n.Title = "Tila ei ole tila", row.space, row.property, row.title
			})
			require.Equal(t, row.want, task.Title)
		})
	}
}

func TestExtrasAreLinesOfLisatietoInTheirOwnOrder(t *testing.T) {
	with := func(change func(n *notice.Notice), extras ...notice.Extra) string {
		return build(t, func(n *notice.Notice, o *notice.TaskOptions) {
			n.Urgency, n.FaultClass, n.ParentID, o.Extras = "Kiireellinen", "LVI /\nVesikalusteet", 48200, extras
			change(n)
		}).AdditionalInfo
	}
	const usual = "Lisätiedot: Soita ennen tuloa.\nSisäänpääsy: Yleisavaimella\nKotieläimet: Koira"
	asItIs := func(*notice.Notice) {}
	require.Equal(t, usual, with(asItIs))
	require.Equal(t, usual+"\nKiireellisyys: Kiireellinen\nVikaluokka: LVI / Vesikalusteet\nYhteyshenkilö: Testi Yhteyshenkilö, 040 000 0099\nPääilmoitus: 48200",
		with(asItIs, notice.ExtraParent, notice.ExtraContact, notice.ExtraFaultClass, notice.ExtraUrgency))
	require.Equal(t, usual+"\nVikaluokka: LVI / Vesikalusteet", with(asItIs, notice.ExtraFaultClass, "tuntematon"))
	require.Equal(t, usual, with(func(n *notice.Notice) {
		n.Urgency, n.FaultClass, n.ParentID, n.ContactName, n.ContactPhone = "", " ", 0, "", ""
	}, notice.Extras()...))

	protected := notice.Person{Name: "Salainen Asukas", Phone: "0400000099", Turvakielto: notice.TurvakieltoSet}
	for about, change := range map[string]func(n *notice.Notice){
		"her own phone":      func(n *notice.Notice) { n.Orderer, n.ContactName = protected, "Joku" },
		"her own name":       func(n *notice.Notice) { n.Payer, n.ContactName, n.ContactPhone = protected, "Asukas, Salainen", "09 1" },
		"a flag not to tell": func(n *notice.Notice) { n.Reporter = protected; n.Reporter.Turvakielto = notice.TurvakieltoUnknown },
	} {
		require.Equal(t, usual+"\nYhteyshenkilö: "+masked, with(change, notice.ExtraContact), about)
	}
	require.Equal(t, usual+"\nKiireellisyys: Soita [poistettu]\nYhteyshenkilö: Huolto ([poistettu]), 09 1", with(func(n *notice.Notice) {
		n.Payer, n.Urgency, n.ContactName, n.ContactPhone = protected, "Soita Asukkaalle", "Huolto (Salainen Asukas)", "09 1"
	}, notice.ExtraUrgency, notice.ExtraContact))
}

func TestKuvausHasItsLabelledLinesInOrder(t *testing.T) {
	task := build(t, func(*notice.Notice, *notice.TaskOptions) {})
	require.Equal(t, strings.Join([]string{
		"Otsikko: Hana vuotaa",
		"Kuvaus: Tippuu koko ajan.",
		"Tila/huoneisto: A 12",
		"Kohde-id: 1207",
		"Tilaaja: Testi Tilaaja, +358 40 000 0001, 09 000 001, tilaaja@example.com",
		"Ilmoittaja: Testi Ilmoittaja, +358 40 000 0002",
	}, "\n"), task.Description)
}

func TestKuvausLeavesEmptyLinesOut(t *testing.T) {
	task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
		n.Description, n.Space, n.PropertyID = " ", "", 0
		n.Orderer, n.Reporter = notice.Person{}, notice.Person{Phone: "09 1"}
	})
	require.Equal(t, "Otsikko: Hana vuotaa\nIlmoittaja: 09 1", task.Description)
}

func TestKuvausHasAPhoneThatIsInBothFieldsOnce(t *testing.T) {
	task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
		n.Orderer = notice.Person{Name: "Testi Tilaaja", Phone: "040 000 0001", Phone2: "0400000001"}
	})
	require.Contains(t, task.Description, "Tilaaja: Testi Tilaaja, 040 000 0001\n")
}

func TestKuvausNamesThePersonOnceWhenOrdererIsReporter(t *testing.T) {
	orderer := notice.Person{ID: 5, Name: "Testi Tilaaja", Phone: "+358 40 000 0001", Email: "t@example.com"}
	const line = "Tilaaja: Testi Tilaaja, +358 40 000 0001"
	for _, row := range []struct {
		about    string
		reporter notice.Person
		want     string
	}{
		{"the same", orderer, line + ", t@example.com"},
		{"spaces, case, phone form", notice.Person{Name: " testi  TILAAJA", Phone: "040-0000001", Email: "T@Example.com "}, line + ", t@example.com"},
		{"last name first", notice.Person{Name: "Tilaaja Testi"}, line + ", t@example.com"},
		{"only the phone", notice.Person{Phone: "0400000001"}, line + ", t@example.com"},
		{"the same party by another name", notice.Person{ID: 5, Name: "T. Tilaaja"}, line + ", t@example.com"},
		{"a phone that the orderer has not", notice.Person{Name: "Testi Tilaaja", Phone: "09 123 4567"}, line + ", 09 123 4567, t@example.com"},
		{"another name with the same phone", notice.Person{ID: 6, Name: "Testi Toinen", Phone: "+358 40 000 0001"},
			line + ", t@example.com\nIlmoittaja: Testi Toinen, +358 40 000 0001"},
		{"both only fill the field for e-mail", notice.Person{Name: "Testi Toinen", Email: "-"}, line + ", t@example.com\nIlmoittaja: Testi Toinen, -"},
		{"nobody", notice.Person{ID: 5}, line + ", t@example.com"},
	} {
		t.Run(row.about, func(t *testing.T) {
			task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) { n.Orderer, n.Reporter = orderer, row.reporter })
			require.True(t, strings.HasSuffix(task.Description, "\n"+row.want), task.Description)
		})
	}
}

func TestContactLinesGoWhereTheCustomerWantsThem(t *testing.T) {
	inLine := func(contacts notice.Contacts) notice.Task {
		return build(t, func(_ *notice.Notice, o *notice.TaskOptions) { o.Contacts = contacts })
	}
	for _, contacts := range []notice.Contacts{"", notice.ContactsDescription} {
		require.Contains(t, inLine(contacts).Description, "Tilaaja: Testi Tilaaja")
		require.NotContains(t, inLine(contacts).AdditionalInfo, "Tilaaja:")
	}
	moved := inLine(notice.ContactsAdditionalInfo)
	require.True(t, strings.HasSuffix(moved.Description, "Kohde-id: 1207"), moved.Description)
	require.True(t, strings.HasSuffix(moved.AdditionalInfo, "Kotieläimet: Koira\n"+
		"Tilaaja: Testi Tilaaja, +358 40 000 0001, 09 000 001, tilaaja@example.com\n"+
		"Ilmoittaja: Testi Ilmoittaja, +358 40 000 0002"), moved.AdditionalInfo)
	dropped := inLine(notice.ContactsNone)
	require.NotContains(t, dropped.Description+dropped.AdditionalInfo, "Testi")
}

func TestAloituspvmIsEarliestElseCreatedElseImport(t *testing.T) {
	for _, row := range []struct {
		about, earliest, created string
		from                     notice.StartFrom
		want                     string
	}{
		{"earliest, even if it is later", "2026-02-04T08:00:00+02:00", "2026-02-03T08:00:00+02:00", "", "2026-02-04T08:00:00+02:00"},
		{"earliest as a day", "2026-02-04", "2026-02-03T08:00:00+02:00", "earliest", "2026-02-04"},
		{"created", "", "2026-02-03T08:00:00+02:00", "earliest", "2026-02-03T08:00:00+02:00"},
		{"import", "", "", "earliest", "2026-02-06T09:05:00+02:00"},
		{"created by option", "2026-02-04", "2026-02-03T08:00:00+02:00", "created", "2026-02-03T08:00:00+02:00"},
		{"created by option, but missing", "2026-02-04", "", "created", "2026-02-04"},
		{"import by option", "", "", "created", "2026-02-06T09:05:00+02:00"},
	} {
		t.Run(row.about, func(t *testing.T) {
			task := build(t, func(n *notice.Notice, o *notice.TaskOptions) {
				n.Earliest, n.Created, o.StartFrom = moment(t, row.earliest), moment(t, row.created), row.from
			})
			require.Equal(t, row.want, task.Start.Wire())
		})
	}
}

func TestLopetuspvmIsLatestElseReadyByElseEmptyAndNeverBeforeTheStart(t *testing.T) {
	for _, row := range []struct {
		about, start, latest, readyBy, want string
		remark                              bool
	}{
		{"latest", "2026-02-04T08:00:00", "2026-02-10T16:00:00", "2026-02-17", "2026-02-10T16:00:00+02:00", false},
		{"ready by", "2026-02-04T08:00:00", "", "2026-02-17", "2026-02-17", false},
		{"none", "2026-02-04T08:00:00", "", "", "", false},
		{"before the start", "2026-02-04T08:00:00", "2026-02-04T07:00:00", "2026-02-17", "2026-02-04T08:00:00+02:00", true},
		{"a day before the start", "2026-02-04T08:00:00", "2026-02-03", "", "2026-02-04T08:00:00+02:00", true},
		{"before a start without time", "2026-02-04", "2026-02-03T23:00:00", "", "2026-02-04", true},
		{"the start's day", "2026-02-04T08:00:00", "2026-02-04", "", "2026-02-04", false},
		{"the same time", "2026-02-04T08:00:00", "2026-02-04T08:00:00", "", "2026-02-04T08:00:00+02:00", false},
	} {
		t.Run(row.about, func(t *testing.T) {
			task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
				n.Earliest, n.Latest, n.ReadyBy = moment(t, row.start), moment(t, row.latest), moment(t, row.readyBy)
			})
			require.Equal(t, row.want, task.End.Wire())
			require.Equal(t, row.remark, strings.Contains(task.AdditionalInfo, "on ennen aloitusta"), task.AdditionalInfo)
		})
	}
}

func TestADateThatNobodyCanReadIsSaidInLisatieto(t *testing.T) {
	task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
		n.Earliest, n.ReadyBy = notice.Moment{Unreadable: true}, notice.Moment{Unreadable: true}
		n.Created, n.Latest = moment(t, "2026-02-03"), notice.Moment{}
	})
	require.Contains(t, task.AdditionalInfo, "Huom: Tampuurin päivämäärää ei voitu lukea (Suoritusaika aikaisintaan, Työ valmis viimeistään). Katso se Tampuurista.")
	require.Equal(t, "2026-02-03", task.Start.Wire(), "the next source counts")
	require.Empty(t, task.End.Wire())
	require.NotContains(t, build(t, func(*notice.Notice, *notice.TaskOptions) {}).AdditionalInfo, "ei voitu lukea")
}

func TestTyomaaraarvioIsTheCustomersElseOneHour(t *testing.T) {
	for given, want := range map[float64]float64{0: 1, -2: 1, 2.5: 2.5, math.Inf(-1): 1} {
		task := build(t, func(_ *notice.Notice, o *notice.TaskOptions) { o.WorkloadHours = given })
		require.Equal(t, want, task.WorkloadHours)
	}
	task := build(t, func(_ *notice.Notice, o *notice.TaskOptions) { o.WorkloadHours = math.NaN() })
	require.Equal(t, 1.0, task.WorkloadHours)
}

func TestCustomersTypeAndExternalIDComeFromTheSettings(t *testing.T) {
	task := build(t, func(*notice.Notice, *notice.TaskOptions) {})
	require.Equal(t, "asiakas-1", task.DeliveryCustomerID)
	require.Equal(t, "asiakas-1", task.BillingCustomerID)
	require.Equal(t, "tyyppi-1", task.TaskTypeID)
	require.Equal(t, "5b0c1f1e-6a0e-4a58-9c0b-2f6f5a0d7e11", task.ExternalID)
}

func TestToimitusosoiteIsThePropertysStreetWithTheSpaceOnRowTwo(t *testing.T) {
	const missing = "Huom: kohteen katuosoitetta ei saatu Tampuurista."
	for _, row := range []struct {
		about    string
		property *notice.Property
		space    string
		want     *notice.Address
		remark   bool
	}{
		{"property and space", fullProperty(), "A 12", &notice.Address{Street: "Testipolku 4", Street2: "A 12", PostalCode: "00100", City: "Helsinki"}, false},
		{"no space", fullProperty(), "", &notice.Address{Street: "Testipolku 4", PostalCode: "00100", City: "Helsinki"}, false},
		{"no property", nil, "A 12", nil, true},
		{"no street", &notice.Property{ID: 1207, City: "Helsinki"}, "A 12", nil, true},
		{"nothing", nil, "", nil, true},
	} {
		t.Run(row.about, func(t *testing.T) {
			n := fullNotice(t)
			n.Space = row.space
			task := notice.BuildTask(n, row.property, plainOptions())
			require.Equal(t, row.want, task.DeliveryAddress)
			require.Equal(t, row.remark, strings.HasSuffix(task.AdditionalInfo, missing), task.AdditionalInfo)
		})
	}
}

func TestLisatietoHasItsLabelledLinesInOrder(t *testing.T) {
	task := build(t, func(*notice.Notice, *notice.TaskOptions) {})
	require.Equal(t, "Lisätiedot: Soita ennen tuloa.\nSisäänpääsy: Yleisavaimella\nKotieläimet: Koira", task.AdditionalInfo)
	task = build(t, func(n *notice.Notice, _ *notice.TaskOptions) { n.Additional, n.Pets = "", "\r\n" })
	require.Equal(t, "Sisäänpääsy: Yleisavaimella", task.AdditionalInfo)
}

func TestLongTextsAreCutWithAMarkAndShortLinesAndRemarksStay(t *testing.T) {
	task := build(t, func(n *notice.Notice, o *notice.TaskOptions) {
		n.Space = strings.Repeat("ä", 300)
		n.Description = strings.Repeat("ö", 30_000)
		n.Additional, n.Access = strings.Repeat("å", 25_000), strings.Repeat("y", 15_000)
		n.Latest = moment(t, "2026-02-01")
		o.Contacts = notice.ContactsAdditionalInfo
	})
	const mark = "… (katkaistu)"
	require.Equal(t, 255, utf8.RuneCountInString(task.Title))
	require.True(t, strings.HasSuffix(task.Title, mark))
	for _, text := range []string{task.Description, task.AdditionalInfo} {
		require.LessOrEqual(t, utf8.RuneCountInString(text), 20_000)
		require.Greater(t, utf8.RuneCountInString(text), 19_900, "no more is cut than must be")
	}
	require.Contains(t, task.Description, "ö"+mark+"\nTila/huoneisto: ")
	require.True(t, strings.HasSuffix(task.Description, "\nKohde-id: 1207"))
	require.Contains(t, task.AdditionalInfo, "å"+mark+"\nSisäänpääsy: "+strings.Repeat("y", 14_000))
	require.Contains(t, task.AdditionalInfo, "\nKotieläimet: Koira\nTilaaja: Testi Tilaaja")
	require.Contains(t, task.AdditionalInfo, "\nHuom: Tampuurin määräaika 1.2.2026 on ennen aloitusta")
}

func TestAllTextsAreCutWhenAllAreLong(t *testing.T) {
	task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
		long := strings.Repeat("x", 50_000)
		n.Title, n.Description, n.Space, n.Orderer.Name, n.Reporter.Email = long, long, long, long, long
		n.Additional, n.Access, n.Pets = long, long, long
	})
	require.LessOrEqual(t, utf8.RuneCountInString(task.Description), 20_000)
	require.LessOrEqual(t, utf8.RuneCountInString(task.AdditionalInfo), 20_000)
	require.Contains(t, task.Description, "\nKohde-id: 1207\n")
}

func TestTextsAreSentWithoutInvisibleCharactersInNFC(t *testing.T) {
	task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
		n.Title = "Ha\u200bna\u00a0vuo\u00adtaa\x00"
		n.Description = "a\u0308a\u0308\r\nrivi\u2028kolmas \xff"
	})
	require.Contains(t, task.Description, "Otsikko: Hana vuotaa\nKuvaus: ää\nrivi\nkolmas \uFFFD\n")
}

func TestTheContactPersonIsNeverSent(t *testing.T) {
	task := build(t, func(*notice.Notice, *notice.TaskOptions) {})
	require.NotContains(t, allText(task), "Yhteyshenkilö")
	require.NotContains(t, allText(task), "0099")
	require.NotContains(t, allText(task), "aksaja", "nor is the payer")
}

// allText is everything in a task that people wrote.
func allText(task notice.Task) string {
	parts := []string{task.Title, task.Description, task.AdditionalInfo, task.BillingReference}
	if a := task.DeliveryAddress; a != nil {
		parts = append(parts, a.Street, a.Street2, a.PostalCode, a.City)
	}
	return strings.Join(parts, "\n")
}

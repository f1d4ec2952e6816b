package notice_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
)

const masked = "TURVAKIELTO – katso Tampuuri"

func TestTurvakieltoIsSetUnlessTheFlagClearlySaysNo(t *testing.T) {
	for _, open := range []any{
		false, 0, int64(0), uint8(0), 0.0, float32(0), json.Number("0"), json.Number("0.0"), json.Number("-0"),
		"Ei", "EI", " ei\u00a0", "e", "E", "Nej", "No", "N", "false", "False", "FALSE", "0", "0.0", "off", "f", "epätosi",
	} {
		require.Equal(t, notice.TurvakieltoNotSet, notice.ParseTurvakielto(open, true), "%T %v", open, open)
		require.Equal(t, notice.TurvakieltoUnknown, notice.ParseTurvakielto(open, false), "missing")
	}
	for _, set := range []any{
		true, 1, -1, int64(2), 0.5, json.Number("1"), json.Number("1e-400"), "1e-400", "Kyllä", "kylla", "K", "yes", "Y", "true", "1", "on", "Ja",
	} {
		require.Equal(t, notice.TurvakieltoSet, notice.ParseTurvakielto(set, true), "%T %v", set, set)
	}
	for _, unknown := range []any{
		nil, json.Number("x"), json.Number(""), "ei\u200b", "\u200bei", "e\u00adi", "ei\x00", "0\ufeff", "", " ", "-", "?", "ei tiedossa",
		"tyhjä", "null", map[string]any{}, []any{}, []any{false}, struct{}{}, []byte("ei"), new(bool),
	} {
		require.Equal(t, notice.TurvakieltoUnknown, notice.ParseTurvakielto(unknown, true), "%T %v", unknown, unknown)
	}
	require.True(t, notice.ParseTurvakielto(math.NaN(), true).Set())
	for flag, set := range map[notice.Turvakielto]bool{notice.TurvakieltoNotSet: false, notice.TurvakieltoSet: true, notice.TurvakieltoUnknown: true} {
		require.Equal(t, set, flag.Set())
	}
}

func TestANoticeTellsWhetherAFlagThatMattersIsMissing(t *testing.T) {
	known := notice.Person{Name: "Matti Meri"}
	unknown := notice.Person{Name: "Maija Meri", Turvakielto: notice.TurvakieltoUnknown}
	for _, row := range []struct {
		about                    string
		orderer, reporter, payer notice.Person
		want                     bool
	}{
		{"every flag is there", known, known, notice.Person{Name: "Aino", Turvakielto: notice.TurvakieltoSet}, false},
		{"the orderer's is missing", unknown, known, known, true},
		{"the reporter's is missing", known, unknown, known, true},
		{"the payer's is missing", known, known, unknown, true},
		{"of a role that nobody has", known, known, notice.Person{Turvakielto: notice.TurvakieltoUnknown}, false},
		{"of a role that names nobody", known, known, notice.Person{Name: "Tyhjä asunto", Turvakielto: notice.TurvakieltoUnknown}, false},
		{"of a role with a phone only", known, known, notice.Person{Name: "Asukas", Phone: "0401234567", Turvakielto: notice.TurvakieltoUnknown}, true},
	} {
		t.Run(row.about, func(t *testing.T) {
			require.Equal(t, row.want, notice.Notice{Orderer: row.orderer, Reporter: row.reporter, Payer: row.payer}.FlagsMissing())
		})
	}
}

func TestAProtectedPersonsLineIsTheMark(t *testing.T) {
	secret := notice.Person{Name: "Salainen Asukas", Phone: "+358 40 000 0666", Email: "salainen@example.com", Turvakielto: notice.TurvakieltoSet}
	task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) { n.Orderer = secret })
	require.Contains(t, task.Description, "\nTilaaja: "+masked+"\nIlmoittaja: Testi Ilmoittaja, +358 40 000 0002")
	require.Equal(t, "48213", task.BillingReference)
	task = build(t, func(n *notice.Notice, _ *notice.TaskOptions) { n.Reporter = secret })
	require.True(t, strings.HasSuffix(task.Description, "\nIlmoittaja: "+masked))
	require.Equal(t, "48213 / Testi Tilaaja", task.BillingReference)
	task = build(t, func(n *notice.Notice, o *notice.TaskOptions) {
		n.Orderer, o.Contacts = secret, notice.ContactsAdditionalInfo
	})
	require.Contains(t, task.AdditionalInfo, "\nTilaaja: "+masked)
}

func TestARoleWithoutDataHasNothingToMask(t *testing.T) {
	for _, empty := range []notice.Person{
		{Turvakielto: notice.TurvakieltoSet}, {Name: " \u00a0\u200b", Phone: "\n", Turvakielto: notice.TurvakieltoSet}, {Name: "Tyhjä asunto", Phone: "-", Email: "?", Turvakielto: notice.TurvakieltoSet},
	} {
		task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) { n.Orderer, n.Reporter, n.Payer = empty, empty, empty })
		require.NotContains(t, allText(task), "TURVAKIELTO")
	}
	for _, one := range []notice.Person{{Name: "X"}, {Phone2: "1"}, {Email: "x@"}, {Street: "Katu 1"}, {PostalCode: "00100"}, {City: "Turku"}} {
		one.Turvakielto = notice.TurvakieltoSet
		task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) { n.Orderer = one })
		require.Contains(t, task.Description, "Tilaaja: "+masked, "%+v", one)
		require.Equal(t, "48213", task.BillingReference)
	}
}

func TestRolesThatShareANamePhoneOrEmailAreOnePerson(t *testing.T) {
	for _, row := range []struct {
		about             string
		protected, shared notice.Person
		same              bool
	}{
		{"name", notice.Person{Name: "Salainen Asukas"}, notice.Person{Name: " salainen  ASUKAS "}, true},
		{"name in the other order", notice.Person{Name: "Salainen Asukas"}, notice.Person{Name: "Asukas, Salainen"}, true},
		{"name without diacritics", notice.Person{Name: "Äijö Mäki"}, notice.Person{Name: "Aijo Maki"}, true},
		{"phone", notice.Person{Phone: "+358 40 000 0666"}, notice.Person{Phone: "040-0000666"}, true},
		{"second phone", notice.Person{Phone2: "00358400000666"}, notice.Person{Phone: "(040) 000.0666"}, true},
		{"country code without plus", notice.Person{Phone: "358400000666"}, notice.Person{Phone: "0400000666"}, true},
		{"0358", notice.Person{Phone: "0358400000666"}, notice.Person{Phone: "0400000666"}, true},
		{"trunk zero in parentheses", notice.Person{Phone: "+358 (0)40 000 0666"}, notice.Person{Phone: "0400000666"}, true},
		{"one of two numbers in a field", notice.Person{Phone: "09 111 2222 / 040 000 0666"}, notice.Person{Phone: "0400000666 (koti)"}, true},
		{"e-mail", notice.Person{Email: "Salainen@Example.com "}, notice.Person{Email: "salainen@example.com"}, true},
		{"one of two e-mails", notice.Person{Email: "a@example.com; b@example.com"}, notice.Person{Email: "b@example.com"}, true},
		{"another name", notice.Person{Name: "Salainen Asukas"}, notice.Person{Name: "Salainen Naapuri"}, false},
		{"a Tampere number is no country code", notice.Person{Phone: "03 584 0006"}, notice.Person{Phone: "040006"}, false},
		{"another e-mail", notice.Person{Email: "a@example.com"}, notice.Person{Email: "b@example.com"}, false},
		{"names without letters", notice.Person{Name: "-"}, notice.Person{Name: "-"}, false},
		{"the same address", notice.Person{Name: "Salainen", Street: "Katu 1"}, notice.Person{Name: "Toinen", Street: "Katu 1"}, false},
	} {
		t.Run(row.about, func(t *testing.T) {
			row.protected.Turvakielto = notice.TurvakieltoSet
			for _, role := range []string{"reporter", "payer"} {
				task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
					n.Orderer = row.shared
					n.Reporter, n.Payer = row.protected, notice.Person{}
					if role == "payer" {
						n.Reporter, n.Payer = n.Payer, n.Reporter
					}
				})
				require.Equal(t, row.same, strings.Contains(task.Description, "Tilaaja: "+masked), "%s: %s", role, task.Description)
			}
		})
	}
}

func TestBeingOnePersonGoesThroughAThirdRole(t *testing.T) {
	task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
		n.Orderer = notice.Person{Name: "Salainen Asukas", Phone: "0400000666"}
		n.Reporter = notice.Person{Name: "S. Asukas", Phone: "0400000666", Email: "s@example.com"}
		n.Payer = notice.Person{Name: "Maksaja", Email: "s@example.com", Turvakielto: notice.TurvakieltoSet}
	})
	require.Contains(t, task.Description, "Tilaaja: "+masked+"\nIlmoittaja: "+masked)
	require.Equal(t, "48213", task.BillingReference)
}

func TestAProtectedPersonsDataIsCutOutOfFreeTexts(t *testing.T) {
	person := notice.Person{
		Name: "Salainen Asukas", Phone: "+358 40 000 0666", Phone2: "+46 70 123 45 67", Email: "salainen.a@example.com",
		Street: "Salakatu 7 B 3", PostalCode: "33200", City: "Tampere", Turvakielto: notice.TurvakieltoSet,
	}
	for _, row := range []struct{ about, text, want string }{
		{"nothing to cut", "Patteri kylmä, 3. krs.", "Patteri kylmä, 3. krs."},
		{"full name", "Soita: Salainen Asukas!", "Soita: [poistettu]!"},
		{"any case and spacing", "SALAINEN \u00a0 asukas", "[poistettu]"},
		{"over a line break", "Salainen\nAsukas kotona", "[poistettu] kotona"},
		{"invisible characters", "Sal\u200bainen As\u00adukas", "[poistettu]"},
		{"last name first", "Asukas, Salainen soitti", "[poistettu] soitti"},
		{"one word", "SalainenAsukas ja asukassalainen", "[poistettu] ja [poistettu]"},
		{"a name word alone", "Herra Asukas, ei Salaisuus", "Herra [poistettu], ei Salaisuus"},
		{"bent as Finnish does", "Soita Salaiselle Asukkaalle, Asukkaan avain", "Soita [poistettu], [poistettu] avain"},
		{"with a possessive", "Salainenkin", "[poistettu]"},
		{"in another e-mail", "asukas.salainen@example.org", "[poistettu]@example.org"},
		{"without its dot", "Sala\u0131nen ja A\u0073ukas", "[poistettu] ja [poistettu]"},
		{"phone as it is", "p. +358 40 000 0666.", "p. [poistettu]."},
		{"phone without spaces", "0400000666", "[poistettu]"},
		{"phone with dashes", "040-000-06 66", "[poistettu]"},
		{"phone with parentheses and dots", "(040) 000.0666 iltaisin", "[poistettu] iltaisin"},
		{"phone with 00358", "00358 40 0000666", "[poistettu]"},
		{"phone with 358", "358400000666", "[poistettu]"},
		{"phone with a trunk zero in parentheses", "+358 (0)40 000 0666", "[poistettu]"},
		{"phone over a line break", "040 000\n0666", "[poistettu]"},
		{"phone with full-width digits", "０４０ 000 0666", "[poistettu]"},
		{"phone after another number", "Ovi 12, 0400000666", "Ovi 12, [poistettu]"},
		{"foreign phone", "+46 70 123 45 67", "[poistettu]"},
		{"foreign phone with 00", "0046-70-1234567", "[poistettu]"},
		{"foreign phone at home", "070-123 45 67", "[poistettu]"},
		{"another phone stays", "040 000 0667", "040 000 0667"},
		{"e-mail", "<Salainen.A@Example.COM>", "<[poistettu]>"},
		{"e-mail with spaces", "salainen.a @ example . com", "[poistettu]"},
		{"e-mail spelled out", "salainen.a (at) example.com", "[poistettu]"},
		{"e-mail inside a word", "osalainen.a@example.comx, ei muuta", "[poistettu], ei muuta"},
		{"street with flat", "osoite salakatu 7 b 3", "osoite [poistettu]"},
		{"street without flat", "Salakatu 7:n pihalla", "[poistettu]:n pihalla"},
		{"street of another house stays", "Salakatu 17", "Salakatu 17"},
		{"postal code and city", "33200 Tampere", "[poistettu]"},
		{"the work site stays", "Testipolku 4, 00100 Helsinki", "Testipolku 4, 00100 Helsinki"},
		{"two marks become one", "Salainen Asukas 040 000 0666", "[poistettu]"},
		{"several", "Asukas, 0400000666", "[poistettu], [poistettu]"},
	} {
		t.Run(row.about, func(t *testing.T) {
			for _, role := range []string{"orderer", "reporter", "payer"} {
				task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
					n.Space, n.Property = "", ""
					n.Title, n.Description, n.Additional, n.Access, n.Pets = row.text, row.text, row.text, row.text, row.text
					*map[string]*notice.Person{"orderer": &n.Orderer, "reporter": &n.Reporter, "payer": &n.Payer}[role] = person
				})
				title := strings.ReplaceAll(row.want, "\n", " ")
				require.Equal(t, title, task.Title)
				require.True(t, strings.HasPrefix(task.Description, "Otsikko: "+title+"\nKuvaus: "+row.want+"\n"), task.Description)
				require.Equal(t, "Lisätiedot: "+row.want+"\nSisäänpääsy: "+row.want+"\nKotieläimet: "+row.want, task.AdditionalInfo)
			}
		})
	}
}

func TestAnUnprotectedPersonsLineHoldsNothingOfAProtectedOne(t *testing.T) {
	task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
		n.Payer = notice.Person{Name: "Matti Meri", Phone: "0400000666", Email: "m@example.com", Turvakielto: notice.TurvakieltoSet}
		n.Orderer = notice.Person{Name: "Maija Meri c/o Matti Meri", Phone: "09 111 2222"}
		n.Reporter = notice.Person{Name: "Huolto (Matti Meri 040 000 0666)"}
	})
	require.Contains(t, task.Description, "Tilaaja: Maija Meri c/o [poistettu], 09 111 2222\n")
	require.Contains(t, task.Description, "Ilmoittaja: Huolto ([poistettu])")
	require.Equal(t, "48213 / Maija Meri c/o [poistettu]", task.BillingReference)
}

func TestTheOrdersOfAProtectedNameAreFoundInAnotherPersonsLine(t *testing.T) {
	for _, row := range []struct{ about, secret, other, want string }{
		{"last name first, with both first names", "Matti Juhani Meri", "Huolto Meri Matti Juhani", "Huolto [poistettu]"},
		{"without the second first name", "Matti Juhani Meri", "Huolto Matti Meri", "Huolto [poistettu]"},
		{"and last name first", "Matti Juhani Meri", "Huolto Meri, Matti", "Huolto [poistettu]"},
		{"one of several people", "Matti Meri ja Maija Meri", "Huolto: Maija Meri", "Huolto: [poistettu]"},
		{"a relative's own name stays", "Matti Meri", "Maija Meri", "Maija Meri"},
	} {
		t.Run(row.about, func(t *testing.T) {
			task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
				n.Orderer, n.Payer = notice.Person{Name: row.other}, notice.Person{Name: row.secret, Turvakielto: notice.TurvakieltoSet}
			})
			require.Contains(t, task.Description, "Tilaaja: "+row.want+"\n")
		})
	}
}

func TestAProtectedPersonWhoIsTheContactIsCutOutByBothNames(t *testing.T) {
	task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
		n.Orderer = notice.Person{Name: "S. Asukas", Phone: "0400000666", Turvakielto: notice.TurvakieltoSet}
		n.ContactName, n.ContactPhone = "Salainen Asukas-Meri", "+358 400 000 666"
		n.Access = "Avaa Salainen Meri"
	})
	require.Contains(t, task.AdditionalInfo, "Sisäänpääsy: Avaa [poistettu]\n")
}

func TestTheWorkSitesAddressStaysInTextsOfAProtectedResident(t *testing.T) {
	task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
		n.Orderer = notice.Person{Name: "Matti Meri", Street: "Testipolku 4 A 12", PostalCode: "00100", City: "Helsinki", Turvakielto: notice.TurvakieltoSet}
		n.Additional = "Testipolku 4, 00100 Helsinki; asunto Testipolku 4 A 12"
	})
	require.Contains(t, task.AdditionalInfo, "Lisätiedot: Testipolku 4, 00100 Helsinki; asunto Testipolku 4 A 12\n")
	task = build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
		n.Orderer = notice.Person{Name: "Matti Meri", Street: "Salakatu 7 B 1", PostalCode: "00200", City: "Espoo", Turvakielto: notice.TurvakieltoSet}
		n.Additional = "Testipolku 4; asuu: Salakatu 7 B 1, 00200 Espoo"
	})
	require.Contains(t, task.AdditionalInfo, "Lisätiedot: Testipolku 4; asuu: [poistettu], [poistettu]\n")
}

func TestTheWorkSiteStaysAndPeopleInItsNameDoNot(t *testing.T) {
	matti := notice.Person{Name: "Matti Meri", Street: "Testipolku 4 A 12", PostalCode: "00100", City: "Helsinki", Turvakielto: notice.TurvakieltoSet}
	for _, row := range []struct {
		about, space, property, wantTitle string
		person                            notice.Person
	}{
		{"flat", "A 12", "Asunto Oy Testipolku 4", "A 12", matti},
		{"flat with its resident", "A 12 Matti Meri", "Asunto Oy Testipolku 4", "A 12 [poistettu]", matti},
		{"a resident in place of a flat", "Meri Matti", "Asunto Oy Testipolku 4", "Asunto Oy Testipolku 4", matti},
		{"a name word that is a place", "Merihuone", "Meri", "Merihuone", matti},
		{"a resident's last name on the door", "A 12 Meri", "Asunto Oy Testipolku 4", "A 12 [poistettu]", matti},
		{"a resident of one name", "A 12 Meri", "Asunto Oy Testipolku 4", "A 12 [poistettu]", notice.Person{Name: "Meri", Turvakielto: notice.TurvakieltoSet}},
		{"property called after a person", "", "Matti Meri", "Hana vuotaa", matti},
		{"property that is the orderer", "", "Asunto Oy Testipolku 4", "Asunto Oy Testipolku 4", notice.Person{Name: "Asunto Oy Testipolku 4", Turvakielto: notice.TurvakieltoSet}},
	} {
		t.Run(row.about, func(t *testing.T) {
			task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
				n.Space, n.Property, n.Orderer = row.space, row.property, row.person
			})
			require.Equal(t, row.wantTitle, task.Title)
			require.Equal(t, "Testipolku 4", task.DeliveryAddress.Street)
		})
	}
}

func TestAReferenceThatIsCutShortToAProtectedNameIsTheNumberAlone(t *testing.T) {
	task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
		n.Orderer = notice.Person{Name: "Huoltokeskus Meri Mattilainen"}
		n.Payer = notice.Person{Name: "Matti Meri", Turvakielto: notice.TurvakieltoSet}
	})
	require.Equal(t, "48213 / Huoltokeskus Meri Mattilain", task.BillingReference)
	task = build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
		n.Orderer = notice.Person{Name: "Huoltoasemayhtiö Meri Mattilainen"}
		n.Payer = notice.Person{Name: "Matti Meri", Turvakielto: notice.TurvakieltoSet}
	})
	require.Equal(t, "48213", task.BillingReference)
}

func TestAPropertyCalledAfterAProtectedPersonIsNotNamed(t *testing.T) {
	for property, want := range map[string]string{
		"Virtanen":                "Hana vuotaa",
		"Virtasen talo":           "[poistettu] talo",
		"Omakotitalo Virtanen":    "Omakotitalo [poistettu]",
		"Virtanen A 12":           "[poistettu] A 12",
		"Kiinteistö Virtanen":     "Kiinteistö [poistettu]",
		"Virtanen / OKT":          "[poistettu] / OKT",
		"Matin mökki":             "[poistettu] mökki",
		"Asunto Oy Virtanen":      "Asunto Oy Virtanen",
		"As Oy Matinkulma":        "As Oy Matinkulma",
		"Taloyhtiö Virtanen":      "Taloyhtiö Virtanen",
		"Kiinteistö Testipolku 4": "Kiinteistö Testipolku 4",
	} {
		for _, role := range []string{"orderer", "reporter", "payer"} {
			task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
				n.Space, n.Property = "", property
				*map[string]*notice.Person{"orderer": &n.Orderer, "reporter": &n.Reporter, "payer": &n.Payer}[role] =
					notice.Person{Name: "Matti Virtanen, as 5", Turvakielto: notice.TurvakieltoSet}
			})
			require.Equal(t, want, task.Title, "%s: %s", role, property)
		}
	}
}

func TestAnUnprotectedNoticesTextIsSentAsItIs(t *testing.T) {
	const text = "V&auml;is&auml;nen &amp; Virta-\nnen, 040 1234567"
	task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) { n.Description = text })
	require.Contains(t, task.Description, "Kuvaus: "+text+"\n")
}

package notice_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
)

// crowdedNames are name fields in which offices wrote more than the name Matti Virtanen.
var crowdedNames = []string{
	"Matti Virtanen", "Matti Virtanen, as 5", "Virtanen Matti, as 5", "Virtanen Matti A 12", "Virtanen, Matti A12", "Matti Virtanen, 2. krs",
	"Matti Virtanen s. 1975", "Matti Virtanen 040 1234567", "Matti Virtanen, puh. 040 1234567", "Matti Virtanen 2",
	"Matti Virtanen / Asunto Oy Testi", "Matti Virtanen, As Oy Testipolku 4", "Virtanen Matti As Oy Testipolku 4",
	"Matti Virtanen c/o Testi Oy", "Matti Virtanen (isännöinti)", "Kiinteistö Matti Virtanen", "Matti Virtanen, Testipolku 4 A 12",
	"Matti Virtanen - Testi Oy", "Virtanen, Matti", "Matti Virtanen matti@example.fi", "Testi Oy / Matti Virtanen", "Tmi Matti Virtanen 3",
	"Maksaja: Matti Virtanen 2", "Asunto 5: Matti Virtanen", "Matti Virtanen & Testi Oy", "Testi Oy Matti Virtanen", "Matti Virtanen, liiketila 3", "Matti Virtanen & Maija Meri, as 5",
}

func TestAPersonIsFoundInANameFieldThatHoldsMore(t *testing.T) {
	for _, name := range crowdedNames {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, "Soita [poistettu] nyt. [poistettu] on kotona. [poistettu] avaa. Testipolku 4, as 5, A 12, 2. krs, Oy",
				additional(t, name, "Soita Matti Virtaselle nyt. Matti on kotona. Virtanen avaa. Testipolku 4, as 5, A 12, 2. krs, Oy"))
		})
	}
}

func TestAPhoneAndAnEmailInANameFieldAreCutOut(t *testing.T) {
	require.Equal(t, "Soita [poistettu] tai [poistettu]", additional(t, "Matti, 040 1234567, mv1975@example.fi", "Soita 040-123 4567 tai mv1975@example.fi"))
}

func TestAPersonWithMoreInTheNameFieldIsTheSameInAnotherRole(t *testing.T) {
	for _, name := range crowdedNames[:17] {
		t.Run(name, func(t *testing.T) {
			task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
				n.Orderer = notice.Person{Name: "Matti Virtanen"}
				n.Payer = notice.Person{Name: name, Turvakielto: true}
			})
			require.Contains(t, task.Description, "Tilaaja: "+masked)
			require.Equal(t, "48213", task.BillingReference)
			task = build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
				n.Reporter = notice.Person{Name: "Virtanen Matti", Turvakielto: true}
				n.ContactName, n.ContactPhone = name, "09 765 4321"
				n.Access = "Soita 097654321"
			})
			require.Contains(t, task.AdditionalInfo, "Sisäänpääsy: Soita [poistettu]\n")
		})
	}
}

func TestWhatSomebodyIsStaysInTexts(t *testing.T) {
	for _, name := range []string{"Matti Virtanen (asukas)", "Hr Matti Virtanen, omistaja", "Virtanen Matti kuolinpesä"} {
		require.Equal(t, "[poistettu]: vain asukas, omistaja tai kuolinpesä", additional(t, name, "Matti Virtanen: vain asukas, omistaja tai kuolinpesä"))
	}
	require.Equal(t, "[poistettu] avaa", additional(t, "Asukas Salainen", "Asukas avaa"))
	for _, name := range []string{"Jari Talo 3", "Talo Jari 3", "Jari Meri-Talo", "Jari Meri Talo", "Matti Meri ja Jari Talo"} {
		require.Equal(t, "Soita [poistettu] nyt", additional(t, name, "Soita Talolle nyt"), name)
	}
	require.Equal(t, "talo 3, koti", additional(t, "Jari Meri talo 3 (koti)", "talo 3, koti"))
}

func TestPeopleWhoShareAWordAreNotOnePerson(t *testing.T) {
	for _, row := range [][2]string{
		{"Matti Virtanen, as 5", "Maija Virtanen, as 5"}, {"Virtanen, Matti", "Virtanen, Maija"}, {"Matti Virtanen / Testi Oy", "Testi Oy"},
		{"Matti Virtanen c/o Testi Oy", "Testi Oy"}, {"Matti Virtanen, As Oy Testipolku 4", "As Oy Testipolku 4"},
		{"Matti Virtanen", "Maija Meri c/o Matti Virtanen"},
	} {
		task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
			n.Orderer, n.Payer = notice.Person{Name: row[1]}, notice.Person{Name: row[0], Turvakielto: true}
		})
		require.NotContains(t, task.Description, "Tilaaja: "+masked, row)
	}
}

func TestAnOrganisationsNameIsCutOutAsAWholeOnly(t *testing.T) {
	for name, text := range map[string]string{
		"Kiinteistö Oy Testi":      "Testi kiinteistössä",
		"Huolto Virtanen Oy":       "Virtanen huoltaa",
		"Virtanen & Pojat Oy":      "Virtanen ja pojat",
		"Kylpy ja Sisustus Oy":     "Kylpy, sisustus",
		"Helsingin kaupunki":       "Helsingin vesi, kaupunki",
		"Testin seurakunta":        "Testin sali",
		"Testi ry":                 "testi",
		"Kiinteistö Oy Vanha Talo": "vanha talo",
		"As Oy Testipolku 4":       "Testipolku 4",
		"Taloyhtiö Testipolku 4":   "Testipolku 4",
	} {
		require.Equal(t, text, additional(t, name, text), name)
		require.Equal(t, "Laskun saa [poistettu].", additional(t, name, "Laskun saa "+name+"."))
	}
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
					notice.Person{Name: "Matti Virtanen, as 5", Turvakielto: true}
			})
			require.Equal(t, want, task.Title, "%s: %s", role, property)
		}
	}
}

func TestShortNamesAreCutOutAlone(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"Ida Virtanen", "ida on kotona, soita idalle", "[poistettu] on kotona, soita [poistettu]"},
		{"Aho Pia", "aho avaa, pialla on avain, tulkaa pian", "[poistettu] avaa, [poistettu] on avain, tulkaa pian"},
		{"Elo Kim", "elolla tai kimille", "[poistettu] tai [poistettu]"},
		{"Bo Ek", "Bo on kotona, Ekille avain, ekat bo", "[poistettu] on kotona, [poistettu] avain, ekat bo"},
		{"On Li", "On kotona, ei ole Li", "On kotona, ei ole [poistettu]"},
		{"Kai Oja", "Kai on kotona, oja on tukossa, kai", "[poistettu] on kotona, oja on tukossa, kai"},
	} {
		require.Equal(t, row.want, additional(t, row.name, row.text), row.name)
	}
}

func TestANameIsFoundInItsSpellings(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"Łukasz Kowalski", "Lukasz, łukasz, ŁUKASZ", "[poistettu], [poistettu], [poistettu]"},
		{"Lukasz Kowalski", "Łukasz", "[poistettu]"},
		{"Søren Đurić", "Soren, Sören, Soeren, ja Duric", "[poistettu], [poistettu], [poistettu], ja [poistettu]"},
		{"Anna Müller", "Muellerin, Muller", "[poistettu], [poistettu]"},
		{"Anna Mueller", "Müllerille, MUELLER", "[poistettu], [poistettu]"},
		{"Äijö Mäkelä", "Aeijoe Maekelaen", "[poistettu]"},
		{"Sean O'Brien", "OʼBrien, O’Brien avaa, obrienille", "Oʼ[poistettu], O’[poistettu] avaa, [poistettu]"},
		{"Matti Väisänen", "V&auml;is&auml;nen, V&amp;auml;is&amp;auml;nen, V&#228;is&#xe4;nen & co", "[poistettu], [poistettu], [poistettu] & co"},
		{"Matti V&auml;is&auml;nen", "Väisänen", "[poistettu]"},
		{"Matti Virtanen", "Virta-\nnen, Virta-  \n nen ja ala- ja yläkerta", "[poistettu], [poistettu] ja ala- ja yläkerta"},
		{"Matti Virtanen", "MattiVirtaselle, mvirtanen@toinen.fi, virtanenm", "[poistettu], [poistettu]@toinen.fi, [poistettu]"},
	} {
		require.Equal(t, row.want, additional(t, row.name, row.text), row.name)
	}
	task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
		n.Orderer, n.Payer = notice.Person{Name: "Mueller Jörg"}, notice.Person{Name: "Jörg Müller", Turvakielto: true}
	})
	require.Contains(t, task.Description, "Tilaaja: "+masked)
}

func TestAnUnprotectedNoticesTextIsSentAsItIs(t *testing.T) {
	const text = "V&auml;is&auml;nen &amp; Virta-\nnen, 040 1234567"
	task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) { n.Description = text })
	require.Contains(t, task.Description, "Kuvaus: "+text+"\n")
}

// additional is what becomes of a text in the notice of a protected payer of that name.
func additional(t *testing.T, name, text string) string {
	task := build(t, func(n *notice.Notice, _ *notice.TaskOptions) {
		n.Additional, n.Payer = text, notice.Person{Name: name, Turvakielto: true}
	})
	masked, _, _ := strings.Cut(strings.TrimPrefix(task.AdditionalInfo, "Lisätiedot: "), "\nSisäänpääsy")
	return masked
}

package mask_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/mask"
)

// cut is what becomes of a text where somebody of that name is protected.
func cut(name, text string) string { return mask.New(nil, mask.Person{Name: name}).Text(text) }

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
				cut(name, "Soita Matti Virtaselle nyt. Matti on kotona. Virtanen avaa. Testipolku 4, as 5, A 12, 2. krs, Oy"))
		})
	}
}

func TestAPhoneAndAnEmailInANameFieldAreCutOut(t *testing.T) {
	require.Equal(t, "Soita [poistettu] tai [poistettu]", cut("Matti, 040 1234567, mv1975@example.fi", "Soita 040-123 4567 tai mv1975@example.fi"))
}

func TestAPersonWithMoreInTheNameFieldIsTheSameInAnotherRecord(t *testing.T) {
	for _, name := range crowdedNames[:17] {
		require.True(t, mask.Same(mask.Person{Name: "Matti Virtanen"}, mask.Person{Name: name}), name)
		require.True(t, mask.Same(mask.Person{Name: name, Phone: "09 765 4321"}, mask.Person{Name: "Virtanen Matti"}), name)
	}
}

func TestWhatSomebodyIsStaysInTexts(t *testing.T) {
	for _, name := range []string{"Matti Virtanen (asukas)", "Hr Matti Virtanen, omistaja", "Virtanen Matti kuolinpesä"} {
		require.Equal(t, "[poistettu]: vain asukas, omistaja tai kuolinpesä", cut(name, "Matti Virtanen: vain asukas, omistaja tai kuolinpesä"))
	}
	require.Equal(t, "[poistettu] avaa", cut("Salainen Asukas", "Asukas avaa"))
	for _, name := range []string{"Jari Talo 3", "Talo Jari 3", "Jari Meri-Talo", "Jari Meri Talo", "Matti Meri ja Jari Talo"} {
		require.Equal(t, "Soita [poistettu] nyt", cut(name, "Soita Talolle nyt"), name)
	}
	require.Equal(t, "talo 3, koti", cut("Jari Meri talo 3 (koti)", "talo 3, koti"))
}

func TestPeopleWhoShareAWordAreNotOnePerson(t *testing.T) {
	for _, row := range [][2]string{
		{"Matti Virtanen, as 5", "Maija Virtanen, as 5"}, {"Virtanen, Matti", "Virtanen, Maija"}, {"Matti Virtanen / Testi Oy", "Testi Oy"},
		{"Matti Virtanen c/o Testi Oy", "Testi Oy"}, {"Matti Virtanen, As Oy Testipolku 4", "As Oy Testipolku 4"},
		{"Matti Virtanen", "Maija Meri c/o Matti Virtanen"},
	} {
		require.False(t, mask.Same(mask.Person{Name: row[1]}, mask.Person{Name: row[0]}), row)
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
		require.Equal(t, text, cut(name, text), name)
		require.Equal(t, "Laskun saa [poistettu].", cut(name, "Laskun saa "+name+"."))
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
		require.Equal(t, row.want, cut(row.name, row.text), row.name)
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
		require.Equal(t, row.want, cut(row.name, row.text), row.name)
	}
	require.True(t, mask.Same(mask.Person{Name: "Mueller Jörg"}, mask.Person{Name: "Jörg Müller"}))
}

func TestNamesOfManyKindsAreCutOut(t *testing.T) {
	for _, row := range []struct{ about, name, text, want string }{
		{"short words that are common ones only with a capital", "Ari Oja", "Oja on ojan luona, Ari", "[poistettu] on ojan luona, [poistettu]"},
		{"short words as a full name", "Li Bo", "li bo ja Bo Li, ei Bo eikä bo", "[poistettu] ja [poistettu], ei [poistettu] eikä bo"},
		{"short words as a bent full name", "Li Bo", "Li Bolle, Bon Lille", "[poistettu], [poistettu]"},
		{"double first name", "Ulla-Maija Mäki", "Ulla Maija Mäelle. Mäellä on Ullamaija", "[poistettu]. [poistettu] on [poistettu]"},
		{"gradation", "Matti Lahti", "Matin ja Lahden avain, lahdella", "[poistettu] ja [poistettu] avain, [poistettu]"},
		{"nen", "Maija Virtanen", "Virtasten koira, Virtasta", "[poistettu] koira, [poistettu]"},
		{"a middle name left out", "Matti Juhani Korhonen", "Matti Korhonen", "[poistettu]"},
		{"several people in a field", "Matti Meri ja Maija Meri (ent. Aalto)", "Maija Meri, Aallon", "[poistettu], [poistettu]"},
		{"foreign name", "John Smith", "Smithille, Smith:n, Johnin", "[poistettu], [poistettu]:n, [poistettu]"},
		{"a sole trader is a person", "Tmi Matti Meri", "Matti Meri (oma tmi)", "[poistettu] (oma tmi)"},
		{"company: the whole name only", "Mallikatu Vuokraus Oy", "Mallikatu, vuokraus: MALLIKATU VUOKRAUS OY", "Mallikatu, vuokraus: [poistettu]"},
		{"housing company: the whole name only", "Asunto Oy Salapolku 9", "Asunto, Salapolku: asunto oy  salapolku 9", "Asunto, Salapolku: [poistettu]"},
		{"apostrophe", "Sean O'Brien", "Brien, OBrien, O´Brienin", "[poistettu], [poistettu], O´[poistettu]"},
		{"no letters", "-", "a - b", "a - b"},
	} {
		t.Run(row.about, func(t *testing.T) {
			require.Equal(t, row.want, cut(row.name, row.text))
		})
	}
}

// The register writes the last name first and all first names behind it; people write one first name to the last name.
func TestAnyTwoWordsOfANameWrittenAsOneAreFound(t *testing.T) {
	for _, name := range []string{"Virtanen Anna Liisa", "Anna Liisa Virtanen", "Virtanen Anna-Liisa", "Anna-Liisa Virtanen", "Virtanen, Anna Liisa"} {
		for _, text := range []string{"AnnaVirtanen", "annavirtanen", "virtanenanna", "LiisaVirtaselle", "avirtanen", "lvirtanen", "virtanena"} {
			require.Equal(t, "Avaa [poistettu]@toinen.fi ovi", cut(name, "Avaa "+text+"@toinen.fi ovi"), "%s: %s", name, text)
		}
	}
	require.Equal(t, "Avaa [poistettu], [poistettu] ovi", cut("Anna Virtanen-Mäkelä", "Avaa annavirtanen, amäkelä ovi"))
}

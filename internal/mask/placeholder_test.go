package mask_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/mask"
)

// placeholders are what offices write where a name is missing.
var placeholders = []string{
	"Asukas", "ASUKAS", "asukas 5", "Asukas A 12", "Tyhjä asunto", "Tyhja asunto", "Isännöitsijä", "Huoltomies", "Ei tiedossa", "ei nimeä",
	"Hallituksen puheenjohtaja", "Hallituksen pj", "Vuokralainen", "Uusi asukas", "Entinen vuokralainen", "Taloyhtiön hallitus", "Huolto",
	"Tuntematon", "Omistaja / asukas", "Asukas (ei tiedossa)", "N.N.", "NN", "n/a", "xxx", "-", "--", "?", ".", "Isännöinti", "Naapuri",
	"Ilmoittaja", "Tilaaja", "Talonmies",
}

func TestAPlaceholderIsNobody(t *testing.T) {
	const text = "Asukas ja isännöitsijä sopivat: huoltomies käy, asunto on tyhjä. Hallituksen puheenjohtaja ei ole paikalla, numero ei tiedossa? Huolto avaa - n. klo 9."
	for _, name := range placeholders {
		p := mask.Person{Name: name, Protected: true}
		require.False(t, p.HasData(), name)
		require.Equal(t, text, mask.New(nil, p).Text(text), name)
		require.Equal(t, []bool{false, false}, mask.Protected(p, mask.Person{Name: "Matti Meri"}), name)
		require.False(t, mask.Same(p, mask.Person{Name: name, Phone: "040 1234567"}), name)
		p.Phone, p.Email = "040 1234567", "meri@example.fi"
		require.True(t, p.HasData(), name)
		require.Equal(t, "Soita [poistettu] tai [poistettu], asukas", mask.New(nil, p).Text("Soita 0401234567 tai meri@example.fi, asukas"), name)
	}
	for _, p := range []mask.Person{
		{Email: "ei sähköpostia"}, {Phone: "ei puhelinta", Phone2: "-"}, {Street: "Osoite puuttuu", City: "ei tiedossa"}, {Email: "?"},
	} {
		require.False(t, p.HasData(), p)
	}
	for _, p := range []mask.Person{{Name: "X"}, {Phone2: "1"}, {Email: "virtanen"}, {Street: "Katu 1"}, {PostalCode: "00100"}, {City: "Turku"}, {Name: "4"},
		{Name: "Ole"}, {Name: "Mu U"}, {Name: "Na"}, {Name: "Vapaa"}, {Name: "Asukas 040 1234567"}, {Phone: "naapuri 112"}, {Phone: "puhelin 0401234567"}, {Street: "Asunto 5"}, {Name: "Asukas m@example.fi"},
	} {
		require.True(t, p.HasData(), p)
	}
}

func TestAPhoneBesideAPlaceholderIsSomebodys(t *testing.T) {
	for _, p := range []mask.Person{{Name: "Asukas 040 1234567"}, {Name: "Asukas, p. 0401234567"}, {Phone: "naapuri 040-1234567"}} {
		require.Equal(t, "Asukas: [poistettu]", mask.New(nil, p).Text("Asukas: 0401234567"))
		require.True(t, mask.Same(p, mask.Person{Phone: "0401234567"}) || p.Phone == "", p)
	}
}

func TestARoleBesideANameIsNoName(t *testing.T) {
	const text = "Asukas avaa, isännöitsijä Virtasen numero. Puheenjohtaja Matti, uusi vuokralainen ja omistaja, hallituksen jäsen"
	const want = "Asukas avaa, isännöitsijä [poistettu] numero. Puheenjohtaja [poistettu], uusi vuokralainen ja omistaja, hallituksen jäsen"
	for _, name := range []string{
		"Asukas Matti Virtanen", "Isännöitsijä Matti Virtanen", "Hallituksen puheenjohtaja Virtanen Matti", "Matti Virtanen asukas",
		"Matti Virtanen Isännöitsijä", "Matti Virtanen, hallituksen jäsen", "Uusi asukas: Virtanen, Matti", "Asukas / Matti Virtanen",
		"Entinen vuokralainen Matti Virtanen", "Matti Virtanen (omistaja)", "Matti Virtanen hallituksen puheenjohtaja", "Ei tiedossa / Virtanen Matti",
	} {
		require.Equal(t, want, cut(name, text), name)
		require.True(t, mask.Same(mask.Person{Name: name}, mask.Person{Name: "Virtanen Matti"}), name)
	}
	require.Equal(t, "Asukas avaa [poistettu] oven", cut("Asukas Virtanen", "Asukas avaa Virtasen oven"))
}

func TestAnEmailFieldWithoutAnEmailCutsNothing(t *testing.T) {
	for _, field := range []string{"ei sähköpostia", "toimisto", "soita mieluummin", "www.example.fi"} {
		const text = "Ei sähköpostia: soita mieluummin, toimisto www.example.fi"
		require.Equal(t, text, mask.New(nil, mask.Person{Email: field}).Text(text), field)
	}
	require.Equal(t, "[poistettu] avaa, toimisto kiinni", mask.New(nil, mask.Person{Email: `"Matti Virtanen" <m@example.fi>`}).Text("Virtanen avaa, toimisto kiinni"))
}

func TestAnOrganisationsNameIsNotCutWordByWord(t *testing.T) {
	for name, text := range map[string]string{
		"Helsingin kaupungin asunnot":          "Helsingin asunnot, kaupungin vesi",
		"Helsingin kaupungin asunnot Oy":       "Helsingin asunnot, kaupungin vesi",
		"Espoon kaupungin vuokra-asunnot":      "Espoon vuokra",
		"Tampereen seurakuntayhtymän kodit":    "Tampereen kodit",
		"Nuorisosäätiö":                        "Nuoriso, säätiö",
		"Turun kaupungin tilapalvelut":         "Turun palvelut",
		"Länsi-Uudenmaan hyvinvointialue":      "Länsi on hyvinvointia",
		"Setlementtiasunnot":                   "asunnot",
		"Metsäkylän asukasyhdistys":            "metsäkylän raitti",
		"Isännöintitoimisto Testi Oy / Huolto": "testi, huolto ja toimisto",
	} {
		require.Equal(t, text, cut(name, text), name)
		require.NotContains(t, cut(name, "Laskun saa "+name+"."), name)
	}
	require.Equal(t, "[poistettu] avaa, kaupungin ovi", cut("Espoon kaupungin isännöitsijä Matti Virtanen", "Virtanen avaa, kaupungin ovi"))
	require.Equal(t, "[poistettu] avaa, kaupungin ovi", cut("Matti Virtanen, Helsingin kaupungin asunnot", "Virtanen avaa, kaupungin ovi"))
}

package mask_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAFinnishNameIsFoundInItsForms(t *testing.T) {
	for name, forms := range map[string]string{
		"Kurki":      "Kurjen Kurjelle Kurkea Kurkien Kurjille kurjet",
		"Särki":      "Särjelle Särjen Särkeen",
		"Kärki":      "Kärjen",
		"Jälki":      "Jäljen Jäljelle",
		"Kylki":      "Kyljen",
		"Uusimies":   "Uusimiehen Uusimiehelle Uusimiestä Uusimiehille",
		"Länsi":      "Lännen Lännelle Länteen Länttä Länsien",
		"Kynsi":      "Kynnen",
		"Kansi":      "Kannen Kannelle",
		"Varsi":      "Varren",
		"Susi":       "Suden Sutta Sudelle",
		"Ranta":      "Rannan Rannoille Rantojen Rannoilla Rantoja",
		"Virta":      "Virran Virroille Virtojen",
		"Pekka":      "Pekan Pekoille Pekalle",
		"Heinälä":    "Heinälille Heinälöiden Heinälän",
		"Suku":       "Suvun Suvulle",
		"Mantere":    "Mantereen Mantereelle",
		"Manner":     "Mantereen",
		"Ruis":       "Rukiin Rukiille",
		"Taival":     "Taipaleen Taipaleelle",
		"Rae":        "Raen",
		"Sarae":      "Sarakeen",
		"Hylje":      "Hylkeen Hylkeelle",
		"Kevät":      "Kevään Keväälle Kevättä",
		"Sydän":      "Sydämen Sydämelle",
		"Ydin":       "Ytimen",
		"Morsian":    "Morsiamen",
		"Kulkijatar": "Kulkijattaren Kulkijattarelle",
		"Poika":      "Pojan Pojalle",
		"Markus":     "Markuksen Markuksille",
		"Asukas":     "Asukkaan Asukkaille Asukasta",
		"Virtanen":   "Virtasen Virtasille Virtasia Virtaselta",
		"Koski":      "Kosken Koskelle",
		"Niemi":      "Niemen Nientä Niemeä",
		"Liemi":      "Lientä",
		"Lumi":       "Lumen Lunta",
		"Ahven":      "Ahvenen Ahvenelle Ahventa Ahvenille Ahvenet",
		"Siemen":     "Siemenelle Siemenellä Siementä",
	} {
		t.Run(name, func(t *testing.T) {
			for _, form := range append(strings.Fields(forms), name) {
				require.Equal(t, "Avaa [poistettu] ovi", cut("Testi "+name, "Avaa "+form+" ovi"), form)
			}
		})
	}
}

func TestOtherWordsAreNoFormsOfAName(t *testing.T) {
	for name, text := range map[string]string{
		"Matti Virtanen": "Virta katkesi, matka jatkuu, mattojen alta vesi valuu lattialle",
		"Kim Tan":        "Tänään sama vika kuin taannoin, kimmoisa matto",
		"Pia Aho":        "Tulen pian ja hoidan ahkerasti",
		"Eki Oja":        "Ei ole ojan puolella, ekstra",
		"Aki Ranta":      "Aina akun vika, akkuna rikki, rantu",
		"Ove Susi":       "Oven lukko, ovet, ovi on auki",
	} {
		require.Equal(t, strings.ToLower(text[:1])+text[1:], cut(name, strings.ToLower(text[:1])+text[1:]))
	}
}

func TestAColloquialStemIsAName(t *testing.T) {
	for text, want := range map[string]string{
		"Virtas Maija avaa":             "[poistettu] avaa",
		"Soita Virtaksen Maijalle":      "Soita Virtaksen [poistettu]",
		"virtas, Virtas-Maija":          "[poistettu], [poistettu]",
		"Maija Virtas, 2. krs":          "[poistettu], 2. krs",
		"Virta katkesi, ylös ja alas":   "Virta katkesi, ylös ja alas",
		"Soittaa Virtas Maijan numeron": "Soittaa [poistettu] numeron",
	} {
		require.Equal(t, want, cut("Virtanen, Maija", text))
	}
	require.Equal(t, "[poistettu] avaa, ylös", cut("Ylönen Matti", "Ylös Matti avaa, ylös"))
}

func TestDotsOfATextAreNeverThoseOfAnotherWord(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"Lahti", "Lähti Lahteen, lähden lahdelta", "Lähti [poistettu], lähden [poistettu]"},
		{"Mika", "mikä, Mikalle, mikään", "mikä, [poistettu], mikään"},
		{"Koski", "koska Koskea, koskaan", "koska [poistettu], koskaan"},
		{"Olli", "olla Ollin, ollut", "olla [poistettu], ollut"},
		{"Sami", "sama Samin, samalla", "sama [poistettu], samalla"},
		{"Kati", "katon Katin, kätensä", "katon [poistettu], kätensä"},
		{"Päivi", "päivän Päivin, päivää", "päivän [poistettu], päivää"},
		{"Mäkinen", "Makinen, Mäkisen, Makisen", "[poistettu], [poistettu], [poistettu]"},
		{"Makinen", "Makinen, Mäkinen", "[poistettu], Mäkinen"},
		{"Hämäläinen", "Hamalainen, Hamäläiselle", "[poistettu], [poistettu]"},
	} {
		require.Equal(t, row.want, cut(row.name, row.text), row.name)
	}
}

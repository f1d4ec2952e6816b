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

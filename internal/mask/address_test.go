package mask_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/mask"
)

func TestAStreetIsFoundInItsFormsAndWithoutItsNumber(t *testing.T) {
	hidden := mask.New([]string{"Asunto Oy Testipolku 4 A 12", "Testipolku 4 A 12", "00100 Helsinki"},
		mask.Person{Street: "Piilotie 3 B 5", PostalCode: "33100", City: "Tampere"})
	for _, row := range []struct{ about, text, want string }{
		{"with its flat", "Asuu nykyisin Piilotiellä 3 B 5", "Asuu nykyisin [poistettu]"},
		{"with its number", "Osoite on Piilotien 3:ssa", "Osoite on [poistettu]:ssa"},
		{"without its number", "Muutti Piilotielle", "Muutti [poistettu]"},
		{"with the city", "Piilotie, 33100 Tampere", "[poistettu], [poistettu]"},
		{"in the city", "33100 Tampereella, Piilotieltä", "[poistettu], [poistettu]"},
		{"in small letters", "piilotien päässä, piilotiet", "[poistettu] päässä, [poistettu]"},
		{"abbreviated", "Piilot. 3 B", "[poistettu] B"},
		{"as two words", "Piilo tiellä 3, piilo-tie 3, Piilo tielle", "[poistettu], [poistettu], [poistettu]"},
		{"before another number", "Piilotie, 8. kerros; piilotie 2. krs", "[poistettu], 8. kerros; piilotie 2. krs"},
		{"another house of the street", "Naapuri asuu Piilotie 17:ssä", "Naapuri asuu Piilotie 17:ssä"},
		{"with markup and encoded", "Piilo<b>tie</b> 3, Piilotie%203", "[poistettu], [poistettu]"},
		{"the work site", "Testipolulla 4, Testipolun pihassa, Testi polku 4, 00100 Helsinki", "Testipolulla 4, Testipolun pihassa, Testi polku 4, 00100 Helsinki"},
	} {
		t.Run(row.about, func(t *testing.T) {
			require.Equal(t, row.want, hidden.Text(row.text))
			require.Equal(t, row.want, hidden.Contact(row.text))
		})
	}
}

func TestStreetsOfManyKindsAreCutOut(t *testing.T) {
	for _, row := range []struct{ street, text, want string }{
		{"Salakatu 7", "Salakadulla, salakatua 7", "[poistettu], [poistettu]"},
		{"Vanha Piilotie 3", "Vanhalla Piilotiellä, vanha tie", "[poistettu], vanha tie"},
		{"Piilopolku 3 A", "Piilopolulle, polku", "[poistettu], polku"},
		{"Metsäkuja 1", "Metsäkujan päässä", "[poistettu] päässä"},
		{"Öljyrinne 2", "Öljyrinteellä, Oljyrinne, öljy rinteessä", "[poistettu], [poistettu], öljy rinteessä"},
		{"Gömmavägen 3", "Gömmavägenillä", "[poistettu]"},
		{"Mäkelä", "Mäkelässä, mäellä", "[poistettu], mäellä"},
		{"Piilotie 3 B 5, 33100 Tampere", "Piilotiellä, 33100 Tampere", "[poistettu], [poistettu]"},
		{"c/o Meri, Piilotie 3", "Piilotie 3", "[poistettu]"},
		{"Katu 1", "Katu on liukas, katu 1", "Katu on liukas, [poistettu]"},
		{"Rinne", "Rinne on liukas", "Rinne on liukas"},
		{"Ei tiedossa", "Osoite ei tiedossa", "Osoite ei tiedossa"},
		{"Piilotie 2-4", "Piilotien 2–4 piha", "[poistettu] piha"},
	} {
		require.Equal(t, row.want, mask.New(nil, mask.Person{Street: row.street}).Text(row.text), row.street)
	}
}

func TestTheWorkSitesStreetStaysBesideAnotherHouseOfIt(t *testing.T) {
	hidden := mask.New([]string{"Testipolku 4"}, mask.Person{Street: "Testipolku 9 B 1"})
	require.Equal(t, "Testipolulla 4 ja Testipolulla, asuu [poistettu]", hidden.Text("Testipolulla 4 ja Testipolulla, asuu Testipolku 9 B 1"))
}

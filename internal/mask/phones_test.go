package mask_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/mask"
)

// crowdedFields are phone fields with more than one plain number, with the numbers that are in them.
var crowdedFields = []struct {
	field   string
	numbers []string
}{
	{"+358 40 123 4567 +358 50 999 8888", []string{"0401234567", "+358 50 999 8888"}},
	{"+358401234567+358509998888", []string{"0401234567", "050 999 8888"}},
	{"040 123 4567 050 999 8888", []string{"040-123 4567", "0509998888"}},
	{"(040) 1234567 (050) 9998888", []string{"0401234567", "(050) 999 88 88"}},
	{"040 123 4567 - 050 999 8888", []string{"0401234567", "0509998888"}},
	{"040 123 4567 & 050 999 8888", []string{"0401234567", "0509998888"}},
	{"040 123 4567 + 050 999 8888", []string{"0401234567", "0509998888"}},
	{"040 123 4567+050 999 8888", []string{"0401234567", "0509998888"}},
	{"040 123 4567=050 999 8888", []string{"0401234567", "0509998888"}},
	{"040 123 4567:050 999 8888", []string{"0401234567", "0509998888"}},
	{"040 123 4567.050 999 8888", []string{"0401234567", "0509998888"}},
	{"040.123.4567.050.999.8888", []string{"0401234567", "0509998888"}},
	{"040 123 4567_050 999 8888", []string{"0401234567", "0509998888"}},
	{"040 123 4567\\050 999 8888", []string{"0401234567", "0509998888"}},
	{"040 123 4567'050 999 8888", []string{"0401234567", "0509998888"}},
	{"358 40 123 4567 358 50 999 8888", []string{"0401234567", "0509998888"}},
	{"04012345670509998888", []string{"0401234567", "0509998888"}},
	{"0401234567 00358509998888 0046701234567", []string{"0401234567", "0509998888", "+46 70 123 45 67"}},
	{"09 123 456 040 000 0666 050 999 8888", []string{"09123456", "0400000666", "0509998888"}},
	{"0401234567 (5)", []string{"040 123 4567"}},
	{"09 12345 6 (12)", []string{"09123456"}},
	{"040 1234567 / 5123", []string{"0401234567"}},
	{"040 1234567 #12", []string{"0401234567"}},
	{"040 1234567*2", []string{"0401234567"}},
	{"040 1234567 8-16", []string{"0401234567", "040 123 4567 8 16"}},
	{"040 1234567 1", []string{"0401234567"}},
	{"٠٤٠ ١٢٣ ٤٥٦٧", []string{"0401234567", "٠٤٠١٢٣٤٥٦٧"}},
}

func TestEveryNumberOfACrowdedPhoneFieldIsCutOut(t *testing.T) {
	for _, row := range crowdedFields {
		t.Run(row.field, func(t *testing.T) {
			access := func(number string) string {
				return mask.New(nil, mask.Person{Phone: row.field}).Text("Soita " + number + " iltaisin, ovi 12, huolto 040 000 0667 tai 040 123 0000")
			}
			for _, number := range row.numbers {
				require.Equal(t, "Soita [poistettu] iltaisin, ovi 12, huolto 040 000 0667 tai 040 123 0000", access(number), number)
			}
			before, _, _ := strings.Cut(access(row.field), " iltaisin")
			require.False(t, strings.ContainsFunc(before, unicode.IsDigit), before)
		})
	}
}

func TestWhoSharesANumberOfACrowdedFieldIsOnePerson(t *testing.T) {
	for _, row := range crowdedFields {
		for _, number := range row.numbers {
			require.True(t, mask.Same(mask.Person{Name: "Matti", Phone2: number}, mask.Person{Name: "Maija", Phone: row.field}), "%s: %s", row.field, number)
		}
	}
}

func TestAShortNumberIsCutOutInGroupsToo(t *testing.T) {
	require.Equal(t, "Soita [poistettu], [poistettu] tai [poistettu]; ovi 12, koodi 345",
		mask.New(nil, mask.Person{Phone: "12345"}).Text("Soita 12 345, 123 45 tai 012345; ovi 12, koodi 345"))
}

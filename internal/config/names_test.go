package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNamesMatchWhenOnlyTheirFormDiffers(t *testing.T) {
	for _, row := range []struct {
		a, b string
		want bool
	}{
		{"Esimerkki Isännöinti Oy", "Esimerkki Isännöinti Oy", true},
		{"Esimerkki Isännöinti Oy", "  esimerkki   ISÄNNÖINTI oy ", true},
		{"Esimerkki\u00a0Isännöinti Oy", "Esimerkki Isännöinti Oy", true},
		{"Esimerkki Isa\u0308nno\u0308inti Oy", "Esimerkki Isännöinti Oy", true},
		{"Esimerkki Isännöinti Oy", "Oy Esimerkki Isännöinti Ab", true},
		{"Esimerkki Isännöinti Oy", "Esimerkki Isännöinti", true},
		{"Esimerkki Isännöinti Oy", "Esimerkki Isännöinti Oyj", true},
		{"Esimerkki Isännöinti Oy", "Esimerkki Isännöinti Oy.", true},
		{"Esimerkki Isännöinti Oy", "Esimerkki Isännöinti O.Y.", true},
		{"Esimerkki Isännöinti Oy", "Esimerkki Isännöinti Osakeyhtiö", true},
		{"Exempel Ab", "Exempel Abp", true},
		{"Exempel Oy Ab", "Ab Exempel Oy", true},
		{"Esimerkki, Oy", "Esimerkki Oy", true},
		{"J. Virtanen Oy", "J Virtanen Oy", true},
		{"J.Virtanen Oy", "J.Virtanen", true},
		{"J.Virtanen Oy", "J Virtanen Oy", false},
		{"Testi.Fi Oy", "testi.fi", true},
		{"Testi.Fi Oy", "Testi Fi", false},
		{"Testi.Fi Oy", "Testi Fi Oy", false},
		{"A.B. Isännöinti Oy", "Isännöinti Oy", false},
		{"A.B. Isännöinti Oy", "a.b. isännöinti", true},
		{"A.B. Isännöinti", "Isännöinti Oy", false},
		{"O.Y. Isännöinti Ab", "Isännöinti Ab", false},
		{"Isännöinti A.B. Oy", "Isännöinti Oy", false},
		{"Testi A.B. Isännöinti Oy", "Testi Isännöinti Oy", false},
		{"Exempel A.B.", "Exempel Oy", true},
		{"Exempel, O.Y.J", "Exempel oyj", true},
		{"Oy Exempel Ab", "Exempel", true},
		{"Oy Exempel A.B.", "Exempel Oy", true},
		{"Exempel . Oy", "Exempel , Oy", true},
		{".", ".", false},
		{"Esimerkki Oy", "Esimerkin Oy", false},
		{"Esimerkki Isännöinti Oy", "Isännöinti Esimerkki Oy", false},
		{"Esimerkki Etelä Oy", "Esimerkki Etela Oy", false},
		{"Asunto Oy Testipolku 4", "Asunto Testipolku 4", false},
		{"Esimerkki", "Esimerkki 2", false},
		{"Oyster Oy", "ster Oy", false},
		{"Oy", "Ab", false},
		{"Oy", "Oy", true},
		{"", "", false},
		{" ", "Oy", false},
	} {
		require.Equal(t, row.want, namesMatch(row.a, row.b), "%q and %q", row.a, row.b)
		require.Equal(t, row.want, namesMatch(row.b, row.a), "%q and %q", row.b, row.a)
	}
}

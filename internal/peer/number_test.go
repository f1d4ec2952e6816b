package peer

import (
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnIntegerIsReadInEveryWayOfWritingIt(t *testing.T) {
	for raw, want := range map[string]int64{
		`4711`: 4711, `4711.0`: 4711, `4711.000`: 4711, `4711e0`: 4711, `4711E+0`: 4711, `4.711e3`: 4711, `4.711E+3`: 4711, `471100e-2`: 4711, `0.4711e4`: 4711, `4711000.0e-3`: 4711,
		`0`: 0, `0.0`: 0, `0e99`: 0, `-0`: 0, `0.000e-5`: 0, `-4711`: -4711, `-4.711e3`: -4711, `10`: 10, `1e1`: 10, `100000`: 100000,
		`9223372036854775807`: math.MaxInt64, `9223372036854775807.0`: math.MaxInt64, `-9223372036854775808`: math.MinInt64, `9.223372036854775807e18`: math.MaxInt64,
		`9007199254740993`: 9007199254740993, `9007199254740993.0`: 9007199254740993, // a float64 would make 9007199254740992 of it
		`"4711"`: 4711, `" 4711 "`: 4711, `"4711.0"`: 4711, `"04711"`: 4711,
	} {
		got, ok := parseInteger([]byte(raw))
		require.True(t, ok, raw)
		require.Equal(t, want, got, raw)
	}
}

func TestWhatIsNoIntegerIsNeverAnotherNumber(t *testing.T) {
	for _, raw := range []string{
		`4711.5`, `4711.0000000000000001`, `47115e-1`, `1e-1`, `9223372036854775808`, `-9223372036854775809`, `1e19`, `1e400`, `1e99999999999999999999`, `1e-99999999999999999999`,
		`0.1e-9223372036854775808`, `10e9223372036854775807`, `99999999999999999999`, `"4711x"`, `"+4711"`, `"0x10"`, `"4 711"`, `"4711,0"`, `"4711."`, `".5"`, `"4711e"`, `"1e5e5"`, `"--1"`, `"-"`, `"e"`, `"."`,
		`"NaN"`, `"Infinity"`, `""`, `" "`, `true`, `null`, `{}`, `[]`, `[4711]`, `"\ud83d"`, ``, `"`, `"४७११"`,
	} {
		got, ok := parseInteger([]byte(raw))
		require.False(t, ok, raw)
		require.Zero(t, got, raw)
	}
}

func TestANumberIsATextOfItsDigits(t *testing.T) {
	for raw, want := range map[string]string{
		`" a\n "`: " a\n ", `""`: "", `5`: "5", `5.0`: "5", `3.58401234567e11`: "358401234567", `1.5`: "1.5", `-2`: "-2", `1e400`: "1e400",
	} {
		got, ok := parseText([]byte(raw))
		require.True(t, ok, raw)
		require.Equal(t, want, got, raw)
	}
	for _, raw := range []string{``, `null`, `true`, `{}`, `["a"]`, `"a`} {
		_, ok := parseText([]byte(raw))
		require.False(t, ok, raw)
	}
}

func TestATotalThatTheRowsContradictIsNoTotal(t *testing.T) {
	said := func(n int64) *int64 { return &n }
	require.Equal(t, 250, TotalOf(said(250), 100, 100))
	require.Equal(t, 200, TotalOf(said(200), 100, 100))
	require.Equal(t, 30, TotalOf(said(30), 100, 0), "rows may have left before a page that is empty")
	require.Equal(t, NoTotal, TotalOf(said(199), 100, 100))
	require.Equal(t, NoTotal, TotalOf(said(0), 0, 1))
	require.Equal(t, NoTotal, TotalOf(said(-1), 0, 0))
	require.Equal(t, NoTotal, TotalOf(nil, 0, 0))
}

// FuzzParseInteger compares with exact arithmetic.
func FuzzParseInteger(f *testing.F) {
	for _, seed := range []string{`4711`, `4711.0`, `4.711e3`, `-0`, `471100e-2`, `9223372036854775808`, `1e400`, `" 5 "`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, ok := parseInteger([]byte(raw))
		if !json.Valid([]byte(raw)) || strings.HasPrefix(strings.TrimSpace(raw), `"`) || raw != strings.TrimSpace(raw) {
			return
		}
		_, exponent, _ := strings.Cut(strings.ToLower(raw), "e")
		if power, err := strconv.Atoi(exponent); exponent != "" && (err != nil || power > 1000 || power < -1000) {
			return // more than exact arithmetic should be asked for
		}
		exact, isNumber := new(big.Rat).SetString(raw)
		whole := isNumber && exact.IsInt() && exact.Num().IsInt64()
		require.Equal(t, whole, ok, raw)
		if ok {
			require.Equal(t, exact.Num().Int64(), got, raw)
		}
	})
}

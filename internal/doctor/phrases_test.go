package doctor

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/customers"
	"tampuuri-hillava/internal/customers/customerstest"
	"tampuuri-hillava/internal/runs"
)

// spoken finds, in this package's code, what each call of a function says, and how many values go into it.
func spoken(t *testing.T, function string) map[string]int {
	t.Helper()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	found := map[string]int{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		ast.Inspect(parsed, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok {
				return true
			}
			if called, ok := call.Fun.(*ast.Ident); !ok || called.Name != function {
				return true
			}
			literal, ok := call.Args[0].(*ast.BasicLit)
			require.True(t, ok, "%s: %s takes its words as they stand, or nobody can find the Finnish of them", file, function)
			words, err := strconv.Unquote(literal.Value)
			require.NoError(t, err)
			found[words] = len(call.Args) - 1
			return true
		})
	}
	require.NotEmpty(t, found)
	return found
}

var (
	verb   = regexp.MustCompile(`%[0-9]*[a-z]`)
	finnic = regexp.MustCompile(`[A-Za-zÅÄÖåäö]`)
)

// TestEverythingThatIsSaidHasItsFinnish also finds what nobody says any more.
func TestEverythingThatIsSaidHasItsFinnish(t *testing.T) {
	for function, table := range map[string][]phrase{"say": phrases, "named": checks} {
		said := spoken(t, function)
		for _, one := range table {
			values, used := said[one.english]
			require.True(t, used, "nobody says %q", one.english)
			delete(said, one.english)
			require.Len(t, verb.FindAllString(one.english, -1), values, one.english)
		}
		require.Empty(t, said, "they are not in phrases.go")
	}
}

func TestBothLanguagesHaveTheSamePlacesForValues(t *testing.T) {
	seen := map[string]bool{}
	for _, one := range slices.Concat(checks, phrases, quotations) {
		require.False(t, seen[one.english], "%q is there twice", one.english)
		seen[one.english] = true
		require.Regexp(t, finnic, one.finnish, one.english)
		require.Equal(t, verb.FindAllString(one.english, -1), verb.FindAllString(one.finnish, -1), one.english)
		if !strings.Contains(one.english, "Lisätieto") && !strings.Contains(one.english, "Integraatiot") {
			require.NotEqual(t, one.english, one.finnish)
		}
	}
	require.Len(t, inFinnish(), len(seen))
}

// TestWhatTheOfficeReadsOfOtherPackagesHasItsFinnish has them say it: their sentences may change.
func TestWhatTheOfficeReadsOfOtherPackagesHasItsFinnish(t *testing.T) {
	met := map[string]bool{}
	hears := func(sentence string) {
		t.Helper()
		require.Contains(t, inFinnish(), sentence)
		met[sentence] = true
	}
	path := filepath.Join(t.TempDir(), "customers.yaml")
	entries := "customers: [{tunniste: a}, {tunniste: b, consent: {reference: x}, credentials: {avain: x, asiakas: x, tili: x, kayttajatunnus: x, salasana: x}}, " +
		"{tunniste: c, consent: {date: 2999-01-15}}]"
	require.NoError(t, os.WriteFile(path, []byte(entries), 0o600))
	read, err := config.LoadCustomers(path, 1)
	require.NoError(t, err)
	require.Len(t, read, 3)
	for _, entry := range read {
		for _, fault := range entry.Faults {
			hears(fault)
		}
	}
	withConsent := completeCustomer()
	withConsent.PerformerIDs = nil
	for _, customer := range []config.Customer{{}, withConsent} {
		_, err := customers.Ask(t.Context(), customer, nil, customerstest.LastGood)
		hears(err.Error())
	}
	hears(runs.WarningShrunk)
	for _, failure := range []string{
		runs.FaultUnavailable, runs.FaultCredentialsRefused, runs.FaultCustomersFile, runs.FaultTemporal, runs.FaultTimeout, runs.ReasonUnreadable,
	} {
		hears(customers.FailureAdvice(failure))
	}
	for _, one := range quotations { // which advice is given depends on whose file it is
		require.True(t, met[one.english] || strings.Contains(one.english, "chmod"), "nobody says %q", one.english)
	}
	require.NoError(t, os.WriteFile(path, []byte("customers: [{tunniste: a, credentials: {avain: x}}]"), 0o600))
	require.NoError(t, os.Chmod(path, 0o644))
	read, err = config.LoadCustomers(path, 1)
	require.NoError(t, err)
	hears(config.ExposedCredentials(path, read).Advice)
}

func TestADiagnosisSpeaksFinnishToPeopleAndKeepsItsNamesForPrograms(t *testing.T) {
	paused := joined(", ", []said{say("%s (by %s since %s)", "esimerkki", "toimisto", "2026-11-26 12:00:00"), quoted("toinen")})
	d := Diagnosis{
		ok(named("task type %s", "TAMPUURI_TASK"), say("there is one")),
		warning(named("polls"), say("paused: %s", paused), say("starter customers resume <tunniste> ends a pause")),
		failing(named("Hillava reachable"), failure(errors.New("100% away")), say("correct %s", say("HILLAVA_TOKEN (or the file that HILLAVA_TOKEN_FILE names)"))),
		failing(named("customer %s: entry", "a"), quotedAll([]string{"consent.date is missing; write the day of the consent, like 2026-01-15", "line 3: is odd"}), say("correct it in customers.yaml")),
	}
	require.Equal(t, [][]string{
		{"✓", "tehtävätyyppi TAMPUURI_TASK", "löytyy"},
		{"!", "ilmoitusten haku", "haku on keskeytetty: esimerkki (keskeyttäjä toimisto, alkaen 2026-11-26 12:00:00), toinen → starter customers resume <tunniste> jatkaa hakua"},
		{"✗", "Hillava vastaa", "ei onnistunut: 100% away → korjaa HILLAVA_TOKEN (tai tiedosto, jonka HILLAVA_TOKEN_FILE nimeää)"},
		{"✗", "asiakas a: asetukset", "consent.date puuttuu; kirjoita suostumuksen päivä, esimerkiksi 2026-01-15; line 3: is odd → korjaa se tiedostoon customers.yaml"},
	}, cellsOf(d, Finnish))
	require.Equal(t, PrintedCheck{"task type TAMPUURI_TASK", passed, "löytyy", ""}, d.Print(Finnish).Checks[0])
	require.Equal(t, PrintedCheck{"polls", warned, "paused: esimerkki (by toimisto since 2026-11-26 12:00:00), toinen", "starter customers resume <tunniste> ends a pause"}, d.Print(English).Checks[1])
	require.EqualError(t, d.Unwell(Finnish), "ainakin yksi kohta on korjattava; mitä tehdä, lukee sen rivillä")
	require.NoError(t, Diagnosis{}.Unwell(Finnish))
}

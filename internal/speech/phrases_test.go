package speech_test

import (
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
	"tampuuri-hillava/internal/speech"
)

// spoken finds, in the code of whoever speaks, what each call of a function says, and how many values go into it.
func spoken(t *testing.T, function string) map[string]int {
	t.Helper()
	var files []string
	for _, speaker := range []string{"doctor", "notify"} {
		of, err := filepath.Glob(filepath.Join("..", speaker, "*.go"))
		require.NoError(t, err)
		require.NotEmpty(t, of)
		files = append(files, of...)
	}
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
	checks, phrases, _ := speech.Pairs()
	for function, table := range map[string][][2]string{"say": phrases, "named": checks} {
		said := spoken(t, function)
		for _, one := range table {
			values, used := said[one[0]]
			require.True(t, used, "nobody says %q", one[0])
			delete(said, one[0])
			require.Len(t, verb.FindAllString(one[0], -1), values, one[0])
		}
		require.Empty(t, said, "they are not in phrases.go")
	}
}

func TestBothLanguagesHaveTheSamePlacesForValues(t *testing.T) {
	seen := map[string]bool{}
	for _, one := range slices.Concat(speech.Pairs()) {
		english, finnish := one[0], one[1]
		require.False(t, seen[english], "%q is there twice", english)
		seen[english] = true
		require.Regexp(t, finnic, finnish, english)
		require.Equal(t, verb.FindAllString(english, -1), verb.FindAllString(finnish, -1), english)
		if !strings.Contains(english, "Lisätieto") && !strings.Contains(english, "Integraatiot") {
			require.NotEqual(t, english, finnish)
		}
	}
}

// TestWhatTheOfficeReadsOfOtherPackagesHasItsFinnish has them say it: their sentences may change.
func TestWhatTheOfficeReadsOfOtherPackagesHasItsFinnish(t *testing.T) {
	_, _, quotations := speech.Pairs()
	met := map[string]bool{}
	hears := func(sentence string) {
		t.Helper()
		require.True(t, slices.ContainsFunc(quotations, func(one [2]string) bool { return one[0] == sentence }), sentence)
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
	withConsent := config.Customer{Consent: config.Consent{Reference: "x", RecordedBy: "x", Date: customerstest.LastGood}}
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
	for _, reason := range append(runs.Reasons(), "another") {
		hears(runs.Advice(reason))
	}
	for _, one := range quotations { // which advice is given depends on whose file it is
		require.True(t, met[one[0]] || strings.Contains(one[0], "chmod"), "nobody says %q", one[0])
	}
	require.NoError(t, os.WriteFile(path, []byte("customers: [{tunniste: a, credentials: {avain: x}}]"), 0o600))
	require.NoError(t, os.Chmod(path, 0o644))
	read, err = config.LoadCustomers(path, 1)
	require.NoError(t, err)
	hears(config.ExposedCredentials(path, read).Advice)
}

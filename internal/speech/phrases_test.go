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
		finnish := speech.Quote(sentence).In(speech.Finnish)
		require.NotEqual(t, sentence, finnish)
		require.NotRegexp(t, `(^|[ ;:(])(is|are|has|must|the|a|and|or|it|write|correct|keep|takes)([ ;:,)]|$)`, finnish, sentence)
		for _, one := range quotations {
			if part := regexp.MustCompile(regexp.MustCompile(`%[sv]`).ReplaceAllString(regexp.QuoteMeta(one[0]), ".+?")); part.MatchString(sentence) {
				met[one[0]] = true
			}
		}
	}
	path := filepath.Join(t.TempDir(), "customers.yaml")
	entries := "customers: [{tunniste: a}, {tunniste: b, consent: {reference: x}, credentials: {avain: x, asiakas: x, tili: x, kayttajatunnus: x, salasana: x}}, " +
		"{tunniste: c, consent: {date: 2999-01-15}}]"
	require.NoError(t, os.WriteFile(path, []byte(entries), 0o600))
	read, err := config.LoadCustomers(path, 1)
	require.NoError(t, err)
	require.Len(t, read, 3)
	read = append(read, faultyEntries(t)...)
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
	for _, text := range []string{"", "{}", "x: 1", "- x", "customers: x", "customers: [{tunniste: a, nosuch: 1, neither: 2}]", "customers: [", "customers: []\n---\nx: 1", "nowhere"} {
		file := filepath.Join(t.TempDir(), "customers.yaml")
		if text != "nowhere" {
			require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		}
		_, err := config.LoadCustomers(file, 1)
		require.Error(t, err, text)
		for _, line := range strings.Split(err.Error(), "\n") {
			if !strings.HasPrefix(line, " ") { // of the file itself
				hears(line)
			}
		}
	}
	for _, failure := range []string{
		runs.FaultUnavailable, runs.FaultCredentialsRefused, runs.FaultCustomersFile, runs.FaultTemporal, runs.FaultTimeout, runs.ReasonUnreadable,
	} {
		hears(customers.FailureAdvice(failure))
	}
	for _, reason := range append(runs.Reasons(), "another") {
		hears(runs.Advice(reason))
	}
	for _, one := range quotations { // which advice is given depends on whose file it is, and who runs the tests
		require.True(t, met[one[0]] || strings.Contains(one[0], "chmod") || strings.Contains(one[0], "permission denied"), "nobody says %q", one[0])
	}
	require.NoError(t, os.WriteFile(path, []byte("customers: [{tunniste: a, credentials: {avain: x}}]"), 0o600))
	require.NoError(t, os.Chmod(path, 0o644))
	read, err = config.LoadCustomers(path, 1)
	require.NoError(t, err)
	hears(config.ExposedCredentials(path, read)[0].Advice)
}

// faultyEntries have every fault that an entry can have, but what the file's own mode makes of it.
func faultyEntries(t *testing.T) []config.Customer {
	t.Helper()
	folder := t.TempDir()
	for name, secret := range map[string]string{"empty": "", "latin1": "\xe4", "two-lines": "a\nb", "unseen": "a\u200bb", "space": " a"} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(secret), 0o600))
	}
	path := filepath.Join(folder, "customers.yaml")
	require.NoError(t, os.WriteFile(path, []byte(`customers:
- name: x
-
- [x]
- tunniste: "a b"
- tunniste: d
- tunniste: d
  formerly: [e, "a b"]
- tunniste: e
  name: [x]
  performer_ids: 4711
  start_date: tomorrow
  consent: yes
  stopped: {because: opening}
  notify: {tehty: maybe}
  poll: {every: never, hours: "6", max_new: many}
  task: {workload_hours: many, start_from: latest, billing_reference: "{none}"}
  remind: {uninvoiced_after: 0d}
  accept_state: Valmis
  credentials: {avain: x, avain_file: x, salasana_file: nowhere, asiakas_file: empty, tili_file: latin1}
- tunniste: f
  name: !!binary aGVp
  performer_ids: [0, ~, 1.5, true, {}]
  stopped: {because: closed, since: 2026-02-01, by: x}
  poll: {hours: "06:00-06:00"}
  task: {billing_reference: "{"}
  credentials: {tili_file: two-lines, asiakas_file: unseen, kayttajatunnus_file: space}
- tunniste: g
  task: {billing_reference: "\t"}
`), 0o600))
	read, err := config.LoadCustomers(path, 1)
	require.NoError(t, err)
	return read
}

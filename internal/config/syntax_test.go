package config

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const twoEntries = `customers:
  - tunniste: esimerkki
    name: Esimerkki
    performer_ids: [4711,
      4712]
    credentials:
      avain: s3cr3t-one
      salasana: "s3cr3t-two"
  - tunniste: toinen
    name: Toinen
    credentials:
      avain: s3cr3t-three
`

// pasted gives the second entry with another indentation.
func pasted(indent string) string {
	at := strings.Index(twoEntries, "  - tunniste: toinen")
	lines := strings.Split(strings.TrimRight(twoEntries[at:], "\n"), "\n")
	for i, line := range lines {
		lines[i] = indent + strings.TrimPrefix(line, "  ")
	}
	return twoEntries[:at] + strings.Join(lines, "\n") + "\n"
}

// syntaxErrorOf gives the error without the name of the file.
func syntaxErrorOf(t *testing.T, content string) string {
	t.Helper()
	_, err := LoadCustomers(writeFile(t, t.TempDir(), "customers.yaml", content), testPollEvery)
	require.Error(t, err)
	_, text, found := strings.Cut(err.Error(), "customers.yaml: ")
	require.True(t, found)
	return text
}

func TestAnEntryPastedWithAnotherIndentationIsShownWithACaret(t *testing.T) {
	require.Equal(t, `line 9: is not valid YAML; correct it, as customers.example.yaml shows:
  9 |     - tunniste: …
    |     ^ it begins in column 5; an entry begins with a dash in column 3 and its keys stand in column 5, as from line 2 on`, syntaxErrorOf(t, pasted("    ")))
	for _, indent := range []string{"", " ", "   ", "    ", "     ", "      ", "        "} {
		text := syntaxErrorOf(t, pasted(indent))
		require.Contains(t, text, "line 9: is not valid YAML")
		require.Contains(t, text, "\n  9 | "+indent+"- tunniste: …\n    | "+indent+"^ it begins in column ")
		require.Contains(t, text, "a dash in column 3 and its keys stand in column 5, as from line 2 on")
	}
	require.Contains(t, syntaxErrorOf(t, pasted("\t")), "\n  9 | ⇥- tunniste: …\n    |  ^ indent with spaces, not with tabs")
}

func TestASlipIsShownOnItsLineWithWhatBelongsThere(t *testing.T) {
	for name, row := range map[string]struct{ old, new, line, want string }{
		"key deeper":         {"    name: Toinen", "      name: Toinen", "10 |       name: …", "its keys stand in column 5"},
		"key shallower":      {"    name: Toinen", "   name: Toinen", "10 |    name: …", "its keys stand in column 5"},
		"key under the dash": {"    name: Toinen", "  name: Toinen", "10 |   name: …", "its keys stand in column 5"},
		"colon in a value":   {"name: Toinen", "name: Toinen: Oy", "10 |     name: …", `a value with ": " in it needs quotes`},
		"no colon":           {"    name: Toinen", "    name Toinen", "10 |     …", "a key belongs here"},
		"no space":           {"    name: Toinen", "    name:Toinen", "10 |     …", "a key belongs here"},
		"sign":               {"s3cr3t-three", "@s3cr3t", "12 |       avain: …", "put quotes around a value that begins with a sign"},
		"percent":            {"s3cr3t-three", "%s3cr3t", "12 |       avain: …", "put quotes around a value that begins with a sign"},
		"star":               {"s3cr3t-three", "*s3cr3t", "12 |       avain: …", "put quotes around a value that begins with * or &"},
		"open quote":         {`"s3cr3t-two"`, `"s3cr3t-two`, "8 |       salasana: …", "is not closed"},
		"open bracket":       {"4712]", "4712", "4 |     performer_ids: …", "is not closed"},
		"backslash":          {`"s3cr3t-two"`, `"s3cr3t\two\d"`, "8 |       salasana: …", "backslash"},
		"not UTF-8":          {"Toinen\n", "T\xf6inen\n", "10 |     name: …", "save the file as UTF-8"},
		"tab":                {"    name: Toinen", "\tname: Toinen", "10 | ⇥name: …", "with spaces, not with tabs"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, twoEntries, row.old)
			text := syntaxErrorOf(t, strings.Replace(twoEntries, row.old, row.new, 1))
			require.Contains(t, text, "\n  "+row.line+"\n", text)
			require.Contains(t, text, row.want, text)
			require.NotContains(t, text, "s3cr3t")
		})
	}
}

// TestTheExcerptHoldsNoSecret breaks the file in its every place.
func TestTheExcerptHoldsNoSecret(t *testing.T) {
	for _, inserted := range []string{"\n", "\"", "'", "[", "{", ": ", "\t", "@", "\n- ", "|\n", "# ", "&"} {
		for at := range len(twoEntries) {
			broken := twoEntries[:at] + inserted + twoEntries[at:]
			customers, _, err := readCustomers("customers.yaml", []byte(broken), testPollEvery)
			if err != nil && strings.Contains(err.Error(), "not valid YAML") {
				require.NotRegexp(t, `s3cr|cr3t|t-one|t-two|t-three`, err.Error(), broken)
			}
			require.NotRegexp(t, `t-one|t-two|t-three`, strings.Join(customersFaults(customers), "\n"), broken)
		}
	}
}

// TestTheExampleShowsEveryKey: each credential is shown once, plain or as a file; that both work is said above them.
func TestTheExampleShowsEveryKey(t *testing.T) {
	example, err := os.ReadFile("../../customers.example.yaml")
	require.NoError(t, err)
	require.Greater(t, len(knownKeys()), 30)
	for _, key := range knownKeys() {
		require.Regexp(t, `(?m)(^|\s)`+regexp.QuoteMeta(strings.TrimSuffix(key, "_file"))+`(_file)?:`, string(example), "customers.example.yaml lacks the key %s", key)
	}
}

// FuzzCustomersFile: whatever the file holds gives customers or an error, and each entry at fault is told apart.
func FuzzCustomersFile(f *testing.F) {
	f.Add("customers:" + goodEntry)
	f.Add(twoEntries)
	f.Add("customers:\n  - &a {tunniste: x, task: &t {extras: [vikaluokka]}}\n  - <<: [*a, {task: *t}]\n    performer_ids: [0x10, *a]\n")
	f.Fuzz(func(t *testing.T, content string) {
		customers, _, err := readCustomers("customers.yaml", []byte(content), testPollEvery)
		if err != nil && len(customers) > 0 {
			t.Error("customers beside an error")
		}
		for _, customer := range customers {
			if len(customer.Faults) == 0 && (!ValidTunniste(customer.Tunniste) || !customer.Credentials.Complete() || len(customer.PerformerIDs) == 0 || customer.StartDate.IsZero()) {
				t.Errorf("an entry without a fault lacks something: %+v", customer)
			}
		}
	})
}

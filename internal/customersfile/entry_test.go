package customersfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
)

const two = `# whom we serve
customers:
  # the first one
  - tunniste: esimerkki   # in Hillava
    name: "Esimerkki Isännöinti Oy"

    performer_ids:
    - 4711 # ours
    poll: {every: 5m}
    # of the notes below
    notify:
        tehty: yes

  # the second one
  - name: 'Toinen'
    tunniste: toinen
    consent: {reference: "a: b", date: 2026-01-15, recorded_by: x}
# the end
`

var day = time.Date(2026, 11, 26, 0, 0, 0, 0, time.FixedZone("EET", 2*60*60))

func TestOneEntryIsChangedAndEveryOtherByteStays(t *testing.T) {
	for name, row := range map[string]struct {
		tunniste  string
		values    []Value
		old, then string // what is replaced in two
	}{
		"a key beside the dash":   {"toinen", []Value{{"name", "Toinen Oy"}}, "'Toinen'", "Toinen Oy"},
		"a key within a group":    {"esimerkki", []Value{{"poll.max_new", 5}}, "{every: 5m}", "{every: 5m, max_new: 5}"},
		"a list with its comment": {"esimerkki", []Value{{"performer_ids", []int64{1, 2}}}, "\n    - 4711 # ours", " [1, 2]"},
		"new keys, in order":      {"esimerkki", []Value{{"start_date", day}, {"stopped.because", "closed"}, {"stopped.since", day}}, "tehty: yes\n", "tehty: yes\n    start_date: 2026-11-26\n    stopped: {because: closed, since: 2026-11-26}\n"},
		"new key of the last":     {"toinen", []Value{{"confirmed_names", Also("Uusi, Oy")}, {"confirmed_names", Also("yes")}}, "recorded_by: x}\n", "recorded_by: x}\n    confirmed_names: ['Uusi, Oy', yes]\n"},
		"one more of a list":      {"esimerkki", []Value{{"formerly", Also("a")}, {"formerly", Also("b")}, {"formerly", Also("a")}}, "tehty: yes\n", "tehty: yes\n    formerly: [a, b]\n"},
		"a key taken out":         {"esimerkki", []Value{{"poll", nil}}, "    poll: {every: 5m}\n", ""},
		"a group's only key":      {"esimerkki", []Value{{"poll.every", nil}}, "    poll: {every: 5m}\n", ""},
		"what is not there":       {"esimerkki", []Value{{"stopped", nil}, {"poll.hours", nil}}, "", ""},
		"a new entry": {"kolmas", []Value{{"name", "Kolmas Oy"}, {"consent.reference", "S 1"}, {"consent.date", day}, {"credentials.avain_file", "kolmas/avain"}, {"credentials.tili", "0123"}},
			"# the end\n", "\n  - tunniste: kolmas\n    name: Kolmas Oy\n    consent: {reference: S 1, date: 2026-11-26}\n    credentials:\n      avain_file: kolmas/avain\n      tili: \"0123\"\n# the end\n"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, lineBreak := range []string{"\n", "\r\n"} {
				written := func(text string) string { return strings.ReplaceAll(text, "\n", lineBreak) }
				changed, err := Set([]byte(written(two)), row.tunniste, row.values)
				require.NoError(t, err)
				require.Equal(t, written(strings.Replace(two, row.old, row.then, 1)), string(changed))
				again, err := Set(changed, row.tunniste, row.values)
				require.NoError(t, err)
				require.Equal(t, string(changed), string(again), "once is enough")
			}
		})
	}
}

func TestAnEntryIsTakenOutWithWhatStandsInIt(t *testing.T) {
	first, second := "  - tunniste: esimerkki", "  # the second one\n"
	without, err := Remove([]byte(two), "esimerkki")
	require.NoError(t, err)
	require.Equal(t, two[:strings.Index(two, first)]+"\n"+two[strings.Index(two, second):], string(without))
	without, err = Remove([]byte(two), "toinen")
	require.NoError(t, err)
	require.Equal(t, two[:strings.Index(two, "  - name: 'Toinen'")]+"# the end\n", string(without))
	without, err = Remove(without, "esimerkki")
	require.NoError(t, err)
	require.Contains(t, string(without), "customers: []")
	require.Contains(t, string(without), "# whom we serve")
	same, err := Remove([]byte(two), "nobody")
	require.NoError(t, err)
	require.Equal(t, two, string(same))
}

func TestAFileWithoutAListOfLinesIsWrittenAnewWithItsComments(t *testing.T) {
	for _, text := range []string{
		"# whom we serve\ncustomers: []\n", "# whom we serve\ncustomers:\n", "# whom we serve\ncustomers: [{tunniste: esimerkki, name: Oy}]\n",
		"# whom we serve\ncustomers:\n  - {tunniste: uusi, name: Oy}\n",
	} {
		changed, err := Set([]byte(text), "uusi", []Value{{"name", "Uusi Oy"}, {"consent.reference", "S"}})
		require.NoError(t, err)
		require.Contains(t, string(changed), "# whom we serve\n")
		path := filepath.Join(t.TempDir(), "customers.yaml")
		require.NoError(t, os.WriteFile(path, changed, 0o600))
		customers, err := config.LoadCustomers(path, 0)
		require.NoError(t, err, string(changed))
		last := customers[len(customers)-1]
		require.Equal(t, "Uusi Oy", last.Name)
		require.Equal(t, "S", last.Consent.Reference)
		require.Equal(t, strings.Contains(text, "esimerkki"), len(customers) == 2)
	}
}

func TestWhatNoProgramCanChangeIsLeftToAPerson(t *testing.T) {
	for name, text := range map[string]string{
		"another uses what is replaced": "customers:\n  - tunniste: a\n    consent: &c {reference: S}\n  - tunniste: b\n    consent: *c\n",
		"no YAML":                       "customers: [",
		"no list":                       "customers: {a: b}\n",
		"no customers":                  "others: []\n",
		"empty":                         "",
	} {
		_, err := Set([]byte(text), "a", []Value{{"consent.reference", "T"}})
		require.Error(t, err, name)
	}
}

// TestTheExampleTakesANewCustomer: the file that everybody begins with keeps every byte.
func TestTheExampleTakesANewCustomer(t *testing.T) {
	example, err := os.ReadFile("../../customers.example.yaml")
	require.NoError(t, err)
	changed, err := Set(example, "toinen", []Value{{"name", "Toinen Oy"}})
	require.NoError(t, err)
	require.Equal(t, string(example)+"  - tunniste: toinen\n    name: Toinen Oy\n", string(changed))
	changed, err = Set(changed, "esimerkki", []Value{{"poll.max_new", 5}, {"name", "Esimerkki Oy"}, {"stopped.because", "opening"}})
	require.NoError(t, err)
	for line := range strings.Lines(string(example)) {
		if strings.Contains(line, "#") && !strings.Contains(line, "\"") {
			require.Contains(t, string(changed), strings.TrimSpace(line), "no comment is lost")
		}
	}
	require.Contains(t, string(changed), "    name: Esimerkki Oy\n\n    # Other names that a person has confirmed")
	require.Contains(t, string(changed), "max_new: 5\n")
}

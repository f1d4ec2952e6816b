package config

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
)

var testPollEvery = 5 * time.Minute

// goodEntry is the least entry without a fault.
const goodEntry = `
  - tunniste: esimerkki
    name: Esimerkki Isännöinti Oy
    consent: {reference: "Sopimus 2026-17", date: 2026-01-15, recorded_by: toimisto}
    start_date: 2026-02-01
    performer_ids: [4711]
    credentials: {avain_file: avain, asiakas: a, tili: t, kayttajatunnus: k, salasana: s3cr3t-value}
`

// load writes the entries and their secret file, and reads them.
func load(t *testing.T, entries string) ([]Customer, error) {
	t.Helper()
	folder := t.TempDir()
	writeFile(t, folder, "avain", "avain-value\n")
	return LoadCustomers(writeFile(t, folder, "customers.yaml", "customers:"+entries), testPollEvery)
}

func TestAnEntryTakesTheDefaultsOfTheContract(t *testing.T) {
	customers, err := load(t, goodEntry)
	require.NoError(t, err)
	require.Len(t, customers, 1)
	customer := customers[0]
	require.Empty(t, customer.Faults)
	require.Equal(t, "avain-value", customer.Credentials.Avain.Reveal())
	require.True(t, customer.Credentials.Complete())
	require.Equal(t, Poll{Every: 5 * time.Minute, MaxNew: 50}, customer.Poll)
	require.Equal(t, TaskSettings{WorkloadHours: 1, StartFrom: "earliest", BillingReference: "{number} / {orderer}", Contacts: notice.ContactsDescription}, customer.Task)
	require.Equal(t, Notify{Tehty: true, Valmis: true}, customer.Notify)
	require.Equal(t, "2026-02-01T00:00:00+02:00", customer.StartDate.Format(time.RFC3339))
	require.Equal(t, "2026-01-15T00:00:00+02:00", customer.Consent.Date.Format(time.RFC3339))
	require.Empty(t, customer.AcceptState)
	require.False(t, customer.ApprovedOnly)
	require.Zero(t, customer.RemindUninvoiced)
}

func TestAnEntrySaysEverythingItself(t *testing.T) {
	customers, err := load(t, goodEntry+`
    confirmed_names: [Toinen Nimi]
    poll: {every: 90s, hours: "22:00-06:00", max_new: 3}
    task: {workload_hours: 2.5, start_from: created, billing_reference: "{number}", contacts: none}
    notify: {tehty: false, valmis: true}
    accept_state: Vastaanotettu
    time_entries: {approved_only: true}
    remind: {uninvoiced_after: 30d}
`)
	require.NoError(t, err)
	customer := customers[0]
	require.Empty(t, customer.Faults)
	require.Equal(t, 90*time.Second, customer.Poll.Every)
	require.Equal(t, "22:00-06:00", customer.Poll.Hours.String())
	require.Equal(t, 3, customer.Poll.MaxNew)
	require.Equal(t, TaskSettings{WorkloadHours: 2.5, StartFrom: "created", BillingReference: "{number}", Contacts: notice.ContactsNone}, customer.Task)
	require.Equal(t, Notify{Tehty: false, Valmis: true}, customer.Notify)
	require.Equal(t, "Vastaanotettu", customer.AcceptState)
	require.True(t, customer.ApprovedOnly)
	require.Equal(t, 30*24*time.Hour, customer.RemindUninvoiced)
	require.True(t, customer.NameMatches("toinen nimi oy"))
	require.False(t, customer.NameMatches("Kolmas"))
}

func TestAFaultStopsItsCustomerOnly(t *testing.T) {
	for name, row := range map[string]struct{ old, new, want string }{
		"no consent":              {`consent: {reference: "Sopimus 2026-17", date: 2026-01-15, recorded_by: toimisto}`, "confirmed_names: []", "no written consent is recorded"},
		"consent no reference":    {`reference: "Sopimus 2026-17", `, "", "consent.reference is missing"},
		"consent no date":         {"date: 2026-01-15, ", "", "consent.date is missing"},
		"consent impossible date": {"date: 2026-01-15", "date: 2026-02-30", "consent.date is not a day"},
		"consent in the future":   {"date: 2026-01-15", "date: 2999-01-15", "consent is dated in the future"},
		"consent nobody":          {", recorded_by: toimisto", "", "consent.recorded_by is missing"},
		"no name":                 {"name: Esimerkki Isännöinti Oy", `name: " "`, "name is missing"},
		"no start date":           {"start_date: 2026-02-01", "confirmed_names: []", "start_date is missing"},
		"bad start date":          {"start_date: 2026-02-01", "start_date: 1.2.2026", "start_date is not a day"},
		"no performers":           {"performer_ids: [4711]", "performer_ids: []", "performer_ids is empty"},
		"performer zero":          {"performer_ids: [4711]", "performer_ids: [0]", "performer_ids must be above zero"},
		"performer text":          {"performer_ids: [4711]", "performer_ids: [oma]", "has text where a whole number belongs"},
		"no credentials":          {"credentials: {avain_file: avain, asiakas: a, tili: t, kayttajatunnus: k, salasana: s3cr3t-value}", "credentials: {}", "no Tampuuri credentials"},
		"no password":             {", salasana: s3cr3t-value", "", "credentials.salasana is missing"},
		"both forms":              {"avain_file: avain", "avain_file: avain, avain: x", "are both set"},
		"secret file missing":     {"avain_file: avain", "avain_file: nowhere", "credentials.avain_file: open"},
		"control character":       {"asiakas: a", `asiakas: "a\nb"`, "control character"},
		"tunniste with a slash":   {"tunniste: esimerkki", "tunniste: esi/merkki", "tunniste must be"},
		"tunniste too long":       {"tunniste: esimerkki", "tunniste: " + strings.Repeat("a", 65), "tunniste must be"},
		"poll hours":              {"performer_ids: [4711]", "performer_ids: [4711]\n    poll: {hours: aina}", "poll.hours must be like"},
		"poll every":              {"performer_ids: [4711]", "performer_ids: [4711]\n    poll: {every: often}", "poll.every is not a duration"},
		"max new":                 {"performer_ids: [4711]", "performer_ids: [4711]\n    poll: {max_new: 0}", "poll.max_new must be above zero"},
		"max new text":            {"performer_ids: [4711]", "performer_ids: [4711]\n    poll: {max_new: many}", "has text where a whole number belongs"},
		"workload zero":           {"performer_ids: [4711]", "performer_ids: [4711]\n    task: {workload_hours: 0}", "task.workload_hours must be above zero"},
		"workload not a number":   {"performer_ids: [4711]", "performer_ids: [4711]\n    task: {workload_hours: .nan}", "task.workload_hours has a number where a number in plain digits belongs"},
		"start from":              {"performer_ids: [4711]", "performer_ids: [4711]\n    task: {start_from: latest}", "task.start_from must be"},
		"contacts":                {"performer_ids: [4711]", "performer_ids: [4711]\n    task: {contacts: everywhere}", "task.contacts must be"},
		"accept state":            {"performer_ids: [4711]", "performer_ids: [4711]\n    accept_state: Valmis", "accept_state must be one of Vastaanotettu; correct it, or leave it out"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, goodEntry, row.old)
			other := strings.Replace(goodEntry, "esimerkki", "toinen", 1)
			customers, err := load(t, strings.Replace(goodEntry, row.old, row.new, 1)+other)
			require.NoError(t, err)
			require.Len(t, customers, 2)
			require.Contains(t, strings.Join(customers[0].Faults, "\n"), row.want)
			require.NotContains(t, strings.Join(customers[0].Faults, "\n"), "s3cr3t")
			require.Len(t, customers[0].Faults, 1, "nothing that only follows")
			require.Empty(t, customers[1].Faults)
		})
	}
}

func TestAnEntryThatIsNoneIsItsOwnFaultOnly(t *testing.T) {
	faulty := strings.Replace(goodEntry, "start_date: 2026-02-01", "start_date: []", 1)
	faulty = strings.Replace(faulty, "esimerkki", "faulty", 1)
	customers, err := load(t, "\n  -\n  - s3cr3t-value\n  - [s3cr3t-value]\n  - ~"+goodEntry+strings.TrimPrefix(faulty, "\n")+"  - 7\n")
	require.NoError(t, err)
	require.Len(t, customers, 7)
	for i, want := range []string{"line 2: the entry is empty", "line 3: the entry is text where", "line 4: the entry is a list where", "line 5: the entry is empty"} {
		require.Len(t, customers[i].Faults, 1, "nothing that only follows")
		require.Contains(t, customers[i].Faults[0], want)
	}
	require.Equal(t, "esimerkki", customers[4].Tunniste)
	require.Empty(t, customers[4].Faults)
	require.Equal(t, "faulty", customers[5].Tunniste)
	require.Contains(t, customers[5].Faults, "line 15: start_date has a list where text belongs; correct the value")
	require.Contains(t, customers[6].Faults[0], "line 18: the entry is a number where")
	require.NotContains(t, strings.Join(customersFaults(customers), "\n"), "s3cr3t")
}

func TestEntriesShareWhatAnAnchorNames(t *testing.T) {
	customers, err := load(t, strings.Replace(goodEntry, "- tunniste: esimerkki", "- &first\n    tunniste: esimerkki", 1)+"  - <<: *first\n    tunniste: toinen\n")
	require.NoError(t, err)
	require.Empty(t, customersFaults(customers))
	require.Equal(t, "toinen", customers[1].Tunniste)
	require.Equal(t, "Esimerkki Isännöinti Oy", customers[1].Name)
}

func TestAFaultKeepsWhatWritingBackNeeds(t *testing.T) {
	customers, err := load(t, strings.Replace(goodEntry, "start_date: 2026-02-01", "start_date: soon", 1))
	require.NoError(t, err)
	require.NotEmpty(t, customers[0].Faults)
	require.True(t, customers[0].Credentials.Complete())
}

func TestAPartlyReadListOfPerformersIsNoList(t *testing.T) {
	for ids, want := range map[string]string{
		`[4711, "4712"]`:               "has text where a whole number belongs",
		"[4711, 0]":                    "must be above zero",
		"[-1, 4711]":                   "must be above zero",
		"[4711, oma]":                  "has text where a whole number belongs",
		"[4711, [4712]]":               "has a list where a whole number belongs",
		"[4711, ~]":                    "has nothing where a whole number belongs",
		"[4711, 47.12]":                "has a number where a whole number belongs",
		"[4711, 99999999999999999999]": "where a whole number belongs",
		"4711":                         "has a number where a list belongs",
		"{id: 4711}":                   "has a group of keys where a list belongs",
	} {
		customers, err := load(t, strings.Replace(goodEntry, "[4711]", ids, 1))
		require.NoError(t, err, ids)
		require.Len(t, customers[0].Faults, 1, "%s: %v", ids, customers[0].Faults)
		require.Contains(t, customers[0].Faults[0], want, ids)
		require.Empty(t, customers[0].PerformerIDs, ids)
		require.True(t, customers[0].Credentials.Complete(), ids)
	}
	customers, err := load(t, strings.Replace(goodEntry, "[4711]", "[4712, &id 4711, *id]", 1))
	require.NoError(t, err)
	require.Empty(t, customers[0].Faults)
	require.Equal(t, []int64{4711, 4712}, customers[0].PerformerIDs)
}

func TestATimeUntilAReminderIsDaysOrADuration(t *testing.T) {
	for written, want := range map[string]time.Duration{"1d": 24 * time.Hour, "36h": 36 * time.Hour, "3650d": 3650 * 24 * time.Hour, "~": 0} {
		customers, err := load(t, goodEntry+"    remind: {uninvoiced_after: "+written+"}\n")
		require.NoError(t, err)
		require.Empty(t, customers[0].Faults, written)
		require.Equal(t, want, customers[0].RemindUninvoiced, written)
	}
	for _, written := range []string{"30", "0d", "-1d", "3651d", "99999d", "1.5d", "d", "30 d", "1d12h", "0s", "-3h", "never", "true"} {
		customers, err := load(t, goodEntry+"    remind: {uninvoiced_after: "+written+"}\n")
		require.NoError(t, err)
		require.Len(t, customers[0].Faults, 1, written)
		require.Contains(t, customers[0].Faults[0], "remind.uninvoiced_after is not a time above zero", written)
		require.Zero(t, customers[0].RemindUninvoiced, "nobody is reminded by a slip of the pen")
	}
	_, err := load(t, goodEntry+"    remind: {uninvoiced: 30d}\n")
	require.ErrorContains(t, err, `unknown key "uninvoiced"`)
}

func TestASettingThatCannotBeReadIsTheOneThatHarmsNoOpenNotice(t *testing.T) {
	const description, none = notice.ContactsDescription, notice.ContactsNone
	for written, want := range map[string]struct {
		fault        string
		notify       Notify
		approvedOnly bool
		contacts     notice.Contacts
	}{
		"notify: {tehty: never, valmis: false}": {"has text where true or false belongs", Notify{Tehty: true}, false, description},
		"notify: {tehty: false, valmis: [no]}":  {"has a list where true or false belongs", Notify{Valmis: true}, false, description},
		"notify: never":                         {"has text where a group of keys belongs", Notify{true, true}, false, description},
		"notify: {tehty: ~, valmis: }":          {"", Notify{true, true}, false, description},
		"time_entries: {approved_only: always}": {"has text where true or false belongs", Notify{true, true}, true, description},
		"time_entries: {approved_only: 1}":      {"has a number where true or false belongs", Notify{true, true}, true, description},
		"time_entries: true":                    {"has true or false where a group of keys belongs", Notify{true, true}, true, description},
		"time_entries: {approved_only: ~}":      {"", Notify{true, true}, false, description},
		"time_entries: ~":                       {"", Notify{true, true}, false, description},
		"task: {contacts: non}":                 {"task.contacts must be", Notify{true, true}, false, none},
		"task: {contacts: [none]}":              {"has a list where text belongs", Notify{true, true}, false, none},
		"task: none":                            {"has text where a group of keys belongs", Notify{true, true}, false, none},
		"task: {contacts: ~}":                   {"", Notify{true, true}, false, description},
		`task: {contacts: ""}`:                  {"", Notify{true, true}, false, description},
		"task: ~":                               {"", Notify{true, true}, false, description},
	} {
		customers, err := load(t, goodEntry+"    "+written+"\n")
		require.NoError(t, err, written)
		if customer := customers[0]; want.fault == "" {
			require.Empty(t, customer.Faults, written)
		} else {
			require.Len(t, customer.Faults, 1, "%s: %v", written, customer.Faults)
			require.Contains(t, customer.Faults[0], want.fault, written)
		}
		require.Equal(t, want.notify, customers[0].Notify, written)
		require.Equal(t, want.approvedOnly, customers[0].ApprovedOnly, written)
		require.Equal(t, want.contacts, customers[0].Task.Contacts, written)
	}
}

func TestALongBillingReferenceIsNoFault(t *testing.T) {
	const template = "Kiinteistönhuoltoyhtiön kuukausilasku {number}"
	customers, err := load(t, goodEntry+"    task: {billing_reference: \""+template+"\"}\n")
	require.NoError(t, err)
	require.Empty(t, customers[0].Faults)
	require.Equal(t, template, customers[0].Task.BillingReference)
}

func TestADoubledTunnisteStopsBothAndLeavesNoDoubtfulCredentials(t *testing.T) {
	other := strings.Replace(goodEntry, "tili: t", "tili: other", 1)
	customers, err := load(t, goodEntry+other)
	require.NoError(t, err)
	for _, customer := range customers {
		require.Contains(t, strings.Join(customer.Faults, "\n"), "stands on 2 entries")
		require.False(t, customer.Credentials.Complete())
	}
	customers, err = load(t, goodEntry+goodEntry)
	require.NoError(t, err)
	require.True(t, customers[0].Credentials.Complete(), "the same credentials twice are no doubt")
}

func TestAFormerTunnisteBelongsToOneEntry(t *testing.T) {
	second := strings.Replace(goodEntry, "esimerkki", "toinen", 1)
	for name, row := range map[string]struct {
		first, second string
		faults        [2]string // of each entry; "" for none
		kept          []string  // of the first
	}{
		"none":               {"formerly: []", "formerly: ~", [2]string{}, nil},
		"two":                {"formerly: [vanha, 0123, vanha]", "formerly: [toisen.vanha]", [2]string{}, []string{"vanha", "0123"}},
		"another's tunniste": {"formerly: [toinen, vanha]", "", [2]string{"formerly names toinen, which stands elsewhere in the file too"}, []string{"vanha"}},
		"another's formerly": {"formerly: [vanha]", "formerly: [vanha]", [2]string{"formerly names vanha", "formerly names vanha"}, nil},
		"its own tunniste":   {"formerly: [esimerkki]", "", [2]string{"formerly names esimerkki, which stands elsewhere"}, nil},
		"not valid":          {"formerly: [a/b, vanha]", "", [2]string{"formerly takes a Tunniste"}, []string{"vanha"}},
		"no list":            {"formerly: vanha", "", [2]string{"formerly has text where a list belongs"}, nil},
		"nothing in it":      {"formerly: [~]", "", [2]string{"formerly has nothing where text belongs"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			customers, err := load(t, goodEntry+"    "+row.first+"\n"+strings.TrimPrefix(second, "\n")+"    "+row.second+"\n")
			require.NoError(t, err)
			for i, want := range row.faults {
				if want == "" {
					require.Empty(t, customers[i].Faults)
					continue
				}
				require.NotEmpty(t, customers[i].Faults)
				require.Contains(t, customers[i].Faults[0], want)
			}
			require.ElementsMatch(t, row.kept, customers[0].Formerly)
		})
	}
}

func TestExtrasAreAClosedSet(t *testing.T) {
	customer := loadWith(t, "task: {extras: [vikaluokka, kiireellisyys, vikaluokka, yhteyshenkilo, paailmoitus]}")
	require.Empty(t, customer.Faults)
	require.Equal(t, []notice.Extra{notice.ExtraFaultClass, notice.ExtraUrgency, notice.ExtraContact, notice.ExtraParent}, customer.Task.Extras)
	for written, want := range map[string]string{
		"[yhteyshenkilö]": "task.extras must be one of kiireellisyys, vikaluokka, yhteyshenkilo, paailmoitus", "vikaluokka": "task.extras has text where a list belongs",
		"[[vikaluokka]]": "task.extras has a list where text belongs",
	} {
		customer := loadWith(t, "task: {extras: "+written+"}")
		require.Len(t, customer.Faults, 1)
		require.Contains(t, customer.Faults[0], want)
		require.Empty(t, customer.Task.Extras)
	}
}

func TestAFileThatCannotBeUnderstoodIsRefusedWithEveryProblem(t *testing.T) {
	for name, row := range map[string]struct {
		content string
		want    []string
	}{
		"empty":         {"", []string{"is empty"}},
		"no list":       {"customers:\n", []string{`has no list "customers:"`}},
		"other key":     {"customer: []\n", []string{`line 1: unknown key "customer"`, `has no list "customers:"`}},
		"unknown keys":  {"customers:" + goodEntry + "    colour: red\n    task: {size: 1}\n", []string{`line 8: unknown key "colour"`, `line 9: unknown key "size"`}},
		"doubled key":   {"customers:" + goodEntry + "    name: Again\n", []string{`line 8: mapping key "name" already defined at line 3; correct it`}},
		"syntax":        {"customers: [\n", []string{"is not valid YAML"}},
		"two documents": {"customers: []\n---\ncustomers: []\n", []string{"more than one YAML document"}},
		"everything at once": {
			"colour: red\nsize: 1\ncustomers:" + goodEntry + "    tunniste: toinen\n    foo: 1\n    task: {bar: 1, baz: 2}\n---\ncustomers: []\n",
			[]string{
				`line 1: unknown key "colour"`, `line 2: unknown key "size"`, `line 10: mapping key "tunniste" already defined at line 4; correct it`,
				`line 11: unknown key "foo"`, `line 12: unknown key "bar"`, `line 12: unknown key "baz"`, "more than one YAML document",
			},
		},
		"two documents, and no list":        {"colour: red\n---\n[]\n", []string{`line 1: unknown key "colour"`, `has no list "customers:"`, "more than one YAML document"}},
		"two documents, the first one text": {"s3cr3t-value\n---\ncustomers: []\n", []string{"line 1: has text where a group of keys belongs", "more than one YAML document"}},
		"doubled, and unknown":              {"colour: red\ncustomers: []\ncustomers: []\n", []string{`line 1: unknown key "colour"`, `line 3: mapping key "customers" already defined at line 2; correct it`}},
		"doubled in what is merged":         {"customers:\n  - <<: {tunniste: a, tunniste: b}\n    foo: 1\n", []string{`line 2: mapping key "tunniste" already defined at line 2`, `line 3: unknown key "foo"`}},
		"unknown key merged":                {"customers:" + goodEntry + "    <<: {colour: red}\n" + "  - <<: [{size: 1}]\n", []string{`line 8: unknown key "colour"`, `line 9: unknown key "size"`}},
		"merged text":                       {"customers:\n  - <<: s3cr3t-value\n", []string{"line 2: is not valid YAML: map merge"}},
		"contains itself":                   {"customers:\n  - &a\n    <<: *a\n", []string{"is not valid YAML"}},
		"keys of no text":                   {"customers:\n  - [s3cr3t]: x\n    {a: s3cr3t}: x\n", []string{"line 2: cannot unmarshal !!seq into string; correct it", "line 3: cannot unmarshal !!map into string; correct it"}},
		"doubled in a group":                {"customers:" + goodEntry + "    poll: {every: 1m, every: 2m}\n", []string{`line 8: mapping key "every" already defined at line 8; correct it`}},
		"list is text":                      {"customers: s3cr3t-value\n", []string{`line 1: "customers:" has text where a list belongs`}},
		"file is text":                      {"s3cr3t-value\n", []string{"line 1: has text where a group of keys belongs"}},
		"not text at all":                   {"\x00\x01", []string{"is not valid YAML"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := LoadCustomers(writeFile(t, t.TempDir(), "customers.yaml", row.content), testPollEvery)
			for _, want := range row.want {
				require.ErrorContains(t, err, want)
			}
			require.Equal(t, len(row.want), strings.Count(err.Error(), "customers file "), "nothing else: %v", err)
			require.NotContains(t, err.Error(), "s3cr3t")
		})
	}
	_, err := LoadCustomers(t.TempDir()+"/none.yaml", testPollEvery)
	require.ErrorContains(t, err, "customers.example.yaml")
}

func TestSecretsOfAWrongShapeAreNotQuoted(t *testing.T) {
	_, err := load(t, strings.Replace(goodEntry, "credentials: {", "credentials: s3cr3t\n    notify: {", 1))
	require.ErrorContains(t, err, "unknown key")
	require.NotContains(t, err.Error(), "s3cr3t")
	customers, err := load(t, strings.Replace(goodEntry, "credentials: {avain_file: avain, asiakas: a, tili: t, kayttajatunnus: k, salasana: s3cr3t-value}", "credentials: s3cr3t-value", 1))
	require.NotContains(t, strings.Join(append(customersFaults(customers), errorText(err)), "\n"), "s3cr3t")
}

func customersFaults(customers []Customer) []string {
	var faults []string
	for _, customer := range customers {
		faults = append(faults, customer.Faults...)
	}
	return faults
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestAStoppedCustomerKeepsEverythingButItsPolling: open notices are written back with its credentials, and what Temporal is
// told has nothing of what a person wrote.
func TestAStoppedCustomerKeepsEverythingButItsPolling(t *testing.T) {
	load := func(stopped string) Customer {
		folder := t.TempDir()
		writeFile(t, folder, "avain", "avain-value")
		customers, err := LoadCustomers(writeFile(t, folder, "customers.yaml", "customers:"+goodEntry+stopped), testPollEvery)
		require.NoError(t, err)
		return customers[0]
	}
	for because, want := range map[string]string{"opening": "starter customers open esimerkki", "closed": "it was closed on 2026-11-26"} {
		customer := load("    stopped: {because: " + because + ", since: 2026-11-26, by: Testi Henkilö}\n")
		require.Len(t, customer.Faults, 1)
		require.Contains(t, customer.Faults[0], want)
		require.NotContains(t, customer.Faults[0], "Henkilö")
		require.True(t, customer.Credentials.Complete())
		require.Equal(t, []int64{4711}, customer.PerformerIDs)
		require.Equal(t, because, customer.Stopped.Because)
		require.Empty(t, customer.Unstopped().Faults)
		require.NotEmpty(t, customer.Faults, "only the copy is not stopped")
	}
	for name, stopped := range map[string]string{
		"half": "{because: closed}", "of no reason": "{since: 2026-11-26, by: a}", "for another reason": "{because: holidays, since: 2026-11-26, by: a}", "no group": "true", "no day": "{because: closed, since: today, by: a}",
	} {
		require.NotEmpty(t, load("    stopped: "+stopped+"\n").Unstopped().Faults, name)
	}
	require.Empty(t, load("    stopped: {}\n").Faults)
}

package doctor

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/customers"
	"tampuuri-hillava/internal/customers/customerstest"
	"tampuuri-hillava/internal/hillava"
	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/speech"
	"tampuuri-hillava/internal/tampuuri"
)

var errAway = errors.New("away")

// requireFailing wants a Finding that fails and says what to do.
func requireFailing(t *testing.T, f Finding, found string) {
	t.Helper()
	require.Equal(t, failed, f.Verdict, "%+v", f)
	require.Contains(t, f.Found.In(speech.English), found)
	require.NotEmpty(t, f.Do.In(speech.English))
}

func requirePassed(t *testing.T, f Finding) {
	t.Helper()
	require.Equal(t, passed, f.Verdict, "%+v", f)
}

func TestCheckEnvironmentAndCustomersFileAndTemporal(t *testing.T) {
	requirePassed(t, checkEnvironment(nil, nil))
	requireFailing(t, checkEnvironment(errors.Join(errors.New("A: bad"), errors.New("B: bad")), []string{"WORKER_ID"}), "A: bad; B: bad")
	requirePassed(t, checkCustomersFile([]config.Customer{{}}, nil))
	requireFailing(t, checkCustomersFile(nil, errAway), "away")
	require.Equal(t, warned, checkCustomersFile(nil, nil).Verdict)
	for _, found := range checkExposed(nil, nil) {
		requirePassed(t, found)
	}
	exposed := checkExposed([]config.Exposed{
		{Path: "customers.yaml", Whose: "esimerkki", Mode: 0o644, Advice: "run chmod 600 on it"},
		{Path: "token", Mode: 0o644, Advice: "run chmod 640 on it"}, {Path: "key", Mode: 0o604, Advice: "run chmod 600 on it"},
	}, nil)
	for i, want := range []struct{ check, found, do string }{
		{"credentials in the customers file", "customers.yaml holds credentials of esimerkki and can be read by others (mode 0644)", "run chmod 600 on it, or keep them in files of their own (avain_file, salasana_file)"},
		{"secret files", "token holds a secret and can be read by others (mode 0644)", "run chmod 640 on it, or mount it read-only"},
		{"secret files", "key holds a secret and can be read by others (mode 0604)", "run chmod 600 on it, or mount it read-only"},
	} {
		require.Equal(t, warned, exposed[i].Verdict)
		require.Equal(t, want.check, exposed[i].Check.In(speech.English))
		require.Equal(t, want.found, exposed[i].Found.In(speech.English))
		require.Equal(t, want.do, exposed[i].Do.In(speech.English))
	}
	requirePassed(t, checkTemporal(nil))
	requireFailing(t, checkTemporal(errAway), "away")
}

// fakeOffice is a Hillava in which the opening is done right, until a test changes it.
type fakeOffice struct {
	customers  []hillava.Customer
	types      []hillava.TaskType
	process    hillava.Process
	err        error
	processErr error
}

func goodOffice() *fakeOffice {
	return &fakeOffice{
		customers: []hillava.Customer{{ID: "c-1", Name: "Esimerkki Oy", ExternalID: "esimerkki", IntegrationsActive: true}},
		types:     []hillava.TaskType{{ID: "t", AdditionalInfoVisible: true, ProcessID: "p"}},
		process: hillava.Process{ID: "p", InitialState: "new", Transitions: []hillava.Transition{
			{Name: "Aloita", From: "new", To: "started"},
			{Name: "Työ valmis", From: "started", To: "done", Actions: []string{hillava.ActionDone}},
			{Name: "Laskutettu", From: "done", To: "invoiced", Actions: []string{hillava.ActionInvoiced}},
		}},
	}
}

func (f *fakeOffice) Customers(context.Context) ([]hillava.Customer, error) {
	return f.customers, f.err
}

func (f *fakeOffice) TaskTypes(context.Context) ([]hillava.TaskType, error) {
	return f.types, f.err
}

func (f *fakeOffice) Process(context.Context, string) (hillava.Process, error) {
	return f.process, f.processErr
}

func TestCheckHillava(t *testing.T) {
	f, list := checkHillava(t.Context(), goodOffice())
	requirePassed(t, f)
	require.Len(t, list, 1)
	f, _ = checkHillava(t.Context(), &fakeOffice{err: &peer.Error{Kind: peer.KindStatus, Status: 401}})
	requireFailing(t, f, "401")
	require.Contains(t, f.Do.In(speech.English), "HILLAVA_TOKEN")
	f, _ = checkHillava(t.Context(), &fakeOffice{err: &peer.Error{Kind: peer.KindTransport}})
	require.Contains(t, f.Do.In(speech.English), "HILLAVA_URL")
	f, list = checkHillava(t.Context(), &fakeOffice{})
	requirePassed(t, f)
	require.NotNil(t, list, "none is known, unlike not asked")
}

func TestCheckIntegrations(t *testing.T) {
	requirePassed(t, checkIntegrations(goodOffice().customers))
	requireFailing(t, checkIntegrations(nil), "no customer")
	requireFailing(t, checkIntegrations([]hillava.Customer{{IntegrationsActive: true}, {}}), "not active")
}

// TestEveryCheckOfTheOpeningFailsWhenItsSubjectIsBroken breaks one thing at a time and wants that check, and only that
// one, to fail.
func TestEveryCheckOfTheOpeningFailsWhenItsSubjectIsBroken(t *testing.T) {
	for _, f := range checkOpening(t.Context(), goodOffice()) {
		requirePassed(t, f)
	}
	for name, row := range map[string]struct {
		change func(*fakeOffice)
		check  string
	}{
		"no task type":         {func(o *fakeOffice) { o.types = nil }, "task type TAMPUURI_TASK"},
		"two task types":       {func(o *fakeOffice) { o.types = append(o.types, o.types[0]) }, "task type TAMPUURI_TASK"},
		"task types away":      {func(o *fakeOffice) { o.err = errAway }, "task type TAMPUURI_TASK"},
		"kohde mandatory":      {func(o *fakeOffice) { o.types[0].TargetRequired = true }, "task type: kohde"},
		"Lisätieto hidden":     {func(o *fakeOffice) { o.types[0].AdditionalInfoVisible = false }, "task type: Lisätieto"},
		"no process id":        {func(o *fakeOffice) { o.types[0].ProcessID = "" }, "process"},
		"no such process":      {func(o *fakeOffice) { o.processErr = &peer.Error{Kind: peer.KindStatus, Status: 404} }, "process"},
		"no first state":       {func(o *fakeOffice) { o.process.InitialState = "" }, "process"},
		"done on none":         {func(o *fakeOffice) { o.process.Transitions[1].Actions = nil }, "action " + hillava.ActionDone},
		"invoiced on none":     {func(o *fakeOffice) { o.process.Transitions[2].Actions = nil }, "action " + hillava.ActionInvoiced},
		"invoiced out of ways": {func(o *fakeOffice) { o.process.Transitions[2].From = "lost" }, "action " + hillava.ActionInvoiced},
	} {
		t.Run(name, func(t *testing.T) {
			office := goodOffice()
			row.change(office)
			var failing []Finding
			for _, f := range checkOpening(t.Context(), office) {
				if f.Verdict == failed {
					failing = append(failing, f)
				}
			}
			require.Len(t, failing, 1)
			require.Equal(t, row.check, failing[0].Check.In(speech.English))
			require.NotEmpty(t, failing[0].Do.In(speech.English))
		})
	}
}

func TestReachabilityFollowsCirclesToTheirEnd(t *testing.T) {
	process := hillava.Process{InitialState: "a", Transitions: []hillava.Transition{
		{From: "c", To: "d"}, {From: "b", To: "c"}, {From: "a", To: "b"}, {From: "b", To: "a"}, {From: "x", To: "a"},
	}}
	require.Equal(t, map[string]bool{"a": true, "b": true, "c": true, "d": true}, reachableStates(process))
}

// fakeBrowser is a Tampuuri that refuses some performers.
type fakeBrowser map[int64]error

func (fakeBrowser) Close() {}

func (f fakeBrowser) Browse(_ context.Context, performer int64, _ time.Time, _, _ int) (tampuuri.Page, error) {
	return tampuuri.Page{}, f[performer]
}

func completeCustomer() config.Customer {
	secret := config.NewSecret("x")
	return config.Customer{
		Tunniste: "esimerkki", Name: "Esimerkki Oy", PerformerIDs: []int64{4711, 4712},
		Consent:     config.Consent{Reference: "Sopimus 1", Date: customerstest.LastGood, RecordedBy: "toimisto"},
		Credentials: config.Credentials{Avain: secret, Asiakas: secret, Tili: secret, Kayttajatunnus: secret, Salasana: secret},
	}
}

func TestEveryCheckOfACustomerFailsWhenItsSubjectIsBroken(t *testing.T) {
	good := goodOffice().customers
	for name, row := range map[string]struct {
		change func(*config.Customer)
		list   []hillava.Customer
		peers  fakeBrowser
		check  string
		found  string
	}{
		"entry":               {func(c *config.Customer) { c.Faults = []string{"no written consent is recorded"} }, good, nil, "entry", "consent"},
		"not in Hillava":      {nil, []hillava.Customer{}, nil, "in Hillava", "no customer"},
		"doubled tunniste":    {nil, append(good[:1:1], good[0]), nil, "in Hillava", "2 customers"},
		"its id unreadable":   {nil, []hillava.Customer{{Name: "Esimerkki Oy", ExternalID: "esimerkki", IntegrationsActive: true}}, nil, "in Hillava", "id there cannot be read"},
		"another name":        {func(c *config.Customer) { c.Name = "Toinen Oy" }, good, nil, "in Hillava", "name differs"},
		"credentials refused": {nil, good, fakeBrowser{4711: &peer.Error{Kind: peer.KindStatus, Status: 401}}, "Tampuuri", "performer 4711"},
		"second performer":    {nil, good, fakeBrowser{4712: &peer.Error{Kind: peer.KindStatus, Status: 403}}, "Tampuuri", "performer 4712"},
		"Tampuuri away":       {nil, good, fakeBrowser{4711: &peer.Error{Kind: peer.KindTransport}}, "Tampuuri", "no usable answer"},
	} {
		t.Run(name, func(t *testing.T) {
			customer := completeCustomer()
			if row.change != nil {
				row.change(&customer)
			}
			open := func(config.Customer) (customers.Browser, error) { return row.peers, nil }
			var failing []Finding
			for _, f := range checkCustomers(t.Context(), []config.Customer{customer}, nil, row.list, open, customerstest.LastGood) {
				if f.Verdict == failed {
					failing = append(failing, f)
				}
			}
			require.Len(t, failing, 1)
			require.Equal(t, "customer esimerkki: "+row.check, failing[0].Check.In(speech.English))
			requireFailing(t, failing[0], row.found)
		})
	}
}

func TestCustomersOfOneSideOnlyAndThoseThatCannotBeChecked(t *testing.T) {
	unused := func(config.Customer) (customers.Browser, error) { return nil, errAway }
	findings := checkCustomers(t.Context(), nil, nil, []hillava.Customer{{ID: "c", ExternalID: "new"}, {ID: "d"}, {}}, unused, customerstest.LastGood)
	require.Len(t, findings, 3)
	for _, f := range findings {
		require.Equal(t, warned, f.Verdict)
		require.NotEmpty(t, f.Do.In(speech.English))
	}
	require.Equal(t, skipped, checkInHillava(completeCustomer(), nil).Verdict)
	require.Equal(t, skipped, checkTampuuri(t.Context(), config.Customer{}, unused, customerstest.LastGood).Verdict)
	requireFailing(t, checkTampuuri(t.Context(), completeCustomer(), unused, customerstest.LastGood), "away")
}

func TestAFormerTunnisteNeedsNoEntry(t *testing.T) {
	customer := completeCustomer()
	customer.Formerly = []string{"vanha"}
	open := func(config.Customer) (customers.Browser, error) { return fakeBrowser{}, nil }
	findings := checkCustomers(t.Context(), []config.Customer{customer}, nil, []hillava.Customer{{ID: "c", ExternalID: "vanha"}}, open, customerstest.LastGood)
	last := findings[len(findings)-1]
	require.Equal(t, "customer vanha: entry", last.Check.In(speech.English))
	requirePassed(t, last)
}

func TestNoNoticesAreListedWithoutConsent(t *testing.T) {
	opened := 0
	open := func(config.Customer) (customers.Browser, error) {
		opened++
		return fakeBrowser{}, nil
	}
	requirePassed(t, checkTampuuri(t.Context(), completeCustomer(), open, customerstest.LastGood))
	require.Equal(t, 1, opened)
	for name, change := range map[string]func(*config.Consent){
		"none":          func(c *config.Consent) { *c = config.Consent{} },
		"no reference":  func(c *config.Consent) { c.Reference = "" },
		"no day":        func(c *config.Consent) { c.Date = time.Time{} },
		"nobody":        func(c *config.Consent) { c.RecordedBy = "" },
		"in the future": func(c *config.Consent) { c.Date = customerstest.LastGood.Add(time.Hour) },
	} {
		customer := completeCustomer()
		change(&customer.Consent)
		found := checkTampuuri(t.Context(), customer, open, customerstest.LastGood)
		require.Equal(t, skipped, found.Verdict, name)
		require.Contains(t, found.Found.In(speech.English), "consent", name)
	}
	require.Equal(t, 1, opened, "Tampuuri is not even asked")
}

// cellsOf is what a table has in its cells.
func cellsOf(d Diagnosis, language speech.Language) (cells [][]string) {
	for _, row := range d.Table(language) {
		cells = append(cells, row.Cells)
	}
	return cells
}

func TestTheDiagnosisIsReadable(t *testing.T) {
	rows := cellsOf(Diagnosis{
		ok(quoted("a"), quoted("fine")), warning(quoted("b"), quoted("so so"), quoted("mend")), failing(quoted("c"), quoted("bad"), quoted("mend it")), skip(quoted("d"), quoted("later")),
	}, speech.English)
	require.Equal(t, [][]string{{"✓", "a", "fine"}, {"!", "b", "so so → mend"}, {"✗", "c", "bad → mend it"}, {"-", "d", "later"}}, rows)
}

// TestAStoppedCustomerIsAWarning: somebody wants it so, and doctor goes on saying that all is well.
func TestAStoppedCustomerIsAWarning(t *testing.T) {
	path := filepath.Join(t.TempDir(), "customers.yaml")
	const complete = "performer_ids: [4711], consent: {reference: a, date: 2026-01-15, recorded_by: b}, start_date: 2026-02-01, credentials: {avain: a, asiakas: a, tili: a, kayttajatunnus: a, salasana: a}"
	for _, row := range []struct {
		because, entry string
		want           Verdict
		do             string
	}{
		{"closed", complete, warned, "starter customers close a tells what is left of it"},
		{"opening", complete, warned, "starter customers open a goes on with it"},
		{"closed", "performer_ids: []", failed, "correct it in customers.yaml"}, // it has faults beside
	} {
		require.NoError(t, os.WriteFile(path, []byte("customers:\n  - {tunniste: a, name: A, stopped: {because: "+row.because+", since: 2026-11-26, by: t}, "+row.entry+"}\n"), 0o600))
		customers, err := config.LoadCustomers(path, 0)
		require.NoError(t, err)
		found := checkEntry(customers[0])
		require.Equal(t, row.want, found.Verdict, found.Found.In(speech.English))
		require.Equal(t, row.do, found.Do.In(speech.English))
	}
}

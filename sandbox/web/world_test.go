package web_test

import (
	"context"
	"errors"
	"maps"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/sandbox/fault"
	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/ledger"
	"tampuuri-hillava/sandbox/seed"
	"tampuuri-hillava/sandbox/tampuuri"
	"tampuuri-hillava/sandbox/web"
)

// world is the page over both stand-ins with the shared notices. What the integration would tell is told by the test.
type world struct {
	told     map[string]web.Life // by external id
	polls    map[string]web.Polling
	asked    []string // commands about notices
	mutex    sync.Mutex
	tampuuri *tampuuri.Server
	hillava  *hillava.Server
	faults   *fault.Plan
	server   *httptest.Server
}

func newWorld(t *testing.T) *world {
	t.Helper()
	book, err := ledger.Open("")
	require.NoError(t, err)
	w := &world{faults: fault.NewPlan(), told: map[string]web.Life{}, polls: map[string]web.Polling{"esimerkki": {Polled: true}}}
	w.tampuuri = tampuuri.New(tampuuri.Options{Ledger: book, Faults: w.faults})
	w.hillava = hillava.New(hillava.Options{Token: "token-of-the-test", Ledger: book, Faults: w.faults})
	t.Cleanup(w.hillava.Close)
	require.NoError(t, seed.Load(w.tampuuri))
	require.NoError(t, seed.LoadHillava(w.hillava))
	properties, err := seed.Properties()
	require.NoError(t, err)
	performers := map[string][]int64{seed.Esimerkki: {4711}, seed.Toinen: {120}}
	var customers []web.Customer
	for _, c := range seed.Customers() {
		customers = append(customers, web.Customer{
			Tunniste: c.ExternalID, Name: c.Name, HillavaID: c.ID, Performers: performers[c.ExternalID], Properties: properties[c.ExternalID],
		})
	}
	handler, err := web.NewHandler(web.Options{
		Tampuuri: w.tampuuri, Hillava: w.hillava, Faults: w.faults, Customers: customers,
		TemporalUI: "http://127.0.0.1:8233", Namespace: "default", Integration: w,
		NewCustomer: func(tunniste, name string) (web.Customer, string, error) {
			id, err := w.hillava.AddCustomer(hillava.Customer{Name: name, ExternalID: tunniste, IntegrationsActive: true})
			return web.Customer{Tunniste: tunniste, Name: name, HillavaID: id, Performers: []int64{8001}}, "- tunniste: " + tunniste, err
		},
	})
	require.NoError(t, err)
	w.server = httptest.NewServer(handler)
	t.Cleanup(w.server.Close)
	return w
}

// makeTask does by hand what the integration would do for a notice.
func (w *world) makeTask(t *testing.T, externalID, title string) string {
	t.Helper()
	end := "2026-02-10T16:00:00+02:00"
	id, err := w.hillava.AddTask(hillava.Task{
		ExternalID: externalID, TaskTypeID: hillava.DefaultTaskType().ID, Title: title,
		Description: "Otsikko: Keittiön hana vuotaa\nKuvaus: Hana tippuu jatkuvasti.\nTila/huoneisto: A 12\nKohde-id: 1207\nTilaaja: Testi Tilaaja, +358 40 000 0001",
		StartDate:   "2026-02-04T08:00:00+02:00", EndDate: &end, WorkloadHours: 1, DeliveryCustomerID: "C-1", BillingCustomerID: "C-1",
		DeliveryAddress:  &hillava.Address{Street: "Testipolku 4", Street2: "A 12", PostalCode: "00100", City: "Helsinki"},
		BillingReference: "48213 / Testi Tilaaja", AdditionalInfo: "Lisätiedot: Soita ennen tuloa.\nKotieläimet: Koira",
	})
	require.NoError(t, err)
	return id
}

func (w *world) Lives(context.Context) (map[string]web.Life, map[string]web.Polling) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return maps.Clone(w.told), maps.Clone(w.polls)
}

func (w *world) Operate(_ context.Context, what, externalID, code string) (string, error) {
	if what != "resend" && what != "dismiss" {
		return "", errors.New("the page resends and dismisses only")
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.asked = append(w.asked, strings.TrimSpace(what+" "+externalID+" "+code))
	return "", nil
}

// tells changes what the integration tells.
func (w *world) tells(change func()) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	change()
}

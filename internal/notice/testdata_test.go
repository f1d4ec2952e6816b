package notice_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
)

// wire is the fewest words of Tampuuri's JSON that these tests need. Reading the real thing, in all its spellings, is the
// client's work; here the two spellings that occur in the data are enough.
type wire map[string]any

func (w wire) value(names ...string) (any, bool) {
	for _, name := range names {
		if v, ok := w[name]; ok {
			return v, true
		}
	}
	return nil, false
}

func (w wire) text(names ...string) string {
	v, _ := w.value(names...)
	s, _ := v.(string)
	return s
}

func (w wire) id(name string) int64 {
	v, _ := w.value(name)
	f, _ := v.(float64)
	return int64(f)
}

func (w wire) moment(t testing.TB, names ...string) notice.Moment {
	m, err := notice.ParseMoment(w.text(names...))
	require.NoError(t, err, names)
	return m
}

func (w wire) person(name, prefix string) notice.Person {
	flag, present := w.value(prefix + "Turvakielto")
	return notice.Person{
		Name: w.text(name), Street: w.text(prefix + "Katuosoite"), PostalCode: w.text(prefix + "Postinumero"),
		City: w.text(prefix + "Postitoimipaikka"), Phone: w.text(prefix + "Puhelin"), Phone2: w.text(prefix + "Puhelin2"),
		Email: w.text(prefix+"Sähköposti", prefix+"Sahkoposti"), Turvakielto: notice.ParseTurvakielto(flag, present),
	}
}

// sharedNotice is one of the shared examples: a notice of one of the two customers in them.
type sharedNotice struct {
	about    string
	customer string
	notice.Notice
}

// sharedNotices are the notices of testdata/ilmoitukset.json, a copy of the project's shared examples.
func sharedNotices(t testing.TB) []sharedNotice {
	var rows []wire
	readJSON(t, "ilmoitukset.json", &rows)
	var notices []sharedNotice
	for _, w := range rows {
		customer := w.text("_customer")
		if customer == "" {
			customer = "esimerkki"
		}
		notices = append(notices, sharedNotice{w.text("_case"), customer, notice.Notice{
			ID: w.id("Id"), GUID: w.text("Guid"), ParentID: w.id("ParentId"), State: notice.State(w.text("Tila")),
			Modified: w.moment(t, "Muokattu").At, Created: w.moment(t, "IlmoitusTehty"),
			Earliest: w.moment(t, "SuoritusaikaAikaisintaan"),
			Latest:   w.moment(t, "SuoritusaikaViimeistään", "SuoritusaikaViimeistaan"),
			ReadyBy:  w.moment(t, "TyöValmisViimeistään"), PropertyID: w.id("KohdeId"),
			Property: w.text("Kiinteistö", "Kiinteisto"), Space: w.text("Huoneisto"),
			Title:       w.text("TyötehtävänOtsikko", "TyotehtavanOtsikko"),
			Description: w.text("TyötehtävänKuvaus", "TyotehtavanKuvaus"),
			Additional:  w.text("TyötehtävänLisätiedot", "TyotehtavanLisatiedot"),
			Access:      w.text("Sisäänpääsy", "Sisaanpaasy"), Pets: w.text("Kotieläimet", "Kotielaimet"),
			PerformerID: w.id("TyonsuorittajaYritysId"), Orderer: w.person("Tilaaja", "Tilaajan"),
			Reporter: w.person("Ilmoittaja", "Ilmoittajan"), Payer: w.person("Maksaja", "Maksajan"),
		}})
	}
	require.Len(t, notices, 11)
	return notices
}

// sharedProperty is the property with that id in testdata/kohteet.json, nil when it is not there.
func sharedProperty(t testing.TB, id int64) *notice.Property {
	var rows []wire
	readJSON(t, "kohteet.json", &rows)
	for _, w := range rows {
		if w.id("Id") == id {
			return &notice.Property{
				ID: id, Name: w.text("Nimi"), Street: w.text("Katuosoite"), PostalCode: w.text("Postinumero"),
				City: w.text("Postitoimipaikka"),
			}
		}
	}
	return nil
}

func readJSON(t testing.TB, name string, into any) {
	data, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, into))
}

// plainOptions are the settings of a customer that has changed nothing.
func plainOptions() notice.TaskOptions {
	return notice.TaskOptions{
		Tunniste: "esimerkki", CustomerID: "asiakas-1", TaskTypeID: "tyyppi-1", WorkloadHours: 1,
		StartFrom: notice.StartFromEarliest, BillingReference: notice.DefaultReferenceTemplate,
		Contacts: notice.ContactsDescription, ImportedAt: time.Date(2026, 2, 6, 7, 5, 0, 0, time.UTC),
	}
}

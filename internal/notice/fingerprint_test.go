package notice_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/notice"
)

func keyer(t testing.TB) notice.Keyer {
	k, err := notice.NewKeyer([]byte(strings.Repeat("k", 32)))
	require.NoError(t, err)
	return k
}

func TestAKeyMustBeLongAndIsNeverPrinted(t *testing.T) {
	_, err := notice.NewKeyer([]byte("lyhytavain"))
	require.ErrorContains(t, err, "10 bytes, needs at least 32")
	require.NotContains(t, err.Error(), "lyhytavain")

	secret := strings.Repeat("s", 32)
	key := []byte(secret)
	k, err := notice.NewKeyer(key)
	require.NoError(t, err)
	before := k.Toimenpide(notice.Toimenpide{})
	key[0] = 'x'
	require.Equal(t, before, k.Toimenpide(notice.Toimenpide{}), "the key is a copy")
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "keyer", k)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "keyer", k)
	printed := fmt.Sprintf("%v %+v %#v %s %x %d", k, k, k, k, k, &k) + log.String()
	data, err := json.Marshal(k)
	require.NoError(t, err)
	require.NotContains(t, printed+string(data), secret)
	require.NotContains(t, printed, "115 115")
	require.NotContains(t, printed, "737373")
}

func TestAToimenpidesFingerprintIsOfItsDateAndTexts(t *testing.T) {
	k := keyer(t)
	base := notice.Toimenpide{Date: "2026-02-03", Resource: "Testi Huoltaja", Summary: "Hana vaihdettu"}
	print := k.Toimenpide(base)
	require.Regexp(t, regexp.MustCompile(`^[0-9a-f]{16}$`), print)

	for about, same := range map[string]notice.Toimenpide{
		"date as a time":     {Date: "2026-02-03T00:00:00", Resource: base.Resource, Summary: base.Summary},
		"spaces at the ends": {Date: base.Date, Resource: base.Resource + " ", Summary: "\r\n" + base.Summary},
	} {
		require.Equal(t, print, k.Toimenpide(same), about)
	}
	for about, other := range map[string]notice.Toimenpide{
		"date":              {Date: "2026-02-04", Resource: base.Resource, Summary: base.Summary},
		"resource":          {Date: base.Date, Resource: "Toinen", Summary: base.Summary},
		"summary":           {Date: base.Date, Resource: base.Resource, Summary: ""},
		"moved text":        {Date: base.Date, Resource: base.Resource + "Hana", Summary: "vaihdettu"},
		"swapped texts":     {Date: base.Date, Resource: base.Summary, Summary: base.Resource},
		"a date in another": {Date: "", Resource: "2026-02-03Testi Huoltaja", Summary: base.Summary},
	} {
		require.NotEqual(t, print, k.Toimenpide(other), about)
	}
	another, err := notice.NewKeyer([]byte(strings.Repeat("j", 32)))
	require.NoError(t, err)
	require.NotEqual(t, print, another.Toimenpide(base), "another key")
}

// fieldChanges are, by field of the vocabulary, a change of it and the fields that must show it.
var fieldChanges = []struct {
	about  string
	change func(n *notice.Notice)
	want   []string
}{
	{"title", func(n *notice.Notice) { n.Title = "x" }, []string{"title"}},
	{"description", func(n *notice.Notice) { n.Description += "x" }, []string{"description"}},
	{"additional", func(n *notice.Notice) { n.Additional = "" }, []string{"additional"}},
	{"access", func(n *notice.Notice) { n.Access = "x" }, []string{"access"}},
	{"pets", func(n *notice.Notice) { n.Pets = "x" }, []string{"pets"}},
	{"space", func(n *notice.Notice) { n.Space = "x" }, []string{"space"}},
	{"property", func(n *notice.Notice) { n.Property = "x" }, []string{"property"}},
	{"property id", func(n *notice.Notice) { n.PropertyID++ }, []string{"propertyId"}},
	{"parent", func(n *notice.Notice) { n.ParentID = 7 }, []string{"parent"}},
	{"created", func(n *notice.Notice) { n.Created = notice.Moment{} }, []string{"created"}},
	{"latest that nobody can read any more", func(n *notice.Notice) { n.Latest = notice.Moment{Unreadable: true} }, []string{"latest"}},
	{"earliest made a day", func(n *notice.Notice) { n.Earliest.DateOnly = true }, []string{"earliest"}},
	{"latest", func(n *notice.Notice) { n.Latest.At = n.Latest.At.AddDate(0, 0, 1) }, []string{"latest"}},
	{"ready by", func(n *notice.Notice) { n.ReadyBy = notice.Moment{} }, []string{"readyBy"}},
	{"orderer's name", func(n *notice.Notice) { n.Orderer.Name = "x" }, []string{"orderer", "ordererName"}},
	{"reporter's name", func(n *notice.Notice) { n.Reporter.Name = "x" }, []string{"reporter", "reporterName"}},
	{"orderer's phone", func(n *notice.Notice) { n.Orderer.Phone = "09 99" }, []string{"orderer"}},
	{"orderer's second phone", func(n *notice.Notice) { n.Orderer.Phone2 = "" }, []string{"orderer"}},
	{"reporter's e-mail", func(n *notice.Notice) { n.Reporter.Email = "x@example.com" }, []string{"reporter"}},
	{"orderer's turvakielto", func(n *notice.Notice) { n.Orderer.Turvakielto = notice.TurvakieltoSet }, []string{"ordererTurvakielto"}},
	{"reporter's turvakielto", func(n *notice.Notice) { n.Reporter.Turvakielto = notice.TurvakieltoSet }, []string{"reporterTurvakielto"}},
	{"payer's name", func(n *notice.Notice) { n.Payer.Name = "x" }, []string{"payerName"}},
	{"payer's turvakielto", func(n *notice.Notice) { n.Payer.Turvakielto = notice.TurvakieltoSet }, []string{"payerTurvakielto"}},
	{
		"reporter becomes the protected payer",
		func(n *notice.Notice) { n.Payer.Turvakielto, n.Reporter.Email = notice.TurvakieltoSet, n.Payer.Email },
		[]string{"payerTurvakielto", "reporter", "reporterTurvakielto"},
	},
}

func TestFieldsShowWhichFieldOfTheTaskChanged(t *testing.T) {
	before := keyer(t).Fields(fullNotice(t))
	for field, hash := range before {
		require.Regexp(t, regexp.MustCompile(`^[0-9a-f]{8}$`), hash, field)
	}
	seen := map[string]bool{}
	for _, row := range fieldChanges {
		t.Run(row.about, func(t *testing.T) {
			n := fullNotice(t)
			row.change(&n)
			require.Equal(t, row.want, notice.ChangedFields(before, keyer(t).Fields(n)))
		})
		for _, field := range row.want {
			seen[field] = true
		}
	}
	for field := range before {
		require.True(t, seen[field], "no row changes %s", field)
	}
}

func TestFieldsDoNotShowWhatIsNotInTheTaskOrOnlySpeltOtherwise(t *testing.T) {
	n := fullNotice(t)
	before := keyer(t).Fields(n)
	n.State, n.Modified, n.Toimenpiteet = notice.Tehty, n.Modified.AddDate(1, 0, 0), []notice.Toimenpide{{Date: "2026-02-03"}}
	n.PerformerID = 1
	n.ContactName, n.ContactPhone, n.Payer.Name, n.Orderer.Street = "x", "1", "Toinen Maksaja", "Katu 1"
	n.Created = moment(t, "2026-02-03T06:12:09.1234567Z")
	n.Title, n.Description = " Hana  vuotaa ", "Tippuu koko ajan.\r\n"
	n.Orderer.Name, n.Orderer.Phone, n.Orderer.Email = "Testi  Tilaaja", "040-0000001", "Tilaaja@Example.com"
	require.Empty(t, notice.Told(notice.ChangedFields(before, keyer(t).Fields(n))))
}

func TestAnExtraThatIsNotOnHasNoHash(t *testing.T) {
	n := fullNotice(t)
	plain, all := keyer(t).Fields(n), keyer(t).Fields(n, notice.Extras()...)
	edited := n
	edited.Urgency, edited.FaultClass, edited.ContactPhone = "x", "x", "09 1"
	require.Empty(t, notice.ChangedFields(plain, keyer(t).Fields(edited)))
	require.Equal(t, plain, keyer(t).Fields(edited))
	require.Equal(t, []string{"contact", "faultClass", "urgency"}, notice.ChangedFields(all, keyer(t).Fields(edited, notice.Extras()...)))
	require.Equal(t, []string{"urgency"}, notice.ChangedFields(keyer(t).Fields(n, notice.ExtraUrgency), keyer(t).Fields(edited, notice.ExtraUrgency)))
	require.Empty(t, notice.ChangedFields(plain, all), "an extra that is switched on changes no open notice")
	require.Empty(t, notice.ChangedFields(all, plain), "nor one that is switched off")
	for field, hash := range plain {
		require.Equal(t, hash, all[field], field)
	}
	n.ContactPhone = "0400000099"
	require.Empty(t, notice.ChangedFields(all, keyer(t).Fields(n, notice.Extras()...)), "another spelling is no change")
}

func TestEqualValuesOfTwoNoticesHaveDifferentHashes(t *testing.T) {
	n := fullNotice(t)
	one := keyer(t).Fields(n)
	n.ID++
	for field, hash := range keyer(t).Fields(n) {
		require.NotEqual(t, one[field], hash, field)
	}
}

func TestAnotherProtectedPayerShows(t *testing.T) {
	n := fullNotice(t)
	n.Payer.Turvakielto = notice.TurvakieltoSet
	before := keyer(t).Fields(n)
	n.Payer.Name = "Toinen Maksaja"
	changed := notice.ChangedFields(before, keyer(t).Fields(n))
	require.Equal(t, []string{"payerProtected"}, notice.Told(changed))
	require.True(t, notice.NewlyProtected(n, changed))
}

func TestWhoIsProtectedIsNoNewsOfItsOwn(t *testing.T) {
	n := fullNotice(t)
	n.Orderer.Turvakielto = notice.TurvakieltoSet
	before := keyer(t).Fields(n)
	n.Orderer.Street = "Uusikatu 1"
	changed := notice.ChangedFields(before, keyer(t).Fields(n))
	require.Equal(t, []string{"ordererProtected"}, changed)
	require.Empty(t, notice.Told(changed), "the task has no address of the orderer's")
	require.False(t, notice.NewlyProtected(n, changed))
}

func TestFieldsThatOneSideDoesNotKnowAreNoChange(t *testing.T) {
	require.Equal(t, []string{"a", "c"}, notice.ChangedFields(
		map[string]string{"c": "1", "a": "1", "b": "1", "gone": "1"}, map[string]string{"a": "2", "b": "1", "c": "2", "new": "2"}))
	require.Empty(t, notice.ChangedFields(nil, map[string]string{"a": "1"}))
}

func TestOnlyATurvakieltoThatIsSetIsNewlyProtected(t *testing.T) {
	n := fullNotice(t)
	require.False(t, notice.NewlyProtected(n, []string{"ordererTurvakielto"}), "it was taken away")
	n.Orderer.Turvakielto = notice.TurvakieltoSet
	require.True(t, notice.NewlyProtected(n, []string{"ordererTurvakielto", "title"}))
	require.False(t, notice.NewlyProtected(n, []string{"reporterTurvakielto", "title"}))
	require.False(t, notice.NewlyProtected(n, nil))
}

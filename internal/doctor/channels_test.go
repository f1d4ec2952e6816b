package doctor

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/customers/customerstest"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/speech"
)

const channelSecret = "s3cr3t"

func channelsOf(addresses ...string) channels {
	worker := config.Worker{}
	worker.HTTPTimeout = 5 * time.Second
	for _, address := range addresses {
		worker.NotifyURLs = append(worker.NotifyURLs, config.NewSecret(address))
	}
	return openChannels(worker, errors.New("FINGERPRINT_KEY: is not set"))
}

func someChannels(t *testing.T) channels {
	t.Helper()
	c := channelsOf("smtp://user:s3cr3t@mail.example.com:587/?from=a@example.com&to=b@example.com", "generic://example.com/s3cr3t")
	require.Len(t, c.open, 2)
	return c
}

func TestDoctorTellsWhetherSomebodyIsTold(t *testing.T) {
	now := customerstest.LastGood
	at := func(ago time.Duration) *time.Time { return new(now.Add(-ago)) }
	quiet := runs.FaultNothingNew + ": 2 causes"
	marks := &runs.NotifyMarks{At: now, Open: 3, Seen: []runs.SeenCause{{}, {}}}
	for name, row := range map[string]struct {
		set      channels
		run      *runs.NotifyRun
		channels Verdict
		telling  Verdict
		found    string
	}{
		"all is well":           {someChannels(t), &runs.NotifyRun{Marks: marks, Trying: &runs.PendingStep{LastFailure: quiet, NextRetry: at(-time.Minute)}}, passed, passed, "last look at 2026-02-05 12:00:00; causes of trouble: 2"},
		"looks just now":        {someChannels(t), &runs.NotifyRun{}, passed, passed, "looks just now"},
		"by another machine":    {channels{}, &runs.NotifyRun{Marks: marks}, skipped, passed, "last look"},
		"nobody":                {channels{}, nil, warned, skipped, "nobody"},
		"no workflow":           {someChannels(t), nil, passed, warned, "notify does not run"},
		"unfit address":         {channelsOf("logger://s3cr3t"), &runs.NotifyRun{Marks: marks}, failed, passed, "last look"},
		"only unfit, no worker": {channelsOf("logger://s3cr3t"), nil, failed, warned, "does not run"},
		"cannot be read":        {channels{misread: true}, nil, skipped, warned, "does not run"},
		"some fail":             {someChannels(t), &runs.NotifyRun{Marks: &runs.NotifyMarks{At: now, Open: 3, Failing: 2}}, passed, warned, "do not take messages: 2 of 3"},
		"of two workers one":    {someChannels(t), &runs.NotifyRun{Marks: &runs.NotifyMarks{At: now}}, passed, warned, "has no channels"},
		"nobody looks":          {someChannels(t), &runs.NotifyRun{Marks: marks, Trying: &runs.PendingStep{LastFailure: quiet, NextRetry: at(6 * time.Minute)}}, passed, failed, "no look since"},
		"a look fails":          {someChannels(t), &runs.NotifyRun{Marks: marks, Trying: &runs.PendingStep{LastFailure: runs.FaultTemporal + ": did not answer"}}, passed, warned, "temporal-unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			s := goodServer()
			s.telling = row.run
			found := checkTelling(t.Context(), s, row.set, now)
			require.Len(t, found, 2)
			require.Equal(t, row.channels, found[0].Verdict, "%+v", found[0])
			require.Equal(t, row.telling, found[1].Verdict, "%+v", found[1])
			require.Contains(t, found[1].Found.In(speech.English), row.found)
			for _, f := range found {
				require.Equal(t, f.Verdict == warned || f.Verdict == failed, f.Do.In(speech.English) != "")
				require.NotContains(t, f.Found.In(speech.English)+f.Do.In(speech.English), channelSecret)
			}
		})
	}
}

func TestVariablesOfChannelsThatCannotBeReadAreToldOnce(t *testing.T) {
	c := openChannels(config.Worker{}, errors.New("HTTP_TIMEOUT: must be more\nNOTIFY_URLS: NOTIFY_URLS_FILE: is empty"))
	require.True(t, c.misread)
	require.Equal(t, skipped, c.check(false).Verdict)
}

func TestATestMessageGoesThroughEachChannel(t *testing.T) {
	var got []string
	taking := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var message struct{ Title, Message string }
		require.NoError(t, json.NewDecoder(r.Body).Decode(&message))
		got = append(got, message.Title, message.Message)
	}))
	defer taking.Close()
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	defer refusing.Close()
	address := func(s *httptest.Server) string {
		return "generic://" + strings.TrimPrefix(s.URL, "http://") + "/" + channelSecret + "?disabletls=yes&template=json"
	}
	findings := channelsOf(address(taking), "logger://s3cr3t", address(refusing)).sendTest(speech.Finnish)
	rows := cellsOf(findings, speech.Finnish)
	require.Equal(t, [][]string{
		{"✓", "viestikanava 1 (generic)", "otti koeviestin vastaan; tarkista, että se on tullut perille"},
		{"✗", "viestikanava 3 (generic)", "ei ottanut koeviestiä vastaan: it answered 403 Forbidden → korjaa kanavan osoite asetukseen NOTIFY_URLS, tai tarkista, että palvelu on käynnissä"},
	}, rows)
	require.Equal(t, "channel 1 (generic)", Diagnosis(findings).Print(speech.Finnish).Checks[0].Check)
	require.Equal(t, []string{"tampuuri-hillava: koeviesti", "Joku kokeili, tulevatko viestit perille (starter doctor --send-test). Tämä on koeviesti eikä kerro viasta.\n"}, got)
}

func TestWithoutChannelsATestSaysWhereTheyAre(t *testing.T) {
	for _, c := range []channels{{}, {misread: true}, channelsOf("logger://")} {
		found := c.sendTest(speech.English)
		require.Len(t, found, 1)
		requireFailing(t, found[0], "no channel of NOTIFY_URLS")
		require.Contains(t, found[0].Do.In(speech.English), "the worker's settings")
	}
}

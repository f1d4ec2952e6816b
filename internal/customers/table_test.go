package customers

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/customers/customerstest"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/terminal"
)

func printed() (out terminal.Output, stdout, stderr *bytes.Buffer) {
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	return terminal.Output{Stdout: stdout, Stderr: stderr}, stdout, stderr
}

func TestEachThingAboutACustomerIsALine(t *testing.T) {
	from := &customerstest.Temporal{Sync: customerstest.Synced(customerstest.Served("esimerkki"), customerstest.Served("toinen")), Running: map[string]customerstest.Customer{
		"esimerkki": customerstest.But(func(s *runs.CustomerStatus) {
			s.Paused = &runs.Paused{By: "toimisto", Reason: "loma", Since: customerstest.LastGood}
			s.LastRound = &runs.LastRound{PollCounts: runs.PollCounts{Failure: runs.FaultCredentialsRefused}}
			s.Skipped = []runs.SkippedNotice{{NoticeID: 7, Reason: runs.SkippedReopened}}
		}),
		"toinen": customerstest.Polled("toinen"),
	}}
	listed, _, err := List(t.Context(), from, nil, nil, nil)
	require.NoError(t, err)
	out, stdout, _ := printed()
	require.NoError(t, out.Table(table(listed)))
	require.Equal(t, `2 customers: 1 polled, 1 not
TUNNISTE   POLLED  LAST GOOD POLL    NAME
esimerkki  no      2026-02-05 12:00  -
    paused by toimisto since 2026-02-05 12:00:00 (loma); starter customers resume esimerkki ends it
    credentials since 2026-02-05 12:00: the credentials are refused; correct them in customers.yaml, or ask the customer to renew them (starter doctor)
    passed over: notice 7: reopened in Tampuuri; when it is to be done again: starter notice import esimerkki 7
toinen     yes     2026-02-05 12:00  -
`, stdout.String())

	stdout.Reset()
	require.NoError(t, out.JSON(listed[:1]))
	var written []map[string]any
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &written))
	for _, key := range []string{"tunniste", "name", "polled", "reasons", "lastGoodPoll", "paused", "skipped", "troubles"} {
		require.Contains(t, written[0], key)
	}
	require.Equal(t, map[string]any{"by": "toimisto", "reason": "loma", "since": "2026-02-05T10:00:00Z"}, written[0]["paused"])
	require.Equal(t, []any{map[string]any{"noticeId": 7.0, "reason": "reopened in Tampuuri"}}, written[0]["skipped"])
}

func TestWithoutAReadableCustomersFileTheLastSyncIsListed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "customers.yaml")
	require.NoError(t, os.WriteFile(path, []byte("customers: nonsense\n"), 0o600))
	settings := config.Systems{CustomersFile: path, PollEvery: time.Minute}
	from := &customerstest.Temporal{Sync: customerstest.Synced(customerstest.Served("esimerkki")), Running: map[string]customerstest.Customer{"esimerkki": customerstest.Polled("esimerkki")}}
	out, stdout, stderr := printed()
	err := Print(t.Context(), out, from, settings, true)
	require.ErrorContains(t, err, "what the last sync decided")
	require.Contains(t, stderr.String(), `"customers:" has text where a list belongs`)
	var listed []Listed
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &listed))
	require.Len(t, listed, 1)
	require.True(t, listed[0].Polled)
}

func TestTheColumnSaysThatPollsFail(t *testing.T) {
	for failure, want := range map[string]string{runs.FaultCredentialsRefused: "refused", runs.FaultUnavailable: "no answer", runs.ReasonUnreadable: "failing", "": "yes"} {
		from := &customerstest.Temporal{Sync: customerstest.Synced(customerstest.Served("esimerkki")), Running: map[string]customerstest.Customer{
			"esimerkki": customerstest.But(func(s *runs.CustomerStatus) {
				s.LastRound = &runs.LastRound{PollCounts: runs.PollCounts{Failure: failure}}
			}),
		}}
		listed, _, err := List(t.Context(), from, nil, nil, nil)
		require.NoError(t, err)
		rows := table(listed)
		require.Equal(t, want, rows[2].Cells[1])
		require.Equal(t, map[bool]string{true: "1 customer: 1 polled, 0 not", false: "1 customer: 0 polled, 1 not"}[failure == ""], rows[0].Cells[0])
		require.True(t, listed[0].Polled, "nothing keeps it from being polled")
	}
}

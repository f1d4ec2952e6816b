package customers

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/customers/customerstest"
	"tampuuri-hillava/internal/peer"
	"tampuuri-hillava/internal/runs"
	"tampuuri-hillava/internal/tampuuri"
)

// answering is a Tampuuri that gives one answer to every list.
type answering struct{ err error }

func (answering) Close() {}

func (a answering) Browse(context.Context, int64, time.Time, int, int) (tampuuri.Page, error) {
	return tampuuri.Page{}, a.err
}

// TestAfterAFailedPollTheListSaysWhatIsTrueNow: a trouble that is mended is over, one that has become another is that one,
// as doctor finds it; without what it takes to ask, the poll's word stands.
func TestAfterAFailedPollTheListSaysWhatIsTrueNow(t *testing.T) {
	secret := config.NewSecret("x")
	entry := config.Customer{
		Tunniste: "esimerkki", PerformerIDs: []int64{4711}, Consent: config.Consent{Reference: "a", Date: customerstest.LastGood, RecordedBy: "b"},
		Credentials: config.Credentials{Avain: secret, Asiakas: secret, Tili: secret, Kayttajatunnus: secret, Salasana: secret},
	}
	without := entry
	without.PerformerIDs = nil
	for name, row := range map[string]struct {
		entry config.Customer
		now   error
		kind  Kind
	}{
		"mended":                    {entry, nil, ""},
		"credentials":               {entry, &peer.Error{Kind: peer.KindStatus, Status: 401}, KindCredentials},
		"forbidden":                 {entry, &peer.Error{Kind: peer.KindStatus, Status: 403}, KindCredentials},
		"still away":                {entry, &peer.Error{Kind: peer.KindTransport}, KindOutage},
		"overloaded":                {entry, &peer.Error{Kind: peer.KindStatus, Status: 503}, KindOutage},
		"timed out itself":          {entry, &peer.Error{Kind: peer.KindStatus, Status: 408}, KindOutage},
		"refuses the list":          {entry, &peer.Error{Kind: peer.KindStatus, Status: 400}, KindFailed},
		"not to be asked from here": {without, nil, KindOutage},
	} {
		t.Run(name, func(t *testing.T) {
			from := &customerstest.Temporal{Sync: customerstest.Synced(customerstest.Served("esimerkki")), Running: map[string]customerstest.Customer{
				"esimerkki": customerstest.But(func(s *runs.CustomerStatus) {
					s.LastRound = &runs.LastRound{PollCounts: runs.PollCounts{Failure: runs.FaultUnavailable}}
				}),
			}}
			open := func(config.Customer) (Browser, error) { return answering{row.now}, nil }
			listed, _, err := List(t.Context(), from, open, []config.Customer{row.entry}, nil)
			require.NoError(t, err)
			require.True(t, listed[0].Polled, "it is tried")
			if row.kind == "" {
				require.Empty(t, listed[0].Troubles)
				require.Empty(t, listed[0].Reasons)
				return
			}
			require.Len(t, listed[0].Troubles, 1)
			require.Equal(t, row.kind, listed[0].Troubles[0].Kind)
			require.Equal(t, customerstest.LastGood, *listed[0].Troubles[0].Since, "since the last good poll")
			require.Equal(t, []string{listed[0].Troubles[0].Text}, listed[0].Reasons)
		})
	}
}

func TestAReasonThatIsNotSoHereIsMarked(t *testing.T) {
	stopped := func(s *runs.CustomerStatus) { s.Reasons = []string{"no consent"} }
	from := &customerstest.Temporal{Sync: customerstest.Synced(customerstest.Served("esimerkki")), Running: map[string]customerstest.Customer{"esimerkki": customerstest.But(stopped)}}
	listed, _ := listOf(t, from, []config.Customer{{Tunniste: "esimerkki"}}, nil)
	require.Equal(t, []string{"no consent (not so here: if it is mended, starter customers sync makes that count)"}, listed[0].Reasons)
	listed, _ = listOf(t, from, []config.Customer{{Tunniste: "esimerkki", Faults: []string{"no consent"}}}, nil)
	require.Equal(t, []string{"no consent"}, listed[0].Reasons)
}

package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tampuuri-hillava/internal/commandline"
	"tampuuri-hillava/internal/customers/customerstest"
	"tampuuri-hillava/internal/runs"
)

func TestANoticeIsFoundByEveryNameThatPeopleHave(t *testing.T) {
	from := &fakeTemporal{}
	from.add("esimerkki", 48213, runs.PhaseWorking)
	from.add("esimerkki", 50026, runs.PhaseAttention)
	for typed, want := range map[string]string{
		testID: "notice-" + testID, "5B0C1F1E-6A0E-4A58-9C0B-2F6F5A0D7E11": "notice-" + testID, "notice-" + testID: "notice-" + testID,
		"esimerkki/48213": "notice-" + testID, "48213": "notice-" + testID, "T-48213": "notice-" + testID,
		"50026": "notice-50026-esimerkki", "T-50026": "notice-50026-esimerkki", "notice-50026-esimerkki": "notice-50026-esimerkki",
	} {
		life, err := resolve(t.Context(), from, named(t, typed))
		require.NoError(t, err, typed)
		require.Equal(t, want, life.WorkflowID, typed)
	}
}

func TestANameThatCanBeNoneIsAUsageError(t *testing.T) {
	var wrong commandline.Wrong
	for _, text := range []string{"", "a b", "a'b/1", "esimerkki/x", "esimerkki/-1", "esimerkki/", "/1", "a/1/2"} {
		_, err := readNoticeName(text)
		require.ErrorAs(t, err, &wrong, text)
	}
}

func TestANumberThatTwoCustomersHaveSaysWhich(t *testing.T) {
	from := &fakeTemporal{}
	from.add("esimerkki", 50026, runs.PhaseWorking)
	from.add("toinen", 50026, runs.PhaseDone)
	_, err := resolve(t.Context(), from, named(t, "50026"))
	require.EqualError(t, err, "50026 is more than one notice: esimerkki/50026 (working), toinen/50026 (done)")
	require.Equal(t, "refused", resultOf(err))
	life, err := resolve(t.Context(), from, named(t, "toinen/50026"))
	require.NoError(t, err)
	require.Equal(t, "toinen", life.Ref.Customer)
}

func TestAnUnknownNameComesWithTheNearest(t *testing.T) {
	from := &fakeTemporal{Temporal: customerstest.Temporal{Sync: customerstest.Synced(customerstest.Served("esimerkki"), customerstest.Served("toinen"))}}
	from.add("esimerkki", 50026, runs.PhaseWorking)
	from.add("esimerkki", 48213, runs.PhaseWorking)
	for typed, want := range map[string]string{
		"50062": "the nearest are 50026", "T-50027": "T-50026", "esimerkki/50027": "the nearest are esimerkki/50026",
	} {
		_, err := resolve(t.Context(), from, named(t, typed))
		require.ErrorIs(t, err, errNoNotice)
		require.ErrorContains(t, err, typed+": there is no such notice here")
		require.ErrorContains(t, err, want)
	}
	_, err := resolve(t.Context(), from, named(t, "nobody/50026"))
	require.EqualError(t, err, "there is no customer nobody; there are: esimerkki, toinen")
	_, err = resolve(t.Context(), from, named(t, "99"))
	require.ErrorContains(t, err, "starter customers list may tell why")
	require.NotContains(t, err.Error(), "nearest")
}
